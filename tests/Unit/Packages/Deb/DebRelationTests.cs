using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class DebRelationTests
{
    [Fact]
    public void Alternatives_bounds_and_architectures_are_written_as_dpkg_reads_them()
    {
        PackageRelation[] relations =
        [
            new(RelationKind.Depends, [new RelationTarget("a", RelationOperator.GreaterOrEqual, "1.2"), new RelationTarget("b")]),
            new(RelationKind.Depends, [new RelationTarget("python3", Architecture: "any")]),
            PackageRelation.To(RelationKind.Depends, "c", RelationOperator.Less, "2:1-1"),
        ];
        Assert.Equal("a (>= 1.2) | b, python3:any, c (<< 2:1-1)", DebRelation.Format(relations, RelationKind.Depends));
        Assert.Null(DebRelation.Format(relations, RelationKind.Recommends));
    }

    [Fact]
    public void Obsoletes_become_replaces_and_breaks_without_repetition()
    {
        PackageRelation[] relations =
        [
            PackageRelation.To(RelationKind.Replaces, "old", RelationOperator.Less, "2"),
            PackageRelation.To(RelationKind.Obsoletes, "old", RelationOperator.Less, "2"),
        ];
        Assert.Equal("old (<< 2)", DebRelation.Format(relations, RelationKind.Replaces));
        Assert.Equal("old (<< 2)", DebRelation.Format(relations, RelationKind.Breaks));
        Assert.Null(DebRelation.Format(relations, RelationKind.Conflicts));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a(>=1)", "a (>= 1)")]
    [InlineData("a (< 1) , b", "a (<= 1), b")]
    [InlineData("a:any (= 1) [amd64] <!nocheck> | c", "a:any (= 1) | c")]
    [InlineData("a,\n b (>> 1:2-3)", "a, b (>> 1:2-3)")]
    public void Anyones_spelling_is_understood(string text, string canonical) =>
        Assert.Equal(canonical, DebRelation.Format(DebRelation.Parse(RelationKind.Depends, text), RelationKind.Depends));

    [Theory]
    [InlineData("(>= 1)")]
    [InlineData("a (1)")]
    [InlineData("a (>= 1")]
    [InlineData("a (=> 1)")]
    [InlineData("a | ")]
    public void A_relation_that_is_none_is_refused(string text) =>
        Assert.Throws<FormatException>(() => DebRelation.Parse(RelationKind.Depends, text));
}
