BeforeAll {
    . $PSScriptRoot/common.ps1
    $saved = $env:XDG_DATA_HOME, $env:XDG_STATE_HOME, $env:XDG_RUNTIME_DIR
    $env:XDG_DATA_HOME = "$TestDrive/data"
    $env:XDG_STATE_HOME = "$TestDrive/state"
    $env:XDG_RUNTIME_DIR = $null
    $new = 'Omnibus.PowerShell.Commands.NewBuildVmCommand'
    $image = "$TestDrive/empty.raw"
    [IO.File]::WriteAllBytes($image, [byte[]]::new(1MB))
}

AfterAll {
    Remove-BuildVm * -Force
    $env:XDG_DATA_HOME, $env:XDG_STATE_HOME, $env:XDG_RUNTIME_DIR = $saved
}

Describe 'A machine on the bridge' {
    It 'does not take the address <_>' -ForEach '0', '1', '254', '255', '10.1.2.0', '10.1.2.1', '10.1.2.254', '10.1.2.255', '256', '1.2.3', '010.1.2.3', 'x' {
        New-BuildVm odd -Image $image -Network Tap -Address $_ -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmAddressInvalid,$new"
        $problems[0].TargetObject | Should -BeExactly $_
    }

    It 'takes the first free address, the one that is asked for, and none twice' {
        (New-BuildVm first -Image $image -Network Tap).Addresses | Should -Be '192.168.100.10'
        (New-BuildVm second -Image $image -Network Tap).Addresses | Should -Be '192.168.100.11'
        (New-BuildVm asked -Image $image -Network Tap -Address 253).Addresses | Should -Be '192.168.100.253'
        (New-BuildVm other -Image $image -Network Tap -Address 10.1.2.3).Addresses | Should -Be '10.1.2.3'
        New-BuildVm again -Image $image -Network Tap -Address 253 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmAddressTaken,$new"
    }

    It 'is not mixed up with one in user networking' {
        New-BuildVm odd -Image $image -Address 20 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNetworkConflict,$new"
        New-BuildVm odd -Image $image -Network Tap -PortForward 8080:80 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNetworkConflict,$new"
        Remove-BuildVm *
    }

    # In network and mount namespaces of its own: the host's network and /run stay as they are. Behind the host, a second namespace is the world outside.
    It 'gets its address by DHCP, reaches the world by NAT and the host by name; all of it goes with the last machine' {
        $null = New-BuildVm guest -Distribution debian-12 -Package python3 -Network Tap -Address 77
        $null = New-BuildVm beside -Image $image -Network Tap -Memory 128MB
        $recipe = New-TestRecipe "$TestDrive/recipe"
        $debs = New-OmnibusPackage $recipe -Distribution debian-12 -Destination "$TestDrive/dist"
        $key = New-SigningKey -Name Tests -Email tests@example.com -Algorithm Rsa3072
        $debs | Import-RepoPackage -Repository (New-Repository -Path "$TestDrive/repository" -Type Apt -Distribution debian-12 -SigningKey $key)

        Set-Content "$TestDrive/inside.sh" @'
set -e
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
ip link set lo up
ip netns add outside
ip link add world type veth peer name host netns outside
ip address add 203.0.113.1/24 dev world
ip link set world up
ip -n outside address add 203.0.113.2/24 dev host
ip -n outside link set host up
cd "$1"
mkdir -p www
echo outside > www/word
ip netns exec outside python3 -u -m http.server --directory www --bind 203.0.113.2 8000 > outside.log 2>&1 &
pwsh -NoProfile -NonInteractive -File inside.ps1 "$2"
kill $!
'@
        Set-Content "$TestDrive/inside.ps1" @'
param($module)
$ErrorActionPreference = 'Stop'
Import-Module $module
function Network {
    [pscustomobject]@{
        Links      = @((ip -json link show | ConvertFrom-Json).ifname | Where-Object { $_ -like 'omni*' } | Sort-Object)
        Tables     = @(nft list tables)
        Forwarding = Get-Content /proc/sys/net/ipv4/ip_forward
        Dhcp       = @(Get-Content -Path /proc/[0-9]*/cmdline -Raw -ErrorAction Ignore | Where-Object { $_ -match '^(/\S+/)?dnsmasq\0' -and $_ -match 'interface=omnibr0' }).Count
        State      = @(Get-ChildItem /run/omnibus -Name -Recurse -ErrorAction Ignore)
    }
}
$report = [ordered]@{ Before = Network }
$report.Started = Start-BuildVm guest -Wait -Accelerator Tcg | Select-Object Name, Addresses, SshPort
$report.Facts = (Invoke-BuildVmCommand guest @"
ip -4 -o address show dev eth0 | tr -s ' ' | cut -d ' ' -f 4
ip -4 route show default | tr -s ' ' | cut -d ' ' -f 3
getent hosts host.omnibus | tr -s ' ' | cut -d ' ' -f 1
python3 -c 'import urllib.request; print(urllib.request.urlopen("http://203.0.113.2:8000/word", timeout=60).read().decode().strip())'
"@).StandardOutput.TrimEnd() -split '\n'
$report.Leases = Get-Content /run/omnibus/omnibr0/leases
$null = Checkpoint-BuildVm guest clean
$null = Start-BuildVm beside -Accelerator Tcg
$report.Both = Network
$null = Start-BuildVm beside -Accelerator Tcg
$null = Stop-BuildVm beside -Force -Timeout 0
$report.One = Network
# The repository is served on the bridge, the guest is where it was.
$report.Checks = Test-PackageInstall guest -Repository (Get-Repository "$PSScriptRoot/repository") -Name tool | Select-Object Check, Detail, @{ Name = 'Result'; Expression = { "$($_.Result)" } }
# A crash leaves the devices, the next stop takes them away.
Get-Process -Id (Get-Content (Get-ChildItem "$env:XDG_STATE_HOME/omnibus/run/vms/guest/pid").FullName) | Stop-Process -Force
while ((Get-BuildVm guest).State -ne 'Stopped') { Start-Sleep -Milliseconds 50 }
Stop-BuildVm guest
$report.After = Network
# A QEMU that does not start leaves nothing either.
Start-BuildVm beside -QemuArgument -nonsense -Accelerator Tcg -ErrorAction SilentlyContinue -ErrorVariable problems
$report.Problem = $problems[0].FullyQualifiedErrorId
$report.Failed = Network
$report | ConvertTo-Json -Depth 4 | Set-Content "$PSScriptRoot/report.json"
'@
        # Processes too: what a failure leaves ends with it.
        $namespaces = @('--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc')
        if ((id -u) -ne 0) { $namespaces += '--user', '--map-root-user', '--map-auto' }
        $log = unshare @namespaces sh "$TestDrive/inside.sh" $TestDrive "$moduleFolder/Omnibus.psd1" 2>&1
        "$TestDrive/report.json" | Should -Exist -Because ($log -join "`n")
        $report = Get-Content "$TestDrive/report.json" -Raw | ConvertFrom-Json

        $report.Started.Addresses | Should -Be '192.168.100.77'
        $report.Started.SshPort | Should -Be 22
        $report.Facts | Should -Be '192.168.100.77/24', '192.168.100.254', '192.168.100.254', 'outside'
        $report.Leases | Should -Match ' 192\.168\.100\.77 guest '
        # The world saw the host's address, not the guest's.
        Get-Content "$TestDrive/outside.log" | Where-Object { $_ -match '"GET /word' } | Should -Match '^203\.0\.113\.1 '

        @($report.Before.Links) + $report.Before.Tables + $report.Before.State | Should -BeNullOrEmpty
        $report.Before.Forwarding | Should -Be '0'
        $report.Both.Links.Count | Should -Be 3
        $report.Both.Tables | Should -Be 'table ip omnibus_omnibr0'
        $report.Both.Dhcp | Should -Be 1
        $report.Both.Forwarding | Should -Be '1'
        $report.One.Links.Count | Should -Be 2
        $report.One.Dhcp | Should -Be 1
        @($report.Checks | Where-Object Result -ne 'Passed') | Should -BeNullOrEmpty
        $report.Checks.Check | Should -Be 'restore clean', 'repository', 'install tool', 'files as packaged', 'no failed units', 'remove', 'left behind'
        $report.After | ConvertTo-Json | Should -BeExactly ($report.Before | ConvertTo-Json)
        $report.Problem | Should -Match '^QemuFailed,'
        $report.Failed | ConvertTo-Json | Should -BeExactly ($report.Before | ConvertTo-Json)
    }
}
