using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class DebRulesTests
{
    private static readonly PackageDefinition s_good = DebFormatTests.Example;

    public static TheoryData<string, PackageDefinition> Breaches => new()
    {
        { "PackageNameInvalid", s_good with { Name = "Notes" } },
        { "PackageNameInvalid", s_good with { Name = "n" } },
        { "PackageNameInvalid", s_good with { Name = "notes\nEssential: yes" } },
        { "PackageVersionInvalid", s_good with { Version = new PackageVersion("v1") } },
        { "PackageVersionInvalid", s_good with { Version = new PackageVersion("1-2") } },
        { "PackageVersionInvalid", s_good with { Version = new PackageVersion("1:2") } },
        { "PackageVersionInvalid", s_good with { Version = new PackageVersion("1", "1-2") } },
        { "PackageVersionInvalid", s_good with { Version = new PackageVersion("1", "") } },
        { "PackageVersionInvalid", s_good with { Version = new PackageVersion("1", "1", -1) } },
        { "PackageArchitectureInvalid", s_good with { Architecture = "x86_64" } },
        { "PackageMaintainerInvalid", s_good with { Maintainer = "" } },
        { "PackageMaintainerInvalid", s_good with { Maintainer = "nobody" } },
        { "PackageMaintainerInvalid", s_good with { Maintainer = "A <a@b>\nX: y" } },
        { "PackageSummaryInvalid", s_good with { Summary = " " } },
        { "PackageSummaryInvalid", s_good with { Summary = "a\nb" } },
        { "PackageFieldInvalid", s_good with { Homepage = "a\nb" } },
        { "PackageFieldInvalid", s_good with { Priority = "urgent" } },
        { "PackageFieldInvalid", s_good with { MultiArch = "yes" } },
        { "PackageFieldInvalid", s_good with { MultiArch = "same", Architecture = "all" } },
        { "PackageFieldInvalid", s_good with { CustomFields = [new("Two Words", "x")] } },
        { "PackageFieldInvalid", s_good with { CustomFields = [new("X", "a\nEssential: yes")] } },
        { "PackageFieldDuplicate", s_good with { CustomFields = [new("package", "x")] } },
        { "PackageRelationInvalid", s_good with { Relations = [PackageRelation.To(RelationKind.Depends, "/usr/sbin/iptables")] } },
        { "PackageRelationInvalid", s_good with { Relations = [PackageRelation.To(RelationKind.Depends, "a", RelationOperator.Less, "1), b")] } },
        { "PackageRelationInvalid", s_good with { Relations = [PackageRelation.To(RelationKind.Depends, "a", RelationOperator.Less)] } },
        { "PackageRelationInvalid", s_good with { Relations = [PackageRelation.To(RelationKind.Provides, "a", RelationOperator.Less, "1")] } },
        { "PackageRelationInvalid", s_good with { Relations = [new PackageRelation(RelationKind.Depends, []) { RichExpression = "(a if b)" }] } },
        { "PackageRelationInvalid", s_good with { Relations = [new PackageRelation(RelationKind.Conflicts, [new RelationTarget("aa"), new RelationTarget("bb")])] } },
        { "PackageScriptDuplicate", s_good with { Scripts = [new PackageScript(ScriptKind.PostInstall, "a"), new PackageScript(ScriptKind.PostInstall, "b")] } },
        { "PackageTriggerInvalid", s_good with { Triggers = [new PackageTrigger(TriggerKind.Deb, [new RelationTarget("x")]) { Directive = "wish" }] } },
        { "PackageTriggerInvalid", s_good with { Triggers = [new PackageTrigger(TriggerKind.Deb, [new RelationTarget("a b")]) { Directive = "interest" }] } },
        { "PackageEntryDuplicate", With(File("/a/b"), File("/a/b")) },
        { "PackageEntryPathInvalid", With(File("relative")) },
        { "PackageEntryPathInvalid", With(File("/a/../b")) },
        { "PackageEntryPathInvalid", With(File("/a//b")) },
        { "PackageEntryPathInvalid", With(File("/a/")) },
        { "PackageEntryPathInvalid", With(File("/a\nb")) },
        { "PackageEntryPathInvalid", With(File("/" + new string('a', 5000))) },
        { "PackageEntryParentInvalid", With(File("/a"), File("/a/b/c")) },
        { "PackageEntryParentInvalid", With(new PackageEntry(PackageEntryKind.SymbolicLink, "/a") { LinkTarget = "x" }, File("/a/b")) },
        { "PackageEntryModeInvalid", With(File("/a/b") with { Mode = 0x1000 }) },
        { "PackageEntryOwnerInvalid", With(File("/a/b") with { Owner = "a:b" }) },
        { "PackageEntryOwnerInvalid", With(File("/a/b") with { Group = new string('g', 40) }) },
        { "PackageEntryContentMissing", With(new PackageEntry(PackageEntryKind.File, "/a/b")) },
        { "PackageEntryKindInvalid", With(new PackageEntry(PackageEntryKind.Special, "/a/b")) },
        { "PackageLinkTargetInvalid", With(new PackageEntry(PackageEntryKind.SymbolicLink, "/a/b") { LinkTarget = "" }) },
        { "PackageLinkTargetInvalid", With(new PackageEntry(PackageEntryKind.HardLink, "/a/b") { LinkTarget = "/a/c" }) },
        { "PackageLinkOutsideRoot", With(new PackageEntry(PackageEntryKind.SymbolicLink, "/a/b") { LinkTarget = "../../etc/passwd" }) },
        { "PackageConffileInvalid", With(File("/etc/x") with { Flags = PackageEntryFlags.RemoveOnUpgrade }) },
    };

    [Fact]
    public void A_good_definition_has_no_findings() => Assert.Empty(new DebFormat().Validate(s_good));

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task A_breach_is_found_and_nothing_is_written(string id, PackageDefinition definition)
    {
        Assert.Contains(new DebFormat().Validate(definition), f => f.Id == id && f.Severity == FindingSeverity.Error);
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var error = await Assert.ThrowsAsync<OmnibusException>(() => new DebFormat().WriteAsync(
            definition, folder, new PackageWriteOptions(new CompressionSettings(CompressionKind.None)), CancellationToken.None));
        Assert.Equal("PackageInvalid", error.Id);
        Assert.Contains(error.Findings, f => f.Id == id);
        Assert.False(Directory.Exists(folder));
    }

    private static PackageDefinition With(params PackageEntry[] entries) => s_good with { Entries = entries };

    private static PackageEntry File(string path) => new(PackageEntryKind.File, path) { Content = new MemoryContent("x") };
}
