using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Omnibus.Core.Vms.Networks;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Images;

/// <summary>Writes the seed that cloud-init reads at the first boot of a cloud image (NoCloud data source: a volume labelled cidata).</summary>
internal static class NoCloudSeed
{
    // Runs at each boot: the host's name as the guest sees it ($1), and the package cache ($2, may be empty; $3 is the script that finds out whether it
    // runs); $4 is its own name, which sudo asks for. dnf asks nobody before it downloads, so it is started through a program that does.
    private const string EachBoot = """
        grep -q ' host.omnibus$' /etc/hosts || echo "$1 host.omnibus" >> /etc/hosts
        grep -q "[[:space:]]$4\$" /etc/hosts || echo "127.0.1.1 $4" >> /etc/hosts
        mkdir -p /run/omnibus /usr/lib/omnibus
        printf %s "$2" > /run/omnibus/proxy
        printf %s "$3" > /usr/lib/omnibus/package-proxy
        chmod 0755 /usr/lib/omnibus/package-proxy
        [ ! -d /etc/apt/apt.conf.d ] || echo 'Acquire::http::Proxy-Auto-Detect "/usr/lib/omnibus/package-proxy";' > /etc/apt/apt.conf.d/80omnibus
        for program in dnf yum; do
            [ -x /usr/bin/$program ] && [ ! -e /usr/local/bin/$program ] || continue
            {
                echo '#!/bin/sh'
                echo '# Made by Omnibus: through the package cache when it runs.'
                echo 'proxy=$(/usr/lib/omnibus/package-proxy any)'
                echo "[ \"\$proxy\" = DIRECT ] || set -- --setopt=proxy=\"\$proxy\" \"\$@\""
                echo "exec /usr/bin/$program \"\$@\""
            } > /usr/local/bin/$program
            chmod 0755 /usr/local/bin/$program
        done
        """;

    /// <summary>Writes the seed of a machine that boots through its firmware; others need none.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="files">Its files.</param>
    /// <param name="proxy">The package cache as the guest sees it, HOST:PORT, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task WriteAsync(VmDefinition machine, VmFiles files, string? proxy, CancellationToken cancellationToken)
    {
        if (machine.Boot != BootMode.Firmware)
        {
            return;
        }

        string publicKey = (await File.ReadAllTextAsync(files.PublicKey, cancellationToken).ConfigureAwait(false)).Trim();
        using var image = new MemoryStream();
        Iso9660Writer.Write(image, "cidata", [("meta-data", MetaData(machine)), ("user-data", UserData(machine, [publicKey, .. machine.AuthorizedKeys], proxy))]);
        await File.WriteAllBytesAsync(files.Seed, image.ToArray(), cancellationToken).ConfigureAwait(false);
        File.SetUnixFileMode(files.Seed, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    // JSON is YAML: no value can break out of its place.
    private static byte[] MetaData(VmDefinition machine) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["instance-id"] = machine.Id.ToString("D"),
        ["local-hostname"] = machine.Name,
    });

    internal static byte[] UserData(VmDefinition machine, IReadOnlyList<string> keys, string? proxy)
    {
        string host = machine.Bridge is null ? GuestNetwork.HostAddress : TapNetwork.GatewayOf(machine.Address);
        JsonArray Keys() => new([.. keys.Select(key => (JsonNode)key)]);
        var users = new JsonArray { new JsonObject { ["name"] = "root", ["ssh_authorized_keys"] = Keys(), ["lock_passwd"] = machine.User != "root" || machine.PasswordHash is null } };
        if (machine.User != "root")
        {
            users.Add(new JsonObject
            {
                ["name"] = machine.User,
                ["sudo"] = "ALL=(ALL) NOPASSWD:ALL",
                ["shell"] = "/bin/bash",
                ["lock_passwd"] = machine.PasswordHash is null,
                ["ssh_authorized_keys"] = Keys(),
            });
        }

        if (machine.PasswordHash is { } hash)
        {
            users[^1]!["hashed_passwd"] = hash;
        }

        var data = new JsonObject
        {
            ["hostname"] = machine.Name,
            ["disable_root"] = false,
            ["ssh_pwauth"] = machine.PasswordHash is not null,
            ["ssh_deletekeys"] = true,
            ["users"] = users,
            ["manage_etc_hosts"] = false,
            ["bootcmd"] = new JsonArray { new JsonArray { "sh", "-c", EachBoot, "omnibus", host, proxy ?? string.Empty, GuestFiles.PackageProxy, machine.Name } },
        };
        return Encoding.UTF8.GetBytes("#cloud-config\n" + data.ToJsonString() + "\n");
    }
}
