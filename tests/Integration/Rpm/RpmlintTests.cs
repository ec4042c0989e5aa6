using Omnibus.Core.Packages;
using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Rpm;

public sealed class RpmlintTests : IDisposable
{
    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rpmlint_finds_no_error()
    {
        PackageDefinition definition = RpmSamples.Small(
            "1.0",
            RpmSamples.File("/usr/bin/small", "#!/bin/sh\nexit 0\n", 0b111_101_101),
            RpmSamples.File("/etc/small/small.conf", "a = 1\n", flags: PackageEntryFlags.Config | PackageEntryFlags.NoReplace),
            RpmSamples.Folder("/usr/share/small"),
            RpmSamples.File("/usr/share/small/data", "data\n"),
            new PackageEntry(PackageEntryKind.SymbolicLink, "/usr/bin/small-link") { LinkTarget = "small" },
            RpmSamples.File("/usr/share/doc/small/README", "text\n", flags: PackageEntryFlags.Documentation),
            RpmSamples.File("/usr/share/licenses/small/LICENSE", "text\n", flags: PackageEntryFlags.License)) with
        {
            Description = "One file of each usual kind,\nfor rpmlint to look at.",
            Homepage = "https://example.com/",
            Section = "Applications/System",
            Changelog = [new ChangelogEntry("1.0-1", RpmSamples.Time, "A B <a@example.com>", ["first"])],
            Scripts = [new PackageScript(ScriptKind.PostInstall, "echo done\n")],
        };
        PackageFile package = await _folder.WriteAsync(definition);
        ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand("rpmlint", [package.Path]));
        string[] errors = [.. result.StandardOutput.Split('\n').Where(l => l.Contains(": E: ", StringComparison.Ordinal))];

        // Signing is a step of its own. The one error shows that rpmlint looked at the package at all.
        Assert.True(errors is [var error] && error.EndsWith("no-signature", StringComparison.Ordinal), result.StandardOutput + result.StandardError);
    }
}
