#!/usr/bin/env bash
# Thin over dotnet: setup | module | quickstart | test | bench [name]. See --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

run_tests() {
    dotnet build Omnibus.sln -c Release -v quiet
    dotnet test tests/Unit -c Release --no-build -v quiet
    dotnet test tests/Integration -c Release --no-build -v quiet
}

case "${1:-}" in
    test) run_tests ;;
    *) echo "usage: ./build.sh test" >&2; exit 2 ;;
esac
