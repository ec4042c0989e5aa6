BeforeAll {
    . $PSScriptRoot/common.ps1
    $saved = $env:XDG_DATA_HOME, $env:XDG_STATE_HOME, $env:XDG_RUNTIME_DIR
    $env:XDG_DATA_HOME = "$TestDrive/data"
    $env:XDG_STATE_HOME = "$TestDrive/state"
    $env:XDG_RUNTIME_DIR = $null
    $command = 'Omnibus.PowerShell.Commands.TestPackageInstallCommand'

    # A disk that boots nothing, and a package for everything that wants one.
    $image = "$TestDrive/empty.raw"
    [IO.File]::WriteAllBytes($image, [byte[]]::new(1MB))
    $null = New-BuildVm empty -Image $image -Memory 128MB
    $package = "$TestDrive/tree_1.0-3_all.deb"
    $tree = New-TestTree "$TestDrive/tree"
    chmod 0755 "$tree/DEBIAN/postinst"
    $log = dpkg-deb --root-owner-group --build -Zgzip $tree $package 2>&1
    if ($LASTEXITCODE -ne 0) { throw "dpkg-deb failed: $log" }
}

AfterAll {
    Remove-BuildVm * -Force
    $env:XDG_DATA_HOME, $env:XDG_STATE_HOME, $env:XDG_RUNTIME_DIR = $saved
}

Describe 'Test-PackageInstall' {
    It 'tests files in a throw-away root, one object a check' {
        $checks = Test-PackageInstall debian-12 $package -InChroot -Script 'test "$(tree-link)" = tree'
        $checks.Check | Should -Be 'new root', 'install tree', 'files as packaged', 'no failed units', 'script', 'remove', 'left behind'
        @($checks | Where-Object Result -NotIn 'Passed', 'Skipped') | Should -BeNullOrEmpty
        ($checks | Where-Object Check -eq 'no failed units').Result | Should -Be 'Skipped'
        $checks[0].Vm | Should -BeExactly 'debian-12'
        $checks[1].Detail | Should -BeExactly 'tree 2:1.0-3'
        $checks[1].Transcript | Should -Match 'Setting up tree'
        ($checks | Get-Shown) -split '\r?\n' | Where-Object { $_ -match '^Check +Result +Duration +Detail *$' } | Should -HaveCount 1
        $checks | Get-Shown | Should -Match '(?m)^\S.* Passed +\d+\.\d s'
        # The names of checks are there whole, however short the first is.
        $checks | Get-Shown -Width 80 | Should -Match 'files as packaged'
    }

    It 'takes systems from the pipeline, files by wildcard, and the first object alone when no more are wanted' {
        $first = 'debian-12', 'debian-12' | Test-PackageInstall -Package "$TestDrive/tree_*.deb" -InChroot | Select-Object -First 1
        $first.Check | Should -BeExactly 'new root'
    }

    It 'tells of a failed check without an error' {
        $checks = Test-PackageInstall debian-12 $package -InChroot -Script 'echo why not; exit 3' -ErrorVariable problems
        $problems | Should -BeNullOrEmpty
        $failed = $checks | Where-Object Result -eq 'Failed'
        $failed.Check | Should -BeExactly 'script'
        $failed.Detail | Should -BeExactly 'why not'
    }

    It 'tests what a recipe says, from a repository that is signed' {
        $recipe = New-TestRecipe "$TestDrive/recipe" -Append "tests:`n  commands:`n    - run: [tool]`n      expect: tool`n"
        $debs = New-OmnibusPackage $recipe -Distribution debian-12 -Destination "$TestDrive/dist"
        $key = New-SigningKey -Name Tests -Email tests@example.com -Algorithm Rsa3072
        $repository = New-Repository -Path "$TestDrive/repository" -Type Apt -Distribution debian-12 -SigningKey $key
        $null = $debs | Import-RepoPackage -Repository $repository
        $checks = Test-PackageInstall debian-12 -Repository $repository -Name tool -Recipe $recipe -InChroot
        ($checks | Where-Object Check -eq 'repository').Result | Should -Be 'Passed'
        ($checks | Where-Object Check -eq 'smoke: tool').Detail | Should -BeExactly 'tool'
        Get-RepositoryServer | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        Test-PackageInstall debian-12 $package -WhatIf | Should -BeNullOrEmpty
        Get-BuildVm test-* | Should -BeNullOrEmpty
    }

    It 'names a system that is not there, and goes on with the others' {
        $checks = Test-PackageInstall nobody, debian-12 $package -InChroot -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VmNotFound,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].TargetObject | Should -BeExactly 'nobody'
        $checks.Check | Should -Contain 'install tree'
    }

    It 'refuses <because>' -ForEach @(
        @{ because = 'a machine without a checkpoint'; arguments = @{ Vm = 'empty' }; id = 'CheckpointNotFound' }
        @{ because = 'a root like a foreign image'; arguments = @{ Vm = 'empty'; InChroot = $true }; id = 'VmDistributionUnknown' }
        @{ because = 'an rpm distribution without repositories'; arguments = @{ Vm = 'amazon-2023'; InChroot = $true }; id = 'RootNotBuildable' }
    ) {
        Test-PackageInstall @arguments -Package $package -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "$id,$command"
    }

    It 'refuses a file that is no package, and one that is not there' {
        Set-Content "$TestDrive/text.deb" 'text'
        Test-PackageInstall debian-12 "$TestDrive/text.deb" -InChroot -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PackageUnreadable,$command"
        $problem = { Test-PackageInstall debian-12 "$TestDrive/missing.deb" -InChroot } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -Match ",$command$"
    }

    It 'completes machines and distributions' {
        (Get-Completion 'Test-PackageInstall em').CompletionText | Should -Contain 'empty'
        (Get-Completion 'Test-PackageInstall -Vm debian-1').CompletionText | Should -Contain 'debian-12'
    }
}
