using System.Globalization;
using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Host;

namespace Omnibus.Core.Vms.Images;

/// <summary>Makes a disk image of Debian or Ubuntu: mmdebstrap(1) for the tree, mke2fs(8) for the file system. No root, no loop mounts.</summary>
internal static class DebianImageBuilder
{
    /// <summary>Size of the file system: sparse, so that it takes only what is in it.</summary>
    public const long ImageBytes = 8L * 1024 * 1024 * 1024;

    private const long BytesNeeded = 1500L * 1024 * 1024;

    // Runs as root of a user namespace (or as root): a tree with all owners exists only there. "$1" tree, "$2" and "$3" tars, "$4" folder for the result,
    // "$5" size of the file system in KiB, "$6" where it begins in the disk.
    private const string PackTree = """
        set -e
        mkdir "$1"
        trap 'rm -rf "$1"' EXIT
        tar -C "$1" --numeric-owner -xpf "$2" --exclude='./dev/*'
        tar -C "$1" --numeric-owner -xpf "$3"
        rm -f "$1"/etc/resolv.conf "$1"/etc/ssh/ssh_host_* "$1"/var/lib/dbus/machine-id
        : > "$1"/etc/resolv.conf
        for file in "$1"/boot/vmlinu[xz]-*; do cp "$file" "$4"/vmlinuz; done
        for file in "$1"/boot/initrd.img-*; do cp "$file" "$4"/initrd; done
        # The distribution's own names for its newest kernel, which follow an upgrade.
        for link in vmlinuz initrd.img; do
            [ -e "$1"/$link ] || [ ! -e "$1"/boot/$link ] || ln -s boot/$link "$1"/$link
        done
        truncate -s $(($5 * 1024 + $6)) "$4"/disk.raw
        mke2fs -q -F -t ext4 -L omnibus -m 1 -O ^metadata_csum -E offset=$6,lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0 -d "$1" "$4"/disk.raw "$5"k
        chmod 0644 "$4"/vmlinuz "$4"/initrd
        """;

    /// <summary>The packages that make a tree a machine.</summary>
    public static IReadOnlyList<string> PackagesFor(BaseImageRequest request) =>
    [
        request.OsId == "ubuntu" ? "linux-image-virtual" : $"linux-image-cloud-{request.Architecture}",
        "initramfs-tools", "zstd", "systemd-sysv", "udev", "dbus", "openssh-server", "sudo", "ca-certificates", "iproute2", "procps", "netbase", "e2fsprogs",
    ];

    /// <summary>Makes the image in an empty folder.</summary>
    /// <exception cref="OmnibusException"><c>ImageBuildFailed</c>, <c>UserNamespaceMissing</c>, <c>DiskSpaceLow</c>, <c>ProgramMissing</c>.</exception>
    public static async Task BuildAsync(BaseImageRequest request, string folder, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        ProgramRunner.Require("mmdebstrap");
        ProgramRunner.Require("mke2fs");
        long free = VmHostCheck.FreeSpace(folder);
        if (free < BytesNeeded)
        {
            throw new OmnibusException(
                "DiskSpaceLow",
                ErrorKind.Storage,
                string.Create(CultureInfo.InvariantCulture, $"Only {free >> 20} MiB are free for the image of {request.Distribution}; {BytesNeeded >> 20} MiB are needed."),
                folder,
                "Make room, or set XDG_CACHE_HOME to a folder on a larger disk.");
        }

        string early = Path.Combine(folder, "early.tar");
        string late = Path.Combine(folder, "late.tar");
        string tree = Path.Combine(folder, "tree.tar");
        await WriteTarAsync(early, (stream, token) => GuestFiles.WriteEarlyAsync(stream, token), cancellationToken).ConfigureAwait(false);
        await WriteTarAsync(late, (stream, token) => GuestFiles.WriteLateAsync(stream, ImageBytes, request.Bootable, token), cancellationToken).ConfigureAwait(false);
        progress?.Report(new OperationProgress(request.Distribution, "installing the base system") { Fraction = 0.05 });
        var bootstrap = new Mmdebstrap(request.Distribution, request.Codename, request.Architecture, request.Sources)
        {
            Packages = [.. PackagesFor(request), .. request.Packages],
            Proxy = request.Proxy,
            Arguments = [$"--essential-hook={Mmdebstrap.TarIn(early)}"],
        };
        await bootstrap.RunAsync(tree, progress, cancellationToken).ConfigureAwait(false);
        progress?.Report(new OperationProgress(request.Distribution, "making the file system") { Fraction = 0.85 });
        await PackAsync(request, folder, tree, late, progress, cancellationToken).ConfigureAwait(false);
        if (request.Bootable)
        {
            await BootLoader.InstallAsync(Path.Combine(folder, "disk.raw"), folder, progress, cancellationToken).ConfigureAwait(false);
        }

        foreach (string file in new[] { early, late, tree })
        {
            File.Delete(file);
        }
    }

    private static async Task WriteTarAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        FileStream stream = File.Create(path);
        await using ConfiguredAsyncDisposable closing = stream.ConfigureAwait(false);
        await write(stream, cancellationToken).ConfigureAwait(false);
    }

    private static async Task PackAsync(BaseImageRequest request, string folder, string tree, string late, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        long offset = request.Bootable ? BootLoader.PartitionOffset : 0;
        string size = ((ImageBytes - offset) / 1024).ToString(CultureInfo.InvariantCulture);
        ProgramCommand command = RootShell.Command(PackTree, [Path.Combine(folder, "tree"), tree, late, folder, size, offset.ToString(CultureInfo.InvariantCulture)]);
        try
        {
            await ProgramRunner.RunAsync(command with { Timeout = TimeSpan.FromMinutes(30) }, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Mmdebstrap.Failed(request.Distribution, e.Message, e);
        }
    }
}
