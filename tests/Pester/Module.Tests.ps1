BeforeAll {
    . $PSScriptRoot/common.ps1

    # The assemblies of PowerShell and of the shared framework that it runs on.
    $platform = [System.AppContext]::GetData('TRUSTED_PLATFORM_ASSEMBLIES') -split ':' | ForEach-Object { Split-Path -Leaf $_ }

    # Runs a script in a fresh pwsh that knows nothing but the built module.
    function Invoke-Fresh {
        param([Parameter(Mandatory)] [string] $Script)

        $env:OMNIBUS_TEST_MODULE = "$moduleFolder/Omnibus.psd1"
        $output = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; $Script" 2>&1
        if ($LASTEXITCODE -ne 0) { throw "$output" }
        $output
    }

    function Get-AssemblyReference {
        param([Parameter(Mandatory)] [string] $Path)

        $stream = [System.IO.File]::OpenRead($Path)
        $file = [System.Reflection.PortableExecutable.PEReader]::new($stream)
        try {
            $reader = [System.Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($file)
            foreach ($handle in $reader.AssemblyReferences) {
                $reader.GetString($reader.GetAssemblyReference($handle).Name)
            }
        }
        finally {
            $file.Dispose()
        }
    }
}

Describe 'The manifest' {
    BeforeAll {
        $manifest = Import-PowerShellDataFile "$moduleFolder/Omnibus.psd1"
    }

    It 'is valid' {
        $tested = Test-ModuleManifest "$moduleFolder/Omnibus.psd1" -WarningVariable warnings
        $tested.Version | Should -Be ([version]$moduleVersion)
        $warnings | Should -BeNullOrEmpty
    }

    It 'exports exactly the cmdlets that the assembly implements' {
        $implemented = Get-Command -Module Omnibus.PowerShell, Omnibus | ForEach-Object ImplementingType |
            ForEach-Object Assembly | Select-Object -First 1 | ForEach-Object GetExportedTypes |
            Where-Object { -not $_.IsAbstract -and $_.IsSubclassOf([System.Management.Automation.Cmdlet]) } |
            ForEach-Object { $a = $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0]; "$($a.VerbName)-$($a.NounName)" } |
            Sort-Object
        $manifest.CmdletsToExport | Sort-Object | Should -Be $implemented
    }

    It 'lists the cmdlets in order, for those who merge' {
        $manifest.CmdletsToExport | Should -Be ($manifest.CmdletsToExport | Sort-Object)
    }

    It 'exports neither functions nor variables, and only existing aliases' {
        $manifest.FunctionsToExport | Should -BeNullOrEmpty
        $manifest.VariablesToExport | Should -BeNullOrEmpty
        $module = Get-Module Omnibus
        $module.ExportedAliases.Keys | Sort-Object | Should -Be ($manifest.AliasesToExport | Sort-Object)
    }
}

Describe 'The cmdlets' {
    BeforeAll {
        $commands = Get-Command -Module Omnibus
    }

    It 'use approved verbs' {
        $approved = (Get-Verb).Verb
        $commands | Where-Object Verb -notin $approved | Should -BeNullOrEmpty
    }

    It 'say what they write' {
        $commands | Where-Object { $_.OutputType.Count -eq 0 } | Should -BeNullOrEmpty
    }

    It 'have names of parameters that are singular and begin with a capital' {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        foreach ($command in $commands) {
            foreach ($name in $command.Parameters.Keys | Where-Object { $_ -notin $common }) {
                $name | Should -MatchExactly '^[A-Z][A-Za-z0-9]+$' -Because $command.Name
            }
        }
    }

    It 'can be stopped: what takes long is asynchronous' {
        foreach ($command in $commands | Where-Object Verb -in New, Test, Publish, Import, Start) {
            $base = $command.ImplementingType
            while ($base.Name -notin 'OmnibusAsyncCmdlet', 'OmnibusCmdlet', 'PSCmdlet', 'Cmdlet') { $base = $base.BaseType }
            $base.Name | Should -BeIn 'OmnibusAsyncCmdlet', 'OmnibusCmdlet' -Because $command.Name
        }
    }

    It 'never leave the pipeline thread' {
        Get-ChildItem "$repositoryRoot/src/Omnibus.PowerShell" -Recurse -Filter *.cs | Where-Object FullName -notmatch '/(obj|bin)/' |
            Select-String -SimpleMatch '.ConfigureAwait(false)' | Should -BeNullOrEmpty
    }
}

