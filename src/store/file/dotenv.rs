//! Lines of NAME=value, as a shell reads them. Single values are changed in their place, and every other character
//! stays: order, comments, `export`, quotes, line ends.
//!
//! Names are compared without case, as those of config.json are, and cmd's `set NAME=value` counts, too. A line that
//! speaks of a name in any other way is an error: were it passed over, the value of another place would take the place
//! of the one that was meant, and send a pair to another tenant.
//!
//! What counts of a name is its last line, as in a shell. Other readers take the first, so a pair is written to each
//! line of its name, and only where all of them say the same: of two values one may be somebody's only copy.

use std::ops::Range;

use zeroize::Zeroizing;

use super::{Problem, Values};

/// A line such as `export NAME='value' # why`.
struct Assignment<'t> {
    name: &'t str,
    exported: bool,
    /// The line's number from 1, and where it and its value, quotes included, stand in the text.
    number: usize,
    line: Range<usize>,
    place: Range<usize>,
    value: &'t str,
    quote: Option<char>,
    /// Whether a reader could take it for something else.
    odd: bool,
}

fn assignments(text: &str) -> Vec<Assignment<'_>> {
    let mut begin = 0;
    let lines = text.split_inclusive('\n').enumerate();
    lines
        .filter_map(|(index, line)| {
            let at = begin;
            begin += line.len();
            assignment(line, at, index + 1)
        })
        .collect()
}

fn assignment(line: &str, begin: usize, number: usize) -> Option<Assignment<'_>> {
    let (left, right) = line.split_once('=')?;
    let left = left.trim();
    let exported = after_word(left, "export");
    let name = exported.or_else(|| after_word(left, "set"));
    let name = name.unwrap_or(left).trim();
    if name.starts_with('#') {
        return None;
    }
    let begin_of_right = begin + line.len() - right.len();
    let right = right.trim_end_matches(['\n', '\r']);
    let text = right.trim_start();
    let blank = right.len() - text.len();
    let (length, value, quote, odd) = token(text, blank > 0);
    // Where there is no value, one goes right behind the sign and not into the comment.
    let start = begin_of_right + if length == 0 { 0 } else { blank };
    Some(Assignment {
        name,
        exported: exported.is_some(),
        number,
        line: begin..begin + line.len(),
        place: start..start + length,
        value,
        quote,
        odd,
    })
}

/// What follows upon a shell's word.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (first, rest) = text.split_at_checked(word.len())?;
    let is_word = first.eq_ignore_ascii_case(word) && rest.starts_with([' ', '\t']);
    is_word.then_some(rest)
}

