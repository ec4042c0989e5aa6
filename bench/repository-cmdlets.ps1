# The work of "bench repositories" through the cmdlets. Called by the bench; prints "name<TAB>seconds" for each run but the first.
param([string] $Manifest, [string] $Debs, [string] $Rpms, [string] $One, [string] $Scratch, [int] $Runs)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
Import-Module $Manifest
$null = New-Item -ItemType Directory -Force $Scratch

function Measure-Work([string] $Name, [int] $Run, [scriptblock] $Work) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    & $Work
    if ($Run -gt 0) {
        "{0}`t{1}" -f $Name, $watch.Elapsed.TotalSeconds.ToString('0.000', [cultureinfo]::InvariantCulture)
    }
}

$moreDebs = Get-ChildItem $One -Filter *.deb
$moreRpms = Get-ChildItem $One -Filter *.rpm
for ($run = 0; $run -le $Runs; $run++) {
    $apt = New-Repository -Path "$Scratch/apt-$run" -Type Apt -Codename stable -Architecture amd64 -Compression Gzip
    Measure-Work 'import and publish 5,000 debs' $run { $null = Import-RepoPackage -Repository $apt -Path "$Debs/*.deb" }
    Measure-Work 'one deb more' $run { $null = Import-RepoPackage -Repository $apt -Path $moreDebs[$run].FullName }
    $yum = New-Repository -Path "$Scratch/yum-$run" -Type Yum -Compression Gzip
    Measure-Work 'import and publish 3,000 rpms' $run { $null = Import-RepoPackage -Repository $yum -Path "$Rpms/*.rpm" }
    Measure-Work 'one rpm more' $run { $null = Import-RepoPackage -Repository $yum -Path $moreRpms[$run].FullName }
}
