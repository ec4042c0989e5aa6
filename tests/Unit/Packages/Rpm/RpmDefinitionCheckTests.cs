using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Tests.Unit.Packages.Rpm;

public class RpmDefinitionCheckTests
{
    private static readonly PackageEntry s_file = RpmSample.File("/usr/bin/a");

    public static TheoryData<string, PackageDefinition> Breaches => new()
    {
        { "RpmNameInvalid", RpmSample.Definition() with { Name = "-a" } },
        { "RpmNameInvalid", RpmSample.Definition() with { Name = "a b" } },
        { "RpmNameInvalid", RpmSample.Definition() with { Name = string.Empty } },
        { "RpmVersionInvalid", RpmSample.Definition() with { Version = new PackageVersion("1-2", "1") } },
        { "RpmVersionInvalid", RpmSample.Definition() with { Version = new PackageVersion("1", "1-1") } },
        { "RpmReleaseMissing", RpmSample.Definition() with { Version = new PackageVersion("1") } },
        { "RpmEpochInvalid", RpmSample.Definition() with { Version = new PackageVersion("1", "1", -1) } },
        { "RpmArchitectureInvalid", RpmSample.Definition() with { Architecture = "amd64" } },
        { "RpmSummaryInvalid", RpmSample.Definition() with { Summary = "two\nlines" } },
        { "RpmTextInvalid", RpmSample.Definition() with { Description = "a\0b" } },
        { "RpmTimestampInvalid", RpmSample.Definition() with { Timestamp = DateTimeOffset.MaxValue } },
        { "RpmPathDuplicate", RpmSample.Definition(s_file, s_file) },
        { "RpmPathInvalid", RpmSample.Definition(RpmSample.File("usr/bin/a")) },
        { "RpmPathInvalid", RpmSample.Definition(RpmSample.File("/usr/../a")) },
        { "RpmPathInvalid", RpmSample.Definition(RpmSample.File("/usr//a")) },
        { "RpmPathInvalid", RpmSample.Definition(RpmSample.File("/usr/a\nb")) },
        { "RpmPathInvalid", RpmSample.Definition(RpmSample.File("/" + new string('a', 256))) },
        { "RpmPathUnderFile", RpmSample.Definition(s_file, RpmSample.File("/usr/bin/a/b")) },
        { "RpmContentMissing", RpmSample.Definition(new PackageEntry(PackageEntryKind.File, "/a")) },
        { "RpmLinkInvalid", RpmSample.Definition(new PackageEntry(PackageEntryKind.SymbolicLink, "/a")) },
        { "RpmLinkInvalid", RpmSample.Definition(new PackageEntry(PackageEntryKind.HardLink, "/a") { LinkTarget = "/b" }) },
        { "RpmOwnerInvalid", RpmSample.Definition(s_file with { Owner = "a b" }) },
        { "RpmCapabilitiesInvalid", RpmSample.Definition(s_file with { Capabilities = "all of them" }) },
        { "RpmRelationInvalid", RpmSample.Definition() with { Relations = [PackageRelation.To(RelationKind.Depends, "a b")] } },
        { "RpmRelationInvalid", RpmSample.Definition() with { Relations = [PackageRelation.To(RelationKind.Depends, "a", RelationOperator.Less)] } },
        { "RpmRelationInvalid", RpmSample.Definition() with { Relations = [PackageRelation.To(RelationKind.Depends, "a", RelationOperator.Less, "1-2-3")] } },
        { "RpmRelationInvalid", RpmSample.Definition() with { Relations = [new PackageRelation(RelationKind.Provides, [new("a"), new("b")])] } },
        { "RpmRelationInvalid", RpmSample.Definition() with { Relations = [new PackageRelation(RelationKind.Depends, [])] } },
        { "RpmRichDependencyInvalid", RpmSample.Definition() with { Relations = [new PackageRelation(RelationKind.Depends, []) { RichExpression = "(a or" }] } },
        { "RpmScriptDuplicate", RpmSample.Definition() with { Scripts = [new(ScriptKind.PreInstall, "a"), new(ScriptKind.PreInstall, "b")] } },
        { "RpmTriggerInvalid", RpmSample.Definition() with { Triggers = [new(TriggerKind.Install, [])] } },
        { "RpmTriggerInvalid", RpmSample.Definition() with { Triggers = [new(TriggerKind.FileInstall, [new("etc")])] } },
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task A_definition_that_breaks_a_rule_is_refused_and_nothing_is_written(string id, PackageDefinition definition)
    {
        Assert.Contains(new RpmFormat().Validate(definition), f => f.Id == id && f.Severity == FindingSeverity.Error);

        string folder = Directory.CreateTempSubdirectory("omnibus-rpm-").FullName;
        try
        {
            var options = new PackageWriteOptions(new(Omnibus.Core.Compression.CompressionKind.Gzip));
            OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new RpmFormat().WriteAsync(definition, folder, options, CancellationToken.None));
            Assert.Equal("PackageInvalid", error.Id);
            Assert.Contains(error.Findings, f => f.Id == id);
            Assert.Empty(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_only_deb_understands_is_told_and_left_out()
    {
        PackageDefinition definition = RpmSample.Definition() with
        {
            License = null,
            Relations = [PackageRelation.To(RelationKind.Replaces, "old")],
            Scripts = [new(ScriptKind.Config, "exit 0")],
            Triggers = [new(TriggerKind.Deb, [new("/etc")])],
        };
        Assert.Equal(
            ["RpmLicenseMissing", "RpmReplacesIgnored", "RpmScriptIgnored", "RpmTriggerIgnored"],
            new RpmFormat().Validate(definition).Select(f => f.Id));
    }

    [Theory]
    [InlineData("(a or b)")]
    [InlineData("(a >= 1 or b < 2:3-4 or c)")]
    [InlineData("(a if b else c)")]
    [InlineData("(a if (b and c))")]
    [InlineData("(python3dist(x) >= 1 with python3dist(x) < 2)")]
    [InlineData("(a unless b)")]
    [InlineData("((a and b) or c)")]
    public void A_rich_dependency_that_rpm_takes_is_taken(string text) => Assert.Null(RpmRichExpression.FindFault(text));

    [Theory]
    [InlineData("a or b")]
    [InlineData("(a or b")]
    [InlineData("(a or)")]
    [InlineData("()")]
    [InlineData("(a xor b)")]
    [InlineData("(a or b and c)")]
    [InlineData("(a else b)")]
    [InlineData("(a >= or b)")]
    [InlineData("(a or b) c")]
    [InlineData("(a or (b if c))")]
    [InlineData("(a and (b unless c))")]
    public void A_rich_dependency_that_rpm_refuses_is_refused(string text) => Assert.NotNull(RpmRichExpression.FindFault(text));
}
