using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Testing;

/// <summary>Finds the machine for a test, or makes one for a distribution: booted once, with a checkpoint to come back to.</summary>
public sealed class TestMachines(VmDirectory directory)
{
    private const string Clean = "clean";

    /// <summary>Finds a machine by its name or by its distribution's.</summary>
    /// <param name="nameOrDistribution">Name of a machine or of a distribution.</param>
    /// <param name="timeout">How long a new guest may take to answer.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Name of the machine.</returns>
    /// <exception cref="OmnibusException"><c>VmNotFound</c>, and errors of making and starting a machine.</exception>
    public async Task<string> FindAsync(string nameOrDistribution, TimeSpan timeout, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (IsMachine(nameOrDistribution))
        {
            return nameOrDistribution;
        }

        Distribution distribution = DistributionCatalog.Load().Find(nameOrDistribution)
            ?? throw new OmnibusException("VmNotFound", ErrorKind.NotFound, $"There is no machine and no distribution '{nameOrDistribution}'.", nameOrDistribution, "Get-BuildVm lists the machines, Get-OmnibusDistribution the distributions.");
        string name = "test-" + nameOrDistribution.Replace('.', '-');
        if (!directory.Exists(name))
        {
            BaseImage image = await new DistributionImages(directory).GetAsync(distribution, new DistributionImageOptions(), progress, cancellationToken).ConfigureAwait(false);
            await new VmCreation(directory).CreateAsync(new VmCreationRequest(name, image) { Distribution = distribution.Name }, progress, cancellationToken).ConfigureAwait(false);
        }

        if (directory.Load(name).Checkpoints.Count == 0)
        {
            await new VmStart(directory).StartAsync(name, new VmStartOptions { Wait = true, Timeout = timeout }, progress, cancellationToken).ConfigureAwait(false);
            await new VmCheckpoints(directory).TakeAsync(name, Clean, replace: false, progress, cancellationToken).ConfigureAwait(false);
        }

        return name;
    }

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
