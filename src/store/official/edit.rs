//! Changes single values of a YAML file and leaves every other character of it alone: comments, order,
//! quotes, line ends. What is written in a style that this cannot keep is refused.
//!
//! The file is edited line by line where the parser says a key stands, and read again afterwards: but for
//! the values that were to change, both readings must be the same.

use zeroize::Zeroizing;

use super::yaml::{Node, NodeValue, Scalars};

type Problem<T> = std::result::Result<T, String>;

/// What is to stand below one key.
pub struct Edit<'a> {
    /// The keys that lead to the mapping that holds the values; its last key is added where it is missing.
    pub path: &'a [&'a str],
    pub set: &'a [(&'a str, &'a str)],
    pub remove: &'a [&'a str],
}

/// The text with what is wanted; the same text where that stands there already.
pub fn edited(text: &str, wanted: &Edit<'_>) -> Problem<Zeroizing<String>> {
    let before = Scalars::read(text)?;
    let mut lines = Lines::new(text);
    let missing = wanted.apply_to_present(&before, &mut lines)?;
    wanted.add(&missing, &before, &mut lines)?;
    let after = lines.into_text();
    wanted.verify(&before, &after)?;
    Ok(after)
}

impl Edit<'_> {
    fn at<'n>(&self, nodes: &'n [Node], key: &str) -> Option<&'n Node> {
        let path = [self.path, &[key]].concat();
        nodes.iter().find(|node| node.is_at(&path))
    }

    /// Changes and removes what is there; what is left has to be added.
    fn apply_to_present<'s>(
        &'s self,
        before: &Scalars,
        lines: &mut Lines,
    ) -> Problem<Vec<&'s (&'s str, &'s str)>> {
        let mut missing = Vec::new();
        for pair in self.set {
            let (key, value) = pair;
            match self.at(before.nodes(), key) {
                None => missing.push(pair),
                Some(node) if is_scalar(node, value) => {}
                Some(node) => lines.replace_value(node, value)?,
            }
        }
        for key in self.remove {
            if let Some(node) = self.at(before.nodes(), key) {
                lines.remove(node)?;
            }
        }
        Ok(missing)
    }

    fn add(&self, missing: &[&(&str, &str)], before: &Scalars, lines: &mut Lines) -> Problem<()> {
        if missing.is_empty() {
            return Ok(());
        }
        let (last, above) = self.path.split_last().ok_or("no place is named")?;
        let nodes = before.nodes();
        let parent = nodes
            .iter()
            .find(|node| node.is_at(above))
            .ok_or_else(|| format!("has no {}", above.join(".")))?;
        let sibling = first_below(nodes, above).ok_or_else(|| unkept(parent))?;
        let column = sibling.column;
        let step = column.saturating_sub(parent.column).max(1);
        let holder = nodes.iter().find(|node| node.is_at(self.path));
        let column_of_values = match first_below(nodes, self.path) {
            Some(first) => first.column,
            None => column + step,
        };
        let mut added: Vec<Zeroizing<String>> = Vec::new();
        let after = match holder {
            Some(holder) => {
                lines.open(holder)?;
                holder
            }
            None => {
                lines.check_block(sibling)?;
                lines.check_block(parent)?;
                added.push(indented(column, &format!("{last}:")));
                parent
            }
        };
        for (key, value) in missing {
            let line = Zeroizing::new(format!("{key}: {}", quoted(value).as_str()));
            added.push(indented(column_of_values, &line));
        }
        lines.insert(after.line, &added);
        Ok(())
    }

    /// Whether a node is one of those that were to change.
    fn concerns(&self, node: &Node) -> bool {
        let named = |key: &str| node.is_at(&[self.path, &[key]].concat());
        node.is_at(self.path)
            || self.set.iter().any(|(key, _)| named(key))
            || self.remove.iter().any(|key| named(key))
    }

    fn verify(&self, before: &Scalars, after: &str) -> Problem<()> {
        let unkept = || "is written in a way that a change could not keep whole".to_owned();
        let after = Scalars::read(after).map_err(|_| unkept())?;
        let rest = |scalars: &Scalars| -> Vec<(Vec<String>, NodeValue)> {
            let kept = scalars.nodes().iter().filter(|node| !self.concerns(node));
            kept.map(|node| (node.keys.clone(), node.value.clone()))
                .collect()
        };
        let set = self.set.iter().all(|(key, value)| {
            self.at(after.nodes(), key)
                .is_some_and(|node| is_scalar(node, value))
        });
        let removed = self
            .remove
            .iter()
            .all(|key| self.at(after.nodes(), key).is_none());
        if set && removed && rest(before) == rest(&after) {
            return Ok(());
        }
        Err(unkept())
    }
}

fn is_scalar(node: &Node, text: &str) -> bool {
    matches!(&node.value, NodeValue::Scalar(_, found) if found.as_str() == text)
}

