BeforeAll {
    . $PSScriptRoot/common.ps1
    $command = 'Omnibus.PowerShell.Commands.PublishRepositoryCommand'
    $policy = 'Omnibus.PowerShell.Commands.SetRepositoryBucketPolicyCommand'
    $repository = New-Repository -Path "$TestDrive/source" -Type Apt -Distribution debian-12 -WarningAction SilentlyContinue
    $packages = (New-Item -ItemType Directory "$TestDrive/packages").FullName
    New-TestDeb -Destination $packages -Name alpha | Import-RepoPackage -Repository $repository
    New-TestDeb -Destination $packages -Name beta -Version '2.0~rc1-1' | Import-RepoPackage -Repository $repository
}

Describe 'Publish-Repository' {
    It 'divides releases and test versions among their channels' {
        $results = Publish-Repository $repository -Destination "$TestDrive/archive" | Sort-Object Destination
        $results.Destination | Should -Be "$TestDrive/archive/debian-testing/12/amd64", "$TestDrive/archive/debian/12/amd64"
        $results.Added | Should -Be 1, 1
        (Get-RepoPackage "$TestDrive/archive/debian/12/amd64").Name | Should -Be 'alpha'
        (Get-RepoPackage "$TestDrive/archive/debian-testing/12/amd64").Name | Should -Be 'beta'
    }

    It 'takes repositories from the pipeline and publishes to the destination itself with an empty channel' {
        $result = $repository | Publish-Repository -Destination "$TestDrive/direct" -Channel ''
        $result.Added | Should -Be 2
        $again = "$TestDrive/source" | Publish-Repository -Destination "$TestDrive/direct" -Channel ''
        $again.Added, $again.Unchanged | Should -Be 0, 2
    }

    It 'takes another repository as the place itself' {
        $target = New-Repository -Path "$TestDrive/target" -Type Apt -Distribution debian-12 -WarningAction SilentlyContinue
        (Publish-Repository $repository -Destination $target).Added | Should -Be 2
        @(Get-RepoPackage $target).Count | Should -Be 2
    }

    It 'shows the whole plan with -WhatIf and sends nothing' {
        $plan = Publish-Repository $repository -Destination "$TestDrive/planned" -Channel '' -WhatIf
        $plan.Changes.Package.Name | Sort-Object | Should -Be 'alpha', 'beta'
        Test-Path "$TestDrive/planned" | Should -BeFalse
    }

    It 'takes out with -Mode Mirror what the source has no more' {
        $null = Publish-Repository $repository -Destination "$TestDrive/mirrored" -Channel ''
        $smaller = New-Repository -Path "$TestDrive/smaller" -Type Apt -Distribution debian-12 -WarningAction SilentlyContinue
        "$packages/alpha_1.2.0-1_all.deb" | Import-RepoPackage -Repository $smaller
        $result = Publish-Repository $smaller -Destination "$TestDrive/mirrored" -Channel '' -Mode Mirror
        $result.Removed, $result.Unchanged | Should -Be 1, 1
        (Get-RepoPackage "$TestDrive/mirrored").Name | Should -Be 'alpha'
    }

    It 'reports a repository that is missing, and goes on' {
        $results = "$TestDrive/nowhere", "$TestDrive/source" | Publish-Repository -Destination "$TestDrive/goes-on" -Channel '' -ErrorAction SilentlyContinue -ErrorVariable problems
        $results.Added | Should -Be 2
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "StoreNotFound,$command"
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'refuses what Omnibus did not make' {
        $null = New-Item -ItemType Directory "$TestDrive/foreign/dists/bookworm"
        Set-Content "$TestDrive/foreign/dists/bookworm/Release" 'Origin: Somebody'
        Publish-Repository $repository -Destination "$TestDrive/foreign" -Channel '' -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PublishDestinationForeign,$command"
    }

    It 'names a profile that does not exist' {
        Publish-Repository $repository -Destination s3://example-archive -ProfileName no-such-profile -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "StoreProfileUnknown,$command"
    }

    It 'lets the pipeline stop early' {
        @(Publish-Repository $repository -Destination "$TestDrive/early" | Select-Object -First 1).Count | Should -Be 1
    }

    It 'shows a table' {
        $lines = (Publish-Repository $repository -Destination "$TestDrive/shown" -Channel '' | Get-Shown -Width 160) -split '\n'
        $lines[0] -split '\s+' | Should -Be 'Destination', 'Added', 'Removed', 'Unchanged', 'Sent', 'Requests', 'Revision'
    }
}

Describe 'Set-RepositoryBucketPolicy' {
    It 'refuses what is no place in S3' {
        Set-RepositoryBucketPolicy /srv/archive -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "StoreLocationInvalid,$policy"
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'sends nothing with -WhatIf' {
        Set-RepositoryBucketPolicy s3://example-archive -EndpointUrl http://127.0.0.1:1 -WhatIf | Should -BeNullOrEmpty
    }
}
