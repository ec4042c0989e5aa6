using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Cuts a stream of bytes into stanzas, whoever wrote it: lines that are blank part them.</summary>
internal static class StanzaSplitter
{
    // The greatest stanzas of Debian have some 100 KB.
    private const int LongestStanza = 16 * 1024 * 1024;

    /// <summary>The stanzas, each ending in exactly one empty line.</summary>
    /// <param name="bytes">The bytes in order.</param>
    /// <param name="item">What is read, for errors.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static async IAsyncEnumerable<byte[]> SplitAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> bytes, string item, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] rest = [];
        var found = new List<byte[]>();
        await foreach (ReadOnlyMemory<byte> part in bytes.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            byte[] joined = [.. rest, .. part.Span];
            int used = Cut(joined, found);
            rest = joined[used..];
            if (rest.Length > LongestStanza)
            {
                throw PackagesStanza.Invalid(item, $"a stanza is longer than {LongestStanza} bytes", null);
            }

            foreach (byte[] stanza in found)
            {
                yield return stanza;
            }

            found.Clear();
        }

        Cut([.. rest, .. "\n\n"u8], found);
        foreach (byte[] stanza in found)
        {
            yield return stanza;
        }
    }

    // Takes the stanzas that are complete and tells how many bytes they are.
    private static int Cut(ReadOnlySpan<byte> bytes, List<byte[]> found)
    {
        int start = 0;
        int line = 0;
        while (true)
        {
            int length = bytes[line..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return start;
            }

            if (bytes.Slice(line, length).Trim(" \t\r"u8).IsEmpty)
            {
                ReadOnlySpan<byte> stanza = bytes[start..line];
                if (!stanza.IsEmpty)
                {
                    found.Add([.. stanza, (byte)'\n']);
                }

                start = line + length + 1;
            }

            line += length + 1;
        }
    }
}
