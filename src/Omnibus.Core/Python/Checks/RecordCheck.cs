using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Every file that a RECORD lists is there, with the hash that it lists (PEP 376, PEP 427).</summary>
internal static class RecordCheck
{
    /// <summary>Compares each RECORD with the files.</summary>
    public static IEnumerable<Finding> Run(EnvironmentScan scan, IReadOnlyList<PythonDistribution> distributions, CancellationToken cancellationToken)
    {
        foreach (PythonDistribution distribution in distributions)
        {
            foreach (RecordLine line in Read(scan, distribution))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (line.Path is null)
                {
                    yield return EnvironmentChecks.Error(scan, "RecordPathOutside", distribution.InfoDirectory + "/RECORD", $"lists '{line.Written}', which lies outside the environment");
                }
                else if (line.IsBytecode)
                {
                    // Bytecode is made anew; what a wheel brought has been removed.
                    continue;
                }
                else if (scan.Find(line.Path) is not { } file)
                {
                    yield return EnvironmentChecks.Error(scan, "RecordFileMissing", line.Path, $"is listed by {distribution.Name} {distribution.Version} and not there");
                }
                else if (line.Hash is not null && file.LinkTarget is null && !Matches(file.HostPath, line.Algorithm!, line.Hash))
                {
                    yield return EnvironmentChecks.Error(scan, "RecordHashDiffers", line.Path, $"differs from what {distribution.Name} {distribution.Version} installed");
                }
            }
        }
    }

    /// <summary>The lines of a distribution's RECORD.</summary>
    internal static IEnumerable<RecordLine> Read(EnvironmentScan scan, PythonDistribution distribution)
    {
        if (scan.Find(distribution.InfoDirectory + "/RECORD") is not { } record)
        {
            yield break;
        }

        string sitePackages = Path.GetDirectoryName(distribution.InfoDirectory)!;
        foreach (string line in File.ReadLines(record.HostPath, Encoding.UTF8))
        {
            if (line.Length > 0)
            {
                yield return RecordLine.Parse(line, sitePackages, scan.Spec.EnvironmentPath);
            }
        }
    }

    private static bool Matches(string path, string algorithm, string expected)
    {
        HashAlgorithmName? name = algorithm switch
        {
            "sha256" => HashAlgorithmName.SHA256,
            "sha384" => HashAlgorithmName.SHA384,
            "sha512" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (name is null)
        {
            // PEP 376 leaves the algorithm open; what cannot be computed cannot be wrong.
            return true;
        }

        using FileStream stream = File.OpenRead(path);
        byte[] hash = CryptographicOperations.HashData(name.Value, stream);
        return Convert.ToBase64String(hash).TrimEnd('=').Replace('+', '-').Replace('/', '_') == expected;
    }
}

/// <summary>One line of a RECORD.</summary>
/// <param name="Written">The path as written.</param>
/// <param name="Path">The path relative to the environment, or null when it leads outside.</param>
/// <param name="Algorithm">Hash algorithm, or null.</param>
/// <param name="Hash">URL-safe base64 without padding, or null.</param>
internal sealed record RecordLine(string Written, string? Path, string? Algorithm, string? Hash)
{
    /// <summary>Whether it is bytecode.</summary>
    public bool IsBytecode => Written.EndsWith(".pyc", StringComparison.Ordinal);

    /// <summary>Reads a line: three CSV fields, the path maybe quoted.</summary>
    public static RecordLine Parse(string line, string sitePackages, string environmentPath)
    {
        string path;
        string rest;
        if (line[0] == '"')
        {
            int end = 1;
            while (end < line.Length && (line[end] != '"' || (end + 1 < line.Length && line[end + 1] == '"')))
            {
                end += line[end] == '"' ? 2 : 1;
            }

            path = line[1..Math.Min(end, line.Length)].Replace("\"\"", "\"", StringComparison.Ordinal);
            rest = end + 2 <= line.Length ? line[(end + 2)..] : string.Empty;
        }
        else
        {
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            path = comma < 0 ? line : line[..comma];
            rest = comma < 0 ? string.Empty : line[(comma + 1)..];
        }

        string hash = rest.Split(',')[0];
        int equals = hash.IndexOf('=', StringComparison.Ordinal);
        string full = System.IO.Path.GetFullPath(path, environmentPath + "/" + sitePackages);
        bool inside = full.StartsWith(environmentPath + "/", StringComparison.Ordinal);
        return new RecordLine(
            path,
            inside ? full[(environmentPath.Length + 1)..] : null,
            equals > 0 ? hash[..equals] : null,
            equals > 0 ? hash[(equals + 1)..] : null);
    }
}
