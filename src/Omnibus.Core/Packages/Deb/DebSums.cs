using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>The md5sums file (deb-md5sums(5)): all regular files but the configuration files, as debhelper does it.</summary>
internal sealed class DebSums
{
    private readonly StringBuilder _lines = new();

    /// <summary>Adds the sum of a file; a configuration file is passed over.</summary>
    public void Add(DebPayloadItem item, ReadOnlySpan<byte> sum)
    {
        if (!item.IsConffile)
        {
            Span<char> hex = stackalloc char[2 * Md5Lanes.DigestSize];
            Convert.TryToHexStringLower(sum, hex, out _);
            _lines.Append(hex).Append("  ").Append(item.Path, 1, item.Path.Length - 1).Append('\n');
        }
    }

    /// <summary>The file.</summary>
    public byte[] ToArray() => Encoding.UTF8.GetBytes(_lines.ToString());

    /// <summary>A file of the same length that packs as badly as the true one, before any sum is known.</summary>
    public static byte[] Sample(DebPayload payload)
    {
        var sums = new DebSums();
        Span<byte> sum = stackalloc byte[Md5Lanes.DigestSize];
        foreach (DebPayloadItem item in payload.Items)
        {
            if (item.Kind is PackageEntryKind.File or PackageEntryKind.HardLink)
            {
                // Always the same: the length of what comes of it is part of the package.
                XxHash128.Hash(MemoryMarshal.AsBytes(item.Path.AsSpan()), sum);
                sums.Add(item, sum);
            }
        }

        return sums.ToArray();
    }
}