impl Assignment<'_> {
    fn is_of(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Every line that speaks of one of these names must be an assignment of it, or a comment.
fn all_are_read(text: &str, names: &[&str]) -> Problem<()> {
    for (index, line) in text.lines().enumerate() {
        if let Some(name) = names.iter().find(|name| hides(line, name)) {
            return Err(format!(
                "line {} speaks of {name} and is no {name}=value; write it so, or begin the line with #",
                index + 1
            ));
        }
    }
    Ok(())
}

/// Whether a name stands where an assignment's would, in a line that is none of it.
fn hides(line: &str, name: &str) -> bool {
    let line = line.trim();
    let is_comment = line.starts_with(['#', ';']) || line.starts_with("::");
    if is_comment || after_word(line, "rem").is_some() {
        return false;
    }
    let left = match line.split_once('=') {
        Some((left, _)) => left,
        // A shell's `export NAME` gives no value.
        None if after_word(line, "export").is_some_and(are_names) => return false,
        None => &line[..comment(line, false)],
    };
    let is_assignment = assignment(line, 0, 0).is_some_and(|line| line.is_of(name));
    !is_assignment && speaks_of(left, name)
}

fn are_names(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.all(|word| word.chars().all(is_of_name))
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether the name stands in the text as a whole word, and not as a value's, `$NAME`.
fn speaks_of(text: &str, name: &str) -> bool {
    let (folded, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut found = folded.match_indices(&name);
    found.any(|(at, found)| {
        let before = folded[..at].trim_end_matches('{').chars().next_back();
        let after = folded[at + found.len()..].chars().next();
        !before.is_some_and(|c| is_of_name(c) || c == '$') && !after.is_some_and(is_of_name)
    })
}

/// A value as it stands: its length, what it says, its quote, and whether what follows is more than a comment.
fn token(text: &str, blank_before: bool) -> (usize, &str, Option<char>, bool) {
    for quote in ['"', '\''] {
        let Some(rest) = text.strip_prefix(quote) else {
            continue;
        };
        if let Some((inner, tail)) = rest.split_once(quote) {
            let comment = tail.trim_start();
            let ends =
                comment.is_empty() || (comment.starts_with('#') && comment.len() < tail.len());
            let escaped = quote == '"' && inner.contains('\\');
            return (inner.len() + 2, inner, Some(quote), !ends || escaped);
        }
        return (text.trim_end().len(), text.trim_end(), None, true);
    }
    let value = text[..comment(text, blank_before)].trim_end();
    let odd = value.contains(['"', '\'', '\\', '`']);
    (value.len(), value, None, odd)
}

/// Where the comment behind a value without quotes begins: at a # that something blank is before.
fn comment(text: &str, mut blank: bool) -> usize {
    for (at, c) in text.char_indices() {
        if c == '#' && blank {
            return at;
        }
        blank = c.is_whitespace();
    }
    text.len()
}

/// The values of these names.
pub fn values(text: &str, names: [&str; 3]) -> Problem<Values> {
    all_are_read(text, &names)?;
    let lines = assignments(text);
    Ok(names.map(|name| {
        let last = lines.iter().rfind(|line| line.is_of(name))?;
        Some(Zeroizing::new(last.value.to_owned()))
    }))
}

/// The text with these values.
pub fn with(text: &str, wanted: &[(&str, &str)]) -> Problem<Zeroizing<String>> {
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    all_are_read(text, &names)?;
    let lines = assignments(text);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let is_wanted = |line: &&Assignment<'_>| names.iter().any(|name| line.is_of(name));
    let exported = lines.iter().filter(is_wanted).any(|line| line.exported);
    let mut changes = Vec::new();
    let length = wanted
        .iter()
        .map(|(name, value)| name.len() + value.len() + 16);
    let mut added = Zeroizing::new(String::with_capacity(length.sum()));
    for (name, value) in wanted {
        let of_name: Vec<_> = lines.iter().filter(|line| line.is_of(name)).collect();
        agree(name, &of_name)?;
        for line in &of_name {
            changes.push((line.place.clone(), written(value, line.quote)?));
        }
        if of_name.is_empty() {
            let export = if exported { "export " } else { "" };
            for part in [export, name, "=", &written(value, None)?, end] {
                added.push_str(part);
            }
        }
    }
    if !added.is_empty() {
        changes.push((text.len()..text.len(), at_the_end(text, &added, end)));
    }
    let after = super::changed(text, changes);
    verify(text, &after, wanted)?;
    Ok(after)
}

/// Lines that go behind the last one, which may lack its end, as the last one then does, too.
fn at_the_end(text: &str, added: &str, end: &str) -> Zeroizing<String> {
    if text.is_empty() || text.ends_with('\n') {
        return Zeroizing::new(added.to_owned());
    }
    let mut lines = Zeroizing::new(String::with_capacity(added.len() + end.len()));
    lines.push_str(end);
    lines.push_str(added.strip_suffix(end).unwrap_or(added));
    lines
}

/// Lines of one name must be plain and say the same.
fn agree(name: &str, lines: &[&Assignment<'_>]) -> Problem<()> {
    if let Some(odd) = lines.iter().find(|line| line.odd && !line.value.is_empty()) {
        return Err(format!(
            "{name} is written in a way that a change could not keep, line {}; write {name}='value'",
            odd.number
        ));
    }
    let differs = lines.windows(2).any(|two| two[0].value != two[1].value);
    if !differs {
        return Ok(());
    }
    let numbers: Vec<String> = lines.iter().map(|line| line.number.to_string()).collect();
    Err(format!(
        "has {name} with different values, lines {}; leave the one that counts",
        numbers.join(", ")
    ))
}

/// A value in the quotes it had, where they can hold it.
fn written(value: &str, quote: Option<char>) -> Problem<Zeroizing<String>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    let quote = match quote {
        None if value.chars().all(plain) => "",
        Some('"') if !value.contains(['"', '\\', '$', '`', '!']) => "\"",
        _ => "'",
    };
    if value.contains(['\n', '\r']) || (quote == "'" && value.contains('\'')) {
        return Err(
            "the value holds a quote or a line break, which no such file can hold".to_owned(),
        );
    }
    let mut text = Zeroizing::new(String::with_capacity(value.len() + 2));
    for part in [quote, value, quote] {
        text.push_str(part);
    }
    Ok(text)
}

/// The text without the lines of these names; none where nothing but `ours` would be left.
pub fn without(text: &str, names: &[&str], ours: &[&str]) -> Option<Zeroizing<String>> {
    let lines = assignments(text);
    let of_any = |line: &&Assignment<'_>, names: &[&str]| names.iter().any(|name| line.is_of(name));
    let mut known = lines.iter().filter(|line| of_any(line, ours));
    let own: usize = known.by_ref().map(|line| line.line.len()).sum();
    if own == text.len() {
        return None;
    }
    let gone = lines.iter().filter(|line| of_any(line, names));
    let changes = gone.map(|line| (line.line.clone(), Zeroizing::default()));
    Some(super::changed(text, changes.collect()))
}

/// But for what was to change, both must read the same.
fn verify(before: &str, after: &str, wanted: &[(&str, &str)]) -> Problem<()> {
    let named = |line: &Assignment<'_>| wanted.iter().any(|(name, _)| line.is_of(name));
    let rest = |text: &str| -> Vec<(String, Zeroizing<String>)> {
        let kept = assignments(text).into_iter().filter(|line| !named(line));
        kept.map(|line| (line.name.to_owned(), Zeroizing::new(line.value.to_owned())))
            .collect()
    };
    let new = assignments(after);
    let set = wanted.iter().all(|(name, value)| {
        let mut of_name = new.iter().filter(|line| line.is_of(name)).peekable();
        of_name.peek().is_some() && of_name.all(|line| line.value == *value)
    });
    if set && rest(before) == rest(after) {
        return Ok(());
    }
    Err(super::UNKEPT.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, secret: &str) -> Problem<String> {
        let wanted = [("SAIL_CLIENT_ID", "new-id"), ("SAIL_CLIENT_SECRET", secret)];
        with(text, &wanted).map(|text| text.to_string())
    }

    #[test]
    fn all_but_the_two_values_stays_byte_for_byte() {
        let text = "# mine\r\nexport SAIL_CLIENT_ID=\"old\" # id\r\nOTHER='x # y'\r\n#SAIL_CLIENT_ID=no\r\n\tSAIL_CLIENT_SECRET = 'was it' # one\r\n\r\nlast=$x";
        let expected = text
            .replace("\"old\"", "\"new-id\"")
            .replace("'was it'", "'n-s'");
        assert_eq!(edit(text, "n-s").unwrap(), expected);
        assert_eq!(edit(&expected, "n-s").unwrap(), expected);
    }

    #[test]
    fn what_is_missing_is_added_at_the_end() {
        for (text, expected) in [
            (
                "A=1\n",
                "A=1\nSAIL_CLIENT_ID=new-id\nSAIL_CLIENT_SECRET=s\n",
            ),
            ("A=1", "A=1\nSAIL_CLIENT_ID=new-id\nSAIL_CLIENT_SECRET=s"),
            (
                "export SAIL_CLIENT_ID=\r\n# end\r\n",
                "export SAIL_CLIENT_ID=new-id\r\n# end\r\nexport SAIL_CLIENT_SECRET=s\r\n",
            ),
            (
                "SAIL_CLIENT_ID= # none\nSAIL_CLIENT_SECRET=x#y",
                "SAIL_CLIENT_ID=new-id # none\nSAIL_CLIENT_SECRET=s",
            ),
        ] {
            assert_eq!(edit(text, "s").unwrap(), expected);
        }
    }

    #[test]
    fn quotes_are_kept_where_they_can_hold_the_value() {
        for (before, value, after) in [
            ("x", "plain", "plain"),
            ("x", "two words", "'two words'"),
            ("\"x\"", "two words", "\"two words\""),
            ("\"x\"", "$HOME", "'$HOME'"),
            ("'x'", "plain", "'plain'"),
        ] {
            let line = |value: &str| format!("SAIL_CLIENT_ID=new-id\nSAIL_CLIENT_SECRET={value}\n");
            assert_eq!(edit(&line(before), value).unwrap(), line(after));
        }
        for value in ["it's", "a\nb"] {
            assert!(
                edit("", value)
                    .unwrap_err()
                    .contains("no such file can hold")
            );
        }
    }

    #[test]
    fn each_line_of_a_name_is_written_and_two_values_are_refused() {
        let twice = "SAIL_CLIENT_ID=old\nSAIL_CLIENT_SECRET=s\nexport SAIL_CLIENT_ID='old'\n";
        let after = edit(twice, "n").unwrap();
        assert_eq!(
            after,
            "SAIL_CLIENT_ID=new-id\nSAIL_CLIENT_SECRET=n\nexport SAIL_CLIENT_ID='new-id'\n"
        );
        for (text, words) in [
            ("SAIL_CLIENT_ID=a\nX=1\nSAIL_CLIENT_ID=b\n", "lines 1, 3"),
            ("SAIL_CLIENT_ID=\"a\nb\"\n", "line 1"),
            ("SAIL_CLIENT_ID='a'b\n", "line 1"),
            ("SAIL_CLIENT_ID=a\\\n", "line 1"),
            ("SAIL_CLIENT_SECRET=\"a\\\"b\"\n", "line 1"),
        ] {
            let said = edit(text, "n").unwrap_err();
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn lines_are_read_as_a_shell_would() {
        let text = "A=1\nexport B = 'two words' # c\nA=3 # later\nC=\nD=#x\nE= # x\nexport\tF=\"y\"\nexported=z\n";
        let value = |name| {
            values(text, [name; 3]).unwrap()[0]
                .as_ref()
                .map(|value| value.to_string())
        };
        for (name, expected) in [
            ("A", Some("3")),
            ("B", Some("two words")),
            ("C", Some("")),
            ("D", Some("#x")),
            ("E", Some("")),
            ("F", Some("y")),
            ("exported", Some("z")),
            ("G", None),
        ] {
            assert_eq!(value(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn names_have_no_case_and_set_counts() {
        let value = |text| {
            let values = values(
                text,
                ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"],
            );
            values.unwrap()[0].as_ref().map(|value| value.to_string())
        };
        for text in [
            "sail_base_url=u",
            "Sail_Base_Url = u",
            "set SAIL_BASE_URL=u",
            "SET sail_base_url=u",
            "Export SAIL_BASE_URL='u'",
            "SAIL_BASE_URL=v\nsail_base_url=u",
        ] {
            assert_eq!(value(text).as_deref(), Some("u"), "{text}");
        }
        let text = "sail_client_id=old\nset SAIL_CLIENT_SECRET=s\n";
        let after = edit(text, "n").unwrap();
        assert_eq!(after, "sail_client_id=new-id\nset SAIL_CLIENT_SECRET=n\n");
        let names = ["SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"];
        assert!(without(text, &names, &names).is_none());
    }

    #[test]
    fn a_line_that_speaks_of_a_name_in_another_way_is_an_error() {
        let said = |text: &str| {
            values(
                text,
                ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"],
            )
            .err()
        };
        for line in [
            "SAIL_BASE_URL: https://a.test",
            "sail_base_url: https://a.test/?x=y",
            "SAIL_BASE_URL https://a.test",
            "SAIL_BASE_URL",
            "$env:SAIL_BASE_URL = 'https://a.test'",
            "${env:SAIL_BASE_URL} = 'https://a.test'",
            "set -x SAIL_BASE_URL https://a.test",
            "setx SAIL_BASE_URL https://a.test",
            "set \"SAIL_BASE_URL=https://a.test\"",
            "declare -x SAIL_BASE_URL=https://a.test",
            "\"SAIL_BASE_URL\"=https://a.test",
        ] {
            let text = format!("SAIL_CLIENT_ID=a\n{line}\n");
            let said = said(&text).unwrap_or_default();
            assert!(
                said.starts_with("line 2 speaks of SAIL_BASE_URL"),
                "{line}: {said}"
            );
            assert!(!said.contains("a.test"), "{said}");
        }
        assert!(
            edit("SAIL_CLIENT_ID: a\n", "n")
                .unwrap_err()
                .starts_with("line 1")
        );
        for line in [
            "# SAIL_BASE_URL: https://a.test",
            "#SAIL_BASE_URL=https://a.test",
            "; SAIL_BASE_URL: x",
            "rem SAIL_BASE_URL=x",
            ":: SAIL_BASE_URL=x",
            "export SAIL_BASE_URL SAIL_CLIENT_ID",
            "OLD_SAIL_BASE_URL=x",
            "SAIL_BASE_URL_OLD: x",
            "URL=$SAIL_BASE_URL/x",
            "echo $SAIL_BASE_URL ${SAIL_BASE_URL}",
            "eval x # SAIL_BASE_URL: y",
        ] {
            assert_eq!(said(line), None, "{line}");
        }
    }
}
