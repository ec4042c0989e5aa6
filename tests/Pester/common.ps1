# Dot-sourced by every test file (BeforeAll { . $PSScriptRoot/common.ps1 }): imports the built module, once, and brings what tests share.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$repositoryRoot = (Resolve-Path -LiteralPath "$PSScriptRoot/../..").Path
$moduleVersion = (Import-PowerShellDataFile -LiteralPath "$repositoryRoot/Omnibus.psd1").ModuleVersion
$moduleFolder = "$repositoryRoot/out/Omnibus/$moduleVersion"
if (-not (Test-Path -LiteralPath "$moduleFolder/Omnibus.psd1")) {
    throw "The module is not built: run ./build.sh module first."
}

if (-not (Get-Module Omnibus)) {
    Import-Module -Name "$moduleFolder/Omnibus.psd1"
}

# A small package made by dpkg-deb: one configuration file, one script, two relations.
function New-TestDeb {
    param(
        [Parameter(Mandatory)] [string] $Destination,
        [string] $Name = 'sample',
        [string] $Version = '1.2.0-1'
    )

    $tree = Join-Path $Destination ".tree-$Name"
    $null = New-Item -ItemType Directory -Force "$tree/DEBIAN", "$tree/etc", "$tree/usr/share/doc/$Name"
    Set-Content "$tree/DEBIAN/control" @"
Package: $Name
Version: $Version
Architecture: all
Maintainer: Example <packages@example.com>
Depends: libc6 (>= 2.31), python3 | python3-minimal
Section: misc
Priority: optional
Description: sample for tests
 A longer text.
"@
    Set-Content "$tree/DEBIAN/conffiles" "/etc/$Name.conf"
    Set-Content "$tree/DEBIAN/postinst" "#!/bin/sh`nset -e`nexit 0"
    chmod 0755 "$tree/DEBIAN/postinst"
    Set-Content "$tree/etc/$Name.conf" 'answer = 42'
    Set-Content "$tree/usr/share/doc/$Name/copyright" 'Public domain.'
    $file = Join-Path $Destination "${Name}_${Version}_all.deb"
    $log = dpkg-deb --root-owner-group --build -Zgzip $tree $file 2>&1
    if ($LASTEXITCODE -ne 0) { throw "dpkg-deb failed: $log" }
    Remove-Item -Recurse -Force -LiteralPath $tree
    $file
}

# What Tab would offer at the end of a line.
function Get-Completion {
    param([Parameter(Mandatory)] [string] $Line)

    (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
}

# What the host would print, without colours, for a terminal of the given width.
function Get-Shown {
    param([Parameter(ValueFromPipeline)] $InputObject, [int] $Width = 120)

    begin { $all = [System.Collections.Generic.List[object]]::new() }
    process { $all.Add($InputObject) }
    end {
        $rendering = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'PlainText'
            ($all | Out-String -Width $Width).Trim()
        }
        finally {
            $PSStyle.OutputRendering = $rendering
        }
    }
}
