using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Tests.Unit.Recipes;

public class RecipePlanTests
{
    [Fact]
    public void Overrides_are_applied_from_format_to_family_to_distribution()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + """
            packages:
            - name: notes
              summary: base
              section: misc
              depends: [one]
              overrides:
                rocky-9: { summary: rocky, depends: !replace [four] }
                rhel: { summary: family, depends: [three], section: }
                rpm: { summary: format, depends: [two] }
            """);
        PackagePlan deb = folder.Load().Plan("debian-12").Packages[0];
        Assert.Equal(("base", "misc", "one"), (deb.Summary, deb.Section, Names(deb)));
        PackagePlan rpm = folder.Load().Plan("rocky-9").Packages[0];
        Assert.Equal(("rocky", (string?)null, "four"), (rpm.Summary, rpm.Section, Names(rpm)));
    }

    [Fact]
    public void Mappings_are_merged_key_by_key_and_lists_are_added_to()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + """
            python: { packages: [a==1], environment: { CFLAGS: -O2, A: x } }
            packages: [{ name: notes }]
            overrides:
              rpm:
                python: { interpreter: python3.11, packages: [b==2], environment: { CFLAGS: -O3 } }
                packages: [{ name: notes-selinux, summary: Policy, environment: false }]
            """);
        BuildPlan plan = Assert.Throws<OmnibusException>(() => folder.Load().Plan("rocky-9")).Id == "RecipeEnvironmentUnplaced" ? folder.Load().Plan("debian-12") : null!;
        Assert.Equal(["a==1"], plan.Python!.Packages);
        File.WriteAllText(folder.RecipePath, File.ReadAllText(folder.RecipePath).Replace("[{ name: notes }]", "[{ name: notes, environment: true }]", StringComparison.Ordinal));
        plan = folder.Load().Plan("rocky-9");
        Assert.Equal(["a==1", "b==2"], plan.Python!.Packages);
        Assert.Equal(("-O3", "x", "/usr/bin/python3.11"), (plan.Python.BuildEnvironment["CFLAGS"], plan.Python.BuildEnvironment["A"], plan.Python.Interpreter));
        Assert.Equal(["notes", "notes-selinux"], plan.Packages.Select(p => p.Name));
    }

    [Fact]
    public void A_version_that_is_not_known_yet_is_filled_in_later()
    {
        using var folder = new RecipeFolder((RecipeFolder.Head + """
            python: { packages: [notes] }
            packages:
            - { name: python-notes, environment: true, summary: "Notes ${version}" }
            - { name: notes-cli, base: python-notes, provides: ["notes (= ${package-version})"], commands: [notes] }
            """).Replace("version: 1.4.0rc1", "version: { from: python, scheme: pep440, dist-tag: true }", StringComparison.Ordinal));
        BuildPlan plan = folder.Load().Plan("rocky-9");
        Assert.Equal((VersionSourceKind.PythonDistribution, "notes", null), (plan.Version.Source, plan.Version.PythonDistribution, plan.Version.PackageVersion));
        BuildPlan known = plan.WithVersion("2.0.post1");
        Assert.Equal("2.0.0^post1-1.el9", known.Version.PackageVersion!.ToString());
        Assert.Equal(VersionSourceKind.PythonDistribution, known.Version.Source);
        Assert.Equal("Notes 2.0.post1", known.Packages[0].Summary);
        Assert.All(known.Packages[1].Relations, r => Assert.Equal("2.0.0^post1-1.el9", r.Alternatives[0].Version));
        Assert.Equal("2.0.post1", known.Variables["version"]);
        Assert.Equal("VersionInvalid", Assert.Throws<OmnibusException>(() => plan.WithVersion("nonsense")).Id);
    }

    [Fact]
    public void A_version_from_the_command_line_wins()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes }]\n");
        Assert.Equal("3.0.0-1", folder.Load().Plan("debian-12", new PlanOptions { Version = "3.0" }).Version.PackageVersion!.ToString());
    }

    [Fact]
    public void Architectures_are_called_what_the_target_calls_them()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes, architecture: native }, { name: notes-doc }]\n");
        string Names(string distribution, string architecture) => string.Join(' ', folder.Load().Plan(distribution, new PlanOptions { Architecture = architecture }).Packages.Select(p => p.Architecture));
        Assert.Equal("arm64 all", Names("debian-12", "aarch64"));
        Assert.Equal("aarch64 noarch", Names("rocky-9", "aarch64"));
        Assert.Equal("ArchitectureUnknown", Assert.Throws<OmnibusException>(() => Names("rocky-9", "vax")).Id);
    }

    [Theory]
    [InlineData("conffile", "/etc/notes.conf", "", PackageEntryFlags.Config | PackageEntryFlags.NoReplace)]
    [InlineData("conffile", "/etc/notes.conf", ", config: true", PackageEntryFlags.Config)]
    [InlineData("conffile", "/etc/notes.conf", ", config: false", PackageEntryFlags.None)]
    [InlineData("conffile", "/usr/share/notes.conf", "", PackageEntryFlags.None)]
    public void What_lies_below_etc_is_configuration_unless_it_is_said_otherwise(string file, string to, string rest, PackageEntryFlags expected)
    {
        using RecipeFolder folder = new RecipeFolder(RecipeFolder.Head + $"packages: [{{ name: notes, files: [{{ file: {file}, to: {to}{rest} }}] }}]\n").With(file);
        Assert.Equal(expected, folder.Load().Plan("debian-12").Packages[0].Content[0].Flags);
    }

    [Theory]
    [InlineData("../outside", "RecipePathOutside")]
    [InlineData("sub/../../outside", "RecipePathOutside")]
    [InlineData("link/outside", "RecipePathOutside")]
    [InlineData("missing", "RecipeFileNotFound")]
    [InlineData("sub", "RecipeFileNotFound")]
    [InlineData("${build}/../outside", "RecipePathOutside")]
    [InlineData("${build}er/x", "RecipePathOutside")]
    public void A_path_that_leaves_the_folder_or_leads_nowhere_is_an_error(string path, string id)
    {
        using RecipeFolder folder = new RecipeFolder(RecipeFolder.Head + $"packages: [{{ name: notes, files: [{{ file: '{path}', to: /usr/share/notes/x }}] }}]\n").WithFolder("sub");
        string outside = folder.Path + "-outside";
        Directory.CreateDirectory(outside);
        try
        {
            File.WriteAllText(Path.Join(outside, "outside"), "x");
            File.CreateSymbolicLink(Path.Join(folder.Path, "link"), outside);
            var error = Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-12"));
            Assert.Equal(id, error.Id);
            Assert.StartsWith($"{folder.RecipePath}:6:", error.Message, StringComparison.Ordinal);

            // The same file by its absolute path is meant to come from elsewhere.
            File.WriteAllText(folder.RecipePath, RecipeFolder.Head + $"packages: [{{ name: notes, files: [{{ file: '{outside}/outside', to: /usr/share/notes/x }}] }}]\n");
            Assert.Equal(outside + "/outside", ((FileItem)folder.Load().Plan("debian-12").Packages[0].Content[0]).Source.Path);
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Theory]
    [InlineData("{ directory: /usr/share/../../etc }", "RecipePathInvalid")]
    [InlineData("{ directory: / }", "RecipePathInvalid")]
    [InlineData("{ directory: /a }, { link: /a, target: b }", "RecipeDuplicatePath")]
    [InlineData("{ directory: //a/ }, { ghost: /a }", "RecipeDuplicatePath")]
    [InlineData("{ text: x }", "RecipeMissingKey")]
    [InlineData("{ link: /a }", "RecipeMissingKey")]
    public void A_place_on_the_target_must_be_one_and_only_once(string files, string id)
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + $"packages: [{{ name: notes, files: [{files}] }}]\n");
        Assert.Equal(id, Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-12")).Id);
    }

    [Theory]
    [InlineData("packages: [{ name: notes }, { name: notes }]", "RecipeDuplicateName")]
    [InlineData("packages: [{ name: notes, base: nots }]", "RecipeBaseUnknown")]
    [InlineData("packages: [{ name: notes, base: notes }]", "RecipeBaseUnknown")]
    [InlineData("packages: [{ name: notes, environment: true }]", "RecipeKeysExclude")]
    [InlineData("packages: [{ name: notes, commands: [notes] }]", "RecipeMissingKey")]
    [InlineData("packages: [{ name: notes, depends: ['a >='] }]", "RecipeValueInvalid")]
    [InlineData("packages: [{ name: notes, depends: ['(a if b)'] }]", "RecipeRelationUnsupported")]
    [InlineData("packages: [{ name: notes, only-for: [rpm] }]", "RecipeValueInvalid")]
    [InlineData("packages: [{ name: notes }]\npython: { path: /opt }", "RecipePathInvalid")]
    [InlineData("packages: [{ name: a1 }, { name: a2 }]\npython: {}", "RecipeEnvironmentUnplaced")]
    [InlineData("packages: [{ name: notes }]\nchangelog: [{ date: 2026-02-31, changes: [x] }]", "RecipeValueInvalid")]
    public void What_cannot_be_planned_is_an_error_with_its_place(string rest, string id)
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + rest + "\n");
        var error = Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-12"));
        Assert.Equal(id, error.Id);
        Assert.Matches(":[0-9]+:[0-9]+: ", error.Message);
    }

    [Fact]
    public void A_compression_that_the_target_cannot_read_is_refused()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head.Replace("rocky-9", "debian-11", StringComparison.Ordinal) + "packages: [{ name: notes }]\ncompression: { kind: zstd, level: 9 }\n");
        Assert.Equal(new CompressionSettings(CompressionKind.Zstd, 9), folder.Load().Plan("debian-12").Compression);
        Assert.Equal("RecipeCompressionUnsupported", Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-11")).Id);
    }

    [Fact]
    public void A_distribution_that_the_recipe_does_not_name_is_refused()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes }]\n");
        var error = Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-13"));
        Assert.Equal("RecipeDistributionNotListed", error.Id);
        Assert.Contains("debian-12, rocky-9", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_can_bring_a_distribution_of_its_own()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head.Replace("[debian-12, rocky-9]", "[{ name: mine-1, like: rocky-9, family: mine, dist-tag: .m1 }]", StringComparison.Ordinal)
            + "packages: [{ name: notes, overrides: { mine: { summary: mine }, mine-1: { depends: [x] } } }]\n");
        BuildPlan plan = folder.Load().Plan("mine-1");
        Assert.Equal(("mine", "x", ".m1"), (plan.Packages[0].Summary, Names(plan.Packages[0]), plan.Distribution.DistTag));
    }

    [Fact]
    public void Scripts_carry_their_interpreter()
    {
        using RecipeFolder folder = new RecipeFolder(RecipeFolder.Head + """
            packages:
            - name: notes
              scripts:
                pre-install: { text: "true\n" }
                post-install: scripts/post
                pre-remove: { text: "echo ${name}\n", interpreter: [/bin/bash, -eu] }
              triggers:
              - { deb: interest-noawait, on: [/usr/bin/python3.11] }
              - { rpm: transfiletriggerin, on: [/usr/lib/notes], script: { text: "true\n" }, priority: 5 }
            """).With("scripts/post", "#!/usr/bin/python3 -I -B\nprint()\n");
        PackagePlan deb = folder.Load().Plan("debian-12").Packages[0];
        Assert.Equal(["#!/bin/sh\ntrue\n", "#!/usr/bin/python3 -I -B\nprint()\n", "#!/bin/bash -eu\necho ${name}\n"], deb.Scripts.Select(s => s.Text));
        Assert.Equal(["/usr/bin/python3", "-I -B"], deb.Scripts[1].Interpreter);
        Assert.Equal(("interest-noawait", "/usr/bin/python3.11"), (Assert.Single(deb.Triggers).Directive, deb.Triggers[0].Targets[0].Name));
        PackageTrigger rpm = Assert.Single(folder.Load().Plan("rocky-9").Packages[0].Triggers);
        Assert.Equal((TriggerKind.TransactionFileInstall, "/usr/lib/notes", 5), (rpm.Kind, rpm.Targets[0].Name, rpm.Priority));
    }

    [Fact]
    public void A_changelog_can_come_in_Debians_format()
    {
        using RecipeFolder folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes }]\nchangelog-file: changelog\n").With(
            "changelog",
            "notes (1.4.0-1) unstable; urgency=medium\n\n  * One\n    thing.\n  * Another.\n\n -- A B <a@example.com>  Sat, 21 Nov 2026 10:15:02 +0000\n");
        ChangelogEntry entry = Assert.Single(folder.Load().Plan("debian-12").Packages[0].Changelog);
        Assert.Equal(("1.4.0-1", "A B <a@example.com>", 2026), (entry.Version, entry.Author, entry.Time.Year));
        Assert.Equal(["One thing.", "Another."], entry.Changes);
        folder.With("changelog", "notes (1.4.0-1) unstable; urgency=medium\n\n  * One\n");
        Assert.Equal("RecipeChangelogInvalid", Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-12")).Id);
    }

    [Theory]
    [InlineData("a", "a", RelationOperator.Any, null, null)]
    [InlineData("a (>= 1.0-1)", "a", RelationOperator.GreaterOrEqual, "1.0-1", null)]
    [InlineData("a:any (<< 2:1.0~rc1)", "a", RelationOperator.Less, "2:1.0~rc1", "any")]
    [InlineData("a >= 1.0", "a", RelationOperator.GreaterOrEqual, "1.0", null)]
    [InlineData("a=1", "a", RelationOperator.Equal, "1", null)]
    [InlineData("/usr/sbin/iptables", "/usr/sbin/iptables", RelationOperator.Any, null, null)]
    [InlineData("perl(Foo::Bar) > 3", "perl(Foo::Bar)", RelationOperator.Greater, "3", null)]
    [InlineData("libc.so.6(GLIBC_2.34)(64bit)", "libc.so.6(GLIBC_2.34)(64bit)", RelationOperator.Any, null, null)]
    public void Relations_are_read_in_both_formats_ways(string text, string name, RelationOperator op, string? version, string? architecture)
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + $"packages: [{{ name: notes, depends: ['{text}'] }}]\n");
        Assert.Equal(new RelationTarget(name, op, version, architecture), folder.Load().Plan("rocky-9").Packages[0].Relations[0].Alternatives[0]);
    }

    [Fact]
    public void A_dollar_before_a_variable_keeps_it_as_it_is()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages: [{ name: notes, summary: '${name} $${name} $HOME ${distribution}' }]\n");
        Assert.Equal("notes ${name} $HOME debian-12", folder.Load().Plan("debian-12").Packages[0].Summary);
    }

    [Fact]
    public void A_variable_that_would_blow_up_the_recipe_is_refused()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + $"packages: [{{ name: notes, summary: '${{environment}}' }}]\npython: {{ path: /opt/{new string('a', 100_000)} }}\n");
        Assert.Equal("RecipeTooLarge", Assert.Throws<OmnibusException>(() => folder.Load().Plan("debian-12")).Id);
    }

    private static string Names(PackagePlan package) => string.Join(' ', package.Relations.Select(r => r.Alternatives[0].Name));
}
