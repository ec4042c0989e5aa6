using Omnibus.Core.Distributions;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>One base image and one booted machine with a live checkpoint, shared by all tests that need a guest.</summary>
public sealed class VmFixture : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private readonly string _root = Directory.CreateTempSubdirectory("omnivm-").FullName;

    /// <summary>Machines in a folder of the tests' own; the image cache is the user's, so that a second run is quick.</summary>
    public VmDirectory Machines { get; private set; } = null!;

    /// <summary>Debian 12 with Python, which the example needs: so nothing but packages under test has to be fetched.</summary>
    public BaseImage Image { get; private set; } = null!;

    public GuestAccess Guest { get; private set; } = null!;

    /// <summary>Name of the machine that is booted and has a checkpoint 'clean'.</summary>
    public string Name => "shared";

    /// <summary>A folder for tests.</summary>
    public string Folder => _root;

    public async Task InitializeAsync()
    {
        Machines = new VmDirectory(Path.Combine(_root, "data"), Path.Combine(UserFolders.Cache, "images"), Path.Combine(_root, "run"));
        Guest = new GuestAccess(Machines);
        Image = await new DistributionImages(Machines).GetAsync(DistributionCatalog.Shipped.Get("debian-12"), new DistributionImageOptions { Packages = ["python3"] });
        await CreateAsync(Name);
        await new VmStart(Machines).StartAsync(Name, new VmStartOptions { Wait = true, Timeout = Patience });
        await new VmCheckpoints(Machines).TakeAsync(Name, "clean");
    }

    public Task<BuildVm> CreateAsync(string name, Func<VmCreationRequest, VmCreationRequest>? change = null)
    {
        var request = new VmCreationRequest(name, Image) { Distribution = "debian-12" };
        return new VmCreation(Machines).CreateAsync(change?.Invoke(request) ?? request);
    }

    public Task<BuildVm> RestoreAsync() => new VmCheckpoints(Machines).RestoreAsync(Name, "clean", Patience);

    public async Task<string> RunAsync(string script, params string[] arguments)
    {
        GuestCommandResult result = await Guest.RunAsync(Name, new GuestCommand(script) { Arguments = arguments, Timeout = Patience });
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.StandardError}");
        return result.StandardOutput.TrimEnd('\n');
    }

    public async Task DisposeAsync()
    {
        if (Machines is not null)
        {
            foreach (string name in Machines.Names())
            {
                await new VmStop(Machines).RemoveAsync(name, force: true);
            }
        }

        Directory.Delete(_root, recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class VmSuite : ICollectionFixture<VmFixture>
{
    public const string Name = "machines";
}
