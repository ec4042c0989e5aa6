using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>
/// The lines of a Contents file (wiki.debian.org/DebianRepository/Format): a path without its leading slash, blanks, and after the last
/// of them the packages that bring it, as <c>section/name</c>, joined by commas.
/// </summary>
internal sealed class ContentsLines : RecordFormat
{
    // Where the packages begin when the path is shorter, as in Debian's own files.
    private const int Column = 55;
    private const int LongestLine = 16 * 1024 * 1024;

    /// <summary>The only one.</summary>
    public static ContentsLines Instance { get; } = new();

    /// <inheritdoc/>
    protected override ulong PartRecords => 2048;

    /// <summary>How a package is named in the file.</summary>
    public static byte[] OwnerOf(string? section, string name) => Encoding.UTF8.GetBytes(IsUsable(section) ? $"{section}/{name}" : name);

    /// <summary>The paths of a package as lines of UTF-8. Those that a line cannot hold are left out.</summary>
    public static byte[] ListOf(IReadOnlyList<string> files)
    {
        var list = new ArrayBufferWriter<byte>();
        foreach (string file in files)
        {
            string path = file.TrimStart('/');
            if (path.Length > 0 && !path.EndsWith(' ') && !path.Any(char.IsControl))
            {
                Encoding.UTF8.GetBytes(path, list);
                list.Write("\n"u8);
            }
        }

        return list.WrittenSpan.ToArray();
    }

    /// <summary>Writes a line.</summary>
    public static void Write(ReadOnlySpan<byte> path, ReadOnlySpan<byte> owners, ArrayBufferWriter<byte> target)
    {
        target.Write(path);
        int blanks = Math.Max(0, Column - path.Length) + 1;
        target.GetSpan(blanks)[..blanks].Fill((byte)' ');
        target.Advance(blanks);
        target.Write(owners);
        target.Write("\n"u8);
    }

    /// <summary>The packages of each line of a published file, joined by commas as they stand there.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static async IAsyncEnumerable<string> ReadOwnersAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> bytes, string item, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] rest = [];
        string last = string.Empty;
        await foreach (ReadOnlyMemory<byte> part in bytes.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            byte[] joined = [.. rest, .. part.Span];
            int start = 0;
            for (int length; (length = joined.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                ReadOnlySpan<byte> owners = OwnersOf(joined.AsSpan(start, length + 1));
                if (Encoding.UTF8.GetString(owners) is var text && text != last)
                {
                    yield return last = text;
                }
            }

            rest = joined[start..];
            if (rest.Length > LongestLine)
            {
                throw new OmnibusException("RepositoryIndexInvalid", ErrorKind.InvalidData, $"{item} is no usable Contents file: a line is longer than {LongestLine} bytes.", item);
            }
        }
    }

    /// <inheritdoc/>
    public override int LengthOf(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        return end > 0 ? end + 1 : throw Foreign();
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> record)
    {
        int blank = record.LastIndexOf((byte)' ');
        ReadOnlySpan<byte> path = blank < 0 ? default : record[..blank].TrimEnd((byte)' ');
        return path.IsEmpty ? throw Foreign() : path;
    }

    /// <summary>The packages of a line.</summary>
    public static ReadOnlySpan<byte> OwnersOf(ReadOnlySpan<byte> record) => record[(record.LastIndexOf((byte)' ') + 1)..^1];

    /// <inheritdoc/>
    public override void Combine(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ArrayBufferWriter<byte> target)
    {
        var owners = new ArrayBufferWriter<byte>();
        ReadOnlySpan<byte> one = OwnersOf(first);
        ReadOnlySpan<byte> other = OwnersOf(second);
        while (!one.IsEmpty || !other.IsEmpty)
        {
            int order = one.IsEmpty ? 1 : other.IsEmpty ? -1 : FirstOwner(one).SequenceCompareTo(FirstOwner(other));
            if (owners.WrittenCount > 0)
            {
                owners.Write(","u8);
            }

            owners.Write(order <= 0 ? FirstOwner(one) : FirstOwner(other));
            one = order <= 0 ? Behind(one) : one;
            other = order >= 0 ? Behind(other) : other;
        }

        Write(KeyOf(first), owners.WrittenSpan, target);
    }

    /// <summary>The first of several packages.</summary>
    internal static ReadOnlySpan<byte> FirstOwner(ReadOnlySpan<byte> owners)
    {
        int comma = owners.IndexOf((byte)',');
        return comma < 0 ? owners : owners[..comma];
    }

    /// <summary>The packages behind the first.</summary>
    internal static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> owners)
    {
        int comma = owners.IndexOf((byte)',');
        return comma < 0 ? default : owners[(comma + 1)..];
    }

    // A section with blanks or commas would be read as something else.
    private static bool IsUsable(string? section) => !string.IsNullOrEmpty(section) && section.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '+');
}

/// <summary>Takes packages out of the lines of a Contents file.</summary>
internal sealed class ContentsOwnerFilter(IReadOnlyCollection<byte[]> gone) : RecordFilter
{
    /// <inheritdoc/>
    public override bool Touches(ReadOnlySpan<byte> record)
    {
        for (ReadOnlySpan<byte> owners = ContentsLines.OwnersOf(record); !owners.IsEmpty; owners = ContentsLines.Behind(owners))
        {
            if (IsGone(ContentsLines.FirstOwner(owners)))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Rewrite(ReadOnlySpan<byte> record, ArrayBufferWriter<byte> target)
    {
        var left = new ArrayBufferWriter<byte>();
        for (ReadOnlySpan<byte> owners = ContentsLines.OwnersOf(record); !owners.IsEmpty; owners = ContentsLines.Behind(owners))
        {
            if (!IsGone(ContentsLines.FirstOwner(owners)))
            {
                left.Write(left.WrittenCount > 0 ? ","u8 : default);
                left.Write(ContentsLines.FirstOwner(owners));
            }
        }

        if (left.WrittenCount > 0)
        {
            ContentsLines.Write(ContentsLines.Instance.KeyOf(record), left.WrittenSpan, target);
        }
    }

    private bool IsGone(ReadOnlySpan<byte> owner)
    {
        foreach (byte[] name in gone)
        {
            if (owner.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }
}
