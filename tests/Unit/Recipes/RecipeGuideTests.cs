using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Tests.Unit.Recipes;

/// <summary>The whole recipe of docs/recipes.md, read and planned as it stands there.</summary>
public sealed class RecipeGuideTests : IDisposable
{
    private readonly RecipeFolder _folder;

    public RecipeGuideTests()
    {
        string guide = File.ReadAllText(RepositoryFiles.PathOf("docs", "recipes.md"));
        int begin = guide.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        _folder = new RecipeFolder(guide[begin..guide.IndexOf("```", begin, StringComparison.Ordinal)])
            .With("requirements.txt").With("LICENSE").With("conf/notes.service").With("conf/notes.xml").With("conf/notes").With("conf/notes.conf").With("conf/notes.ini")
            .WithFolder("wheelhouse");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_plans_three_packages_for_a_deb()
    {
        BuildPlan plan = _folder.Load().Plan("debian-12");
        Assert.Equal(["python-notes", "notes-cli", "notes-node"], plan.Packages.Select(p => p.Name));
        Assert.Equal("1.4.0~rc1-1", plan.Version.PackageVersion!.ToString());
        Assert.Equal(["amd64", "all", "all"], plan.Packages.Select(p => p.Architecture == plan.Distribution.ArchitectureName(plan.Architecture) ? "amd64" : p.Architecture));
        Assert.Equal([true, false, false], plan.Packages.Select(p => p.IncludesEnvironment));
        Assert.Equal(("/usr/bin/python3.11", "/opt/python-notes", true, true), (plan.Python!.Interpreter, plan.Python.EnvironmentPath, plan.Python.RequireHashes, plan.Python.IsOffline));
        Assert.Equal([_folder.Path], plan.Python.Projects);
    }

    [Fact]
    public void The_meta_packages_depend_on_the_base_in_exactly_its_version()
    {
        BuildPlan plan = _folder.Load().Plan("rocky-9");
        Assert.All(plan.Packages.Skip(1), p => Assert.Contains(
            p.Relations,
            r => r.Kind == RelationKind.Depends && r.Alternatives is [{ Name: "python-notes", Operator: RelationOperator.Equal, Version: "1.4.0~rc1-1" }]));
    }

    [Fact]
    public void The_environment_needs_the_distributions_interpreter_without_being_told() =>
        Assert.Contains(_folder.Load().Plan("rocky-9").Packages[0].Relations, r => r.Alternatives is [{ Name: "python3.11" }]);

    [Fact]
    public void The_server_has_its_unit_its_firewall_files_and_its_state()
    {
        PackagePlan node = _folder.Load().Plan("debian-12").Packages[2];
        SystemdUnitPlan unit = Assert.Single(node.Units);
        Assert.Equal(("notes.service", "/lib/systemd/system/notes.service", UnitEnablement.Enabled, true), (unit.Name, unit.Destination, unit.Enable, unit.Start));
        Assert.Equal(
            ["/usr/lib/firewalld/services/notes.xml", "/etc/ufw/applications.d/notes", "/etc/rsyslog.d/notes.conf"],
            node.Integrations.Select(i => i.Destination));
        Assert.Contains(node.Content, c => c is FileItem { Destination: "/etc/notes/notes.ini", Mode: 0b110_100_000, Flags: PackageEntryFlags.Config | PackageEntryFlags.NoReplace });
        Assert.Contains(node.Content, c => c is DirectoryItem { Destination: "/var/lib/notes", Mode: 0b111_101_000 });
        Assert.Contains(node.Content, c => c is GhostItem { Destination: "/var/lib/notes/notes.db" });
        Assert.Contains(node.Content, c => c is LinkItem { Destination: "/usr/sbin/notes-server", Target: "/opt/python-notes/bin/notes-server" });
    }

    [Fact]
    public void Overrides_add_to_lists_for_their_target_only()
    {
        string[] Names(string distribution) => [.. _folder.Load().Plan(distribution).Packages[2].Relations.Select(r => r.Alternatives[0].Name)];
        Assert.Equal(["python-notes", "logrotate", "adduser"], Names("debian-12"));
        Assert.Equal(["python-notes", "logrotate", "shadow-utils"], Names("rocky-9"));
        Assert.Equal(RelationQualifiers.Pre, _folder.Load().Plan("rocky-9").Packages[2].Relations[2].Qualifiers);
    }

    [Fact]
    public void Build_steps_run_in_the_scratch_folder_that_paths_can_name()
    {
        BuildPlan plan = _folder.Load().Plan("debian-12");
        Assert.Equal(["cp", "/opt/python-notes/share/notes/notes.1", "/scratch/notes.1"], plan.Steps[0].In("/scratch").Arguments);
        Assert.Equal(["/bin/sh", "-eu"], plan.Steps[1].Arguments);
        Assert.Contains("\"$OMNIBUS_VERSION\"", plan.Steps[1].Script, StringComparison.Ordinal);
        var man = Assert.IsType<FileItem>(plan.Packages[1].Content[0]);
        Assert.Equal(("/scratch/notes.1", "/usr/share/man/man1/notes.1"), (man.Source.Resolve("/scratch"), man.Destination));
    }
}
