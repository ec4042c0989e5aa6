using FsCheck.Xunit;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Unit.Versions;

public class Pep440VersionTests
{
    [Theory]
    [InlineData("1.0", "1.0")]
    [InlineData("v1.0", "1.0")]
    [InlineData(" 1.0 \n", "1.0")]
    [InlineData("1.0alpha1", "1.0a1")]
    [InlineData("1.0-ALPHA.1", "1.0a1")]
    [InlineData("1.0_beta_2", "1.0b2")]
    [InlineData("1.0c3", "1.0rc3")]
    [InlineData("1.0pre3", "1.0rc3")]
    [InlineData("1.0-preview", "1.0rc0")]
    [InlineData("1.0a", "1.0a0")]
    [InlineData("1.0-1", "1.0.post1")]
    [InlineData("1.0r4", "1.0.post4")]
    [InlineData("1.0.rev4", "1.0.post4")]
    [InlineData("1.0post", "1.0.post0")]
    [InlineData("1.0-dev", "1.0.dev0")]
    [InlineData("1.0dev5", "1.0.dev5")]
    [InlineData("1.0rc1.post2.dev3", "1.0rc1.post2.dev3")]
    [InlineData("007.08", "7.8")]
    [InlineData("3!1.0", "3!1.0")]
    [InlineData("0!1.0", "1.0")]
    [InlineData("1.0+Ubuntu-1_02", "1.0+ubuntu.1.2")]
    [InlineData("1.0+g00A1", "1.0+g00a1")]
    [InlineData("2024.11.25", "2024.11.25")]
    [InlineData("123456789012345678901234567890.1", "123456789012345678901234567890.1")]
    public void Every_spelling_is_normalised(string text, string normal) => Assert.Equal(normal, Pep440Version.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1.")]
    [InlineData(".1")]
    [InlineData("1.0+")]
    [InlineData("1.0+a+b")]
    [InlineData("1.0+a..b")]
    [InlineData("1.0 1")]
    [InlineData("1.0.dev1.post1")]
    [InlineData("1.0a1b2")]
    [InlineData("!1.0")]
    [InlineData("١.٠")]
    [InlineData("1.0po\u017Ft1")]
    [InlineData("1.0+\u212A")]
    [InlineData("1.0-final")]
    public void Other_texts_are_no_versions(string text)
    {
        var error = Assert.Throws<OmnibusException>(() => Pep440Version.Parse(text));
        Assert.Equal("VersionInvalid", error.Id);
    }

    [Fact]
    public void A_text_without_end_is_refused_at_once() => Assert.Null(Pep440Version.TryParse(new string('1', 100_000)));

    [Fact]
    public void The_order_is_that_of_PEP_440()
    {
        string[] ordered =
        [
            "1.0.dev1", "1.0a1.dev1", "1.0a1", "1.0a1+local", "1.0a1.post1.dev1", "1.0a1.post1", "1.0b1", "1.0rc1", "1.0", "1.0+abc", "1.0+abc.5", "1.0+abd",
            "1.0+5", "1.0+5.abc", "1.0+5.7", "1.0.post1.dev1", "1.0.post1", "1.0.1.dev1", "1.0.1", "1.1", "1.10", "2", "1!0.1",
        ];
        for (int i = 0; i < ordered.Length; i++)
        {
            for (int j = 0; j < ordered.Length; j++)
            {
                Assert.True(
                    Math.Sign(Pep440Version.Parse(ordered[i]).CompareTo(Pep440Version.Parse(ordered[j]))) == i.CompareTo(j),
                    $"{ordered[i]} against {ordered[j]}");
            }
        }
    }

    [Theory]
    [InlineData("1.0", "1.0.0")]
    [InlineData("1", "1.0.0.0")]
    [InlineData("1.0rc1", "1.0.0c1")]
    [InlineData("1.0+01", "1.0+1")]
    public void Zeros_at_the_end_make_no_difference(string one, string other)
    {
        Assert.Equal(Pep440Version.Parse(one), Pep440Version.Parse(other));
        Assert.Equal(Pep440Version.Parse(one).GetHashCode(), Pep440Version.Parse(other).GetHashCode());
        Assert.Equal(VersionSpelling.Deb.Spell(Pep440Version.Parse(one)), VersionSpelling.Deb.Spell(Pep440Version.Parse(other)));
        Assert.Equal(VersionSpelling.Rpm.Spell(Pep440Version.Parse(one)), VersionSpelling.Rpm.Spell(Pep440Version.Parse(other)));
    }

    [Property(MaxTest = 500)]
    public void No_text_makes_the_reader_fail_otherwise_than_by_saying_no(string? text)
    {
        if (text is not null && Pep440Version.TryParse(text) is { } version)
        {
            Assert.Equal(version, Pep440Version.Parse(version.ToString()));
        }
    }
}
