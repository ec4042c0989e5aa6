# Runs the Pester suite against the built module: ./tests/Pester/run.ps1 [-Name Get-OmnibusPackage] [-Summary FILE]
# Called by build.sh and build.ps1 in a pwsh of its own. Exits with the number of failures (at most 100).
param(
    [string[]] $Name = '*',
    [string] $Summary
)

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path -LiteralPath "$PSScriptRoot/../..").Path

# Only PowerShell's own modules, Pester and what is built here: nothing that happens to be installed may help or hinder.
$pester = Get-Module -ListAvailable Pester, "$root/.tools/modules/Pester" -ErrorAction Ignore |
    Where-Object Version -ge '5.5.0' | Sort-Object Version -Descending | Select-Object -First 1
if (-not $pester) {
    throw 'Pester 5.5 or later is not there: run ./build.sh setup.'
}

Import-Module -Name $pester.Path
$env:PSModulePath = "$PSHOME/Modules:$root/out"

$configuration = New-PesterConfiguration
$configuration.Run.Path = @($Name | ForEach-Object { "$PSScriptRoot/$_.Tests.ps1" })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration

$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
if ($Summary) {
    "passed=$($result.PassedCount) failed=$failed skipped=$($result.SkippedCount + $result.NotRunCount)" |
        Set-Content -LiteralPath $Summary
}

exit [Math]::Min($failed, 100)
