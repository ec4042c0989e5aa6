using System.Management.Automation;
using System.Net;
using System.Security;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Serving;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.Networks;
using Omnibus.Core.Vms.State;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Makes a build machine.</summary>
[Cmdlet(VerbsCommon.New, "BuildVm", SupportsShouldProcess = true, DefaultParameterSetName = DistributionSet)]
[OutputType(typeof(BuildVm))]
public sealed class NewBuildVmCommand : OmnibusAsyncCmdlet
{
    private const string DistributionSet = "Distribution";
    private const string ImageSet = "Image";

    /// <summary>Name of the machine, its host name too.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Distribution that it runs; Debian or Ubuntu.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = DistributionSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ImageSet)]
    [ArgumentCompleter(typeof(DistributionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Distribution { get; set; }

    /// <summary>A disk image that somebody else made: a path or an address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ImageSet)]
    [ValidateNotNullOrEmpty]
    public string Image { get; set; } = string.Empty;

    /// <summary>SHA-256 of the image.</summary>
    [Parameter(ParameterSetName = ImageSet)]
    [ValidateNotNullOrEmpty]
    public string? Sha256 { get; set; }

    /// <summary>A kernel to load directly, for an image without a boot loader.</summary>
    [Parameter(ParameterSetName = ImageSet)]
    [ValidateNotNullOrEmpty]
    public string? Kernel { get; set; }

    /// <summary>The initial RAM disk that goes with the kernel.</summary>
    [Parameter(ParameterSetName = ImageSet)]
    [ValidateNotNullOrEmpty]
    public string? Initrd { get; set; }

    /// <summary>Memory in bytes.</summary>
    [Parameter]
    public long Memory { get; set; } = 512L << 20;

    /// <summary>Number of processors; two where the host has them.</summary>
    [Parameter]
    [ValidateRange(1, 255)]
    public int Cpu { get; set; } = VmCreationRequest.DefaultCpus;

    /// <summary>Size of the disk in bytes; the image's own when left out.</summary>
    [Parameter]
    public long? DiskSize { get; set; }

    /// <summary>Packages that the image has beside the base system.</summary>
    [Parameter(ParameterSetName = DistributionSet)]
    [ValidateNotNullOrEmpty]
    public string[] Package { get; set; } = [];

    /// <summary>Public keys that may log in beside the machine's own: lines, or paths of .pub files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SshKey { get; set; } = [];

    /// <summary>Who commands run as.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string User { get; set; } = "root";

    /// <summary>Password of the user, for the console. Without one the key alone lets in.</summary>
    [Parameter]
    public SecureString? Password { get; set; }

    /// <summary>Package proxy for the image and the guest; the package cache when it runs.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>Architecture, in Debian's words; the host's when left out.</summary>
    [Parameter]
    [ValidateSet("amd64", "arm64")]
    public string? Architecture { get; set; }

    /// <summary>Root of the mirror that the image is made from; the host's own when left out.</summary>
    [Parameter(ParameterSetName = DistributionSet)]
    [ValidateNotNull]
    public Uri? Mirror { get; set; }

    /// <summary>Ports of the host that lead into the guest.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] PortForward { get; set; } = [];

    /// <summary>User networking, or a bridge of our own (root only).</summary>
    [Parameter]
    public VmNetwork Network { get; set; }

    /// <summary>Address on the bridge: its last number, or all of it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>Makes a disk with a boot loader, which boots without QEMU's help.</summary>
    [Parameter(ParameterSetName = DistributionSet)]
    public SwitchParameter Bootable { get; set; }

    /// <summary>Makes the image anew, with the newest packages.</summary>
    [Parameter(ParameterSetName = DistributionSet)]
    public SwitchParameter Refresh { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        VmDirectory machines = VmDirectory.ForUser();
        if (machines.Exists(Name))
        {
            // Before minutes are spent on an image.
            throw new OmnibusException("VmExists", ErrorKind.AlreadyExists, $"There is a machine '{Name}' already.", Name, "Choose another name, or remove it with Remove-BuildVm.");
        }

        RequireFitting();
        IReadOnlyList<PortForward> forwards = [.. PortForward.Select(Omnibus.Core.Vms.PortForward.Parse)];
        string[] keys = [.. SshKey.Select(ReadKey)];
        string? address = Network == VmNetwork.Tap ? VmNetworkAddress.Choose(machines, Address) : null;
        if (!ShouldProcess(Name, $"make a machine with {Distribution ?? Image}"))
        {
            return;
        }

        var request = new VmCreationRequest(Name, await FindImageAsync(machines, cancellationToken))
        {
            Distribution = Distribution,
            Memory = Memory,
            Cpus = Cpu,
            DiskSize = DiskSize,
            AuthorizedKeys = keys,
            User = User,
            Password = Password is { } password ? new NetworkCredential(string.Empty, password).Password : null,
            Proxy = Proxy is { } proxy ? $"{(proxy.IsLoopback ? "host.omnibus" : proxy.Host)}:{proxy.Port}" : null,
            PortForwards = forwards,
            Bridge = address is null ? null : VmNetworkAddress.BridgeOf(address),
            Address = address,
        };
        request = Architecture is null ? request : request with { Architecture = Architecture };
        WriteObject(await new VmCreation(machines).CreateAsync(request, Progress, cancellationToken));
    }

    private void RequireFitting()
    {
        if (Network == VmNetwork.Tap ? PortForward.Length > 0 : Address is not null)
        {
            throw new OmnibusException(
                "VmNetworkConflict",
                ErrorKind.InvalidArgument,
                Address is null ? "A machine on the bridge has no forwarded ports: it is reached at its address." : "Only a machine on the bridge has an address of its own.",
                Name,
                Address is null ? "Leave -PortForward out, or -Network Tap." : "Add -Network Tap, or leave -Address out.");
        }
    }

    private Task<BaseImage> FindImageAsync(VmDirectory machines, CancellationToken cancellationToken)
    {
        if (ParameterSetName == ImageSet)
        {
            bool remote = Uri.TryCreate(Image, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https";
            var image = new CloudImageRequest(remote ? Image : ResolveLiteral(Image))
            {
                Sha256 = Sha256,
                Kernel = Kernel is null ? null : ResolveLiteral(Kernel),
                Initrd = Initrd is null ? null : ResolveLiteral(Initrd),
            };
            return new CloudImages(machines).GetAsync(Architecture is null ? image : image with { Architecture = Architecture }, Progress, cancellationToken);
        }

        var options = new DistributionImageOptions
        {
            Architecture = Architecture,
            Packages = Package,
            Mirror = Mirror?.AbsoluteUri,
            Proxy = Proxy?.AbsoluteUri ?? new PackageCacheServer().RunningProxy()?.AbsoluteUri,
            Bootable = Bootable,
            Refresh = Refresh,
        };
        return new DistributionImages(machines).GetAsync(DistributionCatalog.Load().Get(Distribution!), options, Progress, cancellationToken);
    }

    private string ReadKey(string key) =>
        key.Contains(' ', StringComparison.Ordinal) ? key.Trim() : File.ReadAllText(ResolveLiteral(key)).Trim();
}
