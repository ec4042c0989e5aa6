BeforeAll {
    . $PSScriptRoot/common.ps1
    $command = 'Omnibus.PowerShell.Commands.ConvertToPackageVersionCommand'
}

Describe 'ConvertTo-PackageVersion' {
    It 'spells <version> for <format> as <expected>' -ForEach @(
        @{ version = '1.4.0rc1'; format = 'Deb'; expected = '1.4.0~rc1-1' }
        @{ version = '1.4.0rc1'; format = 'Rpm'; expected = '1.4.0~rc1-1' }
        @{ version = '1.4.0.post2'; format = 'Deb'; expected = '1.4.0+post2-1' }
        @{ version = '1.4.0.post2'; format = 'Rpm'; expected = '1.4.0^post2-1' }
        @{ version = '2!1.0'; format = 'Deb'; expected = '2:1.0.0-1' }
    ) {
        $result = ConvertTo-PackageVersion $version -Format $format
        $result.PackageVersion | Should -BeExactly $expected
        $result.Version | Should -BeExactly $version
        $result.Target | Should -BeExactly $format
        "$result" | Should -BeExactly $expected
    }

    It 'spells for both formats when none is named' {
        (ConvertTo-PackageVersion 1.0).Target | Should -Be 'Deb', 'Rpm'
    }

    It 'spells for distributions, with their tag' {
        $results = ConvertTo-PackageVersion 1.4.0rc1 -Distribution debian-12, rocky-9 -DistTag -Release 3
        $results.Target | Should -Be 'debian-12', 'rocky-9'
        $results[0].Release | Should -BeExactly '3+deb12'
        $results[1].Release | Should -BeExactly '3.el9'
    }

    It 'knows the scheme of Flocker' {
        $result = ConvertTo-PackageVersion 1.3.0rc2 -Scheme Flocker -Format Rpm
        $result.PackageVersion | Should -BeExactly '1.3.0-0.rc.2'
    }

    It 'takes versions from the pipeline, by value and by property name' {
        ('1.0', '2.0' | ConvertTo-PackageVersion -Format Deb).Upstream | Should -Be '1.0.0', '2.0.0'
        ([pscustomobject]@{ Version = '3.0' } | ConvertTo-PackageVersion -Format Deb).Upstream | Should -Be '3.0.0'
    }

    It 'reports a version that is none, and goes on' {
        $results = ConvertTo-PackageVersion 'not a version', '1.0' -Format Rpm -ErrorAction SilentlyContinue -ErrorVariable problems
        $results.Version | Should -Be '1.0'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VersionInvalid,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $problems[0].TargetObject | Should -BeExactly 'not a version'
    }

    It 'keeps the text of a version without quotes, and refuses numbers in a list' {
        (ConvertTo-PackageVersion 1.10 -Format Deb).Version | Should -BeExactly '1.10'
        { ConvertTo-PackageVersion 1.10, 1.2 } | Should -Throw -ErrorId "ParameterArgumentTransformationError,$command" -ExpectedMessage "*quotes*"
    }

    It 'ends at an unknown distribution' {
        { ConvertTo-PackageVersion 1.0 -Distribution debain-12 } |
            Should -Throw -ErrorId "DistributionUnknown,$command" -ExpectedMessage "*debian-12*"
    }

    It 'refuses a release beside the scheme that makes it' {
        { ConvertTo-PackageVersion 1.0.0 -Scheme Flocker -Release 2 -ErrorAction Stop } | Should -Throw -ErrorId "ReleaseNotAllowed,$command"
    }

    It 'completes distributions and schemes' {
        (Get-Completion 'ConvertTo-PackageVersion 1.0 -Distribution debian-').CompletionText | Should -Contain 'debian-12'
        (Get-Completion 'ConvertTo-PackageVersion 1.0 -Distribution debian-12, rocky-').CompletionText | Should -Contain 'rocky-9'
        (Get-Completion 'ConvertTo-PackageVersion 1.0 -Scheme ').CompletionText | Should -Contain 'Pep440'
    }

    It 'lets the pipeline stop early' {
        @(ConvertTo-PackageVersion '1.0', '2.0' | Select-Object -First 1).Count | Should -Be 1
    }

    It 'shows a table' {
        $lines = (ConvertTo-PackageVersion 1.4.0rc1 -Format Deb | Get-Shown) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Version', 'Target', 'PackageVersion'
        $lines[2] | Should -Match '^1\.4\.0rc1\s+Deb\s+1\.4\.0~rc1-1$'
    }
}
