BeforeAll {
    . $PSScriptRoot/common.ps1
    $keys = "$TestDrive/keys"
    $key = New-SigningKey -Name 'Example Packaging' -Email packages@example.com -Algorithm Ed25519 -KeyStore $keys
    $next = New-SigningKey -Name 'Example Next' -Email next@example.com -Algorithm Ed25519 -KeyStore $keys
    $PSDefaultParameterValues = @{
        '*-Repository:KeyStore'          = $keys
        '*-RepoPackage:KeyStore'         = $keys
        'New-RepositoryPackage:KeyStore' = $keys
    }
    $apt = New-Repository "$TestDrive/archive/debian-12" -Distribution debian-12 -Architecture amd64 -SigningKey $key -Origin Example
    $yum = New-Repository "$TestDrive/archive/rocky-9" -Distribution rocky-9 -Architecture x86_64 -SigningKey $key -Origin Example
    $here = "$TestDrive/release"
}

Describe 'New-RepositoryPackage' {
    It 'makes a deb with a source and a keyring, and the testing channel switched off' {
        $package = New-RepositoryPackage $apt https://packages.example.com/debian-12 $here -TestingUri https://packages.example.com/debian-12-testing
        $package.Name | Should -BeExactly 'example-release'
        "$($package.FullVersion)" | Should -BeExactly '1-1+deb12'
        $package.Maintainer | Should -BeExactly 'Example Packaging <packages@example.com>'
        $files = (Get-OmnibusPackage $package.Path).Files
        ($files | Where-Object Path -eq /etc/apt/sources.list.d/example.sources).Flags | Should -Match 'Config'
        $files.Path | Should -Contain '/usr/share/keyrings/example-archive-keyring.gpg'
        dpkg-deb -x $package.Path "$TestDrive/x"
        $source = Get-Content -Raw "$TestDrive/x/etc/apt/sources.list.d/example.sources"
        $source | Should -Match '(?m)^URIs: https://packages.example.com/debian-12$'
        $source | Should -Match '(?m)^Suites: bookworm$'
        $source | Should -Match '(?m)^Signed-By: /usr/share/keyrings/example-archive-keyring.gpg$'
        $source | Should -Match '(?ms)^URIs: https://packages.example.com/debian-12-testing$.*^Enabled: no$'
        (Get-SigningKey -Path "$TestDrive/x/usr/share/keyrings/example-archive-keyring.gpg").Fingerprint | Should -Be $key.Fingerprint
    }

    It 'makes an rpm with every check switched on' {
        $package = New-RepositoryPackage $yum https://packages.example.com/rocky-9 $here -TestingUri https://packages.example.com/rocky-9-testing -MetadataExpire 06:00:00
        $package.Format | Should -BeExactly 'Rpm'
        $text = (rpm2cpio $package.Path | cpio --quiet -i --to-stdout ./etc/yum.repos.d/example.repo) -join "`n"
        $text | Should -Match '(?s)\[example\].*enabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-example\nmetadata_expire=21600'
        $text | Should -Match '(?s)\[example-testing\].*enabled=0\ngpgcheck=1\nrepo_gpgcheck=1'
    }

    It 'takes repositories by value, with an address for each' {
        $packages = Get-Repository "$TestDrive/archive/*" | New-RepositoryPackage -Uri { "https://packages.example.com/$(Split-Path -Leaf $_.Location)" } -Destination "$TestDrive/many"
        $packages.Format | Should -Be 'Deb', 'Rpm'
        $packages.Distribution | Should -Be 'debian-12', 'rocky-9'
        $first = Get-Repository "$TestDrive/archive/*" | New-RepositoryPackage -Uri file:///srv -Destination "$TestDrive/first" | Select-Object -First 1
        $first.Format | Should -BeExactly 'Deb'
    }

    It 'goes straight into its own repository' {
        New-RepositoryPackage $apt https://packages.example.com/debian-12 "$TestDrive/own" | Import-RepoPackage -Repository $apt
        (Get-RepoPackage $apt).Name | Should -Contain 'example-release'
        New-RepositoryPackage $yum https://packages.example.com/rocky-9 "$TestDrive/own" | Import-RepoPackage -Repository $yum -SignPackage
        (Get-RepoPackage $yum).Name | Should -Contain 'example-release'
    }

    It 'carries keys that will sign one day' {
        $package = New-RepositoryPackage $apt https://packages.example.com/debian-12 "$TestDrive/two" -AdditionalKey $next, $key -Version 2-1
        dpkg-deb -x $package.Path "$TestDrive/two/x"
        (Get-SigningKey -Path "$TestDrive/two/x/usr/share/keyrings/example-archive-keyring.gpg").Fingerprint | Should -Be $key.Fingerprint, $next.Fingerprint
    }

    It 'changes nothing with -WhatIf' {
        New-RepositoryPackage $apt https://packages.example.com/debian-12 "$TestDrive/whatif" -WhatIf
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'replaces other content with -Force only' {
        $null = New-RepositoryPackage $apt https://packages.example.com/a "$TestDrive/force"
        $null = New-RepositoryPackage $apt https://packages.example.com/a "$TestDrive/force"
        { New-RepositoryPackage $apt https://packages.example.com/b "$TestDrive/force" -ErrorAction Stop } | Should -Throw -ErrorId 'PackageExists,Omnibus.PowerShell.Commands.NewRepositoryPackageCommand'
        (New-RepositoryPackage $apt https://packages.example.com/b "$TestDrive/force" -Force).Name | Should -BeExactly 'example-release'
    }

    It 'refuses unsigned repositories and addresses that machines cannot use, and goes on' {
        $unsigned = New-Repository "$TestDrive/unsigned" -Type Apt -WarningAction SilentlyContinue
        $made = $unsigned, $apt | New-RepositoryPackage -Uri https://packages.example.com/x -Destination "$TestDrive/goeson" -ErrorAction SilentlyContinue -ErrorVariable failed
        @($made).Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'RepositoryUnsigned,Omnibus.PowerShell.Commands.NewRepositoryPackageCommand'
        $failed[0].CategoryInfo.Category | Should -Be SecurityError
        { New-RepositoryPackage $apt s3://bucket/x "$TestDrive/bad" -ErrorAction Stop } | Should -Throw -ErrorId 'RepositoryAddressInvalid,*'
        { New-RepositoryPackage "$TestDrive/nowhere" https://x.example.com "$TestDrive/bad" -ErrorAction Stop } | Should -Throw -ErrorId 'StoreNotFound,*'
    }

    It 'completes further keys' {
        (Get-Completion "New-RepositoryPackage x y -KeyStore $keys -AdditionalKey 'Example N").CompletionText | Should -Match 'Example Next|[0-9A-F]{40}'
    }
}

Describe 'Import-RepoPackage -SignPackage' {
    BeforeAll {
        # Pester takes away what an earlier block put into a folder.
        $yum = New-Repository "$TestDrive/signed/rocky-9" -Distribution rocky-9 -Architecture x86_64 -SigningKey $key -Origin Example -WarningAction SilentlyContinue
        $apt = New-Repository "$TestDrive/signed/debian-12" -Distribution debian-12 -Architecture amd64 -SigningKey $key -Origin Example
        $rpm = (New-RepositoryPackage $yum https://packages.example.com/rocky-9 "$TestDrive/signing" -Name signed-release).Path
        $public = "$TestDrive/public.asc"
        Export-SigningKey $key.Fingerprint -Path $public -KeyStore $keys
        function Get-Published {
            Save-RepoPackage $yum signed-release -Destination (New-Item -ItemType Directory -Force "$TestDrive/saved-$([guid]::NewGuid())").FullName
        }
    }

    It 'signs what is published, leaves the file as it is, and changes nothing the second time' {
        $before = (Get-FileHash $rpm).Hash
        (Import-RepoPackage $rpm $yum -SignPackage -PassThru).Added | Should -Be 1
        (Get-FileHash $rpm).Hash | Should -Be $before
        (Import-RepoPackage $rpm $yum -SignPackage -PassThru).Unchanged | Should -Be 1
        $published = (Get-Published).FullName
        $database = (New-Item -ItemType Directory "$TestDrive/rpmdb").FullName
        rpm --dbpath $database --import $public
        (rpm --dbpath $database -K $published) -join "`n" | Should -Match 'digests signatures OK'
    }

    It 'is verified by Test-OmnibusPackage against a keyring or a key store' {
        $published = (Get-Published).FullName
        Test-OmnibusPackage $published -Keyring $public -RequireSignature -OwnRulesOnly | Should -BeTrue
        Test-OmnibusPackage $published -KeyStore $keys -RequireSignature -OwnRulesOnly | Should -BeTrue
        Test-OmnibusPackage $rpm -Keyring $public -RequireSignature -OwnRulesOnly | Should -BeFalse
        (Test-OmnibusPackage $rpm -Keyring $public -RequireSignature -OwnRulesOnly -Detailed).Id | Should -Contain 'RpmSignatureMissing'
        $other = "$TestDrive/other.asc"
        Export-SigningKey $next.Fingerprint -Path $other -KeyStore $keys
        (Test-OmnibusPackage $published -Keyring $other -RequireSignature -OwnRulesOnly -Detailed).Id | Should -Contain 'RpmSignatureKeyMissing'
        (Test-OmnibusPackage $published -Keyring $public -OwnRulesOnly -Verbose 4>&1) -match 'Signatures are checked with 1 keys of' | Should -Not -BeNullOrEmpty
    }

    It 'is refused for debs, whose index is signed' {
        $deb = New-TestDeb -Destination (New-Item -ItemType Directory -Force "$TestDrive/debs").FullName -Name plain
        { Import-RepoPackage $deb $apt -SignPackage -ErrorAction Stop } | Should -Throw -ErrorId 'PackageSigningUnsupported,Omnibus.PowerShell.Commands.ImportRepoPackageCommand'
    }
}

Describe 'keys that clients refuse' {
    It 'are an error before anything is written, and those that expire soon a warning' {
        { New-Repository "$TestDrive/el8" -Distribution rocky-8 -SigningKey $key -ErrorAction Stop } | Should -Throw -ErrorId 'SigningKeyRefused,Omnibus.PowerShell.Commands.NewRepositoryCommand'
        Get-ChildItem "$TestDrive/el8" -Recurse -File -Force -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $soon = New-SigningKey -Name Soon -Email soon@example.com -Algorithm Ed25519 -ExpiresIn 10.00:00:00 -KeyStore $keys
        $null = New-Repository "$TestDrive/soon" -Distribution debian-12 -SigningKey $soon -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -Match 'expire'
    }
}
