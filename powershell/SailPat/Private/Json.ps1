using namespace System.Text.Json
using namespace System.Text.Json.Serialization.Metadata

# How System.Text.Json reads what comes from the native library into the classes of Models.ps1.

# Set when the native library is loaded, which declares the converter for dates.
$script:JsonOptions = $null

function New-JsonOptions([type]$DateConverter) {
    $options = [JsonSerializerOptions]::new()
    $options.MaxDepth = 256
    $options.Converters.Add($DateConverter::new())
    $resolver = [DefaultJsonTypeInfoResolver]::new()
    $resolver.Modifiers.Add([Action[JsonTypeInfo]] {
            param($info) if ($info.Type.IsSubclassOf([SailPatRecord])) { Skip-Constructor $info }
        })
    $options.TypeInfoResolver = $resolver
    $options
}

# Lets System.Text.Json make an object of a PowerShell class without its constructor. Of a class with
# methods that costs 4 us, because it looks up the session; two for each token are 0.8 s in 100,000.
# Nothing is lost: the classes here give no member a first value. (Set through the base class, whose
# property takes a delegate of any type.)
function Skip-Constructor([JsonTypeInfo]$Info) {
    $make = [System.Runtime.CompilerServices.RuntimeHelpers].GetMethod('GetUninitializedObject')
    [JsonTypeInfo].GetProperty('CreateObject').SetValue($Info, [Delegate]::CreateDelegate([Func[object]], $Info.Type, $make))
}

# An envelope whose data may be anything.
function Read-Envelope([byte[]]$Bytes) { [JsonSerializer]::Deserialize([IO.MemoryStream]::new($Bytes), [AnyReply], $script:JsonOptions) }

# What an envelope says of a failure.
function Get-Failure($Reply) { [SailPatRecord]::Plain($Reply.error) }

function Read-Json([byte[]]$Bytes) { [JsonDocument]::Parse([ReadOnlyMemory[byte]]$Bytes).RootElement }
