using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Linting;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration;

/// <summary>The real lintian and rpmlint about packages of ours.</summary>
public sealed class DebLintTests : IDisposable
{
    // What this example has on purpose.
    private static readonly LintAllowance[] s_wanted =
    [
        LintAllowance.Parse("dir-or-file-in-opt /opt/notes"), LintAllowance.Parse("dir-or-file-in-opt /opt/notes/**"),
    ];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    public async Task Lintian_finds_no_error_in_our_package(CompressionKind kind)
    {
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(DebExample.Create(), _scratch.Path, new PackageWriteOptions(new CompressionSettings(kind)), CancellationToken.None);
        IReadOnlyList<Finding> findings = await PackageLinter.CheckAsync(package.Path, new PackageLintOptions { Allowances = s_wanted });
        Assert.Contains(findings, f => f.Source == "lintian"); // no manual page, for example: it did run
        Assert.DoesNotContain(findings, f => f.Severity == FindingSeverity.Error);
        Assert.Contains(await PackageLinter.CheckAsync(package.Path, new PackageLintOptions()), f => f.Id == "dir-or-file-in-opt" && f.Path == "/opt/notes/ünïcödé");
    }

    [Fact]
    public async Task Lintian_and_our_rules_agree_about_a_bad_package()
    {
        PackageDefinition bad = DebExample.Create() with
        {
            Copyright = null,
            Entries =
            [
                new PackageEntry(PackageEntryKind.File, "/etc/notes.conf") { Content = new MemoryContent("x") },
                new PackageEntry(PackageEntryKind.File, "/usr/local/bin/notes") { Content = new MemoryContent("#!/bin/sh\n"), Mode = 0b111_101_101 },
            ],
        };
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(bad, _scratch.Path, new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip)), CancellationToken.None);
        IReadOnlyList<Finding> findings = await PackageLinter.CheckAsync(package.Path, new PackageLintOptions());
        foreach ((string ours, string theirs) in new[] { ("CopyrightMissing", "no-copyright-file"), ("ConfigNotMarked", "file-in-etc-not-marked-as-conffile"), ("ForeignFolder", "file-in-usr-local") })
        {
            Assert.Contains(findings, f => f.Id == ours && f.Severity == FindingSeverity.Error && f.Source == "omnibus");
            Assert.Contains(findings, f => f.Id == theirs && f.Severity == FindingSeverity.Error && f.Source == "lintian");
        }
    }

    [Fact]
    public async Task Rpmlint_speaks_about_an_rpm()
    {
        PackageDefinition definition = DebExample.Create() with { Architecture = "noarch", Relations = [], Triggers = [] };
        PackageFile package = await PackageFormats.Get("Rpm").WriteAsync(definition, _scratch.Path, new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip)), CancellationToken.None);
        IReadOnlyList<Finding> findings = await PackageLinter.CheckAsync(package.Path, new PackageLintOptions());
        Assert.Contains(findings, f => f is { Source: "rpmlint", Id: "zero-length", Path: "/opt/notes/empty", Severity: FindingSeverity.Error });
    }
}
