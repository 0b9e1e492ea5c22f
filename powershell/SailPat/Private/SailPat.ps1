using namespace System.Collections
using namespace System.Collections.Generic
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

# What the module's own commands make of their parameters and replies: a patch, a secure secret, a line of the change log.

# The JSON Patch that Set-SailPat sends.
function Get-SailPatPatch($Cmdlet, $Version, [string]$Id, $Given) {
    if ($Given.ContainsKey('Name')) { @{ op = 'replace'; path = '/name'; value = $Given.Name } }
    if ($Given.ContainsKey('Scope') -or $Given.ContainsKey('AddScope') -or $Given.ContainsKey('RemoveScope')) {
        $scope = if ($Given.ContainsKey('Scope')) { $Given.Scope }
        else { (Invoke-Operation $Cmdlet $Version 'get' ([RequestText]::Id($Id)) $Id).data.scope }
        $removed = [HashSet[string]]::new([string[]]@($Given['RemoveScope']), [StringComparer]::OrdinalIgnoreCase)
        $seen = [HashSet[string]]::new([StringComparer]::Ordinal)
        $scope = @(@($scope) + @($Given['AddScope']) | Where-Object { $_ -and -not $removed.Contains($_) -and $seen.Add($_) })
        if ($scope.Count -eq 0) {
            throw (New-LocalError 'invalid_request' 'No scope would be left; remove the token instead.' 'InvalidArgument' $null $Id)
        }
        @{ op = 'replace'; path = '/scope'; value = $scope }
    }
    $expiry = Get-Expiry $Given
    if ($null -eq $expiry -and -not $Given['NeverExpires']) { return }
    if (-not $Version.NeverExpires) {
        throw (New-LocalError 'invalid_request' "API version $($Version.Name) cannot change when a token expires." 'InvalidArgument' `
            'Add -ApiVersion v2025, or a later one.' $Id)
    }
    if ($Given['NeverExpires']) { @{ op = 'replace'; path = '/userAwareTokenNeverExpires'; value = $true } }
    @{ op = 'replace'; path = '/expirationDate'; value = $expiry }
}

# Before a pair is made that a vault shall keep: is there a vault to keep it in?
function Assert-SecretStore {
    if ($null -ne (Get-Command Set-Secret -ErrorAction Ignore) -and $null -ne (Get-Command Get-Secret -ErrorAction Ignore)) {
        if ($null -eq (Get-Command Get-SecretVault -ErrorAction Ignore) -or @(Get-SecretVault).Count) { return }
        throw (New-LocalError 'secret_store_missing' '-SecretName needs a vault, and none is registered here. Nothing was changed.' `
            'ObjectNotFound' `
                ('Register one with Register-SecretVault -DefaultVault, for instance -Name Local -ModuleName ' +
                'Microsoft.PowerShell.SecretStore; or leave -SecretName out.'))
    }
    throw (New-LocalError 'secret_store_missing' `
        '-SecretName needs the module Microsoft.PowerShell.SecretManagement, which is not installed here. Nothing was changed.' `
        'NotInstalled' `
            'Install Microsoft.PowerShell.SecretManagement and a vault, or leave -SecretName out.')
}

# The reply to a create with its secret as a secure string.
function Copy-WithSecureSecret($Token) {
    # An odd reply has its fields as note properties.
    if ($null -eq $Token.GetType().GetProperty('secret')) {
        $Token.secret = [SecretText]::Secure($Token.secret)
        return $Token
    }
    $fields = [SentReply]::FieldsOf($Token)
    $fields['secret'] = [SecretText]::Secure($Token.secret)
    [SentReply]::Record($fields, $Token.GetType(), [SentReply]::ApartOf($Token, $fields))
}

# A line of the change log.
function New-ChangeRecord($Change) {
    $record = [pscustomobject]@{
        PSTypeName = 'SailPat.Change'
        Time = [datetime]::Parse($Change.time, [cultureinfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::AdjustToUniversal)
        ClientId = $Change.clientId; BaseUrl = $Change.baseUrl; Operation = $Change.operation
        Id = $Change.id; Name = $Change.name; Result = $Change.result; Status = $Change.status
        Rotation = if ($Change.PSObject.Properties['rotation']) { $Change.rotation }
    }
    $record.PSObject.TypeNames.Insert(1, 'SailPat.Record')
    $record
}
