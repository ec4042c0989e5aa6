using System.Diagnostics;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Cli;

public sealed class OmnibusRunTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_recipe_is_built_with_one_line_a_package_and_exit_code_0()
    {
        OmnibusProgram.Result result = await Run("run", Recipe(), "--destination", Path.Combine(_scratch.Path, "dist"), "--version", "2.0.1");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("tool 2.0.1-1 all debian-12 ", Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(string.Empty, result.Error);
    }

    [Fact]
    public async Task The_recipe_s_repository_is_filled_once_and_left_alone_the_second_time()
    {
        string recipe = Recipe(string.Empty, "repository: { path: 'archive/${distribution}', address: 'https://packages.example.com/', destination: published, channel: '{distribution}-{version}' }\n");
        string dist = Path.Combine(_scratch.Path, "dist");
        OmnibusProgram.Result first = await Run("run", recipe, "--destination", dist);
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Matches("(?m)^key [0-9A-F]{40} Example Packaging <packages@example.com> made$", first.Output);
        Assert.Matches("(?m)^repository .*archive/debian-12 debian-12 2 added 0 unchanged$", first.Output);
        Assert.Matches("(?m)^published .*published/debian-12 debian-12 2 added 0 unchanged$", first.Output);
        byte[] pointer = File.ReadAllBytes(Path.Combine(_scratch.Path, "archive/debian-12/dists/bookworm/InRelease"));

        OmnibusProgram.Result second = await Run("run", recipe, "--destination", dist);
        Assert.True(second.ExitCode == 0, second.ToString());
        Assert.DoesNotContain("key ", second.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^repository .*archive/debian-12 debian-12 0 added 2 unchanged$", second.Output);
        Assert.Matches("(?m)^published .*published/debian-12 debian-12 0 added 2 unchanged$", second.Output);
        Assert.Equal(pointer, File.ReadAllBytes(Path.Combine(_scratch.Path, "archive/debian-12/dists/bookworm/InRelease")));
        Assert.Equal(["tool_1.0.0-1_all.deb", "tool-release_1-1+deb12_all.deb"], Directory.GetFiles(dist).Select(Path.GetFileName).Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task A_key_that_is_not_there_and_cannot_be_made_is_an_error_before_anything_is_published()
    {
        string recipe = Recipe(string.Empty, "repository: { path: archive, signing-key: nobody@example.com }\n");
        OmnibusProgram.Result result = await Run("run", recipe, "--destination", Path.Combine(_scratch.Path, "dist"));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("Id: SigningKeyNotFound", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Folder("archive")));
    }

    [Theory]
    [InlineData("run", "--no-such-option")]
    [InlineData("march")]
    [InlineData("run", "/no/such/omnibus.yml")]
    public async Task A_wrong_command_line_or_recipe_gives_exit_code_2(params string[] arguments)
    {
        OmnibusProgram.Result result = await Run(arguments);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith("omnibus: ", result.Error);
        Assert.Equal(string.Empty, result.Output);
    }

    [Fact]
    public async Task A_mistake_in_the_recipe_is_said_with_its_place_and_id()
    {
        OmnibusProgram.Result result = await Run("run", Recipe("        depend: [other]\n"));
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Matches(@"^omnibus: .*omnibus\.yml:\d+:\d+: unknown key 'depend' in packages\[0\]; did you mean 'depends'\?", result.Error);
        Assert.Contains("Id: RecipeUnknownKey", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_fails_gives_exit_code_1_the_error_and_what_to_do()
    {
        _scratch.Write("payload", "x");
        string recipe = Recipe("        files: [{ file: payload, to: /usr/lib/tool/a }, { tree: empty, to: /usr/lib/tool }]\n");
        _scratch.Write("empty/a", "y");
        OmnibusProgram.Result result = await Run("run", recipe, "--destination", Path.Combine(_scratch.Path, "dist"));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("    What to do: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("    Id: ContentDuplicatePath", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_scratch.Path, "dist")));
    }

    [Fact]
    public async Task What_may_not_be_read_is_named()
    {
        string secret = _scratch.Write("secret", "x");
        File.SetUnixFileMode(secret, UnixFileMode.None);
        string recipe = Recipe("        files: [{ file: secret, to: /usr/share/tool/ }]\n");
        string dist = _scratch.Folder("dist");
        string cache = _scratch.Folder("cache");
        string program = _scratch.Folder("program");
        bool isRoot = Environment.UserName == "root";
        await Omnibus.Core.Processes.ProgramRunner.RunAsync(new("sh", ["-euc", $"cp -rL '{AppContext.BaseDirectory}.' '{program}'; chmod -R a+rX '{program}'; chmod 0777 '{dist}' '{cache}'"]));
        string[] user = isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        var result = await Omnibus.Core.Processes.ProgramRunner.TryRunAsync(new("setpriv", [.. user, Path.Combine(program, "omnibus"), "run", recipe, "--destination", dist])
        {
            Environment = new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = cache, ["HOME"] = cache, ["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT") },
        });
        Assert.True(result.ExitCode == 1, result.StandardError);
        Assert.Contains("Id: ContentUnreadable", result.StandardError, StringComparison.Ordinal);
        Assert.Contains(secret, result.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(dist));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_build_soon_and_leaves_nothing()
    {
        string recipe = Recipe(string.Empty, "build: [{ run: \"touch $OMNIBUS_BUILD/started; sleep 600\" }]\n");
        string cache = _scratch.Folder("cache");
        // A shell starts its background jobs with SIGINT ignored, and so would be the program in tests run from one.
        using Process process = OmnibusProgram.Start(
            ["run", recipe, "--destination", Path.Combine(_scratch.Path, "dist")],
            new Dictionary<string, string> { ["XDG_CACHE_HOME"] = cache },
            "env",
            "--default-signal=INT");
        for (int i = 0; i < 600 && Directory.GetFiles(cache, "started", SearchOption.AllDirectories).Length == 0; i++)
        {
            Assert.False(process.HasExited);
            await Task.Delay(100);
        }

        var watch = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
        Assert.Equal(130, process.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(_scratch.Path, "dist")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(cache, "omnibus", "builds")));
    }

    private Task<OmnibusProgram.Result> Run(params string[] arguments) =>
        OmnibusProgram.RunAsync(arguments, new Dictionary<string, string> { ["XDG_CACHE_HOME"] = Path.Combine(_scratch.Path, "cache"), ["OMNIBUS_HOME"] = Path.Combine(_scratch.Path, "home") });

    private string Recipe(string package = "", string more = "") => _scratch.Write("omnibus.yml", $"""
        name: tool
        version: 1.0
        maintainer: Example Packaging <packages@example.com>
        license: MIT
        summary: A tool of the tests
        distributions: [debian-12]
        {more}packages:
          - name: tool
        {package.Replace("        ", "    ", StringComparison.Ordinal)}
        """);
}
