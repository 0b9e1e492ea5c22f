# Rules of PSScriptAnalyzer for every script of the project: all of them but these, each with its reason. Scripts in
# tests/powershell follow tests/powershell/PSScriptAnalyzerSettings.psd1 beside this. Rules of our own stand in
# analyzer/. `cargo xtask test --only analyzer` runs them.
@{
    Severity = @('Error', 'Warning', 'Information')
    ExcludeRules = @(
        # Most functions called New-, Set- or Start- make a value or change one of this process: New-LocalError,
        # New-JsonOptions. That public commands ask before they change a tenant is held by Module.Tests.ps1.
        'PSUseShouldProcessForStateChangingFunctions'
        # Documented names are plural (Get-V2024PersonalAccessTokens), and a private function that gives several says so.
        'PSUseSingularNouns'
        # Private functions are called by position on purpose: a secret's holder comes first in each.
        'PSAvoidUsingPositionalParameters'
        # PowerShell 7 reads UTF-8; a mark in front would break `#!` lines and shows up in diffs.
        'PSUseBOMForUnicodeEncodedFile'
        # -Profile is a parameter's public name. Nothing here reads the automatic variable of that name.
        'PSAvoidAssignmentToAutomaticVariable'
        # It takes the methods of a class for functions: [Caller]::Begin can be called by this name alone.
        'PSAvoidReservedWordsAsFunctionNames'
    )
}
