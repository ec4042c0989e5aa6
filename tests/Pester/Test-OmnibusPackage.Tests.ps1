BeforeAll {
    . $PSScriptRoot/common.ps1
    $command = 'Omnibus.PowerShell.Commands.TestOmnibusPackageCommand'
    $folder = (New-Item -ItemType Directory "$TestDrive/packages").FullName
    $alpha = New-TestDeb -Destination $folder -Name alpha
    $beta = New-TestDeb -Destination $folder -Name beta

    # lintian takes seconds: once is enough.
    $findings = Test-OmnibusPackage $alpha -Detailed
    $tag = ($findings | Where-Object Source -eq lintian)[0].Id
}

Describe 'Test-OmnibusPackage' {
    It 'writes a bool for each package' {
        $results = Test-OmnibusPackage "$folder/*.deb" -OwnRulesOnly
        @($results).Count | Should -Be 2
        $results | Should -BeOfType bool
    }

    It 'writes findings in detail: lintian''s among them, errors first' {
        $findings.Source | Should -Contain 'lintian'
        $ranks = $findings | ForEach-Object { [int] $_.Severity }
        $ranks | Should -Be ($ranks | Sort-Object -Descending)
        Test-OmnibusPackage $alpha | Should -Be (@($findings | Where-Object Severity -eq Error).Count -eq 0)
    }

    It 'runs no program with -OwnRulesOnly' {
        Test-OmnibusPackage $alpha -Detailed -OwnRulesOnly | Where-Object Source -ne omnibus | Should -BeNullOrEmpty
    }

    It 'leaves accepted tags out' {
        (Test-OmnibusPackage $alpha -Detailed -Accept $tag).Id | Should -Not -Contain $tag
        @(Test-OmnibusPackage $alpha -Detailed -Accept ($findings.Id | Select-Object -Unique)).Count | Should -Be 0
    }

    It 'leaves out what a recipe accepts, for the packages and paths that it names' {
        $recipe = New-TestRecipe -Folder "$TestDrive/recipe" -Append "lint:`n  - { tag: $tag, packages: [tool] }`n  - { tag: $tag, packages: [tool-config] }`n"
        (Test-OmnibusPackage $alpha -Detailed -Recipe $recipe).Id | Should -Contain $tag
        $recipe = New-TestRecipe -Folder "$TestDrive/recipe" -Append "lint: [$tag]`n"
        (Test-OmnibusPackage $alpha -Detailed -Recipe $recipe).Id | Should -Not -Contain $tag
    }

    It 'knows the recipe of packages that were just built from it' {
        $recipe = New-TestRecipe -Folder "$TestDrive/built" -Append "lint: [no-manual-page]`n"
        $built = New-OmnibusPackage $recipe -Destination "$TestDrive/built/dist" -Distribution debian-12
        $built.Recipe | Select-Object -Unique | Should -Be $recipe
        $built[0] | Test-OmnibusPackage -Detailed | ForEach-Object Id | Should -Not -Contain 'no-manual-page'
        Get-OmnibusPackage $built[0].Path | Test-OmnibusPackage -Detailed | ForEach-Object Id | Should -Contain 'no-manual-page'
    }

    It 'takes strings, files, package objects, objects with a Path, and brackets in a literal path' {
        $options = @{ OwnRulesOnly = $true }
        $odd = "$folder/odd[1].deb"
        Copy-Item -LiteralPath $alpha -Destination $odd
        @($alpha, $beta | Test-OmnibusPackage @options).Count | Should -Be 2
        @(Get-Item -LiteralPath $odd | Test-OmnibusPackage @options).Count | Should -Be 1
        @(Get-OmnibusPackage $alpha | Test-OmnibusPackage @options).Count | Should -Be 1
        @([pscustomobject]@{ Path = $alpha } | Test-OmnibusPackage @options).Count | Should -Be 1
        @(Test-OmnibusPackage -LiteralPath $odd @options).Count | Should -Be 1
        Remove-Item -LiteralPath $odd
    }

    It 'reports what is missing or no package, and goes on' {
        Set-Content "$TestDrive/text.deb" 'no package'
        $results = Test-OmnibusPackage "$folder/none.deb", "$TestDrive/text.deb", $alpha -OwnRulesOnly -ErrorAction SilentlyContinue -ErrorVariable problems
        @($results).Count | Should -Be 1
        $problems.FullyQualifiedErrorId | Should -Be "PathNotFound,$command", "PackageUnreadable,$command"
    }

    It 'ends when the recipe cannot be read' {
        { Test-OmnibusPackage $alpha -Recipe "$TestDrive/none.yml" } | Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'lets the pipeline stop early' {
        @(Test-OmnibusPackage "$folder/*.deb" -OwnRulesOnly | Select-Object -First 1).Count | Should -Be 1
    }
}
