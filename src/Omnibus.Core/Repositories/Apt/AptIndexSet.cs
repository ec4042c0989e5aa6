using System.Collections.Concurrent;
using Omnibus.Core.Compression;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>The indexes of the state in the making: taken over from the published one, or written anew into the staging folder. Several threads may add.</summary>
/// <param name="merge">The change.</param>
/// <param name="layout">Where files lie.</param>
/// <param name="content">The Release file that names the published indexes, or null.</param>
internal sealed class AptIndexSet(RepositoryMerge merge, AptLayout layout, ReleaseFile? content)
{
    private readonly ConcurrentDictionary<string, ReleaseEntry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<StagedObject> _staged = new();
    private volatile bool _changed;
    private int _files;

    /// <summary>Whether any index differs from the published one.</summary>
    public bool Changed => _changed;

    /// <summary>The entries of the new Release file.</summary>
    public IReadOnlyDictionary<string, ReleaseEntry> Entries => _entries;

    /// <summary>The files that were written.</summary>
    public IEnumerable<StagedObject> Staged => _staged.DistinctBy(s => s.Key).OrderBy(s => s.Key, StringComparer.Ordinal);

    /// <summary>The published files of an index by their compression.</summary>
    public Dictionary<CompressionKind, IndexReference> FilesOf(string path) => content is null ? [] : AptPointer.FilesOf(layout, content, path);

    /// <summary>Whether an index is published in every compression that it should be.</summary>
    public bool IsComplete(string path) => content is not null && content.Entries.ContainsKey(path) && FilesOf(path) is { Count: > 0 } files && layout.CompressionsOf(path).All(files.ContainsKey);

    /// <summary>Takes an index over as it is. It must be complete.</summary>
    public void Carry(string path)
    {
        foreach (CompressionKind kind in layout.CompressionsOf(path).Append(CompressionKind.None))
        {
            string file = path + Compressors.Extension(kind);
            _entries[file] = content!.Entries[file];
        }
    }

    /// <summary>Starts to write an index.</summary>
    public IndexWriter NewWriter(string path) => new(layout.CompressionsOf(path), merge.StagingFolder, $"index-{Interlocked.Increment(ref _files)}");

    /// <summary>Takes an index that was written.</summary>
    public void Keep(string path, WrittenIndex written, bool changed)
    {
        _changed = changed || _changed;
        _entries[path] = new ReleaseEntry(written.PlainSize, written.PlainSha256);
        foreach (IndexFile file in written.Files)
        {
            string name = path + Compressors.Extension(file.Kind);
            _entries[name] = new ReleaseEntry(file.Size, file.Sha256);
            _staged.Enqueue(new StagedObject(layout.ByHashKey(name, file.Sha256), file.Path, file.Size, file.Sha256));
        }
    }

    /// <summary>Merges sorted records into an index.</summary>
    /// <param name="path">Path of the uncompressed index.</param>
    /// <param name="merging">How.</param>
    /// <param name="additions">Records by key.</param>
    /// <param name="anew">Whether nothing of what is published is used.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>False when the published index is of another maker: make it anew.</returns>
    public async Task<bool> MergeAsync(string path, RecordMerge merging, IEnumerable<ReadOnlyMemory<byte>> additions, bool anew, CancellationToken cancellationToken)
    {
        using IndexWriter writer = NewWriter(path);
        IndexReader? reader = null;
        if (!anew)
        {
            reader = await IndexReader.OpenAsync(merge.Repository.Store, FilesOf(path), writer.Kinds, cancellationToken).ConfigureAwait(false);
            if (reader is null)
            {
                return false;
            }
        }

        using (reader)
        {
            try
            {
                await merging.RunAsync(reader, additions, writer, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException) when (!anew)
            {
                return false;
            }
        }

        WrittenIndex written = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        Keep(path, written, anew || !IsComplete(path) || content!.Entries[path].Sha256 != written.PlainSha256);
        return true;
    }
}
