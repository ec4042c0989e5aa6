using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Images;

namespace Omnibus.Core.Vms.Chroots;

/// <summary>A tree of Fedora, RHEL and their kin by dnf(8) with --installroot, from repositories that the host or its user knows.</summary>
internal sealed class DnfRootTree : IRootTreeBuilder
{
    private const int FileLimit = 1024 * 1024;
    private static readonly string[] s_packages = ["system-release", "bash", "coreutils", "findutils", "gawk", "grep", "sed", "systemd"];

    private readonly Distribution _distribution;
    private readonly DistributionImageOptions _options;
    private readonly IReadOnlyList<string> _repositories;

    private DnfRootTree(Distribution distribution, DistributionImageOptions options, IReadOnlyList<string> repositories)
    {
        _distribution = distribution;
        _options = options;
        _repositories = repositories;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Inputs => [_distribution.Name, .. Packages, .. _repositories.Select(File.ReadAllText)];

    private IEnumerable<string> Packages => [.. s_packages, _distribution.PackageManager, .. _options.Packages];

    /// <summary>The tree of a distribution: from the user's .repo files for it, or the host's own where the host is of the same distribution.</summary>
    /// <exception cref="OmnibusException"><c>RootNotBuildable</c>.</exception>
    public static DnfRootTree For(Distribution distribution, DistributionImageOptions options)
    {
        string own = Path.Combine(UserFolders.Configuration, "repositories", distribution.Name);
        string folder = options.RepositoryFolder ?? (Directory.Exists(own) ? own : HostIs(distribution) ? "/etc/yum.repos.d" : string.Empty);
        string[] repositories = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.repo").Where(file => new FileInfo(file).Length <= FileLimit).Order(StringComparer.Ordinal)]
            : [];
        return repositories.Length > 0
            ? new DnfRootTree(distribution, options, repositories)
            : throw new OmnibusException(
                "RootNotBuildable",
                ErrorKind.NotFound,
                $"It is not known where packages of {distribution.Title} come from.",
                distribution.Name,
                $"Put the distribution's .repo files into {own}.");
    }

    /// <inheritdoc/>
    public async Task BuildAsync(string scratch, string tree, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string dnf = ProgramRunner.Require("dnf");
        string folder = Path.Combine(scratch, "repositories");
        Directory.CreateDirectory(folder);
        foreach (string repository in _repositories)
        {
            File.Copy(repository, Path.Combine(folder, Path.GetFileName(repository)));
        }

        string[] proxy = _options.Proxy is { } address ? [$"--setopt=proxy={address}"] : [];
        string[] command =
        [
            dnf, "--assumeyes", "--quiet", $"--installroot={tree}", $"--releasever={_distribution.Version}", $"--setopt=reposdir={folder}",
            "--setopt=install_weak_deps=False", "--setopt=tsflags=nodocs", "--setopt=keepcache=False", .. proxy, "install", .. Packages,
        ];
        try
        {
            await ProgramRunner.RunAsync(RootShell.Command(ChrootScripts.InstallRoot, [tree, .. command], ownMounts: true) with { Timeout = TimeSpan.FromHours(1) }, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw Mmdebstrap.Failed(_distribution.Name, e.Message, e);
        }

        // The system in the root installs from where it came from; what it has of its own stays.
        await ProgramRunner.RunAsync(
            RootShell.Command("mkdir -p \"$2\"/etc/yum.repos.d && cp -n \"$1\"/*.repo \"$2\"/etc/yum.repos.d/ && rm -rf \"$1\"", [folder, tree]), progress, cancellationToken).ConfigureAwait(false);
    }

    private static bool HostIs(Distribution distribution)
    {
        try
        {
            string[] lines = [.. File.ReadLines("/etc/os-release").Select(line => line.Replace("\"", string.Empty, StringComparison.Ordinal))];
            return lines.Contains($"ID={distribution.OsId}") && lines.Any(line => line == $"VERSION_ID={distribution.Version}" || line.StartsWith($"VERSION_ID={distribution.Version}.", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
