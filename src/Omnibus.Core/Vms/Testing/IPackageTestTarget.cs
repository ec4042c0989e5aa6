using System.Net;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Guests;

namespace Omnibus.Core.Vms.Testing;

/// <summary>A system that packages are installed in for a test.</summary>
public interface IPackageTestTarget
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Whether it runs services.</summary>
    bool HasServices { get; }

    /// <summary>Whether several commands may run there at once.</summary>
    bool RunsSideBySide { get; }

    /// <summary>The host's name as it is seen from there.</summary>
    string HostName { get; }

    /// <summary>The address of the host that a service must listen on to be reached from there. Ask for it in the clean state.</summary>
    IPAddress HostAddress { get; }

    /// <summary>Brings it to the clean state.</summary>
    /// <returns>What was done, for the report: <c>restore clean</c>.</returns>
    Task<string> CleanAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Runs a bash script there as root.</summary>
    Task<GuestCommandResult> RunAsync(string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Copies files of the host into an existing folder there.</summary>
    Task CopyAsync(IReadOnlyList<string> files, string folder, IProgress<OperationProgress>? progress, CancellationToken cancellationToken);
}
