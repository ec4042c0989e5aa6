using System.Text;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>The files of a machine that uses apt repositories: a source in deb822 form (sources.list(5)) and a binary keyring that it alone trusts (Signed-By).</summary>
internal static class AptClientFiles
{
    private const string Keyrings = "/usr/share/keyrings";

    /// <summary>Makes them.</summary>
    /// <param name="package">Name of the package that brings them.</param>
    /// <param name="channels">The repositories, the main one first.</param>
    public static IEnumerable<PackageEntry> Make(string package, IReadOnlyList<ClientChannel> channels)
    {
        string main = channels[0].Id;
        string source = $"/etc/apt/sources.list.d/{main}.sources";
        yield return File(source, Encoding.UTF8.GetBytes(string.Join('\n', channels.Select(c => Stanza(c, KeyringOf(c, channels))))), PackageEntryFlags.Config);
        foreach (IGrouping<string, ClientChannel> keyring in channels.GroupBy(c => KeyringOf(c, channels), StringComparer.Ordinal))
        {
            yield return File(keyring.Key, SigningKeyStore.ExportPublic(keyring.First().Keys, armor: false), PackageEntryFlags.None);
        }

        // lintian speaks for Debian's own archive, where no package may bring sources; to do so is what this one is for.
        string overrides = $"# The source of its own packages is what this package is for.\n{package}: package-installs-apt-sources\n";
        yield return File($"/usr/share/lintian/overrides/{package}", Encoding.ASCII.GetBytes(overrides), PackageEntryFlags.None);
    }

    private static string Stanza(ClientChannel channel, string keyring)
    {
        RepositoryConfiguration configuration = channel.Configuration;
        bool flat = configuration.Layout == RepositoryLayout.Flat;
        var text = new StringBuilder();
        text.Append($"# {channel.Title}\n");
        text.Append("Types: deb\n");
        text.Append($"URIs: {channel.Address}{(flat ? "/" : string.Empty)}\n");
        text.Append($"Suites: {(flat ? "./" : configuration.Apt!.Codename)}\n");
        if (!flat)
        {
            text.Append($"Components: {string.Join(' ', configuration.Components)}\n");
        }

        // Otherwise apt would ask for architectures that a machine has beside its own, and complain that they are not there.
        text.Append($"Architectures: {string.Join(' ', configuration.Architectures)}\n");
        text.Append($"Signed-By: {keyring}\n");
        if (!channel.Enabled)
        {
            text.Append("Enabled: no\n");
        }

        return text.ToString();
    }

    // Channels of the same keys share a keyring.
    private static string KeyringOf(ClientChannel channel, IReadOnlyList<ClientChannel> channels)
    {
        ClientChannel first = channels.First(c => c.Keys.Select(k => k.Fingerprint).SequenceEqual(channel.Keys.Select(k => k.Fingerprint), StringComparer.Ordinal));
        return $"{Keyrings}/{first.Id}-archive-keyring.gpg";
    }

    private static PackageEntry File(string path, byte[] content, PackageEntryFlags flags) =>
        new(PackageEntryKind.File, path) { Content = new MemoryContent(content), Flags = flags };
}
