BeforeAll {
    . $PSScriptRoot/common.ps1
    $command = 'Omnibus.PowerShell.Commands.NewOmnibusPackageCommand'
    $recipe = New-TestRecipe -Folder "$TestDrive/tool"
    $env:XDG_CACHE_HOME = "$TestDrive/cache"
    $env:SOURCE_DATE_EPOCH = '1763719200'
}

AfterAll {
    $env:XDG_CACHE_HOME = $null
    $env:SOURCE_DATE_EPOCH = $null
}

Describe 'New-OmnibusPackage' {
    BeforeAll {
        $dist = "$TestDrive/dist"
        $built = New-OmnibusPackage $recipe -Destination $dist
    }

    It 'builds every package for every distribution, and writes an object for each' {
        $built.Count | Should -Be 4
        $built.Name | Should -Be 'tool', 'tool-config', 'tool', 'tool-config'
        $built.Distribution | Should -Be 'debian-12', 'debian-12', 'rocky-9', 'rocky-9'
        $built.Format | Should -Be 'Deb', 'Deb', 'Rpm', 'Rpm'
        $built.Path | ForEach-Object { $_ | Should -Exist }
        @(Get-ChildItem -Force $dist).Count | Should -Be 4
    }

    It 'maps the version and binds the packages together' {
        $built.Version | Select-Object -Unique | Should -BeExactly '1.4.0~rc1'
        $depends = (Get-OmnibusPackage $built[1].Path).Fields | Where-Object Key -eq Depends
        $depends.Value | Should -Match 'tool \(= 1\.4\.0~rc1-1\)'
    }

    It 'makes packages that dpkg-deb and rpm can read' {
        dpkg-deb --field $built[0].Path Package | Should -Be 'tool'
        dpkg-deb --fsys-tarfile $built[0].Path | tar -xO ./usr/bin/tool | Select-Object -Last 1 | Should -Be 'echo tool'
        rpm -qp --nosignature --qf '%{NAME} %{VERSION}' $built[2].Path | Should -Be 'tool 1.4.0~rc1'
    }

    It 'builds the same bytes again, which is no conflict' {
        $again = New-OmnibusPackage $recipe -Destination $dist -ErrorAction Stop
        $again.Sha256 | Should -Be $built.Sha256
        $other = New-OmnibusPackage $recipe -Destination "$TestDrive/other"
        (Get-FileHash $other.Path).Hash | Should -Be (Get-FileHash $built.Path).Hash
    }

    It 'builds for one distribution, and another version' {
        $one = New-OmnibusPackage $recipe -Destination "$TestDrive/one" -Distribution rocky-9 -Version 1.5
        $one.Distribution | Select-Object -Unique | Should -Be 'rocky-9'
        $one.Version | Select-Object -Unique | Should -BeExactly '1.5.0'
    }

    It 'takes a folder, a wildcard, a string, a file, an object with a Path, and brackets in a literal path' {
        $options = @{ Destination = "$TestDrive/inputs"; Distribution = 'debian-12' }
        @(New-OmnibusPackage "$TestDrive/tool" @options).Count | Should -Be 2
        @(New-OmnibusPackage "$TestDrive/too*/omnibus.yml" @options).Count | Should -Be 2
        @($recipe | New-OmnibusPackage @options).Count | Should -Be 2
        @(Get-Item $recipe | New-OmnibusPackage @options).Count | Should -Be 2
        @([pscustomobject]@{ Path = $recipe } | New-OmnibusPackage @options).Count | Should -Be 2
        $odd = New-TestRecipe -Folder "$TestDrive/odd[1]"
        @(New-OmnibusPackage -LiteralPath $odd @options -Force).Count | Should -Be 2
    }

    It 'puts packages into the current location by default' {
        $null = New-Item -ItemType Directory "$TestDrive/here"
        Push-Location "$TestDrive/here"
        try { (New-OmnibusPackage $recipe -Distribution debian-12)[0].Path | Should -BeLike "$TestDrive/here/*.deb" } finally { Pop-Location }
    }

    It 'changes nothing with -WhatIf' {
        New-OmnibusPackage $recipe -Destination "$TestDrive/whatif" -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'refuses to replace a package with other content, unless -Force' {
        $changed = New-TestRecipe -Folder "$TestDrive/changed" -Replace @{ 'Tool for tests, configuration' = 'Another text' }
        $before = (Get-FileHash "$dist/*.deb").Hash
        New-OmnibusPackage $changed -Destination $dist -Distribution debian-12 -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PackageExists,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        (Get-FileHash "$dist/*.deb").Hash | Should -Be $before
        @(New-OmnibusPackage $changed -Destination $dist -Distribution debian-12 -Force).Count | Should -Be 2
        @(New-OmnibusPackage $recipe -Destination $dist -Distribution debian-12 -Force).Count | Should -Be 2
    }

    It 'reports one error for each mistake of a recipe, and goes on with the next recipe' {
        $bad = New-TestRecipe -Folder "$TestDrive/bad" -Replace @{ 'summary:' = 'sumary:' }
        $packages = New-OmnibusPackage $bad, $recipe -Destination "$TestDrive/goeson" -Distribution debian-12 -ErrorAction SilentlyContinue -ErrorVariable problems
        @($packages).Count | Should -Be 2
        $problems.FullyQualifiedErrorId | Should -Contain "RecipeUnknownKey,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $problems[0].TargetObject | Should -BeExactly $bad
        "$($problems[0])" | Should -Match ([regex]::Escape("${bad}:") + '\d+:\d+: ')
    }

    It 'reports a missing recipe' {
        New-OmnibusPackage "$TestDrive/none.yml" -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PathNotFound,$command"
    }

    It 'reports a distribution that the recipe does not build for' {
        New-OmnibusPackage $recipe -Destination "$TestDrive/none" -Distribution debian-13 -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "RecipeDistributionNotListed,$command"
        "$TestDrive/none" | Should -Not -Exist
    }

    It 'goes on with the next distribution when one fails' {
        $half = New-TestRecipe -Folder "$TestDrive/half" -Append @'
build:
  - name: Fail for one
    run: test "$OMNIBUS_FORMAT" = rpm
'@
        $packages = New-OmnibusPackage $half -Destination "$TestDrive/halfdist" -ErrorAction SilentlyContinue -ErrorVariable problems
        $packages.Distribution | Select-Object -Unique | Should -Be 'rocky-9'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "BuildStepFailed,$command"
    }

    It 'lets the pipeline stop early, and leaves nothing half-written' {
        @(New-OmnibusPackage $recipe -Destination "$TestDrive/early" | Select-Object -First 1).Count | Should -Be 1
        @(Get-ChildItem -Force "$TestDrive/early").Name | Should -Match '\.deb$'
        Get-ChildItem -Force -Recurse "$TestDrive/cache" -Filter 'scratch-*' | Should -BeNullOrEmpty
    }

    It 'stops soon after Ctrl+C, with its programs, and leaves nothing' {
        $slow = New-TestRecipe -Folder "$TestDrive/slow" -Append @'
build:
  - name: Take long
    run: |
      echo started > "$OMNIBUS_SOURCE/started" 2>/dev/null || true
      sleep 987
'@
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($Module, $Recipe, $Destination) Import-Module $Module; New-OmnibusPackage $Recipe -Destination $Destination').
                AddArgument("$moduleFolder/Omnibus.psd1").AddArgument($slow).AddArgument("$TestDrive/stopped")
            $running = $shell.BeginInvoke()
            $deadline = [datetime]::UtcNow.AddSeconds(60)
            while (-not (Get-Process sleep -ErrorAction Ignore | Where-Object { $_.CommandLine -match 'sleep 987' })) {
                if ([datetime]::UtcNow -gt $deadline -or $running.IsCompleted) { throw 'The build step did not start.' }
                Start-Sleep -Milliseconds 100
            }

            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            # A second is what users are promised; a loaded machine gets more.
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 15
            Get-Process sleep -ErrorAction Ignore | Where-Object { $_.CommandLine -match 'sleep 987' } | Should -BeNullOrEmpty
            "$TestDrive/stopped" | Should -Not -Exist
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'shows progress and the commands that it runs' {
        $steps = New-TestRecipe -Folder "$TestDrive/steps" -Append @'
build:
  - name: Say something
    run: [echo, hello world]
'@
        $verbose = New-OmnibusPackage $steps -Destination "$TestDrive/verbose" -Distribution debian-12 -Verbose 4>&1 |
            Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$verbose" | Should -Match 'hello world'
    }

    It 'completes the distributions of the recipe on the command line' {
        (Get-Completion "New-OmnibusPackage $recipe -Distribution ").CompletionText | Should -Be 'debian-12', 'rocky-9'
        (Get-Completion 'New-OmnibusPackage ./none.yml -Distribution fedora-').CompletionText | Should -Not -BeNullOrEmpty
    }

    It 'shows a table with a readable size' {
        $lines = ($built | Get-Shown) -split '\n'
        $lines[2] | Should -Match '^tool\s+1\.4\.0~rc1\s+1\s+all\s+debian-12\s+Deb\s+[\d.]+ (B|KiB)$'
    }
}

Describe 'New-OmnibusPackage of a folder with DEBIAN' {
    BeforeAll {
        $tree = New-TestTree -Folder "$TestDrive/tree"
        $package = New-OmnibusPackage $tree -Destination "$TestDrive/treedist"
    }

    It 'makes a deb as dpkg-deb would' {
        $package.Name | Should -BeExactly 'tree'
        $package.Epoch | Should -Be 2
        $package.Path | Should -BeLike '*/tree_1.0-3_all.deb'
        $read = Get-OmnibusPackage $package.Path
        ($read.Fields | Where-Object Key -eq X-Note).Value | Should -Be 'kept'
        $read.Description | Should -Be "A longer text.`n`nMore."
        ($read.Files | Where-Object Path -eq /etc/tree.conf).Flags | Should -Match 'Config'
        ($read.Files | Where-Object Path -eq /usr/bin/tree-tool).Mode | Should -Be 0x1ED
        ($read.Files | Where-Object Path -eq /usr/bin/tree-link).LinkTarget | Should -Be 'tree-tool'
        $read.Files.Path | Should -Not -Contain '/DEBIAN'
        $read.Scripts.Kind | Should -Be 'PostInstall'
        $read.Triggers[0].Directive | Should -Be 'interest-noawait'
        dpkg-deb --field $package.Path Package | Should -Be 'tree'
    }

    It 'takes the version from outside' {
        (New-OmnibusPackage $tree -Destination "$TestDrive/treedist" -Version '1.1~rc1-1').Version | Should -BeExactly '1.1~rc1'
    }

    It 'takes a template, which needs the version' {
        $template = New-TestTree -Folder "$TestDrive/template" -Template
        New-OmnibusPackage $template -Destination "$TestDrive/treedist" -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "VersionUnknown,$command"
        (New-OmnibusPackage $template -Destination "$TestDrive/treedist" -Version 3.0).Version | Should -BeExactly '3.0'
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'a control file that it does not know'; id = 'ControlFileUnsupported'; change = { param($t) Set-Content "$t/DEBIAN/templates" x } }
        @{ what = 'a configuration file that is not there'; id = 'DebianTreeInvalid'; change = { param($t) Add-Content "$t/DEBIAN/conffiles" '/etc/none.conf' } }
        @{ what = 'control data without a maintainer'; id = 'DebianTreeInvalid'; change = { param($t) Set-Content "$t/DEBIAN/control" "Package: tree`nVersion: 1`nArchitecture: all`nDescription: x" } }
        @{ what = 'a named pipe'; id = 'ContentSpecialFile'; change = { param($t) mkfifo "$t/etc/pipe" } }
        @{ what = 'an rpm distribution'; id = 'DebianTreeTarget'; distribution = 'rocky-9'; change = { } }
    ) {
        $broken = New-TestTree -Folder "$TestDrive/broken-$id-$([guid]::NewGuid())"
        & $change $broken
        $options = $_.ContainsKey('distribution') ? @{ Distribution = $_.distribution } : @{}
        New-OmnibusPackage $broken -Destination "$TestDrive/brokendist" @options -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "$id,$command"
        "$TestDrive/brokendist" | Should -Not -Exist
    }

    It 'changes nothing with -WhatIf' {
        New-OmnibusPackage $tree -Destination "$TestDrive/treewhatif" -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/treewhatif" | Should -Not -Exist
    }
}
