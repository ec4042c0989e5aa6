namespace Omnibus.Core.Vms.Testing;

/// <summary>What is looked at in every system, whatever its package manager.</summary>
internal static class CommonScripts
{
    // What the package manager and the running system write for themselves is nobody's leftover.
    private const string List = """
        list() {
            find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /root \
                -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/rpm -o -path /var/lib/dnf -o -path /usr/lib/sysimage -o -path /var/cache \
                -o -path /var/log/apt -o -path /var/log/journal -o -path /var/lib/systemd -o -path /var/lib/omnibus -o -path /etc/ld.so.cache \
                -o -path '/var/log/*.log' -o -path '/etc/*-' -o -path /etc/.pwd.lock -o -path /etc/apt/keyrings -o -path '/etc/yum.repos.d/omnibus-test*' \
                -o -path '/etc/apt/sources.list.d/omnibus-test*' -o -name '__pycache__' \) -prune -o ! -path /etc/yum.repos.d -print | LC_ALL=C sort
        }

        """;

    /// <summary>Remembers which files there are.</summary>
    public const string RememberFiles = List + "list > /tmp/omnibus-before";

    /// <summary>Prints the files that were not there before.</summary>
    public const string NewFiles = List + "list > /tmp/omnibus-after; LC_ALL=C comm -13 /tmp/omnibus-before /tmp/omnibus-after";

    /// <summary>Waits until a unit is active: $1 its name.</summary>
    public const string WaitActive = """
        for try in $(seq 1 60); do
            state=$(systemctl is-active "$1" || true)
            case $state in
                active) echo active; exit 0 ;;
                failed) break ;;
            esac
            sleep 0.5
        done
        systemctl status --no-pager --full "$1" || true
        journalctl --no-pager --lines 30 --unit "$1" 2>/dev/null || true
        exit 1
        """;

    /// <summary>Prints units that failed, and fails when there are any.</summary>
    public const string FailedUnits = """
        failed=$(systemctl list-units --failed --plain --no-legend --no-pager)
        printf '%s\n' "$failed"
        [ -z "$failed" ]
        """;

    /// <summary>Asks a web server until it answers with 2xx: $1 host, $2 port, $3 path, $4 text that the body must hold.</summary>
    public const string AskUrl = """
        for try in $(seq 1 40); do
            if answer=$(exec 3<>"/dev/tcp/$1/$2" && printf 'GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n' "$3" "$1" >&3 && timeout 10 cat <&3); then
                status=$(printf '%s' "$answer" | head -n 1)
                case $status in
                    HTTP/1.?' '2??*)
                        printf '%s\n' "$answer"
                        [ -z "$4" ] && exit 0
                        case $answer in *"$4"*) exit 0 ;; esac
                        echo "the answer does not hold: $4" >&2
                        exit 1 ;;
                esac
            fi 2>/dev/null
            sleep 0.5
        done
        echo "no answer with 2xx; the last was: ${status:-none}" >&2
        exit 1
        """;
}
