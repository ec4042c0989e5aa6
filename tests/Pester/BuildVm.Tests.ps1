BeforeAll {
    . $PSScriptRoot/common.ps1
    $saved = $env:XDG_DATA_HOME, $env:XDG_STATE_HOME, $env:XDG_RUNTIME_DIR
    $env:XDG_DATA_HOME = "$TestDrive/data"
    $env:XDG_STATE_HOME = "$TestDrive/state"
    $env:XDG_RUNTIME_DIR = $null

    # A disk that boots nothing: these tests need machines, not guests.
    $image = "$TestDrive/empty.raw"
    [IO.File]::WriteAllBytes($image, [byte[]]::new(1MB))
    $commands = 'Omnibus.PowerShell.Commands'
}

AfterAll {
    Remove-BuildVm * -Force
    $env:XDG_DATA_HOME, $env:XDG_STATE_HOME, $env:XDG_RUNTIME_DIR = $saved
}

Describe 'Build machines' {
    It 'are made stopped, with a disk over the image' {
        $vm = New-BuildVm one -Image $image -Memory 256MB -PortForward 18080:80
        $vm.Name | Should -BeExactly 'one'
        $vm.State | Should -Be 'Stopped'
        $vm.Memory | Should -Be 256MB
        $vm.DiskChain.Count | Should -Be 2
        "$($vm.PortForwards)" | Should -BeExactly '127.0.0.1:18080:80'
        (Get-BuildVm one).Created | Should -Be $vm.Created
    }

    It 'are not made with -WhatIf' {
        New-BuildVm never -Image $image -WhatIf
        Get-BuildVm nev* | Should -BeNullOrEmpty
    }

    It 'do not take a name in use' {
        New-BuildVm one -Image $image -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmExists,$commands.NewBuildVmCommand"
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceExists'
    }

    It 'do not take a name that is no host name' {
        New-BuildVm '../one' -Image $image -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNameInvalid,$commands.NewBuildVmCommand"
    }

    It 'refuse an image with a wrong checksum' {
        New-BuildVm two -Image $image -Sha256 ('0' * 64) -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "ImageChecksumWrong,$commands.NewBuildVmCommand"
        $problems[0].CategoryInfo.Category | Should -Be 'SecurityError'
        Get-BuildVm two* | Should -BeNullOrEmpty
    }

    It 'refuse a distribution whose images come from elsewhere' {
        New-BuildVm two -Distribution rocky-9 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "ImageNotBuildable,$commands.NewBuildVmCommand"
    }

    It 'are copied, shown and completed' {
        (Copy-BuildVm one two).Name | Should -BeExactly 'two'
        (Get-BuildVm t*).Name | Should -Be 'two'
        ('one', 'two' | Get-BuildVm).Name | Should -Be 'one', 'two'
        (TabExpansion2 'Get-BuildVm tw' -CursorColumn 14).CompletionMatches.CompletionText | Should -Contain 'two'
        $lines = (Get-BuildVm one | Get-Shown) -split '\n'
        ($lines[0] -split '\s+')[0..2] | Should -Be 'Name', 'State', 'Distribution'
    }

    It 'are saved and restored while they are stopped' {
        (Get-BuildVm two | Checkpoint-BuildVm -Name clean).Checkpoints.Name | Should -Be 'clean'
        Checkpoint-BuildVm two clean -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "CheckpointExists,$commands.CheckpointBuildVmCommand"
        (Checkpoint-BuildVm two clean -Force).Checkpoints.Count | Should -Be 1
        (Restore-BuildVm two).State | Should -Be 'Stopped'
        Restore-BuildVm two other -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "CheckpointNotFound,$commands.RestoreBuildVmCommand"
    }

    It 'are converted' {
        $disk = Convert-BuildVmDisk two "$TestDrive/two.vmdk"
        $disk.Length | Should -BeGreaterThan 0
        (qemu-img info --output=json $disk.FullName | ConvertFrom-Json).format | Should -BeExactly 'vmdk'
        Convert-BuildVmDisk two "$TestDrive/two.vmdk" -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "FileExists,$commands.ConvertBuildVmDiskCommand"
    }

    It 'run, are looked at, and stop' {
        $vm = Start-BuildVm one -Accelerator Tcg
        $vm.State | Should -Be 'Running'
        $vm.SshPort | Should -BeGreaterThan 0
        Invoke-BuildVmCommand one true -Timeout 1 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -Match '^(ProgramTimeout|GuestUnreachable),'
        Start-BuildVm one -Wait -Timeout 1 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "GuestNotAnswering,$commands.StartBuildVmCommand"
        Remove-BuildVm one -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmRunning,$commands.RemoveBuildVmCommand"
        (Stop-BuildVm one -Force -Timeout 0 -PassThru).State | Should -Be 'Stopped'
    }

    It 'tell when they do not run' {
        Invoke-BuildVmCommand one true -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNotRunning,$commands.InvokeBuildVmCommandCommand"
    }

    It 'are started again, with the log of the run before kept' {
        $before = Start-BuildVm one -Accelerator Tcg
        $after = Get-BuildVm one | Restart-BuildVm -Force -Timeout 0 -Accelerator Tcg
        $after.State | Should -Be 'Running'
        $after.Uptime | Should -BeLessThan ((Get-Date) - $before.Created.LocalDateTime)
        Get-BuildVmLog one -Source Qemu | Should -BeNullOrEmpty
        Get-BuildVmLog nobody -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNotFound,$commands.GetBuildVmLogCommand"
        Enter-BuildVm one -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "TerminalMissing,$commands.EnterBuildVmCommand"
        Restart-BuildVm one -WhatIf
        Stop-BuildVm one -Force -Timeout 0
    }

    It 'outlive the PowerShell that started them, however it ends' {
        $script = "Import-Module '$moduleFolder/Omnibus.psd1'; `$null = Start-BuildVm two -Accelerator Tcg; Start-Sleep 600"
        $other = Start-Process pwsh -ArgumentList '-NoProfile', '-NonInteractive', '-Command', "`"$script`"" -PassThru -RedirectStandardOutput "$TestDrive/other.log"
        try {
            for ($try = 0; $try -lt 600 -and (Get-BuildVm two).State -ne 'Running'; $try++) { Start-Sleep -Milliseconds 100 }
        }
        finally {
            # SIGKILL: nothing is tidied up.
            $other.Kill()
            $other.WaitForExit()
        }

        $vm = Get-BuildVm two
        $vm.State | Should -Be 'Running'
        $vm.LastError | Should -BeNullOrEmpty
        (Stop-BuildVm two -Force -Timeout 0 -PassThru).State | Should -Be 'Stopped'
    }

    It 'are removed by wildcard, and a missing one is told' {
        Remove-BuildVm t* -WhatIf
        (Get-BuildVm two).Name | Should -Be 'two'
        Remove-BuildVm t*, nobody -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNotFound,$commands.RemoveBuildVmCommand"
        Get-BuildVm two* | Should -BeNullOrEmpty
    }
}

Describe 'Test-BuildVmHost' {
    It 'runs a guest under TCG and says what it found' {
        $items = Test-BuildVmHost -Detailed
        ($items | Where-Object Check -eq 'TCG runs a guest').Result | Should -Be 'Passed'
        ($items | Where-Object Check -eq 'program qemu-img').Result | Should -Be 'Passed'
        Test-BuildVmHost | Should -BeTrue
    }
}

Describe 'A host without a program' {
    BeforeEach {
        $path = $env:PATH
    }

    AfterEach {
        $env:PATH = $path
    }

    It 'is told what to install where <program> is missing' -ForEach @(
        @{ program = 'mmdebstrap'; package = 'mmdebstrap'; work = { New-BuildVm none -Distribution debian-12 -Package a-package-that-no-image-has -ErrorAction SilentlyContinue -ErrorVariable script:problems } }
        @{ program = 'qemu-img'; package = 'qemu-utils'; work = { New-BuildVm none -Image $image -ErrorAction SilentlyContinue -ErrorVariable script:problems } }
        @{ program = 'ssh-keygen'; package = 'openssh-client'; work = { New-BuildVm none -Image $image -ErrorAction SilentlyContinue -ErrorVariable script:problems } }
        @{ program = 'qemu-system-x86_64'; package = 'qemu-system-x86'; work = { New-BuildVm stopped -Image $image; Start-BuildVm stopped -Accelerator Tcg -ErrorAction SilentlyContinue -ErrorVariable script:problems } }
    ) {
        # All that the host has, but for one.
        $folder = (New-Item -ItemType Directory "$TestDrive/without-$program").FullName
        sh -c 'cp -s /usr/bin/* "$1" 2> /dev/null; rm -f "$1/$2"' sh $folder $program
        $env:PATH = $folder
        $script:problems = $null
        $null = & $work
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -Match '^ProgramMissing,'
        $problems[0].CategoryInfo.Category | Should -Be 'NotInstalled'
        $problems[0].TargetObject | Should -BeExactly $program
        "$($problems[0].ErrorDetails)" | Should -Match "Install the package $package"
        @(Get-BuildVm | Where-Object { $_.Name -eq 'none' -or $_.State -ne 'Stopped' }) | Should -BeNullOrEmpty
    }

    It 'fails the look at the host' {
        $folder = (New-Item -ItemType Directory "$TestDrive/without-qemu").FullName
        sh -c 'cp -s /usr/bin/* "$1" 2> /dev/null; rm -f "$1"/qemu-*' sh $folder
        $env:PATH = $folder
        Test-BuildVmHost | Should -BeFalse
        (Test-BuildVmHost -Detailed | Where-Object Check -eq 'program qemu-img').Result | Should -Be 'Failed'
    }
}

Describe 'Host entries' {
    It 'are added and removed' {
        Set-Content "$TestDrive/hosts" '127.0.0.1 localhost'
        Push-Location $TestDrive
        try {
            (Add-HostEntry vm.example 10.0.0.9 -Path ./hosts -PassThru).Address | Should -BeExactly '10.0.0.9'
            Get-Content ./hosts | Should -Contain "10.0.0.9`tvm.example"
            Add-HostEntry other 10.0.0.8 -Path ./hosts -WhatIf
            Remove-HostEntry vm.example -Path ./hosts
            Get-Content ./hosts | Should -Be '127.0.0.1 localhost'
        }
        finally {
            Pop-Location
        }
    }

    It 'refuse what is no name' {
        Add-HostEntry 'a b' 10.0.0.9 -Path "$TestDrive/hosts" -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "HostEntryInvalid,$commands.AddHostEntryCommand"
    }
}
