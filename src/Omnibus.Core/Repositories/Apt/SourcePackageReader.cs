using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>A source package that was read: its .dsc and the files that it names, each held against its digests.</summary>
/// <param name="Control">The fields of the .dsc, without the frame of a signature.</param>
/// <param name="Dsc">The .dsc itself by the field that lists it.</param>
/// <param name="Size">Bytes of the .dsc.</param>
/// <param name="Sha256">Digest of the .dsc.</param>
/// <param name="Files">The other files.</param>
internal sealed record SourcePackage(ControlStanza Control, IReadOnlyDictionary<string, SourceFileEntry> Dsc, long Size, string Sha256, IReadOnlyList<PreparedFile> Files);

/// <summary>Reads source packages (dsc(5)). Nothing in a .dsc is trusted: a file that it names lies beside it, and has the size and all digests that it says.</summary>
internal static class SourcePackageReader
{
    /// <summary>Reads a source package.</summary>
    /// <param name="path">The .dsc. A signature around it is passed over: the repository's own counts.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>, <c>SourceFileMissing</c>, <c>SourceFileWrong</c>.</exception>
    public static async Task<SourcePackage> ReadAsync(string path, CancellationToken cancellationToken)
    {
        byte[] content = await ReadBoundedAsync(path, cancellationToken).ConfigureAwait(false);
        string name = Path.GetFileName(path);
        ControlStanza control;
        IReadOnlyList<SourceFileEntry>[] lists;
        try
        {
            ReadOnlyMemory<byte> text = content.AsSpan().StartsWith("-----BEGIN PGP SIGNED MESSAGE-----"u8) ? CleartextMessage.Parse(content, path).Text : content;
            control = ControlStanza.Parse(Encoding.UTF8.GetString(text.Span));
            lists = [.. SourcesStanza.DigestLists.Select(l => SourcesStanza.ParseList(control[l.Field] ?? string.Empty, l.DigestLength))];
        }
        catch (FormatException e)
        {
            throw Unusable(path, e.Message, e);
        }
        catch (OmnibusException e) when (e.Kind == ErrorKind.InvalidData)
        {
            throw Unusable(path, e.Message.TrimEnd('.'), e);
        }

        IReadOnlyList<SourceFileEntry> sha256 = lists[^1];
        if (sha256.Count == 0)
        {
            throw Unusable(path, "it lists no file with a SHA-256 digest", null);
        }

        if (lists[0].Count == 0 || lists.Any(list => list.Any(e => e.Name == name || !sha256.Any(s => s.Name == e.Name && s.Size == e.Size))))
        {
            throw Unusable(path, "its lists of files do not agree", null);
        }

        var files = new List<PreparedFile>();
        foreach (SourceFileEntry entry in sha256)
        {
            string[] expected = [.. lists.Select(list => list.FirstOrDefault(e => e.Name == entry.Name)?.Digest ?? string.Empty)];
            string file = Path.Combine(Path.GetDirectoryName(path)!, entry.Name);
            await VerifyAsync(path, file, entry, expected, cancellationToken).ConfigureAwait(false);
            files.Add(new PreparedFile(entry.Name, file, entry.Size, entry.Digest));
        }

        string digest = Convert.ToHexStringLower(SHA256.HashData(content));
        var dsc = new Dictionary<string, SourceFileEntry>(StringComparer.OrdinalIgnoreCase)
        {
            ["Files"] = new(Convert.ToHexStringLower(MD5.HashData(content)), content.Length, name),
            ["Checksums-Sha1"] = new(Convert.ToHexStringLower(SHA1.HashData(content)), content.Length, name),
            ["Checksums-Sha256"] = new(digest, content.Length, name),
        };
        return new SourcePackage(control, dsc, content.Length, digest, files);
    }

    private static async Task<byte[]> ReadBoundedAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return await file.ReadBoundedAsync(ControlStanza.MaximumLength, path, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Kind == ErrorKind.InvalidData)
        {
            throw Unusable(path, $"it is larger than {ControlStanza.MaximumLength} bytes", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("PackageNotFound", ErrorKind.NotFound, $"{path}: no such file.", path, inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("PackageUnreadable", e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage, $"{path} could not be read: {e.Message}", path, inner: e);
        }
    }

    private static async Task VerifyAsync(string dsc, string path, SourceFileEntry entry, string[] expected, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            if (file.Length != entry.Size)
            {
                throw Wrong(dsc, path, $"has {file.Length} bytes instead of {entry.Size}");
            }

            HashAlgorithmName[] algorithms = [HashAlgorithmName.MD5, HashAlgorithmName.SHA1, HashAlgorithmName.SHA256];
            IncrementalHash[] hashes = [.. algorithms.Select(IncrementalHash.CreateHash)];
            try
            {
                byte[] buffer = new byte[256 * 1024];
                for (int count; (count = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    Array.ForEach(hashes, h => h.AppendData(buffer, 0, count));
                }

                for (int i = 0; i < hashes.Length; i++)
                {
                    string found = Convert.ToHexStringLower(hashes[i].GetHashAndReset());
                    if (expected[i].Length > 0 && found != expected[i])
                    {
                        throw Wrong(dsc, path, $"has the {algorithms[i].Name} digest {found} instead of {expected[i]}");
                    }
                }
            }
            finally
            {
                Array.ForEach(hashes, h => h.Dispose());
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("SourceFileMissing", ErrorKind.NotFound, $"{path} is not there; {dsc} names it.", dsc, "Lay all files of the source package beside its .dsc.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("PackageUnreadable", e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage, $"{path} could not be read: {e.Message}", dsc, inner: e);
        }
    }

    private static OmnibusException Wrong(string dsc, string path, string what) =>
        new("SourceFileWrong", ErrorKind.InvalidData, $"{path} is not the file that {dsc} names: it {what}.", dsc, "Fetch the source package again, or build it anew.");

    private static OmnibusException Unusable(string path, string what, Exception? inner) =>
        new("PackageUnreadable", ErrorKind.InvalidData, $"{path} is no usable .dsc: {what}.", path, inner: inner);
}
