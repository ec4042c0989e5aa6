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
        _scratch.Write("lonely/setup.py", "from setuptools import setup\nsetup(name='lonely', version='1', license='MIT', py_modules=['lonely'], install_requires=['absent-thing'])\n");
        _scratch.Write("lonely/lonely.py", "pass\n");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(
            () => Build(new PythonEnvironmentSpec { Interpreter = Interpreter, EnvironmentPath = "/opt/x", Projects = [Path.Combine(_scratch.Path, "lonely")], NoIndex = true, RequireHashes = true }));
        Assert.True(error.Id == "PythonEnvironmentInvalid", error.ToString());
        Assert.Contains(error.Findings, f => f.Id == "PythonDependencyMissing" && f.Message.Contains("absent-thing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_build_leaves_of_its_own_paths_is_found_all_at_once()
    {
        _scratch.Write("leaky/setup.py", """
            import os
            from setuptools import setup
            open('leaky.py', 'w').write('BUILT_IN = %r\n' % os.getcwd())
            open('leaky-run', 'w').write('#!/usr/local/nowhere/tool\n')
            setup(name='leaky', version='1', py_modules=['leaky'], scripts=['leaky-run'])
            """);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(
            () => Build(new PythonEnvironmentSpec { Interpreter = Interpreter, EnvironmentPath = "/opt/x", Projects = [Path.Combine(_scratch.Path, "leaky")], NoIndex = true, RequireLicenses = true }));
        Assert.True(error.Id == "PythonEnvironmentInvalid", error.ToString());
        Assert.Contains(error.Findings, f => f.Id == "StagingPathLeft" && f.Path!.EndsWith("/leaky.py", StringComparison.Ordinal));
        Assert.Contains(error.Findings, f => f.Id == "StagingPathLeft" && f.Path!.EndsWith(".pyc", StringComparison.Ordinal));
        Assert.Contains(error.Findings, f => f.Id == "ShebangInvalid" && f.Path == "/opt/x/bin/leaky-run");
        Assert.Contains(error.Findings, f => f.Id == "PythonLicenseMissing" && f.Severity == FindingSeverity.Error);
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
