#!/usr/bin/env bash
# From a recipe to an installed application: builds the packages of examples/notes, and lets real apt install them in a Debian that is thrown away.
# Called by "./build.sh quickstart" when everything is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

dist=$PWD/out/quickstart
rm -rf "$dist"
mkdir -p "$dist"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say "1. The sources of Jinja2 and MarkupSafe, from Debian's source archive"
examples/notes/fetch-sources
ls examples/notes/wheelhouse

say "2. The packages of examples/notes/omnibus.yml"
if command -v pwsh >/dev/null; then
    manifest=$(find out/Omnibus -name Omnibus.psd1 | sort -V | tail -n 1)
    pwsh -NoProfile -NonInteractive -Command "
        \$ErrorActionPreference = 'Stop'
        Import-Module '$PWD/$manifest'
        New-OmnibusPackage ./examples/notes/omnibus.yml -Destination '$dist'" </dev/null
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

# Without root mmdebstrap works as another user, who may not read a home folder.
mkdir "$scratch/debs"
cp "$dist"/*.deb "$scratch/debs/"

# Runs in the root: mmdebstrap gives its path as the first argument.
cat > "$scratch/install" <<'END'
#!/bin/sh
set -eu
root=$1 debs=$2
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir "$root/tmp/packages"
cp "$debs"/*.deb "$root/tmp/packages/"
chroot "$root" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends /tmp/packages/*.deb' >"$root/tmp/log" 2>&1 || { cat "$root/tmp/log" >&2; exit 1; }
chroot "$root" dpkg-query -W -f '  installed  ${Package} ${Version} ${Architecture}\n' python-notes notes-cli notes-node

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
chmod -R a+rX "$scratch"
chmod 755 "$scratch/install"

say "3. Real apt installs them in a throw-away Debian 12, and the application answers"
mode=unshare
[ "$(id -u)" -ne 0 ] || mode=root
mmdebstrap --quiet --variant=apt --format=null --mode="$mode" "${options[@]}" \
    --customize-hook="'$scratch/install' \"\$1\" '$scratch/debs'" bookworm - "${sources[@]}"

say "Done. The packages are in out/quickstart:"
find "$dist" -type f -printf '  %f\n' | sort
