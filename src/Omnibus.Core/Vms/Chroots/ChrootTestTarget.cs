using System.Globalization;
using System.Net;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Serving;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.State;
using Omnibus.Core.Vms.Testing;

namespace Omnibus.Core.Vms.Chroots;

/// <summary>A throw-away root over a tree of the cache as a place for tests: there in a moment, without services, gone when it is disposed of.</summary>
/// <remarks>Each command has mounts and processes of its own, which end with it: nothing is left running or mounted, whatever a package starts.</remarks>
/// <param name="directory">Where the cache is; the root lies beside the trees.</param>
/// <param name="name">Its name in the report.</param>
/// <param name="tree">The tree that it lies over.</param>
public sealed class ChrootTestTarget(VmDirectory directory, string name, string tree) : IPackageTestTarget, IAsyncDisposable
{
    private const string Prefix = ".chroot.";
    private static readonly TimeSpan s_commandLimit = TimeSpan.FromMinutes(30);

    private string? _folder;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool HasServices => false;

    /// <inheritdoc/>
    /// <remarks>Each command mounts the same layers, which overlayfs allows once at a time.</remarks>
    public bool RunsSideBySide => false;

    /// <inheritdoc/>
    public string HostName => "host.omnibus";

    /// <inheritdoc/>
    public IPAddress HostAddress => IPAddress.Loopback;

    /// <inheritdoc/>
    public async Task<string> CleanAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        await DisposeAsync().ConfigureAwait(false);
        await RemoveAbandonedAsync(cancellationToken).ConfigureAwait(false);
        string folder = Path.Combine(directory.CacheFolder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}.{Guid.NewGuid():N}"));
        _folder = folder;
        try
        {
            await ProgramRunner.RunAsync(RootShell.Command(ChrootScripts.Create, [folder, tree], ownMounts: true), progress, cancellationToken).ConfigureAwait(false);
            string cache = new PackageCacheServer().GuestProxy() ?? string.Empty;
            GuestCommandResult prepared = await RunAsync(ChrootScripts.Prepare, [Read("/etc/hosts") + "127.0.0.1 host.omnibus\n", Read("/etc/resolv.conf"), cache], progress, cancellationToken).ConfigureAwait(false);
            return prepared.ExitCode == 0 ? "new root" : throw Unusable(prepared.StandardError, null);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Unusable(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async Task<GuestCommandResult> RunAsync(string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        ProgramCommand command = RootShell.Command(ChrootScripts.Run, [Folder, "-c", script, "bash", .. arguments], ownMounts: true) with
        {
            Timeout = s_commandLimit,
            OnLine = line => progress?.Report(new OperationProgress(name, "testing") { Item = line }),
        };
        ProgramResult result = await ProgramRunner.TryRunAsync(command, progress, cancellationToken).ConfigureAwait(false);
        return new GuestCommandResult(name, script, result.ExitCode, result.StandardOutput, result.StandardError, result.Duration);
    }

    /// <inheritdoc/>
    public Task CopyAsync(IReadOnlyList<string> files, string folder, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        ProgramRunner.RunAsync(RootShell.Command(ChrootScripts.Copy, [Folder, folder, .. files], ownMounts: true), progress, cancellationToken);

    /// <summary>Removes the root.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_folder is { } folder)
        {
            _folder = null;
            await RootTreeStore.RemoveAsync([folder], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private string Folder => _folder ?? throw new InvalidOperationException("CleanAsync comes first.");

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path) : string.Empty;

    private OmnibusException Unusable(string why, Exception? inner) => new(
        "ChrootUnusable",
        ErrorKind.PermissionDenied,
        $"A root for {name} cannot be made on this host.\n{why}",
        name,
        "Without root this needs user namespaces and a range of ids (Test-BuildVmHost looks); a machine needs neither.",
        inner);

    // Roots of processes that were killed.
    private async Task RemoveAbandonedAsync(CancellationToken cancellationToken)
    {
        string[] abandoned =
        [
            .. Directory.EnumerateDirectories(directory.CacheFolder, Prefix + "*").Where(folder =>
                int.TryParse(Path.GetFileName(folder).Split('.')[2], NumberStyles.None, CultureInfo.InvariantCulture, out int owner) && RunningProcess.Find(owner) is null),
        ];
        if (abandoned.Length > 0)
        {
            await RootTreeStore.RemoveAsync(abandoned, cancellationToken).ConfigureAwait(false);
        }
    }
}
