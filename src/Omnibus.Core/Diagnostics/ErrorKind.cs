namespace Omnibus.Core.Diagnostics;

/// <summary>What went wrong, in the terms that a caller acts on. One file maps these to PowerShell's categories and to exit codes.</summary>
public enum ErrorKind
{
    /// <summary>An argument or a combination of arguments makes no sense.</summary>
    InvalidArgument,

    /// <summary>A file, an index or a package breaks its format's rules.</summary>
    InvalidData,

    /// <summary>The named thing does not exist.</summary>
    NotFound,

    /// <summary>The thing to be made exists already.</summary>
    AlreadyExists,

    /// <summary>The change contradicts what is published or what another process did.</summary>
    Conflict,

    /// <summary>The operating system or a service refused access.</summary>
    PermissionDenied,

    /// <summary>A signature, key or digest does not hold.</summary>
    Security,

    /// <summary>A program, library, device or service that is needed is missing.</summary>
    MissingDependency,

    /// <summary>Reading or writing storage failed: full disk, broken connection.</summary>
    Storage,

    /// <summary>A service did not answer as its protocol demands.</summary>
    Connection,

    /// <summary>An outside program failed.</summary>
    ProgramFailed,

    /// <summary>The time allowed ran out.</summary>
    Timeout,

    /// <summary>The request is understood, but this format, platform or store cannot do it.</summary>
    Unsupported,
}
