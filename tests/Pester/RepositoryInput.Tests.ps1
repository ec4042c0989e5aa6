# What goes wrong with what comes in: for both kinds of repositories the exact error, and that what is published stays as it was.
BeforeDiscovery {
    $kinds = @{ Type = 'Apt'; Extension = 'deb'; Distribution = 'debian-12' }, @{ Type = 'Yum'; Extension = 'rpm'; Distribution = 'rocky-9' }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    $keys = "$TestDrive/keys"
    $key = New-SigningKey Tests tests@example.com -Algorithm Rsa3072 -KeyStore $keys
    $PSDefaultParameterValues = @{
        '*-Repository:KeyStore'  = $keys
        '*-RepoPackage:KeyStore' = $keys
    }
    $import = 'Omnibus.PowerShell.Commands.ImportRepoPackageCommand'

    # It expires while the other tests run.
    $soon = New-SigningKey Soon -Algorithm Rsa3072 -ExpiresIn 00:00:08 -KeyStore $keys
    foreach ($distribution in 'debian-12', 'rocky-9') {
        $null = New-Repository "$TestDrive/short-$distribution" -Distribution $distribution -SigningKey $soon -WarningAction SilentlyContinue
    }

    $null = New-OmnibusPackage (New-TestRecipe "$TestDrive/recipe") -Destination "$TestDrive/built"

    # Every published byte that clients see.
    function Get-Published([string] $Path) {
        Get-ChildItem $Path -Recurse -File | Sort-Object FullName | ForEach-Object { "$($_.FullName) $((Get-FileHash $_).Hash)" }
    }

    # A copy of a file with one byte changed, or cut short.
    function New-Damaged([string] $File, [string] $Name, [int] $Cut = 0) {
        $bytes = [IO.File]::ReadAllBytes($File)
        $bytes[-40] = $bytes[-40] -bxor 1
        $damaged = "$TestDrive/$Name$([IO.Path]::GetExtension($File))"
        [IO.File]::WriteAllBytes($damaged, $bytes[0..($bytes.Length - 1 - $Cut)])
        $damaged
    }
}

