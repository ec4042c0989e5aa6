#!/usr/bin/env bash
# From a recipe to an installed application: builds the packages of examples/notes, puts them into signed repositories, and lets real apt install them
# from there in a Debian that is thrown away.
# Called by "./build.sh quickstart" when everything is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

dist=$PWD/out/quickstart
archive=$PWD/out/archive                # the path of the recipe's repository
rm -rf "$dist" "$archive"
mkdir -p "$dist"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export OMNIBUS_HOME=$scratch/home        # the signing key is thrown away as well

say "1. The sources of Jinja2 and MarkupSafe, from Debian's source archive"
examples/notes/fetch-sources
ls examples/notes/wheelhouse

say "2. The packages of examples/notes/omnibus.yml, in a signed repository for each distribution"
if command -v pwsh >/dev/null; then
    manifest=$(find out/Omnibus -name Omnibus.psd1 | sort -V | tail -n 1)
    cat >"$scratch/quickstart.ps1" <<'END'
param($Module, $Destination, $Archive)
$ErrorActionPreference = 'Stop'
Import-Module $Module
$packages = New-OmnibusPackage ./examples/notes/omnibus.yml -Destination $Destination
$packages | Format-Table Name, FullVersion, Architecture, Distribution, Format, Size
$key = New-SigningKey -Name 'Example Packaging' -Email packages@example.com
foreach ($built in $packages | Group-Object Distribution) {
    $repository = New-Repository "$Archive/$($built.Name)" -Distribution $built.Name -Origin Example -SigningKey $key
    $signs = @{ SignPackage = $repository.Type -eq 'Yum' }
    $built.Group | Import-RepoPackage -Repository $repository @signs
    New-RepositoryPackage $repository "file:///srv/packages/$($built.Name)" $Destination | Import-RepoPackage -Repository $repository @signs
    Get-RepoPackage $repository | Format-Table Name, Version, Architecture, Size
}
END
    pwsh -NoProfile -NonInteractive -File "$scratch/quickstart.ps1" "$PWD/$manifest" "$dist" "$archive" </dev/null
else
    src/Omnibus.Cli/bin/Release/net10.0/omnibus run examples/notes/omnibus.yml --destination "$dist"
fi

# The sources of this machine's own apt that speak of Debian 12, and its proxies.
sources=() options=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [ -f "$file" ] && grep -v '^[[:space:]]*#' "$file" | grep -qE ' bookworm( |$|-)'; then
        sources+=("$file")
    fi
done
while IFS= read -r option; do
    options+=("--aptopt=$option")
done < <(apt-config dump --format '%F "%v";%n' Acquire 2>/dev/null | grep '::Proxy ' || true)

# Without root mmdebstrap works as another user, who may not read a home folder. What clients read of a repository is dists and pool.
mkdir -p "$scratch/packages/debian-12"
cp -r "$archive/debian-12/dists" "$archive/debian-12/pool" "$scratch/packages/debian-12/"
cp "$dist"/example-release_*.deb "$scratch/packages/"

# Runs in the root: mmdebstrap gives its path as the first argument.
cat > "$scratch/install" <<'END'
#!/bin/sh
set -eu
root=$1 packages=$2
inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive "$@" >>"$root/tmp/log" 2>&1 || { cat "$root/tmp/log" >&2; exit 1; }; }
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir -p "$root/srv"
cp -r "$packages" "$root/srv/packages"

inside dpkg -i "/srv/packages/$(basename "$packages"/example-release_*.deb)"
printf '  $ cat /etc/apt/sources.list.d/example.sources\n'
sed 's/^/  /' "$root/etc/apt/sources.list.d/example.sources"
inside apt-get update -o APT::Update::Error-Mode=any
inside apt-get install -y -q --no-install-recommends notes-cli notes-node
chroot "$root" dpkg-query -W -f '  installed  ${Package} ${Version} ${Architecture}\n' example-release python-notes notes-cli notes-node
chroot "$root" apt-cache policy notes-node | sed 's/^/  /'

printf '  $ notes --version\n  %s\n' "$(chroot "$root" notes --version)"
chroot "$root" notes-server --port 0 --database /tmp/notes.db >"$root/tmp/server" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    url=$(sed -n 's/.* on \(http:[^ ]*\)$/\1/p' "$root/tmp/server")
    [ -z "$url" ] || break
    sleep 0.2
done
[ -n "$url" ] || { cat "$root/tmp/server" >&2; exit 1; }
printf '  $ notes add "buy coffee"\n  %s\n' "$(chroot "$root" notes --server "$url" add 'buy coffee')"
printf '  $ notes list\n  %s\n' "$(chroot "$root" notes --server "$url" list)"
END
chmod 755 "$scratch" "$scratch/install"
chmod -R a+rX "$scratch/packages"

say "3. In a throw-away Debian 12, dpkg installs the release package, apt the application from the signed repository, and it answers"
mode=unshare
[ "$(id -u)" -ne 0 ] || mode=root
mmdebstrap --quiet --variant=apt --format=null --mode="$mode" "${options[@]}" \
    --customize-hook="'$scratch/install' \"\$1\" '$scratch/packages'" bookworm - "${sources[@]}"

# Its key is gone with this script: the next "omnibus run" makes its own repositories.
mv "$archive" "$dist/archive"

say "Done. The packages are in out/quickstart, the repositories in out/quickstart/archive:"
find "$dist" -maxdepth 1 -type f -printf '  %f\n' | sort
