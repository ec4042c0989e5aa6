using System.Security;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Signing;

/// <summary>A store in a folder of its own, gone afterwards.</summary>
public sealed class TemporaryKeyStore : IDisposable
{
    public TemporaryKeyStore()
    {
        Folder = Directory.CreateTempSubdirectory("omnibus-keys-").FullName;
        Store = new SigningKeyStore(Path.Combine(Folder, "home", "keys"));
    }

    public string Folder { get; }

    public SigningKeyStore Store { get; }

    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
        {
            secret.AppendChar(c);
        }

        return secret;
    }

    public Task<SigningKey> NewAsync(string name, SigningKeyAlgorithm algorithm = SigningKeyAlgorithm.Ed25519, DateTimeOffset? created = null, TimeSpan? lifetime = null, string? passphrase = null) =>
        Store.NewAsync(new SigningKeyRequest(name, "packages@example.com")
        {
            Algorithm = algorithm,
            Created = created,
            Lifetime = lifetime ?? TimeSpan.FromDays(730),
            Passphrase = passphrase is null ? null : Secret(passphrase),
        });

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
