using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Reads the pointer of an apt repository: InRelease, or Release where nothing is signed.</summary>
internal static class AptPointer
{
    private static readonly CompressionKind[] s_kinds = [CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd, CompressionKind.None];

    /// <summary>The Release file in a pointer. Signatures are checked where it is read to be built upon, not here.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>.</exception>
    public static ReleaseFile Read(PublishedPointer pointer) => ReleaseFile.Parse(TextOf(pointer).Span, pointer.Key);

    /// <summary>The text of a pointer without the frame of its signature.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>.</exception>
    public static ReadOnlyMemory<byte> TextOf(PublishedPointer pointer)
    {
        if (!IsClearsigned(pointer))
        {
            return pointer.Content;
        }

        try
        {
            return CleartextMessage.Parse(pointer.Content.Span, pointer.Key).Text;
        }
        catch (OmnibusException e) when (e.Kind == ErrorKind.InvalidData)
        {
            throw new OmnibusException("RepositoryPointerInvalid", ErrorKind.InvalidData, $"{pointer.Key} is no cleartext-signed file: {e.Message}", pointer.Key, inner: e);
        }
    }

    /// <summary>Whether a pointer carries its signature.</summary>
    public static bool IsClearsigned(PublishedPointer pointer) => pointer.Content.Span.StartsWith("-----BEGIN PGP SIGNED MESSAGE-----"u8);

    /// <summary>The stored files of an index by their compression; empty when the pointer names none.</summary>
    public static Dictionary<CompressionKind, IndexReference> FilesOf(AptLayout layout, ReleaseFile release, AptIndex index) => FilesOf(layout, release, index.Path);

    /// <summary>The stored files of an index by their compression; empty when the pointer names none.</summary>
    public static Dictionary<CompressionKind, IndexReference> FilesOf(AptLayout layout, ReleaseFile release, string indexPath)
    {
        var files = new Dictionary<CompressionKind, IndexReference>();
        foreach (CompressionKind kind in s_kinds)
        {
            string path = indexPath + Compressors.Extension(kind);
            if (release.Entries.TryGetValue(path, out ReleaseEntry? entry))
            {
                files[kind] = new IndexReference(layout.ByHashKey(path, entry.Sha256), entry.Size, entry.Sha256, path) { PlainSize = release.Entries.GetValueOrDefault(indexPath)?.Size };
            }
        }

        // The uncompressed file is always named; it is stored only where it is the only one, or one of those configured.
        if (files.Count > 1 && !layout.CompressionsOf(indexPath).Contains(CompressionKind.None))
        {
            files.Remove(CompressionKind.None);
        }

        return files;
    }
}
