using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Omnibus.Bench.Packages;

/// <summary>One tree through dpkg-deb, rpmbuild and Omnibus: same files, compressor and level.</summary>
internal static class PackagesBench
{
    /// <summary>Runs it and writes bench/results/packages.md.</summary>
    public static async Task RunAsync(BenchOptions options)
    {
        string scratch = Directory.CreateTempSubdirectory("omnibus-bench").FullName;
        try
        {
            string tree = Path.Combine(scratch, "tree");
            (int count, long bytes) = BenchTree.Create(tree);
            string packer = await PublishedProgram.MakeAsync(Path.Combine(scratch, "packer"));
            PrepareDeb(scratch, tree, bytes);
            var results = new List<ComparisonResult>();
            foreach (Comparison comparison in Comparisons(scratch, tree, packer))
            {
                if (options.Only is null || comparison.Title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
                {
                    results.Add(await comparison.RunAsync(options.Runs));
                    Console.WriteLine($"{comparison.Title}: {results[^1].TimeRatio:0.00}");
                }
            }

            string work = string.Create(
                CultureInfo.InvariantCulture,
                $"A tree of {count} files and {bytes / 1_000_000} MB from the installed system becomes a package. dpkg-deb gets the tree with a control file and the md5sums ready; Omnibus computes them. "
                + $"rpmbuild gets the tree by hard links and runs without dependency generators and post-processing scripts. Omnibus is a process of its own, its start counted, compiled ahead of time like the module; 'running session' is its fourth package in one process.");
            Report.Write("packages", "Packages", work, results, options.Runs);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private const string RunsInSession = "4";

    private static IEnumerable<Comparison> Comparisons(string scratch, string tree, string packer)
    {
        foreach ((string kind, int level, double target) in new[] { ("zstd", 3, 1.0), ("gzip", 6, 0.4), ("xz", 6, 1.0) })
        {
            string result = Path.Combine(scratch, "peer.deb");
            var peer = new Contender("dpkg-deb", "dpkg-deb", "--root-owner-group", $"-Z{kind}", $"-z{level}", "--build", Path.Combine(scratch, "deb"), result)
            {
                Prepare = () => File.Delete(result),
                ResultSize = () => new FileInfo(result).Length,
            };
            Contender ours = Ours(scratch, tree, packer, "Deb", kind, level);
            yield return new Comparison($"deb {kind} {level}", peer, ours, target);
            if (kind == "zstd")
            {
                // The others take so long that a start does not show.
                Contender running = ours with { Arguments = [.. ours.Arguments, RunsInSession], TellsMilliseconds = true };
                yield return new Comparison($"deb {kind} {level}, running session", peer, running, target);
            }
        }

        string spec = WriteSpec(scratch, tree);
        foreach ((string kind, int level) in new[] { ("zstd", 3), ("gzip", 6) })
        {
            string top = Path.Combine(scratch, "rpmbuild");
            string payload = $"w{level}.{(kind == "gzip" ? "gz" : kind)}dio".Replace("zstddio", "zstdio", StringComparison.Ordinal);
            var peer = new Contender("rpmbuild", "rpmbuild", "-bb", "--define", $"_topdir {top}", "--define", $"_binary_payload {payload}", spec)
            {
                Prepare = () => DeleteFolder(top),
                ResultSize = () => new FileInfo(Directory.GetFiles(top, "*.rpm", SearchOption.AllDirectories).Single()).Length,
            };
            yield return new Comparison($"rpm {kind} {level}", peer, Ours(scratch, tree, packer, "Rpm", kind, level), 0.2);
        }
    }

    private static Contender Ours(string scratch, string tree, string packer, string format, string kind, int level)
    {
        string folder = Path.Combine(scratch, "ours-" + format);
        return new Contender("Omnibus", packer, "pack", format, kind, level.ToString(CultureInfo.InvariantCulture), tree, folder)
        {
            Prepare = () => DeleteFolder(folder),
            ResultSize = () => new FileInfo(Directory.GetFiles(folder).Single()).Length,
        };
    }

    // dpkg-deb wants the control file inside the tree: it gets a second tree of hard links.
    private static void PrepareDeb(string scratch, string tree, long bytes)
    {
        string deb = Path.Combine(scratch, "deb");
        using (Process copy = Process.Start("cp", ["-al", tree, deb]))
        {
            copy.WaitForExit();
        }

        Directory.CreateDirectory(Path.Combine(deb, "DEBIAN"));

        // Both packages carry the sums that lintian asks for; dpkg-deb does not have to compute them.
        File.WriteAllLines(
            Path.Combine(deb, "DEBIAN", "md5sums"),
            Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(file)))}  {Path.GetRelativePath(tree, file)}"));
        File.WriteAllText(
            Path.Combine(deb, "DEBIAN", "control"),
            $"Package: bench\nVersion: 1-1\nArchitecture: all\nMaintainer: Bench <bench@example.com>\nInstalled-Size: {BenchTree.InstalledSize(bytes)}\nDescription: a tree of files\n");
    }

    private static string WriteSpec(string scratch, string tree)
    {
        string spec = Path.Combine(scratch, "bench.spec");
        File.WriteAllText(spec, $$"""
            %global debug_package %{nil}
            %global __os_install_post %{nil}
            %global _binaries_in_noarch_packages_terminate_build 0
            Name: bench
            Version: 1
            Release: 1
            Summary: a tree of files
            License: none
            BuildArch: noarch
            AutoReqProv: no
            %description
            a tree of files
            %install
            mkdir -p %{buildroot}
            cp -al {{tree}}/. %{buildroot}/
            %files
            /
            """ + "\n");
        return spec;
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
