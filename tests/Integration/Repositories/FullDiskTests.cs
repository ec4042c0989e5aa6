using System.Diagnostics;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Repositories on a file system that is full, and on one that is read-only: a tmpfs in a mount namespace of the test's own.</summary>
public sealed class FullDiskTests : IDisposable
{
    // With less and less of the disk filled: what the publisher said, and a copy of what it left. Then on a read-only disk, and when there is room.
    private const string Script = """
        set -eu
        mount -t tmpfs -o size=4m tmpfs small
        cp -a base small/r
        publish() { code=0; "$@" >"out/$name.log" 2>&1 || code=$?; echo $code >"out/$name.code"; cp -a small/r "out/$name"; }
        for left in 0 4 8 12 16 24 32 48; do
            name=full-$left
            free=$(df -k --output=avail small | tail -n 1)
            head -c $(((free - left) * 1024)) /dev/zero >small/fill
            publish "$@"
            rm -f small/fill
        done
        mount -o remount,ro small
        name=readonly
        publish "$@"
        mount -o remount,rw small
        name=room
        publish "$@"
        """;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Apt")]
    [InlineData("Yum")]
    public async Task A_disk_that_is_full_or_read_only_is_told_and_what_was_published_stays_whole(string type)
    {
        var keys = new SigningKeyStore(_folder.Folder("keys"));
        SigningKey key = await keys.NewAsync(new SigningKeyRequest("Tests", "tests@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
        var context = new RepositoryContext { OpenSigner = async (names, token) => await keys.OpenSignerAsync(names.Single(), cancellationToken: token) };
        RepositoryConfiguration configuration = EitherType.Configuration(type, [key.Fingerprint]);
        Repository repository = await Repository.CreateAsync(new DirectoryStore(_folder.Folder("base"), durable: false), configuration, context, CancellationToken.None);
        await RepositorySandbox.ImportAsync(repository, await PackageAsync(type, "first"));
        byte[] pointer = await PointerAsync("base");

        _folder.Folder("small");
        _folder.Folder("out");
        string[] asRoot = Environment.IsPrivilegedProcess ? ["--mount"] : ["--map-root-user", "--mount"];
        string publisher = Path.Combine(AppContext.BaseDirectory, "Omnibus.Tests.Publisher.dll");
        var start = new ProcessStartInfo("unshare", [.. asRoot, "sh", "-c", Script, "sh", "dotnet", publisher, "import", keys.Path, "small/r", "0", await PackageAsync(type, "second")])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardError = true,
        };
        using (Process process = Process.Start(start)!)
        {
            string errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, errors);
        }

        int refused = 0;
        foreach (string name in Directory.GetFiles(_folder.PathOf("out"), "full-*.code").Select(f => Path.GetFileNameWithoutExtension(f)))
        {
            if (Code(name) != 0)
            {
                Assert.Contains("StoreFull: ", Log(name), StringComparison.Ordinal);
                refused++;
            }

            // The pointer is the commit: what failed before it left everything as it was, what failed behind it is made good by the next run.
            byte[] found = await PointerAsync($"out/{name}");
            bool committed = !pointer.AsSpan().SequenceEqual(found);
            Assert.Equal(committed ? "first second" : "first", await ListAsync($"out/{name}", context, allowStale: committed));
        }

        Assert.InRange(refused, 3, 8);
        Assert.Equal(1, Code("readonly"));
        Assert.Contains("StoreAccessDenied: ", Log("readonly"), StringComparison.Ordinal);
        Assert.True(Code("room") == 0, Log("room"));
        Assert.Equal("first second", await ListAsync("out/room", context, allowStale: false));

        async Task<byte[]> PointerAsync(string folder) => await File.ReadAllBytesAsync(Path.Combine(_folder.Path, folder, type == "Apt" ? "dists/stable/InRelease" : "repodata/repomd.xml"));
    }

    private int Code(string name) => int.Parse(File.ReadAllText(_folder.PathOf("out", $"{name}.code")), System.Globalization.CultureInfo.InvariantCulture);

    private string Log(string name) => File.ReadAllText(_folder.PathOf("out", $"{name}.log"));

    private async Task<string> ListAsync(string folder, RepositoryContext context, bool allowStale)
    {
        Repository repository = await Repository.OpenAsync(new DirectoryStore(Path.Combine(_folder.Path, folder)), context, CancellationToken.None);
        await foreach (Finding finding in new RepositoryCheck(repository).RunAsync(null, CancellationToken.None))
        {
            Assert.True(finding.Severity != FindingSeverity.Error || (allowStale && finding.Id == "RepositoryCompanionStale"), $"{folder}: {finding}");
        }

        return string.Join(' ', (await RepositorySandbox.ListAsync(repository)).Select(p => p.Split(' ')[0]));
    }

    private Task<string> PackageAsync(string type, string name) => EitherType.PackageAsync(type, _folder.Folder("built"), name);
}
