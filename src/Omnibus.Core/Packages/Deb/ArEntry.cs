namespace Omnibus.Core.Packages.Deb;

/// <summary>The header of one member of an ar archive, as far as a deb uses it (deb(5)).</summary>
/// <param name="Name">Name without padding and without the optional trailing <c>/</c>.</param>
/// <param name="Size">Bytes of content, without the padding byte.</param>
public sealed record ArEntry(string Name, long Size);
