using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Streams a payload as data.tar and takes the MD5 sum of each file on the way.</summary>
internal sealed class DebPayloadWriter
{
    // Files up to this size are gathered in the buffer and hashed together; greater ones go through it in pieces.
    private const int LargestGathered = 2 * 1024 * 1024;
    private const int LargestBuffer = 4 * 1024 * 1024;
    private const int SmallestBuffer = 64 * 1024;
    private const int FirstBatch = 1024 * 1024;

    private readonly byte[] _buffer;
    private readonly List<DebPayloadItem> _batch = [];
    private readonly List<BufferSlice> _slices = [];
    private readonly Dictionary<string, byte[]> _sums = new(StringComparer.Ordinal);
    private readonly Stream _target;
    private readonly TarStreamWriter _tar;
    private readonly long _newest;
    private readonly CancellationToken _cancellationToken;
    private int _gathered;

    // The first batches are small, so that the compressor has something to do soon.
    private int _batchLimit = FirstBatch;

    /// <summary>Prepares to write.</summary>
    /// <param name="target">Takes the uncompressed bytes.</param>
    /// <param name="payload">What will be written.</param>
    /// <param name="newest">No time in the archive is later.</param>
    /// <param name="cancellationToken">Stops between two pieces.</param>
    public DebPayloadWriter(Stream target, DebPayload payload, DateTimeOffset newest, CancellationToken cancellationToken)
    {
        _target = target;
        _tar = new TarStreamWriter(target);
        _newest = newest.ToUnixTimeSeconds();
        _cancellationToken = cancellationToken;

        // One byte more: reading a file beyond its expected end shows with the same call that nothing follows.
        _buffer = new byte[Math.Clamp(payload.InstalledSize * 1024, SmallestBuffer, LargestBuffer) + 1];
    }

    /// <summary>The sums of what is written.</summary>
    public DebSums Sums { get; } = new();

    /// <summary>Writes the archive.</summary>
    public void Write(DebPayload payload)
    {
        foreach (DebPayloadItem item in payload.Items)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            long size = item.Kind == PackageEntryKind.File ? item.Entry.Content!.Length : 0;
            bool large = size > LargestGathered;
            if (large || _gathered >= _batchLimit || size >= _buffer.Length - _gathered)
            {
                WriteBatch();
            }

            if (large)
            {
                WriteLarge(item, size);
            }
            else
            {
                Gather(item, (int)size);
            }
        }

        WriteBatch();
        _tar.WriteEnd();
    }

    private void Gather(DebPayloadItem item, int size)
    {
        if (item.Kind == PackageEntryKind.File)
        {
            using Stream content = Open(item);
            int done = 0;
            int count;
            do
            {
                count = Read(content, item, _buffer.AsSpan(_gathered + done, size + 1 - done));
                done += count;
            }
            while (count > 0 && done < size);
            if (done != size)
            {
                throw Changed(item, size);
            }

            if (item.Entry.Content is not FileContent)
            {
                // Other streams may give less than they have.
                ExpectEnd(content, item, size);
            }
        }

        _batch.Add(item);
        _slices.Add(new BufferSlice(_gathered, size));
        _gathered += size;
    }

    private void WriteBatch()
    {
        byte[] digests = new byte[_batch.Count * Md5Lanes.DigestSize];
        Md5Lanes.Hash(_buffer, CollectionsMarshal.AsSpan(_slices), digests);
        for (int i = 0; i < _batch.Count; i++)
        {
            DebPayloadItem item = _batch[i];
            (int offset, int length) = _slices[i];
            WriteHeader(item, length);
            if (item.Kind == PackageEntryKind.File)
            {
                _target.Write(_buffer, offset, length);
                _tar.EndContent(length);
                AddSum(item, digests.AsSpan(i * Md5Lanes.DigestSize, Md5Lanes.DigestSize));
            }
            else if (item.Kind == PackageEntryKind.HardLink)
            {
                AddSum(item, _sums[item.LinkTarget!]);
            }
        }

        _batch.Clear();
        _slices.Clear();
        _gathered = 0;
        _batchLimit = Math.Min(2 * _batchLimit, LargestBuffer);
    }

    private void WriteLarge(DebPayloadItem item, long size)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using Stream content = Open(item);
        WriteHeader(item, size);
        long left = size;
        while (left > 0)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int count = Read(content, item, _buffer.AsSpan(0, (int)Math.Min(left, Math.Min(_buffer.Length, 256 * 1024))));
            if (count == 0)
            {
                throw Changed(item, size);
            }

            md5.AppendData(_buffer, 0, count);
            _target.Write(_buffer, 0, count);
            left -= count;
        }

        ExpectEnd(content, item, size);
        _tar.EndContent(size);
        AddSum(item, md5.GetHashAndReset());
    }

    private void WriteHeader(DebPayloadItem item, long size)
    {
        PackageEntry entry = item.Entry;
        string name = "." + item.Path;

        // The epoch is what an entry without a time has; lintian takes files from before 1984 for broken.
        long modified = entry.ModifiedTime.ToUnixTimeSeconds();
        long time = modified <= 0 ? _newest : Math.Min(_newest, modified);
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

        _tar.WriteHeader(type, name, mode, size, time, entry.Owner, entry.Group, link);
    }

    private void AddSum(DebPayloadItem item, ReadOnlySpan<byte> sum)
    {
        if (item.HasHardLinks)
        {
            _sums[item.Path] = sum.ToArray();
        }

        Sums.Add(item, sum);
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

    private static int Read(Stream content, DebPayloadItem item, Span<byte> buffer)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (IOException e)
        {
            throw Unreadable(item, e);
        }
    }

    private static void ExpectEnd(Stream content, DebPayloadItem item, long size)
    {
        Span<byte> more = stackalloc byte[1];
        if (Read(content, item, more) != 0)
        {
            throw Changed(item, size);
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
