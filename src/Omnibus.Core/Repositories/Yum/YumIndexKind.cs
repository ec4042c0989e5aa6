namespace Omnibus.Core.Repositories.Yum;

/// <summary>One of the three lists of packages that every yum repository has.</summary>
internal sealed class YumIndexKind
{
    private YumIndexKind(string type, string root, string namespaces)
    {
        Type = type;
        _prolog = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} {namespaces} packages=\"";
        Epilog = System.Text.Encoding.UTF8.GetBytes($"</{root}>\n");
    }

    private readonly string _prolog;

    /// <summary>Name in repomd.xml.</summary>
    public string Type { get; }

    /// <summary>What follows the last package.</summary>
    public byte[] Epilog { get; }

    /// <summary>Names, versions, relations.</summary>
    public static YumIndexKind Primary { get; } = new("primary", "metadata", "xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"");

    /// <summary>All files.</summary>
    public static YumIndexKind Filelists { get; } = new("filelists", "filelists", "xmlns=\"http://linux.duke.edu/metadata/filelists\"");

    /// <summary>Changelogs.</summary>
    public static YumIndexKind Other { get; } = new("other", "otherdata", "xmlns=\"http://linux.duke.edu/metadata/other\"");

    /// <summary>All three.</summary>
    public static IReadOnlyList<YumIndexKind> All { get; } = [Primary, Filelists, Other];

    /// <summary>What precedes the first package.</summary>
    public byte[] Prolog(long packages) => System.Text.Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_prolog}{packages}\">\n"));
}
