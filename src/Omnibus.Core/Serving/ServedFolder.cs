using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Serving;

/// <summary>A folder that a server gives out under a path.</summary>
/// <param name="UrlPath">Path on the server, begins and ends with <c>/</c>.</param>
/// <param name="Folder">Absolute folder.</param>
public sealed record ServedFolder(string UrlPath, string Folder)
{
    /// <summary>One folder is served at the root; several each under their own name.</summary>
    /// <exception cref="OmnibusException"><c>ServerFolderNameTwice</c>.</exception>
    public static IReadOnlyList<ServedFolder> Arrange(IReadOnlyList<string> folders)
    {
        string[] distinct = [.. folders.Distinct(StringComparer.Ordinal)];
        if (distinct.Length == 1)
        {
            return [new ServedFolder("/", distinct[0])];
        }

        IGrouping<string, string>? twice = distinct.GroupBy(NameOf, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? [.. distinct.Select(folder => new ServedFolder($"/{NameOf(folder)}/", folder))]
            : throw new OmnibusException(
                "ServerFolderNameTwice",
                ErrorKind.InvalidArgument,
                $"Two folders are named '{twice.Key}': {string.Join(", ", twice)}.",
                twice.Key,
                "Several folders are served under their names: rename one, or start a server for each.");
    }

    private static string NameOf(string folder) => Path.GetFileName(folder.TrimEnd('/'));
}
