using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python;

/// <summary>A finished, checked environment on the build machine.</summary>
public sealed record PythonEnvironment
{
    /// <summary>What it was made from.</summary>
    public required PythonEnvironmentSpec Spec { get; init; }

    /// <summary>The interpreter.</summary>
    public required PythonInterpreter Interpreter { get; init; }

    /// <summary>Folder on the build machine with its files; on the target they lie at <see cref="PythonEnvironmentSpec.EnvironmentPath"/>.</summary>
    public required string HostPath { get; init; }

    /// <summary>The distributions in it, by name.</summary>
    public required IReadOnlyList<PythonDistribution> Distributions { get; init; }

    /// <summary>What its ELF files ask of the system.</summary>
    public required NativeRequirements Native { get; init; }

    /// <summary>Warnings of the checks: missing licences, modules that do not compile.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>A distribution by name, whatever its spelling (PEP 503), or null.</summary>
    public PythonDistribution? Find(string name)
    {
        string normalised = PythonName.Normalise(name);
        return Distributions.FirstOrDefault(d => d.NormalisedName == normalised);
    }
}

/// <summary>A Python distribution that lies in an environment.</summary>
/// <param name="Name">As its metadata spells it.</param>
/// <param name="Version">PEP 440.</param>
/// <param name="InfoDirectory">Its <c>.dist-info</c> folder, relative to the environment.</param>
public sealed record PythonDistribution(string Name, string Version, string InfoDirectory)
{
    /// <summary>The name as PEP 503 compares it.</summary>
    public string NormalisedName { get; } = PythonName.Normalise(Name);

    /// <summary>Licence: <c>License-Expression</c>, else <c>License</c> when it is one line, else from classifiers; null when nothing says it.</summary>
    public string? License { get; init; }

    /// <summary>Licence texts (LICENSE, COPYING, NOTICE …), relative to the environment.</summary>
    public IReadOnlyList<string> LicenseFiles { get; init; } = [];

    /// <summary>Home page, or null.</summary>
    public string? Homepage { get; init; }

    /// <summary>Author or maintainer, or null.</summary>
    public string? Author { get; init; }

    /// <summary>Tags of its wheel (<c>cp311-cp311-linux_x86_64</c>).</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Top folders and modules that it installs, relative to the environment.</summary>
    public IReadOnlyList<string> TopLevel { get; init; } = [];
}

/// <summary>What native code of an environment asks of the system.</summary>
/// <param name="Libraries">Shared libraries that it needs and does not bring, with the symbol versions that it needs of each (sorted; empty for none).</param>
/// <param name="GlibcFloor">Newest <c>GLIBC_x.y</c> that any file needs, or null when there is no native code.</param>
/// <param name="GlibcFloorFile">A file that needs it.</param>
/// <param name="Is64Bit">Whether the files are 64-bit.</param>
public sealed record NativeRequirements(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Libraries,
    Version? GlibcFloor,
    string? GlibcFloorFile,
    bool Is64Bit)
{
    /// <summary>No native code.</summary>
    public static NativeRequirements None { get; } = new(new Dictionary<string, IReadOnlyList<string>>(), null, null, true);
}
