namespace Omnibus.Core.Python;

/// <summary>What a Python environment is to hold: everything that decides its bytes. Two builds of the same specification may share one environment.</summary>
public sealed record PythonEnvironmentSpec
{
    /// <summary>Interpreter, as an absolute path that is the same on the build machine and on the target: <c>/usr/bin/python3.11</c>.</summary>
    public required string Interpreter { get; init; }

    /// <summary>Where the environment lies on the target, and while it is built: <c>/opt/notes</c>.</summary>
    public required string EnvironmentPath { get; init; }

    /// <summary>Requirements files on this machine, absolute, in order.</summary>
    public IReadOnlyList<string> RequirementFiles { get; init; } = [];

    /// <summary>Single requirements (PEP 508: <c>Jinja2==3.1.2</c>), in order.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Folders of Python projects on this machine (with <c>pyproject.toml</c> or <c>setup.py</c>), absolute: installed last. They are built from a copy; the folder is never written.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Constraints files on this machine, absolute.</summary>
    public IReadOnlyList<string> Constraints { get; init; } = [];

    /// <summary>Every requirement must carry a hash (pip's <c>--require-hashes</c>). Local projects, which can have none, are installed in a step of their own without dependencies.</summary>
    public bool RequireHashes { get; init; }

    /// <summary>Index to take distributions from; null takes pip's own default. Unused when <see cref="IsOffline"/>.</summary>
    public string? IndexUrl { get; init; }

    /// <summary>Folders of wheels and source archives, absolute. When one is given and no index, the build has no network.</summary>
    public IReadOnlyList<string> WheelDirectories { get; init; } = [];

    /// <summary>No index is asked, whatever <see cref="IndexUrl"/> says.</summary>
    public bool NoIndex { get; init; }

    /// <summary>Further arguments of <c>pip install</c>, passed as they are.</summary>
    public IReadOnlyList<string> ExtraPipArguments { get; init; } = [];

    /// <summary>Environment variables for pip and the compilers that it starts.</summary>
    public IReadOnlyDictionary<string, string> BuildEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether packages of the distribution's own site-packages can be seen from the environment.</summary>
    public bool SystemSitePackages { get; init; }

    /// <summary>Whether pip stays in the environment. Off: what it installed needs no pip, and the package is several MiB smaller.</summary>
    public bool KeepPip { get; init; }

    /// <summary>Every bundled distribution must bring its licence; otherwise a missing one is a warning.</summary>
    public bool RequireLicenses { get; init; }

    /// <summary>Whether the build goes without network: no index wanted, or wheel directories given and no index named.</summary>
    public bool IsOffline => NoIndex || (WheelDirectories.Count > 0 && IndexUrl is null);
}
