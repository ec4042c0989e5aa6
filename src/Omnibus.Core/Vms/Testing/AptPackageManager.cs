namespace Omnibus.Core.Vms.Testing;

/// <summary>apt and dpkg (apt-get(8), dpkg(1), dpkg-query(1), sources.list(5)).</summary>
internal sealed class AptPackageManager : PackageManager
{
    private const string Prelude = """
        set -eu
        export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
        source=/etc/apt/sources.list.d/omnibus-test.sources
        # Only the repository under test: its index is small, and what it needs from the base system is installed.
        only=(-o Dir::Etc::sourcelist="$source" -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=false -o APT::Sandbox::User=root -o Acquire::EnableSrvRecords=false)
        # Without one: no archive at all. What is known of packages is kept for the same sources, and not read anew.
        alone() {
            [ -e "$source" ] || only=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null)
        }
        quiet=(-y -q -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io)

        """;

    private const string Installing = Prelude + """
        # Installs from the repository alone, and with the distribution's own archives when that is not enough.
        install() {
            alone
            apt-get install "${quiet[@]}" "${only[@]}" "$@" && return 0
            echo '--- again, with the archives of the distribution'
            apt-get update -q
            apt-get install "${quiet[@]}" "$@"
        }
        count=$1
        names=("${@:2:count}")
        installed() {
            dpkg-query --show --showformat='omnibus-installed ${Package} ${Version}\n' "${names[@]}"
        }

        """;

    /// <inheritdoc/>
    public override string Format => "Deb";

    /// <inheritdoc/>
    public override string RepositoryFormat => "Apt";

    // $1 address, $2 suite, $3 components, $4 key in base64. Not as an .asc: for each of these apt-key starts a dozen programs more.
    /// <inheritdoc/>
    public override string AddRepository => Prelude + """
        mkdir -p /etc/apt/keyrings
        printf '%s' "$4" | base64 -d > /etc/apt/keyrings/omnibus-test.gpg
        {
            echo 'Types: deb'
            echo "URIs: $1"
            echo "Suites: $2"
            [ -z "$3" ] || echo "Components: $3"
            echo 'Signed-By: /etc/apt/keyrings/omnibus-test.gpg'
        } > "$source"
        # apt-get update warns of what it could not fetch and succeeds: -o makes it an error.
        apt-get update -q "${only[@]}" -o APT::Update::Error-Mode=any
        """;

    /// <inheritdoc/>
    public override string FindVersion => Prelude + """
        apt-cache madison "${only[@]}" "$1" | awk -F'|' '{ gsub(/ /, "", $2); print $2 }' > /run/omnibus-versions

        """ + ChooseVersion;

    /// <inheritdoc/>
    public override string Install => Installing + """install "${@:count+2}" && installed""";

    /// <inheritdoc/>
    public override string Upgrade => Install;

    /// <inheritdoc/>
    public override string Downgrade => Installing + """install --allow-downgrades "${@:count+2}" && installed""";

    /// <inheritdoc/>
    public override string Verify => Prelude + """
        dpkg --verify "$@" | grep -v '^..5......  *c ' > /run/omnibus-verify || true
        cat /run/omnibus-verify
        # Every directory and file of the packages belongs to a user and a group that exist.
        dpkg-query --listfiles "$@" | sed -n '\,^/[^.],p' | sort -u | tr '\n' '\0' \

        """ + CheckOwners;

    /// <inheritdoc/>
    public override string Services => Prelude + """dpkg-query --listfiles "$@" """ + EnabledServices;

    /// <inheritdoc/>
    public override string Remove => Prelude + """
        alone
        apt-get purge --auto-remove --purge "${quiet[@]}" "${only[@]}" "$@"
        """;

    /// <inheritdoc/>
    public override string Versioned(string name, string version) => $"{name}={version}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> RepositoryArguments(string address, GuestRepository repository) =>
        [address, repository.Suite, string.Join(' ', repository.Components), Body(repository.PublicKey)];

    // The base64 between the headers and the checksum of an armor (RFC 9580, 6.2).
    private static string Body(string armored) => string.Concat(
        armored.ReplaceLineEndings("\n").Split('\n').SkipWhile(line => line.Length > 0).TakeWhile(line => line.Length == 0 || line[0] is not ('=' or '-')));
}
