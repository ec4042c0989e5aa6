BeforeAll {
    . $PSScriptRoot/common.ps1
    $command = 'Omnibus.PowerShell.Commands.GetOmnibusDistributionCommand'
}

Describe 'Get-OmnibusDistribution' {
    It 'lists all, each once' {
        $names = (Get-OmnibusDistribution).Name
        $names | Should -Contain 'debian-12'
        $names | Should -Contain 'rocky-9'
        @($names | Select-Object -Unique).Count | Should -Be $names.Count
    }

    It 'takes names and wildcards, whatever their case' {
        (Get-OmnibusDistribution debian-12).Codename | Should -BeExactly 'bookworm'
        (Get-OmnibusDistribution DEBIAN-*).Family | Select-Object -Unique | Should -Be 'debian'
    }

    It 'takes names from the pipeline, by value and by property name' {
        ('rocky-9', 'debian-12' | Get-OmnibusDistribution).Name | Should -Be 'rocky-9', 'debian-12'
        ([pscustomobject]@{ Name = 'debian-12' } | Get-OmnibusDistribution).Name | Should -Be 'debian-12'
    }

    It 'is silent when a wildcard matches nothing' {
        Get-OmnibusDistribution beos-* | Should -BeNullOrEmpty
    }

    It 'reports an unknown name, names near ones, and goes on' {
        $found = Get-OmnibusDistribution debain-12, rocky-9 -ErrorAction SilentlyContinue -ErrorVariable problems
        $found.Name | Should -Be 'rocky-9'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "DistributionUnknown,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$($problems[0])" | Should -Match "did you mean 'debian-12'"
    }

    It 'completes names and says what they are' {
        $offered = Get-Completion 'Get-OmnibusDistribution debian-1'
        $offered.CompletionText | Should -Contain 'debian-12'
        ($offered | Where-Object CompletionText -eq 'debian-12').ToolTip | Should -Match 'bookworm'
    }

    It 'lets the pipeline stop early' {
        @(Get-OmnibusDistribution | Select-Object -First 1).Count | Should -Be 1
    }

    It 'reads distributions of the user' {
        $configuration = (New-Item -ItemType Directory "$TestDrive/config/omnibus").FullName
        Set-Content "$configuration/distributions.yml" @'
distributions:
  - name: example-1
    like: debian-12
    title: Example 1
'@
        $before = $env:XDG_CONFIG_HOME
        try {
            $env:XDG_CONFIG_HOME = "$TestDrive/config"
            $own = Get-OmnibusDistribution example-1
            $own.Title | Should -Be 'Example 1'
            $own.Format | Should -Be 'Deb'
        }
        finally {
            $env:XDG_CONFIG_HOME = $before
        }
    }

    It 'shows a table' {
        $lines = (Get-OmnibusDistribution debian-12 | Get-Shown) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Name', 'Title', 'Format', 'Python', 'Glibc', 'Compression'
        $lines[2] | Should -Match '^debian-12\s+Debian 12'
    }
}
