using System.Globalization;
using System.Text;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>The files of a machine that uses yum repositories: a file in <c>/etc/yum.repos.d</c> (yum.conf(5), dnf.conf(5)) and an armored file for each key.</summary>
internal static class YumClientFiles
{
    private const string KeyFolder = "/etc/pki/rpm-gpg";

    /// <summary>Makes them.</summary>
    /// <param name="channels">The repositories, the main one first.</param>
    public static IEnumerable<PackageEntry> Make(IReadOnlyList<ClientChannel> channels)
    {
        string main = channels[0].Id;
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var keys = new List<PackageEntry>();
        foreach (SigningKey key in channels.SelectMany(c => c.Keys).DistinctBy(k => k.Fingerprint))
        {
            // One key a file: rpm of EL 7 reads only the first of a block.
            string file = string.Create(CultureInfo.InvariantCulture, $"{KeyFolder}/RPM-GPG-KEY-{main}{(files.Count == 0 ? string.Empty : $"-{files.Count + 1}")}");
            files.Add(key.Fingerprint, file);
            keys.Add(new PackageEntry(PackageEntryKind.File, file)
            {
                // Below /etc everything is configuration; but an edited key gives way to the new one and is kept beside it.
                Content = new MemoryContent(SigningKeyStore.ExportPublic([key], armor: true)),
                Flags = PackageEntryFlags.Config,
            });
        }

        yield return new PackageEntry(PackageEntryKind.File, $"/etc/yum.repos.d/{main}.repo")
        {
            Content = new MemoryContent(string.Join('\n', channels.Select(c => Section(c, files)))),
            Flags = PackageEntryFlags.Config | PackageEntryFlags.NoReplace,
        };
        foreach (PackageEntry key in keys)
        {
            yield return key;
        }
    }

    private static string Section(ClientChannel channel, Dictionary<string, string> files)
    {
        var text = new StringBuilder();
        text.Append($"[{channel.Id}]\n");
        text.Append($"name={channel.Title}\n");
        text.Append($"baseurl={channel.Address}/\n");
        text.Append($"enabled={(channel.Enabled ? 1 : 0)}\n");
        text.Append("gpgcheck=1\n");
        text.Append("repo_gpgcheck=1\n");
        text.Append($"gpgkey={string.Join("\n       ", channel.Keys.Select(k => "file://" + files[k.Fingerprint]))}\n");
        if (channel.MetadataExpire is { } expire)
        {
            text.Append(CultureInfo.InvariantCulture, $"metadata_expire={(long)expire.TotalSeconds}\n");
        }

        return text.ToString();
    }
}