fn first_below<'n>(nodes: &'n [Node], path: &[&str]) -> Option<&'n Node> {
    nodes
        .iter()
        .find(|node| node.keys.len() == path.len() + 1 && node.is_below(path))
}

/// In double quotes, so that no digits become a number; JSON's escapes are YAML's too.
fn quoted(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string(text).unwrap_or_default())
}

fn indented(column: usize, text: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(column + text.len() + 2));
    line.extend(std::iter::repeat_n(' ', column));
    line.push_str(text);
    line
}

fn unkept(node: &Node) -> String {
    format!(
        "{} is written in a style that a change could not keep, line {}",
        node.keys.join("."),
        node.line + 1
    )
}

/// A file's lines with their ends; a line that becomes none or several keeps its number.
struct Lines {
    lines: Vec<Zeroizing<String>>,
    end: &'static str,
}

impl Lines {
    fn new(text: &str) -> Self {
        let lines = text.split_inclusive('\n');
        Lines {
            lines: lines.map(|line| Zeroizing::new(line.to_owned())).collect(),
            end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        }
    }

    fn into_text(self) -> Zeroizing<String> {
        let length = self.lines.iter().map(|line| line.len()).sum();
        let mut text = Zeroizing::new(String::with_capacity(length));
        self.lines.iter().for_each(|line| text.push_str(line));
        text
    }

    /// What stands before a node's value, and the value with what follows, where key and value have a line
    /// of their own.
    fn split(&self, node: &Node) -> Problem<(&str, &str)> {
        let split = || {
            let line = self.lines.get(node.line)?;
            let key = node.keys.last()?;
            let (indent, rest) = line.split_at_checked(node.column)?;
            let colon = rest
                .strip_prefix(key.as_str())?
                .trim_start()
                .strip_prefix(':')?;
            let own = indent.chars().all(|c| c == ' ');
            let at = line.len() - colon.len();
            own.then(|| line.split_at(at))
        };
        split().ok_or_else(|| unkept(node))
    }

    fn check_block(&self, node: &Node) -> Problem<()> {
        self.split(node).map(drop)
    }

    fn replace_value(&mut self, node: &Node, value: &str) -> Problem<()> {
        let (before, after) = self.split(node)?;
        let tail = after_scalar(after).ok_or_else(|| unkept(node))?;
        let mut line = Zeroizing::new(String::with_capacity(before.len() + after.len() + 100));
        line.push_str(before);
        line.push(' ');
        line.push_str(&quoted(value));
        line.push_str(tail);
        self.lines[node.line] = line;
        Ok(())
    }

    fn remove(&mut self, node: &Node) -> Problem<()> {
        let (_, after) = self.split(node)?;
        after_scalar(after).ok_or_else(|| unkept(node))?;
        self.lines[node.line] = Zeroizing::default();
        Ok(())
    }

    /// Makes room below a key: an empty mapping or nothing at all gives way to lines of its own.
    fn open(&mut self, node: &Node) -> Problem<()> {
        let (before, after) = self.split(node)?;
        let value = after.trim_start();
        let tail = value.strip_prefix("{}").unwrap_or(value);
        let (tail, end) = tail.split_at(tail.trim_end().len());
        if !tail.trim_start().is_empty() && !tail.trim_start().starts_with('#') {
            return Err(unkept(node));
        }
        let comment = match tail.trim_start() {
            "" => String::new(),
            comment => format!(" {comment}"),
        };
        // Blank lines after the key belong to what follows, so only this line's own end stays.
        let end = if end.ends_with('\n') { self.end } else { "" };
        self.lines[node.line] = Zeroizing::new(format!("{before}{comment}{end}"));
        Ok(())
    }

    fn insert(&mut self, after: usize, added: &[Zeroizing<String>]) {
        let line = &mut self.lines[after];
        let length: usize = added.iter().map(|text| text.len() + self.end.len()).sum();
        let mut whole = Zeroizing::new(String::with_capacity(line.len() + length + 2));
        whole.push_str(line);
        if !whole.ends_with('\n') {
            whole.push_str(self.end);
        }
        for text in added {
            whole.push_str(text);
            whole.push_str(self.end);
        }
        *line = whole;
    }
}

/// What follows a scalar that ends on its line: a comment, the line's end.
fn after_scalar(text: &str) -> Option<&str> {
    let value = text.trim_start_matches(' ');
    let length = match value.chars().next() {
        Some('\'') => 1 + end_of_single(&value[1..])?,
        Some('"') => 1 + end_of_double(&value[1..])?,
        Some('|' | '>' | '&' | '*' | '!' | '{' | '[' | '%' | '@' | '`') => return None,
        _ if value.starts_with('#') => 0,
        _ => value.find(" #").unwrap_or(value.len()),
    };
    let kept = value[..length].trim_end_matches(['\r', '\n', ' ']);
    let tail = &value[kept.len()..];
    let comment = tail.trim_start();
    (comment.is_empty() || (comment.starts_with('#') && tail.starts_with(' ')) || kept.is_empty())
        .then_some(tail)
}

