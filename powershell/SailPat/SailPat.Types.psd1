# The members of types that the module adds, as a part of it: Import-Module reads them at a tenth of the time that
# Update-TypeData takes.
@{
    ModuleVersion = '0.1.0'
    GUID = '0d6c1d0b-9a52-4c4f-8f0e-6a3a2f3a7a51'
    Author = 'sailpat'
    Description = 'The members of types that SailPat adds.'
    TypesToProcess = @('SailPat.Types.ps1xml')
    FunctionsToExport = @()
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
