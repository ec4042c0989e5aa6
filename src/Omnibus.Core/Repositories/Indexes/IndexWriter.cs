using System.Security.Cryptography;
using Omnibus.Core.Compression;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>
/// Writes an index in several compressions at once, part by part: parts of the earlier generation are copied, new ones compressed
/// on all cores. Memory holds a few parts, never the index.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    private readonly List<Output> _outputs = [];
    private readonly Queue<(int PlainLength, Task<EncodedChunk>[] Encoded)> _pending = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly int _inFlight = 2 * Environment.ProcessorCount;
    private long _plainSize;
    private bool _any;

    /// <summary>Starts files.</summary>
    /// <param name="kinds">Compressions.</param>
    /// <param name="folder">An existing local folder.</param>
    /// <param name="name">First part of the files' names.</param>
    public IndexWriter(IReadOnlyList<CompressionKind> kinds, string folder, string name)
    {
        foreach (CompressionKind kind in kinds)
        {
            _outputs.Add(new Output(ChunkCodec.For(kind), Path.Combine(folder, name + Compressors.Extension(kind))));
        }
    }

    /// <summary>The compressions, in the order of the reused parts.</summary>
    public IReadOnlyList<CompressionKind> Kinds => _outputs.ConvertAll(o => o.Codec.Kind);

    /// <summary>Adds a part.</summary>
    /// <param name="plain">Its content. It must stay as it is until the writer is completed, unless every compression is reused.</param>
    /// <param name="reused">Its compressed forms from the earlier generation, in the order of <see cref="Kinds"/>, null where there is none; or null.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> plain, IReadOnlyList<EncodedChunk?>? reused, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _any = true;
        _hash.AppendData(plain.Span);
        _plainSize += plain.Length;
        var encoded = new Task<EncodedChunk>[_outputs.Count];
        for (int i = 0; i < encoded.Length; i++)
        {
            ChunkCodec codec = _outputs[i].Codec;
            encoded[i] = reused?[i] is { } known ? Task.FromResult(known) : Task.Run(() => codec.Encode(plain), cancellationToken);
        }

        _pending.Enqueue((plain.Length, encoded));
        while (_pending.Count > _inFlight || (_pending.Count > 0 && Array.TrueForAll(_pending.Peek().Encoded, t => t.IsCompletedSuccessfully)))
        {
            await WriteOldestAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Writes what is left and closes the files.</summary>
    public async Task<WrittenIndex> CompleteAsync(CancellationToken cancellationToken)
    {
        if (!_any)
        {
            // Not every decompressor takes an empty file for a compressed one.
            await WriteAsync(ReadOnlyMemory<byte>.Empty, null, cancellationToken).ConfigureAwait(false);
        }

        while (_pending.Count > 0)
        {
            await WriteOldestAsync().ConfigureAwait(false);
        }

        return new WrittenIndex(_plainSize, Convert.ToHexStringLower(_hash.GetHashAndReset()), _outputs.ConvertAll(o => o.Complete()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        foreach (Output output in _outputs)
        {
            output.Dispose();
        }
    }

    private async Task WriteOldestAsync()
    {
        (_, Task<EncodedChunk>[] encoded) = _pending.Dequeue();
        for (int i = 0; i < encoded.Length; i++)
        {
            _outputs[i].Write(await encoded[i].ConfigureAwait(false));
        }
    }

    private sealed class Output : IDisposable
    {
        private readonly FileStream _file;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly List<EncodedChunk> _chunks = [];
        private long _size;

        public Output(ChunkCodec codec, string path)
        {
            Codec = codec;
            try
            {
                _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 64 * 1024);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw StagingErrors.From(e, path);
            }

            Append(codec.Header.Span);
        }

        public ChunkCodec Codec { get; }

        public void Write(EncodedChunk chunk)
        {
            Append(chunk.Bytes.Span);

            // Only lengths are needed for the trailer: keep the head of the part, not the part.
            _chunks.Add(chunk with { Bytes = chunk.Bytes.Span[..Math.Min(32, chunk.Bytes.Length)].ToArray() });
        }

        public IndexFile Complete()
        {
            Append(Codec.Trailer(_chunks));
            try
            {
                _file.Dispose();
            }
            catch (IOException e)
            {
                throw StagingErrors.From(e, _file.Name);
            }

            return new IndexFile(Codec.Kind, _file.Name, _size, Convert.ToHexStringLower(_hash.GetHashAndReset()));
        }

        public void Dispose()
        {
            _hash.Dispose();
            try
            {
                _file.Dispose();
            }
            catch (IOException)
            {
                // The failure that led here is told already.
            }
        }

        private void Append(ReadOnlySpan<byte> bytes)
        {
            try
            {
                _file.Write(bytes);
            }
            catch (IOException e)
            {
                throw StagingErrors.From(e, _file.Name);
            }

            _hash.AppendData(bytes);
            _size += bytes.Length;
        }
    }
}
