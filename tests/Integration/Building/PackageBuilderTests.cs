using System.Diagnostics;
using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Processes;
using Omnibus.Core.Recipes;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Building;

public sealed class PackageBuilderTests : IDisposable
{
    private const string Head = """
        name: tool
        version: 1.0
        maintainer: Example Packaging <packages@example.com>
        license: MIT
        summary: A tool of the tests
        distributions: [debian-12]

        """;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Dist => Path.Combine(_scratch.Path, "dist");

    [Fact]
    public async Task A_tree_is_packaged_byte_for_byte_with_nested_build_and_dist_folders_links_and_regular_modes()
    {
        _scratch.Write("tree/dist/kept.txt", "kept");
        _scratch.Write("tree/lib/dist/kept.txt", "kept too");
        _scratch.Write("tree/build/left-out.txt", "gone");
        _scratch.Write("tree/lib/build/kept.txt", "kept as well");
        _scratch.Write("tree/ns/__init__.py", "x = 1\n");
        string script = _scratch.Write("tree/run.sh", "#!/bin/sh\n");
        File.SetUnixFileMode(script, (UnixFileMode)0b111_000_000);
        File.SetUnixFileMode(Path.Combine(_scratch.Path, "tree/dist"), (UnixFileMode)0b111_000_000);
        await ProgramRunner.RunAsync(new ProgramCommand("ln", [script, Path.Combine(_scratch.Path, "tree", "same.sh")]));
        File.CreateSymbolicLink(Path.Combine(_scratch.Path, "tree", "link"), "lib/dist");
        PackageFile package = Assert.Single(await Build("""
            packages:
              - name: tool
                files:
                  - tree: tree
                    to: /usr/share/tool
                    exclude: [/build]
            """));
        string[] listing = (await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["-c", package.Path]))).StandardOutput.Split('\n');
        string[] Of(string path) => [.. listing.Where(l => l.Contains(path, StringComparison.Ordinal))];
        Assert.NotEmpty(Of("./usr/share/tool/dist/kept.txt"));
        Assert.NotEmpty(Of("./usr/share/tool/lib/dist/kept.txt"));
        Assert.NotEmpty(Of("./usr/share/tool/lib/build/kept.txt"));
        Assert.Empty(Of("left-out"));
        Assert.StartsWith("-rwxr-xr-x root/root", Of("/run.sh")[0]);
        Assert.StartsWith("drwxr-xr-x root/root", Of("./usr/share/tool/dist/")[0]);
        Assert.Contains("/same.sh link to ./usr/share/tool/run.sh", string.Join('\n', listing), StringComparison.Ordinal);
        Assert.Contains("/link -> lib/dist", Of("/link")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_cannot_be_packaged_is_said_at_once()
    {
        _scratch.Write("tree/file", "one");
        _scratch.Write("other", "two");
        File.CreateSymbolicLink(Path.Combine(_scratch.Path, "tree", "out"), "../../../../etc/passwd");
        await ProgramRunner.RunAsync(new ProgramCommand("mkfifo", [Path.Combine(_scratch.Path, "tree", "pipe")]));
        OmnibusException error = await Fails("""
            packages:
              - name: tool
                files:
                  - { tree: tree, to: /usr/share/tool }
                  - { file: other, to: /usr/share/tool/file }
            """);
        Assert.True(error.Id == "ContentInvalid", error.ToString());
        Assert.Equal(["ContentDuplicatePath", "ContentLinkOutside", "ContentSpecialFile"], error.Findings.Select(f => f.Id).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists(Dist));
    }

    [Fact]
    public async Task A_failing_step_shows_the_end_of_its_log_and_leaves_nothing()
    {
        OmnibusException error = await Fails("""
            build:
              - name: compile
                run: |
                  echo "line of the compiler" >&2
                  touch "$OMNIBUS_BUILD/half"
                  exit 3
            packages:
              - name: tool
                files: [{ directory: /var/lib/tool }]
            """);
        Assert.True(error.Id == "BuildStepFailed", error.ToString());
        Assert.Contains("'compile' ended with exit code 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("line of the compiler", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Dist));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_scratch.Path, "cache", "builds")));
    }

    [Fact]
    public async Task Steps_get_their_variables_and_cannot_write_to_the_source()
    {
        _scratch.Write("input.txt", "in");
        PackageFile package = Assert.Single(await Build("""
            build:
              - run: |
                  cat "$OMNIBUS_SOURCE/input.txt" > "$OMNIBUS_BUILD/out.txt"
                  echo " $GREETING $OMNIBUS_NAME $OMNIBUS_VERSION" >> out.txt
                  if touch "$OMNIBUS_SOURCE/written" 2>/dev/null; then exit 9; fi
                environment: { GREETING: hello there }
            packages:
              - name: tool
                files: [{ file: "${build}/out.txt", to: /usr/share/tool/ }]
            """));
        string content = (await ProgramRunner.RunAsync(new ProgramCommand("sh", ["-c", "dpkg-deb --fsys-tarfile \"$1\" | tar -xO ./usr/share/tool/out.txt", "sh", package.Path]))).StandardOutput;
        Assert.Equal("in hello there tool 1.0\n", content);
        Assert.False(File.Exists(Path.Combine(_scratch.Path, "written")));
    }

    [Fact]
    public async Task A_package_that_is_there_with_other_content_is_kept_unless_forced()
    {
        _scratch.Write("file", "one");
        const string Packages = "packages: [{ name: tool, files: [{ file: file, to: /usr/share/tool/ }] }]\n";
        // Written once: the time of the newest input is in the package, and the recipe is one.
        string recipe = Write(Packages);
        PackageFile first = Assert.Single(await BuildFile(recipe));
        byte[] bytes = File.ReadAllBytes(first.Path);
        Assert.Single(await BuildFile(recipe));
        _scratch.Write("file", "two");
        OmnibusException error = await Fails(Packages);
        Assert.True(error.Id == "PackageExists", error.ToString());
        Assert.Equal(bytes, File.ReadAllBytes(first.Path));
        Assert.Single(Directory.GetFileSystemEntries(Dist));
        Assert.Single(await Build(Packages, force: true));
        Assert.NotEqual(bytes, File.ReadAllBytes(first.Path));
    }

    [Fact]
    public async Task The_version_comes_from_git_where_the_recipe_says_so()
    {
        _scratch.Write("file", "one");
        string recipe = Write("packages: [{ name: tool, files: [{ file: file, to: /usr/share/tool/ }] }]\n");
        File.WriteAllText(recipe, File.ReadAllText(recipe).Replace("version: 1.0", "version: { from: git }", StringComparison.Ordinal));
        string script = """
            cd "$1"; git init -q; git add file omnibus.yml
            git -c user.name=x -c user.email=x@example.com commit -qm one; git -c user.name=x -c user.email=x@example.com tag -m v v2.1.0
            """;
        await ProgramRunner.RunAsync(new ProgramCommand("sh", ["-euc", script, "sh", _scratch.Path]));
        Assert.Equal("2.1.0-1", Assert.Single(await BuildFile(recipe)).FullVersion.ToString());
    }

    [Fact]
    public async Task Cancellation_ends_a_step_soon_and_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        string recipe = Write("""
            build: [{ run: "touch $OMNIBUS_BUILD/started; sleep 600" }]
            packages: [{ name: tool, files: [{ directory: /var/lib/tool }] }]
            """);
        Task<List<PackageFile>> build = BuildFile(recipe, cancellationToken: stop.Token);
        for (int i = 0; i < 600 && Directory.GetFiles(_scratch.Folder("cache"), "started", SearchOption.AllDirectories).Length == 0; i++)
        {
            await Task.Delay(100);
        }

        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
        Assert.False(Directory.Exists(Dist));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_scratch.Path, "cache", "builds")));
    }

    [Fact]
    public async Task A_full_disk_is_said_so_and_nothing_half_written_is_left()
    {
        string big = Path.Combine(_scratch.Path, "big");
        await ProgramRunner.RunAsync(new ProgramCommand("sh", ["-c", "head -c 3000000 /dev/urandom > \"$1\"", "sh", big]));
        string recipe = Write("packages: [{ name: tool, files: [{ file: big, to: /usr/share/tool/ }] }]\n");

        // The destination is a file system of one megabyte.
        string check = "\"$0\" \"$@\"; code=$?; ls -A /small/dist 2>/dev/null; exit $code";
        OmnibusProgram.Result result = await OmnibusProgram.RunAsync(
            ["run", recipe, "--destination", "/small/dist"],
            new Dictionary<string, string> { ["XDG_CACHE_HOME"] = Path.Combine(_scratch.Path, "cache") },
            "bwrap", "--dev-bind", "/", "/", "--size", "1048576", "--tmpfs", "/small", "--", "sh", "-c", check);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Id: DiskFull", result.Error, StringComparison.Ordinal);
        Assert.Equal(string.Empty, result.Output);
    }

    [Fact]
    public async Task An_interpreter_that_the_target_lacks_is_refused_before_anything_is_built()
    {
        _scratch.Folder("house");
        OmnibusException error = await Fails("""
            python: { interpreter: python3.13, wheels: [house], packages: [nothing] }
            packages: [{ name: tool }]
            """);
        Assert.True(error.Id == "PythonTargetMismatch", error.ToString());
        Assert.Contains("debian-12", error.Message, StringComparison.Ordinal);
        Assert.Contains("/usr/bin/python3.13", error.Message, StringComparison.Ordinal);
        Assert.Contains("Python 3.11", error.Message, StringComparison.Ordinal);
    }

    private async Task<OmnibusException> Fails(string packages) => await Assert.ThrowsAsync<OmnibusException>(() => Build(packages));

    private Task<List<PackageFile>> Build(string packages, bool force = false) => BuildFile(Write(packages), force);

    private async Task<List<PackageFile>> BuildFile(string path, bool force = false, CancellationToken cancellationToken = default)
    {
        var recipe = Recipe.Load(path);
        var options = new BuildOptions(Dist) { Force = force, CacheDirectory = Path.Combine(_scratch.Path, "cache") };
        var built = new List<PackageFile>();
        await foreach (PackageFile package in PackageBuilder.BuildAsync([recipe.Plan("debian-12")], options, null, cancellationToken))
        {
            built.Add(package);
        }

        return built;
    }

    private string Write(string packages) => _scratch.Write("omnibus.yml", Head + packages);
}
