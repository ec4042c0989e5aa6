namespace Omnibus.Core.Serving;

/// <summary>What answers the requests.</summary>
public enum ServerBackend
{
    /// <summary>nginx when it is installed, otherwise the embedded server.</summary>
    Auto,

    /// <summary>nginx under our own configuration; it goes on when this process ends.</summary>
    Nginx,

    /// <summary>A small server in this process; it ends with the process.</summary>
    Embedded,
}