Describe 'a <Type> repository' -ForEach $kinds {
    BeforeAll {
        $tool = (Get-ChildItem "$TestDrive/built" -Recurse -Filter "tool?1*.$Extension").FullName
        $config = (Get-ChildItem "$TestDrive/built" -Recurse -Filter "tool-config*.$Extension").FullName
        $path = "$TestDrive/$Type"
        $repository = New-Repository $path -Distribution $Distribution -SigningKey $key
        Import-RepoPackage $config $repository
        $before = Get-Published $path
    }

    It 'refuses a package that is cut short or damaged, and with -ErrorAction Stop the good ones too' {
        $cut = New-Damaged $tool cut -Cut 60
        $flipped = New-Damaged $tool flipped
        foreach ($bad in $cut, $flipped) {
            { Import-RepoPackage $tool, $bad -Repository $repository -ErrorAction Stop } | Should -Throw -ErrorId "PackageUnreadable,$import"
        }

        Get-Published $path | Should -Be $before
        $other = New-Repository "$TestDrive/good-$Type" -Distribution $Distribution -SigningKey $key
        $commit = $cut, $tool, $flipped | Import-RepoPackage -Repository $other -PassThru -ErrorAction SilentlyContinue -ErrorVariable failed
        $commit.Added | Should -Be 1
        $failed.FullyQualifiedErrorId | Should -Be "PackageUnreadable,$import", "PackageUnreadable,$import"
        $failed.CategoryInfo.Category | Should -Be InvalidData, InvalidData
        $failed.TargetObject | Should -Be $cut, $flipped
        (Get-RepoPackage $other).Name | Should -Be 'tool'
        Test-Repository $other | Should -BeTrue
    }

    It 'publishes nothing without the secret of its key' {
        { Import-RepoPackage $tool $repository -KeyStore "$TestDrive/empty" } | Should -Throw -ErrorId "SigningKeyNotFound,$import"
        Export-SigningKey Tests "$TestDrive/public-$Type.asc" -KeyStore $keys
        $null = Import-SigningKey "$TestDrive/public-$Type.asc" -KeyStore "$TestDrive/public-$Type"
        { Import-RepoPackage $tool $repository -KeyStore "$TestDrive/public-$Type" } | Should -Throw -ErrorId "SigningKeySecretMissing,$import"
        Get-Published $path | Should -Be $before
    }

    It 'publishes nothing with a key that has expired' {
        $short = "$TestDrive/short-$Distribution"
        $published = Get-Published $short
        while ((Get-Date) -le $soon.Expires.LocalDateTime) { Start-Sleep -Milliseconds 200 }
        { Import-RepoPackage $tool $short } | Should -Throw -ErrorId "SigningKeyRefused,$import"
        { Update-Repository $short } | Should -Throw -ErrorId 'SigningKeyRefused,Omnibus.PowerShell.Commands.UpdateRepositoryCommand'
        Get-Published $short | Should -Be $published
    }

    It 'believes no foreign repository whose index or packages are not what was signed' {
        $foreign = New-Repository "$TestDrive/foreign-$Type" -Distribution $Distribution -SigningKey $key
        Import-RepoPackage $tool, $config -Repository $foreign
        Export-SigningKey Tests "$TestDrive/foreign-$Type.asc" -KeyStore $keys
        $from = @{ Uri = "file://$TestDrive/foreign-$Type"; Keyring = "$TestDrive/foreign-$Type.asc"; Repository = $repository }
        if ($Type -eq 'Apt') { $from.Suite = 'bookworm' }

        # A package that was exchanged fails alone.
        $lying = Get-ChildItem "$TestDrive/foreign-$Type" -Recurse -Filter "tool?1*.$Extension"
        chmod u+w $lying
        Copy-Item (New-Damaged $lying lying) $lying -Force
        Import-RepoPackage @from -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeExactly "RepositoryPackageDigestWrong,$import"
        Get-Published $path | Should -Be $before

        # An index that was exchanged is not read.
        $indexes = Get-ChildItem "$TestDrive/foreign-$Type" -Recurse -File | Where-Object FullName -Match 'by-hash|Packages\.|-primary'
        chmod u+w $indexes
        foreach ($index in $indexes) {
            $bytes = [IO.File]::ReadAllBytes($index)
            $bytes[-1] = $bytes[-1] -bxor 1
            Remove-Item $index -Force
            [IO.File]::WriteAllBytes($index, $bytes)
        }

        { Import-RepoPackage @from } | Should -Throw -ErrorId "RepositoryIndexMismatch,$import"
        Get-Published $path | Should -Be $before
    }

    It 'is not built upon when its clock is ahead' {
        $ahead = New-Repository "$TestDrive/ahead-$Type" -Distribution $Distribution -SigningKey $key
        $script = "Import-Module '$moduleFolder/Omnibus.psd1'; Update-Repository '$TestDrive/ahead-$Type' -KeyStore '$keys'"
        $null = faketime -f '+2h' pwsh -NoProfile -NonInteractive -Command $script
        $published = Get-Published "$TestDrive/ahead-$Type"
        { Import-RepoPackage $tool $ahead } | Should -Throw -ErrorId "RepositoryClockSkew,$import"
        Get-Published "$TestDrive/ahead-$Type" | Should -Be $published
    }
}

Describe 'a yum repository' {
    It 'carries the tags that are given' {
        $repository = New-Repository "$TestDrive/tagged" -Distribution rocky-9 -SigningKey $key -ContentTag binary-x86_64 -RepositoryTag 'Example Tools' -DistributionTag 'cpe:/o:rocky:rocky:9,Rocky Linux 9'
        $tags = ([xml](Get-Content "$TestDrive/tagged/repodata/repomd.xml" -Raw)).repomd.tags
        $tags.content | Should -BeExactly 'binary-x86_64'
        $tags.repo | Should -BeExactly 'Example Tools'
        $tags.distro.cpeid | Should -BeExactly 'cpe:/o:rocky:rocky:9'
        $tags.distro.'#text' | Should -BeExactly 'Rocky Linux 9'
        Update-Repository $repository -ContentTag @()
        $tags = ([xml](Get-Content "$TestDrive/tagged/repodata/repomd.xml" -Raw)).repomd.tags
        $tags.ChildNodes.Name | Should -Be 'repo', 'distro'
        { Update-Repository $repository -Contents -ErrorAction Stop } | Should -Throw -ErrorId 'RepositoryParameterForeign,*'
    }

    It 'is not made for a distribution of debs, nor is one type with what belongs to the other' {
        { New-Repository "$TestDrive/mixed" -Type Yum -Distribution debian-12 -SigningKey $key } | Should -Throw -ErrorId 'RepositoryConfigurationInvalid,*'
        { New-Repository "$TestDrive/mixed" -Type Yum -Codename stable -SigningKey $key } | Should -Throw -ErrorId 'RepositoryParameterForeign,*'
        { New-Repository "$TestDrive/mixed" -Type Apt -Codename stable -ContentTag x -SigningKey $key } | Should -Throw -ErrorId 'RepositoryParameterForeign,*'
        Test-Path "$TestDrive/mixed/.omnibus" | Should -BeFalse
    }
}
