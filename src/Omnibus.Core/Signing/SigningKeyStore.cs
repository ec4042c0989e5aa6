using System.IO.Enumeration;
using System.Security;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Signing.OpenPgp;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>
/// The keys of one user: a folder (mode 0700) with <c>FINGERPRINT.pub.pgp</c> for each key and, where the secret is at hand,
/// <c>FINGERPRINT.sec.pgp</c> (mode 0600), both ordinary OpenPGP that gpg can import.
/// </summary>
public sealed class SigningKeyStore
{
    private const string PublicSuffix = ".pub.pgp";
    private const string SecretSuffix = ".sec.pgp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens a store. Its folder is made when something is first written.</summary>
    /// <param name="path">The folder, or null for <see cref="DefaultPath"/>.</param>
    public SigningKeyStore(string? path = null) => Path = System.IO.Path.GetFullPath(path ?? DefaultPath);

    /// <summary><c>$OMNIBUS_HOME/keys</c>, else <c>$XDG_DATA_HOME/omnibus/keys</c>, else <c>~/.local/share/omnibus/keys</c>.</summary>
    public static string DefaultPath
    {
        get
        {
            string? own = Environment.GetEnvironmentVariable("OMNIBUS_HOME");
            if (!string.IsNullOrEmpty(own))
            {
                return System.IO.Path.Combine(own, "keys");
            }

            return System.IO.Path.Combine(UserFolders.Data, "keys");
        }
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes a key and keeps it.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyRequestInvalid</c>, <c>SigningKeyExists</c>, <c>SigningKeyStoreFailed</c>.</exception>
    public async Task<SigningKey> NewAsync(SigningKeyRequest request, CancellationToken cancellationToken = default)
    {
        if (!request.AllowSameName)
        {
            string userId = SigningKeyGenerator.UserIdOf(request);
            if ((await ListAsync(null, cancellationToken).ConfigureAwait(false)).FirstOrDefault(k => k.UserIds.Contains(userId, StringComparer.Ordinal)) is { } known)
            {
                throw new OmnibusException(
                    "SigningKeyExists",
                    ErrorKind.AlreadyExists,
                    $"There is a signing key '{userId}' already: {known.Fingerprint}.",
                    userId,
                    "Use it, or make a second one with -Force.");
            }
        }

        byte[] secret = await Task.Run(() => SigningKeyGenerator.Generate(request), cancellationToken).ConfigureAwait(false);
        return await KeepAsync(CertificateReader.Read(secret, request.Name)[0], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps the keys of a keyring: public or secret, armored or binary, one or many.</summary>
    /// <param name="keyring">The bytes.</param>
    /// <param name="item">Named in errors: the path.</param>
    /// <param name="cancellationToken">Stops between keys.</param>
    /// <returns>The keys as kept; a key that was known already is merged with what is new.</returns>
    /// <exception cref="OmnibusException">Those of <see cref="SigningKey.Read"/>, <c>SigningKeyStoreFailed</c>.</exception>
    public async Task<IReadOnlyList<SigningKey>> ImportAsync(ReadOnlyMemory<byte> keyring, string item = "keyring", CancellationToken cancellationToken = default)
    {
        var kept = new List<SigningKey>();
        foreach (Certificate certificate in CertificateReader.Read(keyring, item))
        {
            kept.Add(await KeepAsync(certificate, cancellationToken).ConfigureAwait(false));
        }

        return kept;
    }

    /// <summary>All keys, by name.</summary>
    /// <param name="pattern">Wildcards (<c>*</c>, <c>?</c>) over name, address, user ID, key ID and fingerprint; null for all.</param>
    /// <param name="cancellationToken">Stops between keys.</param>
    public async Task<IReadOnlyList<SigningKey>> ListAsync(string? pattern = null, CancellationToken cancellationToken = default)
    {
        var keys = new List<SigningKey>();
        if (Directory.Exists(Path))
        {
            foreach (string file in Directory.EnumerateFiles(Path, "*" + PublicSuffix).Order(StringComparer.Ordinal))
            {
                SigningKey key = await LoadAsync(System.IO.Path.GetFileName(file)[..^PublicSuffix.Length], cancellationToken).ConfigureAwait(false);
                if (pattern is null || Matches(key, pattern))
                {
                    keys.Add(key);
                }
            }
        }

        keys.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and int byName ? byName : a.Created.CompareTo(b.Created));
        return keys;
    }

    /// <summary>The one key that a fingerprint, key ID, name, address or user ID means.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyNotFound</c>, <c>SigningKeyAmbiguous</c>.</exception>
    public async Task<SigningKey> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<SigningKey> found = await ListAsync(key, cancellationToken).ConfigureAwait(false);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new OmnibusException("SigningKeyNotFound", ErrorKind.NotFound, $"There is no signing key '{key}' in {Path}.", key, "List the keys with Get-SigningKey, make one with New-SigningKey, or bring one with Import-SigningKey."),
            _ => throw new OmnibusException("SigningKeyAmbiguous", ErrorKind.InvalidArgument, $"'{key}' means {found.Count} signing keys: {string.Join(", ", found.Select(k => k.Fingerprint))}.", key, "Use the fingerprint."),
        };
    }

