using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Merges additions and removals into one list of packages: parts that nothing touches are passed on as they are, compressed.</summary>
internal sealed class PackagesMerge
{
    private static readonly byte[] s_emptyLine = "\n\n"u8.ToArray();

    private readonly List<Addition> _additions;
    private readonly HashSet<(string Name, string Version, string Architecture)> _removals;
    private readonly bool _replace;
    private readonly AptIndex _index;
    private readonly string _item;
    private readonly IndexParts _parts = new();
    private int _next;
    private byte[] _last = [];

    /// <summary>Prepares a merge.</summary>
    /// <param name="index">The index.</param>
    /// <param name="changes">The change of the whole repository.</param>
    /// <param name="item">The index's name in errors.</param>
    public PackagesMerge(AptIndex index, RepositoryChangeSet changes, string item)
    {
        _index = index;
        _replace = changes.Replace;
        _item = item;
        _additions = [.. changes.Additions.Where(p => p.Identity.Component == index.Component && index.Takes(p.Identity.Architecture)).Cast<AptPackage>().Select(p => new Addition(p))];
        _additions.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        _removals = [.. changes.Removals.Where(r => r.Component == index.Component && index.Takes(r.Architecture)).Select(r => (r.Name, r.Version, r.Architecture))];
    }

    /// <summary>Whether the change can touch this index at all.</summary>
    public bool HasWork => _additions.Count > 0 || _removals.Count > 0;

    /// <summary>Whether the merged index differs from the published one.</summary>
    public bool Changed { get; private set; }

    /// <summary>What became of each package.</summary>
    public List<(PackageChange Change, AptPackage? Package)> Outcomes { get; } = [];

    /// <summary>Published packages that were taken out or replaced.</summary>
    public List<PublishedPackage> Gone { get; } = [];

    /// <summary>Keys of files that the merged index no longer names.</summary>
    public IEnumerable<string> SupersededKeys => Gone.SelectMany(p => p.Files).Select(f => f.Key);

    /// <summary>Additions that are published with other bytes.</summary>
    public List<OmnibusException> Conflicts { get; } = [];

    /// <summary>Merges.</summary>
    /// <param name="reader">The published index; null when there is none.</param>
    /// <param name="writer">Takes the merged one.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="InvalidDataException">The index was not written by this: read it whole and use <see cref="RunForeignAsync"/>.</exception>
    public async Task RunAsync(IndexReader? reader, IndexWriter writer, CancellationToken cancellationToken)
    {
        while (reader is not null && await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } chunk)
        {
            if (chunk.Plain.Length > 0)
            {
                Take(chunk);
            }

            await _parts.WriteClosedAsync(writer, cancellationToken).ConfigureAwait(false);
        }

