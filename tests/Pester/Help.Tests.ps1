BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $names = (Get-Command -Module Omnibus).Name
    $topics = (Get-ChildItem "$repositoryRoot/docs/en-US/about_*.md").BaseName
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
}

Describe 'Help of <_>' -ForEach $names {
    BeforeAll {
        $command = Get-Command $_
        $help = Get-Help $_ -Full
    }

    It 'has a synopsis and a description' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match "^\s*$($command.Name)"
        ($help.description | Out-String).Trim() | Should -Not -BeNullOrEmpty
    }

    It 'tells of every parameter, and of no other' {
        $own = $command.Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
        $described = @($help.parameters | Where-Object { $_.PSObject.Properties['parameter'] } | ForEach-Object parameter)
        $described | ForEach-Object Name | Sort-Object | Should -Be $own
        foreach ($parameter in $described) {
            ($parameter.description | Out-String).Trim() | Should -Not -BeNullOrEmpty -Because "-$($parameter.name)"
        }
    }

    It 'tells of every parameter set' {
        @($help.syntax.syntaxItem).Count | Should -Be @($command.ParameterSets).Count
    }

    It 'has examples that parse and use existing commands of this module with existing parameters' {
        $examples = @($help.examples.example)
        $examples.Count | Should -BeGreaterThan 0
        ($examples.code -join "`n") | Should -Match $command.Name
        foreach ($example in $examples) {
            $tokens = $problems = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $tokens, [ref] $problems)
            $problems | Should -BeNullOrEmpty -Because $example.title
            $calls = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            foreach ($call in $calls) {
                $called = Get-Command $call.GetCommandName() -ErrorAction Ignore
                if ($called -isnot [System.Management.Automation.CmdletInfo] -or $called.ModuleName -ne 'Omnibus') {
                    $call.GetCommandName() | Should -Not -Match '-(Omnibus|Repo|Build|Repository|SigningKey|Package)' -Because "$($example.title) calls it"
                    continue
                }

                foreach ($parameter in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    { $called.ResolveParameter($parameter.ParameterName) } |
                        Should -Not -Throw -Because "$($example.title) uses -$($parameter.ParameterName) of $($called.Name)"
                }
            }
        }
    }
}

Describe 'The topics' {
    It '<_> is found' -ForEach $topics {
        $text = Get-Help $_ | Out-String
        $text | Should -Match 'SHORT DESCRIPTION'
        $text | Should -Match 'LONG DESCRIPTION'
    }

    It 'have every cmdlet in the table of the README' {
        $readme = Get-Content "$repositoryRoot/README.md" -Raw
        foreach ($name in (Get-Command -Module Omnibus).Name) {
            $readme | Should -Match "\[$name\]" -Because './build.sh docs writes it'
        }

        $readme | Should -Not -Match '\{\{' -Because './build.sh docs writes the synopsis once there is one'
    }

    It 'link to files that exist' {
        foreach ($file in Get-ChildItem "$repositoryRoot/docs/en-US/*.md", "$repositoryRoot/README.md", "$repositoryRoot/CONTRIBUTING.md") {
            foreach ($match in [regex]::Matches((Get-Content $file -Raw), '\]\((?!https?://|#)([^)#\s]+)')) {
                Join-Path $file.DirectoryName $match.Groups[1].Value | Should -Exist -Because "$($file.Name) links to it"
            }
        }
    }
}
