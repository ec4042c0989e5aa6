using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Core.Signing;

/// <summary>How an rpm package is signed.</summary>
public sealed record RpmSigningOptions
{
    /// <summary>Writes the signature a second time where rpm 6 looks for it (OPENPGP), beside the place that rpm 4 knows.</summary>
    public bool AddOpenPgp { get; init; } = true;

    /// <summary>Removes signatures that are there; otherwise other keys' OPENPGP signatures stay.</summary>
    public bool Replace { get; init; } = true;

    /// <summary>Time of the signature; null for now. With a fixed time and RSA or Ed25519, the same package gives the same bytes.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>
/// Signs rpm packages and checks their signatures. What is signed is the main header, which holds the digest of the payload
/// (rpm 4.14 and later; the signature over header and payload of older ones is checked, never made).
/// </summary>
public static class RpmPackageSigning
{
    /// <summary>Signs a package file in its place: the new file is written beside it and renamed over it.</summary>
    /// <param name="path">The package.</param>
    /// <param name="signer">The key. Of several keys, the first stands where rpm 4 looks, the others as OPENPGP signatures.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops; the old file stays whole.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>, <c>PackageWriteFailed</c>, and the signer's own.</exception>
    public static Task SignAsync(string path, ISigner signer, RpmSigningOptions? options = null, CancellationToken cancellationToken = default) =>
        RpmSignatureEditor.SignAsync(path, signer, Options(options), cancellationToken);

    /// <summary>Writes a signed copy of a package.</summary>
    /// <param name="path">The package, left as it is.</param>
    /// <param name="target">Takes the signed package.</param>
    /// <param name="signer">The key or keys.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>, and the signer's own.</exception>
    public static async Task SignToAsync(string path, Stream target, ISigner signer, RpmSigningOptions? options = null, CancellationToken cancellationToken = default)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, digest: false, cancellationToken).ConfigureAwait(false);
        await RpmSignatureEditor.SignToAsync(package, signer, Options(options), target, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes a signed copy of a package, dated so that the same package and key give the same bytes (with RSA and Ed25519): when the
    /// package was built, or the key made, whichever was later.
    /// </summary>
    /// <param name="path">The package, left as it is.</param>
    /// <param name="folder">Takes the copy, under the package's own file name.</param>
    /// <param name="signer">The key or keys. A signature of any other key is not carried over.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The copy's path; <paramref name="path"/> itself when all keys have signed the package already.</returns>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>, <c>PackageWriteFailed</c>, and the signer's own.</exception>
    public static async Task<string> SignCopyAsync(string path, string folder, ISigner signer, CancellationToken cancellationToken = default)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, digest: false, cancellationToken).ConfigureAwait(false);
        (ISigner Part, SigningKey Key)[] parts = [.. signer.Signers.Select(s => (s, SigningKey.Read(s.PublicKey, s.Fingerprint)[0]))];
        IReadOnlyList<SignatureVerification> present = await VerifyAsync(path, new SignatureVerifier(parts.Select(p => p.Key)), null, cancellationToken).ConfigureAwait(false);
        if (parts.All(p => present.Any(s => s.IsTrustworthy && s.SigningFingerprint == p.Part.SigningFingerprint)))
        {
            return path;
        }

        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(package.Header.GetNumber(RpmTag.BuildTime) ?? 0);
        foreach ((ISigner part, SigningKey key) in parts)
        {
            DateTimeOffset made = key.Subkeys.FirstOrDefault(s => s.Fingerprint == part.SigningFingerprint)?.Created ?? key.Created;
            time = made > time ? made : time;
        }

