using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>How a package is signed.</summary>
internal sealed record RpmSignOptions
{
    /// <summary>Also writes the signature where rpm 6 looks for it (OPENPGP, tag 278), so that both eras verify.</summary>
    public bool AddOpenPgp { get; init; }

    /// <summary>Removes the signatures that are there; otherwise other OPENPGP signatures stay.</summary>
    public bool Replace { get; init; } = true;

    /// <summary>Time of the signature; null for now.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>Puts signatures into packages and takes them out. Header and payload stay as they are; the reserved space takes what a signature needs, so that they stay where they are as well.</summary>
internal static class RpmSignatureEditor
{
    private static readonly int[] s_signatureTags =
    [
        RpmSignatureTag.Rsa, RpmSignatureTag.Dsa, RpmSignatureTag.Pgp, RpmSignatureTag.Gpg, RpmSignatureTag.OpenPgp,
    ];

    /// <summary>Signs a package file in its place: a new file is written beside it and renamed over it.</summary>
    /// <param name="path">The package.</param>
    /// <param name="signer">The key.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops; the old file stays whole.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>, <c>PackageWriteFailed</c>, and the signer's own.</exception>
    public static Task SignAsync(string path, ISigner signer, RpmSignOptions options, CancellationToken cancellationToken) =>
        RewriteAsync(path, (package, stream) => SignToAsync(package, signer, options, stream, cancellationToken), cancellationToken);

    /// <summary>Removes every signature of a package file.</summary>
    /// <inheritdoc cref="SignAsync"/>
    public static Task RemoveAsync(string path, CancellationToken cancellationToken) =>
        RewriteAsync(path, (package, stream) => WriteAsync(package, [], keepOthers: false, stream, cancellationToken), cancellationToken);

    /// <summary>Writes a signed copy of a package to a stream.</summary>
    /// <inheritdoc cref="SignAsync"/>
    public static async Task SignToAsync(RpmPackage package, ISigner signer, RpmSignOptions options, Stream target, CancellationToken cancellationToken)
    {
        var signatures = new List<RpmSignature>();
        foreach (ISigner one in signer.Signers)
        {
            byte[] packet;
            using (var signed = new MemoryStream(package.Header.Bytes.ToArray(), writable: false))
            {
                packet = await one.SignDetachedAsync(signed, armor: false, options.Time, cancellationToken).ConfigureAwait(false);
            }

            // A slot holds one signature. Of several keys the first takes it; the others stand where rpm 6 looks.
            int? slot = RpmSignatures.SlotOf(packet);
            bool free = slot is not null && signatures.TrueForAll(s => s.Tag == RpmSignatureTag.OpenPgp);
            if (free)
            {
                signatures.Add(new RpmSignature(slot!.Value, packet, false));
            }

            if (!free || options.AddOpenPgp)
            {
                signatures.Add(new RpmSignature(RpmSignatureTag.OpenPgp, packet, false));
            }
        }

        await WriteAsync(package, signatures, keepOthers: !options.Replace, target, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a copy of a package with the given signatures to a stream.</summary>
    /// <param name="package">The package.</param>
    /// <param name="signatures">The new signatures.</param>
    /// <param name="keepOthers">Whether signatures in other places than the new ones stay.</param>
    /// <param name="target">Takes the whole package.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task WriteAsync(RpmPackage package, IReadOnlyList<RpmSignature> signatures, bool keepOthers, Stream target, CancellationToken cancellationToken)
    {
        using var source = new FileStream(package.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        byte[] lead = new byte[RpmLead.Length];
        await source.ReadExactlyAsync(lead, cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(lead, cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(BuildSignatureHeader(package, signatures, keepOthers), cancellationToken).ConfigureAwait(false);
        source.Position = package.HeaderStart;
        await source.CopyToAsync(target, 1024 * 1024, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The signature header with the given signatures, padded; of the old length whenever the reserved space allows.</summary>
    internal static byte[] BuildSignatureHeader(RpmPackage package, IReadOnlyList<RpmSignature> signatures, bool keepOthers)
    {
        // Version 6 packages keep their reserved space under another number (rpm's docs/manual/format_v6.md).
        int reservedTag = package.Lead.Major >= 4 ? RpmSignatureTag.Reserved : RpmSignatureTag.ReservedSpace;
        var builder = new RpmHeaderBuilder();
        foreach (RpmHeaderEntry entry in package.Signature.Entries)
        {
            bool isSignature = s_signatureTags.Contains(entry.Tag);
            if (entry.Tag is RpmSignatureTag.HeaderSignatures or RpmSignatureTag.ReservedSpace or RpmSignatureTag.Reserved
                || (isSignature && !keepOthers)
                || builder.Has(entry.Tag))
            {
                continue;
            }

            builder.AddRaw(entry.Tag, entry.Type, entry.Count, package.Signature.GetRaw(entry));
        }

        PutSignatures(builder, package, signatures, keepOthers);

        int oldLength = (int)(package.HeaderStart - RpmLead.Length);
        int needed = builder.Build(RpmSignatureTag.HeaderSignatures).Length;
        const int IndexEntry = 16;
        int room = oldLength - needed - IndexEntry;
        if (room > 0)
        {
            builder.AddBinary(reservedTag, new byte[room]);
        }
        else if (needed > oldLength || oldLength - needed >= 8)
        {
            // The old place is too small: a new one of the usual size.
            builder.AddBinary(reservedTag, new byte[RpmWriter.ReservedSpace]);
        }

        return RpmWriter.Pad(builder.Build(RpmSignatureTag.HeaderSignatures));
    }

    private static void PutSignatures(RpmHeaderBuilder builder, RpmPackage package, IReadOnlyList<RpmSignature> signatures, bool keepOthers)
    {
        List<string> openPgp = keepOthers ? [.. package.Signature.GetStringArray(RpmSignatureTag.OpenPgp)] : [];
        foreach (RpmSignature signature in signatures)
        {
            if (signature.Tag == RpmSignatureTag.OpenPgp)
            {
                string text = Convert.ToBase64String(signature.Packet.Span);
                if (!openPgp.Contains(text))
                {
                    openPgp.Add(text);
                }
            }
            else
            {
                builder.Remove(signature.Tag);
                builder.AddBinary(signature.Tag, signature.Packet.Span);
            }
        }

        builder.Remove(RpmSignatureTag.OpenPgp);
        if (openPgp.Count > 0)
        {
            builder.AddStrings(RpmSignatureTag.OpenPgp, openPgp);
        }
    }

    private static async Task RewriteAsync(string path, Func<RpmPackage, Stream, Task> write, CancellationToken cancellationToken)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, digest: false, cancellationToken).ConfigureAwait(false);
        string full = Path.GetFullPath(path);
        string temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true))
            {
                await write(package, stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(temporary, File.GetUnixFileMode(full));
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException(
                "PackageWriteFailed",
                e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage,
                $"{full} could not be signed: {e.Message}",
                full,
                inner: e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
