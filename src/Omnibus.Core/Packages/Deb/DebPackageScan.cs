namespace Omnibus.Core.Packages.Deb;

/// <summary>What a repository needs to know of a .deb, gathered in one reading of the file.</summary>
/// <param name="ControlText">The control file as it stands in the package, without empty lines around it.</param>
/// <param name="Files">Absolute paths of everything in the package that is no directory, in the archive's order; empty when not asked for.</param>
/// <param name="Size">Bytes of the whole file.</param>
/// <param name="Md5">Lower-case hex digest of the whole file.</param>
/// <param name="Sha1">Lower-case hex digest of the whole file.</param>
/// <param name="Sha256">Lower-case hex digest of the whole file.</param>
public sealed record DebPackageScan(string ControlText, IReadOnlyList<string> Files, long Size, string Md5, string Sha1, string Sha256);
