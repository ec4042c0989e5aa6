using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Images;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>
/// A small Debian (essential packages and apt) of a test's own, where real dpkg and apt do real work. It is made once by mmdebstrap, from the
/// apt sources of this host, kept for a day, and unpacked afresh for each test. Programs run in it as root of a user namespace
/// where the tests do not run as root.
/// </summary>
internal sealed class DebianRoot : IDisposable
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(20);
    private static readonly bool s_isRoot = Environment.UserName == "root";

    private readonly ScratchFolder _scratch = new();

    private DebianRoot()
    {
    }

    /// <summary>The root's folder on the host.</summary>
    public string Path => System.IO.Path.Combine(_scratch.Path, "root");

    /// <summary>Makes a root; the first call of a day takes a minute.</summary>
    /// <param name="codename">The release of Debian; null for the host's own.</param>
    public static async Task<DebianRoot> CreateAsync(string? codename = null)
    {
        string archive = await ArchiveAsync(codename ?? Release("VERSION_CODENAME"));
        var root = new DebianRoot();
        Directory.CreateDirectory(root.Path);
        await ProgramRunner.RunAsync(new ProgramCommand("unshare", [.. AsRoot, "tar", "-C", root.Path, "--numeric-owner", "--exclude=./dev/*", "-xpf", archive]));

        // Names are resolved as on the host; services are not started.
        File.WriteAllText(root.PathOf("etc/resolv.conf"), File.Exists("/etc/resolv.conf") ? File.ReadAllText("/etc/resolv.conf") : string.Empty);
        string policy = root.PathOf("usr/sbin/policy-rc.d");
        File.WriteAllText(policy, "#!/bin/sh\nexit 101\n");
        File.SetUnixFileMode(policy, (UnixFileMode)0b111_101_101);
        return root;
    }

    /// <summary>Where a path of the root lies on the host.</summary>
    public string PathOf(string path) => System.IO.Path.Combine(Path, path.TrimStart('/'));

    /// <summary>Copies a file of the host into the root.</summary>
    /// <returns>Its path inside.</returns>
    public string CopyIn(string file, string folder = "/tmp")
    {
        string inside = $"{folder}/{System.IO.Path.GetFileName(file)}";
        Directory.CreateDirectory(PathOf(folder));
        File.Copy(file, PathOf(inside), overwrite: true);
        return inside;
    }

    /// <summary>Runs a program in the root and takes any exit code.</summary>
    public Task<ProgramResult> TryRunAsync(string program, params string[] arguments) => ProgramRunner.TryRunAsync(Command(program, arguments));

    /// <summary>Runs a program in the root; a failure is an error with the program's log.</summary>
    public Task<ProgramResult> RunAsync(string program, params string[] arguments) => ProgramRunner.RunAsync(Command(program, arguments));

    /// <summary>Runs apt-get as a script does: no questions, no services.</summary>
    public Task<ProgramResult> AptAsync(params string[] arguments) => RunAsync("apt-get", ["-y", "-q", "--no-install-recommends", .. arguments]);

    /// <summary>The command that runs a program in the root, for those who want to keep it running.</summary>
    public ProgramCommand Command(string program, params string[] arguments) => new(
        "unshare",
        [
            .. AsRoot, "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-ec",
            "mount -t proc proc \"$0/proc\"; mount -t tmpfs tmpfs \"$0/dev\"; for n in null zero full random urandom tty; do : >\"$0/dev/$n\"; mount --bind /dev/$n \"$0/dev/$n\"; done; root=$0; exec chroot \"$root\" \"$@\"",
            Path, program, .. arguments,
        ])
    {
        Environment = new Dictionary<string, string?>
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = "/root",
            ["TMPDIR"] = null,
            ["DEBIAN_FRONTEND"] = "noninteractive",
        },
        Timeout = TimeSpan.FromMinutes(5),
    };

    public void Dispose()
    {
        if (!s_isRoot && Directory.Exists(Path))
        {
            // Files of other owners of the namespace can only be removed from inside of it.
            ProgramRunner.TryRunAsync(new ProgramCommand("unshare", [.. AsRoot, "rm", "-rf", "--", Path])).GetAwaiter().GetResult();
        }

        _scratch.Dispose();
    }

    private static string[] AsRoot => s_isRoot ? ["--mount"] : ["--user", "--map-root-user", "--map-auto", "--mount"];

    private static async Task<string> ArchiveAsync(string codename)
    {
        string archive = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"omnibus-test-debian-{codename}-{Environment.UserName}.tar");

        // Several test processes may ask at once: one makes it, the others wait.
        using FileStream guard = await LockAsync(archive + ".lock");
        if (!File.Exists(archive) || DateTime.UtcNow - File.GetLastWriteTimeUtc(archive) > s_lifetime)
        {
            string unfinished = archive + ".new";
            string[] sources = codename == Release("VERSION_CODENAME")
                ? [.. AptSources()]
                : [.. HostAptSources.Read().For("debian", codename).Select(source => source.ToString())];
            await ProgramRunner.RunAsync(new ProgramCommand(
                "mmdebstrap",
                [
                    "--quiet", "--variant=apt", "--format=tar", $"--mode={(s_isRoot ? "root" : "unshare")}", .. await AptOptionsAsync(),
                    codename, unfinished, .. sources,
                ])
            {
                Timeout = TimeSpan.FromMinutes(8),
            });
            File.Move(unfinished, archive, overwrite: true);
        }

        return archive;
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < TimeSpan.FromMinutes(10))
            {
                await Task.Delay(500);
            }
        }
    }

    private static string Release(string key) =>
        File.ReadLines("/etc/os-release").First(l => l.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..].Trim('"');

    // The files of the host's apt configuration that speak of its own release.
    private static IEnumerable<string> AptSources()
    {
        string codename = Release("VERSION_CODENAME");
        string[] files =
        [
            "/etc/apt/sources.list",
            .. Directory.Exists("/etc/apt/sources.list.d") ? Directory.GetFiles("/etc/apt/sources.list.d").Order(StringComparer.Ordinal).ToArray() : [],
        ];
        string[] usable = [.. files.Where(f => (f.EndsWith(".list", StringComparison.Ordinal) || f.EndsWith(".sources", StringComparison.Ordinal))
            && File.Exists(f) && File.ReadLines(f).Any(l => !l.StartsWith('#') && l.Contains(" " + codename, StringComparison.Ordinal)))];
        return usable.Length > 0
            ? usable
            : throw new InvalidOperationException($"This host's apt knows no source for {codename}: the tests that need a Debian root cannot run here.");
    }

    // Proxies and the like, as the host's apt uses them.
    private static async Task<IEnumerable<string>> AptOptionsAsync()
    {
        ProgramResult dump = await ProgramRunner.RunAsync(new ProgramCommand("apt-config", ["dump", "--format", "%F \"%v\";%n", "Acquire"]));
        return dump.StandardOutput.Split('\n')
            .Where(l => l.Contains("::Proxy ", StringComparison.Ordinal) || l.StartsWith("Acquire::Check-", StringComparison.Ordinal))
            .Select(l => "--aptopt=" + l);
    }
}
