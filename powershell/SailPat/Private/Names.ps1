# All names of the commands in Public that have several, or whose name says which model it makes. Written by
# update-names.ps1 from the tables of versions and models.

$names = @{
    'New-V2024PersonalAccessToken' = @(
        'New-V2024PersonalAccessToken'
        'New-V2025PersonalAccessToken'
        'New-V2026PersonalAccessToken'
        'New-BetaPersonalAccessToken'
        'New-PersonalAccessToken'
        'New-PersonalAccessTokenV1'
    )
    'Get-V2024PersonalAccessTokens' = @(
        'Get-V2024PersonalAccessTokens'
        'Get-V2025PersonalAccessTokens'
        'Get-V2026PersonalAccessTokens'
        'Get-BetaPersonalAccessTokens'
        'Get-PersonalAccessTokens'
        'Get-PersonalAccessTokensV1'
    )
    'Get-V2024PersonalAccessToken' = @(
        'Get-V2024PersonalAccessToken'
        'Get-V2025PersonalAccessToken'
        'Get-V2026PersonalAccessToken'
        'Get-BetaPersonalAccessToken'
        'Get-PersonalAccessToken'
        'Get-PersonalAccessTokenV1'
    )
    'Update-V2024PersonalAccessToken' = @(
        'Update-V2024PersonalAccessToken'
        'Update-V2025PersonalAccessToken'
        'Update-V2026PersonalAccessToken'
        'Update-BetaPersonalAccessToken'
        'Update-PersonalAccessToken'
        'Update-PersonalAccessTokenV1'
    )
    'Remove-V2024PersonalAccessToken' = @(
        'Remove-V2024PersonalAccessToken'
        'Remove-V2025PersonalAccessToken'
        'Remove-V2026PersonalAccessToken'
        'Remove-BetaPersonalAccessToken'
        'Remove-PersonalAccessToken'
        'Remove-PersonalAccessTokenV1'
    )
    'Initialize-V2024CreatePersonalAccessTokenRequest' = @(
        'Initialize-V2024CreatePersonalAccessTokenRequest'
        'Initialize-BetaCreatePersonalAccessTokenRequest'
    )
    'ConvertFrom-V2024JsonToPersonalAccessTokenModel' = @(
        'ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest'
        'ConvertFrom-V2024JsonToCreatePersonalAccessTokenResponse'
        'ConvertFrom-V2024JsonToGetPersonalAccessTokenResponse'
        'ConvertFrom-V2024JsonToJsonPatchOperation'
        'ConvertFrom-V2024JsonToPatOwner'
        'ConvertFrom-V2024JsonToErrorResponseDto'
        'ConvertFrom-V2024JsonToErrorMessageDto'
        'ConvertFrom-V2024JsonToListAccessProfiles401Response'
        'ConvertFrom-V2024JsonToListAccessProfiles429Response'
        'ConvertFrom-V2025JsonToCreatePersonalAccessTokenRequest'
        'ConvertFrom-V2025JsonToCreatePersonalAccessTokenResponse'
        'ConvertFrom-V2025JsonToGetPersonalAccessTokenResponse'
        'ConvertFrom-V2025JsonToJsonPatchOperation'
        'ConvertFrom-V2025JsonToPatOwner'
        'ConvertFrom-V2025JsonToErrorResponseDto'
        'ConvertFrom-V2025JsonToErrorMessageDto'
        'ConvertFrom-V2025JsonToListAccessProfiles401Response'
        'ConvertFrom-V2025JsonToListAccessProfiles429Response'
        'ConvertFrom-V2026JsonToCreatePersonalAccessTokenRequest'
        'ConvertFrom-V2026JsonToCreatePersonalAccessTokenResponse'
        'ConvertFrom-V2026JsonToGetPersonalAccessTokenResponse'
        'ConvertFrom-V2026JsonToJsonPatchOperation'
        'ConvertFrom-V2026JsonToPatOwner'
        'ConvertFrom-V2026JsonToErrorResponseDto'
        'ConvertFrom-V2026JsonToErrorMessageDto'
        'ConvertFrom-V2026JsonToGetAccessRequestConfig401Response'
        'ConvertFrom-V2026JsonToGetAccessRequestConfig429Response'
        'ConvertFrom-BetaJsonToCreatePersonalAccessTokenRequest'
        'ConvertFrom-BetaJsonToCreatePersonalAccessTokenResponse'
        'ConvertFrom-BetaJsonToGetPersonalAccessTokenResponse'
        'ConvertFrom-BetaJsonToJsonPatchOperation'
        'ConvertFrom-BetaJsonToPatOwner'
        'ConvertFrom-BetaJsonToErrorResponseDto'
        'ConvertFrom-BetaJsonToErrorMessageDto'
        'ConvertFrom-BetaJsonToListAccessModelMetadataAttribute401Response'
        'ConvertFrom-BetaJsonToListAccessModelMetadataAttribute429Response'
        'ConvertFrom-JsonToCreatePersonalAccessTokenRequest'
        'ConvertFrom-JsonToCreatePersonalAccessTokenResponse'
        'ConvertFrom-JsonToGetPersonalAccessTokenResponse'
        'ConvertFrom-JsonToJsonPatchOperation'
        'ConvertFrom-JsonToPatOwner'
        'ConvertFrom-JsonToErrorResponseDto'
        'ConvertFrom-JsonToErrorMessageDto'
        'ConvertFrom-JsonToListAccessProfiles401Response'
        'ConvertFrom-JsonToListAccessProfiles429Response'
        'ConvertFrom-JsonToListPersonalAccessTokensV1401Response'
        'ConvertFrom-JsonToListPersonalAccessTokensV1429Response'
    )
    'Initialize-V2024CreatePersonalAccessTokenResponse' = @(
        'Initialize-V2024CreatePersonalAccessTokenResponse'
        'Initialize-V2025CreatePersonalAccessTokenResponse'
        'Initialize-V2026CreatePersonalAccessTokenResponse'
        'Initialize-BetaCreatePersonalAccessTokenResponse'
        'Initialize-CreatePersonalAccessTokenResponse'
    )
    'Initialize-V2024GetPersonalAccessTokenResponse' = @(
        'Initialize-V2024GetPersonalAccessTokenResponse'
        'Initialize-BetaGetPersonalAccessTokenResponse'
    )
    'Initialize-V2024JsonPatchOperation' = @(
        'Initialize-V2024JsonPatchOperation'
        'Initialize-V2025JsonPatchOperation'
        'Initialize-V2026JsonPatchOperation'
        'Initialize-BetaJsonPatchOperation'
        'Initialize-JsonPatchOperation'
    )
    'Initialize-V2024PatOwner' = @(
        'Initialize-V2024PatOwner'
        'Initialize-V2025PatOwner'
        'Initialize-V2026PatOwner'
        'Initialize-BetaPatOwner'
        'Initialize-PatOwner'
    )
    'Initialize-V2024ErrorResponseDto' = @(
        'Initialize-V2024ErrorResponseDto'
        'Initialize-V2025ErrorResponseDto'
        'Initialize-V2026ErrorResponseDto'
        'Initialize-BetaErrorResponseDto'
        'Initialize-ErrorResponseDto'
    )
    'Initialize-V2024ErrorMessageDto' = @(
        'Initialize-V2024ErrorMessageDto'
        'Initialize-V2025ErrorMessageDto'
        'Initialize-V2026ErrorMessageDto'
        'Initialize-BetaErrorMessageDto'
        'Initialize-ErrorMessageDto'
    )
    'Initialize-V2024ListAccessProfiles401Response' = @(
        'Initialize-V2024ListAccessProfiles401Response'
        'Initialize-V2025ListAccessProfiles401Response'
        'Initialize-V2026GetAccessRequestConfig401Response'
        'Initialize-BetaListAccessModelMetadataAttribute401Response'
        'Initialize-ListAccessProfiles401Response'
        'Initialize-ListPersonalAccessTokensV1401Response'
    )
    'Initialize-V2024ListAccessProfiles429Response' = @(
        'Initialize-V2024ListAccessProfiles429Response'
        'Initialize-V2025ListAccessProfiles429Response'
        'Initialize-V2026GetAccessRequestConfig429Response'
        'Initialize-BetaListAccessModelMetadataAttribute429Response'
        'Initialize-ListAccessProfiles429Response'
        'Initialize-ListPersonalAccessTokensV1429Response'
    )
    'Initialize-V2025CreatePersonalAccessTokenRequest' = @(
        'Initialize-V2025CreatePersonalAccessTokenRequest'
        'Initialize-V2026CreatePersonalAccessTokenRequest'
        'Initialize-CreatePersonalAccessTokenRequest'
    )
    'Initialize-V2025GetPersonalAccessTokenResponse' = @(
        'Initialize-V2025GetPersonalAccessTokenResponse'
        'Initialize-V2026GetPersonalAccessTokenResponse'
        'Initialize-GetPersonalAccessTokenResponse'
    )
}

# Each a script block of its own, by which it knows what it is; they share what is compiled. Into the scope of this
# module: a plain function: would write into a function of the session that has the name, such as PSSailpoint's.
foreach ($source in $names.Keys) {
    $body = $ExecutionContext.InvokeProvider.Item.Get("function:$source").ScriptBlock
    foreach ($name in $names[$source]) {
        $own = $ExecutionContext.SessionState.Module.NewBoundScriptBlock($body)
        [CommandName]::Own[$own] = $name
        [void]$ExecutionContext.InvokeProvider.Item.Set("function:script:$name", $own)
    }
}
