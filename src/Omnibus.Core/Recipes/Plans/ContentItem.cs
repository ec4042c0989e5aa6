using Omnibus.Core.Packages;

namespace Omnibus.Core.Recipes.Plans;

/// <summary>Something that a package lays down at a place of the target.</summary>
/// <param name="Destination">Absolute, normalised path on the target.</param>
public abstract record ContentItem(string Destination)
{
    /// <summary>Permission bits (twelve); null takes the source's for files that are executable (0755) or not (0644), and 0755 for directories.</summary>
    public int? Mode { get; init; }

    /// <summary>Owner's name on the target.</summary>
    public string Owner { get; init; } = "root";

    /// <summary>Group's name on the target.</summary>
    public string Group { get; init; } = "root";

    /// <summary>Config, noreplace, documentation, licence.</summary>
    public PackageEntryFlags Flags { get; init; }

    /// <summary>File capabilities in cap_to_text(3) form (rpm only), or null.</summary>
    public string? Capabilities { get; init; }
}

/// <summary>One file.</summary>
/// <param name="Source">The file.</param>
/// <param name="Destination">Where it goes.</param>
public sealed record FileItem(PlanPath Source, string Destination) : ContentItem(Destination);

/// <summary>A small file whose text stands in the recipe.</summary>
/// <param name="Text">Its content, UTF-8.</param>
/// <param name="Destination">Where it goes.</param>
public sealed record TextItem(string Text, string Destination) : ContentItem(Destination);

/// <summary>The content of a folder, with everything below it. <see cref="ContentItem.Mode"/> holds for its files.</summary>
/// <param name="Source">The folder.</param>
/// <param name="Destination">Where its content goes; the package owns this directory.</param>
public sealed record TreeItem(PlanPath Source, string Destination) : ContentItem(Destination)
{
    /// <summary>Permission bits of its directories; null: 0755.</summary>
    public int? DirectoryMode { get; init; }

    /// <summary>What is left out.</summary>
    public PathExcludes Excludes { get; init; } = PathExcludes.None;
}

/// <summary>A directory, maybe empty, that the package owns.</summary>
/// <param name="Destination">Where.</param>
public sealed record DirectoryItem(string Destination) : ContentItem(Destination);

/// <summary>A symbolic link.</summary>
/// <param name="Destination">The link.</param>
/// <param name="Target">What it points to, as it is written.</param>
public sealed record LinkItem(string Destination, string Target) : ContentItem(Destination);

/// <summary>A file that the package owns but does not bring (rpm; nothing in a deb).</summary>
/// <param name="Destination">Where it will be.</param>
public sealed record GhostItem(string Destination) : ContentItem(Destination);
