#!/usr/bin/env bash
# Thin over dotnet: module | docs | test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

make_module() {
    dotnet build src/Omnibus.PowerShell -c Release -t:Module -v quiet
}

run_tests() {
    dotnet build Omnibus.sln -c Release -v quiet
    dotnet test tests/Unit -c Release --no-build -v quiet
    dotnet test tests/Integration -c Release --no-build -v quiet
}

complete_docs() {
    dotnet build src/Omnibus.PowerShell -c Release -t:UpdateHelp -v quiet
}

case "${1:-}" in
    module) make_module ;;
    docs) complete_docs ;;
    test) run_tests ;;
    *) echo "usage: ./build.sh module|docs|test" >&2; exit 2 ;;
esac
