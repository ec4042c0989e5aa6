BeforeAll {
    . $PSScriptRoot/common.ps1

    # Runs a script as an ordinary user in a home of its own. Where the tests run as root, it is a user whom only a mount namespace knows, with or without a
    # range of ids; PowerShell and the module ($module) are brought where that user may read.
    function Invoke-AsUser {
        param([string] $Script, [switch] $WithoutIds)

        $isRoot = (id -u) -eq 0
        # Short: the sockets lie below it.
        $folder = mktemp -d
        try {
            chmod 0755 $folder
            $null = New-Item -ItemType Directory "$folder/home", "$folder/pwsh", "$folder/module"
            $module = $isRoot ? "$folder/module/Omnibus.psd1" : "$moduleFolder/Omnibus.psd1"
            Set-Content "$folder/script.ps1" "`$ErrorActionPreference = 'Stop'; Set-Location ~; `$module = '$module'; Import-Module `$module`n$Script"
            Set-Content "$folder/start.sh" @'
set -e
cd "$1"
mount --bind "$2" pwsh
mount --bind "$3" module
for file in passwd group subuid subgid; do
    if [ -e /etc/$file ]; then cp /etc/$file $file; else : > $file; : > /etc/$file; fi
done
echo "omnibus-test:x:54321:54321::$1/home:/bin/sh" >> passwd
echo 'omnibus-test:x:54321:' >> group
if [ "$4" = ids ]; then for file in subuid subgid; do echo omnibus-test:700000:65536 >> $file; done; fi
for file in passwd group subuid subgid; do mount --bind $file /etc/$file; done
chown 54321:54321 home
exec setpriv --reuid 54321 --regid 54321 --clear-groups --inh-caps=-all env -i HOME="$1/home" PATH=/usr/local/bin:/usr/bin:/bin \
    "$1/pwsh/pwsh" -NoProfile -NonInteractive -File "$1/script.ps1"
'@
            $output = $isRoot `
                ? (unshare --mount sh "$folder/start.sh" $folder $PSHOME $moduleFolder ($WithoutIds ? 'none' : 'ids') 2>&1)
                : (env -u XDG_DATA_HOME -u XDG_CACHE_HOME -u XDG_STATE_HOME -u XDG_RUNTIME_DIR HOME=$folder/home "$PSHOME/pwsh" -NoProfile -NonInteractive -File "$folder/script.ps1" 2>&1)
            if ($LASTEXITCODE -ne 0) { throw "the script failed: $($output -join "`n")" }
            $output
        }
        finally {
            # What a failure left running.
            Get-Content "$folder/home/.local/state/omnibus/run/vms/*/pid" -ErrorAction Ignore | ForEach-Object { Stop-Process -Id $_ -Force -ErrorAction Ignore }
            rm -rf $folder
        }
    }
}

