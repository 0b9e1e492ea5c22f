@{
    ModuleVersion = '1.0.0'
    GUID = '8d7c1c1e-3f0e-4a43-9f4d-0d2a5a3f6b11'
    Description = 'An extension vault for the tests: a folder of files, that fails as its file mode says.'
    NestedModules = @('./Tries.Extension')
    FunctionsToExport = @()
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
