namespace Omnibus.Core.Packages.Rpm;

/// <summary>One signature of a package.</summary>
/// <param name="Tag">Where it stands: a constant of <see cref="RpmSignatureTag"/>.</param>
/// <param name="Packet">The binary OpenPGP packet.</param>
/// <param name="CoversPayload">Whether header and payload together are signed (rpm before 4.14), not the header alone.</param>
internal sealed record RpmSignature(int Tag, ReadOnlyMemory<byte> Packet, bool CoversPayload);

/// <summary>The signatures that a package carries, and the bytes that they are made over.</summary>
internal static class RpmSignatures
{
    /// <summary>All signatures. What header-only ones sign is <see cref="RpmHeader.Bytes"/> of <see cref="RpmPackage.Header"/>.</summary>
    /// <exception cref="Diagnostics.OmnibusException"><c>PackageUnreadable</c>: an OPENPGP signature is no base64.</exception>
    public static IReadOnlyList<RpmSignature> Read(RpmPackage package)
    {
        var signatures = new List<RpmSignature>();
        foreach ((int tag, bool coversPayload) in new[]
        {
            (RpmSignatureTag.Rsa, false),
            (RpmSignatureTag.Dsa, false),
            (RpmSignatureTag.Pgp, true),
            (RpmSignatureTag.Gpg, true),
        })
        {
            ReadOnlyMemory<byte> packet = package.Signature.GetBinary(tag);
            if (!packet.IsEmpty)
            {
                signatures.Add(new RpmSignature(tag, packet, coversPayload));
            }
        }

        foreach (string text in package.Signature.GetStringArray(RpmSignatureTag.OpenPgp))
        {
            try
            {
                signatures.Add(new RpmSignature(RpmSignatureTag.OpenPgp, Convert.FromBase64String(text), false));
            }
            catch (FormatException e)
            {
                throw RpmErrors.Unreadable(package.Path, "an OpenPGP signature of it is no base64", e);
            }
        }

        return signatures;
    }

    /// <summary>The slot for a signature packet: by its version and its key's algorithm (RFC 9580 sections 5.2 and 9.1).</summary>
    /// <returns><see cref="RpmSignatureTag.Rsa"/>, <see cref="RpmSignatureTag.Dsa"/>, or null when only OPENPGP can hold it: version 6, or algorithms that came with it.</returns>
    /// <exception cref="ArgumentException">No signature packet.</exception>
    public static int? SlotOf(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> body = BodyOf(packet);
        if (body.Length < 4)
        {
            throw new ArgumentException("Not an OpenPGP signature packet.", nameof(packet));
        }

        return (Version: body[0], Algorithm: body[2]) switch
        {
            (4, 1 or 2 or 3) => RpmSignatureTag.Rsa,
            (4, 17 or 19 or 22) => RpmSignatureTag.Dsa,
            _ => null,
        };
    }

    // The packet's content behind its header, in the old or the new form (RFC 9580 section 4.2).
    private static ReadOnlySpan<byte> BodyOf(ReadOnlySpan<byte> packet)
    {
        const int SignatureTag = 2;
        if (packet.Length < 6)
        {
            return [];
        }

        byte first = packet[0];
        if ((first & 0xc0) == 0xc0)
        {
            return (first & 0x3f) != SignatureTag ? [] : packet[(packet[1] < 192 ? 2 : packet[1] < 255 ? 3 : 6)..];
        }

        return (first & 0x80) == 0 || ((first >> 2) & 0x0f) != SignatureTag ? [] : packet[((first & 3) switch { 0 => 2, 1 => 3, 2 => 5, _ => 1 })..];
    }
}
