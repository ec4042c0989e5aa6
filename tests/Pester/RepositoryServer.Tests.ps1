BeforeAll {
    . $PSScriptRoot/common.ps1
    $start = 'Omnibus.PowerShell.Commands.StartRepositoryServerCommand'
    $stop = 'Omnibus.PowerShell.Commands.StopRepositoryServerCommand'
    $get = 'Omnibus.PowerShell.Commands.GetRepositoryServerCommand'
    $stateBefore = $env:XDG_STATE_HOME
    $env:XDG_STATE_HOME = "$TestDrive/state"
    $archive = (New-Item -ItemType Directory "$TestDrive/archive/dists").Parent.FullName
    Set-Content "$archive/dists/InRelease" 'signed' -NoNewline
}

AfterAll {
    Get-RepositoryServer | Stop-RepositoryServer
    $env:XDG_STATE_HOME = $stateBefore
}

Describe 'Start-RepositoryServer' {
    AfterEach { Get-RepositoryServer | Stop-RepositoryServer }

    It 'serves a folder until it is stopped' {
        $server = Start-RepositoryServer $archive
        Invoke-RestMethod "$($server.Uri)dists/InRelease" | Should -BeExactly 'signed'
        $server.State | Should -Be 'Running'
        $server | Stop-RepositoryServer
        { Invoke-RestMethod "$($server.Uri)dists/InRelease" -ErrorAction Stop } | Should -Throw
    }

    It 'serves several folders under their names, from the pipeline by value and by property name' {
        $null = New-Item -ItemType Directory "$TestDrive/other [1]"
        Set-Content -LiteralPath "$TestDrive/other [1]/file" 'second' -NoNewline
        $server = $archive, [pscustomobject]@{ LiteralPath = "$TestDrive/other [1]" } | Start-RepositoryServer -Name several
        Invoke-RestMethod "$($server.Uri)archive/dists/InRelease" | Should -BeExactly 'signed'
        Invoke-RestMethod "$($server.Uri)other%20%5B1%5D/file" | Should -BeExactly 'second'
    }

    It 'starts nothing with -WhatIf' {
        Start-RepositoryServer $archive -WhatIf | Should -BeNullOrEmpty
        Get-RepositoryServer | Should -BeNullOrEmpty
    }

    It 'reports a missing folder' {
        Start-RepositoryServer "$TestDrive/nowhere" -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PathNotFound,$start"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'refuses a name in use' {
        $null = Start-RepositoryServer $archive
        $problem = { Start-RepositoryServer $archive } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeExactly "ServerExists,$start"
        $problem.CategoryInfo.Category | Should -Be 'ResourceExists'
    }

    It 'prints a configuration for <_>' -ForEach 'Nginx', 'Apache', 'Caddy' {
        $text = Start-RepositoryServer $archive -AsConfiguration $_ -ServerName packages.example.com
        $text | Should -BeOfType string
        $text | Should -Match 'packages\.example\.com'
        $text | Should -Match ([regex]::Escape($archive))
        Get-RepositoryServer | Should -BeNullOrEmpty
    }

    It 'shows a table' {
        $lines = (Start-RepositoryServer $archive | Get-Shown -Width 160) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Name', 'State', 'Backend', 'Uri', 'Folders'
    }
}

Describe 'Get-RepositoryServer and Stop-RepositoryServer' {
    AfterEach { Get-RepositoryServer | Stop-RepositoryServer }

    It 'find servers by wildcard and property name, and let the pipeline stop early' {
        $null = Start-RepositoryServer $archive -Name one
        $null = Start-RepositoryServer $archive -Name two
        (Get-RepositoryServer o*).Name | Should -Be 'one'
        ([pscustomobject]@{ Name = 'two' } | Get-RepositoryServer).Name | Should -Be 'two'
        @(Get-RepositoryServer | Select-Object -First 1).Count | Should -Be 1
        Stop-RepositoryServer t* -WhatIf
        (Get-RepositoryServer two).State | Should -Be 'Running'
        Stop-RepositoryServer t*
        (Get-RepositoryServer).Name | Should -Be 'one'
    }

    It 'report a missing name and go on' {
        $null = Start-RepositoryServer $archive -Name here
        (Get-RepositoryServer gone, here -ErrorAction SilentlyContinue -ErrorVariable problems).Name | Should -Be 'here'
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "ServerNotFound,$get"
        Stop-RepositoryServer gone, here -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "ServerNotFound,$stop"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        Get-RepositoryServer | Should -BeNullOrEmpty
    }

    It 'complete names' {
        $null = Start-RepositoryServer $archive -Name archive-test
        (Get-Completion 'Stop-RepositoryServer arch').CompletionText | Should -Be 'archive-test'
    }
}
