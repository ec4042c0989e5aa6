BeforeAll {
    . $PSScriptRoot/common.ps1
    $packages = (New-Item -ItemType Directory "$TestDrive/packages").FullName
    $alpha = New-TestDeb -Destination $packages -Name alpha -Version 1.0-1
    $alpha2 = New-TestDeb -Destination $packages -Name alpha -Version 1.10-1
    $alpha3 = New-TestDeb -Destination $packages -Name alpha -Version 1.9-1
    $beta = New-TestDeb -Destination $packages -Name beta -Version '2.0~rc1'
    $keys = "$TestDrive/keys"
    $key = New-SigningKey -Name Tests -Email tests@example.com -Algorithm Ed25519 -KeyStore $keys
    $PSDefaultParameterValues = @{
        '*-Repository:KeyStore'  = $keys
        '*-RepoPackage:KeyStore' = $keys
    }

    function New-TestRepository([string] $Name) {
        New-Repository "$TestDrive/$Name" -Type Apt -Codename stable -Architecture amd64 -SigningKey $key -Origin Example -GracePeriod 00:00:00 -KeepGeneration 1
    }
}


Describe 'New-Repository' {
    It 'publishes an empty, signed repository at once' {
        $repository = New-TestRepository new
        $repository.Type | Should -BeExactly 'Apt'
        $repository.Location | Should -BeExactly (Get-Item "$TestDrive/new").FullName
        "$TestDrive/new/dists/stable/InRelease" | Should -Exist
        Get-RepoPackage $repository | Should -BeNullOrEmpty
        Test-Repository $repository | Should -BeTrue
    }

    It 'changes nothing with -WhatIf' {
        New-Repository "$TestDrive/whatif" -Type Apt -SigningKey $key -WhatIf
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'refuses a place that is a repository already' {
        $null = New-TestRepository twice
        { New-TestRepository twice } | Should -Throw -ErrorId 'RepositoryExists,Omnibus.PowerShell.Commands.NewRepositoryCommand'
    }

    It 'warns of an unsigned one' {
        $null = New-Repository "$TestDrive/unsigned" -Type Apt -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -Match 'not signed'
    }

    It 'names the key that is missing before it writes anything' {
        { New-Repository "$TestDrive/nokey" -Type Apt -SigningKey nobody@example.com -ErrorAction Stop } | Should -Throw -ErrorId 'SigningKeyNotFound,*'
        "$TestDrive/nokey" | Should -Not -Exist
    }

    It 'signs with a key that GnuPG holds' {
        $env:GNUPGHOME = (New-Item -ItemType Directory "$TestDrive/gnupg").FullName
        chmod 0700 $env:GNUPGHOME
        try {
            $null = gpg --batch --quiet --passphrase '' --quick-generate-key 'Held <held@example.com>' rsa3072 sign 2y 2>&1
            $fingerprint = (gpg --batch --with-colons --list-keys held@example.com | Select-String '^fpr:+([0-9A-F]{40}):').Matches[0].Groups[1].Value
            $repository = New-Repository "$TestDrive/held" -Type Apt -Codename stable -SigningKey "gnupg:$fingerprint"
            Import-RepoPackage $alpha $repository
            Test-Repository $repository | Should -BeTrue
            $null = gpg --batch --output "$TestDrive/held.gpg" --export $fingerprint
            $null = gpgv --keyring "$TestDrive/held.gpg" "$TestDrive/held/dists/stable/InRelease" 2>&1
            $LASTEXITCODE | Should -Be 0
        }
        finally {
            gpgconf --kill all
            $env:GNUPGHOME = $null
        }
    }

    It 'takes its defaults from the distribution' {
        $repository = New-Repository "$TestDrive/deb12" -Distribution debian-12 -SigningKey $key
        $repository.Type | Should -BeExactly 'Apt'
        $repository.Configuration.Apt.Codename | Should -BeExactly 'bookworm'
    }

    It 'publishes lists of files and long descriptions when asked' {
        $repository = New-Repository "$TestDrive/indexes" -Type Apt -Codename stable -Architecture amd64 -SigningKey $key -Contents -Translation -Version 12.4 -SignedBy $key.Fingerprint
        Import-RepoPackage $alpha $repository
        "$TestDrive/indexes/dists/stable/main/Contents-amd64.gz" | Should -Exist
        "$TestDrive/indexes/dists/stable/main/i18n/Translation-en.xz" | Should -Exist
        $release = Get-Content "$TestDrive/indexes/dists/stable/Release"
        $release | Should -Contain 'Version: 12.4'
        $release | Should -Contain "Signed-By: $($key.Fingerprint)"
        Test-Repository $repository | Should -BeTrue
        Update-Repository $repository -Contents:$false
        Get-Content "$TestDrive/indexes/dists/stable/Release" | Should -Not -Match 'Contents-'
        (Get-Repository "$TestDrive/indexes").Configuration.Apt.Translations | Should -BeTrue
    }
}

Describe 'Get-Repository' {
    It 'opens repositories by wildcard and passes over other folders' {
        $null = New-Item -ItemType Directory "$TestDrive/many/other"
        $null = New-TestRepository many/one
        $null = New-TestRepository many/two
        (Get-Repository "$TestDrive/many/*").Location | Split-Path -Leaf | Should -Be 'one', 'two'
    }

    It 'writes an error for a path that is none, and goes on' {
        $null = New-TestRepository open
        $found = "$TestDrive/packages", "$TestDrive/open" | Get-Repository -ErrorAction SilentlyContinue -ErrorVariable failed
        $found.Location | Should -Be "$TestDrive/open"
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'RepositoryNotFound,Omnibus.PowerShell.Commands.GetRepositoryCommand'
        $failed[0].CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'shows a table' {
        $null = New-TestRepository shown
        Get-Repository "$TestDrive/shown" | Get-Shown | Should -Match 'Location\s+Type\s+Distribution\s+Layout'
    }
}

Describe 'Import-RepoPackage' {
    Context 'from a repository of others' {
        BeforeAll {
            $null = New-TestRepository foreign
            Import-RepoPackage $packages "$TestDrive/foreign"
            $foreign = "file://$TestDrive/foreign"
            $null = Export-SigningKey $key.Fingerprint -KeyStore $keys -Path "$TestDrive/foreign.asc"
            $keyring = "$TestDrive/foreign.asc"
        }

        It 'takes the packages that are chosen, signature checked' {
            $repository = New-TestRepository imported
            (Import-RepoPackage -Uri $foreign -Suite stable -Keyring $keyring -Repository $repository -Name a* -Version 1.1* -PassThru).Added | Should -Be 1
            "$(Get-RepoPackage $repository)" | Should -BeExactly 'alpha 1.10-1 all'
            Import-RepoPackage -Uri $foreign -Suite stable -Keyring $keyring -Repository $repository
            (Get-RepoPackage $repository).Count | Should -Be 4
        }

        It 'changes nothing with -WhatIf' {
            $repository = New-TestRepository importedwhatif
            Import-RepoPackage -Uri $foreign -Suite stable -Keyring $keyring -Repository $repository -WhatIf
            Get-RepoPackage $repository | Should -BeNullOrEmpty
        }

        It 'demands a key, and the right one' {
            $repository = New-TestRepository untrusted
            { Import-RepoPackage -Uri $foreign -Suite stable -Repository $repository } |
                Should -Throw -ErrorId 'ForeignKeyringMissing,Omnibus.PowerShell.Commands.ImportRepoPackageCommand'
            $stranger = New-SigningKey -Name Stranger -Email stranger@example.com -Algorithm Ed25519 -KeyStore "$TestDrive/strangers"
            $null = Export-SigningKey $stranger.Fingerprint -KeyStore "$TestDrive/strangers" -Path "$TestDrive/stranger.asc"
            { Import-RepoPackage -Uri $foreign -Suite stable -Keyring "$TestDrive/stranger.asc" -Repository $repository } |
                Should -Throw -ErrorId 'ForeignRepositoryUntrusted,Omnibus.PowerShell.Commands.ImportRepoPackageCommand'
            Import-RepoPackage -Uri $foreign -Suite stable -SkipSignatureCheck -Repository $repository -Name beta
            (Get-RepoPackage $repository).Name | Should -Be 'beta'
        }

        It 'names the package that is not what its index says, and takes the others' {
            $null = New-TestRepository lying
            Import-RepoPackage $packages "$TestDrive/lying"
            Add-Content (Get-ChildItem "$TestDrive/lying/pool" -Recurse -Filter beta*.deb) 'more'
            $repository = New-TestRepository truthful
            Import-RepoPackage -Uri "file://$TestDrive/lying" -Suite stable -Keyring $keyring -Repository $repository -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].FullyQualifiedErrorId | Should -BeExactly 'RepositoryPackageDigestWrong,Omnibus.PowerShell.Commands.ImportRepoPackageCommand'
            "$($failed[0].TargetObject)" | Should -BeExactly 'beta 2.0~rc1 all'
            (Get-RepoPackage $repository).Name | Should -Be 'alpha', 'alpha', 'alpha'
        }
    }

    It 'takes source packages with the files that lie beside them' {
        $repository = New-TestRepository sources
        $folder = New-Item -ItemType Directory "$TestDrive/source"
        Set-Content "$folder/hello_1.0.tar.gz" 'the sources'
        $file = Get-Item "$folder/hello_1.0.tar.gz"
        function Get-Digest($Algorithm) { (Get-FileHash $file -Algorithm $Algorithm).Hash.ToLowerInvariant() }
        Set-Content "$folder/hello_1.0.dsc" @(
            'Format: 3.0 (native)', 'Source: hello', 'Binary: hello', 'Architecture: any', 'Version: 1.0', 'Maintainer: Tests <tests@example.com>'
            'Checksums-Sha256:', " $(Get-Digest SHA256) $($file.Length) $($file.Name)", 'Files:', " $(Get-Digest MD5) $($file.Length) $($file.Name)"
        )
        Import-RepoPackage $folder $repository
        $source = Get-RepoPackage $repository -Architecture source
        "$source" | Should -BeExactly 'hello 1.0 source'
        $null = Save-RepoPackage $repository hello -Destination "$TestDrive/saved"
        "$TestDrive/saved/hello_1.0.tar.gz" | Should -Exist
        Test-Repository $repository | Should -BeTrue

        Remove-Item $file
        Import-RepoPackage "$folder/hello_1.0.dsc" $repository -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'SourceFileMissing,Omnibus.PowerShell.Commands.ImportRepoPackageCommand'
        $failed[0].CategoryInfo.Category | Should -Be ObjectNotFound
        Remove-RepoPackage $repository hello -Confirm:$false
        Get-RepoPackage $repository | Should -BeNullOrEmpty
    }

    It 'takes package objects, paths, wildcards and folders' {
        $repository = New-TestRepository import
        Get-OmnibusPackage $alpha | Import-RepoPackage -Repository $repository
        Import-RepoPackage "$packages/beta*" $repository
        (Import-RepoPackage $packages $repository -PassThru).Unchanged | Should -Be 2
        (Get-RepoPackage $repository).Version | Should -Be '1.0-1', '1.10-1', '1.9-1', '2.0~rc1'
    }

    It 'says which digest is published, and publishes the others' {
        $repository = New-TestRepository conflict
        Import-RepoPackage $alpha $repository
        $other = New-TestDeb -Destination (New-Item -ItemType Directory "$TestDrive/other") -Name alpha -Version 1.0-1
        Add-Content $other 'x' -NoNewline
        $published = (Get-RepoPackage $repository alpha).Sha256
        $other, $beta | Import-RepoPackage -Repository $repository -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'RepositoryPackageConflict,Omnibus.PowerShell.Commands.ImportRepoPackageCommand'
        $failed[0].TargetObject | Should -BeExactly $other
        "$($failed[0])" | Should -Match $published
        (Get-RepoPackage $repository).Name | Should -Be 'alpha', 'beta'
    }

    It 'publishes nothing of the call with -ErrorAction Stop' {
        $repository = New-TestRepository stop
        $broken = Join-Path $TestDrive 'broken[1].deb'
        [IO.File]::WriteAllText($broken, 'no package')
        { Import-RepoPackage -LiteralPath $broken, $beta -Repository $repository -ErrorAction Stop } | Should -Throw -ErrorId 'PackageUnreadable,*'
        Get-RepoPackage $repository | Should -BeNullOrEmpty
    }

    It 'changes nothing with -WhatIf' {
        $repository = New-TestRepository importwhatif
        Import-RepoPackage $alpha $repository -WhatIf
        Get-RepoPackage $repository | Should -BeNullOrEmpty
    }

    It 'replaces with -Force only where the repository is mutable' {
        $repository = New-TestRepository force
        { Import-RepoPackage $alpha $repository -Force } | Should -Throw -ErrorId 'RepositoryImmutable,*'
        Update-Repository $repository -Mutable
        (Import-RepoPackage $alpha $repository -Force -PassThru).Added | Should -Be 1
    }
}

Describe 'packages of a repository' {
    BeforeAll {
        $repository = New-TestRepository work
        Import-RepoPackage $packages $repository
    }

    It 'are listed by wildcards' {
        (Get-RepoPackage $repository al*, bet? -Version 1.1*, 2*).Name | Should -Be 'alpha', 'beta'
        (Get-RepoPackage "$TestDrive/work" alpha | Select-Object -First 1).Version | Should -BeExactly '1.0-1'
        Get-RepoPackage $repository beta | Get-Shown | Should -Match 'Name\s+Version\s+Architecture\s+Component\s+Size'
    }

    It 'are an error when they are named and not there' {
        $found = Get-RepoPackage $repository nothing, beta -ErrorAction SilentlyContinue -ErrorVariable failed
        $found.Name | Should -Be 'beta'
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'RepositoryPackageNotFound,Omnibus.PowerShell.Commands.GetRepoPackageCommand'
        $failed[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $failed[0].TargetObject | Should -BeExactly 'nothing'
        { Get-RepoPackage $repository beta -Version 9 } | Should -Throw -ErrorId 'RepositoryPackageNotFound,*'
        { Remove-RepoPackage $repository nothing } | Should -Throw -ErrorId 'RepositoryPackageNotFound,Omnibus.PowerShell.Commands.RemoveRepoPackageCommand'
        Get-RepoPackage $repository noth*, beta -Version 9* | Should -BeNullOrEmpty
    }

    It 'are completed by Tab' {
        (Get-Completion "Get-RepoPackage $TestDrive/work be").CompletionText | Should -Be 'beta'
    }

    It 'are saved with their digests checked' {
        $file = Save-RepoPackage $repository beta -Destination "$TestDrive/saved"
        (Get-FileHash $file).Hash | Should -Be (Get-FileHash $beta).Hash
        $file | Get-Shown | Should -Match '-rw.*beta_2.0~rc1_all.deb'
    }

    It 'are promoted and moved' {
        $release = New-TestRepository release
        Get-RepoPackage $repository alpha -Version 1.9* | Copy-RepoPackage -Destination $release
        (Get-RepoPackage $release).Version | Should -Be '1.9-1'
        Copy-Repository $repository "$TestDrive/testing" -IncludePackage | Out-Null
        Move-RepoPackage "$TestDrive/testing" beta -Destination $release
        (Get-RepoPackage $release).Name | Should -Be 'alpha', 'beta'
        Get-RepoPackage "$TestDrive/testing" bet* | Should -BeNullOrEmpty
    }

    It 'return with a checkpoint' {
        $checkpoint = Checkpoint-Repository $repository -Name 'full'
        $checkpoint.Name | Should -BeExactly 'full'
        { Checkpoint-Repository $repository -Name full -ErrorAction Stop } | Should -Throw -ErrorId 'CheckpointExists,*'
        Remove-RepoPackage $repository alpha
        (Get-RepoPackage $repository).Name | Should -Be 'beta'
        (Get-RepoPackage $repository -Checkpoint full).Count | Should -Be 4
        (Get-Completion "Restore-Repository $TestDrive/work -Name f").CompletionText | Should -Be 'full'
        Restore-Repository $repository -Name full -WhatIf
        (Get-RepoPackage $repository).Name | Should -Be 'beta'
        Restore-Repository $repository -Name full
        (Get-RepoPackage $repository).Count | Should -Be 4
        (Get-Repository "$TestDrive/work" -ListCheckpoint).Name | Should -Be 'full'
        Test-Repository $repository | Should -BeTrue
    }

    It 'are thinned out, exactly as -WhatIf says' {
        $copy = Copy-Repository $repository "$TestDrive/thin" -IncludePackage
        { Clear-Repository $copy -ErrorAction Stop } | Should -Throw -ErrorId 'RetentionMissing,*'
        Clear-Repository $copy -KeepNewest 1 -KeepYoungerThan 1.00:00:00 -PassThru | Should -BeNullOrEmpty
        Clear-Repository $copy -KeepNewest 1 -WhatIf
        (Get-RepoPackage $copy).Count | Should -Be 4
        (Clear-Repository $copy -KeepNewest 1 -PassThru).Removed | Should -Be 2
        (Get-RepoPackage $copy).Version | Should -Be '1.10-1', '2.0~rc1'
    }
}

Describe 'Test-Repository' {
    It 'finds a damaged package, a missing one and a stray file' {
        $repository = New-TestRepository damaged
        Import-RepoPackage $packages $repository
        $files = Get-ChildItem "$TestDrive/damaged/pool" -Recurse -File | Sort-Object Name
        [IO.File]::WriteAllText($files[0], [IO.File]::ReadAllText($files[0]).Replace('debian-binary', 'debian-bimary'))
        Remove-Item $files[3]
        Set-Content "$TestDrive/damaged/stray.txt" 'x'
        Test-Repository $repository | Should -BeFalse
        $found = Test-Repository $repository -Detailed
        ($found | Where-Object Id -like 'RepositoryPackage*').Count | Should -Be 2
        $found.Id | Should -Contain 'RepositoryPackageMissing'
        $found.Id | Should -Contain 'RepositoryFileUnreferenced'
    }
}

Describe 'Update-Repository' {
    It 'dates and signs anew, and only what runs out when asked so' {
        $repository = New-TestRepository update
        Update-Repository $repository -ValidFor 2.00:00:00
        Get-Content "$TestDrive/update/dists/stable/InRelease" | Should -Contain 'Suite: stable'
        (Get-Content "$TestDrive/update/dists/stable/InRelease") -match '^Valid-Until: ' | Should -Not -BeNullOrEmpty
        Update-Repository $repository -ExpiringWithin 1.00:00:00 -PassThru | Should -BeNullOrEmpty
        (Update-Repository $repository -ExpiringWithin 3.00:00:00 -PassThru).Published | Should -BeTrue
    }

    It 'changes what Release says of the repository, and leaves the rest' {
        $repository = New-TestRepository fields
        Update-Repository $repository -Label Parts -NotAutomatic -ButAutomaticUpgrades
        $release = Get-Content "$TestDrive/fields/dists/stable/InRelease"
        $release | Should -Contain 'Origin: Example'
        $release | Should -Contain 'Label: Parts'
        $release | Should -Contain 'NotAutomatic: yes'
        $release | Should -Contain 'ButAutomaticUpgrades: yes'
        Update-Repository "$TestDrive/fields" -Origin Other -NotAutomatic:$false -ButAutomaticUpgrades:$false
        $release = Get-Content "$TestDrive/fields/dists/stable/InRelease"
        $release | Should -Contain 'Origin: Other'
        $release | Should -Contain 'Label: Parts'
        $release -match 'Automatic' | Should -BeNullOrEmpty
    }

    It 'changes keys' {
        $repository = New-TestRepository rekey
        $new = New-SigningKey -Name New -Email new@example.com -Algorithm Ed25519 -KeyStore $keys
        Update-Repository $repository -SigningKey $key, $new
        Update-Repository $repository -SigningKey $new -WarningAction SilentlyContinue
        (Get-Repository "$TestDrive/rekey").Configuration.SigningKeys | Should -Be $new.Fingerprint
        Test-Repository "$TestDrive/rekey" | Should -BeTrue
    }
}

Describe 'Remove-Repository' {
    It 'removes what is its own and nothing else' {
        $repository = New-TestRepository remove
        Import-RepoPackage $alpha $repository
        Set-Content "$TestDrive/remove/README" 'mine'
        Remove-Repository $repository -WhatIf
        "$TestDrive/remove/dists/stable/InRelease" | Should -Exist
        Remove-Repository $repository -Confirm:$false
        (Get-ChildItem "$TestDrive/remove" -Recurse -File -Force).Name | Should -Be 'README'
    }
}
