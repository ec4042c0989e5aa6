using System.Runtime.InteropServices;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories;

/// <summary>What every kind of repository demands of its configuration and of the packages that it takes.</summary>
internal static class RepositoryRules
{
    // Debian's and rpm's names of the architectures that .NET runs on.
    private static readonly Dictionary<Architecture, (string Deb, string Rpm)> s_hosts = new()
    {
        [Architecture.X64] = ("amd64", "x86_64"),
        [Architecture.Arm64] = ("arm64", "aarch64"),
        [Architecture.Arm] = ("armhf", "armv7hl"),
        [Architecture.S390x] = ("s390x", "s390x"),
        [Architecture.Ppc64le] = ("ppc64el", "ppc64le"),
        [Architecture.RiscV64] = ("riscv64", "riscv64"),
    };

    /// <summary>This machine's architecture, in both formats' names.</summary>
    public static (string Deb, string Rpm) HostArchitecture => s_hosts.GetValueOrDefault(RuntimeInformation.OSArchitecture, s_hosts[Architecture.X64]);

    /// <summary>Holds what is kept, and for how long, against the rules.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryConfigurationInvalid</c>.</exception>
    public static void CheckKeeping(RepositoryConfiguration configuration)
    {
        if (configuration.KeepGenerations < 1 || configuration.GracePeriod < TimeSpan.Zero)
        {
            throw Invalid("at least one generation is kept, and the grace period cannot be negative");
        }
    }

    /// <summary>Demands that the repository is for a package's architecture.</summary>
    /// <param name="configuration">The repository's configuration.</param>
    /// <param name="path">The package's file.</param>
    /// <param name="package">The package.</param>
    /// <exception cref="OmnibusException"><c>RepositoryArchitectureMismatch</c>.</exception>
    public static void RequireArchitecture(RepositoryConfiguration configuration, string path, PackageIdentity package)
    {
        if (!configuration.Architectures.Contains(package.Architecture, StringComparer.Ordinal))
        {
            throw new OmnibusException(
                "RepositoryArchitectureMismatch",
                ErrorKind.InvalidArgument,
                $"{path}: {package.Name} {package.Version} is for {package.Architecture}; the repository is for {string.Join(", ", configuration.Architectures)}.",
                path,
                "Import it into another repository, or add the architecture with Update-Repository -Architecture.");
        }
    }

    /// <summary>The error of a configuration that breaks the rules.</summary>
    public static OmnibusException Invalid(string what, string? advice = null) =>
        new("RepositoryConfigurationInvalid", ErrorKind.InvalidArgument, $"The repository's configuration is not usable: {what}.", advice: advice);
}
