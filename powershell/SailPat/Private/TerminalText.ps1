# What the service, a file or a reply says is only ever a value. Two places make text of it for people:
# what is shown has no character that a terminal would obey, and what completion puts into the command
# line is a literal that stands for exactly that value.

[NoRunspaceAffinity()]
class TerminalText {
    # Control characters, line ends among them, and what is invisible or turns the direction of writing.
    # The two joiners stay: several scripts need them. SailPat.Types.ps1xml has the same for the views.
    hidden static [regex]$Odd = [regex]::new('[\p{Cc}\p{Cf}\p{Zl}\p{Zp}-[\u200c\u200d]]|\udb40[\udc00-\udc7f]')

    # What has the form of a secret, wherever somebody put it: in the place of an id or of a name.
    hidden static [regex]$Secret = [regex]::new('(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])')

    # A text for people, such as a message: \u001b and the like for what must not reach a terminal, and nothing that
    # may be a secret.
    static [string] Message([object]$value) {
        return [TerminalText]::Secret.Replace([TerminalText]::Field($value), '[64 hexadecimal digits]')
    }

    # The value of a field in a view.
    static [string] Field([object]$value) {
        $text = "$value"
        if (-not [TerminalText]::Odd.IsMatch($text)) { return $text }
        return [TerminalText]::Replace($text, '\u{0:x4}')
    }

    # Each of these characters by a pattern for its number.
    hidden static [string] Replace([string]$text, [string]$pattern) {
        $written = [Text.StringBuilder]::new()
        $end = 0
        foreach ($match in [TerminalText]::Odd.Matches($text)) {
            [void]$written.Append($text, $end, $match.Index - $end)
            foreach ($character in $match.Value.ToCharArray()) {
                [void]$written.AppendFormat([cultureinfo]::InvariantCulture, $pattern, [int]$character)
            }
            $end = $match.Index + $match.Length
        }
        return $written.Append($text, $end, $text.Length - $end).ToString()
    }
}

[NoRunspaceAffinity()]
class Completion {
    # PowerShell takes the typographic quotes for quotes, too.
    hidden static [string]$Quotes = '^[''"\u2018-\u201b\u201c-\u201e]|[''"\u2018-\u201b\u201c-\u201e]$'

    # Adds a value to the results when it begins with what was typed. $isPattern is for a parameter that takes
    # wildcards: the value is then written so that it matches itself only.
    static [void] Add([System.Collections.Generic.List[System.Management.Automation.CompletionResult]]$results, [string]$word,
        [string]$value, [bool]$isPattern, [string]$tip) {
        if (-not $value -or
            -not $value.StartsWith([regex]::Replace($word, [Completion]::Quotes, ''), [StringComparison]::OrdinalIgnoreCase)) {
            return
        }
        $text = [TerminalText]::Message($value)
        $results.Add([System.Management.Automation.CompletionResult]::new([Completion]::Literal($value, $isPattern), $text,
            'ParameterValue', $(if ($tip) { [TerminalText]::Message($tip) } else { $text })))
    }

    # A value as a word of the command line.
    static [string] Literal([string]$value, [bool]$isPattern) {
        $text = if ($isPattern) { [System.Management.Automation.WildcardPattern]::Escape($value) } else { $value }
        # But a number, which would be bound as one.
        if ($text -match '^[\w/][\w:/.-]*$' -and
            $text -cnotmatch '^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9.]+([eE][+-]?[0-9]+)?)[a-zA-Z]{0,4}$') {
            return $text
        }
        if (-not [TerminalText]::Odd.IsMatch($text)) {
            return "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text) + "'"
        }
        # In double quotes, where such a character can be written by its number.
        return '"' + [TerminalText]::Replace([regex]::Replace($text, '[`$"\u201c-\u201e]', '`$0'), '`u{{{0:x}}}') + '"'
    }
}
