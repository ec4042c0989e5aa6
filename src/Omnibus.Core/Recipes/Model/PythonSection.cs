using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>The Python environment.</summary>
[SectionTitle("The Python environment", "python")]
public sealed class PythonSection : SchemaSection
{
    /// <summary>Key <c>interpreter</c>.</summary>
    [RecipeKey("interpreter", "Interpreter of the target: an absolute path, or a name like python3.11.", Default = "the distribution's python3", Pattern = "^(/([^/]+/)*)?[A-Za-z0-9._+-]+$", Expected = "an absolute path, or a program's name")]
    public string? Interpreter { get; init; }

    /// <summary>Key <c>path</c>.</summary>
    [RecipeKey("path", "Where the environment lies on the target.", Default = "/opt/${name}", Pattern = "^/[^/]", Expected = "an absolute path")]
    public string? EnvironmentPath { get; init; }

    /// <summary>Key <c>requirements</c>.</summary>
    [RecipeKey("requirements", "Requirements files, installed first.")]
    public IReadOnlyList<string> Requirements { get; init; } = [];

    /// <summary>Key <c>packages</c>.</summary>
    [RecipeKey("packages", "Single requirements (PEP 508), installed next: Jinja2==3.1.2")]
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Key <c>projects</c>.</summary>
    [RecipeKey("projects", "Folders of Python projects (with pyproject.toml or setup.py), built and installed last. The folders are never written to.")]
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Key <c>constraints</c>.</summary>
    [RecipeKey("constraints", "Constraints files.")]
    public IReadOnlyList<string> Constraints { get; init; } = [];

    /// <summary>Key <c>require-hashes</c>.</summary>
    [RecipeKey("require-hashes", "Whether every requirement must carry a hash.", Default = "false")]
    public bool RequireHashes { get; init; }

    /// <summary>Key <c>index</c>.</summary>
    [RecipeKey("index", "Package index.", Default = "pip's own configuration; none when 'wheels' is given", Pattern = "^(https?|file)://[^ ]+$", Expected = "an http, https or file address")]
    public string? Index { get; init; }

    /// <summary>Key <c>wheels</c>.</summary>
    [RecipeKey("wheels", "Folders with wheels and source archives. When given without 'index', the build needs no network.")]
    public IReadOnlyList<string> Wheels { get; init; } = [];

    /// <summary>Key <c>no-index</c>.</summary>
    [RecipeKey("no-index", "Whether no index may be asked.", Default = "false, but true when 'wheels' is given and 'index' is not")]
    public bool NoIndex { get; init; }

    /// <summary>Key <c>pip-arguments</c>.</summary>
    [RecipeKey("pip-arguments", "Further arguments of pip install.")]
    public IReadOnlyList<string> PipArguments { get; init; } = [];

    /// <summary>Key <c>environment</c>.</summary>
    [RecipeKey("environment", "Variables for pip and the compilers that it starts.")]
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Key <c>system-packages</c>.</summary>
    [RecipeKey("system-packages", "Whether the distribution's own Python packages can be seen.", Default = "false")]
    public bool SystemPackages { get; init; }

    /// <summary>Key <c>keep-pip</c>.</summary>
    [RecipeKey("keep-pip", "Whether pip stays in the environment.", Default = "false")]
    public bool KeepPip { get; init; }

    /// <summary>Key <c>require-licenses</c>.</summary>
    [RecipeKey("require-licenses", "Whether the build fails when a bundled distribution brings no licence text; otherwise it warns.", Default = "false")]
    public bool RequireLicenses { get; init; }
}
