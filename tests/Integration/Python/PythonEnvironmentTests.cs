using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Python;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Python;

public sealed class PythonEnvironmentTests : IDisposable
{
    private const string Interpreter = "/usr/bin/python3.11";
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task The_notes_environment_is_built_at_its_final_path_and_passes_every_check()
    {
        PythonEnvironment environment = await Build(Notes());
        Assert.Equal(["jinja2", "markupsafe", "notes"], environment.Distributions.Select(d => d.NormalisedName));
        Assert.Equal("1.4.0rc1", environment.Find("Notes")!.Version);
        Assert.Equal("3.11", environment.Interpreter.Version);
        Assert.NotNull(environment.Native.GlibcFloor);
        Assert.Contains("libc.so.6", environment.Native.Libraries.Keys);
        Assert.StartsWith("#!/opt/notes/bin/python", File.ReadLines(Path.Combine(environment.HostPath, "bin", "notes")).First());
        Assert.Equal("/usr/bin/python3.11", new FileInfo(Path.Combine(environment.HostPath, "bin", "python")).ResolveLinkTarget(true)!.FullName);
        Assert.False(Directory.Exists("/opt/notes"));
        Assert.DoesNotContain(environment.Distributions, d => d.NormalisedName is "pip" or "setuptools");
        string[] bytecode = Directory.GetFiles(environment.HostPath, "*.pyc", SearchOption.AllDirectories);
        Assert.NotEmpty(bytecode);
        Assert.All(bytecode, file =>
        {
            using FileStream stream = File.OpenRead(file);
            byte[] head = new byte[8];
            stream.ReadExactly(head);
            Assert.Equal(1, head[4]); // PEP 552: hash-based, not checked
        });
        Assert.All(environment.Distributions, d => Assert.NotEmpty(d.LicenseFiles));
    }

