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
        'Clear-PackageCache'
        'Convert-BuildVmDisk'
        'ConvertTo-PackageVersion'
        'Copy-BuildVm'
        'Copy-BuildVmItem'
        'Enter-BuildVm'
        'Export-SigningKey'
        'Get-BuildVm'
        'Get-BuildVmLog'
        'Get-OmnibusDistribution'
        'Get-OmnibusPackage'
        'Get-PackageCache'
        'Get-RepositoryServer'
        'Get-SigningKey'
        'Import-SigningKey'
        'Invoke-BuildVmCommand'
        'New-BuildVm'
        'New-OmnibusPackage'
        'New-SigningKey'
        'Remove-BuildVm'
        'Remove-HostEntry'
        'Remove-SigningKey'
        'Restart-BuildVm'
        'Restore-BuildVm'
        'Start-BuildVm'
        'Start-PackageCache'
        'Start-RepositoryServer'
        'Stop-BuildVm'
        'Stop-PackageCache'
        'Stop-RepositoryServer'
        'Test-BuildVmHost'
        'Test-OmnibusRecipe'
        'Test-SigningKey'
    )
    PrivateData          = @{
        PSData = @{
            Tags       = @('Linux', 'Packaging', 'deb', 'rpm', 'apt', 'yum', 'Repository', 'S3', 'VirtualMachine')
            LicenseUri = 'https://www.apache.org/licenses/LICENSE-2.0'
        }
    }
}
