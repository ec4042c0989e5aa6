namespace Omnibus.Core.Serving;

/// <summary>A folder that a server gives out under a path.</summary>
/// <param name="UrlPath">Path on the server, begins and ends with <c>/</c>.</param>
/// <param name="Folder">Absolute folder.</param>
public sealed record ServedFolder(string UrlPath, string Folder);
