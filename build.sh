#!/usr/bin/env bash
# Thin over dotnet. The module's layout is made by MSBuild (src/Omnibus.PowerShell/Module.targets), so that build.ps1 gives the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
if [ -n "${CI:-}" ]; then
    # No build server may outlive the job and hold its output open.
    export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
fi

usage() {
    cat <<'END'
usage: ./build.sh TASK

  setup          installs what is missing: the distribution's packages, PowerShell and Pester into .tools/
  module         builds the module into out/Omnibus/<version>/
  quickstart     sets up, builds, and takes examples/notes from a recipe to installed packages
  test           sets up, builds, runs every test; ends in "N passed, N failed, N skipped"
  bench [NAME]   measures: import, packages, ...; writes bench/results/NAME.md
  docs           completes docs/en-US/*.md from the compiled cmdlets
END
}

# ---------------------------------------------------------------------------------------------------------------------
# What this repository uses of the distribution. A line: what is looked for | who needs it | Debian, Ubuntu | Fedora, RHEL.
# Looked for is a program, python:MODULE, header:FILE below /usr/include, file:PATH, or lib:NAME of the dynamic linker.
# Needed by "run" (building packages, quickstart) or by "test" alone. A dash: the distribution has no such package.
PACKAGES='
dpkg-deb             run   dpkg                dpkg
apt-ftparchive       run   apt-utils           apt
mmdebstrap           run   mmdebstrap          mmdebstrap
bwrap                run   bubblewrap          bubblewrap
newuidmap            run   uidmap              shadow-utils
gcc                  run   gcc                 gcc
python3              run   python3             python3
python:ensurepip     run   python3-venv        python3
python3-config       run   python3-dev         python3-devel
python:setuptools    run   python3-setuptools  python3-setuptools
python:wheel         run   python3-wheel       python3-wheel
lib:liblzma.so.5     run   liblzma5            xz-libs
lib:libzstd.so.1     run   libzstd1            libzstd
lib:libdeflate.so.0  run   libdeflate0         libdeflate
git                  run   git                 git
curl                 run   curl                curl
dpkg-source          run   dpkg-dev            dpkg-dev
zstd                 test  zstd                zstd
xz                   test  xz-utils            xz
cpio                 test  cpio                cpio
lintian              test  lintian             -
rpm                  test  rpm                 rpm
rpmbuild             test  rpm                 rpm-build
rpmlint              test  rpmlint             rpmlint
dnf                  test  dnf                 dnf
createrepo_c         test  createrepo-c        createrepo_c
aptly                test  aptly               -
reprepro             test  reprepro            reprepro
gpg                  test  gpg                 gnupg2
gpgv                 test  gpgv                gnupg2
sqv                  test  sqv                 sequoia-sqv
sq                   test  sq                  sequoia-sq
sq-keyring-linter    test  sq-keyring-linter   sequoia-keyring-linter
faketime             test  faketime            libfaketime
ssh                  test  openssh-client      openssh-clients
qemu-system-x86_64   test  qemu-system-x86     qemu-system-x86-core
qemu-img             test  qemu-utils          qemu-img
ceph-mon             test  ceph-mon            ceph-mon
ceph-mgr             test  ceph-mgr            ceph-mgr
ceph-osd             test  ceph-osd            ceph-osd
radosgw              test  radosgw             ceph-radosgw
grub-mkimage         test  grub-common         grub2-tools-extra
file:/usr/lib/grub/i386-pc/boot.img  test  grub-pc-bin  grub2-pc-modules
nft                  test  nftables            nftables
dnsmasq              test  dnsmasq-base        dnsmasq
ip                   test  iproute2            iproute
nginx                test  nginx               nginx
apt-cacher-ng        test  apt-cacher-ng       -
apache2              test  apache2-bin         httpd
caddy                test  caddy               caddy
'
# ---------------------------------------------------------------------------------------------------------------------

. tools/setup.sh
. tools/suites.sh

build_all() {
    dotnet build Omnibus.sln -c Release -v quiet
    make_module
}

make_module() {
    dotnet build src/Omnibus.PowerShell -c Release -t:Module -v quiet
}

task=${1:-}
[ $# -eq 0 ] || shift
case "$task" in
    setup)
        setup_packages run test
        setup_powershell
        ;;
    module)
        make_module
        ;;
    docs)
        dotnet build src/Omnibus.PowerShell -c Release -t:UpdateHelp -v quiet
        ;;
    quickstart)
        setup_packages run
        setup_powershell
        build_all
        exec ./examples/quickstart.sh "$@"
        ;;
    test)
        setup_packages run test || echo "setup: going on; the tests that need what is missing will fail" >&2
        setup_powershell
        build_all
        run_suites
        ;;
    bench)
        setup_packages run test || echo "setup: going on; what needs the missing packages will fail" >&2
        if [ "${1:-}" = import ]; then
            setup_powershell
            make_module
            exec bench/import.sh
        fi
        if [ "${1:-}" = repositories ]; then
            # It measures the cmdlets too.
            setup_powershell
            make_module
        fi
        exec dotnet run --project bench/Omnibus.Bench -c Release -- "$@"
        ;;
    -h | --help | help)
        usage
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac
