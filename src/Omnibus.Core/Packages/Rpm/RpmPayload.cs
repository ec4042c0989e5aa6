using System.Security.Cryptography;
using System.Threading.Channels;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>What is known once a payload is written.</summary>
/// <param name="Length">Compressed bytes.</param>
/// <param name="Digest">SHA-256 of the compressed bytes, lower-case hex.</param>
/// <param name="ArchiveDigest">SHA-256 of the uncompressed archive, lower-case hex.</param>
internal sealed record RpmPayloadResult(long Length, string Digest, string ArchiveDigest);

/// <summary>
/// Writes the payload in one pass over the files. Three tasks work on a fixed number of blocks: one reads files and takes their
/// digests, one compresses, one takes the digest of the uncompressed archive; so two cores are busy and memory does not grow.
/// </summary>
internal sealed class RpmPayload
{
    private const int BlockLength = 256 * 1024;
    private const int BlockCount = 16;

    private readonly RpmFileTable _table;
    private readonly CancellationToken _cancellationToken;
    private readonly Channel<Block> _free = Channel.CreateUnbounded<Block>();
    private readonly Channel<Block> _toCompress = Channel.CreateUnbounded<Block>();
    private readonly Channel<Block> _toHash = Channel.CreateUnbounded<Block>();
    private Block? _current;

    private RpmPayload(RpmFileTable table, CancellationToken cancellationToken)
    {
        _table = table;
        _cancellationToken = cancellationToken;
        for (int i = 0; i < BlockCount; i++)
        {
            _free.Writer.TryWrite(new Block());
        }
    }

    /// <summary>Writes the payload and leaves digest and colour in each file of the table.</summary>
    /// <exception cref="OmnibusException"><c>PackageInputUnreadable</c>, <c>PackageInputChanged</c>.</exception>
    public static async Task<RpmPayloadResult> WriteAsync(RpmFileTable table, Stream target, CompressionSettings compression, CancellationToken cancellationToken)
    {
        // The first failure stops the other tasks, which might otherwise wait for blocks for ever.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var payload = new RpmPayload(table, stop.Token);
        using var counted = new DigestingStream(target);
        Task<string> hashing = Guard(payload.HashAsync, stop);
        Task<bool> compressing = Guard(() => payload.CompressAsync(counted, compression), stop);
        Task<bool> reading = Guard(payload.ReadAsync, stop);
        Task[] all = [reading, compressing, hashing];
        try
        {
            await Task.WhenAll(all).ConfigureAwait(false);
        }
        catch
        {
            // Of several failures show the cause, not the cancellations that followed it.
            cancellationToken.ThrowIfCancellationRequested();
            Task failed = all.FirstOrDefault(t => t.IsFaulted) ?? reading;
            await failed.ConfigureAwait(false);
            throw;
        }

        return new RpmPayloadResult(counted.Count, counted.FinishDigest(), await hashing.ConfigureAwait(false));
    }

