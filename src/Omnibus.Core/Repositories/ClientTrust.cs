using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories;

/// <summary>Whether a repository's clients will accept what its keys sign: asked before anything is written.</summary>
internal static class ClientTrust
{
    /// <summary>Demands that each client accepts one of the keys at least; one that is not accepted for long is a warning.</summary>
    /// <returns>The repository with its keys opened: to unlock a large RSA key takes longer than to sign with it. Keep it no longer than the work lasts.</returns>
    /// <exception cref="OmnibusException"><c>SigningKeyRefused</c>, and those of <see cref="Repository.OpenSignerAsync"/>.</exception>
    public static async Task<Repository> RequireAsync(Repository repository, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false) is not { } signer)
        {
            return repository;
        }

        (IReadOnlyList<PolicyClient> clients, bool isKnown) = ClientsOf(repository);
        try
        {
            KeyPolicy.Require(signer, clients, repository.Context.Clock.GetUtcNow(), progress);
        }
        catch (OmnibusException e) when (e.Id == "SigningKeyRefused")
        {
            string? advice = isKnown ? e.Advice : $"{e.Advice} A repository for one distribution has to please that one's clients only: say which with -Distribution.".TrimStart();
            throw new OmnibusException(e.Id, e.Kind, $"{repository.Location}: {e.Message}", e.Item, advice, e);
        }

        return repository.WithSigner(signer);
    }

    // Who comes to a repository that is for no distribution in particular is not known: any client of its kind.
    private static (IReadOnlyList<PolicyClient> Clients, bool IsKnown) ClientsOf(Repository repository)
    {
        IReadOnlyList<PolicyClient> known = repository.Distribution is { } distribution ? KeyPolicy.ClientsFor([distribution]) : [];
        return known.Count > 0 ? (known, true) : (KeyPolicy.ClientsOf(repository.Format.ClientFamily), false);
    }
}
