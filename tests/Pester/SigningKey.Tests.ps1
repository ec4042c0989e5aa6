BeforeAll {
    . $PSScriptRoot/common.ps1
    $store = @{ KeyStore = "$TestDrive/keys" }
    $commands = 'Omnibus.PowerShell.Commands'
    $secret = ConvertTo-SecureString 'corrëct horse' -AsPlainText -Force
    $key = New-SigningKey 'Example Packaging' packages@example.com -Algorithm Ed25519 @store
    $locked = New-SigningKey -Name Locked -Algorithm Ed25519 -Passphrase $secret -ExpiresIn 30.00:00:00 @store
}

Describe 'New-SigningKey' {
    It 'writes the key as an object, without its secret' {
        $key.Name | Should -BeExactly 'Example Packaging'
        $key.Email | Should -BeExactly 'packages@example.com'
        $key.Fingerprint | Should -Match '^[0-9A-F]{40}$'
        $key.KeyId | Should -BeExactly $key.Fingerprint.Substring(24)
        $key.Curve | Should -BeExactly 'Ed25519'
        $key.HasSecret | Should -BeTrue
        $key.Protected | Should -BeFalse
        ($key.Expires - $key.Created).TotalDays | Should -Be 730
    }

    It 'makes RSA with 4096 bits by default' {
        $rsa = New-SigningKey Rsa -NoExpiry @store
        $rsa.Algorithm, $rsa.Size, $rsa.Expires | Should -Be 'RSA', 4096, $null
        Remove-SigningKey Rsa -Confirm:$false @store
    }

    It 'takes the day of its end' {
        $day = (Get-Date).Date.AddDays(10)
        $dated = New-SigningKey Dated -Algorithm Ed25519 -Expires $day @store
        [Math]::Abs(($dated.Expires - [DateTimeOffset]$day).TotalSeconds) | Should -BeLessThan 2
        $dated | Remove-SigningKey -Confirm:$false @store
    }

    It 'keeps the secret from other users' {
        (Get-Item $store.KeyStore).UnixMode | Should -BeExactly 'drwx------'
        (Get-ChildItem "$($store.KeyStore)/*.sec.pgp").UnixMode | Select-Object -Unique | Should -BeExactly '-rw-------'
    }

    It 'writes nothing with -WhatIf' {
        New-SigningKey Nobody -WhatIf @store | Should -BeNullOrEmpty
        Get-SigningKey Nobod* @store | Should -BeNullOrEmpty
    }

    It 'refuses a second key of the same name unless forced' {
        { New-SigningKey 'Example Packaging' packages@example.com @store } |
            Should -Throw -ErrorId "SigningKeyExists,$commands.NewSigningKeyCommand"
        $second = New-SigningKey 'Example Packaging' packages@example.com -Algorithm Ed25519 -Force @store
        { Get-SigningKey 'Example Packaging' @store -ErrorAction Stop } |
            Should -Throw -ErrorId "SigningKeyAmbiguous,$commands.GetSigningKeyCommand"
        $second | Remove-SigningKey -Confirm:$false @store
    }

    It 'refuses what is no name' {
        { New-SigningKey "Two`nlines" @store } | Should -Throw -ErrorId "SigningKeyRequestInvalid,$commands.NewSigningKeyCommand"
        { New-SigningKey Past -Expires (Get-Date).AddDays(-1) @store } | Should -Throw -ErrorId "SigningKeyRequestInvalid,$commands.NewSigningKeyCommand"
    }

    It 'uses $OMNIBUS_HOME' {
        $env:OMNIBUS_HOME = "$TestDrive/home"
        try {
            $null = New-SigningKey Homely -Algorithm Ed25519
            (Get-SigningKey).Name | Should -Be 'Homely'
            "$TestDrive/home/keys" | Should -Exist
        }
        finally { $env:OMNIBUS_HOME = $null }
    }
}

