# Rules of PSScriptAnalyzer for the tests: those of powershell/PSScriptAnalyzerSettings.psd1 without these.
@{
    ExcludeRules = @(
        # What BeforeAll sets is read in It: the rule sees two script blocks that know nothing of each other.
        'PSUseDeclaredVarsMoreThanAssignments'
        # The secrets are an emulator's.
        'PSAvoidUsingConvertToSecureStringWithPlainText'
        # A function that stands in for another takes what that takes; a parameter that an inner function reads is
        # unused to the rule.
        'PSReviewUnusedParameter'
        # What a test tries and does not mind failing: to end what has ended.
        'PSAvoidUsingEmptyCatchBlock'
        # A caller's Write-Host is what some tests look for.
        'PSAvoidUsingWriteHost'
        # A test types in place of a person: Get-Credential.
        'PSAvoidOverwritingBuiltInCmdlets'
        # Test functions support -WhatIf to hand it on, which is what is tested.
        'PSShouldProcess'
    )
}
