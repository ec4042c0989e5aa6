using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Cuts an index into the elements of its packages, whoever wrote it. They are kept as they stand, so that nothing is lost that we do not know.</summary>
internal static class PackageElementSplitter
{
    // The files of a kernel package take about 3 MB.
    private const int LongestElement = 32 * 1024 * 1024;

    /// <summary>The elements in their order, each with one line break at its end.</summary>
    /// <param name="bytes">The uncompressed index.</param>
    /// <param name="item">What is read, for errors.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static async IAsyncEnumerable<byte[]> SplitAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> bytes, string item, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[256 * 1024];
        int length = 0;
        bool complete = false;
        var found = new List<byte[]>();
        await foreach (ReadOnlyMemory<byte> part in bytes.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (length + part.Length > buffer.Length)
            {
                Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + part.Length));
            }

            part.Span.CopyTo(buffer.AsSpan(length));
            length += part.Length;
            int used = Cut(buffer.AsSpan(0, length), found, ref complete);
            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
            if (length > LongestElement)
            {
                throw Invalid(item, $"an element is longer than {LongestElement} bytes");
            }

            foreach (byte[] element in found)
            {
                yield return element;
            }

            found.Clear();
        }

        if (!complete)
        {
            throw Invalid(item, "it ends in the middle");
        }
    }

    /// <summary>The error of an index that cannot be read.</summary>
    public static OmnibusException Invalid(string item, string why) => new(
        "RepositoryIndexInvalid",
        ErrorKind.InvalidData,
        $"{item} cannot be read: {why}.",
        item);

    // Takes the elements that are complete and tells how many bytes are done with.
    private static int Cut(ReadOnlySpan<byte> bytes, List<byte[]> found, ref bool complete)
    {
        ReadOnlySpan<byte> open = "<package "u8;
        ReadOnlySpan<byte> close = "</package>"u8;
        int position = 0;
        while (true)
        {
            int start = bytes[position..].IndexOf(open);
            if (start < 0)
            {
                // The closing tag of the root ends the file; a beginning of an element may be cut at the end.
                complete |= bytes[position..].IndexOf("</metadata>"u8) >= 0 || bytes[position..].IndexOf("</filelists>"u8) >= 0 || bytes[position..].IndexOf("</otherdata>"u8) >= 0
                    || (bytes[position..].IndexOf(" packages="u8) >= 0 && bytes[position..].TrimEnd((byte)'\n').EndsWith("/>"u8));
                return Math.Max(position, bytes.Length - 64);
            }

            start += position;
            int tagEnd = bytes[start..].IndexOf((byte)'>');
            if (tagEnd > 0 && bytes[start + tagEnd - 1] == (byte)'/')
            {
                found.Add([.. bytes.Slice(start, tagEnd + 1), (byte)'\n']);
                position = start + tagEnd + 1;
                continue;
            }

            int end = bytes[start..].IndexOf(close);
            if (end < 0)
            {
                return start;
            }

            end += start + close.Length;
            found.Add([.. bytes[start..end], (byte)'\n']);
            position = end;
        }
    }
}
