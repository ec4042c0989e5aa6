using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Building;

/// <summary>
/// A build root made of the build machine's own <c>/usr</c>, read-only, in a mount namespace of bubblewrap's. <c>/opt</c>, <c>/tmp</c>, <c>/var</c>
/// and HOME are private; the machine's own are not even visible. Works the same for root and for a normal user.
/// </summary>
/// <param name="workFolder">An empty folder for what the root writes; the caller removes it.</param>
public sealed class HostBuildRoot(string workFolder) : IBuildRoot
{
    private readonly string _work = Path.GetFullPath(workFolder);

    /// <inheritdoc/>
    public string Name => "host";

    /// <inheritdoc/>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        ProgramResult result = await RunAsync(new BuildCommand("/bin/true", []), progress: null, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw Unavailable(result.StandardError);
        }
    }

    /// <inheritdoc/>
    public async Task<ProgramResult> RunAsync(BuildCommand command, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        ProgramResult result = await ProgramRunner.TryRunAsync(
            new ProgramCommand("bwrap", Arguments(command))
            {
                // bwrap itself must not find anything of ours; --clearenv empties what the command sees.
                OnLine = command.OnLine,
            },
            progress,
            cancellationToken).ConfigureAwait(false);

        // bwrap reports its own failures as 1 with a line that begins with its name; a command's output has never reached us then.
        return result.ExitCode == 1 && result.StandardOutput.Length == 0 && result.StandardError.StartsWith("bwrap: ", StringComparison.Ordinal)
            ? throw Unavailable(result.StandardError)
            : result;
    }

    private static OmnibusException Unavailable(string log) => new(
        "BuildRootUnavailable",
        ErrorKind.MissingDependency,
        $"No private root can be made on this machine: {log.Trim()}",
        "bwrap",
        "bubblewrap needs user namespaces: check kernel.unprivileged_userns_clone=1 and user.max_user_namespaces, on Ubuntu 24.04 and later "
        + "kernel.apparmor_restrict_unprivileged_userns=0, in a container run it with --security-opt seccomp=unconfined, and not in a plain chroot.");

    private List<string> Arguments(BuildCommand command)
    {
        List<string> args =
        [
            "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--clearenv",

            // One user and one host name for all builds: programs put them into files.
            "--uid", "1000", "--gid", "1000", "--hostname", "build",
        ];
        if (!command.Network)
        {
            args.Add("--unshare-net");
        }

        AddSystem(args, command.Network);
        foreach (BuildMount mount in command.Mounts)
        {
            args.AddRange([mount.Writable ? "--bind" : "--ro-bind", mount.HostPath, mount.RootPath]);
        }

        foreach ((string name, string value) in BuildRootPaths.BaseEnvironment)
        {
            if (!command.Environment.ContainsKey(name))
            {
                args.AddRange(["--setenv", name, value]);
            }
        }

        foreach ((string name, string value) in command.Environment.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            args.AddRange(["--setenv", name, value]);
        }

        // The caller's umask decides the modes of what is written, unless it is set. "$@" keeps arguments as they are.
        args.AddRange(["--chdir", command.WorkingDirectory, "--", "/bin/sh", "-c", "umask 022; exec \"$@\"", "sh", command.Program]);
        args.AddRange(command.Arguments);
        return args;
    }

    private void AddSystem(List<string> args, bool network)
    {
        args.AddRange(["--ro-bind", "/usr", "/usr"]);
        foreach (string folder in (string[])["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"])
        {
            var info = new DirectoryInfo(folder);
            if (info.LinkTarget is { } target)
            {
                args.AddRange(["--symlink", target, folder]);
            }
            else if (info.Exists)
            {
                args.AddRange(["--ro-bind", folder, folder]);
            }
        }

        args.AddRange(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--dir", "/opt", "--dir", "/var/lib", "--dir", "/srv"]);

        // /tmp lies on disk, not in memory: builds unpack large archives there.
        args.AddRange(["--bind", WorkFolder("tmp"), "/tmp", "--bind", WorkFolder("tmp"), "/var/tmp", "--bind", WorkFolder("home"), BuildRootPaths.Home]);
        AddConfiguration(args, network);
    }

    private void AddConfiguration(List<string> args, bool network)
    {
        // A few parts of /etc that programs need to run at all; accounts and the host's name are ours.
        string[] names =
        [
            "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ssl/certs", "ssl/openssl.cnf", "pki", "ca-certificates", "crypto-policies",
            "nsswitch.conf", "host.conf", "gai.conf", "protocols", "services", "mime.types", "magic", "python3", "perl", "java-17-openjdk",
            "java-21-openjdk",
        ];
        foreach (string name in names)
        {
            args.AddRange(["--ro-bind-try", $"/etc/{name}", $"/etc/{name}"]);
        }

        foreach (string folder in Directory.EnumerateDirectories("/etc", "python3.*"))
        {
            args.AddRange(["--ro-bind", folder, folder]);
        }

        args.AddRange(["--ro-bind", WorkFile("passwd", "root:x:0:0:root:/root:/bin/sh\nbuild:x:1000:1000:build:" + BuildRootPaths.Home + ":/bin/sh\n"), "/etc/passwd"]);
        args.AddRange(["--ro-bind", WorkFile("group", "root:x:0:\nbuild:x:1000:\n"), "/etc/group"]);
        args.AddRange(["--ro-bind", WorkFile("hosts", "127.0.0.1 localhost build\n::1 localhost\n"), "/etc/hosts"]);
        args.AddRange(["--ro-bind", WorkFile("hostname", "build\n"), "/etc/hostname"]);
        if (network)
        {
            // pip.conf and the resolver's file are the machine's own way to the network.
            args.AddRange(["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf", "--ro-bind-try", "/etc/pip.conf", "/etc/pip.conf"]);
        }
    }

    private string WorkFolder(string name) => Directory.CreateDirectory(Path.Combine(_work, name)).FullName;

    private string WorkFile(string name, string text)
    {
        string path = Path.Combine(_work, "etc-" + name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(_work);
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        return path;
    }
}
