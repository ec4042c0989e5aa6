using System.Collections.Concurrent;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>
/// A change of a repository: additions, removals, retention, or a checkpoint's return, published as one. Nothing is visible until
/// the pointer is written, and that only if it is still the one that was read; otherwise the change is merged again with what is
/// published then.
/// </summary>
public sealed class RepositoryTransaction
{
    private Repository _repository;
    private readonly ConcurrentQueue<PreparedPackage> _additions = new();
    private readonly List<Func<PublishedPackage, bool>> _removals = [];
    private RetentionPolicy? _retention;
    private PublishedPointer? _restored;
    private bool _refresh;
    private bool _trusted;
    private PublishedPointer? _known;
    private bool _isKnown;

    internal RepositoryTransaction(Repository repository) => _repository = repository;

    /// <summary>Whether other bytes of a published version replace it. Only in a repository that is mutable.</summary>
    public bool Force { get; set; }

    /// <summary>Whether to build on what is published even when none of the repository's keys has signed it: after a change of keys.</summary>
    public bool AcceptAnySigner { get; set; }

    /// <summary>Whether packages that are published with other bytes are left out and the others published. Otherwise the transaction fails.</summary>
    public bool SkipConflicts { get; set; }

    /// <summary>The packages that were found to be published with other bytes when the transaction last ran: one error each.</summary>
    public IReadOnlyList<OmnibusException> Conflicts { get; private set; } = [];

    /// <summary>Takes what is published (null: nothing) from the caller, who has just read it: the first attempt builds on it and need not read it again.</summary>
    internal void BuildOn(PublishedPointer? current) => (_known, _isKnown) = (current, true);

    /// <summary>Number of packages that are to be added.</summary>
    public int AdditionCount => _additions.Count;

    /// <summary>Reads a package that is to be added.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>, <c>PackageNotFound</c>, <c>RepositoryArchitectureMismatch</c>, <c>RepositoryComponentUnknown</c>, <c>PackageIdentityWrong</c>, <c>RepositoryPackageDigestWrong</c>.</exception>
    public async Task AddAsync(PackageAddition addition, CancellationToken cancellationToken)
    {
        PreparedPackage package = await _repository.Format.PrepareAsync(addition, _repository.Configuration, cancellationToken).ConfigureAwait(false);
        if (addition.Expected is { } expected && expected with { Component = package.Identity.Component } != package.Identity)
        {
            throw new OmnibusException("PackageIdentityWrong", ErrorKind.Security, $"{Path.GetFileName(addition.Path)} is {package.Identity}; the index that names it says that it is {expected}.", addition.Path);
        }

        if (addition.ExpectedSha256 is { } digest && digest != package.Sha256)
        {
            throw new OmnibusException("RepositoryPackageDigestWrong", ErrorKind.Security, $"{addition.Path} has sha256 {package.Sha256}; the index that names it says {digest}.", addition.Path);
        }

        _additions.Enqueue(package);
    }

    /// <summary>Reads many packages at once.</summary>
    /// <inheritdoc cref="AddAsync(PackageAddition, CancellationToken)"/>
    public async Task AddAsync(IReadOnlyCollection<PackageAddition> additions, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        foreach ((_, OmnibusException error) in await TryAddAsync(additions, progress, cancellationToken).ConfigureAwait(false))
        {
            throw error;
        }
    }

    /// <summary>Reads many packages at once, and tells which of them cannot be added; the others are.</summary>
    public async Task<IReadOnlyList<(PackageAddition Addition, OmnibusException Error)>> TryAddAsync(
        IReadOnlyCollection<PackageAddition> additions, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        int done = 0;
        var failures = new ConcurrentQueue<(PackageAddition Addition, OmnibusException Error)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(additions, options, async (addition, token) =>
        {
            try
            {
                await AddAsync(addition, token).ConfigureAwait(false);
            }
            catch (OmnibusException e)
            {
                failures.Enqueue((addition, e));
            }

            int count = Interlocked.Increment(ref done);
            if (progress is not null && (count % 64 == 0 || count == additions.Count))
            {
                progress.Report(new OperationProgress(_repository.Location, "reading packages") { Item = addition.Path, Fraction = 0.5 * count / additions.Count });
            }
        }).ConfigureAwait(false);
        return [.. failures.OrderBy(f => f.Addition.Path, StringComparer.Ordinal)];
    }

