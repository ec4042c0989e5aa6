using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Python;
using Omnibus.Core.Python.Checks;

namespace Omnibus.Tests.Unit.Python;

public sealed class EnvironmentCheckTests : IDisposable
{
    private const string Staging = "/.staging-of-this-test";
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-environment-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_staging_path_across_the_border_of_two_blocks_is_found()
    {
        byte[] bytes = new byte[600_000];
        Encoding.UTF8.GetBytes(Staging).CopyTo(bytes, (256 * 1024) - 5);
        Write("lib/a.bin", bytes);
        Write("lib/b.bin", new byte[600_000]);
        File.CreateSymbolicLink(Path.Combine(_folder, "lib", "link"), Staging + "/x");
        Assert.Equal(["/opt/x/lib/a.bin", "/opt/x/lib/link"], StagingPathCheck.Run(Scan(), CancellationToken.None).Select(f => f.Path));
    }

    [Theory]
    [InlineData("#!/opt/x/bin/python\n", true)]
    [InlineData("#!/opt/x/bin/nothing\n", false)]
    [InlineData("#!/usr/bin/env python3\n", true)]
    [InlineData("#! /bin/sh\n", true)]
    [InlineData("#!/home/build/bin/python\n", false)]
    [InlineData("#!/bin/sh\n'''exec' /opt/x/bin/python \"$0\" \"$@\"\n' '''\nimport a\n", true)]
    [InlineData("#!/bin/sh\n'''exec' \"/opt/x/bin/python\" \"$0\" \"$@\"\n' '''\nimport a\n", true)]
    [InlineData("#!/bin/sh\n'''exec' /home/build/bin/python \"$0\" \"$@\"\n' '''\nimport a\n", false)]
    [InlineData("no script at all", true)]
    public void The_interpreter_of_a_script_is_one_that_the_target_has(string text, bool fine)
    {
        Write("bin/python", "x"u8.ToArray());
        Write("bin/run", Encoding.UTF8.GetBytes(text));
        Assert.Equal(fine, !ShebangCheck.Run(Scan()).Any());
    }

    [Fact]
    public void A_first_line_that_the_kernel_would_cut_is_refused()
    {
        Write("bin/run", Encoding.UTF8.GetBytes("#!/opt/x/bin/" + new string('p', 120) + "\n"));
        Assert.Single(ShebangCheck.Run(Scan()));
    }

    [Fact]
    public void A_file_of_a_record_that_is_missing_changed_or_outside_is_said()
    {
        const string Site = "lib/python3.11/site-packages";
        byte[] init = "x = 1\n"u8.ToArray();
        string hash = Convert.ToBase64String(SHA256.HashData(init)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Write($"{Site}/ns/__init__.py", init);
        Write($"{Site}/ns/emptied.py", []);
        Write($"{Site}/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n\n"u8.ToArray());
        Write($"{Site}/a-1.dist-info/RECORD", Encoding.UTF8.GetBytes($"ns/__init__.py,sha256={hash},6\nns/emptied.py,sha256={hash},6\nns/dist/gone.py,sha256={hash},6\n../../../../../etc/passwd,,\n\"a-1.dist-info/RECORD\",,\nns/x.pyc,,\n"));
        EnvironmentScan scan = Scan();
        var findings = new List<Finding>();
        IReadOnlyList<PythonDistribution> distributions = DistributionCatalog.Read(scan, findings);
        string[] ids = [.. RecordCheck.Run(scan, distributions, CancellationToken.None).Select(f => $"{f.Id} {f.Path}")];
        Assert.Equal(
            [$"RecordHashDiffers /opt/x/{Site}/ns/emptied.py", $"RecordFileMissing /opt/x/{Site}/ns/dist/gone.py", $"RecordPathOutside /opt/x/{Site}/a-1.dist-info/RECORD"], ids);
    }

    [Theory]
    [InlineData("License-Expression: MIT\nLicense: long text", "MIT")]
    [InlineData("License: BSD-3-Clause", "BSD-3-Clause")]
    [InlineData("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "MIT License")]
    [InlineData("License: UNKNOWN", null)]
    public void The_licence_is_what_the_metadata_says(string lines, string? license)
    {
        Write("lib/a-1.dist-info/METADATA", Encoding.UTF8.GetBytes($"Name: a\nVersion: 1\n{lines}\n\nbody\n"));
        EnvironmentScan scan = Scan();
        IReadOnlyList<PythonDistribution> distributions = DistributionCatalog.Read(scan, []);
        Assert.Equal(license, distributions.Single().License);
        Assert.Equal(license is null ? 1 : 0, LicenseCheck.Run(scan, distributions).Count());
    }

    [Fact]
    public void An_environment_that_needs_a_newer_c_library_or_another_python_does_not_run_on_the_target()
    {
        var environment = new PythonEnvironment
        {
            Spec = new PythonEnvironmentSpec { Interpreter = "/usr/bin/python3.11", EnvironmentPath = "/opt/x" },
            Interpreter = new PythonInterpreter("/usr/bin/python3.11", "3.11", "3.11.2", "cpython-311-x86_64-linux-gnu", ["-m", "pip"]),
            HostPath = _folder,
            Distributions = [new PythonDistribution("a", "1", "lib/a-1.dist-info") { Tags = ["cp310-cp310-linux_x86_64"] }],
            Native = NativeRequirements.None with { GlibcFloor = new Version(2, 36), GlibcFloorFile = "lib/a.so" },
        };
        var target = new PythonTarget("rocky-9", [KeyValuePair.Create("/usr/bin/python3.11", "3.11")], new Version(2, 34), "x86_64");
        var error = Assert.Throws<OmnibusException>(() => TargetCheck.Require(environment, target));
        Assert.Equal("PythonTargetMismatch", error.Id);
        Assert.Contains("lib/a.so needs glibc 2.36, and rocky-9 has glibc 2.34", error.Message, StringComparison.Ordinal);
        Assert.Contains("a 1 was built for cp310-cp310-linux_x86_64, and rocky-9 runs Python 3.11 on x86_64", error.Message, StringComparison.Ordinal);
        TargetCheck.Require(environment with { Distributions = [], Native = NativeRequirements.None }, target);
    }

    private EnvironmentScan Scan() => new(new PythonEnvironmentSpec { Interpreter = "/usr/bin/python3", EnvironmentPath = "/opt/x" }, _folder, [Staging]);

    private void Write(string path, byte[] bytes)
    {
        string full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }
}
