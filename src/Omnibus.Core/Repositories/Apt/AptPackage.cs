using System.Text;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>A .deb, or a source package, that is to be added to an apt repository.</summary>
internal sealed class AptPackage : PreparedPackage
{
    /// <summary>Its stanza up to the value of Filename; of Directory for a source package.</summary>
    public required byte[] BeforeFilename { get; init; }

    /// <summary>Its stanza from the end of that value, with the empty line that ends it.</summary>
    public required byte[] AfterFilename { get; init; }

    /// <summary>Whether the caller asked for fields that may differ from those of the same published bytes.</summary>
    public bool ChangesFields { get; init; }

    /// <summary>Paths of its files without the leading slash, as UTF-8 lines, where the repository publishes them.</summary>
    public ReadOnlyMemory<byte> FileList { get; init; }

    /// <summary>Its section, for the list of files.</summary>
    public string? Section { get; init; }

    /// <summary>Its whole description, where the repository publishes long descriptions apart and it has one.</summary>
    public string? Description { get; init; }

    /// <summary>The stanza for a key.</summary>
    public byte[] StanzaFor(string key) => [.. BeforeFilename, .. Encoding.UTF8.GetBytes(IsSource ? FolderOf(key) : key), .. AfterFilename];

    private bool IsSource => Identity.Architecture == AptIndex.SourceArchitecture;

    private static string FolderOf(string key) => key.LastIndexOf('/') is > 0 and int end ? key[..end] : ".";
}
