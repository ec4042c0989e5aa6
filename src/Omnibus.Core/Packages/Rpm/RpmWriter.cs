using System.Security.Cryptography;
using Omnibus.Core.Compression;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Writes version 4 packages (rpm's docs/manual/format_v4.md).</summary>
internal static class RpmWriter
{
    /// <summary>Bytes kept free for signatures, as rpmbuild keeps them: a signature can then be added without moving the payload.</summary>
    internal const int ReservedSpace = 4128;

    /// <summary>Writes a whole package at the beginning of a stream that can seek.</summary>
    /// <param name="definition">A definition without errors (<see cref="RpmDefinitionCheck"/>).</param>
    /// <param name="target">Takes the package.</param>
    /// <param name="compression">Compressor and level.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task WriteAsync(PackageDefinition definition, Stream target, CompressionSettings compression, CancellationToken cancellationToken)
    {
        RpmFileTable table = RpmFileTable.Create(definition);
        var composer = new RpmHeaderComposer(definition, table, compression);

        // Everything before the payload has a length that is known now; it is filled in when the payload's digests are.
        int headerLength = composer.MeasureLength();
        bool longSizes = NeedsLongSizes(table.PayloadSize, headerLength);
        int signatureLength = BuildSignatureHeader(new byte[headerLength], 0, table.PayloadSize, longSizes).Length;
        int payloadStart = RpmLead.Length + signatureLength + headerLength;

        target.Position = payloadStart;
        RpmPayloadResult payload = await RpmPayload.WriteAsync(table, target, compression, cancellationToken).ConfigureAwait(false);

        byte[] header = composer.Build(payload.Digest, payload.ArchiveDigest);
        byte[] signature = BuildSignatureHeader(header, header.Length + payload.Length, table.PayloadSize, longSizes);
        if (header.Length != headerLength || signature.Length != signatureLength)
        {
            throw new InvalidOperationException("The headers of an rpm changed their length while its payload was written.");
        }

        byte[] lead = new byte[RpmLead.Length];
        new RpmLead(3, IsSource: false, $"{definition.Name}-{definition.Version.WithoutEpoch}").Write(lead);
        target.Position = 0;
        await target.WriteAsync(lead, cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(signature, cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(header, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The signature header without signatures, padded to eight bytes. MD5 is left out: see docs/decisions.md.</summary>
    private static byte[] BuildSignatureHeader(byte[] header, long size, long payloadSize, bool longSizes)
    {
        var builder = new RpmHeaderBuilder();
#pragma warning disable CA5350 // rpm before 4.14 knows no other digest of the header; SHA-256 stands beside it.
        builder.AddString(RpmSignatureTag.Sha1, Convert.ToHexStringLower(SHA1.HashData(header)));
#pragma warning restore CA5350
        builder.AddString(RpmSignatureTag.Sha256, Convert.ToHexStringLower(SHA256.HashData(header)));
        if (longSizes)
        {
            builder.AddInt64(RpmSignatureTag.LongSize, size);
            builder.AddInt64(RpmSignatureTag.LongArchiveSize, payloadSize);
        }
        else
        {
            builder.AddInt32(RpmSignatureTag.Size, (uint)size);
            builder.AddInt32(RpmSignatureTag.PayloadSize, (uint)payloadSize);
        }

        builder.AddBinary(RpmSignatureTag.ReservedSpace, new byte[ReservedSpace]);
        return Pad(builder.Build(RpmSignatureTag.HeaderSignatures));
    }

    /// <summary>Fills a signature header up to a multiple of eight, where the main header begins.</summary>
    internal static byte[] Pad(byte[] signatureHeader)
    {
        Array.Resize(ref signatureHeader, (signatureHeader.Length + 7) / 8 * 8);
        return signatureHeader;
    }

    // The compressed size is not known yet. Incompressible data grow by less than a thousandth.
    private static bool NeedsLongSizes(long payloadSize, int headerLength) =>
        headerLength + payloadSize + (payloadSize / 1000) + (1024 * 1024) > uint.MaxValue;
}