fn end_of_single(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

fn end_of_double(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &[&str] = &["environments", "prod", "pat"];

    fn edit(text: &str) -> Problem<String> {
        let wanted = Edit {
            path: PATH,
            set: &[("clientid", "new-id"), ("clientsecret", "new \"s\"")],
            remove: &["accesstoken", "expiry"],
        };
        edited(text, &wanted).map(|text| text.to_string())
    }

    const OFFICIAL: &str = "activeenvironment: prod
authtype: pat
debug: false
environments:
    dev:
        baseurl: https://dev
        pat:
            clientid: dev-id
            clientsecret: dev-secret
    prod:
        baseurl: https://prod
        pat:
            accesstoken: bearer
            clientid: old-id
            clientsecret: old-secret
            expiry: \"2026-01-01T00:00:00Z\"
        tenanturl: https://tenant
";

    #[test]
    fn the_official_file_keeps_all_but_what_changes() {
        let after = edit(OFFICIAL).unwrap();
        let expected = OFFICIAL
            .replace("            accesstoken: bearer\n", "")
            .replace("            expiry: \"2026-01-01T00:00:00Z\"\n", "")
            .replace("old-id", "\"new-id\"")
            .replace("old-secret", "\"new \\\"s\\\"\"");
        assert_eq!(after, expected);
        assert_eq!(
            edit(&after).unwrap(),
            after,
            "a second time changes something"
        );
    }

    #[test]
    fn comments_quotes_line_ends_and_letters_of_any_kind_stay() {
        let text = "# größe\r\nEnvironments:   # all\r\n  Prod: # \"this\"\r\n\r\n    PAT:\r\n      # the pair\r\n      ClientID : 'it''s'   # id\r\n      clientsecret: \"a \\\" # b\"  # not: a comment\r\n      note: 007\r\n  other: {a: [1, {b: ~}], c: 'x'}\r\nlist:\r\n- pat: {clientid: x}\r\n";
        let after = edit(text).unwrap();
        let expected = text
            .replace("'it''s'", "\"new-id\"")
            .replace("\"a \\\" # b\"", "\"new \\\"s\\\"\"");
        assert_eq!(after, expected);
    }

    #[test]
    fn what_is_missing_is_added_as_deep_as_its_neighbours() {
        let pair = |indent: &str| {
            format!("{indent}clientid: \"new-id\"\n{indent}clientsecret: \"new \\\"s\\\"\"\n")
        };
        for (pat, expected) in [
            ("", format!("   pat:\n{}   baseurl: u\n", pair("    "))),
            (
                "   pat: {}  # none\n",
                format!("   baseurl: u\n   pat: # none\n{}", pair("    ")),
            ),
            (
                "   pat:\n",
                format!("   baseurl: u\n   pat:\n{}", pair("    ")),
            ),
            (
                "   pat:\n     expiry: x\n     note: 1\n",
                format!("   baseurl: u\n   pat:\n{}     note: 1\n", pair("     ")),
            ),
        ] {
            let head = "environments:\n  prod:\n";
            let text = format!("{head}   baseurl: u\n{pat}  z: 1\n");
            let expected = format!("{head}{expected}  z: 1\n");
            assert_eq!(edit(&text).unwrap(), expected, "{text}");
        }
        let no_end = "environments:\n  prod:\n    pat:\n      clientid: x";
        assert_eq!(
            edit(no_end).unwrap(),
            "environments:\n  prod:\n    pat:\n      clientsecret: \"new \\\"s\\\"\"\n      clientid: \"new-id\""
        );
    }

    #[test]
    fn what_cannot_be_kept_whole_is_refused() {
        for text in [
            "environments: {prod: {pat: {clientid: a, clientsecret: b}}}\n",
            "environments:\n  prod: {pat: {clientid: a}}\n",
            "environments:\n  prod:\n    pat: {clientid: a, clientsecret: b}\n",
            "environments:\n  prod:\n    pat:\n      clientid: |\n        a\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      clientid: a\n        long\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      clientid: \"a\n        b\"\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      clientid: &x a\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      ? clientid\n      : a\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      \"clientid\": a\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      clientid: [a]\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat:\n      clientid:\n        deep: a\n      clientsecret: b\n",
            "environments:\n  prod:\n    pat: text\n",
            "environments:\n  prod:\n\tpat:\n",
            "environments:\n  dev:\n    pat: {}\n",
            "environments:\n  prod:\n",
            "[]\n",
            "",
        ] {
            let result = edit(text);
            assert!(result.is_err(), "{text} became {}", result.unwrap());
        }
    }
}
