# Sourced by build.sh: runs the suites one after the other (they share two cores) and adds up what they say.

RESULTS=out/test-results
passed=0 failed=0 skipped=0

# count NAME PASSED FAILED SKIPPED
count() {
    echo "suite $1: $2 passed, $3 failed, $4 skipped"
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

# An attribute of the <Counters> element of a .trx file.
counter() {
    sed -n "s/.*<Counters [^>]*\\b$2=\"\\([0-9]*\\)\".*/\\1/p" "$1" | head -n 1
}

# dotnet_suite NAME PROJECT: a suite that leaves no result, ends in an error without a failed test, or runs no test has failed.
dotnet_suite() {
    local trx="$RESULTS/$1.trx" code=0 total executed succeeded bad
    dotnet test "$2" -c Release --no-build -v quiet --results-directory "$RESULTS" --logger "trx;LogFileName=$1.trx" \
        --logger 'console;verbosity=minimal' --blame-hang-timeout 10m --blame-hang-dump-type none </dev/null || code=$?
    if [ ! -s "$trx" ]; then
        echo "suite $1: the runner left no result (exit code $code)" >&2
        count "$1" 0 1 0
        return
    fi
    total=$(counter "$trx" total) executed=$(counter "$trx" executed) succeeded=$(counter "$trx" passed)
    bad=$((executed - succeeded))
    if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$executed" -eq 0 ]; }; then
        echo "suite $1: exit code $code after $executed tests" >&2
        bad=1
    fi
    count "$1" "$succeeded" "$bad" $((total - executed))
}

pester_suite() {
    local summary="$RESULTS/Pester.txt" code=0
    if ! command -v pwsh >/dev/null || ! pwsh_has_pester; then
        echo "######################################################################################" >&2
        echo "## The Pester suite is SKIPPED: PowerShell or Pester is not here (./build.sh setup). ##" >&2
        echo "######################################################################################" >&2
        count Pester 0 0 "$(cat tests/Pester/*.Tests.ps1 | grep -cE '^\s*It ')"
        return
    fi
    pwsh -NoProfile -NonInteractive -File tests/Pester/run.ps1 -Summary "$PWD/$summary" </dev/null || code=$?
    if [ ! -s "$summary" ]; then
        echo "suite Pester: the runner left no result (exit code $code)" >&2
        count Pester 0 1 0
        return
    fi
    local p f s
    IFS=' ' read -r p f s <<<"$(sed -E 's/passed=([0-9]+) failed=([0-9]+) skipped=([0-9]+)/\1 \2 \3/' "$summary")"
    if [ "$f" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$p" -eq 0 ]; }; then f=1; fi
    count Pester "$p" "$f" "$s"
}

pwsh_has_pester() {
    [ -d .tools/modules/Pester ] ||
        pwsh -NoProfile -NonInteractive -c 'exit [int](-not (Get-Module -ListAvailable Pester | Where-Object Version -ge 5.5.0))' </dev/null
}

run_suites() {
    rm -rf "$RESULTS"
    mkdir -p "$RESULTS"
    dotnet_suite Unit tests/Unit
    dotnet_suite Integration tests/Integration
    pester_suite
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
