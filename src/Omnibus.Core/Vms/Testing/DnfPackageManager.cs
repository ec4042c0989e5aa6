namespace Omnibus.Core.Vms.Testing;

/// <summary>dnf (or yum, where there is no dnf) and rpm (dnf(8), dnf.conf(5), rpm(8)).</summary>
internal sealed class DnfPackageManager : PackageManager
{
    private const string Prelude = """
        set -eu
        export LC_ALL=C.UTF-8
        repository=/etc/yum.repos.d/omnibus-test.repo
        dnf=$(command -v dnf || command -v yum) || { echo 'there is neither dnf nor yum here' >&2; exit 1; }
        only=()
        if [ -e "$repository" ]; then only=(--disablerepo='*' --enablerepo=omnibus-test); fi
        quiet=(-y -q)

        """;

    private const string Installing = Prelude + """
        # From the repository alone, and with the distribution's own when that is not enough.
        run() {
            verb=$1
            shift
            "$dnf" "$verb" "${quiet[@]}" "${only[@]}" "$@" && return 0
            echo '--- again, with the repositories of the distribution'
            "$dnf" "$verb" "${quiet[@]}" "$@"
        }
        count=$1
        names=("${@:2:count}")
        installed() {
            rpm --query --queryformat 'omnibus-installed %{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' "${names[@]}"
        }

        """;

    /// <inheritdoc/>
    public override string Format => "Rpm";

    /// <inheritdoc/>
    public override string RepositoryFormat => "Yum";

    // $1 address, $2 key. Metadata and packages are checked, as a client in production would (dnf.conf(5)).
    /// <inheritdoc/>
    public override string AddRepository => Prelude + """
        mkdir -p /etc/yum.repos.d
        printf '%s\n' "$2" > /etc/yum.repos.d/omnibus-test.key
        {
            echo '[omnibus-test]'
            echo 'name=omnibus-test'
            echo "baseurl=$1"
            echo 'gpgkey=file:///etc/yum.repos.d/omnibus-test.key'
            printf '%s\n' enabled=1 gpgcheck=1 repo_gpgcheck=1 metadata_expire=1 skip_if_unavailable=0 proxy=_none_
        } > "$repository"
        "$dnf" makecache "${quiet[@]}" --disablerepo='*' --enablerepo=omnibus-test
        """;

    // A narrow terminal breaks the lines of "list": words are looked at, not lines.
    /// <inheritdoc/>
    public override string FindVersion => Prelude + """
        "$dnf" list "${quiet[@]}" "${only[@]}" --showduplicates --available "$1" | tr -s ' \t' '\n\n' > /run/omnibus-words || true
        awk -v name="$1." 'found { print; found = 0 } index($0, name) == 1 { found = 1 }' /run/omnibus-words > /run/omnibus-versions

        """ + ChooseVersion;

    /// <inheritdoc/>
    public override string Install => Installing + """run install "${@:count+2}" && installed""";

    /// <inheritdoc/>
    public override string Upgrade => Installing + """run upgrade "${@:count+2}" && installed""";

    /// <inheritdoc/>
    public override string Downgrade => Installing + """run downgrade "${@:count+2}" && installed""";

    // A configuration file that was changed is not wrong (rpm(8), --verify: a "c" before its name).
    /// <inheritdoc/>
    public override string Verify => Prelude + """
        rpm --verify --nodeps "$@" | grep -v '^..5......  *c ' > /run/omnibus-verify || true
        cat /run/omnibus-verify
        rpm --query --list "$@" | grep '^/' | sort -u | tr '\n' '\0' \

        """ + CheckOwners;

    /// <inheritdoc/>
    public override string Services => Prelude + """rpm --query --list "$@" """ + EnabledServices;

    /// <inheritdoc/>
    public override string Remove => Prelude + """
        "$dnf" remove "${quiet[@]}" "$@"
        """;

    /// <inheritdoc/>
    public override string Versioned(string name, string version) => $"{name}-{version}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> RepositoryArguments(string address, GuestRepository repository) => [address, repository.PublicKey];
}
