using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>
/// Signs with several keys: one file with all their signatures. Clients accept it when they trust any of the keys, so an archive
/// changes its key without locking anyone out: sign with the old and the new one until every client has the new one.
/// </summary>
public sealed class MultiSigner : ISigner
{
    /// <summary>Joins signers.</summary>
    /// <param name="signers">One or more; the first gives its fingerprint to the whole.</param>
    /// <exception cref="OmnibusException"><c>SigningKeyMissing</c> (none), <c>SigningKeyTwice</c>.</exception>
    public MultiSigner(IEnumerable<ISigner> signers)
    {
        Signers = signers.SelectMany(s => s.Signers).ToArray();
        if (Signers.Count == 0)
        {
            throw new OmnibusException("SigningKeyMissing", ErrorKind.InvalidArgument, "Signing with several keys needs at least one key.");
        }

        if (Signers.GroupBy(s => s.SigningFingerprint, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new OmnibusException("SigningKeyTwice", ErrorKind.InvalidArgument, $"Signing key {twice.Key} is given twice.", twice.Key);
        }

        PublicKey = Signers.SelectMany(s => s.PublicKey.ToArray()).ToArray();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ISigner> Signers { get; }

    /// <inheritdoc/>
    public string Fingerprint => Signers[0].Fingerprint;

    /// <inheritdoc/>
    public string SigningFingerprint => Signers[0].SigningFingerprint;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <inheritdoc/>
    public async Task<byte[]> SignDetachedAsync(Stream data, bool armor, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        if (Signers.Count > 1 && !data.CanSeek)
        {
            throw new OmnibusException("SigningFailed", ErrorKind.InvalidArgument, "Signing with several keys reads the data several times, and this stream can be read only once.");
        }

        long start = data.CanSeek ? data.Position : 0;
        var packets = new MemoryStream();
        foreach (ISigner signer in Signers)
        {
            if (data.CanSeek)
            {
                data.Position = start;
            }

            packets.Write(await signer.SignDetachedAsync(data, armor: false, time, cancellationToken).ConfigureAwait(false));
        }

        return armor ? Armor.Encode(packets.ToArray(), "SIGNATURE") : packets.ToArray();
    }

    /// <inheritdoc/>
    public async Task<byte[]> SignCleartextAsync(ReadOnlyMemory<byte> text, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        var hashes = new List<string>();
        var packets = new MemoryStream();
        foreach (ISigner signer in Signers)
        {
            byte[] message = await signer.SignCleartextAsync(text, time, cancellationToken).ConfigureAwait(false);
            (_, byte[] signatures) = CleartextMessage.Parse(message, signer.Fingerprint);
            hashes.AddRange(OpenPgpPacket.Split(signatures, signer.Fingerprint).Select(p => SignatureHash.NameOf(p)));
            packets.Write(signatures);
        }

        return CleartextMessage.Build(text.Span, hashes, packets.ToArray());
    }
}
