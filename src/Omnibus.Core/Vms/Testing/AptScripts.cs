namespace Omnibus.Core.Vms.Testing;

/// <summary>What apt and dpkg are told in a test. Every script is bash, runs as root and takes its values as arguments.</summary>
internal static class AptScripts
{
    private const string Prelude = """
        set -eu
        export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
        source=/etc/apt/sources.list.d/omnibus-test.sources
        # Only the repository under test: its index is small, and what it needs from the base system is installed.
        only=(-o Dir::Etc::sourcelist="$source" -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=false -o APT::Sandbox::User=root -o Acquire::EnableSrvRecords=false)
        quiet=(-y -q -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io)
        # Installs from the repository alone, and with the distribution's own archives when that is not enough.
        install() {
            if [ -e "$source" ]; then
                apt-get install "${quiet[@]}" "${only[@]}" "$@" && return 0
            else
                apt-get install "${quiet[@]}" --no-download "$@" && return 0
            fi
            echo '--- again, with the archives of the distribution'
            apt-get update -q
            apt-get install "${quiet[@]}" "$@"
        }

        """;

    /// <summary>Makes a repository known: $1 address, $2 suite, $3 components, $4 key.</summary>
    public const string AddRepository = Prelude + """
        install -d -m 0755 /etc/apt/keyrings 2>/dev/null || mkdir -p /etc/apt/keyrings
        printf '%s\n' "$4" > /etc/apt/keyrings/omnibus-test.asc
        {
            echo 'Types: deb'
            echo "URIs: $1"
            echo "Suites: $2"
            [ -z "$3" ] || echo "Components: $3"
            echo 'Signed-By: /etc/apt/keyrings/omnibus-test.asc'
        } > "$source"
        # apt-get update warns of what it could not fetch and succeeds: -o makes it an error.
        apt-get update -q "${only[@]}" -o APT::Update::Error-Mode=any
        """;

    /// <summary>Full version of a package that has a given upstream version or full version: $1 name, $2 version.</summary>
    public const string FindVersion = Prelude + """
        apt-cache madison "${only[@]}" "$1" | awk -F'|' '{ gsub(/ /, "", $2); print $2 }' > /run/omnibus-versions
        awk -v want="$2" '{ bare = $0; sub(/^[0-9]+:/, "", bare); upstream = bare; sub(/-[^-]*$/, "", upstream) }
            $0 == want || upstream == want || bare == want { print; found = 1; exit } END { exit !found }' /run/omnibus-versions && exit 0
        echo "versions of $1 in the repository: $(tr '\n' ' ' < /run/omnibus-versions)" >&2
        exit 1
        """;

    /// <summary>Installs packages: names, name=version, or paths.</summary>
    public const string Install = Prelude + """install "$@" """;

    /// <summary>Installs older versions of packages than are there.</summary>
    public const string Downgrade = Prelude + """install --allow-downgrades "$@" """;

    /// <summary>Package names of files.</summary>
    public const string NamesOfFiles = Prelude + """for file in "$@"; do dpkg-deb --field "$file" Package; done""";

    /// <summary>Installed versions, a line each: name, version, status.</summary>
    public const string Query = Prelude + """dpkg-query --show --showformat='${Package} ${Version} ${db:Status-Status}\n' "$@" """;

    /// <summary>Compares installed files with what the packages say. Prints what differs, without configuration files.</summary>
    public const string Verify = Prelude + """
        for name in "$@"; do
            dpkg --verify "$name" || true
        done | grep -v '^..5......  *c ' > /run/omnibus-verify || true
        cat /run/omnibus-verify
        # Every directory and file of the packages belongs to a user and a group that exist.
        for name in "$@"; do dpkg-query --listfiles "$name"; done | grep -v '^/\.$' | sort -u | while IFS= read -r file; do
            if [ -e "$file" ] && [ ! -L "$file" ]; then
                find "$file" -maxdepth 0 \( -nouser -o -nogroup \) -printf 'owner unknown: %p\n'
            fi
        done | tee /run/omnibus-owners
        [ ! -s /run/omnibus-verify ] && [ ! -s /run/omnibus-owners ]
        """;

    /// <summary>Services that the packages bring and that are enabled.</summary>
    public const string Services = Prelude + """
        for name in "$@"; do dpkg-query --listfiles "$name"; done | sed -n 's,^\(/usr\)\?/lib/systemd/system/\([^/@]*\.service\)$,\2,p' | sort -u | while read -r unit; do
            if [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = enabled ]; then echo "$unit"; fi
        done
        """;

    /// <summary>Removes packages with their configuration and whatever was installed for them.</summary>
    public const string Remove = Prelude + """
        apt-get purge "${quiet[@]}" "$@"
        apt-get autoremove --purge "${quiet[@]}"
        """;
}
