# All names of the commands in Public that have several, or whose name says which model it makes, and the version of
# each that has one. Written by update-names.ps1 from the tables of versions and models.

$script:VersionOf = @{
    'New-V2024PersonalAccessToken' = $script:ApiVersions[0]
    'Get-V2024PersonalAccessTokens' = $script:ApiVersions[0]
    'Get-V2024PersonalAccessToken' = $script:ApiVersions[0]
    'Update-V2024PersonalAccessToken' = $script:ApiVersions[0]
    'Remove-V2024PersonalAccessToken' = $script:ApiVersions[0]
    'New-V2025PersonalAccessToken' = $script:ApiVersions[1]
    'Get-V2025PersonalAccessTokens' = $script:ApiVersions[1]
    'Get-V2025PersonalAccessToken' = $script:ApiVersions[1]
    'Update-V2025PersonalAccessToken' = $script:ApiVersions[1]
    'Remove-V2025PersonalAccessToken' = $script:ApiVersions[1]
    'New-V2026PersonalAccessToken' = $script:ApiVersions[2]
    'Get-V2026PersonalAccessTokens' = $script:ApiVersions[2]
    'Get-V2026PersonalAccessToken' = $script:ApiVersions[2]
    'Update-V2026PersonalAccessToken' = $script:ApiVersions[2]
    'Remove-V2026PersonalAccessToken' = $script:ApiVersions[2]
    'New-BetaPersonalAccessToken' = $script:ApiVersions[3]
    'Get-BetaPersonalAccessTokens' = $script:ApiVersions[3]
    'Get-BetaPersonalAccessToken' = $script:ApiVersions[3]
    'Update-BetaPersonalAccessToken' = $script:ApiVersions[3]
    'Remove-BetaPersonalAccessToken' = $script:ApiVersions[3]
    'New-PersonalAccessToken' = $script:ApiVersions[4]
    'Get-PersonalAccessTokens' = $script:ApiVersions[4]
    'Get-PersonalAccessToken' = $script:ApiVersions[4]
    'Update-PersonalAccessToken' = $script:ApiVersions[4]
    'Remove-PersonalAccessToken' = $script:ApiVersions[4]
    'New-PersonalAccessTokenV1' = $script:ApiVersions[5]
    'Get-PersonalAccessTokensV1' = $script:ApiVersions[5]
    'Get-PersonalAccessTokenV1' = $script:ApiVersions[5]
    'Update-PersonalAccessTokenV1' = $script:ApiVersions[5]
    'Remove-PersonalAccessTokenV1' = $script:ApiVersions[5]
}

# Each a script block of its own, by which it knows what it is; they share what is compiled. Into the scope of this
# module: a plain function: would write into a function of the session that has the name, such as PSSailpoint's.
# Line by line: PowerShell compiles what a loop does anew once it has run for a while, which takes longer than this.
$module = $ExecutionContext.SessionState.Module