Describe 'Get-SigningKey' {
    It 'lists by name and finds by wildcard, address, key ID and fingerprint' {
        (Get-SigningKey @store).Name | Should -Be 'Example Packaging', 'Locked'
        foreach ($name in 'example*', 'packages@example.com', $key.KeyId, $key.Fingerprint, ($key.Fingerprint -replace '(....)', '$1 ').Trim()) {
            (Get-SigningKey $name @store).Fingerprint | Should -BeExactly $key.Fingerprint
        }
    }

    It 'reports a missing key and goes on' {
        $found = Get-SigningKey Nobody, Locked @store -ErrorVariable problems -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'Locked'
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "SigningKeyNotFound,$commands.GetSigningKeyCommand"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'shows a table' {
        $lines = (Get-SigningKey @store | Get-Shown -Width 160) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Name', 'Email', 'Algorithm', 'Expires', 'Secret', 'Fingerprint'
        $lines[2] | Should -Match "^Example Packaging\s+packages@example\.com\s+Ed25519\s+\d{4}-\d\d-\d\d\s+yes\s+$($key.Fingerprint)$"
        $lines[3] | Should -Match '\slocked\s'
    }

    It 'completes names and fingerprints' {
        $found = Get-Completion "Get-SigningKey -KeyStore '$($store.KeyStore)' -Name Exam"
        $found.CompletionText | Should -Be "'Example Packaging'"
        (Get-Completion "Remove-SigningKey -KeyStore '$($store.KeyStore)' -Name $($key.Fingerprint.Substring(0, 6))").CompletionText | Should -Contain $key.Fingerprint
    }
}

Describe 'Export-SigningKey and Import-SigningKey' {
    It 'bring a public key from one store to another' -ForEach @{ Binary = $false }, @{ Binary = $true } {
        $file = "$TestDrive/public-$Binary"
        Export-SigningKey 'Example Packaging' $file -Binary:$Binary @store | Should -BeNullOrEmpty
        (Get-Content -LiteralPath $file -AsByteStream -TotalCount 1) -ge 0x80 | Should -Be $Binary
        $imported = Import-SigningKey $file -KeyStore "$TestDrive/other-$Binary"
        $imported.Fingerprint | Should -BeExactly $key.Fingerprint
        $imported.HasSecret | Should -BeFalse
    }

    It 'write several keys into one keyring' {
        $file = Get-SigningKey @store | Export-SigningKey -Path "$TestDrive/all.gpg" -Binary -PassThru @store
        $file | Should -BeOfType System.IO.FileInfo
        (Get-SigningKey -Path $file.FullName).Count | Should -Be 2
    }

    It 'take key objects where keys are named' {
        Export-SigningKey $key "$TestDrive/object.gpg" -Binary @store
        (Get-SigningKey -Path "$TestDrive/object.gpg").Fingerprint | Should -BeExactly $key.Fingerprint
        Test-SigningKey @($key, 'Locked') -Client apt-gpgv @store | Should -Be $true, $true
    }

    It 'bring a secret key, which gpg reads as well' {
        $file = "$TestDrive/secret.asc"
        Export-SigningKey Locked $file -Secret @store -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        (Get-Item $file).UnixMode | Should -BeExactly '-rw-------'
        $imported = Import-SigningKey $file -KeyStore "$TestDrive/secrets"
        $imported.HasSecret, $imported.Protected | Should -Be $true, $true
        (gpg --batch --show-keys --with-colons $file 2>&1) -match '^sec:' | Should -Not -BeNullOrEmpty
    }

    It 'warn of a secret without passphrase' {
        Export-SigningKey 'Example Packaging' "$TestDrive/bare.asc" -Secret @store -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 1
    }

    It 'do not overwrite unless forced' {
        $file = "$TestDrive/taken"
        Set-Content $file 'mine'
        { Export-SigningKey Locked $file @store } | Should -Throw -ErrorId "FileExists,$commands.ExportSigningKeyCommand"
        Get-Content $file | Should -BeExactly 'mine'
        Export-SigningKey Locked $file -Force @store
        Get-Content $file | Select-Object -First 1 | Should -BeExactly '-----BEGIN PGP PUBLIC KEY BLOCK-----'
    }

    It 'say that a secret is not there' {
        Export-SigningKey 'Example Packaging' "$TestDrive/none" -Secret -KeyStore "$TestDrive/other-True" -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "SigningKeySecretMissing,$commands.ExportSigningKeyCommand"
        "$TestDrive/none" | Should -Not -Exist
    }

    It 'refuse broken files and go on with the next' {
        Set-Content "$TestDrive/broken.asc" "-----BEGIN PGP PUBLIC KEY BLOCK-----`n`nxx"
        $imported = Import-SigningKey "$TestDrive/broken.asc", "$TestDrive/public-True" -KeyStore "$TestDrive/third" -ErrorVariable problems -ErrorAction SilentlyContinue
        $imported.Fingerprint | Should -BeExactly $key.Fingerprint
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "ArmorInvalid,$commands.ImportSigningKeyCommand"
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidData'
    }

    It 'write nothing with -WhatIf' {
        Export-SigningKey Locked "$TestDrive/whatif" -WhatIf @store
        "$TestDrive/whatif" | Should -Not -Exist
        Import-SigningKey "$TestDrive/public-True" -KeyStore "$TestDrive/whatif" -WhatIf
        "$TestDrive/whatif" | Should -Not -Exist
    }
}

Describe 'Test-SigningKey' {
    It 'writes one value a key' {
        Test-SigningKey 'Example*', Locked -Client apt-sqv, apt-gpgv @store | Should -Be $true, $true
        $key | Test-SigningKey -Client rpm-el7 | Should -BeFalse
    }

    It 'writes findings with -Detailed' {
        $finding = $key | Test-SigningKey -Distribution rocky-8 -Detailed | Where-Object Severity -eq Error
        $finding.Client, $finding.Id | Should -Be 'rpm-el8', 'KeyAlgorithmRefused'
        $finding.Advice | Should -Not -BeNullOrEmpty
        $lines = ($finding | Get-Shown -Width 200) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Client', 'Severity', 'Id', 'RefusedFrom', 'Message'
    }

    It 'warns of an end in sight and judges at any date' {
        $finding = $locked | Test-SigningKey -Client apt-sqv -Detailed
        $finding.Severity, $finding.Id, $finding.RefusedFrom | Should -Be 'Warning', 'KeyExpired', $locked.Expires
        $locked | Test-SigningKey -Client apt-sqv -Date $locked.Expires.AddDays(1) | Should -BeFalse
    }

    It 'refuses unknown clients and distributions' {
        { $key | Test-SigningKey -Client apt-get } | Should -Throw -ErrorId "PolicyClientUnknown,$commands.TestSigningKeyCommand"
        { $key | Test-SigningKey -Distribution plan-9 } | Should -Throw -ErrorId "PolicyClientUnknown,$commands.TestSigningKeyCommand"
        (Get-Completion 'Test-SigningKey x -Client rpm-').CompletionText | Should -Contain 'rpm-el9'
    }
}

Describe 'Remove-SigningKey' {
    It 'removes nothing with -WhatIf, and everything without a question when told so' {
        $gone = New-SigningKey Gone -Algorithm Ed25519 @store
        Remove-SigningKey Gone -WhatIf @store
        (Get-SigningKey Gone @store).Fingerprint | Should -BeExactly $gone.Fingerprint
        Remove-SigningKey Gone -Confirm:$false @store
        Get-SigningKey Gone* @store | Should -BeNullOrEmpty
        Get-ChildItem "$($store.KeyStore)/$($gone.Fingerprint)*" | Should -BeNullOrEmpty
    }

    It 'asks by default' {
        ([System.Management.Automation.CmdletAttribute](Get-Command Remove-SigningKey).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0]).ConfirmImpact |
            Should -Be 'High'
    }
}