        string copy = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(path));
        try
        {
            var target = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await RpmSignatureEditor.SignToAsync(package, signer, new RpmSignOptions { AddOpenPgp = true, Time = time }, target, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("PackageWriteFailed", e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage, $"{path}: its signed copy could not be written: {e.Message}", path, inner: e);
        }

        return copy;
    }

    /// <summary>Checks every signature of a package. The digests that tie the payload to the header are not checked here: see <see cref="CheckAsync"/>.</summary>
    /// <returns>The outcomes; none for an unsigned package. A signature that stands in two places is told once.</returns>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static async Task<IReadOnlyList<SignatureVerification>> VerifyAsync(string path, SignatureVerifier verifier, DateTimeOffset? time = null, CancellationToken cancellationToken = default)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, digest: false, cancellationToken).ConfigureAwait(false);
        var outcomes = new List<SignatureVerification>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (RpmSignature signature in RpmSignatures.Read(package))
        {
            if (seen.Add(Convert.ToBase64String(signature.Packet.Span)))
            {
                outcomes.AddRange(await VerifyOneAsync(package, signature, verifier, time, cancellationToken).ConfigureAwait(false));
            }
        }

        return outcomes;
    }

    /// <summary>Checks digests and signatures of a package, as <c>rpm -K</c> does.</summary>
    /// <param name="path">The package.</param>
    /// <param name="verifier">The keys that are trusted.</param>
    /// <param name="requireSignature">Whether a package without a good signature is an error (rpm 6 does not install it) or merely told.</param>
    /// <param name="time">The moment of the check; null for now.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Findings; none when all is well.</returns>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string path, SignatureVerifier verifier, bool requireSignature, DateTimeOffset? time = null, CancellationToken cancellationToken = default)
    {
        List<Finding> findings = [.. await RpmVerifier.CheckAsync(path, cancellationToken).ConfigureAwait(false)];
        IReadOnlyList<SignatureVerification> signatures = await VerifyAsync(path, verifier, time, cancellationToken).ConfigureAwait(false);
        FindingSeverity lacking = requireSignature ? FindingSeverity.Error : FindingSeverity.Information;
        if (signatures.Count == 0)
        {
            findings.Add(new Finding("RpmSignatureMissing", lacking, "It is not signed.", path) { Advice = "Sign it when it is imported into a repository with a signing key." });
        }

        bool trusted = signatures.Any(s => s.IsTrustworthy);
        foreach (SignatureVerification signature in signatures.Where(s => !s.IsTrustworthy))
        {
            // A key that is not known is no fault of the package while another signature holds.
            FindingSeverity severity = signature.Status switch
            {
                SignatureStatus.KeyMissing or SignatureStatus.Unsupported => trusted ? FindingSeverity.Information : lacking,
                SignatureStatus.Good => trusted ? FindingSeverity.Information : FindingSeverity.Warning,
                _ => FindingSeverity.Error,
            };
            findings.Add(new Finding(signature.Status == SignatureStatus.Good ? "RpmSignatureWeak" : "RpmSignature" + signature.Status, severity, $"It carries a {signature}.", path));
        }

        return findings;
    }

    private static RpmSignOptions Options(RpmSigningOptions? options)
    {
        options ??= new RpmSigningOptions();
        return new RpmSignOptions { AddOpenPgp = options.AddOpenPgp, Replace = options.Replace, Time = options.Time };
    }

    private static async Task<IReadOnlyList<SignatureVerification>> VerifyOneAsync(RpmPackage package, RpmSignature signature, SignatureVerifier verifier, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        try
        {
            if (!signature.CoversPayload)
            {
                using var header = new MemoryStream(package.Header.Bytes.ToArray(), writable: false);
                return await verifier.VerifyDetachedAsync(header, signature.Packet, time, cancellationToken).ConfigureAwait(false);
            }

            var file = new FileStream(package.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using (file.ConfigureAwait(false))
            {
                file.Position = package.HeaderStart;
                return await verifier.VerifyDetachedAsync(file, signature.Packet, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OmnibusException e) when (e.Id is "OpenPgpInvalid" or "ArmorInvalid" or "SignatureMissing")
        {
            return [new SignatureVerification(SignatureStatus.Unsupported, new string('0', 16))];
        }
    }
}