    private static Task<T> Guard<T>(Func<Task<T>> work, CancellationTokenSource stop) => Task.Run(
        async () =>
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        },
        CancellationToken.None);

    private async Task<bool> ReadAsync()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int index in _table.PayloadOrder)
        {
            RpmFile file = _table.Files[index];
            await AppendAsync(HeaderOf(index)).ConfigureAwait(false);
            if (file.Entry.Kind == PackageEntryKind.SymbolicLink)
            {
                await AppendAsync(System.Text.Encoding.UTF8.GetBytes(file.Entry.LinkTarget!)).ConfigureAwait(false);
            }
            else if (file.IsRegular && file.BringsData)
            {
                await AppendContentAsync(file, digest).ConfigureAwait(false);
            }

            await AppendAsync(new byte[CpioFormat.Padding(RpmFileTable.DataLength(file))]).ConfigureAwait(false);
        }

        CopyDigestsToOtherNames();
        await AppendAsync(CpioFormat.Trailer()).ConfigureAwait(false);
        Post();
        _toCompress.Writer.Complete();
        _toHash.Writer.Complete();
        return true;
    }

    private byte[] HeaderOf(int index)
    {
        CpioEntry entry = _table.CpioEntryOf(index);
        byte[] header = new byte[entry.Name is null ? CpioFormat.StrippedLength : CpioFormat.MeasureHeader(entry.Name)];
        CpioFormat.WriteHeader(header, entry);
        return header;
    }

    private async Task AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> room = await RoomAsync().ConfigureAwait(false);
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            _current!.Length += count;
            bytes = bytes[count..];
        }
    }

    // Files are read straight into the blocks that go to the compressor.
    private async Task AppendContentAsync(RpmFile file, IncrementalHash digest)
    {
        long left = file.Size;
        byte[] head = new byte[5];
        try
        {
            using Stream content = file.Original.Content!.OpenRead();
            while (left > 0)
            {
                Memory<byte> room = await RoomAsync().ConfigureAwait(false);
                int wanted = (int)Math.Min(room.Length, left);
                int count = content.ReadAtLeast(room.Span[..wanted], wanted, throwOnEndOfStream: false);
                if (count < wanted)
                {
                    throw Changed(file, "became shorter");
                }

                // The beginning may be split between two blocks.
                int known = (int)Math.Min(file.Size - left, head.Length);
                room.Span[..Math.Min(count, head.Length - known)].CopyTo(head.AsSpan(known));

                digest.AppendData(room.Span[..count]);
                _current!.Length += count;
                left -= count;
            }

            if (content.ReadByte() >= 0)
            {
                throw Changed(file, "became longer");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException(
                "PackageInputUnreadable",
                e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage,
                $"The content of {file.Entry.Path} could not be read: {e.Message}",
                file.Original.Content is FileContent onDisk ? onDisk.Path : file.Entry.Path,
                inner: e);
        }

        file.Color = ColorOf(head);
        file.Digest = Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static OmnibusException Changed(RpmFile file, string how) => new(
        "PackageInputChanged",
        ErrorKind.Conflict,
        $"The content of {file.Entry.Path} {how} while it was packed.",
        file.Original.Content is FileContent onDisk ? onDisk.Path : file.Entry.Path,
        "Make sure that nothing writes to the files while the package is built.");

    // e_ident of elf(5): magic, then class 1 or 2.
    private static byte ColorOf(ReadOnlySpan<byte> head) =>
        head.StartsWith("\u007fELF"u8) && head[4] is 1 or 2 ? head[4] : (byte)0;

    private void CopyDigestsToOtherNames()
    {
        var byInode = _table.Files.Where(f => f.IsRegular && f.Links > 1 && f.BringsData).ToDictionary(f => f.Inode);
        foreach (RpmFile file in _table.Files)
        {
            if (file.IsRegular && !file.BringsData)
            {
                file.Digest = byInode[file.Inode].Digest;
                file.Color = byInode[file.Inode].Color;
            }
        }
    }

    private async ValueTask<Memory<byte>> RoomAsync()
    {
        if (_current is { Length: BlockLength })
        {
            Post();
        }

        _current ??= await _free.Reader.ReadAsync(_cancellationToken).ConfigureAwait(false);
        return _current.Bytes.AsMemory(_current.Length);
    }

    private void Post()
    {
        if (_current is { } block)
        {
            block.Users = 2;
            _toCompress.Writer.TryWrite(block);
            _toHash.Writer.TryWrite(block);
            _current = null;
        }
    }

    private async Task<bool> CompressAsync(Stream target, CompressionSettings compression)
    {
        using Stream compressor = Compressors.Compress(target, compression, _table.PayloadSize, cancellationToken: _cancellationToken);
        await foreach (Block block in _toCompress.Reader.ReadAllAsync(_cancellationToken).ConfigureAwait(false))
        {
            compressor.Write(block.Bytes, 0, block.Length);
            Release(block);
        }

        return true;
    }

    private async Task<string> HashAsync()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (Block block in _toHash.Reader.ReadAllAsync(_cancellationToken).ConfigureAwait(false))
        {
            digest.AppendData(block.Bytes, 0, block.Length);
            Release(block);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private void Release(Block block)
    {
        if (Interlocked.Decrement(ref block.Users) == 0)
        {
            block.Length = 0;
            _free.Writer.TryWrite(block);
        }
    }

    private sealed class Block
    {
        public int Users;

        public byte[] Bytes { get; } = new byte[BlockLength];

        public int Length { get; set; }
    }
}
