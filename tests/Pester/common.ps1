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

# A recipe of two packages without Python for a deb and an rpm distribution; gives its path. -Replace changes the text.
function New-TestRecipe {
    param(
        [Parameter(Mandatory)] [string] $Folder,
        [hashtable] $Replace = @{},
        [string] $Append = ''
    )

    $null = [System.IO.Directory]::CreateDirectory($Folder)
    [System.IO.File]::WriteAllText("$Folder/tool.sh", "#!/bin/sh`necho tool`n")
    [System.IO.File]::WriteAllText("$Folder/tool.conf", "answer = 42`n")
    $text = @'
name: tool
version: 1.4.0rc1
maintainer: Example <packages@example.com>
license: Apache-2.0
distributions: [debian-12, rocky-9]
packages:
  - name: tool
    summary: Tool for tests
    files:
      - { file: tool.sh, to: /usr/bin/tool, mode: 0755 }
  - name: tool-config
    summary: Tool for tests, configuration
    base: tool
    files:
      - { file: tool.conf, to: /etc/tool.conf }

'@ + $Append
    foreach ($key in $Replace.Keys) {
        $text = $text.Replace($key, $Replace[$key])
    }

    [System.IO.File]::WriteAllText("$Folder/omnibus.yml", $text)
    (Get-Item -LiteralPath "$Folder/omnibus.yml").FullName
}

# A folder as dpkg-deb takes it.
function New-TestTree {
    param([Parameter(Mandatory)] [string] $Folder, [switch] $Template)

    $null = [System.IO.Directory]::CreateDirectory("$Folder/DEBIAN")
    $null = [System.IO.Directory]::CreateDirectory("$Folder/etc")
    $null = [System.IO.Directory]::CreateDirectory("$Folder/usr/bin")
    $version = $Template ? "# the version is given`n" : "Version: 2:1.0-3`n"
    $name = $Template ? 'control.template' : 'control'
    [System.IO.File]::WriteAllText("$Folder/DEBIAN/$name", "Package: tree`n${version}Architecture: all`nMaintainer: Example <packages@example.com>`nDepends: libc6 (>= 2.31)`nX-Note: kept`nDescription: tree for tests`n A longer text.`n .`n More.`n")
    [System.IO.File]::WriteAllText("$Folder/DEBIAN/conffiles", "/etc/tree.conf`n")
    [System.IO.File]::WriteAllText("$Folder/DEBIAN/postinst", "#!/bin/sh`nexit 0`n")
    [System.IO.File]::WriteAllText("$Folder/DEBIAN/triggers", "interest-noawait /usr/share/tree`n")
    [System.IO.File]::WriteAllText("$Folder/etc/tree.conf", "answer = 42`n")
    [System.IO.File]::WriteAllText("$Folder/usr/bin/tree-tool", "#!/bin/sh`necho tree`n")
    chmod 0755 "$Folder/usr/bin/tree-tool"
    [System.IO.File]::CreateSymbolicLink("$Folder/usr/bin/tree-link", 'tree-tool') | Out-Null
    $Folder
}
