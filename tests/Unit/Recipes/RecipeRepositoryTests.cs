using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Tests.Unit.Recipes;

public class RecipeRepositoryTests
{
    private const string Packages = "packages: [{ name: notes }]\n";

    [Fact]
    public void Each_distribution_has_a_repository_of_its_own_kind_signed_by_the_maintainer()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + Packages + "vendor: Example\nrepository: { path: '../archive/${distribution}', address: 'https://packages.example.com/${codename}' }\n");
        IReadOnlyList<BuildPlan> plans = folder.Load().PlanAll([]);
        Assert.Equal([("Apt", "debian-12", "https://packages.example.com/bookworm"), ("Yum", "rocky-9", "https://packages.example.com/9")], plans.Select(p => (p.Repository!.Type, Path.GetFileName(p.Repository.Path), p.Repository.Address!)));
        Assert.All(plans, p => Assert.Equal((Path.Join(Path.GetDirectoryName(folder.Path), "archive"), "Example <packages@example.com>", "Example", "main", "1"), (Path.GetDirectoryName(p.Repository!.Path), p.Repository.SigningKey, p.Repository.Origin, p.Repository.Component, p.Repository.ReleaseVersion)));
    }

    [Fact]
    public void Everything_can_be_said()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + Packages + """
            repository:
              path: /srv/archive/${distribution}
              signing-key: gnupg:0123456789ABCDEF0123456789ABCDEF01234567
              codename: stable
              suite: release
              component: contrib
              origin: Example Archive
              address: https://packages.example.com/${distribution}
              testing-address: https://packages.example.com/${distribution}-testing
              release-version: "3"
              destination: s3://example/archive
              channel: "{distribution}/{version}"
            """);
        RepositoryPlan plan = folder.Load().Plan("debian-12").Repository!;
        Assert.Equal(
            new RepositoryPlan("Apt", "/srv/archive/debian-12")
            {
                SigningKey = "gnupg:0123456789ABCDEF0123456789ABCDEF01234567",
                Codename = "stable",
                Suite = "release",
                Component = "contrib",
                Origin = "Example Archive",
                Address = "https://packages.example.com/debian-12",
                TestingAddress = "https://packages.example.com/debian-12-testing",
                ReleaseVersion = "3",
                Destination = "s3://example/archive",
                Channel = "{distribution}/{version}",
            },
            plan);
    }

    [Theory]
    [InlineData("{ address: https://x.example.com/ }", "RecipeMissingKey", 7, 13)]
    [InlineData("{ path: a, address: packages.example.com }", "RecipeValueInvalid", 7, 33)]
    [InlineData("{ path: a, channel: x }", "RecipeKeysExclude", 7, 24)]
    [InlineData("{ path: a, testing-address: 'https://x.example.com/' }", "RecipeKeysExclude", 7, 24)]
    [InlineData("{ path: a, signing_key: x }", "RecipeUnknownKey", 7, 24)]
    [InlineData("{ path: a, component: 'a b' }", "RecipeValueInvalid", 7, 35)]
    public void A_mistake_is_told_with_its_place(string repository, string id, int line, int column)
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + Packages + $"repository: {repository}\n");
        OmnibusException error = Assert.Throws<OmnibusException>(() => folder.Load());
        Finding finding = error.Findings[0];
        Assert.Equal((id, line, column), (finding.Id, finding.Line, finding.Column));
    }

    [Fact]
    public void Two_distributions_never_share_a_repository()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + Packages + "repository:\n  path: archive\n");
        OmnibusException error = Assert.Throws<OmnibusException>(() => folder.Load().PlanAll([]));
        Assert.Equal("RecipeRepositoryShared", error.Id);
        Assert.Contains("omnibus.yml:8:9: debian-12 and rocky-9 would share the repository", error.Message, StringComparison.Ordinal);
        Assert.Contains(RecipeValidation.Check(folder.RecipePath, DistributionCatalog.Shipped), f => f.Id == "RecipeRepositoryShared" && f.Line == 8);
        Assert.Single(folder.Load().PlanAll(["debian-12"]));
    }

    [Theory]
    [InlineData("path: a, type: yum", "RecipeRepositoryTypeMismatch")]
    [InlineData("path: 'a/${version}'", "RecipeValueInvalid")]
    public void What_does_not_fit_the_distribution_is_told_when_it_is_planned(string repository, string id)
    {
        using var folder = new RecipeFolder((RecipeFolder.Head + Packages + $"repository: {{ {repository} }}\n").Replace("version: 1.4.0rc1", "version: { from: git }", StringComparison.Ordinal));
        OmnibusException error = Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-12"));
        Assert.Equal((id, 7), (error.Id, error.Findings[0].Line));
    }
}
