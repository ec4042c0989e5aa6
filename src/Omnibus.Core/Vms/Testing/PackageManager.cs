using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Testing;

/// <summary>What a package manager is told in a test. Every script is bash, runs as root and takes its values as arguments.</summary>
internal abstract class PackageManager
{
    /// <summary>The end of <see cref="FindVersion"/>: chooses among the versions in a file.</summary>
    private protected const string ChooseVersion = """
        awk -v want="$2" '{ bare = $0; sub(/^[0-9]+:/, "", bare); upstream = bare; sub(/-[^-]*$/, "", upstream) }
            $0 == want || upstream == want || bare == want { print; found = 1; exit } END { exit !found }' /run/omnibus-versions && exit 0
        echo "versions of $1 in the repository: $(tr '\n' ' ' < /run/omnibus-versions)" >&2
        exit 1
        """;

    /// <summary>The end of <see cref="Verify"/>, behind a list of paths that end in NUL: each belongs to a user and a group that exist.</summary>
    private protected const string CheckOwners = """
        | xargs -0 -r sh -c 'exec find "$@" -maxdepth 0 ! -type l \( -nouser -o -nogroup \) -printf "owner unknown: %p\n"' find 2> /dev/null | tee /run/omnibus-owners
        [ ! -s /run/omnibus-verify ] && [ ! -s /run/omnibus-owners ]
        """;

    /// <summary>The end of <see cref="Services"/>, behind a list of paths.</summary>
    private protected const string EnabledServices = """
        | sed -n 's,^\(/usr\)\?/lib/systemd/system/\([^/@]*\.service\)$,\2,p' | sort -u | while read -r unit; do
            if [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = enabled ]; then echo "$unit"; fi
        done
        """;

    private static readonly PackageManager[] s_all = [new AptPackageManager(), new DnfPackageManager()];

    /// <summary>Name of the package format that it installs: <c>Deb</c> or <c>Rpm</c>.</summary>
    public abstract string Format { get; }

    /// <summary>Name of the repository format that it installs from: <c>Apt</c> or <c>Yum</c>.</summary>
    public abstract string RepositoryFormat { get; }

    /// <summary>Makes a repository known, its signature checked; takes <see cref="RepositoryArguments"/>.</summary>
    public abstract string AddRepository { get; }

    /// <summary>Full version of a package that has a given upstream version or full version: $1 name, $2 version.</summary>
    public abstract string FindVersion { get; }

    /// <summary>Installs packages: $1 how many names follow, the names, then what is asked for (names, versioned names or paths). Ends with what <see cref="Installed"/> reads.</summary>
    public abstract string Install { get; }

    /// <summary>Brings installed packages to the newest version; arguments as for <see cref="Install"/>.</summary>
    public abstract string Upgrade { get; }

    /// <summary>Installs older versions of packages than are there; arguments as for <see cref="Install"/>.</summary>
    public abstract string Downgrade { get; }

    /// <summary>Compares installed files with what the packages say. Prints what differs, without configuration files.</summary>
    public abstract string Verify { get; }

    /// <summary>Services that the packages bring and that are enabled.</summary>
    public abstract string Services { get; }

    /// <summary>Removes packages with their configuration and whatever was installed for them.</summary>
    public abstract string Remove { get; }

    /// <summary>The package manager for a test.</summary>
    /// <param name="packageFormats">Formats of the package files.</param>
    /// <param name="repositoryFormat">Format of the repository, or null.</param>
    /// <exception cref="OmnibusException"><c>PackageTestUnsupported</c>: of several formats.</exception>
    public static PackageManager For(IReadOnlyCollection<string> packageFormats, string? repositoryFormat)
    {
        PackageManager[] fitting = [.. s_all.Where(manager => packageFormats.All(format => format == manager.Format) && (repositoryFormat ?? manager.RepositoryFormat) == manager.RepositoryFormat)];
        return fitting.Length == 1
            ? fitting[0]
            : throw new OmnibusException("PackageTestUnsupported", ErrorKind.InvalidArgument, "The packages of one test are of one format.", null, "Test deb and rpm packages in runs of their own, each in a system of its kind.");
    }

    /// <summary>How a version of a package is asked for.</summary>
    public abstract string Versioned(string name, string version);

    /// <summary>The arguments that <see cref="AddRepository"/> takes.</summary>
    public abstract IReadOnlyList<string> RepositoryArguments(string address, GuestRepository repository);

    /// <summary>Reads what an installation ended with: names and versions of what is installed now.</summary>
    public static string Installed(string output) => string.Join(
        ", ",
        output.Split('\n').Where(line => line.StartsWith("omnibus-installed ", StringComparison.Ordinal)).Select(line => line["omnibus-installed ".Length..].Trim()));
}
