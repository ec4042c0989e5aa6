using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Foreign;

/// <summary>Holds the pointer of a repository of another maker against the keys that were given for it.</summary>
/// <param name="source">The repository.</param>
/// <param name="time">The moment of the check.</param>
internal sealed class ForeignTrust(ForeignSource source, DateTimeOffset time)
{
    // A clock that is a little behind the publisher's; apt's Acquire::Max-FutureTime.
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(10);

    /// <summary>Demands that a cleartext-signed file is signed by one of the keys.</summary>
    /// <exception cref="OmnibusException"><c>ForeignRepositoryUntrusted</c>.</exception>
    public Task RequireCleartextAsync(ReadOnlyMemory<byte> message, string key) =>
        RequireAsync(key, () => Task.FromResult(new SignatureVerifier(source.Keys).VerifyCleartext(message, key, time + s_skew).Signatures));

    /// <summary>Demands that a file is signed by one of the keys.</summary>
    /// <param name="data">The file.</param>
    /// <param name="signature">Its detached signature; null when there is none.</param>
    /// <param name="key">The file, for errors.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>ForeignRepositoryUntrusted</c>.</exception>
    public Task RequireDetachedAsync(ReadOnlyMemory<byte> data, byte[]? signature, string key, CancellationToken cancellationToken) => RequireAsync(key, async () =>
    {
        if (signature is null)
        {
            throw Untrusted(key, "it is not signed");
        }

        using var stream = new MemoryStream(data.ToArray(), writable: false);
        return await new SignatureVerifier(source.Keys).VerifyDetachedAsync(stream, signature, time + s_skew, cancellationToken).ConfigureAwait(false);
    });

    /// <summary>The error of a repository that cannot be believed.</summary>
    public OmnibusException Untrusted(string key, string why, Exception? inner = null) => new(
        "ForeignRepositoryUntrusted",
        ErrorKind.Security,
        $"{ForeignRepository.Describe(source.Uri)}: {key} cannot be trusted: {why}. Nothing was imported.",
        source.Uri,
        "Give the key of the repository's maker with -Keyring, after checking its fingerprint.",
        inner);

    private async Task RequireAsync(string key, Func<Task<IReadOnlyList<SignatureVerification>>> verify)
    {
        if (source.SkipSignatureCheck)
        {
            return;
        }

        try
        {
            IReadOnlyList<SignatureVerification> found = await verify().ConfigureAwait(false);
            if (!found.Any(s => s.IsTrustworthy))
            {
                throw Untrusted(key, string.Join("; ", found));
            }
        }
        catch (OmnibusException e) when (e.Kind == ErrorKind.InvalidData)
        {
            throw Untrusted(key, e.Message.TrimEnd('.'), e);
        }
    }
}
