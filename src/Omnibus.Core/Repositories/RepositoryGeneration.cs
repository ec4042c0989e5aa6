using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories;

/// <summary>What is to change in a published state.</summary>
public sealed record RepositoryChangeSet
{
    /// <summary>Packages to add.</summary>
    public IReadOnlyList<PreparedPackage> Additions { get; init; } = [];

    /// <summary>Packages to take out, exactly.</summary>
    public IReadOnlySet<PackageIdentity> Removals { get; init; } = new HashSet<PackageIdentity>();

    /// <summary>Other bytes of a published version replace it. The engine has checked that the repository allows it.</summary>
    public bool Replace { get; init; }

    /// <summary>A new pointer is made even when no package changes: new signature, date, fields of the configuration.</summary>
    public bool Refresh { get; init; }
}

/// <summary>One question to a format: what would be published if this were merged with that?</summary>
public sealed record RepositoryMerge
{
    /// <summary>The repository; its store is read, never written.</summary>
    public required Repository Repository { get; init; }

    /// <summary>What is published now, or null when nothing is.</summary>
    public required PublishedPointer? Current { get; init; }

    /// <summary>Where the content is taken from: what is published now, or a checkpoint that is restored.</summary>
    public required PublishedPointer? Content { get; init; }

    /// <summary>The change.</summary>
    public required RepositoryChangeSet Changes { get; init; }

    /// <summary>The time of this publication; never before that of the current state.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Builds on what is published even when none of the repository's keys has signed it.</summary>
    public bool AcceptAnySigner { get; init; }

    /// <summary>A local folder for the indexes that are made; the engine removes it.</summary>
    public required string StagingFolder { get; init; }
}

/// <summary>What became of one package of a change.</summary>
public enum PackageChangeKind
{
    /// <summary>Is new.</summary>
    Added,

    /// <summary>Took the place of other bytes of the same version.</summary>
    Replaced,

    /// <summary>Went.</summary>
    Removed,

    /// <summary>Was there already with the same bytes.</summary>
    Unchanged,
}

/// <summary>What became of one package.</summary>
/// <param name="Kind">What.</param>
/// <param name="Package">Which.</param>
/// <param name="Key">Its key in the store.</param>
/// <param name="Size">Size of the file in bytes.</param>
public sealed record PackageChange(PackageChangeKind Kind, PackageIdentity Package, string Key, long Size);

/// <summary>A file made for publication.</summary>
/// <param name="Key">Its immutable, content-addressed key.</param>
/// <param name="Path">The local file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex digest.</param>
public sealed record StagedObject(string Key, string Path, long Size, string Sha256);

/// <summary>
/// A file that follows from the pointer and is written after it, for clients that do not read content-addressed keys: apt's
/// <c>Packages.gz</c>, <c>Release</c> and <c>Release.gpg</c>, yum's <c>repomd.xml.asc</c>. Exactly one of the two sources is set.
/// </summary>
/// <param name="Key">Its key.</param>
/// <param name="SourceKey">The immutable object that it repeats.</param>
/// <param name="Content">Its bytes.</param>
public sealed record CompanionObject(string Key, string? SourceKey, ReadOnlyMemory<byte>? Content);

/// <summary>A complete next state, made but not yet published. Nothing of it is visible until the pointer is written.</summary>
public sealed record RepositoryGeneration
{
    /// <summary>Whether there is anything to publish.</summary>
    public required bool Changed { get; init; }

    /// <summary>The new pointer, signed; empty when nothing changed.</summary>
    public ReadOnlyMemory<byte> Pointer { get; init; }

    /// <summary>What clients call this state: the <c>revision</c> of yum, the date of apt.</summary>
    public string Revision { get; init; } = string.Empty;

    /// <summary>Packages whose files must be in the store.</summary>
    public IReadOnlyList<PreparedPackage> Uploads { get; init; } = [];

    /// <summary>New indexes.</summary>
    public IReadOnlyList<StagedObject> Indexes { get; init; } = [];

    /// <summary>Keys that the current state names and the new one does not.</summary>
    public IReadOnlyList<string> Superseded { get; init; } = [];

    /// <summary>What became of each package of the change.</summary>
    public IReadOnlyList<PackageChange> Changes { get; init; } = [];

    /// <summary>Additions that are published with other bytes: one <c>RepositoryPackageConflict</c> each, its item the <see cref="PreparedPackage"/>. They are not part of the new state.</summary>
    public IReadOnlyList<OmnibusException> Conflicts { get; init; } = [];
}
