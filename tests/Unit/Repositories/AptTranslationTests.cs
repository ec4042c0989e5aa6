using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class AptTranslationTests : IDisposable
{
    private static readonly RepositoryConfiguration s_whole = RepositorySandbox.Configuration with { Architectures = ["amd64", "arm64"] };
    private static readonly RepositoryConfiguration s_apart = s_whole with { Apt = new AptConfiguration { Codename = "stable", Translations = true } };

    private readonly RepositorySandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task The_long_description_stands_apart_and_is_found_by_its_sum()
    {
        Repository repository = await _sandbox.CreateAsync(s_apart);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", "1", text: "long"));
        string packages = _sandbox.Index("main/binary-amd64/Packages.gz");
        Assert.Contains("Description: the tool of the tests\nDescription-md5: ", packages, StringComparison.Ordinal);
        Assert.DoesNotContain("Its text", packages, StringComparison.Ordinal);
        string translation = _sandbox.Index("main/i18n/Translation-en.gz");
        Assert.StartsWith("Package: tool\nDescription-md5: ", translation, StringComparison.Ordinal);
        Assert.EndsWith("\nDescription-en: the tool of the tests\n Its text is 'long'.\n\n", translation, StringComparison.Ordinal);
        Assert.Contains(translation.Split('\n')[1], packages, StringComparison.Ordinal);
        await AptRepositoryTests.AssertWholeAsync(repository);
    }

    [Fact]
    public async Task One_description_of_several_packages_stays_until_the_last_of_them_goes()
    {
        Repository repository = await _sandbox.CreateAsync(s_apart);
        await RepositorySandbox.ImportAsync(
            repository, await _sandbox.DebAsync("tool", "1"), await _sandbox.DebAsync("tool", "2"), await _sandbox.DebAsync("tool", "1", "arm64"), await _sandbox.DebAsync("tool", "3", text: "other"));
        Assert.Equal(2, Descriptions().Length);
        await RepositorySandbox.RemoveAsync(repository, p => p.Version is "1" or "3" && p.Architecture == "amd64");
        Assert.Single(Descriptions());
        await RepositorySandbox.RemoveAsync(repository, p => p.Version == "2");
        Assert.Single(Descriptions());
        await RepositorySandbox.RemoveAsync(repository, p => p.Architecture == "arm64");
        Assert.Empty(Descriptions());
    }

    [Fact]
    public async Task Other_bytes_by_force_bring_their_own_description()
    {
        Repository repository = await _sandbox.CreateAsync(s_apart with { Mutable = true });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", "1", text: "one"));
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Force = true;
        await transaction.AddAsync(new PackageAddition(await _sandbox.DebAsync("tool", "1", text: "two")), CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
        Assert.Contains("'two'", Assert.Single(Descriptions()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RepositoryLayout.Pool)]
    [InlineData(RepositoryLayout.Flat)]
    public async Task Switching_it_on_and_off_leads_to_the_same_bytes_as_if_it_had_always_been_so(RepositoryLayout layout)
    {
        RepositoryConfiguration whole = s_whole with { Layout = layout };
        RepositoryConfiguration apart = s_apart with { Layout = layout };
        string[] debs = [await _sandbox.DebAsync("tool", "1", text: "one"), await _sandbox.DebAsync("data", "1", "all"), await _sandbox.DebAsync("tool", "1", "arm64", "three")];
        string root = layout == RepositoryLayout.Flat ? "../../" : string.Empty;
        string packages = root + (root.Length > 0 ? "Packages.gz" : "main/binary-amd64/Packages.gz");
        string translation = root + (root.Length > 0 ? "en.gz" : "main/i18n/Translation-en.gz");

        using var other = new RepositorySandbox();
        await RepositorySandbox.ImportAsync(await other.CreateAsync(apart), debs);
        Repository repository = await _sandbox.CreateAsync(whole);
        await RepositorySandbox.ImportAsync(repository, debs);
        string before = _sandbox.Index(packages);

        repository = await RepositorySandbox.ReconfigureAsync(repository, apart);
        Assert.Equal(other.Index(packages), _sandbox.Index(packages));
        Assert.Equal(other.Index(translation), _sandbox.Index(translation));
        await AptRepositoryTests.AssertWholeAsync(repository);

        repository = await RepositorySandbox.ReconfigureAsync(repository, whole);
        Assert.Equal(before, _sandbox.Index(packages));
        await AptRepositoryTests.AssertWholeAsync(repository);
    }

    [Fact]
    public async Task A_checkpoint_of_before_the_switch_returns_in_todays_form()
    {
        Repository repository = await _sandbox.CreateAsync(s_whole);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", "1"));
        await new RepositoryCheckpoints(repository).CreateAsync("before", CancellationToken.None);
        repository = await RepositorySandbox.ReconfigureAsync(repository, s_apart);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("more", "1"));
        await new RepositoryCheckpoints(repository).RestoreAsync("before", null, CancellationToken.None);
        Assert.StartsWith("Package: tool\n", Assert.Single(Descriptions()), StringComparison.Ordinal);
        Assert.DoesNotContain("Its text", _sandbox.Index("main/binary-amd64/Packages.gz"), StringComparison.Ordinal);
    }

    private string[] Descriptions() => _sandbox.Index("main/i18n/Translation-en.gz").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
}
