using System.IO.Compression;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python;

/// <summary>Name and version of a wheel.</summary>
internal static class WheelName
{
    // METADATA holds the long description; anything larger is no metadata.
    private const long MetadataLimit = 16 * 1024 * 1024;

    /// <summary>The requirement that takes exactly this wheel: <c>MarkupSafe==2.1.2</c>.</summary>
    /// <remarks>Read from the metadata: file names spell local versions and names in ways of their own.</remarks>
    /// <exception cref="OmnibusException"><c>WheelInvalid</c>.</exception>
    public static string Pin(string wheel)
    {
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(wheel);
            ZipArchiveEntry? entry = archive.Entries.FirstOrDefault(e => e.FullName.EndsWith(".dist-info/METADATA", StringComparison.Ordinal) && e.FullName.Count(c => c == '/') == 1);
            if (entry is not null && entry.Length <= MetadataLimit)
            {
                using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
                var metadata = CoreMetadata.Parse(reader);
                if (metadata["Name"] is { Length: > 0 } name && metadata["Version"] is { Length: > 0 } version)
                {
                    return $"{name}=={version}";
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw Invalid(wheel, e);
        }

        throw Invalid(wheel, null);
    }

    private static OmnibusException Invalid(string wheel, Exception? inner) =>
        new("WheelInvalid", ErrorKind.InvalidData, $"{Path.GetFileName(wheel)}: no wheel, or one without name and version.", wheel, inner: inner);
}
