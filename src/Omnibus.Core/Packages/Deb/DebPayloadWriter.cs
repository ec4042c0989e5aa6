using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Streams a payload as data.tar and takes the MD5 sum of each file on the way.</summary>
internal sealed class DebPayloadWriter : IDisposable
{
    private const int BufferSize = 256 * 1024;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly Dictionary<string, string> _sums = new(StringComparer.Ordinal);
    private readonly StringBuilder _sumLines = new();

    /// <summary>The md5sums file (deb-md5sums(5)): all regular files but the configuration files, as debhelper does it.</summary>
    public byte[] Sums => Encoding.UTF8.GetBytes(_sumLines.ToString());

    /// <summary>Writes the archive.</summary>
    /// <param name="target">Takes the uncompressed bytes.</param>
    /// <param name="payload">What to write.</param>
    /// <param name="newest">No time in the archive is later.</param>
    /// <param name="cancellationToken">Stops between two pieces.</param>
    public void Write(Stream target, DebPayload payload, DateTimeOffset newest, CancellationToken cancellationToken)
    {
        var tar = new TarStreamWriter(target);
        long limit = newest.ToUnixTimeSeconds();
        foreach (DebPayloadItem item in payload.Items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PackageEntry entry = item.Entry;
            string name = "." + item.Path;
            long time = Math.Min(limit, entry.ModifiedTime.ToUnixTimeSeconds());
            (TarEntryType type, string? link, int mode) = item.Kind switch
            {
                PackageEntryKind.Directory => (TarEntryType.Directory, null, entry.Mode),
                PackageEntryKind.SymbolicLink => (TarEntryType.SymbolicLink, item.LinkTarget, 0b111_111_111),
                PackageEntryKind.HardLink => (TarEntryType.HardLink, "." + item.LinkTarget, entry.Mode),
                _ => (TarEntryType.File, null, entry.Mode),
            };
            if (type == TarEntryType.Directory && item.Path.Length > 1)
            {
                name += "/";
            }

            long size = type == TarEntryType.File ? entry.Content!.Length : 0;
            tar.WriteHeader(type, name, mode, size, time, entry.Owner, entry.Group, link);
            if (type == TarEntryType.File)
            {
                string sum = WriteContent(target, item, size, cancellationToken);
                tar.EndContent(size);
                _sums[item.Path] = sum;
                AddSum(item, sum);
            }
            else if (type == TarEntryType.HardLink)
            {
                AddSum(item, _sums[item.LinkTarget!]);
            }
        }

        tar.WriteEnd();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _md5.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void AddSum(DebPayloadItem item, string sum)
    {
        if (!item.IsConffile)
        {
            _sumLines.Append(sum).Append("  ").Append(item.Path, 1, item.Path.Length - 1).Append('\n');
        }
    }

    private string WriteContent(Stream target, DebPayloadItem item, long size, CancellationToken cancellationToken)
    {
        using Stream content = Open(item);
        long left = size;
        while (left > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Read(content, item, (int)Math.Min(left, _buffer.Length));
            if (count == 0)
            {
                throw Changed(item, size);
            }

            _md5.AppendData(_buffer, 0, count);
            target.Write(_buffer, 0, count);
            left -= count;
        }

        if (Read(content, item, 1) != 0)
        {
            throw Changed(item, size);
        }

        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        _md5.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash);
    }

    private static Stream Open(DebPayloadItem item)
    {
        try
        {
            return item.Entry.Content!.OpenRead();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(item, e);
        }
    }

    private int Read(Stream content, DebPayloadItem item, int count)
    {
        try
        {
            return content.Read(_buffer, 0, count);
        }
        catch (IOException e)
        {
            throw Unreadable(item, e);
        }
    }

    private static OmnibusException Unreadable(DebPayloadItem item, Exception inner) => new(
        "PackageSourceUnreadable",
        inner is UnauthorizedAccessException ? ErrorKind.PermissionDenied : inner is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.Storage,
        $"The content of {item.Path} could not be read: {inner.Message}",
        item.Path,
        inner: inner);

    private static OmnibusException Changed(DebPayloadItem item, long size) => new(
        "PackageSourceChanged",
        ErrorKind.Conflict,
        $"The content of {item.Path} is not {size} bytes long any more: it was changed while the package was written.",
        item.Path,
        "Build again when nothing writes to the source.");
}
