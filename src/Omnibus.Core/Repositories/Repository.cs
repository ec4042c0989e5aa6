using System.Runtime.CompilerServices;
using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories;

/// <summary>A repository on a store: a directory or S3, apt or yum, all the same.</summary>
public sealed class Repository
{
    private const int ConfigurationLimit = 1024 * 1024;

    private Repository(IObjectStore store, RepositoryConfiguration configuration, IRepositoryFormat format, RepositoryContext context)
    {
        Store = store;
        Configuration = configuration;
        Format = format;
        Context = context;
    }

    /// <summary>Where it is, without secrets.</summary>
    public string Location => Store.Location;

    /// <summary><c>Apt</c> or <c>Yum</c>.</summary>
    public string Type => Format.Name;

    /// <summary>The distribution it is for, or null.</summary>
    public string? Distribution => Configuration.Distribution;

    /// <summary>The store.</summary>
    public IObjectStore Store { get; }

    /// <summary>What it is.</summary>
    public RepositoryConfiguration Configuration { get; }

    /// <summary>How it is laid out and indexed.</summary>
    public IRepositoryFormat Format { get; }

    /// <summary>What the engine needs from its surroundings.</summary>
    public RepositoryContext Context { get; }

    /// <summary>Makes a repository: writes its configuration and publishes the empty state, so that clients can use it at once.</summary>
    /// <param name="store">Where.</param>
    /// <param name="configuration">What it is.</param>
    /// <param name="context">What the engine needs.</param>
    /// <param name="progress">Told a key that clients will not accept for long.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>RepositoryExists</c>, <c>RepositoryConfigurationInvalid</c>, <c>SigningKeyRefused</c>, errors of the store and of signing.</exception>
    public static async Task<Repository> CreateAsync(
        IObjectStore store, RepositoryConfiguration configuration, RepositoryContext context, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        Repository repository = await CreateUnpublishedAsync(store, configuration, context, cancellationToken).ConfigureAwait(false);
        await repository.BeginTransaction().CommitAsync(progress, cancellationToken).ConfigureAwait(false);
        return repository;
    }

    /// <summary>Makes a repository whose first state the caller publishes at once.</summary>
    internal static async Task<Repository> CreateUnpublishedAsync(IObjectStore store, RepositoryConfiguration configuration, RepositoryContext context, CancellationToken cancellationToken)
    {
        IRepositoryFormat format = RepositoryFormats.Get(configuration.Type);
        configuration = format.Complete(configuration with { Type = format.Name });
        if (configuration.Distribution is { } name && DistributionCatalog.Shipped.Find(name) is { } distribution && RepositoryFormats.Holding(distribution.Format).Name != format.Name)
        {
            throw RepositoryRules.Invalid($"{name} has {distribution.Format} packages, which a repository of type {format.Name} does not hold", "Leave -Type out: the distribution tells it.");
        }

        var repository = new Repository(store, configuration, format, context);

        // A key that cannot sign, or that nobody would trust, must be found before anything is written.
        await ClientTrust.RequireAsync(repository, null, cancellationToken).ConfigureAwait(false);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(configuration, RepositoryJson.Default.RepositoryConfiguration);
        PutResult put = await store.PutBytesAsync(RepositoryKeys.Configuration, content, new PutOptions { Condition = PutCondition.Absent }, cancellationToken).ConfigureAwait(false);
        if (!put.Stored)
        {
            throw new OmnibusException("RepositoryExists", ErrorKind.AlreadyExists, $"{store.Location} is a repository already.", store.Location, "Use it, or choose another place.");
        }

        return repository;
    }

    /// <inheritdoc cref="CreateAsync(IObjectStore, RepositoryConfiguration, RepositoryContext, IProgress{OperationProgress}, CancellationToken)"/>
    public static Task<Repository> CreateAsync(IObjectStore store, RepositoryConfiguration configuration, RepositoryContext context, CancellationToken cancellationToken) =>
        CreateAsync(store, configuration, context, null, cancellationToken);

