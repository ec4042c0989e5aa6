namespace Omnibus.Core.Packages.Rpm;

/// <summary>The headers of an rpm file: all that is known of a package without unpacking it. For repositories, signatures and checks.</summary>
internal sealed class RpmPackage
{
    /// <summary>The file as it was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long FileSize { get; init; }

    /// <summary>When the file was last changed.</summary>
    public required DateTimeOffset FileTime { get; init; }

    public required RpmLead Lead { get; init; }

    /// <summary>The signature header.</summary>
    public required RpmHeader Signature { get; init; }

    /// <summary>The main header.</summary>
    public required RpmHeader Header { get; init; }

    /// <summary>Where the main header begins in the file.</summary>
    public required long HeaderStart { get; init; }

    /// <summary>Where the main header ends and the payload begins.</summary>
    public long HeaderEnd => HeaderStart + Header.Bytes.Length;

    /// <summary>Lower-case hex SHA-256 of the whole file, or null when it was not asked for.</summary>
    public string? Sha256 { get; set; }

    /// <summary>Whether it is a source package: it names no source package that it comes from, or says so itself.</summary>
    public bool IsSource => !Header.Has(RpmTag.SourceRpm) || Header.Has(RpmTag.SourcePackage);

    /// <summary>Architecture as repositories name it: <c>src</c> for a source package, whatever it was built on.</summary>
    public string Architecture => IsSource ? "src" : Header.GetString(RpmTag.Arch) ?? "noarch";

    /// <summary>Length of the uncompressed payload, 0 when nothing tells.</summary>
    public long ArchiveSize => Signature.GetNumber(RpmSignatureTag.LongArchiveSize)
        ?? Signature.GetNumber(RpmSignatureTag.PayloadSize)
        ?? Header.GetNumber(RpmTag.ArchiveSize)
        ?? 0;

    /// <summary>Bytes when installed.</summary>
    public long InstalledSize => Header.GetNumber(RpmTag.LongSize) ?? Header.GetNumber(RpmTag.Size) ?? 0;
}
