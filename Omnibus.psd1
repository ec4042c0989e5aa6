@{
    RootModule           = 'Omnibus.PowerShell.dll'
    NestedModules        = @('Omnibus.Loader.dll')
    ModuleVersion        = '0.1.0'
    GUID                 = '5f6f9d0b-6a5e-4c80-9a57-0b2f8f3d7c41'
    Author               = 'The Omnibus developers'
    CompanyName          = 'The Omnibus developers'
    Copyright            = '(c) The Omnibus developers. Apache-2.0.'
    Description          = 'Turns an application into native packages, packages into signed repositories, repositories into published archives, and proves them in virtual machines.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('Omnibus.Format.ps1xml')
    TypesToProcess       = @('Omnibus.Types.ps1xml')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    CmdletsToExport      = @(
        'Add-HostEntry'
        'Checkpoint-BuildVm'
        'Checkpoint-Repository'
        'Clear-PackageCache'
        'Clear-Repository'
        'Convert-BuildVmDisk'
        'ConvertTo-PackageVersion'
        'Copy-BuildVm'
        'Copy-BuildVmItem'
        'Copy-RepoPackage'
        'Copy-Repository'
        'Enter-BuildVm'
        'Export-SigningKey'
        'Get-BuildVm'
        'Get-BuildVmLog'
        'Get-OmnibusDistribution'
        'Get-OmnibusPackage'
        'Get-PackageCache'
        'Get-RepoPackage'
        'Get-Repository'
        'Get-RepositoryServer'
        'Get-SigningKey'
        'Import-RepoPackage'
        'Import-SigningKey'
        'Invoke-BuildVmCommand'
        'Move-RepoPackage'
        'New-BuildVm'
        'New-OmnibusPackage'
        'New-Repository'
        'New-RepositoryPackage'
        'New-SigningKey'
        'Publish-Repository'
        'Remove-BuildVm'
        'Remove-HostEntry'
        'Remove-RepoPackage'
        'Remove-Repository'
        'Remove-SigningKey'
        'Restart-BuildVm'
        'Restore-BuildVm'
        'Restore-Repository'
        'Save-RepoPackage'
        'Set-RepositoryBucketPolicy'
        'Start-BuildVm'
        'Start-PackageCache'
        'Start-RepositoryServer'
        'Stop-BuildVm'
        'Stop-PackageCache'
        'Stop-RepositoryServer'
        'Test-BuildVmHost'
        'Test-OmnibusPackage'
        'Test-OmnibusRecipe'
        'Test-PackageInstall'
        'Test-Repository'
        'Test-SigningKey'
        'Update-Repository'
    )
    PrivateData          = @{
        PSData = @{
            Tags       = @('Linux', 'Packaging', 'deb', 'rpm', 'apt', 'yum', 'Repository', 'S3', 'VirtualMachine')
            LicenseUri = 'https://www.apache.org/licenses/LICENSE-2.0'
        }
    }
}
