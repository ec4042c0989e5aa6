using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>No byte of any file, and no link, names a path that exists only while the environment is built.</summary>
internal static class StagingPathCheck
{
    private const int BlockSize = 256 * 1024;

    /// <summary>Searches every file: scripts, .pth, RECORD, direct_url.json, bytecode and native code alike.</summary>
    public static IEnumerable<Finding> Run(EnvironmentScan scan, CancellationToken cancellationToken)
    {
        byte[][] needles = [.. scan.StagingPaths.Select(Encoding.UTF8.GetBytes)];
        byte[] buffer = new byte[BlockSize + needles.Max(n => n.Length)];
        foreach (EnvironmentFile file in scan.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int found = file.LinkTarget is { } target
                ? Array.FindIndex(needles, n => Encoding.UTF8.GetBytes(target).AsSpan().IndexOf(n) >= 0)
                : Search(file.HostPath, needles, buffer);
            if (found >= 0)
            {
                yield return EnvironmentChecks.Error(scan, "StagingPathLeft", file.Path, $"names the build folder {scan.StagingPaths[found]}, which the target does not have");
            }
        }
    }

    // The tail of each block is kept before the next one, so that a path across the border is found.
    private static int Search(string path, byte[][] needles, byte[] buffer)
    {
        int overlap = buffer.Length - BlockSize;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        int kept = 0;
        while (true)
        {
            int read = stream.ReadAtLeast(buffer.AsSpan(kept, BlockSize), BlockSize, throwOnEndOfStream: false);
            ReadOnlySpan<byte> window = buffer.AsSpan(0, kept + read);
            for (int i = 0; i < needles.Length; i++)
            {
                if (window.IndexOf(needles[i]) >= 0)
                {
                    return i;
                }
            }

            if (read < BlockSize)
            {
                return -1;
            }

            kept = Math.Min(overlap, window.Length);
            window[^kept..].CopyTo(buffer);
        }
    }
}
