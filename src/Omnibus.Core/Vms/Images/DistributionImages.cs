using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Vms.Host;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Images;

/// <summary>Base images by the name of a distribution.</summary>
public sealed class DistributionImages(VmDirectory directory)
{
    private readonly BaseImageStore _store = new(directory);

    /// <summary>Finds or makes the image of a distribution.</summary>
    /// <param name="distribution">What it is an image of; Debian and Ubuntu are made here, others come as cloud images.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up and removes what was half made.</param>
    /// <exception cref="OmnibusException"><c>ImageNotBuildable</c>, <c>MirrorUnknown</c>, <c>PackageNameInvalid</c>, and those of <see cref="BaseImageStore.GetAsync"/>.</exception>
    public Task<BaseImage> GetAsync(Distribution distribution, DistributionImageOptions options, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (distribution.OsId is not ("debian" or "ubuntu") || distribution.Codename is not { } codename)
        {
            throw new OmnibusException(
                "ImageNotBuildable",
                ErrorKind.Unsupported,
                $"Omnibus makes images of Debian and Ubuntu itself; {distribution.Title} comes as a cloud image.",
                distribution.Name,
                "Download the distribution's cloud image (qcow2) and give it with -Image, with its checksum in -Sha256.");
        }

        string architecture = options.Architecture ?? VmHostCheck.HostArchitecture;
        if (!distribution.Architectures.Values.Contains(architecture))
        {
            throw new OmnibusException("ArchitectureUnsupported", ErrorKind.Unsupported, $"{distribution.Title} has no architecture '{architecture}'.", architecture, $"It has {string.Join(", ", distribution.Architectures.Values)}.");
        }

        options.RequirePackageNames();
        var request = new BaseImageRequest(distribution.Name, distribution.OsId, codename, architecture, HostAptSources.Read().For(distribution.OsId, codename, options.Mirror))
        {
            Packages = options.Packages,
            Proxy = options.Proxy,
            Bootable = options.Bootable,
        };
        if (options.Bootable && architecture != "amd64")
        {
            throw new OmnibusException("BootableUnsupported", ErrorKind.Unsupported, $"Disks with a boot loader are made for amd64, not for {architecture}.", architecture, "Leave -Bootable out: QEMU loads the kernel itself.");
        }

        return _store.GetAsync(request, options.Refresh, progress, cancellationToken);
    }
}

/// <summary>How an image of a distribution is made.</summary>
public sealed record DistributionImageOptions
{
    /// <summary>Architecture in Debian's words, or null for the host's.</summary>
    public string? Architecture { get; init; }

    /// <summary>Packages beside the ones that every image has.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Root of the mirror, or null for the host's own.</summary>
    public string? Mirror { get; init; }

    /// <summary>Proxy for downloads while it is made, as a URL.</summary>
    public string? Proxy { get; init; }

    /// <summary>Makes a disk that boots by itself.</summary>
    public bool Bootable { get; init; }

    /// <summary>Folder with the <c>.repo</c> files that a root of an rpm distribution is made from; null for the user's or the host's own.</summary>
    public string? RepositoryFolder { get; init; }

    /// <summary>Makes it anew even when there is one.</summary>
    public bool Refresh { get; init; }

    /// <summary>Refuses what is no name of a package: it becomes a word of a command line.</summary>
    /// <exception cref="OmnibusException"><c>PackageNameInvalid</c>.</exception>
    internal void RequirePackageNames()
    {
        foreach (string package in Packages)
        {
            if (package.Length is 0 or > 200 || !char.IsAsciiLetterOrDigit(package[0]) || !package.All(c => char.IsAsciiLetterOrDigit(c) || "+-.:=~/".Contains(c, StringComparison.Ordinal)))
            {
                throw new OmnibusException("PackageNameInvalid", ErrorKind.InvalidArgument, $"'{package}' is no name of a package.", package);
            }
        }
    }
}
