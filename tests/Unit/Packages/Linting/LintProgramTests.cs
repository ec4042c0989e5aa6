using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Linting;
using Omnibus.Core.Processes;

namespace Omnibus.Tests.Unit;

/// <summary>Words of lintian 2.116 and rpmlint 2.4, as they were seen.</summary>
public sealed class LintProgramTests
{
    private static readonly PackageFile s_package = new()
    {
        Name = "notes", Version = "1", Architecture = "all", Format = "Deb", Path = "/x", Size = 1,
        Files = [new PackageFileEntry(PackageEntryKind.File, "/opt/notes/empty", 0, 0, "root", "root", default)],
    };

    [Fact]
    public void Lintians_lines_become_findings_by_tag_path_and_line()
    {
        const string Output =
            "N: a note\n" +
            "E: notes: dir-or-file-in-opt [opt/notes/bin/]\n" +
            "W: notes: no-manual-page [usr/bin/notes]\n" +
            "W: notes source: spelling-error-in-changelog teh the\n" +
            "I: notes: script-uses-unversioned-python-in-shebang /usr/bin/python [opt/notes/x.py:12]\n" +
            "O: notes: overridden-tag [a]\n" +
            "E: notes: dir-or-file-in-opt [opt/notes/Ã¼nÃ¯]\n";
        IReadOnlyList<Finding> findings = new Lintian().Read(new ProgramResult(2, Output, string.Empty, default), s_package);
        Assert.Equal(
            [
                ("dir-or-file-in-opt", FindingSeverity.Error, "/opt/notes/bin", null),
                ("no-manual-page", FindingSeverity.Warning, "/usr/bin/notes", null),
                ("spelling-error-in-changelog", FindingSeverity.Warning, null, null),
                ("script-uses-unversioned-python-in-shebang", FindingSeverity.Information, "/opt/notes/x.py", 12),
                ("dir-or-file-in-opt", FindingSeverity.Error, "/opt/notes/ünï", (int?)null),
            ],
            findings.Select(f => (f.Id, f.Severity, f.Path, f.Line)));
        Assert.All(findings, f => Assert.Equal("lintian", f.Source));
    }

    [Fact]
    public void Rpmlints_lines_become_findings_by_tag_and_path()
    {
        const string Output =
            "=== rpmlint session starts ===\nrpmlint: 2.4.0\n\n" +
            "notes.noarch: E: zero-length /opt/notes/empty\n" +
            "notes.noarch: E: no-signature\n" +
            "notes.noarch: W: dangerous-command-in-%postun rm\n" +
            "notes.noarch: W: summary-not-capitalized keeps /opt things\n" +
            " 1 packages and 0 specfiles checked; 2 errors, 2 warnings, 9 badness; has taken 0.2 s \n";
        IReadOnlyList<Finding> findings = new Rpmlint().Read(new ProgramResult(64, Output, string.Empty, default), s_package);
        Assert.Equal(
            [
                ("zero-length", FindingSeverity.Error, "/opt/notes/empty"),
                ("no-signature", FindingSeverity.Error, null),
                ("dangerous-command-in-%postun", FindingSeverity.Warning, null),
                ("summary-not-capitalized", FindingSeverity.Warning, (string?)null),
            ],
            findings.Select(f => (f.Id, f.Severity, f.Path)));
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "N: nothing about the package\n")]
    [InlineData(137, "E: notes: some-tag\n")]
    public void A_lintian_that_broke_down_is_no_clean_result(int exitCode, string output) =>
        Assert.Throws<FormatException>(() => new Lintian().Read(new ProgramResult(exitCode, output, string.Empty, default), s_package));

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "Traceback\n")]
    [InlineData(3, "(none): E: fatal error while reading x\n 0 packages and 0 specfiles checked\n")]
    [InlineData(64, "(none): E: fatal error while reading x\n 0 packages and 0 specfiles checked\n")]
    public void An_rpmlint_that_broke_down_is_no_clean_result(int exitCode, string output) =>
        Assert.Throws<FormatException>(() => new Rpmlint().Read(new ProgramResult(exitCode, output, string.Empty, default), s_package));
}
