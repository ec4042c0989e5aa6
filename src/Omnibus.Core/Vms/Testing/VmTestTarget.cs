using System.Net;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.Networks;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Testing;

/// <summary>A machine with a checkpoint as a place for tests.</summary>
/// <param name="directory">The machines.</param>
/// <param name="name">The machine.</param>
/// <param name="checkpoint">Its clean state; null for the newest checkpoint.</param>
/// <param name="timeout">How long the guest may take to answer.</param>
public sealed class VmTestTarget(VmDirectory directory, string name, string? checkpoint, TimeSpan timeout) : IPackageTestTarget
{
    private static readonly TimeSpan s_commandLimit = TimeSpan.FromMinutes(30);

    private readonly GuestAccess _guest = new(directory);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool HasServices => true;

    /// <inheritdoc/>
    public bool RunsSideBySide => true;

    /// <inheritdoc/>
    public string HostName => "host.omnibus";

    /// <inheritdoc/>
    public IPAddress HostAddress => directory.Load(name) is { Bridge: not null } machine ? IPAddress.Parse(TapNetwork.GatewayOf(machine.Address)) : IPAddress.Loopback;

    /// <inheritdoc/>
    public async Task<string> CleanAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        BuildVm restored = await new VmCheckpoints(directory).RestoreAsync(name, checkpoint, timeout, progress, cancellationToken).ConfigureAwait(false);
        if (restored.State != VmState.Running)
        {
            await new VmStart(directory).StartAsync(name, new VmStartOptions { Wait = true, Timeout = timeout }, progress, cancellationToken).ConfigureAwait(false);
        }

        return $"restore {checkpoint ?? restored.Checkpoints[^1].Name}";
    }

    /// <inheritdoc/>
    public Task<GuestCommandResult> RunAsync(string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        _guest.RunAsync(
            name,
            new GuestCommand(script)
            {
                Arguments = arguments,
                User = "root",
                Timeout = s_commandLimit,
                OnLine = line => progress?.Report(new OperationProgress(name, "testing") { Item = line }),
            },
            progress,
            cancellationToken);

    /// <inheritdoc/>
    public Task CopyAsync(IReadOnlyList<string> files, string folder, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        _guest.CopyToAsync(name, files, folder + "/", "root", progress, cancellationToken);
}