$body = ${function:New-V2024PersonalAccessToken}
${function:script:New-V2024PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'New-V2024PersonalAccessToken'
${function:script:New-V2025PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'New-V2025PersonalAccessToken'
${function:script:New-V2026PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'New-V2026PersonalAccessToken'
${function:script:New-BetaPersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'New-BetaPersonalAccessToken'
${function:script:New-PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'New-PersonalAccessToken'
${function:script:New-PersonalAccessTokenV1} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'New-PersonalAccessTokenV1'

$body = ${function:Get-V2024PersonalAccessTokens}
${function:script:Get-V2024PersonalAccessTokens} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-V2024PersonalAccessTokens'
${function:script:Get-V2025PersonalAccessTokens} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-V2025PersonalAccessTokens'
${function:script:Get-V2026PersonalAccessTokens} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-V2026PersonalAccessTokens'
${function:script:Get-BetaPersonalAccessTokens} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-BetaPersonalAccessTokens'
${function:script:Get-PersonalAccessTokens} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-PersonalAccessTokens'
${function:script:Get-PersonalAccessTokensV1} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-PersonalAccessTokensV1'

$body = ${function:Get-V2024PersonalAccessToken}
${function:script:Get-V2024PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-V2024PersonalAccessToken'
${function:script:Get-V2025PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-V2025PersonalAccessToken'
${function:script:Get-V2026PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-V2026PersonalAccessToken'
${function:script:Get-BetaPersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-BetaPersonalAccessToken'
${function:script:Get-PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-PersonalAccessToken'
${function:script:Get-PersonalAccessTokenV1} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Get-PersonalAccessTokenV1'

$body = ${function:Update-V2024PersonalAccessToken}
${function:script:Update-V2024PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Update-V2024PersonalAccessToken'
${function:script:Update-V2025PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Update-V2025PersonalAccessToken'
${function:script:Update-V2026PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Update-V2026PersonalAccessToken'
${function:script:Update-BetaPersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Update-BetaPersonalAccessToken'
${function:script:Update-PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Update-PersonalAccessToken'
${function:script:Update-PersonalAccessTokenV1} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Update-PersonalAccessTokenV1'

$body = ${function:Remove-V2024PersonalAccessToken}
${function:script:Remove-V2024PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Remove-V2024PersonalAccessToken'
${function:script:Remove-V2025PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Remove-V2025PersonalAccessToken'
${function:script:Remove-V2026PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Remove-V2026PersonalAccessToken'
${function:script:Remove-BetaPersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Remove-BetaPersonalAccessToken'
${function:script:Remove-PersonalAccessToken} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Remove-PersonalAccessToken'
${function:script:Remove-PersonalAccessTokenV1} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Remove-PersonalAccessTokenV1'

$body = ${function:Initialize-V2024CreatePersonalAccessTokenRequest}
${function:script:Initialize-V2024CreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024CreatePersonalAccessTokenRequest'
${function:script:Initialize-BetaCreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaCreatePersonalAccessTokenRequest'

$body = ${function:ConvertFrom-V2024JsonToPersonalAccessTokenModel}
${function:script:ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest'
${function:script:ConvertFrom-V2024JsonToCreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToCreatePersonalAccessTokenResponse'
${function:script:ConvertFrom-V2024JsonToGetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToGetPersonalAccessTokenResponse'
${function:script:ConvertFrom-V2024JsonToJsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToJsonPatchOperation'
${function:script:ConvertFrom-V2024JsonToPatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToPatOwner'
${function:script:ConvertFrom-V2024JsonToErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToErrorResponseDto'
${function:script:ConvertFrom-V2024JsonToErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToErrorMessageDto'
${function:script:ConvertFrom-V2024JsonToListAccessProfiles401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToListAccessProfiles401Response'
${function:script:ConvertFrom-V2024JsonToListAccessProfiles429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2024JsonToListAccessProfiles429Response'
${function:script:ConvertFrom-V2025JsonToCreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToCreatePersonalAccessTokenRequest'
${function:script:ConvertFrom-V2025JsonToCreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToCreatePersonalAccessTokenResponse'
${function:script:ConvertFrom-V2025JsonToGetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToGetPersonalAccessTokenResponse'
${function:script:ConvertFrom-V2025JsonToJsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToJsonPatchOperation'
${function:script:ConvertFrom-V2025JsonToPatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToPatOwner'
${function:script:ConvertFrom-V2025JsonToErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToErrorResponseDto'
${function:script:ConvertFrom-V2025JsonToErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToErrorMessageDto'
${function:script:ConvertFrom-V2025JsonToListAccessProfiles401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToListAccessProfiles401Response'
${function:script:ConvertFrom-V2025JsonToListAccessProfiles429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2025JsonToListAccessProfiles429Response'
${function:script:ConvertFrom-V2026JsonToCreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToCreatePersonalAccessTokenRequest'
${function:script:ConvertFrom-V2026JsonToCreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToCreatePersonalAccessTokenResponse'
${function:script:ConvertFrom-V2026JsonToGetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToGetPersonalAccessTokenResponse'
${function:script:ConvertFrom-V2026JsonToJsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToJsonPatchOperation'
${function:script:ConvertFrom-V2026JsonToPatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToPatOwner'
${function:script:ConvertFrom-V2026JsonToErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToErrorResponseDto'
${function:script:ConvertFrom-V2026JsonToErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToErrorMessageDto'
${function:script:ConvertFrom-V2026JsonToGetAccessRequestConfig401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToGetAccessRequestConfig401Response'
${function:script:ConvertFrom-V2026JsonToGetAccessRequestConfig429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-V2026JsonToGetAccessRequestConfig429Response'
${function:script:ConvertFrom-BetaJsonToCreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToCreatePersonalAccessTokenRequest'
${function:script:ConvertFrom-BetaJsonToCreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToCreatePersonalAccessTokenResponse'
${function:script:ConvertFrom-BetaJsonToGetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToGetPersonalAccessTokenResponse'
${function:script:ConvertFrom-BetaJsonToJsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToJsonPatchOperation'
${function:script:ConvertFrom-BetaJsonToPatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToPatOwner'
${function:script:ConvertFrom-BetaJsonToErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToErrorResponseDto'
${function:script:ConvertFrom-BetaJsonToErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToErrorMessageDto'
${function:script:ConvertFrom-BetaJsonToListAccessModelMetadataAttribute401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToListAccessModelMetadataAttribute401Response'
${function:script:ConvertFrom-BetaJsonToListAccessModelMetadataAttribute429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-BetaJsonToListAccessModelMetadataAttribute429Response'
${function:script:ConvertFrom-JsonToCreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToCreatePersonalAccessTokenRequest'
${function:script:ConvertFrom-JsonToCreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToCreatePersonalAccessTokenResponse'
${function:script:ConvertFrom-JsonToGetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToGetPersonalAccessTokenResponse'
${function:script:ConvertFrom-JsonToJsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToJsonPatchOperation'
${function:script:ConvertFrom-JsonToPatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToPatOwner'
${function:script:ConvertFrom-JsonToErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToErrorResponseDto'
${function:script:ConvertFrom-JsonToErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToErrorMessageDto'
${function:script:ConvertFrom-JsonToListAccessProfiles401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToListAccessProfiles401Response'
${function:script:ConvertFrom-JsonToListAccessProfiles429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToListAccessProfiles429Response'
${function:script:ConvertFrom-JsonToListPersonalAccessTokensV1401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToListPersonalAccessTokensV1401Response'
${function:script:ConvertFrom-JsonToListPersonalAccessTokensV1429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'ConvertFrom-JsonToListPersonalAccessTokensV1429Response'

$body = ${function:Initialize-V2024CreatePersonalAccessTokenResponse}
${function:script:Initialize-V2024CreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024CreatePersonalAccessTokenResponse'
${function:script:Initialize-V2025CreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025CreatePersonalAccessTokenResponse'
${function:script:Initialize-V2026CreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026CreatePersonalAccessTokenResponse'
${function:script:Initialize-BetaCreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaCreatePersonalAccessTokenResponse'
${function:script:Initialize-CreatePersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-CreatePersonalAccessTokenResponse'

$body = ${function:Initialize-V2024GetPersonalAccessTokenResponse}
${function:script:Initialize-V2024GetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024GetPersonalAccessTokenResponse'
${function:script:Initialize-BetaGetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaGetPersonalAccessTokenResponse'

$body = ${function:Initialize-V2024JsonPatchOperation}
${function:script:Initialize-V2024JsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024JsonPatchOperation'
${function:script:Initialize-V2025JsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025JsonPatchOperation'
${function:script:Initialize-V2026JsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026JsonPatchOperation'
${function:script:Initialize-BetaJsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaJsonPatchOperation'
${function:script:Initialize-JsonPatchOperation} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-JsonPatchOperation'

$body = ${function:Initialize-V2024PatOwner}
${function:script:Initialize-V2024PatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024PatOwner'
${function:script:Initialize-V2025PatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025PatOwner'
${function:script:Initialize-V2026PatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026PatOwner'
${function:script:Initialize-BetaPatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaPatOwner'
${function:script:Initialize-PatOwner} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-PatOwner'

$body = ${function:Initialize-V2024ErrorResponseDto}
${function:script:Initialize-V2024ErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024ErrorResponseDto'
${function:script:Initialize-V2025ErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025ErrorResponseDto'
${function:script:Initialize-V2026ErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026ErrorResponseDto'
${function:script:Initialize-BetaErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaErrorResponseDto'
${function:script:Initialize-ErrorResponseDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-ErrorResponseDto'

$body = ${function:Initialize-V2024ErrorMessageDto}
${function:script:Initialize-V2024ErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024ErrorMessageDto'
${function:script:Initialize-V2025ErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025ErrorMessageDto'
${function:script:Initialize-V2026ErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026ErrorMessageDto'
${function:script:Initialize-BetaErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaErrorMessageDto'
${function:script:Initialize-ErrorMessageDto} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-ErrorMessageDto'

$body = ${function:Initialize-V2024ListAccessProfiles401Response}
${function:script:Initialize-V2024ListAccessProfiles401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024ListAccessProfiles401Response'
${function:script:Initialize-V2025ListAccessProfiles401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025ListAccessProfiles401Response'
${function:script:Initialize-V2026GetAccessRequestConfig401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026GetAccessRequestConfig401Response'
${function:script:Initialize-BetaListAccessModelMetadataAttribute401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaListAccessModelMetadataAttribute401Response'
${function:script:Initialize-ListAccessProfiles401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-ListAccessProfiles401Response'
${function:script:Initialize-ListPersonalAccessTokensV1401Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-ListPersonalAccessTokensV1401Response'

$body = ${function:Initialize-V2024ListAccessProfiles429Response}
${function:script:Initialize-V2024ListAccessProfiles429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2024ListAccessProfiles429Response'
${function:script:Initialize-V2025ListAccessProfiles429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025ListAccessProfiles429Response'
${function:script:Initialize-V2026GetAccessRequestConfig429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026GetAccessRequestConfig429Response'
${function:script:Initialize-BetaListAccessModelMetadataAttribute429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-BetaListAccessModelMetadataAttribute429Response'
${function:script:Initialize-ListAccessProfiles429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-ListAccessProfiles429Response'
${function:script:Initialize-ListPersonalAccessTokensV1429Response} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-ListPersonalAccessTokensV1429Response'

$body = ${function:Initialize-V2025CreatePersonalAccessTokenRequest}
${function:script:Initialize-V2025CreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025CreatePersonalAccessTokenRequest'
${function:script:Initialize-V2026CreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026CreatePersonalAccessTokenRequest'
${function:script:Initialize-CreatePersonalAccessTokenRequest} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-CreatePersonalAccessTokenRequest'

$body = ${function:Initialize-V2025GetPersonalAccessTokenResponse}
${function:script:Initialize-V2025GetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2025GetPersonalAccessTokenResponse'
${function:script:Initialize-V2026GetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-V2026GetPersonalAccessTokenResponse'
${function:script:Initialize-GetPersonalAccessTokenResponse} = $own = $module.NewBoundScriptBlock($body)
$script:NameOf[$own] = 'Initialize-GetPersonalAccessTokenResponse'
