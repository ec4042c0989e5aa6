using System.Formats.Tar;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Omnibus.Core.Vms.Images;

/// <summary>The files that make a Debian or Ubuntu tree a machine of ours: quick to boot, unique, reachable by SSH.</summary>
internal static class GuestFiles
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Program = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // Units that only cost a test machine time: each fork is dear under TCG.
    private static readonly string[] s_masked =
    [
        "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer", "man-db.timer",
        "motd-news.timer", "dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount",
        "modprobe@configfs.service", "modprobe@dm_mod.service", "modprobe@drm.service", "modprobe@efi_pstore.service", "modprobe@fuse.service",
        "modprobe@loop.service", "kmod-static-nodes.service", "systemd-binfmt.service", "systemd-firstboot.service", "systemd-networkd-wait-online.service",
        "systemd-pstore.service", "systemd-tpm2-setup.service", "systemd-tpm2-setup-early.service", "systemd-update-utmp.service",
        "systemd-update-utmp-runlevel.service", "getty@tty1.service",
    ];

    // Each runs at every reload of systemd, which a package with a service asks for two or three times: for encrypted and verified disks, for
    // partitions found by their type, for hibernation, for words on the kernel's command line. Those for fstab, rc.local, init scripts and consoles stay.
    private static readonly string[] s_maskedGenerators =
    [
        "systemd-cryptsetup-generator", "systemd-debug-generator", "systemd-gpt-auto-generator", "systemd-hibernate-resume-generator", "systemd-integritysetup-generator",
        "systemd-run-generator", "systemd-ssh-generator", "systemd-system-update-generator", "systemd-tpm2-generator", "systemd-veritysetup-generator",
    ];

    /// <summary>Files that must be there before the kernel is installed: a small initial RAM disk with what our disk needs.</summary>
    private static readonly (string Path, string Content, UnixFileMode Mode)[] s_early =
    [
        ("etc/initramfs-tools/conf.d/omnibus", "MODULES=list\nCOMPRESS=zstd\nFSTYPE=ext4\nRESUME=none\n", Plain),
        ("etc/initramfs-tools/hooks/omnibus", """
            #!/bin/sh
            # The modules of the disk and its file system, and no others.
            [ "$1" = prereqs ] && exit 0
            . /usr/share/initramfs-tools/hook-functions
            for module in virtio_pci virtio_blk virtio_mmio ext4; do
                force_load "$module"
            done

            """, Program),
    ];

    private static readonly (string Path, string Content, UnixFileMode Mode)[] s_late =
    [
        ("usr/lib/omnibus/guest-setup", GuestSetup, Program),
        ("usr/lib/omnibus/package-proxy", PackageProxy, Program),
        ("etc/apt/apt.conf.d/80omnibus", AptConfiguration, Plain),
        ("etc/systemd/system/omnibus-guest.service", """
            [Unit]
            Description=Makes this machine itself: name, keys, users
            DefaultDependencies=no
            After=systemd-remount-fs.service systemd-sysusers.service
            Before=ssh.service ssh.socket systemd-user-sessions.service shutdown.target
            Conflicts=shutdown.target

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/usr/lib/omnibus/guest-setup

            [Install]
            WantedBy=multi-user.target

            """, Plain),
        ("etc/systemd/network/80-omnibus.network", """
            # The name is set at boot; else a lease would start systemd-hostnamed for nothing, and where that fails the machine is degraded.
            [Match]
            Name=eth0 en*

            [Network]
            DHCP=ipv4
            LinkLocalAddressing=no
            IPv6AcceptRA=no

            [DHCPv4]
            UseHostname=no

            """, Plain),
        ("etc/ssh/sshd_config.d/omnibus.conf", """
            HostKey /etc/ssh/ssh_host_ed25519_key
            AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/omnibus/%u
            PermitRootLogin prohibit-password
            UseDNS no
            PrintMotd no

            """, Plain),
        ("etc/fstab", "# The kernel mounts the root file system.\n", Plain),
        ("etc/machine-id", string.Empty, Plain),
        ("etc/hostname", "omnibus\n", Plain),
    ];

    /// <summary>Tells where packages are fetched through: the script of every guest.</summary>
    public const string PackageProxy = """
        #!/bin/sh
        # apt asks before each download (apt-transport-http(1), Proxy-Auto-Detect): the cache when it runs, nothing in between when it does not.
        # The host's own repositories are as near as the cache.
        case $1 in http://host.omnibus[:/]*) echo DIRECT; exit 0 ;; esac
        proxy=$(cat /run/omnibus/proxy 2>/dev/null)
        if [ -n "$proxy" ] && timeout 2 bash -c 'exec 3<>"/dev/tcp/${0%:*}/${0##*:}"' "$proxy" 2>/dev/null; then
            echo "http://$proxy"
        else
            echo DIRECT
        fi

        """;

    // dpkg-preconfigure is a Perl program that finds out, before each installation, that apt-utils is not here and that it has nothing to do.
    private const string AptConfiguration = """
        Acquire::Languages "none";
        Acquire::http::Proxy-Auto-Detect "/usr/lib/omnibus/package-proxy";
        #clear DPkg::Pre-Install-Pkgs;

        """;

    private const string LoaderConfiguration = """
        serial --unit=0 --speed=115200
        terminal_output console serial
        linux /vmlinuz root=LABEL=omnibus rw rootfstype=ext4 rootflags=noinit_itable fsck.mode=skip net.ifnames=0 quiet loglevel=4 console=tty0 console=ttyS0
        initrd /initrd.img
        boot

        """;

    // Runs at each boot. Only what changed is written, so that a second boot costs nothing.
    private const string GuestSetup = """
        #!/bin/sh
        # Makes this machine itself. What it should be stands on the kernel's command line as omnibus.NAME=VALUE, or in QEMU's firmware configuration
        # where the disk has a boot loader of its own. Without either, somewhere else, it stays what it is.
        set -u
        id='' name='' user=root host='' dns='' proxy='' keys='' hashed=''
        words=$(cat /proc/cmdline)
        facts=/sys/firmware/qemu_fw_cfg/by_name/opt/omnibus/facts/raw
        case $words in
            *' omnibus.id='*) ;;
            *) modprobe qemu_fw_cfg 2> /dev/null && [ -f $facts ] && words=$(cat $facts) ;;
        esac
        for word in $words; do
            value=${word#*=}
            case $word in
                omnibus.id=*) id=$value ;;
                omnibus.name=*) name=$value ;;
                omnibus.user=*) user=$value ;;
                omnibus.host=*) host=$value ;;
                omnibus.dns=*) dns=$value ;;
                omnibus.proxy=*) proxy=$value ;;
                omnibus.password=*) hashed=$value ;;
                omnibus.key*=*) keys="$keys$(echo "$value" | tr : ' ')
        " ;;
            esac
        done

        mkdir -p /run/omnibus /var/lib/omnibus /etc/ssh/omnibus
        if [ -z "$id" ]; then
            [ -f /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
            exit 0
        fi
        [ -n "$proxy" ] && echo "$proxy" > /run/omnibus/proxy

        if [ -n "$name" ]; then
            echo "$name" > /proc/sys/kernel/hostname
            echo "$name" > /etc/hostname
            {
                echo '127.0.0.1 localhost'
                echo "127.0.1.1 $name"
                echo '::1 localhost ip6-localhost'
                [ -n "$host" ] && echo "$host host.omnibus"
            } > /run/omnibus/hosts
            # Lines that somebody added stay.
            if [ -f /etc/hosts ]; then
                grep -v -e '^127\.0\.[01]\.1[[:space:]]' -e '^::1[[:space:]]' -e ' host\.omnibus$' /etc/hosts >> /run/omnibus/hosts
            fi
            cmp -s /run/omnibus/hosts /etc/hosts || cp /run/omnibus/hosts /etc/hosts
        fi

        # A resolver that somebody installed is left alone.
        if [ -n "$dns" ] && [ ! -L /etc/resolv.conf ]; then
            echo "nameserver $dns" > /etc/resolv.conf
        fi

        if [ "$user" != root ] && ! id "$user" > /dev/null 2>&1; then
            useradd --create-home --shell /bin/bash --password '*' "$user"
            echo "$user ALL=(ALL) NOPASSWD: ALL" > "/etc/sudoers.d/omnibus-$user"
            chmod 0440 "/etc/sudoers.d/omnibus-$user"
        fi

        for account in root "$user"; do
            printf '%s' "$keys" > "/etc/ssh/omnibus/$account"
            chmod 0644 "/etc/ssh/omnibus/$account"
        done

        password=/sys/firmware/qemu_fw_cfg/by_name/opt/omnibus/password/raw
        if [ "$(cat /var/lib/omnibus/id 2>/dev/null)" != "$id" ]; then
            # A new machine, perhaps a copy of another: nothing may be shared.
            rm -f /etc/ssh/ssh_host_*
            echo "$id" > /etc/machine-id
            if [ -n "$hashed" ] && modprobe qemu_fw_cfg && [ -f $password ]; then
                usermod --password "$(cat $password)" "$user"
            fi
            echo "$id" > /var/lib/omnibus/id
        fi

        if [ ! -f /etc/ssh/ssh_host_ed25519_key ]; then
            ssh-keygen -q -t ed25519 -N '' -C "$name" -f /etc/ssh/ssh_host_ed25519_key
        fi
        echo "omnibus: host key $(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)" > /dev/console

        # The disk may have been made larger than the file system of the image.
        size=$(cat /sys/class/block/vda/size 2>/dev/null)
        if [ -n "$size" ] && [ "$(cat /var/lib/omnibus/size 2>/dev/null)" != "$size" ]; then
            device=/dev/vda
            if [ -b /dev/vda1 ]; then
                # The length of the first partition, four bytes of the table, and the kernel's idea of it.
                device=/dev/vda1 count=$((size - 2048))
                [ "$count" -le 4294967295 ] || count=4294967295
                printf "$(printf '\\%03o' $((count & 255)) $((count >> 8 & 255)) $((count >> 16 & 255)) $((count >> 24 & 255)))" |
                    dd of=/dev/vda bs=1 seek=458 conv=notrunc 2> /dev/null
                resizepart /dev/vda 1 "$count" || partx --update --nr 1 /dev/vda
            fi
            resize2fs $device > /dev/null 2>&1 && echo "$size" > /var/lib/omnibus/size
        fi

        """;

    /// <summary>Digest of all of them: a change makes new images.</summary>
    public static string Digest()
    {
        var all = new StringBuilder();
        foreach ((string path, string content, UnixFileMode mode) in s_early.Concat(s_late))
        {
            all.Append(path).Append('\0').Append((int)mode).Append('\0').Append(content).Append('\0');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.Append(LoaderConfiguration).AppendJoin(' ', s_masked).AppendJoin(' ', s_maskedGenerators).ToString())));
    }

    /// <summary>Writes the early files as a tar.</summary>
    public static Task WriteEarlyAsync(Stream target, CancellationToken cancellationToken) => WriteAsync(target, s_early, [], cancellationToken);

    /// <summary>Writes the files of a root without a machine as a tar: packages start nothing, and the package cache is used when it runs.</summary>
    public static Task WriteChrootAsync(Stream target, CancellationToken cancellationToken) => WriteAsync(
        target,
        [.. s_late.Where(file => file.Path is "usr/lib/omnibus/package-proxy" or "etc/apt/apt.conf.d/80omnibus"), ("usr/sbin/policy-rc.d", "#!/bin/sh\n# Services are not started in a chroot (invoke-rc.d(8)).\nexit 101\n", Program)],
        [],
        cancellationToken);

    /// <summary>Writes the late files and the links that enable and mask units as a tar.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="imageBytes">Size of the image's disk: the guest grows the file system only on a larger one.</param>
    /// <param name="bootable">Adds what the disk's own boot loader reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task WriteLateAsync(Stream target, long imageBytes, bool bootable, CancellationToken cancellationToken)
    {
        var links = new List<(string Path, string Target)>
        {
            ("etc/systemd/system/multi-user.target.wants/omnibus-guest.service", "/etc/systemd/system/omnibus-guest.service"),
            ("etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "/lib/systemd/system/systemd-networkd.service"),
            ("etc/systemd/system/sockets.target.wants/systemd-networkd.socket", "/lib/systemd/system/systemd-networkd.socket"),
        };
        links.AddRange(s_maskedGenerators.Select(generator => ($"etc/systemd/system-generators/{generator}", "/dev/null")));
        links.AddRange(s_masked.Select(unit => ($"etc/systemd/system/{unit}", "/dev/null")));
        string sectors = (imageBytes / 512).ToString(System.Globalization.CultureInfo.InvariantCulture);
        (string, string, UnixFileMode)[] loader = bootable ? [("boot/grub/grub.cfg", LoaderConfiguration, Plain)] : [];
        return WriteAsync(target, [.. s_late, ("var/lib/omnibus/size", sectors + "\n", Plain), .. loader], links, cancellationToken);
    }

    private static async Task WriteAsync(Stream target, IReadOnlyList<(string Path, string Content, UnixFileMode Mode)> files, IReadOnlyList<(string Path, string Target)> links, CancellationToken cancellationToken)
    {
        var tar = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        await using ConfiguredAsyncDisposable closing = tar.ConfigureAwait(false);
        foreach ((string path, string content, UnixFileMode mode) in files)
        {
            await tar.WriteEntryAsync(
                new GnuTarEntry(TarEntryType.RegularFile, path)
                {
                    Mode = mode,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                },
                cancellationToken).ConfigureAwait(false);
        }

        foreach ((string path, string link) in links)
        {
            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.SymbolicLink, path) { LinkName = link, ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken).ConfigureAwait(false);
        }
    }
}
