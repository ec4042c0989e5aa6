using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Checks;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Tests.Unit.Recipes;

public class RecipeValidationTests
{
    private const string Unit = "[Unit]\nDescription=Notes\n\n[Service]\nExecStart=/opt/notes/bin/notes \\\n  --serve\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\n";

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong()
    {
        using RecipeFolder folder = Notes(Unit);
        Assert.Empty(Check(folder));
    }

    [Fact]
    public void Nothing_is_found_in_the_example()
    {
        using var folder = new RecipeFolder(File.ReadAllText(RepositoryFiles.PathOf("examples", "notes", "omnibus.yml"))).WithFolder("wheelhouse");
        foreach (string file in Directory.EnumerateFiles(RepositoryFiles.PathOf("examples", "notes"), "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(RepositoryFiles.PathOf("examples", "notes"), file);
            if (name.StartsWith("app/", StringComparison.Ordinal) || name.StartsWith("packaging/", StringComparison.Ordinal) || name == "requirements.txt")
            {
                folder.With(name, File.ReadAllText(file));
            }
        }

        Assert.Empty(Check(folder));
    }

    [Fact]
    public void A_mistake_of_the_file_is_a_finding_and_no_exception()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes, depend: [x] }]\n");
        Finding finding = Assert.Single(Check(folder));
        Assert.Equal(("RecipeUnknownKey", FindingSeverity.Error, 6), (finding.Id, finding.Severity, finding.Line));
    }

    [Theory]
    [InlineData("ExecStart=/opt", "ExecStrat=/opt", "UnitUnknownKey", 5)]
    [InlineData("[Service]", "[Servce]", "UnitUnknownSection", 4)]
    [InlineData("ExecStart=/opt/notes/bin/notes", "ExecStart=notes", "UnitProgramNotAbsolute", 5)]
    [InlineData("Restart=on-failure", "Restart=on-failed", "UnitValueInvalid", 7)]
    [InlineData("Restart=on-failure", "WantedBy=multi-user.target", "UnitUnknownKey", 7)]
    [InlineData("Restart=on-failure", "Restart", "UnitSyntax", 7)]
    [InlineData("[Unit]\n", "", "UnitSyntax", 1)]
    [InlineData("Restart=on-failure", "ExecStart=/bin/true", "UnitTooManyPrograms", 1)]
    [InlineData("Restart=on-failure", "Type=dbus", "UnitBusNameMissing", 1)]
    [InlineData("[Install]\nWantedBy=multi-user.target\n", "", "UnitNotEnableable", 1)]
    public void A_unit_that_systemd_would_not_take_is_found(string old, string replacement, string id, int line)
    {
        using RecipeFolder folder = Notes(Unit.Replace(old, replacement, StringComparison.Ordinal));
        Assert.Contains(Check(folder), f => f.Id == id && f.Line == line && f.Subject!.EndsWith("notes.service", StringComparison.Ordinal));
    }

    [Fact]
    public void The_recipe_can_accept_a_finding_by_its_id()
    {
        using RecipeFolder folder = Notes(Unit.Replace("Restart=on-failure", "FutureKey=1", StringComparison.Ordinal), "lint: [UnitUnknownKey]\n");
        Assert.Empty(Check(folder));
    }

    [Theory]
    [InlineData("Type=oneshot\nExecStart=/bin/true\nExecStart=/bin/false\n")]
    [InlineData("ExecStart=-/bin/true\nX-Own=1\n# comment\n; comment\n")]
    [InlineData("ExecStart=@/bin/sh notes -c 'a | b'\nMemoryMax=1G\nProtectSystem=strict\nDynamicUser=yes\n")]
    public void What_systemd_takes_is_not_found(string service) =>
        Assert.Empty(UnitFileCheck.Check("notes.service", "[Unit]\n[Service]\n" + service, "notes.service", isEnabled: false));

    [Theory]
    [InlineData(IntegrationKind.Firewalld, "a.xml", "<service><port protocol=\"tcp\" port=\"8080\"/></service>", null)]
    [InlineData(IntegrationKind.Firewalld, "a.xml", "<service><port protocol=\"tcp\" port=\"99999\"/></service>", "FirewalldInvalid")]
    [InlineData(IntegrationKind.Firewalld, "a.xml", "<service><port port=\"80\"/></service>", "FirewalldInvalid")]
    [InlineData(IntegrationKind.Firewalld, "a.xml", "<zone/>", "FirewalldInvalid")]
    [InlineData(IntegrationKind.Firewalld, "a.xml", "<service>", "FirewalldInvalid")]
    [InlineData(IntegrationKind.Firewalld, "a.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><service>&a;</service>", "FirewalldInvalid")]
    [InlineData(IntegrationKind.Firewalld, "a", "<service/>", "IntegrationNameInvalid")]
    [InlineData(IntegrationKind.Ufw, "a", "[Notes]\ntitle=Notes\ndescription=Web page\nports=8080,8081/tcp|53\n", null)]
    [InlineData(IntegrationKind.Ufw, "a", "[Notes]\ntitle=Notes\nports=8080/tcp\n", "UfwInvalid")]
    [InlineData(IntegrationKind.Ufw, "a", "[Notes]\ntitle=N\ndescription=D\nports=web/tcp\n", "UfwInvalid")]
    [InlineData(IntegrationKind.Ufw, "a", "title=Notes\n", "UfwInvalid")]
    [InlineData(IntegrationKind.Rsyslog, "a.conf", ":programname, isequal, \"notes\" stop\n", null)]
    [InlineData(IntegrationKind.Rsyslog, "a", "stop\n", "IntegrationNameInvalid")]
    public void Files_for_other_daemons_are_held_against_what_those_read(IntegrationKind kind, string name, string text, string? id)
    {
        IReadOnlyList<Finding> findings = IntegrationFileCheck.Check(kind, name, text, name);
        Assert.Equal(id is null ? [] : [id], findings.Select(f => f.Id).Distinct());
    }

    [Theory]
    [InlineData("python: { interpreter: python3.10 }\npackages: [{ name: notes }]", "RecipeInterpreterUnavailable", FindingSeverity.Error)]
    [InlineData("python: { interpreter: /opt/python/bin/python3 }\npackages: [{ name: notes }]", "RecipeInterpreterUnavailable", FindingSeverity.Warning)]
    [InlineData("packages: [{ name: notes, summary: A sentence. }]", "RecipeSummaryFullStop", FindingSeverity.Warning)]
    [InlineData("packages: [{ name: notes, files: [{ directory: /usr/local/notes }] }]", "RecipePathReserved", FindingSeverity.Warning)]
    [InlineData("python: {}\npackages: [{ name: notes, environment: true }, { name: notes-cli, commands: [notes] }]", "RecipeLinkDangling", FindingSeverity.Warning)]
    [InlineData("packages: [{ name: notes, depends: ['Bad_Name'] }]", "PackageRelationInvalid", FindingSeverity.Error)]
    [InlineData("packages: [{ name: notes, base: other }]", "RecipeBaseUnknown", FindingSeverity.Error)]
    public void What_can_be_known_before_building_is_found(string rest, string id, FindingSeverity severity)
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + rest + "\n");
        Assert.Contains(Check(folder), f => f.Id == id && f.Severity == severity && f.Line >= 6);
    }

    [Fact]
    public void A_service_under_test_must_be_one_that_is_brought()
    {
        using RecipeFolder folder = Notes(Unit, "tests: { services: [other.service] }\n");
        Assert.Equal("RecipeTestUnitUnknown", Assert.Single(Check(folder)).Id);
    }

    [Fact]
    public void Only_the_distributions_that_were_asked_for_are_looked_at()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes, depends: ['(a if b)'] }]\nlicense: MIT\n");
        Assert.Empty(RecipeValidation.Check(folder.RecipePath, DistributionCatalog.Shipped, ["rocky-9"]));
        Assert.Equal("RecipeRelationUnsupported", Assert.Single(RecipeValidation.Check(folder.RecipePath, DistributionCatalog.Shipped, ["debian-12"])).Id);
        Assert.Equal("RecipeDistributionNotListed", Assert.Throws<OmnibusException>(() => RecipeValidation.Check(folder.RecipePath, DistributionCatalog.Shipped, ["fedora-43"])).Id);
    }

    private static IReadOnlyList<Finding> Check(RecipeFolder folder) => RecipeValidation.Check(folder.RecipePath, DistributionCatalog.Shipped);

    private static RecipeFolder Notes(string unit, string rest = "") =>
        new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes, services: [{ file: notes.service, enable: true }] }]\nlicense: MIT\n" + rest).With("notes.service", unit);
}
