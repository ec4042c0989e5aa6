using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Vms.Images;

/// <summary>Makes a tree of Debian or Ubuntu as a tar with mmdebstrap(1), as root or in a user namespace.</summary>
/// <param name="Distribution">Its name, for messages.</param>
/// <param name="Codename">For example <c>bookworm</c>.</param>
/// <param name="Architecture">Architecture in Debian's words.</param>
/// <param name="Sources">The archives that it is made from and installs from later.</param>
internal sealed record Mmdebstrap(string Distribution, string Codename, string Architecture, IReadOnlyList<AptSource> Sources)
{
    private const int LogLines = 400;

    /// <summary>Packages beside apt and what is essential.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Proxy for downloads, as a URL; it does not become part of the tree.</summary>
    public string? Proxy { get; init; }

    /// <summary>Further arguments: hooks.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Makes the tree.</summary>
    /// <param name="tar">File to write.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c> and those of <see cref="Failed"/>.</exception>
    public async Task RunAsync(string tar, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var arguments = new List<string>
        {
            "--variant=apt",
            $"--mode={(Environment.IsPrivilegedProcess ? "root" : "unshare")}",
            $"--architectures={Architecture}",
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            "--aptopt=Acquire::Languages \"none\"",
            "--aptopt=Acquire::Retries \"3\"",
            // Options for making the tree must not change how it installs packages later.
            "--customize-hook=rm -f \"$1\"/etc/apt/apt.conf.d/99mmdebstrap \"$1\"/etc/dpkg/dpkg.cfg.d/99mmdebstrap",
        };
        if (Packages.Count > 0)
        {
            arguments.Add($"--include={string.Join(',', Packages)}");
        }

        if (Proxy is { } proxy)
        {
            arguments.Add($"--aptopt=Acquire::http::Proxy \"{proxy}\"");
        }

        arguments.AddRange([.. Arguments, Codename, tar, .. Sources.Select(source => source.ToString())]);
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
                            if (log.Count > LogLines)
                            {
                                log.Dequeue();
                            }
                        }

                        if (line.StartsWith("I: ", StringComparison.Ordinal))
                        {
                            progress?.Report(new OperationProgress(Distribution, line[3..]) { Fraction = 0.3 });
                        }
                    },
                },
                progress,
                cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Failed(Distribution, string.Join('\n', log), e);
        }
    }

    /// <summary>Says what kept a tree or an image from being made: <c>UserNamespaceMissing</c>, <c>DiskSpaceLow</c> or <c>ImageBuildFailed</c>.</summary>
    public static OmnibusException Failed(string distribution, string log, Exception inner)
    {
        if (log.Contains("newuidmap", StringComparison.Ordinal)
            || log.Contains("/etc/subuid", StringComparison.Ordinal)
            || (log.Contains("unshare", StringComparison.OrdinalIgnoreCase) && log.Contains("ermi", StringComparison.Ordinal)))
        {
            return new OmnibusException(
                "UserNamespaceMissing",
                ErrorKind.PermissionDenied,
                $"The image of {distribution} cannot be made without root on this host: user namespaces with a range of ids are not available.\n{Tail(log)}",
                distribution,
                "Install uidmap and give the user a range: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER; or work as root.",
                inner);
        }

        if (log.Contains("No space left on device", StringComparison.Ordinal))
        {
            return new OmnibusException("DiskSpaceLow", ErrorKind.Storage, $"The disk is full: the image of {distribution} was not made.", distribution, "Make room, or set XDG_CACHE_HOME and TMPDIR to folders on a larger disk.", inner);
        }

        return new OmnibusException("ImageBuildFailed", ErrorKind.ProgramFailed, $"The image of {distribution} could not be made.\n{Tail(log)}", distribution, "Look at the end of the log above: a package name, the mirror, or the network.", inner);
    }

    /// <summary>A hook that unpacks a tar of the host into the tree.</summary>
    public static string TarIn(string tar) => $"tar-in {Quote(tar)} /";

    private static string Tail(string log)
    {
        string[] lines = log.TrimEnd('\n').Split('\n');
        return string.Join('\n', lines.Skip(Math.Max(0, lines.Length - 20)));
    }

    // mmdebstrap splits the words of a hook as a shell does.
    private static string Quote(string path) => "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
