using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Copies machines. The copy is a machine of its own: other id, key, MAC address, and host keys from its first boot.</summary>
public sealed class VmCopy(VmDirectory directory)
{
    /// <summary>Copies a machine that does not run.</summary>
    /// <param name="source">The machine to copy.</param>
    /// <param name="target">Name of the copy.</param>
    /// <param name="full">Makes a disk that needs no base image; otherwise the copy shares the base image with the source.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Gives up and removes what was half made.</param>
    /// <exception cref="OmnibusException"><c>VmRunning</c>, <c>VmExists</c>, <c>VmNotFound</c>, <c>VmNameInvalid</c>, <c>DiskSpaceLow</c>.</exception>
    public async Task<BuildVm> CopyAsync(string source, string target, bool full = false, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        VmFiles from = directory.Files(source);
        VmFiles to = directory.Files(target);
        using VmLock held = await directory.LockAsync(source, cancellationToken).ConfigureAwait(false);
        VmDefinition machine = new VmInspection(directory).LoadCurrent(source);
        VmDisks.RequireStopped(machine);
        if (Directory.Exists(to.Folder))
        {
            throw new OmnibusException("VmExists", ErrorKind.AlreadyExists, $"There is a machine '{target}' already.", target, "Choose another name, or remove it with Remove-BuildVm.");
        }

        string part = Path.Combine(directory.DataFolder, $".{target}.{Guid.NewGuid():N}");
        var partFiles = new VmFiles(part, to.RuntimeFolder);
        try
        {
            Directory.CreateDirectory(part, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await VmDisks.CopyAsync(from, partFiles, full, progress, cancellationToken).ConfigureAwait(false);
            foreach ((string existing, string link) in new[] { (from.Kernel, partFiles.Kernel), (from.Initrd, partFiles.Initrd), (from.PasswordFile, partFiles.PasswordFile) })
            {
                if (File.Exists(existing))
                {
                    HardLink.Create(existing, link);
                }
            }

            await VmCreation.MakeKeyAsync(target, partFiles, progress, cancellationToken).ConfigureAwait(false);
            VmDefinition copy = machine with
            {
                Name = target,
                Id = Guid.NewGuid(),
                MacAddress = VmCreation.NewMacAddress(),
                Created = DateTimeOffset.UtcNow,
                Checkpoints = [],
                Address = null,
                LastError = null,
            };
            await File.WriteAllBytesAsync(partFiles.Definition, JsonSerializer.SerializeToUtf8Bytes(copy, VmDirectory.Json), cancellationToken).ConfigureAwait(false);
            File.SetUnixFileMode(partFiles.Definition, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await NoCloudSeed.WriteAsync(copy, partFiles, copy.Proxy, cancellationToken).ConfigureAwait(false);
            Directory.Move(part, to.Folder);
        }
        finally
        {
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }
        }

        return await new VmInspection(directory).GetAsync(target, cancellationToken).ConfigureAwait(false);
    }
}
