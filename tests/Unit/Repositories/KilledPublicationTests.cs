using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class KilledPublicationTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Killed_at_any_operation_the_published_state_is_the_old_or_the_new_one_and_the_next_run_cleans_up(bool afterwards, bool everyIndex)
    {
        using var sandbox = new RepositorySandbox();
        RepositoryConfiguration configuration = await RepositorySandbox.SignedAsync() with { Apt = new AptConfiguration { Codename = "stable", Contents = everyIndex, Translations = everyIndex } };
        string first = await sandbox.DebAsync("first");
        string second = await sandbox.DebAsync("second");
        string third = await sandbox.DebAsync("third");
        for (int killAt = 1; ; killAt++)
        {
            Directory.Delete(sandbox.Folder, recursive: true);
            Directory.CreateDirectory(sandbox.Folder);
            sandbox.Clock.Now = TestClock.Start;
            await RepositorySandbox.ImportAsync(await sandbox.CreateAsync(configuration), first);
            sandbox.Clock.Now += TimeSpan.FromSeconds(5);
            var store = new FaultingStore(sandbox.Store(), killAt, afterwards);
            bool killed = false;
            try
            {
                Repository dying = await sandbox.OpenAsync(store);
                RepositoryTransaction transaction = dying.BeginTransaction();
                await transaction.AddAsync(new PackageAddition(second), CancellationToken.None);
                transaction.Remove(p => p.Name == "first");
                await transaction.CommitAsync(null, CancellationToken.None);
            }
            catch (KilledException)
            {
                killed = true;
            }

            Repository repository = await sandbox.OpenAsync();
            await AptRepositoryTests.AssertWholeAsync(repository);
            string state = string.Join(", ", await RepositorySandbox.ListAsync(repository));
            Assert.True(state is "first 1.0 amd64" or "second 1.0 amd64", $"after operation {killAt}: {state}");

            // The same again, and one more: nothing is left over then.
            sandbox.Clock.Now += TimeSpan.FromSeconds(5);
            RepositoryTransaction again = repository.BeginTransaction();
            await again.AddAsync(new PackageAddition(second), CancellationToken.None);
            again.Remove(p => p.Name == "first");
            await again.CommitAsync(null, CancellationToken.None);
            for (int i = 0; i < 2; i++)
            {
                sandbox.Clock.Now += TimeSpan.FromSeconds(5);
                RepositoryTransaction last = repository.BeginTransaction();
                await last.AddAsync(new PackageAddition(third), CancellationToken.None);
                last.Refresh();
                await last.CommitAsync(null, CancellationToken.None);
            }

            Assert.Equal(["second 1.0 amd64", "third 1.0 amd64"], await RepositorySandbox.ListAsync(repository));
            await sandbox.OpenAsync().ContinueWith(async open => await SweepAllAsync(await open), TaskScheduler.Default).Unwrap();
            await AptRepositoryTests.AssertWholeAsync(repository, noOrphans: true);
            if (!killed)
            {
                Assert.True(killAt > 10);
                return;
            }
        }
    }

    [Fact]
    public async Task A_write_of_the_pointer_whose_answer_was_lost_counts_as_done()
    {
        using var sandbox = new RepositorySandbox();
        await sandbox.CreateAsync();
        var store = new ForgetfulStore(sandbox.Store(), "dists/stable/Release");
        RepositoryCommit commit = await RepositorySandbox.ImportAsync(await sandbox.OpenAsync(store), await sandbox.DebAsync("tool"));
        Assert.True(commit.Published);
        Assert.Equal(2, commit.Attempts);
        Assert.Equal(1, commit.Added);
    }

    [Fact]
    public async Task Eight_publishers_at_once_all_succeed_and_nothing_is_lost()
    {
        using var sandbox = new RepositorySandbox();
        await sandbox.CreateAsync(RepositorySandbox.Configuration with { GracePeriod = TimeSpan.FromHours(1) });
        var debs = new List<string>();
        for (int i = 0; i < 24; i++)
        {
            debs.Add(await sandbox.DebAsync($"tool{i:00}"));
        }

        await Task.WhenAll(debs.Chunk(3).Select(part => Task.Run(async () =>
        {
            foreach (string deb in part)
            {
                await RepositorySandbox.ImportAsync(await sandbox.OpenAsync(), deb);
            }
        })));
        Repository repository = await sandbox.OpenAsync();
        Assert.Equal(24, (await RepositorySandbox.ListAsync(repository)).Count);
        await AptRepositoryTests.AssertWholeAsync(repository);
        Assert.Equal(
            Omnibus.Core.Repositories.Apt.AptPointer.TextOf((await repository.ReadPointerAsync(CancellationToken.None))!).ToArray(),
            File.ReadAllBytes(Path.Combine(sandbox.Folder, "dists/stable/Release")));
    }

    // Keeps no record: everything that nothing names goes.
    private static async Task SweepAllAsync(Repository repository)
    {
        Repository strict = Repository.OpenForeign(repository.Store, repository.Configuration with { GracePeriod = TimeSpan.Zero }, repository.Context);
        await new Sweep(strict) { KeepNothing = true }.RunAsync(CancellationToken.None);
    }

    private sealed class ForgetfulStore(IObjectStore inner, string key) : IObjectStore
    {
        private bool _forgot;

        public string Location => inner.Location;

        public string? StagingParent => inner.StagingParent;

        public Task<StoredObject?> FindAsync(string k, CancellationToken cancellationToken) => inner.FindAsync(k, cancellationToken);

        public Task<ObjectReading?> OpenReadAsync(string k, CancellationToken cancellationToken) => inner.OpenReadAsync(k, cancellationToken);

        public async Task<PutResult> PutAsync(string k, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
        {
            PutResult result = await inner.PutAsync(k, open, length, options, progress, cancellationToken);
            if (k == key && !_forgot)
            {
                _forgot = true;
                return new PutResult(false, null);
            }

            return result;
        }

        public Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => inner.DeleteAsync(keys, cancellationToken);

        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);
    }
}
