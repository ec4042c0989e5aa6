using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>The metadata that are not made from packages: errata, groups, modules.</summary>
internal static class YumMetadataTypes
{
    // The errata of a whole distribution are some 100 MB.
    private const int Limit = 512 * 1024 * 1024;

    // Made from the lists of packages by their maker, so they do not fit ours.
    private static readonly string[] s_derived = ["primary", "filelists", "other", "filelists_ext", "filelists-ext", "prestodelta", "deltainfo"];

    /// <summary>Whether records of a type go on from one state to the next.</summary>
    public static bool IsCarried(string type) =>
        !s_derived.Contains(type) && !type.EndsWith("_db", StringComparison.Ordinal) && !type.EndsWith("_zck", StringComparison.Ordinal);

    /// <summary>The records that a file becomes, and their compressions.</summary>
    public static IReadOnlyList<(string Type, CompressionKind Compression)> FormsOf(string type, CompressionKind compression) => type switch
    {
        "group" when compression == CompressionKind.Gzip => [("group", CompressionKind.None), ("group_gz", CompressionKind.Gzip)],
        "group" => [("group", CompressionKind.None)],
        _ => [(type, compression)],
    };

    /// <summary>Recognises a metadata file by its content.</summary>
    /// <param name="path">The file, compressed or not.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Type and file name, or null when it is none.</returns>
    public static async Task<(string Type, string FileName)?> RecogniseAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream file = Open(path);
            using Stream plain = Decompress(file);
            byte[] head = new byte[64 * 1024];
            int count = await plain.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            string text = Encoding.UTF8.GetString(head, 0, count);
            return text.Contains("<comps", StringComparison.Ordinal) ? ("group", "comps.xml")
                : text.Contains("<updates", StringComparison.Ordinal) ? ("updateinfo", "updateinfo.xml")
                : text.Contains("document: modulemd", StringComparison.Ordinal) ? ("modules", "modules.yaml")
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OmnibusException)
        {
            // Whatever it is, it is none of these; who asks says what was expected.
            return null;
        }
    }

    /// <summary>The uncompressed content.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream file = Open(path);
            using Stream plain = Decompress(file);
            using var content = new MemoryStream();
            byte[] part = new byte[128 * 1024];
            while (await plain.ReadAsync(part, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                if (content.Length + count > Limit)
                {
                    throw new OmnibusException("PackageUnreadable", ErrorKind.InvalidData, $"{path} is larger than {Limit} bytes.", path);
                }

                content.Write(part, 0, count);
            }

            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.Storage, $"{path} could not be read: {e.Message}", path, inner: e);
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);

    private static Stream Decompress(FileStream file)
    {
        byte[] head = new byte[Compressors.MagicLength];
        int count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return Compressors.Decompress(file, Compressors.Detect(head.AsSpan(0, count)));
    }
}
