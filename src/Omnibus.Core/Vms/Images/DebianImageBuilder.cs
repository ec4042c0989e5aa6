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

    // Runs as root of a user namespace (or as root): a tree with all owners exists only there. "$1" tree, "$2" and "$3" tars, "$4" folder for the result.
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
        mke2fs -q -F -t ext4 -L omnibus -m 1 -O ^metadata_csum -E lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0 -d "$1" "$4"/disk.raw "$5"
        chmod 0644 "$4"/vmlinuz "$4"/initrd
        """;

    /// <summary>The packages that make a tree a machine.</summary>
    public static IReadOnlyList<string> PackagesFor(BaseImageRequest request) =>
    [
        request.OsId == "ubuntu" ? "linux-image-virtual" : $"linux-image-cloud-{request.Architecture}",
        "initramfs-tools", "zstd", "systemd-sysv", "udev", "dbus", "openssh-server", "sudo", "ca-certificates", "iproute2", "procps", "netbase",
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
        await WriteTarAsync(late, (stream, token) => GuestFiles.WriteLateAsync(stream, ImageBytes, token), cancellationToken).ConfigureAwait(false);
        progress?.Report(new OperationProgress(request.Distribution, "installing the base system") { Fraction = 0.05 });
        await BootstrapAsync(request, early, tree, progress, cancellationToken).ConfigureAwait(false);
        progress?.Report(new OperationProgress(request.Distribution, "making the file system") { Fraction = 0.85 });
        await PackAsync(request, folder, tree, late, progress, cancellationToken).ConfigureAwait(false);
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

    private static async Task BootstrapAsync(BaseImageRequest request, string early, string tree, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var arguments = new List<string>
        {
            "--variant=apt",
            $"--mode={(Environment.UserName == "root" ? "root" : "unshare")}",
            $"--architectures={request.Architecture}",
            $"--include={string.Join(',', PackagesFor(request).Concat(request.Packages))}",
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            "--aptopt=Acquire::Languages \"none\"",
            "--aptopt=Acquire::Retries \"3\"",
            $"--essential-hook=tar-in {Quote(early)} /",
            // Options for making the image must not change how the machine installs packages.
            "--customize-hook=rm -f \"$1\"/etc/apt/apt.conf.d/99mmdebstrap \"$1\"/etc/dpkg/dpkg.cfg.d/99mmdebstrap",
        };
        if (request.Proxy is { } proxy)
        {
            arguments.Add($"--aptopt=Acquire::http::Proxy \"{proxy}\"");
        }

        arguments.AddRange([request.Codename, tree]);
        arguments.AddRange(request.Sources.Select(source => source.ToString()));
        var log = new Queue<string>();
        try
        {
            await ProgramRunner.RunAsync(
                new ProgramCommand("mmdebstrap", arguments)
                {
                    Timeout = TimeSpan.FromHours(1),
                    OnLine = line =>
                    {
                        lock (log)
                        {
                            log.Enqueue(line);
                            if (log.Count > 400)
                            {
                                log.Dequeue();
                            }
                        }

                        if (line.StartsWith("I: ", StringComparison.Ordinal))
                        {
                            progress?.Report(new OperationProgress(request.Distribution, line[3..]) { Fraction = 0.3 });
                        }
                    },
                },
                progress,
                cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Failed(request, string.Join('\n', log), e);
        }
    }

    private static async Task PackAsync(BaseImageRequest request, string folder, string tree, string late, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string size = string.Create(CultureInfo.InvariantCulture, $"{ImageBytes / 1024}k");
        string[] shell = ["sh", "-c", PackTree, "pack", Path.Combine(folder, "tree"), tree, late, folder, size];
        ProgramCommand command = Environment.UserName == "root"
            ? new ProgramCommand("sh", shell[1..])
            : new ProgramCommand("unshare", ["--user", "--map-root-user", "--map-auto", "--", .. shell]);
        try
        {
            await ProgramRunner.RunAsync(command with { Timeout = TimeSpan.FromMinutes(30) }, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Failed(request, e.Message, e);
        }
    }

    private static OmnibusException Failed(BaseImageRequest request, string log, Exception inner)
    {
        if (log.Contains("newuidmap", StringComparison.Ordinal) || log.Contains("unshare", StringComparison.OrdinalIgnoreCase) && log.Contains("ermi", StringComparison.Ordinal))
        {
            return new OmnibusException(
                "UserNamespaceMissing",
                ErrorKind.PermissionDenied,
                $"The image of {request.Distribution} cannot be made without root on this host: user namespaces with a range of ids are not available.\n{Tail(log)}",
                request.Distribution,
                "Install uidmap and give the user a range: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER; or work as root.",
                inner);
        }

        if (log.Contains("No space left on device", StringComparison.Ordinal))
        {
            return new OmnibusException("DiskSpaceLow", ErrorKind.Storage, $"The disk is full: the image of {request.Distribution} was not made.", request.Distribution, "Make room, or set XDG_CACHE_HOME and TMPDIR to folders on a larger disk.", inner);
        }

        return new OmnibusException("ImageBuildFailed", ErrorKind.ProgramFailed, $"The image of {request.Distribution} could not be made.\n{Tail(log)}", request.Distribution, "Look at the end of the log above: a package name, the mirror, or the network.", inner);
    }

    private static string Tail(string log)
    {
        string[] lines = log.TrimEnd('\n').Split('\n');
        return string.Join('\n', lines.Skip(Math.Max(0, lines.Length - 20)));
    }

    // mmdebstrap splits the words of a hook as a shell does.
    private static string Quote(string path) => "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
