# The one table of the native library's operations. What a row leaves out is as the ordinary row says, and an operation
# that is ordinary in everything needs none: it has its name from the call.

$script:OrdinaryOperation = @{
    # Classes of the envelope: [usual, with userAwareTokenNeverExpires].
    Reply = [AnyReply], [AnyReply]
    # Whether it changes nothing, so that lines for people can come while it is under way.
    Reads = $false
    # What progress says that it does, in place of its name.
    Activity = $null
    # The method of the request that an error of it is about, and whether the address of that ends with an id.
    Method = $null
    HasId = $false
    # What the native library calls it, in place of its name.
    Native = $null
}

$script:Operations = @{
    create = @{ Method = 'Post'; Reply = [CreatedReply], [CreatedReply] }
    list = @{ Method = 'Get'; Reply = [TokensReply], [TokensReplyV2025]; Reads = $true }
    get = @{ Method = 'Get'; Reply = [TokenReply], [TokenReplyV2025]; Reads = $true }
    update = @{ Method = 'Patch'; HasId = $true; Reply = [TokenReply], [TokenReplyV2025] }
    delete = @{ Method = 'Delete'; HasId = $true }
    bearer = @{ Reads = $true }
    settings = @{ Reads = $true }
    doctor = @{ Reads = $true; Activity = 'checking the connection' }
    profiles = @{ Reads = $true }
    change_log = @{ Reads = $true }
    # A create whose pair is stored answers with another kind of token.
    create_stored = @{ Native = 'create'; Activity = 'create a personal access token and store its secret' }
    rotate = @{ Activity = 'rotate a personal access token' }
    rotation_plan = @{ Reads = $true }
    rotation_list = @{ Reads = $true }
    rotation_resume = @{ Activity = 'carry a rotation on' }
    rotation_undo = @{ Activity = 'take a rotation back' }
}

# What the table says of an operation. (Where every call comes by, Invoke-Operation looks for itself: calling a function
# takes as long as all else that it does before a call.)
function Get-OperationFact([string]$Operation, [string]$Fact) {
    ($script:Operations[$Operation] ?? $script:OrdinaryOperation)[$Fact] ?? $script:OrdinaryOperation[$Fact]
}

# What progress says that an operation does.
function Get-Activity([string]$Operation) {
    (Get-OperationFact $Operation 'Activity') ?? "$Operation personal access tokens"
}

# Names of operations as texts with a closing NUL, ready for the native side; each is made when it is first needed.
$script:OperationNames = @{}

function Get-OperationName([string]$Operation) {
    if (-not $script:OperationNames.ContainsKey($Operation)) {
        $name = (Get-OperationFact $Operation 'Native') ?? $Operation
        $script:OperationNames[$Operation] = [Text.Encoding]::UTF8.GetBytes("$name`0")
    }
    , $script:OperationNames[$Operation]
}
