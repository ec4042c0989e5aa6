using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Linting;

namespace Omnibus.Tests.Unit;

public sealed class PackageRuleTests
{
    private static readonly PackageFile s_good = new()
    {
        Name = "notes", Version = "1", Release = "1", Architecture = "all", Format = "Deb", Path = "/x", Size = 1,
        Summary = "keeps notes", Maintainer = "Example <e@example.com>", License = "MIT",
        Files =
        [
            Entry(PackageEntryKind.File, "/usr/share/doc/notes/copyright"),
            Entry(PackageEntryKind.File, "/usr/share/doc/notes/changelog.Debian.gz"),
        ],
    };

    public static TheoryData<string, PackageFileEntry> Breaches => new()
    {
        { "PathTwice", Entry(PackageEntryKind.File, "/usr/share/doc/notes/copyright") },
        { "PathNotUtf8", Entry(PackageEntryKind.File, "/opt/x\uFFFD") },
        { "WorldWritable", Entry(PackageEntryKind.File, "/opt/x", 0b110_110_110) },
        { "WorldWritable", Entry(PackageEntryKind.Directory, "/opt/x", 0b111_111_111) },
        { "SetIdentity", Entry(PackageEntryKind.File, "/opt/x", 0b100_111_101_101) },
        { "SpecialFile", Entry(PackageEntryKind.Special, "/opt/x") },
        { "ForeignFolder", Entry(PackageEntryKind.File, "/usr/local/bin/x") },
        { "ConfigNotMarked", Entry(PackageEntryKind.File, "/etc/x") },
        { "UnitOutsideLib", Entry(PackageEntryKind.File, "/etc/systemd/system/x.service") with { Flags = PackageEntryFlags.Config } },
        { "LinkOutsideRoot", Entry(PackageEntryKind.SymbolicLink, "/opt/x") with { LinkTarget = "../../y" } },
        { "SumMissing", Entry(PackageEntryKind.File, "/opt/x") with { Digest = null } },
        { "LinkShouldBeRelative", Entry(PackageEntryKind.SymbolicLink, "/usr/bin/x") with { LinkTarget = "/usr/lib/x" } },
        { "LinkShouldBeAbsolute", Entry(PackageEntryKind.SymbolicLink, "/usr/bin/x") with { LinkTarget = "../../opt/x" } },
    };

    [Fact]
    public void A_good_package_has_no_findings() => Assert.Empty(Check(s_good));

    [Theory]
    [MemberData(nameof(Breaches))]
    public void Each_breach_is_found(string id, PackageFileEntry entry) =>
        Assert.Contains(Check(s_good with { Files = [.. s_good.Files, entry] }), f => f.Id == id && f.Path == entry.Path);

    [Fact]
    public void Good_entries_are_left_alone() => Assert.Empty(Check(s_good with
    {
        Files =
        [
            .. s_good.Files,
            Entry(PackageEntryKind.File, "/etc/x") with { Flags = PackageEntryFlags.Config, Digest = null },
            Entry(PackageEntryKind.Directory, "/var/spool/x", 0b001_111_111_111),
            Entry(PackageEntryKind.SymbolicLink, "/usr/bin/x") with { LinkTarget = "/opt/notes/x" },
            Entry(PackageEntryKind.SymbolicLink, "/usr/bin/y") with { LinkTarget = "../lib/y" },
        ],
    }));

    [Fact]
    public void Missing_documents_scripts_without_interpreter_and_empty_fields_are_found()
    {
        IEnumerable<string> ids = Check(s_good with { Files = [], Summary = "", Maintainer = null, Scripts = [new PackageScript(ScriptKind.PostInstall, "true")] }).Select(f => f.Id);
        Assert.Equal(["SummaryMissing", "MaintainerMissing", "CopyrightMissing", "ChangelogMissing", "ScriptWithoutInterpreter"], ids);
    }

    [Fact]
    public void A_documentation_folder_may_be_borrowed() => Assert.Empty(Check(s_good with
    {
        Files = [Entry(PackageEntryKind.SymbolicLink, "/usr/share/doc/notes") with { LinkTarget = "notes-common" }],
    }));

    private static PackageFileEntry Entry(PackageEntryKind kind, string path, int mode = 0b110_100_100) =>
        new(kind, path, mode, 1, "root", "root", DateTimeOffset.UnixEpoch, Digest: kind == PackageEntryKind.File ? new string('0', 32) : null);

    private static List<Finding> Check(PackageFile package) => [.. new CommonPackageRules().Check(package), .. new DebPackageRules().Check(package)];
}
