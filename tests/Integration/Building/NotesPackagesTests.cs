using System.Net;
using System.Security.Cryptography;
using Omnibus.Core.Building;
using Omnibus.Core.Packages;
using Omnibus.Core.Processes;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Building;

[Collection(NotesPackagesGroup.Name)]
public sealed class NotesPackagesTests(NotesPackages notes) : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_recipe_gives_three_packages_for_each_of_two_distributions_and_a_line_for_each()
    {
        string[] names =
        [
            "example-release-1-1.el9.noarch.rpm", "example-release_1-1+deb12_all.deb", "notes-cli-1.4.0~rc1-1.noarch.rpm", "notes-cli_1.4.0~rc1-1_all.deb", "notes-node-1.4.0~rc1-1.noarch.rpm", "notes-node_1.4.0~rc1-1_all.deb",
            "python-notes-1.4.0~rc1-1.x86_64.rpm", "python-notes_1.4.0~rc1-1_amd64.deb",
        ];
        Assert.Equal(names, Directory.GetFileSystemEntries(notes.Dist).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        string[] lines = notes.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(9, lines.Length);
        Assert.Matches("^key [0-9A-F]{40} Example Packaging <packages@example.com> made$", lines[6]);
        Assert.Matches("^repository .*out/archive/debian-12 debian-12 4 added 0 unchanged$", lines[7]);
        Assert.Matches("^repository .*out/archive/rocky-9 rocky-9 4 added 0 unchanged$", lines[8]);
        Assert.StartsWith("python-notes 1.4.0~rc1-1 amd64 debian-12 ", notes.Output);
    }

    [Fact]
    public void The_source_tree_is_not_touched_and_the_cache_is_left_clean()
    {
        Assert.Equal(notes.Listings.Before, notes.Listings.After);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(notes.Cache, "omnibus", "builds")));
        Assert.False(Directory.Exists("/opt/notes"));
    }

    [Fact]
    public async Task The_environment_names_no_build_path_and_brings_bytecode_that_needs_no_check()
    {
        string root = _scratch.Folder("deb");
        await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["-x", notes.File("python-notes", ".deb"), root]));
        string environment = Path.Combine(root, "opt", "notes");
        Assert.Equal("/usr/bin/python3.11", new FileInfo(Path.Combine(environment, "bin", "python3.11")).LinkTarget);
        Assert.StartsWith("#!/opt/notes/bin/python", File.ReadLines(Path.Combine(environment, "bin", "notes")).First());
        ProgramResult found = await ProgramRunner.TryRunAsync(new ProgramCommand("grep", ["-rlaF", "-e", BuildRootPaths.Staging, "-e", notes.Cache, root]));
        Assert.Equal(string.Empty, found.StandardOutput);
        string[] bytecode = Directory.GetFiles(environment, "*.pyc", SearchOption.AllDirectories);
        Assert.NotEmpty(bytecode);
        Assert.All(bytecode, file => Assert.Equal(1, File.ReadAllBytes(file)[4])); // PEP 552: hash-based, not checked
        Assert.Contains(Directory.GetFiles(environment, "*.so", SearchOption.AllDirectories), f => Path.GetFileName(f).StartsWith("_speedups.cpython-311", StringComparison.Ordinal));
        string copyright = File.ReadAllText(Path.Combine(root, "usr/share/doc/python-notes/copyright"));
        Assert.Contains("Copyright: 2010 Pallets", copyright, StringComparison.Ordinal);
        Assert.Contains("Redistributions of source code must retain", copyright, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dependencies_on_the_interpreter_the_base_and_the_c_library_come_by_themselves()
    {
        PackageFile deb = await PackageFormats.ReadAsync(notes.File("python-notes", ".deb"), PackageReadParts.Control, CancellationToken.None);
        Assert.Equal("python3.11, libc6 (>= 2.14)", deb.Fields.Single(f => f.Key == "Depends").Value);
        PackageFile node = await PackageFormats.ReadAsync(notes.File("notes-node", ".deb"), PackageReadParts.Control, CancellationToken.None);
        Assert.Equal("python-notes (= 1.4.0~rc1-1)", node.Fields.Single(f => f.Key == "Depends").Value);
        string requires = (await ProgramRunner.RunAsync(new ProgramCommand("rpm", ["-qp", "--requires", notes.File("python-notes", ".rpm")]))).StandardOutput;
        Assert.Contains("libc.so.6(GLIBC_2.14)(64bit)\n", requires, StringComparison.Ordinal);
        Assert.Contains("python3.11\n", requires, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Real_apt_installs_from_the_recipe_s_repository_in_a_debian_the_command_and_the_server_answer_and_nothing_is_left()
    {
        using DebianRoot root = await DebianRoot.CreateAsync();

        // Where the recipe's address says; the release package brings the source and the key.
        Directory.CreateDirectory(root.PathOf("/srv/packages"));
        await ProgramRunner.RunAsync(new ProgramCommand("cp", ["-r", notes.Repository("debian-12"), root.PathOf("/srv/packages/debian-12")]));
        await root.RunAsync("dpkg", "-i", root.CopyIn(notes.File("example-release", ".deb")));
        await root.AptAsync("update", "-o", "APT::Update::Error-Mode=any");
        await root.AptAsync("install", "notes-cli", "notes-node");
        Assert.Contains("file:/srv/packages/debian-12", (await root.RunAsync("apt-cache", "policy", "python-notes")).StandardOutput, StringComparison.Ordinal);
        Assert.Equal("1.4.0rc1\n", (await root.RunAsync("notes", "--version")).StandardOutput);
        Assert.Equal(string.Empty, (await root.RunAsync("dpkg", "--verify", "python-notes", "notes-cli", "notes-node")).StandardOutput);
        Assert.True(Directory.Exists(root.PathOf("/etc/systemd/system/multi-user.target.wants")), "the unit is not enabled");
        Assert.True(new FileInfo(root.PathOf("/etc/systemd/system/multi-user.target.wants/notes.service")).LinkTarget is not null, "the unit is not enabled");

        int port = FreePort.Next();
        using var stop = new CancellationTokenSource();
        Task<ProgramResult> server = ProgramRunner.TryRunAsync(
            root.Command("notes-server", "--config", "/etc/notes/notes.conf", "--database", "/tmp/notes.db", "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            null,
            stop.Token);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            Assert.Equal("{\"status\": \"ok\", \"version\": \"1.4.0rc1\"}", await Answer(client, "health", server));
            await root.RunAsync("notes", "--server", client.BaseAddress.ToString(), "add", "<b>coffee</b>");
            Assert.Contains("&lt;b&gt;coffee&lt;/b&gt;", await client.GetStringAsync("/"), StringComparison.Ordinal);
        }
        finally
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server);
        }

        await root.AptAsync("purge", "notes-node", "notes-cli", "python-notes");
        Assert.False(Directory.Exists(root.PathOf("/opt/notes")));
        Assert.False(Path.Exists(root.PathOf("/etc/notes")));
        Assert.Null(new FileInfo(root.PathOf("/etc/systemd/system/multi-user.target.wants/notes.service")).LinkTarget);
    }

    [Fact]
    public async Task Real_rpm_accepts_installs_and_verifies_the_packages_and_the_installed_command_runs()
    {
        string checks = (await ProgramRunner.RunAsync(new ProgramCommand("rpm", ["-K", .. notes.Rpms]))).StandardOutput;
        Assert.Equal(3, checks.Split('\n').Count(l => l.EndsWith(": digests OK", StringComparison.Ordinal)));
        string root = _scratch.Folder("rpm");
        await ProgramRunner.RunAsync(new ProgramCommand("rpm", ["--root", root, "-ivh", "--nodeps", "--noscripts", .. notes.Rpms]));
        ProgramResult verified = await ProgramRunner.TryRunAsync(new ProgramCommand("rpm", ["--root", root, "-V", "--nodeps", "--noscripts", "python-notes", "notes-cli", "notes-node"]));
        Assert.Equal(string.Empty, verified.StandardOutput);

        var buildRoot = new HostBuildRoot(_scratch.Folder("run"));
        ProgramResult run = await buildRoot.RunAsync(
            new BuildCommand("/opt/notes/bin/notes", ["--version"]) { Mounts = [new BuildMount(Path.Combine(root, "opt", "notes"), "/opt/notes")] }, null, CancellationToken.None);
        Assert.Equal("1.4.0rc1\n", run.StandardOutput);
    }

    [Fact]
    public async Task The_scriptlets_enable_the_service_in_real_systemd_and_disable_it_when_rpm_removes_the_package()
    {
        using DebianRoot root = await DebianRoot.CreateAsync();
        await root.AptAsync("update");
        await root.AptAsync("install", "rpm", "systemd");
        string[] rpms = [.. notes.Rpms.Select(rpm => root.CopyIn(rpm))];
        ProgramResult installed = await root.RunAsync("rpm", ["-i", "--nodeps", .. rpms]);
        Assert.DoesNotContain("scriptlet failed", installed.StandardError, StringComparison.Ordinal);
        Assert.Equal("enabled\n", (await root.RunAsync("systemctl", "is-enabled", "notes.service")).StandardOutput);
        Assert.Equal(string.Empty, (await root.RunAsync("rpm", "-V", "--nodeps", "notes-node")).StandardOutput);

        // An upgrade, here to the same version, leaves the service enabled.
        ProgramResult upgraded = await root.RunAsync("rpm", ["-U", "--nodeps", "--replacepkgs", .. rpms]);
        Assert.DoesNotContain("scriptlet failed", upgraded.StandardError, StringComparison.Ordinal);
        Assert.Equal("enabled\n", (await root.RunAsync("systemctl", "is-enabled", "notes.service")).StandardOutput);

        ProgramResult removed = await root.RunAsync("rpm", "-e", "notes-node", "notes-cli", "python-notes");
        Assert.DoesNotContain("scriptlet failed", removed.StandardError, StringComparison.Ordinal);
        Assert.Null(new FileInfo(root.PathOf("/etc/systemd/system/multi-user.target.wants/notes.service")).LinkTarget);
        Assert.False(Path.Exists(root.PathOf("/opt/notes")));
    }

    [Fact]
    public async Task Lintian_and_rpmlint_find_no_error_that_the_recipe_does_not_account_for()
    {
        var recipe = Recipe.Load(Path.Combine(notes.Example, "omnibus.yml"));
        BuildPlan plan = recipe.Plan("debian-12");
        ProgramResult lintian = await ProgramRunner.TryRunAsync(new ProgramCommand("lintian", ["--no-cfg", "--tag-display-limit", "0", "--allow-root", .. notes.Debs]));
        ProgramResult rpmlint = await ProgramRunner.TryRunAsync(new ProgramCommand("rpmlint", [.. notes.Rpms]));

        // "E: python-notes: tag more" and "python-notes.x86_64: E: tag more".
        var errors = new List<(string Package, string Tag)>();
        errors.AddRange(lintian.StandardOutput.Split('\n').Where(l => l.StartsWith("E: ", StringComparison.Ordinal)).Select(l => l.Split(' ')).Select(w => (w[1].TrimEnd(':'), w[2])));
        errors.AddRange(rpmlint.StandardOutput.Split('\n').Where(l => l.Contains(": E: ", StringComparison.Ordinal)).Select(l => l.Split(' ')).Select(w => (w[0].Split('.')[0], w[2])));
        Assert.NotEmpty(errors);
        Assert.Empty(errors.Where(e => !plan.LintAllowances.Any(a => a.Tag == e.Tag && (a.Packages.Count == 0 || a.Packages.Contains(e.Package)))).Distinct());
        Assert.All(plan.LintAllowances, a => Assert.Contains(errors, e => e.Tag == a.Tag));
    }

    [Fact]
    public async Task Another_user_folder_umask_time_zone_and_locale_give_the_same_bytes()
    {
        using var elsewhere = new ScratchFolder("/var/tmp");
        string example = Path.Combine(elsewhere.Path, "a deeper folder", "notes");
        Directory.CreateDirectory(Path.GetDirectoryName(example)!);
        await ProgramRunner.RunAsync(new ProgramCommand("cp", ["-r", notes.Example, example]));
        bool isRoot = Environment.UserName == "root";
        if (isRoot)
        {
            await ProgramRunner.RunAsync(new ProgramCommand("chown", ["-R", "65534:65534", elsewhere.Path]));
        }

        // The very files of the tests may lie where nobody may read.
        string program = elsewhere.Folder("program");
        await ProgramRunner.RunAsync(new ProgramCommand("cp", ["-rL", AppContext.BaseDirectory + ".", program]));
        await ProgramRunner.RunAsync(new ProgramCommand("chmod", ["-R", "a+rX", program]));
        string dist = Path.Combine(elsewhere.Path, "dist");
        string[] user = isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string command = $"umask 077; exec '{program}/omnibus' run '{example}' --destination '{dist}' --skip-repository";
        ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand("setpriv", [.. user, "sh", "-c", command])
        {
            Environment = new Dictionary<string, string?>
            {
                ["SOURCE_DATE_EPOCH"] = NotesPackages.Epoch,
                ["XDG_CACHE_HOME"] = Path.Combine(elsewhere.Path, "cache"),
                ["HOME"] = elsewhere.Path,
                ["TZ"] = "Asia/Kathmandu",
                ["LC_ALL"] = "tr_TR.UTF-8",
                ["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT"),
            },
        });
        Assert.True(result.ExitCode == 0, result.StandardError);
        Assert.Equal(Digests(notes.Dist), Digests(dist));
    }

    private static IEnumerable<string> Digests(string folder) =>
        Directory.GetFiles(folder, "*notes*").Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}");

    private static async Task<string> Answer(HttpClient client, string path, Task<ProgramResult> server)
    {
        for (int i = 0; i < 300; i++)
        {
            if (server.IsCompleted)
            {
                Assert.Fail("the server ended: " + (await server).StandardError);
            }

            try
            {
                HttpResponseMessage answer = await client.GetAsync(path);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return await answer.Content.ReadAsStringAsync();
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100);
            }
        }

        throw new TimeoutException("the server does not answer");
    }
}
