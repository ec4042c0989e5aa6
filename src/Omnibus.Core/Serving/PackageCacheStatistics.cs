using System.Globalization;

namespace Omnibus.Core.Serving;

/// <summary>What the cache's log says of its use.</summary>
/// <param name="Requests">Files given out.</param>
/// <param name="Misses">Files fetched.</param>
/// <param name="BytesOut">Bytes given out.</param>
/// <param name="BytesIn">Bytes fetched.</param>
internal readonly record struct PackageCacheStatistics(long Requests, long Misses, long BytesOut, long BytesIn)
{
    /// <summary>Reads apt-cacher-ng's transfer log: <c>time|I or O|bytes|client|path</c>.</summary>
    public static PackageCacheStatistics Read(string log)
    {
        long requests = 0, misses = 0, bytesOut = 0, bytesIn = 0;
        if (File.Exists(log))
        {
            using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (reader.ReadLine() is { } line)
            {
                string[] parts = line.Split('|', 4);
                if (parts.Length < 4 || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
                {
                    continue;
                }

                if (parts[1] == "I")
                {
                    misses++;
                    bytesIn += bytes;
                }
                else if (parts[1] == "O")
                {
                    requests++;
                    bytesOut += bytes;
                }
            }
        }

        return new PackageCacheStatistics(requests, misses, bytesOut, bytesIn);
    }
}
