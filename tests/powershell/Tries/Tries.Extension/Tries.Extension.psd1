@{
    ModuleVersion = '1.0.0'
    GUID = '2b3dc2ad-5d64-4f5f-8a4f-6f7f8b1c7b54'
    RootModule = 'Tries.Extension.psm1'
    FunctionsToExport = 'Set-Secret', 'Get-Secret', 'Get-SecretInfo', 'Remove-Secret', 'Test-SecretVault'
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