    /// <summary>Takes out every published package for which this is true.</summary>
    public void Remove(Func<PublishedPackage, bool> predicate) => _removals.Add(predicate);

    /// <summary>Takes out what a retention policy does not keep.</summary>
    public void Retain(RetentionPolicy policy) => _retention = policy;

    /// <summary>Publishes the content of an earlier state again.</summary>
    public void Restore(PublishedPointer pointer) => _restored = pointer;

    /// <summary>Publishes even when no package changes: new signature and date, fields of the configuration.</summary>
    public void Refresh() => _refresh = true;

    /// <summary>What <see cref="CommitAsync"/> would do. Writes nothing.</summary>
    /// <inheritdoc cref="CommitAsync"/>
    public Task<RepositoryCommit> PlanAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken) => RunAsync(planOnly: true, progress, cancellationToken);

    /// <summary>Publishes the change.</summary>
    /// <exception cref="OmnibusException">
    /// <c>SigningKeyRefused</c>, <c>RepositoryPackageConflict</c>, <c>RepositoryImmutable</c>, <c>RepositoryBusy</c>, <c>RepositoryClockSkew</c>, and those of the format,
    /// the store and the signers. What is published is then what it was.
    /// </exception>
    public Task<RepositoryCommit> CommitAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken) => RunAsync(planOnly: false, progress, cancellationToken);

    private async Task<RepositoryCommit> RunAsync(bool planOnly, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (Force && !_repository.Configuration.Mutable)
        {
            throw new OmnibusException(
                "RepositoryImmutable",
                ErrorKind.PermissionDenied,
                $"{_repository.Location} is not mutable: a published version is never replaced.",
                _repository.Location,
                "Raise the release number of the package, or mark the repository as mutable with Update-Repository -Mutable.");
        }

        if (!_trusted)
        {
            _repository = await ClientTrust.RequireAsync(_repository, progress, cancellationToken).ConfigureAwait(false);
            _trusted = true;
        }

        using StagingFolder staging = StagingFolder.Create(_repository.Store.StagingParent);
        var publication = new Publication(_repository, staging, progress);
        long until = Environment.TickCount64 + (long)_repository.Context.Patience.TotalMilliseconds;
        ReadOnlyMemory<byte> tried = default;
        for (int attempt = 1; ; attempt++)
        {
            PublishedPointer? current = attempt == 1 && _isKnown ? _known : await _repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false);
            if (current is not null && !tried.IsEmpty && current.Content.Span.SequenceEqual(tried.Span))
            {
                // Our write took effect and only its answer was lost.
                return await publication.CompleteAsync(current.ETag, attempt, first: false, cancellationToken).ConfigureAwait(false);
            }

            RepositoryGeneration generation;
            try
            {
                generation = await MergeAsync(current, staging, attempt, cancellationToken).ConfigureAwait(false);
            }
            catch (OmnibusException e) when (e.Id == "RepositoryIndexMissing" && Environment.TickCount64 < until)
            {
                // Another publisher may have moved on while we read, and its clean-up may have taken what we were reading.
                if (current?.ETag == (await _repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false))?.ETag)
                {
                    throw;
                }

                continue;
            }

            ThrowOnConflicts(generation);
            publication.Begin(generation);
            if (planOnly)
            {
                return publication.Describe(null, attempt, published: false);
            }

            if (!generation.Changed)
            {
                await publication.MendCompanionsAsync(current, cancellationToken).ConfigureAwait(false);
                return publication.Describe(current?.ETag, attempt, published: false);
            }

            if (!await publication.UploadAsync(cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            tried = generation.Pointer;
            PutResult put = await publication.PutPointerAsync(current, cancellationToken).ConfigureAwait(false);
            if (put.Stored)
            {
                return await publication.CompleteAsync(put.ETag, attempt, first: current is null, cancellationToken).ConfigureAwait(false);
            }

            if (Environment.TickCount64 > until)
            {
                throw new OmnibusException(
                    "RepositoryBusy",
                    ErrorKind.Timeout,
                    $"{_repository.Location}: other publishers were faster {attempt} times.",
                    _repository.Location,
                    "Nothing was changed. Publish again when there is less going on.");
            }

            int ceiling = 20 << Math.Min(attempt, 6);
            await Task.Delay(Random.Shared.Next(1, ceiling), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RepositoryGeneration> MergeAsync(PublishedPointer? current, StagingFolder staging, int attempt, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(staging.Path, $"{attempt}");
        string earlier = Path.Combine(staging.Path, $"{attempt - 1}");
        if (Directory.Exists(earlier))
        {
            Directory.Delete(earlier, recursive: true);
        }

        Directory.CreateDirectory(folder);
        PublishedPointer? content = _restored ?? current;
        var merge = new RepositoryMerge
        {
            Repository = _repository,
            Current = current,
            Content = content,
            Changes = new RepositoryChangeSet
            {
                Additions = DistinctAdditions(),
                Removals = await FindRemovalsAsync(content, cancellationToken).ConfigureAwait(false),
                Replace = Force,
                Refresh = _refresh || _restored is not null,
            },
            Time = PublicationTime(current),
            AcceptAnySigner = AcceptAnySigner,
            StagingFolder = folder,
        };
        return await _repository.Format.MergeAsync(merge, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlySet<PackageIdentity>> FindRemovalsAsync(PublishedPointer? content, CancellationToken cancellationToken)
    {
        var found = new HashSet<PackageIdentity>();
        if (content is null || (_removals.Count == 0 && _retention is null))
        {
            return found;
        }

        var kept = new List<PublishedPackage>();
        await foreach (PublishedPackage package in _repository.ReadPackagesAsync(content, cancellationToken).ConfigureAwait(false))
        {
            if (_removals.Exists(remove => remove(package)))
            {
                found.Add(package.Identity);
            }
            else if (_retention is not null)
            {
                kept.Add(package);
            }
        }

        if (_retention is not null)
        {
            found.UnionWith(await RetentionSelector.SelectAsync(_repository, _retention, kept, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    private List<PreparedPackage> DistinctAdditions()
    {
        var byIdentity = new Dictionary<PackageIdentity, PreparedPackage>();
        foreach (PreparedPackage package in _additions)
        {
            if (byIdentity.TryGetValue(package.Identity, out PreparedPackage? first) && first.Sha256 != package.Sha256)
            {
                throw new OmnibusException(
                    "RepositoryPackageConflict",
                    ErrorKind.Conflict,
                    $"{package.Identity} is to be added twice with different content: {first.SourcePath} (sha256 {first.Sha256}) and {package.SourcePath} (sha256 {package.Sha256}). Nothing was changed.",
                    package.SourcePath,
                    "Leave one of them out.");
            }

            byIdentity.TryAdd(package.Identity, package);
        }

        return [.. byIdentity.Values];
    }

    // apt takes a state whose date is earlier than the last one it saw for a replay and keeps the old one.
    private DateTimeOffset PublicationTime(PublishedPointer? current)
    {
        DateTimeOffset now = _repository.Context.Clock.GetUtcNow();
        if (current is null)
        {
            return now;
        }

        DateTimeOffset published = _repository.Format.ReadTime(current);
        if (published - now > TimeSpan.FromMinutes(10))
        {
            throw new OmnibusException(
                "RepositoryClockSkew",
                ErrorKind.InvalidData,
                $"{_repository.Location} was published at {published:u}, but it is {now:u} here: one of the clocks is wrong.",
                _repository.Location,
                "Set this machine's clock, or that of the machine that published last.");
        }

        return published > now ? published : now;
    }

    private void ThrowOnConflicts(RepositoryGeneration generation)
    {
        Conflicts = generation.Conflicts;
        if (Conflicts.Count == 0 || SkipConflicts)
        {
            return;
        }

        OmnibusException first = Conflicts[0];
        throw Conflicts.Count == 1
            ? first
            : new OmnibusException(first.Id, first.Kind, $"{first.Message} ({Conflicts.Count} packages in all.)", first.Item, first.Advice)
            {
                Findings = [.. Conflicts.Select(c => new Finding(c.Id, FindingSeverity.Error, c.Message, _repository.Location))],
            };
    }
}
