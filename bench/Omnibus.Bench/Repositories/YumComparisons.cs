using System.Diagnostics;
using System.Globalization;

namespace Omnibus.Bench.Repositories;

/// <summary>createrepo_c and Omnibus on the same rpms: all of them, and one more.</summary>
internal static class YumComparisons
{
    /// <summary>Prepares both sides.</summary>
    public static async Task<IReadOnlyList<Comparison>> MakeAsync(string scratch, string rpms, string program)
    {
        string peer = Path.Combine(scratch, "createrepo");
        string ours = Path.Combine(scratch, "yum");
        string one = Path.Combine(scratch, "one-rpm");
        await RepositoryWork.MakePackagesAsync("Rpm", one, 1, first: 100_000);
        string added = Directory.GetFiles(one).Single();
        Run("cp", "-al", rpms, peer);
        Run("createrepo_c", "-q", peer);
        Run("cp", "-a", peer + "/repodata", peer + "-repodata");
        await RepositoryWork.PublishAsync(rpms, ours);
        string extra = Path.Combine(peer, Path.GetFileName(added));

        // Ours is brought back by hand as well: the metadata and the record of a run before.
        Run("cp", "-a", ours, ours + "-before");
        int run = 0;
        var cold = new Comparison(
            string.Create(CultureInfo.InvariantCulture, $"metadata of {Directory.GetFiles(rpms).Length:N0} rpms"),
            new Contender("createrepo_c", "createrepo_c", "-q", peer)
            {
                Prepare = () =>
                {
                    File.Delete(extra);
                    Directory.Delete(peer + "/repodata", recursive: true);
                },
            },
            new Contender("Omnibus", "sh", "-c", $"exec {program} repository metadata {rpms} $(mktemp -d -p {scratch})"),
            1.0);
        var more = new Comparison(
            "one rpm more",
            new Contender("createrepo_c --update", "createrepo_c", "-q", "--update", peer)
            {
                Prepare = () =>
                {
                    Directory.Delete(peer + "/repodata", recursive: true);
                    Run("cp", "-a", peer + "-repodata", peer + "/repodata");
                    File.Copy(added, extra, overwrite: true);
                },
            },
            new Contender("Omnibus", "sh", "-c", $"exec {program} repository add {ours}-current {added}")
            {
                Prepare = () =>
                {
                    string copy = $"{ours}-{run++}";
                    Run("cp", "-al", ours + "-before", copy);
                    File.Delete(ours + "-current");
                    File.CreateSymbolicLink(ours + "-current", copy);
                },
            },
            0.5);
        return [cold, more];
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed");
        }
    }
}
