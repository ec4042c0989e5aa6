# Sourced by build.sh: installs what is missing. Does nothing, not even apt-get update, when nothing is missing.

# Whether the thing of a line of PACKAGES is there.
is_present() {
    case "$1" in
        python:*) /usr/bin/python3 -c "import ${1#python:}" 2>/dev/null ;;
        header:*) [ -e "/usr/include/${1#header:}" ] ;;
        file:*) [ -e "${1#file:}" ] ;;
        lib:*) find_library "${1#lib:}" ;;
        *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
    esac
}

find_library() {
    local folder
    for folder in /usr/lib64 /lib64 /usr/lib/*-linux-gnu /lib/*-linux-gnu /usr/lib /lib; do
        [ -e "$folder/$1" ] && return 0
    done
    return 1
}

# setup_packages SCOPE...: installs the packages of these scopes that are missing. Fails when something could not be had.
setup_packages() {
    local manager column missing=() lacking=() look scope apt dnf package
    if command -v apt-get >/dev/null; then
        manager=apt column=apt
    elif command -v dnf >/dev/null; then
        manager=dnf column=dnf
    else
        manager=none column=apt
    fi
    while read -r look scope apt dnf; do
        [ -n "$look" ] || continue
        case " $* " in *" $scope "*) ;; *) continue ;; esac
        is_present "$look" && continue
        package=${!column}
        if [ "$package" = - ]; then lacking+=("$look"); else missing+=("$package"); fi
    done <<<"$PACKAGES"
    if [ ${#lacking[@]} -gt 0 ]; then
        echo "setup: this distribution has no package for: ${lacking[*]}" >&2
    fi
    [ ${#missing[@]} -gt 0 ] || return 0
    # shellcheck disable=SC2207  # names of packages hold no blanks
    missing=($(printf '%s\n' "${missing[@]}" | sort -u))
    echo "setup: installing ${missing[*]}" >&2
    if ! install_packages "$manager" "${missing[@]}"; then
        echo "setup: could not install all of: ${missing[*]}" >&2
        return 1
    fi
}

# As root, or through sudo when it asks for no password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        echo "setup: this needs root: $*" >&2
        return 1
    fi
}

install_packages() {
    local manager=$1 command
    shift
    case "$manager" in
        apt) command=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install) ;;
        dnf) command=(dnf -q -y --setopt=install_weak_deps=False install) ;;
        *) echo "setup: neither apt-get nor dnf is here" >&2; return 1 ;;
    esac
    if [ "$manager" = apt ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null || return 1
        forbid_services
    fi
    local result=0
    if ! as_root "${command[@]}" "$@" </dev/null >&2; then
        # One that is not to be had must not keep the others away.
        local package
        for package in "$@"; do
            as_root "${command[@]}" "$package" </dev/null >&2 || result=1
        done
    fi
    [ "$manager" != apt ] || allow_services
    return $result
}

# A Debian package starts its service when it is installed; policy-rc.d forbids it (invoke-rc.d(8)).
POLICY=/usr/sbin/policy-rc.d
forbid_services() {
    policy_made=
    [ -e "$POLICY" ] && return 0
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$POLICY && chmod 0755 $POLICY"
    policy_made=1
    trap allow_services EXIT
}

allow_services() {
    if [ -n "${policy_made:-}" ]; then
        policy_made=
        as_root rm -f "$POLICY"
    fi
}

# Brings PowerShell (when there is none) and Pester into .tools/. Goes on without them when the package source has none.
setup_powershell() {
    if ! command -v pwsh >/dev/null; then
        export PATH="$PWD/.tools:$PATH"
        if [ ! -x .tools/pwsh ]; then
            echo "setup: no pwsh on PATH; trying dotnet tool install PowerShell" >&2
            dotnet tool install PowerShell --version '7.6.*' --tool-path .tools >/dev/null 2>&1 ||
                echo "setup: PowerShell could not be had; going on without it" >&2
        fi
    fi
    command -v pwsh >/dev/null || return 0
    mkdir -p out
    if [ ! -e .tools/prerequisites.done ] || [ tests/Pester/Prerequisites.csproj -nt .tools/prerequisites.done ]; then
        dotnet build tests/Pester/Prerequisites.csproj -t:Install -v quiet >out/prerequisites.log 2>&1 && touch .tools/prerequisites.done || {
            cat out/prerequisites.log >&2
            echo "setup: Pester could not be had; going on without it" >&2
        }
    fi
}
