using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Images;

/// <summary>Writes the seed that cloud-init reads at the first boot of a cloud image (NoCloud data source: a volume labelled cidata).</summary>
internal static class NoCloudSeed
{
    /// <summary>Writes the seed of a machine that boots through its firmware; others need none.</summary>
    public static async Task WriteAsync(VmDefinition machine, VmFiles files, CancellationToken cancellationToken)
    {
        if (machine.Boot != BootMode.Firmware)
        {
            return;
        }

        string publicKey = (await File.ReadAllTextAsync(files.PublicKey, cancellationToken).ConfigureAwait(false)).Trim();
        using var image = new MemoryStream();
        Iso9660Writer.Write(image, "cidata", [("meta-data", MetaData(machine)), ("user-data", UserData(machine, [publicKey, .. machine.AuthorizedKeys]))]);
        await File.WriteAllBytesAsync(files.Seed, image.ToArray(), cancellationToken).ConfigureAwait(false);
        File.SetUnixFileMode(files.Seed, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    // JSON is YAML: no value can break out of its place.
    private static byte[] MetaData(VmDefinition machine) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["instance-id"] = machine.Id.ToString("D"),
        ["local-hostname"] = machine.Name,
    });

    internal static byte[] UserData(VmDefinition machine, IReadOnlyList<string> keys)
    {
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
            // At each boot, and only once: the address of the host as the guest sees it.
            ["bootcmd"] = new JsonArray { new JsonArray { "sh", "-c", "grep -q ' host.omnibus$' /etc/hosts || echo \"$1 host.omnibus\" >> /etc/hosts", "hosts", GuestNetwork.HostAddress } },
        };
        return Encoding.UTF8.GetBytes("#cloud-config\n" + data.ToJsonString() + "\n");
    }
}
