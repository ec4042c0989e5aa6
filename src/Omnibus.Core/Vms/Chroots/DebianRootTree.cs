using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Images;

namespace Omnibus.Core.Vms.Chroots;

/// <summary>A tree of Debian or Ubuntu: what a machine of ours has, without kernel and SSH.</summary>
internal sealed class DebianRootTree : IRootTreeBuilder
{
    private static readonly string[] s_packages = ["systemd-sysv", "dbus", "ca-certificates", "procps", "netbase"];

    private readonly Mmdebstrap _bootstrap;

    private DebianRootTree(Mmdebstrap bootstrap) => _bootstrap = bootstrap;

    /// <inheritdoc/>
    public IReadOnlyList<string> Inputs =>
        [_bootstrap.Distribution, _bootstrap.Codename, _bootstrap.Architecture, .. _bootstrap.Packages, .. _bootstrap.Sources.Select(source => source.ToString()), GuestFiles.Digest()];

    /// <summary>The tree of a distribution.</summary>
    /// <exception cref="OmnibusException"><c>MirrorUnknown</c>, <c>RootNotBuildable</c>.</exception>
    public static DebianRootTree For(Distribution distribution, DistributionImageOptions options)
    {
        string codename = distribution.Codename
            ?? throw new OmnibusException("RootNotBuildable", ErrorKind.Unsupported, $"{distribution.Title} has no codename to make a root of.", distribution.Name);
        return new DebianRootTree(new Mmdebstrap(distribution.Name, codename, Host.VmHostCheck.HostArchitecture, HostAptSources.Read().For(distribution.OsId, codename, options.Mirror))
        {
            Packages = [.. s_packages, .. options.Packages],
            Proxy = options.Proxy,
        });
    }

    /// <inheritdoc/>
    public async Task BuildAsync(string scratch, string tree, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        ProgramRunner.Require("mmdebstrap");
        string bootstrap = Path.Combine(scratch, "tree.tar");
        string late = Path.Combine(scratch, "late.tar");
        FileStream stream = File.Create(late);
        await using (stream.ConfigureAwait(false))
        {
            await GuestFiles.WriteChrootAsync(stream, cancellationToken).ConfigureAwait(false);
        }

        await _bootstrap.RunAsync(bootstrap, progress, cancellationToken).ConfigureAwait(false);
        try
        {
            await ProgramRunner.RunAsync(RootShell.Command(ChrootScripts.Unpack, [tree, bootstrap, late]), progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Mmdebstrap.Failed(_bootstrap.Distribution, e.Message, e);
        }

        File.Delete(bootstrap);
        File.Delete(late);
    }
}
