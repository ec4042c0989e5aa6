using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>Reads certificates and secret keys, armored or binary, one or many in a file, from anywhere.</summary>
internal static class CertificateReader
{
    /// <summary>A keyring may be this long. Debian's own with every developer's key is 30 MiB; an archive's has a handful of keys.</summary>
    public const int LongestKeyring = 64 * 1024 * 1024;

    private const int MostKeys = 10_000;

    // Flooded certificates carry thousands of signatures. A component needs one; a few old ones are usual.
    private const int MostSelfSignatures = 200;

    /// <summary>Reads a keyring from a file.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyFileNotFound</c>, <c>KeyringTooLarge</c> and those of <see cref="Read"/>.</exception>
    public static async Task<List<Certificate>> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new OmnibusException("SigningKeyFileNotFound", ErrorKind.NotFound, $"There is no key file '{path}'.", path);
        }

        if (new FileInfo(path).Length > LongestKeyring)
        {
            throw new OmnibusException("KeyringTooLarge", ErrorKind.InvalidData, $"{path} is larger than the {LongestKeyring >> 20} MiB that a keyring may have.", path);
        }

        return Read(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), path);
    }

    /// <summary>Reads a keyring.</summary>
    /// <param name="data">Armored or binary.</param>
    /// <param name="item">Named in errors.</param>
    /// <exception cref="OmnibusException"><c>ArmorInvalid</c>, <c>OpenPgpInvalid</c>, <c>SigningKeyUnsupported</c> (no key in it can be used), <c>KeyringFormatUnsupported</c>.</exception>
    public static List<Certificate> Read(ReadOnlyMemory<byte> data, string item)
    {
        if (data.Length > 12 && data.Span[8..12].SequenceEqual("KBXf"u8))
        {
            throw new OmnibusException(
                "KeyringFormatUnsupported",
                ErrorKind.Unsupported,
                $"{item} is a keybox of GnuPG, not OpenPGP data.",
                item,
                "Export the key: gpg --export --armor FINGERPRINT > key.asc");
        }

        ReadOnlyMemory<byte> packets = Armor.IsArmored(data.Span) ? Armor.Decode(data.Span, item) : data;
        var certificates = new List<Certificate>();
        string? unsupported = null;
        List<OpenPgpPacket> all = OpenPgpPacket.Split(packets, item);
        for (int start = 0; start < all.Count;)
        {
            if (all[start].Kind is not (PacketKind.PublicKey or PacketKind.SecretKey))
            {
                if (certificates.Count == 0 && unsupported is null && all[start].Kind is not (PacketKind.Marker or PacketKind.Padding))
                {
                    throw OpenPgpPacket.Invalid(item, "holds no key");
                }

                start++;
                continue;
            }

            int end = start + 1;
            while (end < all.Count && all[end].Kind is not (PacketKind.PublicKey or PacketKind.SecretKey))
            {
                end++;
            }

            try
            {
                certificates.Add(ReadOne(all[start..end]));
            }
            catch (UnsupportedKeyException e)
            {
                unsupported ??= e.Message;
            }

            if (certificates.Count > MostKeys)
            {
                throw OpenPgpPacket.Invalid(item, $"holds more than {MostKeys} keys");
            }

            start = end;
        }

        return certificates.Count > 0 ? certificates : throw new OmnibusException(
            "SigningKeyUnsupported",
            ErrorKind.Unsupported,
            $"{item} holds no key that can be used: {unsupported ?? "no key packet"}.",
            item,
            "Use a version 4 key: RSA, Ed25519 or ECDSA.");
    }

    private static Certificate ReadOne(List<OpenPgpPacket> packets)
    {
        CertificateKey primary = ReadKey(packets[0], isPrimary: true);
        var publicPackets = new MemoryStream();
        publicPackets.Write(PublicForm(packets[0], primary));
        CertificateKey? subkey = null;
        CertificateUserId? userId = null;
        bool skipped = false;
        var subkeys = new List<CertificateKey>();
        var userIds = new List<CertificateUserId>();
        foreach (OpenPgpPacket packet in packets.Skip(1))
        {
            switch (packet.Kind)
            {
                case PacketKind.UserId:
                    userIds.Add(userId = new CertificateUserId(packet.Body));
                    (subkey, skipped) = (null, false);
                    break;
                case PacketKind.UserAttribute:
                    // Pictures are carried along, never looked at.
                    (userId, subkey, skipped) = (null, null, true);
                    break;
                case PacketKind.PublicSubkey or PacketKind.SecretSubkey:
                    try
                    {
                        subkeys.Add(subkey = ReadKey(packet, isPrimary: false));
                        (userId, skipped) = (null, false);
                    }
                    catch (UnsupportedKeyException)
                    {
                        // A subkey of a new kind does not spoil the others; it stays in the public packets where it came as one.
                        (userId, subkey, skipped) = (null, null, true);
                        if (packet.Kind == PacketKind.SecretSubkey)
                        {
                            continue;
                        }
                    }

                    break;
                case PacketKind.Signature:
                    if (!skipped)
                    {
                        AddSignature(packet, primary, subkey, userId);
                    }

                    break;
                default:
                    // Trust notes, padding, markers and packets of the future.
                    continue;
            }

            publicPackets.Write(subkey is not null && packet.Kind == PacketKind.SecretSubkey ? PublicForm(packet, subkey) : packet.Whole.Span);
        }

        var certificate = new Certificate
        {
            Primary = primary,
            PublicPackets = publicPackets.ToArray(),
            SecretPackets = primary.HasSecretPacket ? Join(packets.Where(p => p.Kind is not (PacketKind.Trust or PacketKind.Marker or PacketKind.Padding))) : default(ReadOnlyMemory<byte>?),
        };
        certificate.Subkeys.AddRange(subkeys);
        certificate.UserIds.AddRange(userIds);
        return certificate;
    }

    private static CertificateKey ReadKey(OpenPgpPacket packet, bool isPrimary)
    {
        if (packet.Body.IsEmpty || packet.Body.Span[0] != 4)
        {
            throw new UnsupportedKeyException($"it is a version {(packet.Body.IsEmpty ? 0 : packet.Body.Span[0])} key");
        }

        try
        {
            Packet parsed = new BcpgInputStream(new MemoryStream(packet.Whole.ToArray())).ReadPacket();
            PublicKeyPacket key = parsed is SecretKeyPacket secret ? secret.PublicKeyPacket : (PublicKeyPacket)parsed;
            return new CertificateKey(new PgpPublicKey(key), isPrimary, parsed is SecretKeyPacket);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library reports broken key material by many exceptions.
            throw new UnsupportedKeyException("its key material is broken or of an unknown kind", e);
        }
    }

    private static void AddSignature(OpenPgpPacket packet, CertificateKey primary, CertificateKey? subkey, CertificateUserId? userId)
    {
        if (ParseSignature(packet) is not { } signature)
        {
            return;
        }

        // Only what the key says of itself counts here; other people's certifications are of no use to a package archive.
        if (signature.KeyId != primary.Key.KeyId && signature.KeyId != 0)
        {
            return;
        }

        List<CertificateSignature> target = subkey?.Signatures ?? userId?.Signatures ?? primary.Signatures;
        if (target.Count >= MostSelfSignatures)
        {
            return;
        }

        bool fits = (subkey, userId, signature.SignatureType) switch
        {
            (not null, _, PgpSignature.SubkeyBinding or PgpSignature.SubkeyRevocation) => true,
            (null, not null, PgpSignature.DefaultCertification or PgpSignature.NoCertification or PgpSignature.CasualCertification or PgpSignature.PositiveCertification or PgpSignature.CertificationRevocation) => true,
            (null, null, PgpSignature.DirectKey or PgpSignature.KeyRevocation) => true,
            _ => false,
        };
        if (!fits)
        {
            return;
        }

        byte[][] hashed = subkey is not null ? [primary.HashedForm(), subkey.HashedForm()]
            : userId is not null ? [primary.HashedForm(), HashedForm(userId, signature.Version)]
            : [primary.HashedForm()];
        CertificateSignature? back = null;
        if (subkey is not null && CertificateSignature.EmbeddedIn(signature) is { } embedded)
        {
            back = new CertificateSignature(embedded, subkey.Key, hashed);
        }

        target.Add(new CertificateSignature(signature, primary.Key, hashed) { BackSignature = back });
    }

    /// <summary>Parses one signature packet, or gives null for one that the library does not know.</summary>
    public static PgpSignature? ParseSignature(OpenPgpPacket packet)
    {
        try
        {
            return new PgpObjectFactory(packet.Whole.ToArray()).NextPgpObject() is PgpSignatureList { Count: 1 } list && IsAsWritten(list[0], packet.Body.Span) ? list[0] : null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    // The library hashes the subpackets as it would write them. Where that is not what stands there, the bytes were tampered with.
    private static bool IsAsWritten(PgpSignature signature, ReadOnlySpan<byte> body)
    {
        if (signature.Version != 4)
        {
            return true;
        }

        int hashed = 6 + BinaryPrimitives.ReadUInt16BigEndian(body[4..]);
        return signature.GetSignatureTrailer().AsSpan(0, hashed).SequenceEqual(body[..hashed]);
    }

    private static byte[] HashedForm(CertificateUserId userId, int version)
    {
        if (version < 4)
        {
            return userId.Raw.ToArray();
        }

        var form = new byte[5 + userId.Raw.Length];
        form[0] = 0xB4;
        BinaryPrimitives.WriteUInt32BigEndian(form.AsSpan(1), (uint)userId.Raw.Length);
        userId.Raw.Span.CopyTo(form.AsSpan(5));
        return form;
    }

    private static ReadOnlySpan<byte> PublicForm(OpenPgpPacket packet, CertificateKey key) => key.HasSecretPacket
        ? OpenPgpPacket.Frame(key.IsPrimary ? PacketKind.PublicKey : PacketKind.PublicSubkey, key.Key.PublicKeyPacket.GetEncodedContents())
        : packet.Whole.Span;

    private static byte[] Join(IEnumerable<OpenPgpPacket> packets)
    {
        var joined = new MemoryStream();
        foreach (OpenPgpPacket packet in packets)
        {
            joined.Write(packet.Whole.Span);
        }

        return joined.ToArray();
    }

    private sealed class UnsupportedKeyException(string message, Exception? inner = null) : Exception(message, inner);
}
