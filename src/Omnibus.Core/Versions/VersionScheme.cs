namespace Omnibus.Core.Versions;

/// <summary>How the version of a project becomes the version of a package.</summary>
public enum VersionScheme
{
    /// <summary>PEP 440, mapped so that dpkg and rpm order packages as Python orders versions.</summary>
    Pep440,

    /// <summary>The scheme of Flocker's release tooling: <c>X.Y.Z</c> with pre-releases in the release part (<c>0.rc.1</c>).</summary>
    Flocker,

    /// <summary>The same in its older spelling, up to Flocker 0.4.0: <c>0.2.0dev2-99-g3d644b1</c>; pre-releases are <c>0.pre.1</c>.</summary>
    FlockerDescribe,
}
