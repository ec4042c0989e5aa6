BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = (New-Item -ItemType Directory "$TestDrive/packages").FullName
    $alpha = New-TestDeb -Destination $folder -Name alpha -Version 1.2.0-1
    $beta = New-TestDeb -Destination $folder -Name beta -Version '2:3.0~rc1'
    $command = 'Omnibus.PowerShell.Commands.GetOmnibusPackageCommand'
}

Describe 'Get-OmnibusPackage' {
    It 'reads the control data' {
        $package = Get-OmnibusPackage $alpha
        $package.Name | Should -BeExactly 'alpha'
        $package.Version | Should -BeExactly '1.2.0'
        $package.Release | Should -BeExactly '1'
        $package.Architecture | Should -BeExactly 'all'
        $package.Format | Should -BeExactly 'Deb'
        $package.Maintainer | Should -BeExactly 'Example <packages@example.com>'
        $package.Size | Should -Be (Get-Item $alpha).Length
        $package.Sha256 | Should -BeExactly (Get-FileHash $alpha).Hash.ToLowerInvariant()
    }

    It 'reads epoch, version and a missing revision' {
        $package = Get-OmnibusPackage $beta
        $package.Epoch | Should -Be 2
        $package.Version | Should -BeExactly '3.0~rc1'
        $package.Release | Should -BeNullOrEmpty
    }

    It 'reads files, scripts and relations' {
        $package = Get-OmnibusPackage $alpha
        $package.Files.Path | Should -Contain '/etc/alpha.conf'
        ($package.Files | Where-Object Path -eq '/etc/alpha.conf').Flags | Should -Match 'Config'
        $package.Scripts.Kind | Should -Be 'PostInstall'
        $package.Relations[0].Alternatives[0].Name | Should -BeExactly 'libc6'
        $package.Relations[1].Alternatives.Name | Should -Be 'python3', 'python3-minimal'
    }

    It 'takes wildcards' {
        (Get-OmnibusPackage "$folder/*.deb").Name | Should -Be 'alpha', 'beta'
    }

    It 'is silent when a wildcard matches nothing' {
        Get-OmnibusPackage "$folder/*.rpm" | Should -BeNullOrEmpty
    }

    It 'takes paths relative to $PWD' {
        Push-Location $folder
        try { (Get-OmnibusPackage ./alpha*).Name | Should -Be 'alpha' } finally { Pop-Location }
    }

    It 'takes strings from the pipeline' {
        ($beta, $alpha | Get-OmnibusPackage).Name | Should -Be 'beta', 'alpha'
    }

    It 'takes files from the pipeline' {
        (Get-ChildItem $folder/*.deb | Get-OmnibusPackage).Name | Should -Be 'alpha', 'beta'
    }

    It 'takes package objects from the pipeline' {
        (Get-OmnibusPackage $alpha | Get-OmnibusPackage).Name | Should -Be 'alpha'
    }

    It 'takes any object with a Path from the pipeline' {
        ([pscustomobject]@{ Path = $alpha } | Get-OmnibusPackage).Name | Should -Be 'alpha'
    }

    It 'takes a literal path with brackets' {
        $odd = "$folder/odd[1].bin"
        Copy-Item -LiteralPath $alpha -Destination $odd
        (Get-OmnibusPackage -LiteralPath $odd).Name | Should -Be 'alpha'
        (Get-Item -LiteralPath $odd | Get-OmnibusPackage).Name | Should -Be 'alpha'
        Remove-Item -LiteralPath $odd
    }

    It 'reports a missing file and goes on' {
        $packages = Get-OmnibusPackage "$folder/none.deb", $alpha -ErrorVariable problems -ErrorAction SilentlyContinue
        $packages.Name | Should -Be 'alpha'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PathNotFound,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problems[0].TargetObject | Should -BeExactly "$folder/none.deb"
    }

    It 'reports a file that is no package and goes on' {
        Set-Content "$TestDrive/text.deb" 'no package'
        $packages = Get-OmnibusPackage "$TestDrive/text.deb", $alpha -ErrorVariable problems -ErrorAction SilentlyContinue
        $packages.Name | Should -Be 'alpha'
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PackageUnreadable,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidData'
    }

    It 'refuses a path outside the file system' {
        Get-OmnibusPackage Env:PATH -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PathNotFileSystem,$command"
        "$($problems[0])" | Should -Match 'What to do: '
    }

    It 'lets the pipeline stop early' {
        (Get-OmnibusPackage "$folder/*.deb" | Select-Object -First 1).Name | Should -Be 'alpha'
    }

    It 'shows a table with a readable size' {
        $lines = (Get-OmnibusPackage $alpha | Get-Shown) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Name', 'Version', 'Release', 'Architecture', 'Distribution', 'Format', 'Size'
        $lines[2] | Should -Match '^alpha\s+1\.2\.0\s+1\s+all\s+Deb\s+\d+(\.\d)? (B|KiB)$'
    }
}
