using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Serving;
using Omnibus.Core.Vms.Chroots;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Testing;

/// <summary>Finds systems for tests by the name of a machine or a distribution: a machine that is booted once, with a checkpoint to come back to, or a throw-away root.</summary>
public sealed class TestSystems(VmDirectory directory)
{
    private const string Clean = "clean";

    /// <summary>Finds a machine by its name, or makes one for a distribution.</summary>
    /// <param name="nameOrDistribution">Name of a machine or of a distribution.</param>
    /// <param name="checkpoint">Its clean state; null for the newest checkpoint.</param>
    /// <param name="timeout">How long a guest may take to answer.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>VmNotFound</c>, and errors of making and starting a machine.</exception>
    public async Task<TestSystem> FindMachineAsync(string nameOrDistribution, string? checkpoint, TimeSpan timeout, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string name = IsMachine(nameOrDistribution)
            ? nameOrDistribution
            : await MachineForAsync(Find(nameOrDistribution), timeout, progress, cancellationToken).ConfigureAwait(false);
        return new TestSystem(new VmTestTarget(directory, name, checkpoint, timeout), directory.Load(name).Distribution);
    }

    /// <summary>Makes a throw-away root for a distribution, or for that of a machine.</summary>
    /// <param name="nameOrDistribution">Name of a distribution or of a machine.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>VmNotFound</c>, <c>VmDistributionUnknown</c>, and those of <see cref="RootTreeStore.GetAsync"/>.</exception>
    public async Task<TestSystem> NewRootAsync(string nameOrDistribution, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string wanted = !IsMachine(nameOrDistribution)
            ? nameOrDistribution
            : directory.Load(nameOrDistribution).Distribution
                ?? throw new OmnibusException("VmDistributionUnknown", ErrorKind.InvalidArgument, $"The machine '{nameOrDistribution}' runs a foreign image: there is no root like it.", nameOrDistribution, "Name a distribution, or test in the machine.");
        Distribution distribution = Find(wanted);
        string tree = await new RootTreeStore(directory).GetAsync(distribution, Options(), progress, cancellationToken).ConfigureAwait(false);
        return new TestSystem(new ChrootTestTarget(directory, distribution.Name, tree), distribution.Name);
    }

    private async Task<string> MachineForAsync(Distribution distribution, TimeSpan timeout, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string name = "test-" + distribution.Name.Replace('.', '-');
        if (!directory.Exists(name))
        {
            BaseImage image = await new DistributionImages(directory).GetAsync(distribution, Options(), progress, cancellationToken).ConfigureAwait(false);
            await new VmCreation(directory).CreateAsync(new VmCreationRequest(name, image) { Distribution = distribution.Name }, progress, cancellationToken).ConfigureAwait(false);
        }

        if (directory.Load(name).Checkpoints.Count == 0)
        {
            await new VmStart(directory).StartAsync(name, new VmStartOptions { Wait = true, Timeout = timeout }, progress, cancellationToken).ConfigureAwait(false);
            await new VmCheckpoints(directory).TakeAsync(name, Clean, replace: false, progress, cancellationToken).ConfigureAwait(false);
        }

        return name;
    }

    private static DistributionImageOptions Options() => new() { Proxy = new PackageCacheServer().RunningProxy()?.AbsoluteUri };

    private static Distribution Find(string name) => DistributionCatalog.Load().Find(name)
        ?? throw new OmnibusException("VmNotFound", ErrorKind.NotFound, $"There is no machine and no distribution '{name}'.", name, "Get-BuildVm lists the machines, Get-OmnibusDistribution the distributions.");

    // A distribution's name may hold a dot, which a machine's never does.
    private bool IsMachine(string name)
    {
        try
        {
            return directory.Exists(name);
        }
        catch (OmnibusException e) when (e.Id == "VmNameInvalid")
        {
            return false;
        }
    }
}
