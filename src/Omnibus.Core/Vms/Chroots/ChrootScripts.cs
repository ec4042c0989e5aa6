namespace Omnibus.Core.Vms.Chroots;

/// <summary>Scripts that make a tree of files a root to work in. They run by <see cref="Processes.RootShell"/> with mounts and processes of their own.</summary>
internal static class ChrootScripts
{
    // devices of the host by bind mounts: root of a user namespace may make none (mknod(2)).
    private const string Mounting = """
        set -eu
        mount_system() {
            mount -t tmpfs -o mode=0755,size=1m omnibus "$1"/dev
            for node in null zero full random urandom tty; do
                : > "$1"/dev/$node
                mount --bind /dev/$node "$1"/dev/$node
            done
            ln -s /proc/self/fd "$1"/dev/fd
            ln -s /proc/self/fd/0 "$1"/dev/stdin
            ln -s /proc/self/fd/1 "$1"/dev/stdout
            ln -s /proc/self/fd/2 "$1"/dev/stderr
            mkdir "$1"/dev/shm
            mount -t proc omnibus "$1"/proc 2> /dev/null || mount --rbind /proc "$1"/proc
        }

        """;

    private const string Entering = Mounting + """
        # "$1" folder of the root, the rest: command. The tree of the cache lies below, what is written goes beside it.
        cd "$1"
        shift
        if [ -d upper ]; then
            mount -t overlay -o lowerdir=base,upperdir=upper,workdir=work,userxattr omnibus root 2> /dev/null ||
                mount -t overlay -o lowerdir=base,upperdir=upper,workdir=work omnibus root
        fi
        mount_system root

        """;

    /// <summary>Makes a root of a tree: $1 its new folder, $2 the tree. By an overlay, or as a copy where the file system allows none.</summary>
    public const string Create = Mounting + """
        mkdir -p "$1"/root "$1"/upper "$1"/work
        ln -s "$2" "$1"/base
        cd "$1"
        if ! mount -t overlay -o lowerdir=base,upperdir=upper,workdir=work,userxattr omnibus root 2> /dev/null &&
            ! mount -t overlay -o lowerdir=base,upperdir=upper,workdir=work omnibus root 2> /dev/null; then
            rm -rf upper work
            cp -a --reflink=auto base/. root/
        fi
        """;

    // Not exec: pid 1 stays outside, so that programs see a chroot (systemctl(1) does, and starts nothing).
    /// <summary>Runs bash in a root: $1 its folder, the rest is for bash.</summary>
    public const string Run = Entering + """
        code=0
        chroot root /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 SYSTEMD_OFFLINE=1 \
            bash "$@" || code=$?
        exit $code
        """;

    /// <summary>Copies files into a root: $1 its folder, $2 a folder in it, the rest are files of the host.</summary>
    public const string Copy = Entering + """
        folder=$1
        shift
        cp -- "$@" root/"$folder"/
        """;

    /// <summary>Fills a tree by dnf(8): $1 the tree, the rest is dnf's command line.</summary>
    public const string InstallRoot = Mounting + """
        tree=$1
        shift
        mkdir -p "$tree"/dev "$tree"/proc
        mount_system "$tree"
        "$@" >&2
        """;

    /// <summary>Unpacks tars over each other: $1 the new tree, the rest are tars.</summary>
    public const string Unpack = """
        set -eu
        tree=$1
        shift
        mkdir "$tree"
        for tar in "$@"; do tar -C "$tree" --numeric-owner -xpf "$tar" --exclude='./dev/*'; done
        """;

    /// <summary>Removes folders, whoever owns what is in them.</summary>
    public const string Remove = """rm -rf -- "$@" """;

    /// <summary>Tells the system in a root of its surroundings, within it: $1 hosts file, $2 resolver, $3 address of the package cache or nothing.</summary>
    public const string Prepare = """
        set -eu
        printf '%s' "$1" > /etc/hosts
        rm -f /etc/resolv.conf
        printf '%s' "$2" > /etc/resolv.conf
        mkdir -p /run/omnibus /run/lock
        [ -z "$3" ] || echo "$3" > /run/omnibus/proxy
        """;
}
