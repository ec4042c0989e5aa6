using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>The files that follow from an InRelease, for clients that read no by-hash keys or no InRelease.</summary>
internal static class AptCompanions
{
    /// <summary>Packages files under their plain names, then Release.gpg, and Release last: it tells which Packages files are in place.</summary>
    public static async Task<IReadOnlyList<CompanionObject>> MakeAsync(Repository repository, PublishedPointer pointer, bool all, CancellationToken cancellationToken)
    {
        var layout = new AptLayout(repository.Configuration);
        ReleaseFile release = AptPointer.Read(pointer);
        byte[]? written = all ? null : await repository.Store.ReadBytesAsync(layout.Root + "Release", PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> text = AptPointer.TextOf(pointer);
        bool signed = AptPointer.IsClearsigned(pointer);
        if (signed && written is not null && text.Span.SequenceEqual(written))
        {
            return [];
        }

        // In an unsigned repository Release itself is the pointer and tells nothing of what follows it.
        ReleaseFile? earlier = written is null || !signed ? null : TryParse(written);
        var companions = new List<CompanionObject>();
        foreach ((string path, ReleaseEntry entry) in release.Entries)
        {
            bool inPlace = earlier is not null && earlier.Entries.TryGetValue(path, out ReleaseEntry? before) && before == entry;
            if (layout.IsStored(path) && !inPlace)
            {
                companions.Add(new CompanionObject(layout.Root + path, layout.ByHashKey(path, entry.Sha256), null));
            }
        }

        if (signed)
        {
            ISigner signer = (await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false))!;
            using var data = new MemoryStream(text.ToArray());
            byte[] signature = await signer.SignDetachedAsync(data, armor: true, release.Date, cancellationToken).ConfigureAwait(false);
            companions.Add(new CompanionObject(layout.Root + "Release.gpg", null, signature));
            companions.Add(new CompanionObject(layout.Root + "Release", null, text));
        }

        return companions;
    }

    /// <summary>Whether they are in place: Release, which is written last, is that of the pointer. In an unsigned repository Release is the pointer, and nothing tells.</summary>
    public static async Task<bool> AreInPlaceAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken)
    {
        if (!AptPointer.IsClearsigned(pointer))
        {
            return repository.Store.StagingParent is null;
        }

        byte[]? written = await repository.Store.ReadBytesAsync(new AptLayout(repository.Configuration).Root + "Release", PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false);
        return written is not null && AptPointer.TextOf(pointer).Span.SequenceEqual(written);
    }

    /// <summary>The keys of all of them.</summary>
    public static IReadOnlyList<string> Keys(RepositoryConfiguration configuration, PublishedPointer pointer)
    {
        var layout = new AptLayout(configuration);
        string[] others = AptPointer.IsClearsigned(pointer) ? ["Release.gpg", "Release"] : [];
        return [.. AptPointer.Read(pointer).Entries.Keys.Concat(others).Select(path => layout.Root + path)];
    }

    // A damaged Release says nothing; it is written anew.
    private static ReleaseFile? TryParse(byte[] text)
    {
        try
        {
            return ReleaseFile.Parse(text, "Release");
        }
        catch (OmnibusException)
        {
            return null;
        }
    }
}
