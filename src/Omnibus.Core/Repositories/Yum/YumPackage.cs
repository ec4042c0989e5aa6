using System.Text;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>An rpm that is to be added to a yum repository.</summary>
internal sealed class YumPackage : PreparedPackage
{
    /// <summary>Its element in primary up to the value of its location.</summary>
    public required byte[] BeforeLocation { get; init; }

    /// <summary>Its element in primary from the end of that value.</summary>
    public required byte[] AfterLocation { get; init; }

    /// <summary>Its element in filelists.</summary>
    public required byte[] Filelists { get; init; }

    /// <summary>Its element in other.</summary>
    public required byte[] Other { get; init; }

    /// <summary>Its element in an index.</summary>
    public byte[] ElementFor(YumIndexKind kind)
    {
        if (kind != YumIndexKind.Primary)
        {
            return kind == YumIndexKind.Filelists ? Filelists : Other;
        }

        var location = new XmlBuffer();
        location.AttributeValue(Encoding.UTF8.GetBytes(Key));
        return [.. BeforeLocation, .. location.Written, .. AfterLocation];
    }
}

/// <summary>A metadata file of another kind that is to be published beside the lists: errata, groups or modules.</summary>
internal sealed class YumMetadataFile : PreparedPackage
{
    /// <summary><c>updateinfo</c>, <c>group</c> or <c>modules</c>.</summary>
    public required string Type { get; init; }

    /// <summary>File name without a digest.</summary>
    public required string FileName { get; init; }
}
