using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>The errors that several readers of this folder share.</summary>
internal static class RpmErrors
{
    /// <summary><c>PackageUnreadable</c>: the file is no rpm, cut short, or breaks a limit.</summary>
    public static OmnibusException Unreadable(string item, string why, Exception? inner = null) => new(
        "PackageUnreadable",
        ErrorKind.InvalidData,
        $"{item}: {why}.",
        item,
        "Fetch or build the package again.",
        inner);
}
