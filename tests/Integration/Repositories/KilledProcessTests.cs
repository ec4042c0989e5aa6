using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Publishers as processes of their own on a repository in a folder: killed at any moment, and several at once. Real apt and dnf look at what they leave.</summary>
public sealed class KilledProcessTests : IAsyncLifetime, IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly RepositorySandbox _packages = new();
    private SigningKeyStore _keys = null!;
    private RepositoryContext _context = null!;
    private string[] _signingKeys = [];

    public async Task InitializeAsync()
    {
        _keys = new SigningKeyStore(_folder.Folder("keys"));
        SigningKey key = await _keys.NewAsync(new SigningKeyRequest("Tests", "tests@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
        File.WriteAllBytes(Path.Combine(_folder.Path, "archive.gpg"), key.PublicKey.ToArray());
        _context = new RepositoryContext { OpenSigner = async (names, token) => await _keys.OpenSignerAsync(names.Single(), cancellationToken: token) };
        _signingKeys = [key.Fingerprint];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _packages.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Apt")]
    [InlineData("Yum")]
    public async Task Killed_before_any_step_clients_see_the_old_state_or_the_new_one_and_the_next_run_cleans_up(string type)
    {
        string second = await PackageAsync(type, "second");
        await RepositorySandbox.ImportAsync(await CreateAsync(type, "base"), await PackageAsync(type, "first"));
        int operations = await RunAsync("work-0", 0, second) ?? 0;
        Assert.True(operations > 10);
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(Enumerable.Range(1, operations), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (killAt, _) =>
        {
            string work = $"work-{killAt}";
            Assert.Null(await RunAsync(work, killAt, second));
            string state = await StateAsync(type, work);
            Assert.True(state is "first" or "first second", $"killed before operation {killAt}: {state}");
            seen.TryAdd(state, killAt);
            await FinishAsync(work, second);
            Directory.Delete(Path.Combine(_folder.Path, work), recursive: true);
        });
        Assert.Equal(2, seen.Count);
    }

    [Theory]
    [InlineData("Apt", 12)]
    [InlineData("Yum", 8)]
    public async Task Killed_again_and_again_at_odd_moments_nothing_is_lost_and_nothing_is_left(string type, int count)
    {
        var packages = new List<string>();
        for (int i = 0; i < count; i++)
        {
            // Large enough to be caught in the middle of writing.
            packages.Add(await PackageAsync(type, $"tool{i:00}", 8 * 1024 * 1024));
        }

        await CreateAsync(type, "odd");
        string[] before = [];
        for (int i = 0; i < packages.Count; i++)
        {
            using Process process = Start("odd", 0, packages[i]);
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            await Task.Delay(i * 12);
            process.Kill();
            await process.WaitForExitAsync();
            string[] published = (await StateAsync(type, "odd")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal([.. before, .. published.Where(p => p == $"tool{i:00}")], published);
            before = published;
        }

        await FinishAsync("odd", [.. packages]);
        Assert.Equal(count, (await StateAsync(type, "odd", pointerSigned: true)).Split(' ').Length);
    }

    [Theory]
    [InlineData("Apt")]
    [InlineData("Yum")]
    public async Task Two_processes_at_once_both_succeed_and_nothing_is_lost(string type)
    {
        await CreateAsync(type, "shared", TimeSpan.FromHours(1));
        var packages = new List<string>();
        for (int i = 0; i < 12; i++)
        {
            packages.Add(await PackageAsync(type, $"tool{i:00}"));
        }

        Process[] publishers = [Start("shared", 0, [.. packages[..6]]), Start("shared", 0, [.. packages[6..]])];
        try
        {
            foreach (Process publisher in publishers)
            {
                await publisher.WaitForExitAsync();
                Assert.True(publisher.ExitCode == 0, await publisher.StandardError.ReadToEndAsync());
            }

            Assert.Equal(string.Join(' ', Enumerable.Range(0, 12).Select(i => $"tool{i:00}")), await StateAsync(type, "shared", pointerSigned: true));
            RepositoryCheck check = new(await OpenAsync("shared"));
            await foreach (Finding finding in check.RunAsync(null, CancellationToken.None))
            {
                Assert.NotEqual(FindingSeverity.Error, finding.Severity);
            }
        }
        finally
        {
            foreach (Process publisher in publishers)
            {
                publisher.Dispose();
            }
        }
    }

    // On a copy of the base. The number of operations of a run that came to its end; null when it was killed.
    private async Task<int?> RunAsync(string work, int killAt, string package)
    {
        await ProgramRunner.RunAsync(new ProgramCommand("cp", ["-a", Path.Combine(_folder.Path, "base"), Path.Combine(_folder.Path, work)]));
        using Process process = Start(work, killAt, package);
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        // 128 and SIGKILL.
        Assert.True(process.ExitCode == (killAt == 0 ? 0 : 137), $"ended with {process.ExitCode}: {output}");
        return killAt == 0 ? int.Parse(output.TrimEnd().Split(' ')[^1], CultureInfo.InvariantCulture) : null;
    }

    private Task<string> PackageAsync(string type, string name, int size = 100) => EitherType.PackageAsync(type, _folder.Folder("built"), name, size);

    private Process Start(string repository, int killAt, params string[] packages)
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "Omnibus.Tests.Publisher.dll"), "import", _keys.Path, Path.Combine(_folder.Path, repository), killAt.ToString(CultureInfo.InvariantCulture), .. packages];
        return Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private Task<Repository> CreateAsync(string type, string name, TimeSpan grace = default)
    {
        RepositoryConfiguration configuration = EitherType.Configuration(type, _signingKeys) with { GracePeriod = grace };
        return Repository.CreateAsync(new DirectoryStore(_folder.Folder(name), durable: false), configuration, _context, CancellationToken.None);
    }

    private Task<Repository> OpenAsync(string name) => Repository.OpenAsync(new DirectoryStore(Path.Combine(_folder.Path, name), durable: false), _context, CancellationToken.None);

    // The same import again, whole this time: what the dead left goes. Folders in the making are spared for a minute, so they are made older.
    private async Task FinishAsync(string name, params string[] packages)
    {
        string hidden = Path.Combine(_folder.Path, name, ".omnibus");
        foreach (string entry in Directory.GetFileSystemEntries(Path.Combine(hidden, "staging")))
        {
            Directory.SetLastWriteTimeUtc(entry, DateTime.UtcNow.AddMinutes(-5));
        }

        Repository repository = await OpenAsync(name);
        await RepositorySandbox.ImportAsync(repository, packages);
        for (int i = 0; i < 2; i++)
        {
            RepositoryTransaction again = repository.BeginTransaction();
            again.Refresh();
            await again.CommitAsync(null, CancellationToken.None);
        }

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(hidden, "staging")));
        await foreach (Finding finding in new RepositoryCheck(repository).RunAsync(null, CancellationToken.None))
        {
            Assert.Fail(finding.ToString());
        }
    }

    // The packages that real clients find, with all hashes checked. apt always checks the signature; dnf's lies in a file of its own, which
    // a publisher that was killed between both leaves behind: clients that demand it wait for the next run.
    private async Task<string> StateAsync(string type, string repository, bool pointerSigned = false)
    {
        string client = $"client-{Guid.NewGuid():N}";
        string found;
        if (type == "Apt")
        {
            var apt = new AptRoot(_folder, client, $"Types: deb\nURIs: file:{_folder.Path}/{repository}\nSuites: stable\nComponents: main\nSigned-By: {_folder.Path}/archive.gpg\n");
            apt.Require("apt-get", "update");
            found = apt.Require("apt-cache", "pkgnames");
        }
        else
        {
            found = await new DnfRoot(_folder.Folder(client), $"file://{_folder.Path}/{repository}", packagesSigned: false, pointerSigned).RunAsync("repoquery", "--all", "--queryformat", "name=%{name}");

            // Among what dnf says of the key that it imports.
            found = string.Join('\n', found.Split('\n').Where(l => l.StartsWith("name=", StringComparison.Ordinal)).Select(l => l["name=".Length..]));
        }

        return string.Join(' ', found.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
