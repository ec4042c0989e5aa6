using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>The packages of examples/notes, built once for all tests that look at them, by the program itself and from a copy of the example.</summary>
public sealed class NotesPackages : IAsyncLifetime, IDisposable
{
    /// <summary>Time that everything is built with.</summary>
    public const string Epoch = "1700000000";

    private readonly ScratchFolder _scratch = new();

    /// <summary>Copy of the example that was built from.</summary>
    public string Example => Path.Combine(_scratch.Path, "examples", "notes");

    /// <summary>Where the packages are.</summary>
    public string Dist => Path.Combine(_scratch.Path, "dist");

    /// <summary>The cache that was used.</summary>
    public string Cache => Path.Combine(_scratch.Path, "cache");

    /// <summary>Omnibus' own data, with the signing key that was made.</summary>
    public string Home => Path.Combine(_scratch.Path, "home");

    /// <summary>The repository of a distribution, as the recipe says.</summary>
    public string Repository(string distribution) => Path.Combine(_scratch.Path, "out", "archive", distribution);

    /// <summary>What the program printed.</summary>
    public string Output { get; private set; } = string.Empty;

    /// <summary>What lay in the example before and after.</summary>
    public (IReadOnlyList<string> Before, IReadOnlyList<string> After) Listings { get; private set; } = ([], []);

    public string[] Debs => Directory.GetFiles(Dist, "*notes*.deb");

    public string[] Rpms => Directory.GetFiles(Dist, "*notes*.rpm");

    /// <summary>One package by the beginning of its name.</summary>
    public string File(string prefix, string extension) => Directory.GetFiles(Dist, $"{prefix}*{extension}").Single();

    public async Task InitializeAsync()
    {
        _ = NotesExample.Wheelhouse;
        Directory.CreateDirectory(Path.GetDirectoryName(Example)!);
        await ProgramRunner.RunAsync(new ProgramCommand("cp", ["-a", NotesExample.Folder, Example]));
        IReadOnlyList<string> before = Listing();
        OmnibusProgram.Result result = await OmnibusProgram.RunAsync(
            ["run", Path.Combine(Example, "omnibus.yml"), "--destination", Dist],
            new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = Epoch, ["XDG_CACHE_HOME"] = Cache, ["OMNIBUS_HOME"] = Home });
        Assert.True(result.ExitCode == 0, result.ToString());
        Output = result.Output;
        Listings = (before, Listing());
    }

    public Task DisposeAsync()
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _scratch.Dispose();

    private string[] Listing() =>
        [.. Directory.EnumerateFileSystemEntries(Example, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{f} {System.IO.File.GetLastWriteTimeUtc(f).Ticks}")];
}

/// <summary>Tests that share the packages run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class NotesPackagesGroup : ICollectionFixture<NotesPackages>
{
    public const string Name = "notes packages";
}
