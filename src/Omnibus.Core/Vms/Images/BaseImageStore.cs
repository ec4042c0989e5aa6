using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Images;

/// <summary>The cache of base images: one folder for each digest of inputs, made once, whoever asks first.</summary>
public sealed class BaseImageStore(VmDirectory directory)
{
    /// <summary>Finds an image, or makes it.</summary>
    /// <param name="request">What it is made of.</param>
    /// <param name="refresh">Makes it anew, for newer packages; machines over the old one keep it.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up and removes what was half made.</param>
    /// <exception cref="OmnibusException">See <see cref="DebianImageBuilder.BuildAsync"/>.</exception>
    public async Task<BaseImage> GetAsync(BaseImageRequest request, bool refresh = false, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string folder = Path.Combine(directory.CacheFolder, request.Digest());
        BaseImage image = new(folder, Path.Combine(folder, "disk.raw"), "raw", request.Bootable ? BootMode.BootLoader : BootMode.DirectKernel);
        if (!refresh && IsWhole(image))
        {
            return image;
        }

        Directory.CreateDirectory(directory.CacheFolder);
        using VmLock held = await VmLock.AcquireAsync(folder + ".lock", request.Distribution, TimeSpan.FromHours(1), cancellationToken).ConfigureAwait(false);
        if (!refresh && IsWhole(image))
        {
            // Somebody else made it while we waited.
            return image;
        }

        await FillAsync(folder, async part =>
        {
            await DebianImageBuilder.BuildAsync(request, part, progress, cancellationToken).ConfigureAwait(false);
            await File.WriteAllBytesAsync(Path.Combine(part, "image.json"), JsonSerializer.SerializeToUtf8Bytes(request, VmDirectory.Json), cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return image;
    }

    /// <summary>Fills a folder beside its place and renames it: another process sees a whole image or none.</summary>
    internal static async Task FillAsync(string folder, Func<string, Task> fill)
    {
        string part = $"{folder}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(part);
        try
        {
            await fill(part).ConfigureAwait(false);
            if (Directory.Exists(folder))
            {
                // Machines hold their own link to the files.
                Directory.Delete(folder, recursive: true);
            }

            Directory.Move(part, folder);
        }
        finally
        {
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }
        }
    }

    private static bool IsWhole(BaseImage image) => File.Exists(Path.Combine(image.Folder, "image.json")) && File.Exists(image.Disk);
}
