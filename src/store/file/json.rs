//! The official SDK's config.json. Single values of it are changed in their place, and every other character stays:
//! order, indent, line ends, the way a number is written.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Problem, Values};
use crate::api::fields::Pairs;

/// A field: its name, where it begins, and where its value stands.
struct Member<'t> {
    name: Cow<'t, str>,
    begin: usize,
    value: Range<usize>,
}

impl Member<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn line(&self, text: &str) -> usize {
        text[..self.begin].matches('\n').count() + 1
    }

    /// The value as text; none for `null`.
    fn text(&self, text: &str, name: &str) -> Problem<Option<Zeroizing<String>>> {
        let raw = &text[self.value.clone()];
        match string(raw) {
            None if raw != "null" => Err(format!(
                "has {name}, line {}, whose value is no text",
                self.line(text)
            )),
            value => Ok(value),
        }
    }
}

/// The fields of the object in their order.
fn members(text: &str) -> Problem<Vec<Member<'_>>> {
    let pairs: Pairs<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "not a JSON object".to_owned(),
        // Words about the text's form; they never quote it.
        _ => {
            let words = error.to_string();
            let reason = words.split(" at line ").next().unwrap_or_default();
            format!(
                "not JSON, line {} column {}: {reason}",
                error.line(),
                error.column()
            )
        }
    })?;
    let mut end = text.find('{').map_or(0, |brace| brace + 1);
    let mut members = Vec::with_capacity(pairs.0.len());
    for (name, raw) in pairs.0 {
        let value = place(text, raw);
        // Between two values nothing but the name has quotes.
        let begin = end + text[end..value.start].find('"').unwrap_or(0);
        end = value.end;
        members.push(Member { name, begin, value });
    }
    Ok(members)
}

/// Where a value stands in the text that it was read from.
fn place(text: &str, raw: &RawValue) -> Range<usize> {
    let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
    start..start + raw.get().len()
}

/// The field of that name, of which there may be one: of two, readers that differ about case or order would take
/// different ones.
fn only<'m, 't>(members: &'m [Member<'t>], name: &str) -> Problem<Option<&'m Member<'t>>> {
    let mut found = members.iter().filter(|member| member.is(name));
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(format!(
            "has {name} more than once, whatever the case of its letters; leave the one that counts"
        )),
        (one, _) => Ok(one),
    }
}

/// The values of these names, which are compared without case. A value that is no text, and a name that was likely
/// meant for one of them, are told with their line; `null` is no value.
pub fn values(text: &str, names: [&str; 3]) -> Problem<Values> {
    let members = members(text)?;
    let mut values = Values::default();
    for (value, name) in values.iter_mut().zip(names) {
        *value = match only(&members, name)? {
            Some(member) => member.text(text, name)?,
            None => none_near(text, &members, name)?,
        };
    }
    Ok(values)
}

/// A name that the file does not have, and no other way to write it either.
fn none_near(text: &str, members: &[Member<'_>], name: &str) -> Problem<Option<Zeroizing<String>>> {
    let near = members.iter().find(|member| is_near(&member.name, name));
    match near {
        None => Ok(None),
        Some(member) => Err(format!(
            "has {}, line {}, which must be named {name}",
            member.name,
            member.line(text)
        )),
    }
}

/// Whether a name is another one's in words of other styles: client_id, client-secret, SAIL_BASE_URL.
fn is_near(name: &str, wanted: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_ascii_lowercase();
    let bare = plain.strip_prefix("sail").unwrap_or(&plain);
    bare.strip_prefix("point").unwrap_or(bare) == wanted.to_ascii_lowercase()
}

fn string(raw: &str) -> Option<Zeroizing<String>> {
    serde_json::from_str::<Zeroizing<String>>(raw).ok()
}

/// The text with these values.
pub fn with(text: &str, wanted: &[(&str, &str)]) -> Problem<Zeroizing<String>> {
    if text.trim().is_empty() {
        return Ok(fresh(wanted));
    }
    let members = members(text)?;
    let mut missing = Vec::new();
    let mut changes: Vec<(Range<usize>, Zeroizing<String>)> = Vec::new();
    for pair in wanted {
        let (name, value) = pair;
        match only(&members, name)? {
            None => missing.push(pair),
            Some(member) => {
                let raw = &text[member.value.clone()];
                if raw != "null" && string(raw).is_none() {
                    return Err(format!("{name} is no text, so it is left as it is"));
                }
                changes.push((member.value.clone(), quoted(value)));
            }
        }
    }
    if !missing.is_empty() {
        changes.push(added(text, &members, &missing));
    }
    let after = super::changed(text, changes);
    verify(text, &after, wanted)?;
    Ok(after)
}

/// The text of a file that held nothing.
fn fresh(wanted: &[(&str, &str)]) -> Zeroizing<String> {
    let (_, inner) = added("{}", &[], &wanted.iter().collect::<Vec<_>>());
    let mut text = Zeroizing::new(String::with_capacity(inner.len() + 4));
    for part in ["{", &inner, "}\n"] {
        text.push_str(part);
    }
    text
}

/// What stands between two parts of the object, as its first fields show it.
struct Style<'t> {
    before_first: &'t str,
    before_next: &'t str,
    before_value: &'t str,
}

