using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Yum;

namespace Omnibus.Core.Repositories;

/// <summary>The repository formats that Omnibus knows: the only list of them.</summary>
public static class RepositoryFormats
{
    /// <summary>All formats.</summary>
    public static IReadOnlyList<IRepositoryFormat> All { get; } = [new AptFormat(), new YumFormat()];

    /// <summary>A format by name, whatever its case.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryTypeUnknown</c>.</exception>
    public static IRepositoryFormat Get(string name) =>
        All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new OmnibusException(
            "RepositoryTypeUnknown",
            ErrorKind.InvalidArgument,
            $"'{name}' is no type of repository.",
            name,
            $"Use one of: {string.Join(", ", All.Select(f => f.Name))}.");

    /// <summary>The format that holds packages of a package format, whatever its case.</summary>
    public static IRepositoryFormat Holding(string packageFormat) => All.First(f => f.PackageFormat.Equals(packageFormat, StringComparison.OrdinalIgnoreCase));
}
