using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>A root of dnf's own with one repository, which touches nothing of the host.</summary>
/// <param name="folder">Where it lives.</param>
/// <param name="address">The repository.</param>
/// <param name="packagesSigned">Whether the signatures of packages are demanded.</param>
/// <param name="pointerSigned">Whether the signature of repomd.xml is demanded.</param>
internal sealed class DnfRoot(string folder, string address, bool packagesSigned, bool pointerSigned)
{
    /// <summary>What is installed.</summary>
    public string Root => Path.Combine(folder, "root");

    /// <summary>Runs dnf and takes any exit code.</summary>
    public async Task<ProgramResult> TryRunAsync(params string[] arguments)
    {
        string sources = Directory.CreateDirectory(Path.Combine(folder, "sources")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(sources, "tests.repo"),
            $"[tests]\nname=tests\nbaseurl={address}\nenabled=1\ngpgcheck={(packagesSigned ? 1 : 0)}\nrepo_gpgcheck={(pointerSigned ? 1 : 0)}\ngpgkey={address}/repodata/repomd.xml.key\nmetadata_expire=0\nskip_if_unavailable=0\n");
        Directory.CreateDirectory(Root);
        string log = Directory.CreateDirectory(Path.Combine(folder, "log")).FullName;
        string[] all =
        [
            "--installroot", Root, "--releasever", "9", "--forcearch", "x86_64", "--assumeyes", "--refresh",
            "--setopt", $"reposdir={sources}", "--setopt", $"cachedir={Path.Combine(folder, "cache")}", "--setopt", $"logdir={log}",
            "--setopt", $"persistdir={Path.Combine(folder, "state")}", "--setopt", "install_weak_deps=False", .. arguments,
        ];
        return await ProgramRunner.TryRunAsync(new ProgramCommand("dnf", all) { Timeout = TimeSpan.FromMinutes(3) });
    }

    /// <summary>Runs dnf and demands success.</summary>
    /// <returns>What it said.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        ProgramResult result = await TryRunAsync(arguments);
        string output = result.StandardOutput + result.StandardError;
        Assert.True(result.ExitCode == 0, $"dnf {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{output}");
        return output;
    }
}
