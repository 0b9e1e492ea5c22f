using namespace System.Collections
using namespace System.Collections.Generic
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

# What completion knows of tokens: those that this runspace listed last.

# Tab completion by the parameter's name, from what is known already: never a call.
[NoRunspaceAffinity()]
class PatCompleter : IArgumentCompleter {
    # The tokens that this runspace listed last: another one may work at another tenant. A very long list is not kept
    # alive for this.
    static [void] Remember([hashtable]$session, [object]$tokens) {
        if ($tokens -is [array] -and $tokens.Length -le 1000) { $session['LastList'] = $tokens }
    }

    [IEnumerable[CompletionResult]] CompleteArgument([string]$command, [string]$parameter, [string]$word, [CommandAst]$tree,
        [IDictionary]$bound) {
        $results = [List[CompletionResult]]::new()
        $isPattern = $parameter -eq 'Name'
        foreach ($known in [SortedSet[string]]::new([PatCompleter]::Words($parameter), [StringComparer]::OrdinalIgnoreCase)) {
            [Completion]::Add($results, $word, $known, $isPattern, '')
        }
        return $results
    }

    hidden static [string[]] Words([string]$parameter) {
        $words = [List[string]]::new()
        switch -Regex -CaseSensitive ($parameter) {
            'Owner' { $words.Add('me') }
            'Scope' { $words.Add('sp:scopes:all'); $words.Add('sp:scopes:default') }
            '^StoreIn$' { $words.AddRange([string[]]('Environment', 'CommandLine', 'Configuration')) }
            'Path' { $words.AddRange([string[]]('/name', '/scope', '/expirationDate', '/userAwareTokenNeverExpires')) }
        }
        foreach ($token in [Session]::Variables()['LastList']) {
            switch -Regex -CaseSensitive ($parameter) {
                '^Id$' { $words.Add($token.id) }
                '^Name$' { $words.Add($token.name) }
                'Owner' { $words.Add($token.owner.id) }
                'Scope' { $words.AddRange([string[]]@($token.scope)) }
            }
        }
        return $words.Where({ $_ })
    }
}