        await FinishAsync(writer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Merges with an index of another maker, in any order, or with a selection of stanzas.</summary>
    /// <param name="stanzas">Its stanzas, each with the empty line that ends it.</param>
    /// <param name="writer">Takes the merged index.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunForeignAsync(List<byte[]> stanzas, IndexWriter writer, CancellationToken cancellationToken)
    {
        foreach (byte[] stanza in stanzas)
        {
            if (!_index.KeyOf(stanza).IsComplete)
            {
                throw PackagesStanza.Invalid(_item, "a stanza has no Package, Version or Architecture", null);
            }
        }

        Changed = true;
        stanzas.Sort((a, b) => _index.KeyOf(a).CompareTo(_index.KeyOf(b)));
        for (int i = 0; i < stanzas.Count; i++)
        {
            // The first of several with one key counts, as it does for apt.
            if (i == 0 || _index.KeyOf(stanzas[i - 1]).CompareTo(_index.KeyOf(stanzas[i])) != 0)
            {
                Merge(stanzas[i]);
                await _parts.WriteClosedAsync(writer, cancellationToken).ConfigureAwait(false);
            }
        }

        await FinishAsync(writer, cancellationToken).ConfigureAwait(false);
    }

    private async Task FinishAsync(IndexWriter writer, CancellationToken cancellationToken)
    {
        EmitAdditionsBefore(default);
        _parts.Close();
        await _parts.WriteClosedAsync(writer, cancellationToken).ConfigureAwait(false);
    }

    private void Take(IndexChunk chunk)
    {
        ReadOnlySpan<byte> plain = chunk.Plain.Span;
        bool hit = Validate(plain, out StanzaKey first, out StanzaKey last);
        EmitAdditionsBefore(first);
        bool touched = hit || (_next < _additions.Count && _additions[_next].Key.CompareTo(last) <= 0);
        if (!touched && (!_parts.IsOpen || first.BeginsChunk))
        {
            _last = [.. plain[LastStanza(plain)..]];
            _parts.PassOn(chunk);
            return;
        }

        while (!plain.IsEmpty)
        {
            int end = plain.IndexOf(s_emptyLine) + s_emptyLine.Length;
            Merge(plain[..end]);
            plain = plain[end..];
        }

        _last = [.. chunk.Plain.Span[LastStanza(chunk.Plain.Span)..]];
        chunk.Dispose();
    }

    private static int LastStanza(ReadOnlySpan<byte> plain)
    {
        int before = plain[..^s_emptyLine.Length].LastIndexOf(s_emptyLine);
        return before < 0 ? 0 : before + s_emptyLine.Length;
    }

    // Whether a part is one of ours: whole stanzas in strict order, with the borders where their keys put them.
    private bool Validate(ReadOnlySpan<byte> plain, out StanzaKey first, out StanzaKey last)
    {
        StanzaKey previous = _index.KeyOf(_last);
        bool hit = false;
        first = default;
        for (bool begins = true; !plain.IsEmpty; begins = false)
        {
            int end = plain.IndexOf(s_emptyLine);
            if (end <= 0)
            {
                throw NotOurs();
            }

            StanzaKey key = _index.KeyOf(plain[..end]);
            bool wrongBorder = begins ? _last.Length > 0 && !key.BeginsChunk : key.BeginsChunk;
            if (!key.IsComplete || wrongBorder || previous.CompareTo(key) >= 0)
            {
                throw NotOurs();
            }

            first = begins ? key : first;
            hit |= _removals.Count > 0 && IsRemoved(key);
            previous = key;
            plain = plain[(end + s_emptyLine.Length)..];
        }

        last = previous;
        return hit;
    }

    private bool IsRemoved(StanzaKey key) =>
        _removals.Contains((Encoding.UTF8.GetString(key.Name), Encoding.UTF8.GetString(key.Version), Encoding.UTF8.GetString(key.Architecture)));

    private void Merge(ReadOnlySpan<byte> stanza)
    {
        StanzaKey key = _index.KeyOf(stanza);
        EmitAdditionsBefore(key);
        if (_next < _additions.Count && _additions[_next].Key.CompareTo(key) == 0)
        {
            MergeSame(_additions[_next++].Package, stanza);
            return;
        }

        if (_removals.Count > 0 && IsRemoved(key))
        {
            PublishedPackage removed = _index.Read(stanza, _item);
            Gone.Add(removed);
            Tell(PackageChangeKind.Removed, removed, null);
            Changed = true;
            return;
        }

        Emit(stanza, key);
    }

    private void MergeSame(AptPackage package, ReadOnlySpan<byte> stanza)
    {
        PublishedPackage published = _index.Read(stanza, _item);
        if (published.Sha256 == package.Sha256)
        {
            byte[] ours = package.StanzaFor(published.Key);
            bool rewritten = package.ChangesFields && !stanza.SequenceEqual(ours);
            Changed |= rewritten;
            Emit(rewritten ? ours : stanza, _index.KeyOf(stanza));
            Tell(rewritten ? PackageChangeKind.Replaced : PackageChangeKind.Unchanged, published, null);
            return;
        }

        if (!_replace)
        {
            Conflicts.Add(Conflict(package, published));
            Emit(stanza, _index.KeyOf(stanza));
            return;
        }

        // Other bytes never take an old key: a client that reads the old state still finds what that state promised.
        package.UsualKeyTaken = true;
        Gone.Add(published);
        Changed = true;
        EmitAddition(package, PackageChangeKind.Replaced);
    }

    private OmnibusException Conflict(AptPackage package, PublishedPackage published) => new(
        "RepositoryPackageConflict",
        ErrorKind.Conflict,
        $"{package.Identity} is already published with other content (published sha256 {(published.Sha256.Length > 0 ? published.Sha256 : "unknown")}, yours {package.Sha256}).",
        package,
        "Raise the release number, or publish the file that is published. Only a mutable repository takes it with -Force.");

    // Everything that sorts before a key; an empty key stands for the end.
    private void EmitAdditionsBefore(StanzaKey key)
    {
        while (_next < _additions.Count && (!key.IsComplete || _additions[_next].Key.CompareTo(key) < 0))
        {
            Changed = true;
            EmitAddition(_additions[_next++].Package, PackageChangeKind.Added);
        }
    }

    private void EmitAddition(AptPackage package, PackageChangeKind kind)
    {
        byte[] stanza = package.StanzaFor(package.Key);
        Emit(stanza, _index.KeyOf(stanza));
        Outcomes.Add((new PackageChange(kind, package.Identity, package.Key, package.Size), package));
    }

    private void Tell(PackageChangeKind kind, PublishedPackage package, AptPackage? upload) =>
        Outcomes.Add((new PackageChange(kind, package.Identity, package.Key, package.Size), upload));

    private void Emit(ReadOnlySpan<byte> stanza, StanzaKey key) => _parts.Append(stanza, key.BeginsChunk);

    private static InvalidDataException NotOurs() => new("The index was written by another program.");

    private readonly struct Addition(AptPackage package)
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(package.Identity.Name);
        private readonly byte[] _version = Encoding.UTF8.GetBytes(package.Identity.Version);
        private readonly byte[] _architecture = Encoding.UTF8.GetBytes(package.Identity.Architecture);

        public AptPackage Package { get; } = package;

        public StanzaKey Key => new(_name, _version, _architecture);
    }
}
