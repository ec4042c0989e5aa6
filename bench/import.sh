#!/usr/bin/env bash
# What Import-Module Omnibus adds to a bare PowerShell start, as medians. Writes bench/results/import.md.
# Run by ./build.sh bench import; leave the machine alone meanwhile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
runs=${OMNIBUS_BENCH_RUNS:-15}

command -v pwsh >/dev/null || { echo "bench import: PowerShell is not here" >&2; exit 1; }
module=$(echo "$PWD"/out/Omnibus/*/Omnibus.psd1)

# Milliseconds that a command takes.
measure() {
    local start end
    start=$(date +%s%N)
    pwsh -NoProfile -NonInteractive -c "$1" </dev/null >/dev/null
    end=$(date +%s%N)
    echo $(((end - start) / 1000000))
}

median() {
    sort -n | sed -n "$(((runs + 1) / 2))p"
}

measure exit >/dev/null
measure "Import-Module '$module'" >/dev/null
bare=() with=() first=()
for _ in $(seq "$runs"); do
    # In turn, so that a change of the machine's load meets all of them.
    bare+=("$(measure exit)")
    with+=("$(measure "Import-Module '$module'")")
    first+=("$(measure "Import-Module '$module'; Get-OmnibusDistribution debian-12")")
done
bare_ms=$(printf '%s\n' "${bare[@]}" | median)
with_ms=$(printf '%s\n' "${with[@]}" | median)
first_ms=$(printf '%s\n' "${first[@]}" | median)

mkdir -p bench/results
{
    echo "# Import-Module"
    echo
    echo "Medians of $runs runs in turn, $(nproc) cores, $(pwsh --version), $(date -u +%Y-%m-%d). To reach: at most 150 ms more than a bare start."
    echo
    echo "| command | ms | more than bare |"
    echo "|---|---:|---:|"
    echo "| \`pwsh -NoProfile -c exit\` | $bare_ms | |"
    echo "| \`Import-Module Omnibus\` | $with_ms | $((with_ms - bare_ms)) |"
    echo "| \`Import-Module Omnibus; Get-OmnibusDistribution debian-12\` | $first_ms | $((first_ms - bare_ms)) |"
} | tee bench/results/import.md
