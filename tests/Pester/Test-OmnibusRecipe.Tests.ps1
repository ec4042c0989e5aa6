BeforeAll {
    . $PSScriptRoot/common.ps1
    $command = 'Omnibus.PowerShell.Commands.TestOmnibusRecipeCommand'
    $good = New-TestRecipe -Folder "$TestDrive/good"
    $bad = New-TestRecipe -Folder "$TestDrive/bad[1]" -Replace @{ 'summary:' = 'sumary:'; 'debian-12' = 'debain-12' }
}

Describe 'Test-OmnibusRecipe' {
    It 'says True of a recipe without mistakes, and nothing in detail' {
        Test-OmnibusRecipe $good | Should -BeExactly $true
        Test-OmnibusRecipe $good -Detailed | Should -BeNullOrEmpty
    }

    It 'says False of one with mistakes, without an error' {
        Test-OmnibusRecipe -LiteralPath $bad -ErrorAction Stop | Should -BeExactly $false
    }

    It 'tells all mistakes at once, with file, line, column and the near name' {
        $mistakes = Test-OmnibusRecipe -LiteralPath $bad -Detailed
        $mistakes.Id | Should -Contain 'RecipeUnknownKey'
        $mistakes.Id | Should -Contain 'DistributionUnknown'
        $mistakes.Subject | Select-Object -Unique | Should -BeExactly $bad
        $key = $mistakes | Where-Object Id -eq RecipeUnknownKey
        $key.Line | Should -BeGreaterThan 1
        $key.Column | Should -BeGreaterThan 0
        "$($key.Message) $($key.Advice)" | Should -Match "'summary'"
    }

    It 'looks into the units that a recipe names' {
        $folder = New-Item -ItemType Directory "$TestDrive/unit"
        Set-Content "$folder/notes.service" "[Service]`nExecStrat=/bin/true`nExecStart=/bin/true"
        $recipe = New-TestRecipe -Folder $folder -Append "    services: [notes.service]`n"
        $finding = Test-OmnibusRecipe $recipe -Detailed | Where-Object Id -eq UnitUnknownKey
        $finding.Line | Should -Be 2
        $finding.Message | Should -Match "'ExecStart'"
        Test-OmnibusRecipe $recipe | Should -BeExactly $false
    }

    It 'takes folders, wildcards, strings, files and objects with a Path' {
        Test-OmnibusRecipe "$TestDrive/good" | Should -BeTrue
        Test-OmnibusRecipe "$TestDrive/g*/omnibus.yml" | Should -BeTrue
        $good, $good | Test-OmnibusRecipe | Should -Be $true, $true
        Get-Item -LiteralPath $bad, $good | Test-OmnibusRecipe | Should -Be $false, $true
        [pscustomobject]@{ Path = $good } | Test-OmnibusRecipe | Should -BeTrue
    }

    It 'reports a missing recipe and goes on' {
        Test-OmnibusRecipe "$TestDrive/none.yml", $good -ErrorAction SilentlyContinue -ErrorVariable problems | Should -Be $true
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PathNotFound,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'shows a table that names the place' {
        $lines = (Test-OmnibusRecipe -LiteralPath $bad -Detailed | Get-Shown) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Severity', 'Id', 'Message'
        $lines[2] | Should -Match '^Error\s+\w+\s+omnibus\.yml:\d+:\d+: \S'
    }
}