Describe 'The layout' {
    It 'ships no System.Management.Automation, no deps.json and nothing of the shared framework' {
        $files = Get-ChildItem $moduleFolder -Recurse -File
        $files.Name | Should -Not -Contain 'System.Management.Automation.dll'
        $files | Where-Object Name -like '*.deps.json' | Should -BeNullOrEmpty
        foreach ($file in $files | Where-Object Extension -eq .dll) {
            $file.Name | Should -Not -BeIn $platform
        }
    }

    It 'has nothing at its root but the module proper' {
        Get-ChildItem $moduleFolder -File -Name | Sort-Object | Should -Be @(
            'LICENSE', 'Omnibus.Format.ps1xml', 'Omnibus.Loader.dll', 'Omnibus.PowerShell.dll', 'Omnibus.psd1', 'Omnibus.Types.ps1xml')
    }

    It 'is closed: every reference of a library is in lib or in PowerShell' {
        foreach ($library in Get-ChildItem "$moduleFolder/lib" -Filter *.dll) {
            foreach ($name in Get-AssemblyReference $library.FullName) {
                $found = (Test-Path -LiteralPath "$moduleFolder/lib/$name.dll") -or "$name.dll" -in $platform
                $found | Should -BeTrue -Because "$($library.Name) needs $name"
            }
        }
    }

    It 'has the libraries that AWSSDK loads by name' {
        foreach ($name in 'AWSSDK.SecurityToken', 'AWSSDK.SSO', 'AWSSDK.SSOOIDC') {
            "$moduleFolder/lib/$name.dll" | Should -Exist
        }
    }

    It 'is compiled ahead of time' {
        foreach ($file in 'Omnibus.PowerShell.dll', 'Omnibus.Loader.dll', 'lib/Omnibus.Core.dll') {
            $stream = [System.IO.File]::OpenRead("$moduleFolder/$file")
            $reader = [System.Reflection.PortableExecutable.PEReader]::new($stream)
            try { $reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size | Should -BeGreaterThan 0 -Because $file } finally { $reader.Dispose() }
        }
    }
}

Describe 'Loading' {
    It 'writes nothing' {
        Invoke-Fresh 'Import-Module $env:OMNIBUS_TEST_MODULE 3>&1 4>&1' | Should -BeNullOrEmpty
    }

    It 'works beside an older YamlDotNet, and each keeps its own' {
        $old = "$repositoryRoot/.tools/old/YamlDotNet.dll"
        $old | Should -Exist -Because './build.sh setup brings it'
        $versions = Invoke-Fresh @"
            Add-Type -LiteralPath '$old'
            Import-Module `$env:OMNIBUS_TEST_MODULE
            `$null = Test-OmnibusRecipe '$repositoryRoot/examples/notes/omnibus.yml'
            [System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object GetName | Where-Object Name -eq YamlDotNet |
                ForEach-Object { `$_.Version.Major } | Sort-Object
"@
        $versions | Should -Be 13, 16
    }

    It 'works again after -Force and after removal' {
        Invoke-Fresh @'
            Import-Module $env:OMNIBUS_TEST_MODULE
            Import-Module $env:OMNIBUS_TEST_MODULE -Force
            Remove-Module Omnibus
            Import-Module $env:OMNIBUS_TEST_MODULE
            (Get-OmnibusDistribution debian-12).Name
'@ | Should -Be 'debian-12'
    }

    It 'works by name from PSModulePath, and in several runspaces at once' {
        Invoke-Fresh @'
            $env:PSModulePath = (Split-Path (Split-Path (Split-Path $env:OMNIBUS_TEST_MODULE))) + ':' + $env:PSModulePath
            $names = 1..6 | ForEach-Object -Parallel { (Get-OmnibusDistribution debian-12).Name } -ThrottleLimit 3
            "$($names.Count) $($names | Select-Object -Unique)"
'@ | Should -Be '6 debian-12'
    }

    It 'keeps the engine out of the default load context' {
        Invoke-Fresh @'
            Import-Module $env:OMNIBUS_TEST_MODULE
            $null = Get-OmnibusDistribution
            [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { $_.GetName().Name } | Where-Object { $_ -match '^(Omnibus.Core|YamlDotNet|AWSSDK)' }
'@ | Should -BeNullOrEmpty
    }
}

Describe 'Formats' {
    It 'show every type that a cmdlet writes, in at most nine columns' {
        [xml] $format = Get-Content "$moduleFolder/Omnibus.Format.ps1xml" -Raw
        $tables = $format.Configuration.ViewDefinitions.View | Where-Object { $_.PSObject.Properties['TableControl'] }
        foreach ($view in $tables) {
            @($view.TableControl.TableHeaders.TableColumnHeader).Count | Should -BeLessOrEqual 9 -Because $view.Name
            @($view.TableControl.TableRowEntries.TableRowEntry.TableColumnItems.TableColumnItem).Count |
                Should -Be @($view.TableControl.TableHeaders.TableColumnHeader).Count -Because $view.Name
        }

        $shown = $format.Configuration.ViewDefinitions.View.ViewSelectedBy.TypeName
        $written = Get-Command -Module Omnibus | ForEach-Object OutputType | ForEach-Object Name |
            Where-Object { $_ -like 'Omnibus.*' } | Sort-Object -Unique
        $written | Where-Object { $_ -notin $shown } | Should -BeNullOrEmpty
    }
}
