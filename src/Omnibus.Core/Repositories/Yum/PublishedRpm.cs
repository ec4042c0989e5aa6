using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>
/// Finds a package among those that are published by its content. A signature of one key more or less, or of a kind that is never the same
/// twice (DSA, ECDSA), gives other bytes to the same package: what one of the repository's keys has signed stays as it is then.
/// </summary>
internal static class PublishedRpm
{
    /// <summary>A copy of the published file that differs from a package in nothing but its signatures and carries a good one, or null.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="path">The package.</param>
    /// <param name="folder">Takes the copy.</param>
    /// <param name="signer">The repository's keys.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<string?> FindSameAsync(Repository repository, string path, string folder, ISigner signer, CancellationToken cancellationToken)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, digest: false, cancellationToken).ConfigureAwait(false);
        var identity = new PackageIdentity(string.Empty, package.Header.GetString(RpmTag.Name) ?? string.Empty, PackageXml.VersionOf(package.Header), package.Architecture);
        (string key, _) = YumLayout.PackageKeys(repository.Configuration, identity, new string('0', 64));
        if (!YumLayout.IsSafeKey(key) || await repository.Store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false) is not { } published)
        {
            return null;
        }

        string copy = Path.Combine(folder, "published.rpm");
        await using (published.ConfigureAwait(false))
        {
            var file = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                await published.Content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            }
        }

        try
        {
            // The header holds the digest of the payload.
            RpmPackage known = await RpmPackageReader.ReadAsync(copy, digest: false, cancellationToken).ConfigureAwait(false);
            if (!known.Header.Bytes.Span.SequenceEqual(package.Header.Bytes.Span))
            {
                return null;
            }

            var verifier = new SignatureVerifier(signer.Signers.SelectMany(s => SigningKey.Read(s.PublicKey, s.Fingerprint)));
            IReadOnlyList<SignatureVerification> signatures = await RpmPackageSigning.VerifyAsync(copy, verifier, null, cancellationToken).ConfigureAwait(false);
            return signatures.Any(s => s.IsTrustworthy) ? copy : null;
        }
        catch (OmnibusException e) when (e.Id == "PackageUnreadable")
        {
            // What lies there is no package: the publication itself will say so.
            return null;
        }
    }
}
