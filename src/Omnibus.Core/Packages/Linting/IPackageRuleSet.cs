using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Linting;

/// <summary>Rules of our own that packages are held against.</summary>
internal interface IPackageRuleSet
{
    /// <summary>The format that they are for, or null for all.</summary>
    string? Format { get; }

    /// <summary>One finding for each breach.</summary>
    IEnumerable<Finding> Check(PackageFile package);
}
