namespace Omnibus.Core.Versions;

/// <summary>How the version of a project becomes the version of a package.</summary>
public enum VersionScheme
{
    /// <summary>PEP 440, mapped so that dpkg and rpm order packages as Python orders versions.</summary>
    Pep440,

    /// <summary>The scheme of Flocker's release tooling: <c>X.Y.Z</c> with pre-releases in the release part (<c>0.rc.1</c>).</summary>
    Flocker,
}
