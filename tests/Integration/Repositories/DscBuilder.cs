using System.Diagnostics;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Makes source packages with dpkg-source.</summary>
internal static class DscBuilder
{
    public static string Build(ScratchFolder scratch, string name, string version)
    {
        string upstream = version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..version.LastIndexOf('-')];
        string tree = $"source/{name}-{upstream}";
        scratch.Write($"{tree}/text", $"{name} {version}");
        scratch.Write($"{tree}/debian/source/format", "3.0 (quilt)\n");
        scratch.Write($"{tree}/debian/changelog", $"{name} ({version}) unstable; urgency=low\n\n  * Change.\n\n -- Tests <tests@example.com>  Mon, 01 Jan 2024 00:00:00 +0000\n");
        scratch.Write($"{tree}/debian/control", $"""
            Source: {name}
            Section: utils
            Priority: optional
            Maintainer: Tests <tests@example.com>
            Uploaders: Second <second@example.com>
            Build-Depends: debhelper-compat (= 13), python3
            Standards-Version: 4.6.2
            Rules-Requires-Root: no
            Vcs-Git: https://example.com/{name}.git
            Homepage: https://example.com/

            Package: {name}
            Architecture: any
            Description: program
             text

            Package: {name}-doc
            Section: doc
            Architecture: all
            Description: documentation
             text

            """);
        string folder = Path.Combine(scratch.Path, "source");
        Run(folder, "tar", "--exclude=debian", "-czf", $"{name}_{upstream}.orig.tar.gz", $"{name}-{upstream}");
        Run(folder, "dpkg-source", "-b", $"{name}-{upstream}");
        return Path.Combine(folder, $"{name}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}.dsc");
    }

    private static void Run(string folder, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{output}{errors.Result}");
    }
}
