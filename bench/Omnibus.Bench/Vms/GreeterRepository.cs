using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Core.Vms.Testing;

namespace Omnibus.Bench.Vms;

/// <summary>A signed repository with one package, which brings a command and a service.</summary>
internal static class GreeterRepository
{
    /// <summary>Makes it below a folder.</summary>
    public static async Task<GuestRepository> MakeAsync(string scratch)
    {
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(
            new PackageDefinition
            {
                Name = "greeter",
                Version = new PackageVersion("1.0", "1"),
                Architecture = "all",
                Summary = "greets",
                Description = "Says hello.",
                Maintainer = "Bench <bench@example.com>",
                Section = "misc",
                Entries =
                [
                    File("/usr/bin/greet", "#!/bin/sh\necho hello\n", 0b111_101_101),
                    File("/lib/systemd/system/greeter.service", "[Unit]\nDescription=greets\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"),
                ],
                Scripts =
                [
                    new PackageScript(ScriptKind.PostInstall, "#!/bin/sh\nset -e\nsystemctl enable greeter.service\nif [ -d /run/systemd/system ]; then systemctl restart greeter.service; fi\n"),
                    new PackageScript(ScriptKind.PreRemove, "#!/bin/sh\nset -e\nif [ \"$1\" = remove ]; then systemctl disable greeter.service; if [ -d /run/systemd/system ]; then systemctl stop greeter.service; fi; fi\n"),
                ],
            },
            Directory.CreateDirectory(Path.Combine(scratch, "debs")).FullName,
            new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 6)),
            CancellationToken.None);
        var keys = new SigningKeyStore(Path.Combine(scratch, "keys"));
        SigningKey key = await keys.NewAsync(new SigningKeyRequest("Bench", "bench@example.com"));
        Repository repository = await Repository.CreateAsync(
            new DirectoryStore(Directory.CreateDirectory(Path.Combine(scratch, "repository")).FullName, durable: false),
            new RepositoryConfiguration { Type = "Apt", Architectures = ["amd64"], Components = ["main"], SigningKeys = [key.Fingerprint], Apt = new AptConfiguration { Codename = "bookworm" } },
            new RepositoryContext { OpenSigner = (names, token) => new SignerSource(keys).OpenAsync(names, null, token) },
            CancellationToken.None);
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync(new PackageAddition(package.Path), CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
        return await GuestRepository.FromAsync(repository, keys);
    }

    private static PackageEntry File(string path, string text, int mode = 0b110_100_100) =>
        new(PackageEntryKind.File, path) { Content = new MemoryContent(Encoding.UTF8.GetBytes(text)), Mode = mode };
}