    /// <summary>A signer with a key of this store.</summary>
    /// <param name="key">Fingerprint, key ID, name or address.</param>
    /// <param name="passphrase">Unlocks a protected secret.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException">Those of <see cref="GetAsync"/> and <see cref="InProcessSigner.Open"/>.</exception>
    public async Task<InProcessSigner> OpenSignerAsync(string key, SecureString? passphrase = null, CancellationToken cancellationToken = default)
    {
        SigningKey found = await GetAsync(key, cancellationToken).ConfigureAwait(false);
        string secret = SecretFile(found.Fingerprint);
        return File.Exists(secret)
            ? InProcessSigner.Open(await File.ReadAllBytesAsync(secret, cancellationToken).ConfigureAwait(false), passphrase, found)
            : throw InProcessSigner.SecretMissing(found.ToString());
    }

    /// <summary>The public keys of some keys as one keyring.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="armor">ASCII armor, or binary as <c>/usr/share/keyrings/*.gpg</c> wants.</param>
    public static byte[] ExportPublic(IEnumerable<SigningKey> keys, bool armor)
    {
        byte[] packets = keys.SelectMany(k => k.PublicKey.ToArray()).ToArray();
        return armor ? Armor.Encode(packets, "PUBLIC KEY BLOCK") : packets;
    }

    /// <summary>A key with its secret, still protected by its passphrase if it has one.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeySecretMissing</c>.</exception>
    public async Task<byte[]> ExportSecretAsync(SigningKey key, bool armor, CancellationToken cancellationToken = default)
    {
        string file = SecretFile(key.Fingerprint);
        byte[] packets = File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false) : throw InProcessSigner.SecretMissing(key.ToString());
        return armor ? Armor.Encode(packets, "PRIVATE KEY BLOCK") : packets;
    }

    /// <summary>Writes an export: a public key readable by all, a secret by its owner alone, whole or not at all.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyStoreFailed</c>.</exception>
    public static Task WriteExportAsync(string path, ReadOnlyMemory<byte> export, bool secret, CancellationToken cancellationToken = default) =>
        WriteAsync(path, export, secret ? OwnerOnly : OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead, cancellationToken);

    /// <summary>Forgets a key, its secret first.</summary>
    public void Remove(SigningKey key)
    {
        File.Delete(SecretFile(key.Fingerprint));
        File.Delete(PublicFile(key.Fingerprint));
    }

    private static bool Matches(SigningKey key, string pattern)
    {
        // Fingerprints are pasted with spaces, in groups of four, and with 0x before them.
        string compact = pattern.Replace(" ", string.Empty, StringComparison.Ordinal);
        compact = compact.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? compact[2..] : compact;
        return FileSystemName.MatchesSimpleExpression(compact, key.Fingerprint, ignoreCase: true)
            || FileSystemName.MatchesSimpleExpression(compact, key.KeyId, ignoreCase: true)
            || FileSystemName.MatchesSimpleExpression(pattern, key.Name, ignoreCase: true)
            || (key.Email.Length > 0 && FileSystemName.MatchesSimpleExpression(pattern, key.Email, ignoreCase: true))
            || key.UserIds.Any(u => FileSystemName.MatchesSimpleExpression(pattern, u, ignoreCase: true));
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, UnixFileMode mode, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, Options = FileOptions.Asynchronous });
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("SigningKeyStoreFailed", e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage, $"{path} could not be written: {e.Message}", path, inner: e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<SigningKey> KeepAsync(Certificate certificate, CancellationToken cancellationToken)
    {
        MakeFolder();
        string fingerprint = certificate.Primary.Fingerprint;
        ReadOnlyMemory<byte> publicPackets = certificate.PublicPackets;
        if (File.Exists(PublicFile(fingerprint)))
        {
            publicPackets = Merge((await LoadAsync(fingerprint, cancellationToken).ConfigureAwait(false)).PublicKey, publicPackets, fingerprint);
        }

        // The secret comes first: a key that is listed with a secret must have it.
        if (certificate.SecretPackets is { } secret)
        {
            await WriteAsync(SecretFile(fingerprint), secret, OwnerOnly, cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(PublicFile(fingerprint), publicPackets, OwnerOnly, cancellationToken).ConfigureAwait(false);
        return await LoadAsync(fingerprint, cancellationToken).ConfigureAwait(false);
    }

    private static byte[] Merge(ReadOnlyMemory<byte> known, ReadOnlyMemory<byte> added, string fingerprint)
    {
        if (known.Span.SequenceEqual(added.Span))
        {
            return known.ToArray();
        }

        try
        {
            return PgpPublicKeyRing.Join(new PgpPublicKeyRing(known.ToArray()), new PgpPublicKeyRing(added.ToArray())).GetEncoded();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new OmnibusException("SigningKeyMergeFailed", ErrorKind.Conflict, $"Signing key {fingerprint} is known already and the new copy could not be merged with it.", fingerprint, "Remove the known key first, then import again.", e);
        }
    }

    private async Task<SigningKey> LoadAsync(string fingerprint, CancellationToken cancellationToken)
    {
        string secretFile = SecretFile(fingerprint);
        Certificate certificate = (await CertificateReader.ReadFileAsync(PublicFile(fingerprint), cancellationToken).ConfigureAwait(false))[0];
        ReadOnlyMemory<byte>? secret = File.Exists(secretFile) ? await File.ReadAllBytesAsync(secretFile, cancellationToken).ConfigureAwait(false) : default(ReadOnlyMemory<byte>?);
        return SigningKey.FromCertificate(certificate, secret);
    }

    private void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("SigningKeyStoreFailed", e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage, $"The folder for keys {Path} could not be made: {e.Message}", Path, inner: e);
        }
    }

    private string PublicFile(string fingerprint) => System.IO.Path.Combine(Path, fingerprint + PublicSuffix);

    private string SecretFile(string fingerprint) => System.IO.Path.Combine(Path, fingerprint + SecretSuffix);
}