Describe 'An ordinary user' {
    It 'makes an image and a machine from it, starts it, and works with it' {
        $report = Invoke-AsUser @'
$report = [ordered]@{ User = [Environment]::UserName }
ssh-keygen -q -t ed25519 -N '' -f ./key
$password = ConvertTo-SecureString "it's `$6 secret" -AsPlainText -Force
$report.Started = "$((New-BuildVm mine -Distribution debian-12 -User builder -Password $password -SshKey ./key.pub | Start-BuildVm -Wait | Checkpoint-BuildVm -Name clean).State)"
# What a tree that was not made by root must have.
$owners = Invoke-BuildVmCommand mine -User root 'stat -c "%U:%G %a" /etc/shadow /usr/bin/chage /var/cache/apt/archives/partial /root; systemctl is-system-running --wait; find / -xdev \( -nouser -o -nogroup \) -print'
$report.Owners = $owners.StandardOutput.TrimEnd() -split '\n'

$odd = Invoke-BuildVmCommand mine 'printf "<%s>" "$@"; id -un; sudo id -un; echo "no" >&2; exit 7' "it's", '$HOME "x" *', ''
$report.Odd = $odd.StandardOutput, $odd.StandardError, $odd.ExitCode
Set-Content ./lines.sh "echo one`necho two | tr a-z A-Z"
$report.File = (Get-BuildVm mine | Invoke-BuildVmCommand -FilePath ./lines.sh).StandardOutput

$null = New-Item -ItemType Directory ./tree
Set-Content -LiteralPath './tree/a [1].txt' 'content' -NoNewline
Copy-BuildVmItem mine ./tree /home/builder/
$null = New-Item -ItemType Directory ./back
Copy-BuildVmItem mine '/home/builder/tree/*' ./back -FromVm
$report.Copied = Get-Content -LiteralPath './back/a [1].txt'
$report.Password = (Invoke-BuildVmCommand mine 'hash=$(sudo getent shadow builder | cut -d : -f 2); perl -e "print crypt(shift, shift)" "$1" "$hash" | cmp - <(printf %s "$hash") && echo same' "it's `$6 secret").StandardOutput
$report.OwnKey = "$(ssh -F none -i ./key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p (Get-BuildVm mine).SshPort builder@127.0.0.1 id -un)"
$report.Log = "$(Get-BuildVmLog mine)"
$report.Entered = "$("hostname`nexit`n" | script --quiet --return --command "$PSHOME/pwsh -NoProfile -Command 'Import-Module $module; Enter-BuildVm mine'" /dev/null)"

$null = Invoke-BuildVmCommand mine 'sudo rm -rf /usr/bin /home/builder/tree'
$report.Restored = (Restore-BuildVm mine | Invoke-BuildVmCommand -Command 'ls /home/builder; ls /usr/bin/id').StandardOutput
# Side by side: this machine, and one that is made for the distribution.
$null = New-Item -ItemType Directory ./hello/DEBIAN, ./hello/usr/bin
Set-Content ./hello/DEBIAN/control "Package: hello-user`nVersion: 1.0-1`nArchitecture: all`nMaintainer: Example <packages@example.com>`nDescription: greets"
Set-Content ./hello/usr/bin/hello-user "#!/bin/sh`necho hello"
chmod 0755 ./hello/usr/bin/hello-user
$null = dpkg-deb --root-owner-group --build ./hello ./hello.deb
$report.Checks = Test-PackageInstall mine, debian-12 ./hello.deb -Script { test "$(hello-user)" = hello } | Select-Object Vm, Check, @{ Name = 'Result'; Expression = { "$($_.Result)" } }, @{ Name = 'Ticks'; Expression = { [DateTime]::UtcNow.Ticks } }
$report.Machines = (Get-BuildVm).Name
$report.Made = (Get-BuildVm test-debian-12).Created.UtcTicks
$report.Stopped = "$((Stop-BuildVm mine -PassThru).State)"
Remove-BuildVm * -Force
$report.Left = @(Get-BuildVm).Count
$report | ConvertTo-Json
'@ | Out-String | ConvertFrom-Json
        $report.User | Should -Not -Be 'root'
        $report.Started | Should -Be 'Running'
        $report.Owners | Should -Be 'root:shadow 640', 'root:shadow 2755', '_apt:root 700', 'root:root 700', 'running'
        $report.Odd | Should -Be "<it's><`$HOME `"x`" *><>builder`nroot`n", "no`n", 7
        $report.File | Should -BeExactly "one`nTWO`n"
        $report.Copied | Should -BeExactly 'content'
        $report.Password | Should -BeExactly "same`n"
        $report.OwnKey | Should -BeExactly 'builder'
        $report.Log | Should -Match 'omnibus: host key ssh-ed25519 '
        $report.Entered | Should -Match 'builder@mine'
        $report.Restored | Should -BeExactly "/usr/bin/id`n"
        foreach ($vm in 'mine', 'test-debian-12') {
            $checks = @($report.Checks | Where-Object Vm -eq $vm)
            $checks.Check | Should -Be 'restore clean', 'install hello-user', 'files as packaged', 'no failed units', 'script', 'remove', 'left behind'
            $checks.Result | Select-Object -Unique | Should -Be 'Passed'
        }
        # Neither waited for the other's end.
        $report.Made | Should -BeLessThan ($report.Checks | Where-Object Vm -eq mine)[-1].Ticks
        $report.Machines | Should -Be 'mine', 'test-debian-12'
        $report.Stopped | Should -Be 'Stopped'
        $report.Left | Should -Be 0
    }

    It 'without a range of ids is told what to install and to do' -Skip:((id -u) -ne 0) {
        $report = Invoke-AsUser -WithoutIds @'
$vm = New-BuildVm mine -Distribution debian-12 -ErrorAction SilentlyContinue -ErrorVariable problems
[pscustomobject]@{ Id = $problems[0].FullyQualifiedErrorId; Advice = "$($problems[0].ErrorDetails)"; Left = @(Get-BuildVm).Count; Cached = @(Get-ChildItem ~/.cache/omnibus/images -Directory).Count } | ConvertTo-Json
'@ | Out-String | ConvertFrom-Json
        $report.Id | Should -BeExactly 'UserNamespaceMissing,Omnibus.PowerShell.Commands.NewBuildVmCommand'
        $report.Advice | Should -Match '--add-subuids'
        $report.Left | Should -Be 0
        $report.Cached | Should -Be 0
    }
}
