#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds and tests Omnibus from PowerShell: the same tasks as build.sh, in the given order.
.EXAMPLE
    ./build.ps1 -Task Module, Test
.EXAMPLE
    ./build.ps1 -Task Bench -Name import
#>
[CmdletBinding()]
param(
    [ValidateSet('Setup', 'Module', 'Docs', 'Quickstart', 'Test', 'Bench')]
    [string[]] $Task = 'Module',

    # What Bench measures; empty for all.
    [string] $Name
)

foreach ($step in $Task) {
    $arguments = @($step.ToLowerInvariant(); if ($step -eq 'Bench' -and $Name) { $Name })
    & bash "$PSScriptRoot/build.sh" @arguments
    if ($LASTEXITCODE -ne 0) {
        throw "Task $step failed with exit code $LASTEXITCODE."
    }
}
