BeforeAll {
    . $PSScriptRoot/common.ps1
    $stateBefore, $cacheBefore = $env:XDG_STATE_HOME, $env:XDG_CACHE_HOME
    $env:XDG_STATE_HOME = "$TestDrive/state"
    $env:XDG_CACHE_HOME = "$TestDrive/cache"
}

AfterAll {
    Stop-PackageCache
    $env:XDG_STATE_HOME, $env:XDG_CACHE_HOME = $stateBefore, $cacheBefore
}

Describe 'The package cache' {
    It 'is nothing before it was started' {
        Get-PackageCache | Should -BeNullOrEmpty
        Stop-PackageCache
        Start-PackageCache -WhatIf
        Get-PackageCache | Should -BeNullOrEmpty
    }

    It 'is started once, shown, stopped and cleared' {
        $cache = Start-PackageCache
        (Start-PackageCache).Port | Should -Be $cache.Port
        (Get-PackageCache).State | Should -Be 'Running'
        $problem = { Clear-PackageCache } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeExactly 'PackageCacheRunning,Omnibus.PowerShell.Commands.ClearPackageCacheCommand'
        Stop-PackageCache -WhatIf
        (Get-PackageCache).State | Should -Be 'Running'
        (Stop-PackageCache -PassThru).State | Should -Be 'Stopped'
        Clear-PackageCache -WhatIf
        Test-Path $cache.CacheFolder | Should -BeTrue
        Clear-PackageCache
        Test-Path $cache.CacheFolder | Should -BeFalse
        Get-PackageCache | Should -BeNullOrEmpty
    }

    It 'refuses a port that it cannot listen on' {
        $problem = { Start-PackageCache -Port 40000 } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeExactly 'ServerPortInvalid,Omnibus.PowerShell.Commands.StartPackageCacheCommand'
    }

    It 'shows a table' {
        $lines = (Start-PackageCache | Get-Shown) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Proxy', 'State', 'Hits', 'Misses', 'Saved', 'Size'
        Stop-PackageCache
    }
}