impl<'t> Style<'t> {
    fn of(text: &'t str, members: &[Member<'_>]) -> Option<Self> {
        let first = members.first()?;
        let brace = text.find('{')? + 1;
        let before_first = &text[brace..first.begin];
        let before_next = match members.get(1) {
            Some(second) => text[first.value.end..second.begin]
                .trim_start()
                .strip_prefix(',')?,
            None => before_first,
        };
        let name = &text[first.begin..first.value.start];
        let before_value = &name[name.rfind('"')? + 1..];
        Some(Style {
            before_first,
            before_next,
            before_value,
        })
    }
}

/// Fields to be added after the last one, and where.
fn added(
    text: &str,
    members: &[Member<'_>],
    missing: &[&(&str, &str)],
) -> (Range<usize>, Zeroizing<String>) {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line = format!("{end}  ");
    let style = Style::of(text, members).unwrap_or(Style {
        before_first: &line,
        before_next: &line,
        before_value: ": ",
    });
    // Room for all of it at once: what outgrows its place leaves a copy behind.
    let around = style.before_next.len() + style.before_value.len() + 16;
    let length = missing
        .iter()
        .map(|(name, value)| name.len() + value.len() * 6 + around);
    let mut inner = Zeroizing::new(String::with_capacity(
        length.sum::<usize>() + style.before_first.len() + end.len(),
    ));
    for (name, value) in missing {
        if members.is_empty() && inner.is_empty() {
            inner.push_str(style.before_first);
        } else {
            inner.push(',');
            inner.push_str(style.before_next);
        }
        for part in [&quoted(name), style.before_value, &quoted(value)] {
            inner.push_str(part);
        }
    }
    match members.last() {
        Some(last) => (last.value.end..last.value.end, inner),
        None => {
            inner.push_str(end);
            let inside = text.find('{').map_or(0, |brace| brace + 1);
            (inside..text.rfind('}').unwrap_or(inside), inner)
        }
    }
}

/// The text without these fields; none where nothing but `ours` would be left.
pub fn without(text: &str, names: &[&str], ours: &[&str]) -> Problem<Option<Zeroizing<String>>> {
    let members = members(text)?;
    if members
        .iter()
        .all(|member| ours.iter().any(|name| member.is(name)))
    {
        return Ok(None);
    }
    let gone = |member: &Member<'_>| names.iter().any(|name| member.is(name));
    let mut changes = Vec::new();
    let mut kept_end = None;
    for (at, member) in members.iter().enumerate() {
        if !gone(member) {
            kept_end = Some(member.value.end);
            continue;
        }
        let before = at.checked_sub(1).map(|before| members[before].value.end);
        let range = match (kept_end, before, members.get(at + 1)) {
            // With the comma before it, as something before it stays.
            (Some(_), Some(before), _) => before..member.value.end,
            (_, _, Some(next)) => member.begin..next.begin,
            _ => member.begin..member.value.end,
        };
        changes.push((range, Zeroizing::default()));
    }
    let after = super::changed(text, changes);
    let left = self::members(&after)?;
    let kept = whole(text, &members, |member| !gone(member));
    if kept == whole(&after, &left, |_| true) {
        return Ok(Some(after));
    }
    Err(super::UNKEPT.to_owned())
}

/// The whole text of those fields.
fn whole(
    text: &str,
    members: &[Member<'_>],
    counts: impl Fn(&Member<'_>) -> bool,
) -> Vec<Zeroizing<String>> {
    let of = members.iter().filter(|member| counts(member));
    of.map(|member| Zeroizing::new(text[member.begin..member.value.end].to_owned()))
        .collect()
}

/// But for what was to change, both must read the same.
fn verify(before: &str, after: &str, wanted: &[(&str, &str)]) -> Problem<()> {
    let (old, new) = (members(before)?, members(after)?);
    let named = |member: &Member<'_>| wanted.iter().any(|(name, _)| member.is(name));
    let rest = |text: &str, members: &[Member<'_>]| whole(text, members, |member| !named(member));
    let set = |name: &str, value: &str| {
        only(&new, name)
            .ok()
            .flatten()
            .and_then(|member| string(&after[member.value.clone()]))
            .is_some_and(|found| found.as_str() == value)
    };
    if rest(before, &old) == rest(after, &new)
        && wanted.iter().all(|(name, value)| set(name, value))
    {
        return Ok(());
    }
    Err(super::UNKEPT.to_owned())
}

fn quoted(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string(text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str) -> String {
        let wanted = [("ClientId", "new-id"), ("ClientSecret", "new \"s")];
        with(text, &wanted).unwrap().to_string()
    }

    #[test]
    fn all_but_the_two_values_stays_byte_for_byte() {
        for text in [
            r#"{"baseurl":"https://own", "Note": [1, 2.50],"clientid":"old","ClientSecret":null}"#,
            "\r\n{\r\n\t\"ClientSecret\" :\t\"a\\\"b\\u00fc\" ,\r\n\r\n\t\"\\u0043lientId\": \"old\",\"x\":1e2}\r\n \n",
        ] {
            let expected = text
                .replace("\"old\"", "\"new-id\"")
                .replace("null", "\"new \\\"s\"")
                .replace("\"a\\\"b\\u00fc\"", "\"new \\\"s\"");
            assert_eq!(edit(text), expected);
            assert_eq!(edit(&expected), expected, "a second time changes something");
        }
    }

    #[test]
    fn what_is_missing_is_added_as_its_neighbours_are_written() {
        for (text, expected) in [
            ("{}", "{\n  ID: A,\n  SECRET: B\n}"),
            ("\r\n{ }\r\n", "\r\n{\r\n  ID: A,\r\n  SECRET: B\r\n}\r\n"),
            ("{\"x\":1}", "{\"x\":1,ID:A,SECRET:B}"),
            (
                "{\n    \"x\" : 1\n}",
                "{\n    \"x\" : 1,\n    ID : A,\n    SECRET : B\n}",
            ),
            ("{\"x\": 1, \"ClientId\": 5e0}", ""),
            (
                "{ID: \"o\", \"y\": {\"}\": 2} }",
                "{ID: A, \"y\": {\"}\": 2}, SECRET: B }",
            ),
        ] {
            let whole = |text: &str| {
                let names = text
                    .replace("SECRET", "\"ClientSecret\"")
                    .replace("ID", "\"ClientId\"");
                names
                    .replace('A', "\"new-id\"")
                    .replace('B', "\"new \\\"s\"")
            };
            let wanted = [("ClientId", "new-id"), ("ClientSecret", "new \"s")];
            let after = with(&whole(text), &wanted);
            match expected {
                "" => assert!(after.unwrap_err().contains("ClientId is no text")),
                _ => assert_eq!(after.unwrap().as_str(), whole(expected)),
            }
        }
    }

    #[test]
    fn names_count_once_whatever_their_case() {
        let names = ["ClientId", "ClientSecret", "BaseURL"];
        let read = values(
            r#"{"CLIENTID":"i","x":{"ClientId":"no"},"clientsecret":null}"#,
            names,
        );
        let [id, secret, url] = read.unwrap();
        assert_eq!(id.as_ref().map(|id| id.as_str()), Some("i"));
        assert!(secret.is_none() && url.is_none());
        for (odd, problem) in [
            (
                "{\n\"ClientId\":5}",
                "has ClientId, line 2, whose value is no text",
            ),
            (
                r#"{"client_id":"x"}"#,
                "has client_id, line 1, which must be named ClientId",
            ),
            (
                r#"{"SAIL_BASE_URL":"x"}"#,
                "has SAIL_BASE_URL, line 1, which must be named BaseURL",
            ),
        ] {
            assert_eq!(values(odd, names).unwrap_err(), problem);
        }
        let beside = values(r#"{"client_id":"theirs","ClientId":"ours"}"#, names);
        assert_eq!(beside.unwrap()[0].as_ref().unwrap().as_str(), "ours");
        let [id, secret, url] = values(r#"{"port":1,"Server":{"url":"x"}}"#, names).unwrap();
        assert!(id.is_none() && secret.is_none() && url.is_none());
        for twice in [
            r#"{"baseurl":"a","BaseURL":"a"}"#,
            r#"{"ClientId":1,"ClientId":null}"#,
        ] {
            assert!(
                values(twice, names).unwrap_err().contains("more than once"),
                "{twice}"
            );
        }
    }
}