    /// <summary>Opens a repository.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryNotFound</c>, <c>RepositoryConfigurationInvalid</c>, errors of the store.</exception>
    public static async Task<Repository> OpenAsync(IObjectStore store, RepositoryContext context, CancellationToken cancellationToken)
    {
        byte[] content = await store.ReadBytesAsync(RepositoryKeys.Configuration, ConfigurationLimit, cancellationToken).ConfigureAwait(false)
            ?? throw new OmnibusException("RepositoryNotFound", ErrorKind.NotFound, $"{store.Location} is no repository of Omnibus.", store.Location, "Create one with New-Repository, or read a foreign one with Import-RepoPackage -Uri.");
        try
        {
            RepositoryConfiguration configuration = JsonSerializer.Deserialize(content, RepositoryJson.Default.RepositoryConfiguration)
                ?? throw new JsonException("It is empty.");
            IRepositoryFormat format = RepositoryFormats.Get(configuration.Type);
            return new Repository(store, format.Complete(configuration), format, context);
        }
        catch (JsonException e)
        {
            throw new OmnibusException("RepositoryConfigurationInvalid", ErrorKind.InvalidData, $"{store.Location}: {RepositoryKeys.Configuration} cannot be read: {e.Message}", store.Location, inner: e);
        }
    }

    /// <summary>Opens a repository that has no configuration of ours, to read it or to publish into it.</summary>
    public static Repository OpenForeign(IObjectStore store, RepositoryConfiguration configuration, RepositoryContext context)
    {
        IRepositoryFormat format = RepositoryFormats.Get(configuration.Type);
        return new Repository(store, format.Complete(configuration with { Type = format.Name }), format, context);
    }

    /// <summary>Writes another configuration. It takes effect with the next publication.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryConfigurationInvalid</c>, <c>SigningKeyRefused</c> (other keys than before, which clients would refuse), errors of the store.</exception>
    public async Task<Repository> ConfigureAsync(RepositoryConfiguration configuration, CancellationToken cancellationToken)
    {
        configuration = Format.Complete(configuration);
        var changed = new Repository(Store, configuration, Format, Context);
        if (!configuration.SigningKeys.SequenceEqual(Configuration.SigningKeys, StringComparer.OrdinalIgnoreCase))
        {
            await ClientTrust.RequireAsync(changed, null, cancellationToken).ConfigureAwait(false);
        }

        byte[] content = JsonSerializer.SerializeToUtf8Bytes(configuration, RepositoryJson.Default.RepositoryConfiguration);
        await Store.PutBytesAsync(RepositoryKeys.Configuration, content, new PutOptions(), cancellationToken).ConfigureAwait(false);
        return changed;
    }

    /// <summary>Starts a change. Any number of additions and removals are one publication.</summary>
    public RepositoryTransaction BeginTransaction() => new(this);

    /// <summary>What is published now, or null when nothing is.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>, errors of the store.</exception>
    public Task<PublishedPointer?> ReadPointerAsync(CancellationToken cancellationToken) => ReadPointerAsync(Format.PointerKey(Configuration), cancellationToken);

    /// <summary>Reads the packages that are published, or that a checkpoint holds.</summary>
    /// <param name="pointer">Which state; null for what is published now.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async IAsyncEnumerable<PublishedPackage> ReadPackagesAsync(PublishedPointer? pointer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        pointer ??= await ReadPointerAsync(cancellationToken).ConfigureAwait(false);
        if (pointer is null)
        {
            yield break;
        }

        await foreach (PublishedPackage package in Format.ReadPackagesAsync(this, pointer, cancellationToken).ConfigureAwait(false))
        {
            yield return package;
        }
    }

    /// <summary>The signer of all this repository's keys, or null when it is unsigned.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyNotFound</c>, <c>SigningKeySecretMissing</c>, <c>SigningKeyExpired</c>.</exception>
    public async Task<ISigner?> OpenSignerAsync(CancellationToken cancellationToken)
    {
        if (Configuration.SigningKeys.Count == 0)
        {
            return null;
        }

        string keys = string.Join(", ", Configuration.SigningKeys);
        return Context.OpenSigner is { } open
            ? await open(Configuration.SigningKeys, cancellationToken).ConfigureAwait(false)
            : throw new OmnibusException("SigningKeySecretMissing", ErrorKind.Security, $"{Location} is signed with {keys}, and no signing keys are at hand.", keys);
    }

    /// <inheritdoc/>
    public override string ToString() => Location;

    /// <summary>The same repository with a signer that is open already.</summary>
    internal Repository WithSigner(ISigner signer) => new(Store, Configuration, Format, Context with { OpenSigner = (_, _) => Task.FromResult(signer) });

    internal async Task<PublishedPointer?> ReadPointerAsync(string key, CancellationToken cancellationToken) =>
        await Store.ReadSmallAsync(key, PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false) is { } read ? new PublishedPointer(key, read.Object.ETag, read.Content) : null;
}
