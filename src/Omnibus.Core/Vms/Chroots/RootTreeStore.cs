using System.Security.Cryptography;
using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Chroots;

/// <summary>The cache of trees that throw-away roots lie over: one folder for each digest of inputs, beside the base images.</summary>
public sealed class RootTreeStore(VmDirectory directory)
{
    /// <summary>Finds the tree of a distribution, or makes it.</summary>
    /// <param name="distribution">What it is a tree of.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up and removes what was half made.</param>
    /// <returns>Its folder; nobody writes there.</returns>
    /// <exception cref="OmnibusException"><c>RootNotBuildable</c>, <c>MirrorUnknown</c>, <c>ArchitectureMismatch</c>, <c>UserNamespaceMissing</c>, <c>ImageBuildFailed</c>, <c>DiskSpaceLow</c>, <c>ProgramMissing</c>.</exception>
    public async Task<string> GetAsync(Distribution distribution, DistributionImageOptions options, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IRootTreeBuilder builder = Choose(distribution, options);
        string folder = Path.Combine(directory.CacheFolder, "root-" + Digest(builder));
        string tree = Path.Combine(folder, "tree");
        if (!options.Refresh && Directory.Exists(tree))
        {
            return tree;
        }

        Directory.CreateDirectory(directory.CacheFolder);
        using VmLock held = await VmLock.AcquireAsync(folder + ".lock", distribution.Name, TimeSpan.FromHours(1), cancellationToken).ConfigureAwait(false);
        if (!options.Refresh && Directory.Exists(tree))
        {
            // Somebody else made it while we waited.
            return tree;
        }

        string part = Path.Combine(directory.CacheFolder, $".root.{Guid.NewGuid():N}");
        Directory.CreateDirectory(part);
        try
        {
            progress?.Report(new OperationProgress(distribution.Name, "making a root"));
            await builder.BuildAsync(part, Path.Combine(part, "tree"), progress, cancellationToken).ConfigureAwait(false);
            if (Directory.Exists(folder))
            {
                await RemoveAsync([folder], CancellationToken.None).ConfigureAwait(false);
            }

            Directory.Move(part, folder);
        }
        finally
        {
            if (Directory.Exists(part))
            {
                await RemoveAsync([part], CancellationToken.None).ConfigureAwait(false);
            }
        }

        return tree;
    }

    /// <summary>Removes folders that hold files of other users.</summary>
    internal static Task RemoveAsync(IReadOnlyList<string> folders, CancellationToken cancellationToken) =>
        ProgramRunner.RunAsync(RootShell.Command(ChrootScripts.Remove, folders), null, cancellationToken);

    private static IRootTreeBuilder Choose(Distribution distribution, DistributionImageOptions options)
    {
        options.RequirePackageNames();
        string host = Host.VmHostCheck.HostArchitecture;
        if (options.Architecture is { } architecture && architecture != host)
        {
            throw new OmnibusException("ArchitectureMismatch", ErrorKind.Unsupported, $"A root of {architecture} cannot run on a host of {host}.", architecture, "Test it in a machine.");
        }

        return distribution.Format == "Rpm" ? DnfRootTree.For(distribution, options) : DebianRootTree.For(distribution, options);
    }

    private static string Digest(IRootTreeBuilder builder) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(builder.Inputs, VmDirectory.Json)))[..32];
}