    [Fact]
    public async Task The_source_tree_of_a_project_is_not_touched()
    {
        string copy = _scratch.Folder("app");
        SourceCopy.Copy(Path.Combine(NotesExample.Folder, "app"), Path.Combine(copy, "notes"), CancellationToken.None);
        string[] Listing() => [.. Directory.EnumerateFileSystemEntries(copy, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{f} {File.GetLastWriteTimeUtc(f).Ticks}")];
        string[] before = Listing();
        await Build(Notes() with { Projects = [Path.Combine(copy, "notes")] });
        Assert.Equal(before, Listing());
    }

    [Fact]
    public async Task A_source_archive_whose_hash_differs_is_refused()
    {
        string house = _scratch.Folder("house");
        foreach (string file in Directory.GetFiles(NotesExample.Wheelhouse))
        {
            File.Copy(file, Path.Combine(house, Path.GetFileName(file)));
        }

        // A gzip file with a changed comment unpacks to the same, but is not the same.
        string changed = Path.Combine(house, "MarkupSafe-2.1.2.tar.gz");
        byte[] bytes = File.ReadAllBytes(changed);
        bytes[4] ^= 1;
        File.WriteAllBytes(changed, bytes);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => Build(Notes() with { WheelDirectories = [house] }));
        Assert.True(error.Id == "PythonHashMismatch", error.ToString());
        Assert.Equal(ErrorKind.Security, error.Kind);
        Assert.Contains("MarkupSafe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_requirement_that_no_wheel_directory_holds_is_named_with_the_end_of_pips_log()
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(
            () => Build(new PythonEnvironmentSpec { Interpreter = Interpreter, EnvironmentPath = "/opt/x", Packages = ["Absent-Thing==2.1.2"], WheelDirectories = [_scratch.Folder("empty")] }));
        Assert.True(error.Id == "PipFailed", error.ToString());
        string first = error.Message.Split('\n')[0];
        Assert.Contains("'Absent-Thing==2.1.2'", first, StringComparison.Ordinal);
        Assert.Contains("no wheel or source in", first, StringComparison.Ordinal);
        Assert.Contains("No matching distribution found", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }

    [Fact]
    public async Task A_project_that_does_not_build_is_an_error_with_its_log()
    {
        _scratch.Write("broken/setup.py", "from setuptools import setup, Extension\nsetup(name='broken', version='1', ext_modules=[Extension('broken', ['broken.c'])])\n");
        _scratch.Write("broken/broken.c", "#error this does not compile\n");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(
            () => Build(new PythonEnvironmentSpec { Interpreter = Interpreter, EnvironmentPath = "/opt/x", Projects = [Path.Combine(_scratch.Path, "broken")], NoIndex = true }));
        Assert.True(error.Id == "PipFailed", error.ToString());
        Assert.Contains("broken", error.Message.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_inputs_are_all_named_before_anything_is_built()
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(
            () => Build(new PythonEnvironmentSpec { Interpreter = Interpreter, EnvironmentPath = "/opt/x", RequirementFiles = ["/no/such.txt"], WheelDirectories = ["/no/house"] }));
        Assert.True(error.Id == "PythonInputMissing", error.ToString());
        Assert.Equal(2, error.Findings.Count);
    }

    [Fact]
    public async Task An_interpreter_that_the_machine_lacks_is_named()
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => Build(Notes() with { Interpreter = "/usr/bin/python3.99" }));
        Assert.True(error.Id == "InterpreterMissing", error.ToString());
    }

    [Fact]
    public async Task Namespace_packages_nested_dist_folders_and_paths_past_127_bytes_survive()
    {
        string project = Path.Combine(_scratch.Path, "ns");
        _scratch.Write("ns/setup.py", """
            from setuptools import setup
            setup(name='ns-part', version='1.0', license='MIT', packages=['ns', 'ns.dist', 'ns.build'], entry_points={'console_scripts': ['ns-run=ns.dist:main']})
            """);
        _scratch.Write("ns/ns/__init__.py", "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n");
        _scratch.Write("ns/ns/dist/__init__.py", "def main():\n    print('it runs')\n");
        _scratch.Write("ns/ns/build/__init__.py", "kept = True\n");
        string longPath = "/opt/" + string.Join('/', Enumerable.Repeat("a-rather-long-folder-name", 5));
        PythonEnvironment environment = await Build(new PythonEnvironmentSpec { Interpreter = Interpreter, EnvironmentPath = longPath, Projects = [project], NoIndex = true });
        string site = Path.Combine(environment.HostPath, "lib", "python3.11", "site-packages");
        Assert.Equal(File.ReadAllText(Path.Combine(project, "ns", "__init__.py")), File.ReadAllText(Path.Combine(site, "ns", "__init__.py")));
        Assert.True(File.Exists(Path.Combine(site, "ns", "dist", "__init__.py")));
        Assert.True(File.Exists(Path.Combine(site, "ns", "build", "__init__.py")));
        Assert.Equal("#!/bin/sh", File.ReadLines(Path.Combine(environment.HostPath, "bin", "ns-run")).First());

        var root = new HostBuildRoot(_scratch.Folder("run"));
        var run = await root.RunAsync(new BuildCommand(longPath + "/bin/ns-run", []) { Mounts = [new BuildMount(environment.HostPath, longPath)] }, null, CancellationToken.None);
        Assert.Equal("it runs\n", run.StandardOutput);
    }

    [Fact]
    public async Task An_unmet_dependency_is_found_where_hashes_are_required()
    {
        string requirements = _scratch.Write("only-jinja.txt", string.Join('\n', File.ReadLines(Path.Combine(NotesExample.Folder, "requirements.txt")).Skip(3).Take(2)).TrimEnd('\\', ' ') + "\n");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(
            () => Build(Notes() with { RequirementFiles = [requirements] }));
        Assert.True(error.Id == "PythonEnvironmentInvalid", error.ToString());
        Assert.Contains(error.Findings, f => f.Id == "PythonDependencyMissing");
    }

    private static PythonEnvironmentSpec Notes() => new()
    {
        Interpreter = Interpreter,
        EnvironmentPath = "/opt/notes",
        RequirementFiles = [Path.Combine(NotesExample.Folder, "requirements.txt")],
        Projects = [Path.Combine(NotesExample.Folder, "app")],
        WheelDirectories = [NotesExample.Wheelhouse],
        RequireHashes = true,
    };

    private Task<PythonEnvironment> Build(PythonEnvironmentSpec spec) => PythonEnvironmentBuilder.BuildAsync(
        spec,
        new PythonBuildContext(new HostBuildRoot(_scratch.Folder("root")), _scratch.Folder("work-" + Guid.NewGuid().ToString("N")[..6]), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)) { Subject = "notes for debian-12" },
        null,
        CancellationToken.None);
}
