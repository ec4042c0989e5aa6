using System.Diagnostics;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>A root of apt's own, which touches nothing of the host: state, cache, sources and an empty dpkg database.</summary>
internal sealed class AptRoot
{
    private readonly ScratchFolder _folder;
    private readonly string _name;

    public AptRoot(ScratchFolder folder, string name, string source, bool byHash = true, string configuration = "")
    {
        _folder = folder;
        _name = name;
        foreach (string part in new[] { "state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "etc/auth.conf.d", "etc/parts", "etc/trusted", "root/var/lib/dpkg/updates", "root/var/lib/dpkg/info", "log" })
        {
            folder.Folder(name, part);
        }

        folder.Write($"{name}/root/var/lib/dpkg/status", string.Empty);
        folder.Write($"{name}/root/var/lib/dpkg/available", string.Empty);
        folder.Write($"{name}/etc/parts/test.sources", source);
        folder.Write($"{name}/apt.conf", $"""
            Dir "{PathOf("")}";
            Dir::State "{PathOf("state")}";
            Dir::State::status "{PathOf("root/var/lib/dpkg/status")}";
            Dir::Cache "{PathOf("cache")}";
            Dir::Log "{PathOf("log")}";
            Dir::Etc "{PathOf("etc")}";
            Dir::Etc::sourcelist "/dev/null";
            Dir::Etc::sourceparts "{PathOf("etc/parts")}";
            Dir::Etc::trustedparts "{PathOf("etc/trusted")}";
            Dir::Bin::Methods "/usr/lib/apt/methods";
            Dir::Bin::dpkg "/usr/bin/dpkg";
            APT::Architecture "amd64";
            APT::Architectures "amd64";
            APT::Sandbox::User "root";
            Acquire::Languages "none";
            Acquire::By-Hash "{(byHash ? "yes" : "no")}";
            DPkg::Options "--root={PathOf("root")}";
            DPkg::Options "--force-not-root";
            DPkg::Options "--force-bad-path";
            {configuration}
            """.Replace("DPkg::Options \"", "DPkg::Options:: \"", StringComparison.Ordinal));
    }

    /// <summary>A path inside.</summary>
    public string PathOf(string relative) => Path.Combine(_folder.Path, _name, relative);

    /// <summary>Runs apt-get or another program of apt on this root.</summary>
    public (int ExitCode, string Output) Run(string program, params string[] arguments) => RunIn(null, program, arguments);

    /// <summary>Runs it in a folder and demands success.</summary>
    public string RequireIn(string folder, string program, params string[] arguments)
    {
        (int exitCode, string output) = RunIn(folder, program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }

    private (int ExitCode, string Output) RunIn(string? folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? string.Empty };
        start.Environment["APT_CONFIG"] = PathOf("apt.conf");
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>Runs it and demands success.</summary>
    public string Require(string program, params string[] arguments)
    {
        (int exitCode, string output) = Run(program, arguments);
        Assert.True(exitCode == 0 && !output.Contains("\nE:", StringComparison.Ordinal) && !output.Contains("\nW:", StringComparison.Ordinal), $"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }
}
