using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>What native code asks of the system, and whether it looks for libraries only where the target has them.</summary>
internal static class NativeCheck
{
    private const string Glibc = "GLIBC_";

    /// <summary>Reads every ELF file.</summary>
    public static NativeRequirements Run(EnvironmentScan scan, List<Finding> findings, CancellationToken cancellationToken)
    {
        var elfs = new List<(EnvironmentFile File, ElfFile Elf)>();
        var brought = new HashSet<string>(StringComparer.Ordinal);
        foreach (EnvironmentFile file in scan.Files.Where(f => f.LinkTarget is null && f.Size > 0))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (ElfFile.TryRead(file.HostPath) is { } elf)
                {
                    elfs.Add((file, elf));
                    brought.Add(elf.SoName ?? file.Name);
                    brought.Add(file.Name);
                    findings.AddRange(RunPathFindings(scan, file, elf));
                }
            }
            catch (InvalidDataException e)
            {
                findings.Add(EnvironmentChecks.Error(scan, "ElfInvalid", file.Path, $"is a damaged ELF file: {e.Message}"));
            }
        }

        // Test data may hold programs of other machines; what counts is what this interpreter can load.
        int machine = elfs.GroupBy(e => e.Elf.Machine).OrderByDescending(g => g.Count()).Select(g => g.Key).FirstOrDefault();
        return Summarise([.. elfs.Where(e => e.Elf.Machine == machine)], brought);
    }

    private static NativeRequirements Summarise((EnvironmentFile File, ElfFile Elf)[] elfs, HashSet<string> brought)
    {
        if (elfs.Length == 0)
        {
            return NativeRequirements.None;
        }

        var libraries = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        Version? floor = null;
        string? floorFile = null;
        foreach ((EnvironmentFile file, ElfFile elf) in elfs)
        {
            foreach (string library in elf.Needed.Where(n => !brought.Contains(n)))
            {
                libraries.TryAdd(library, new SortedSet<string>(StringComparer.Ordinal));
            }

            foreach ((string library, string version) in elf.VersionNeeds.Where(v => !brought.Contains(v.Library)))
            {
                if (!libraries.TryGetValue(library, out SortedSet<string>? versions))
                {
                    libraries[library] = versions = new SortedSet<string>(StringComparer.Ordinal);
                }

                versions.Add(version);
                if (GlibcVersion(version) is { } needed && (floor is null || needed > floor))
                {
                    floor = needed;
                    floorFile = file.Path;
                }
            }
        }

        return new NativeRequirements(
            libraries.ToDictionary(p => p.Key, p => (IReadOnlyList<string>)[.. p.Value], StringComparer.Ordinal), floor, floorFile, elfs[0].Elf.Is64Bit);
    }

    // DT_RELR came with glibc 2.36, and has a marker instead of a numbered version.
    private static Version? GlibcVersion(string symbolVersion) => symbolVersion == "GLIBC_ABI_DT_RELR"
        ? new Version(2, 36)
        : symbolVersion.StartsWith(Glibc, StringComparison.Ordinal) && Version.TryParse(symbolVersion.AsSpan(Glibc.Length), out Version? version) ? version : null;

    private static IEnumerable<Finding> RunPathFindings(EnvironmentScan scan, EnvironmentFile file, ElfFile elf)
    {
        string environment = scan.Spec.EnvironmentPath;
        foreach (string path in elf.RunPaths)
        {
            bool origin = path is "$ORIGIN" or "${ORIGIN}" || path.StartsWith("$ORIGIN/", StringComparison.Ordinal) || path.StartsWith("${ORIGIN}/", StringComparison.Ordinal);
            bool fine = origin || path == environment || path.StartsWith(environment + "/", StringComparison.Ordinal)
                || path.StartsWith("/usr/lib", StringComparison.Ordinal) || path.StartsWith("/lib", StringComparison.Ordinal);
            if (!fine)
            {
                yield return EnvironmentChecks.Error(
                    scan, "ElfRunPathOutside", file.Path, $"looks for libraries in '{path}' (RPATH or RUNPATH), neither in the environment nor a library folder of the system");
            }
        }
    }
}
