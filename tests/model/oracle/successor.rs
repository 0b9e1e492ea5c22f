//! Law 6: a successor has no more than the old token had.

use jiff::Timestamp;
use serde_json::Value;

use super::{Maker, Oracle, text};
use crate::host::Doing;
use crate::laws::Law;
use crate::snapshot::Snapshot;
use crate::world::Checked;

/// Between two requests.
const LEEWAY_SECONDS: i64 = 3600;

impl Oracle {
    /// Law 6.
    pub fn succeeded(
        &self,
        host: usize,
        doing: &Doing,
        id: &str,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Checked {
        let Some(Maker::Rotation { rotation, .. }) = self.find(id).map(|known| known.maker.clone())
        else {
            return Ok(());
        };
        let journal = before.journal(host, &rotation);
        let old = journal.and_then(|journal| before.token(&text(journal, "oldId")));
        let (Some(old), Some(new)) = (old, after.token(id)) else {
            return Ok(());
        };
        if self
            .scope_changed
            .is_some_and(|when| when >= doing.last_list.unwrap_or_default())
        {
            return Ok(());
        }
        match more_than(old, new) {
            Some(more) => self.judge(
                Law::Successor,
                format!(
                    "{} was made with {more}; the old one is {old}, the new one {new}",
                    self.words(id)
                )
                .replace(&text(old, "secret"), "…")
                .replace(&text(new, "secret"), "…"),
            ),
            None => Ok(()),
        }
    }
}

/// What a successor has more than the old token; also where nobody can say how much the old one has.
fn more_than(old: &Value, new: &Value) -> Option<String> {
    more_scope(old, new)
        .or_else(|| more_seconds(old, new))
        .or_else(|| more_time(old, new))
        .or_else(|| match &old["managed"] {
            Value::Bool(_) | Value::Null => None,
            odd => Some(format!("managed is {odd}")),
        })
}

fn more_scope(old: &Value, new: &Value) -> Option<String> {
    let had = match &old["scope"] {
        Value::Null => return None,
        Value::Array(had) => had,
        odd => return Some(format!("a scope, and the old one's cannot be read: {odd}")),
    };
    if had.iter().any(|scope| scope == "sp:scopes:all") {
        return None;
    }
    let all = vec![Value::from("sp:scopes:all")];
    let has = new["scope"].as_array().unwrap_or(&all);
    has.iter()
        .find(|scope| !had.contains(scope))
        .map(|scope| format!("the scope {scope} more"))
}

fn more_seconds(old: &Value, new: &Value) -> Option<String> {
    let had = match &old["accessTokenValiditySeconds"] {
        Value::Null => return None,
        Value::String(text) => text.parse().ok(),
        number => number.as_f64(),
    };
    let has = new["accessTokenValiditySeconds"]
        .as_f64()
        .unwrap_or(43_200.0);
    match had {
        None => Some("bearers, and how long the old one's live cannot be read".to_owned()),
        Some(had) if has > had => Some("bearers that live longer".to_owned()),
        Some(_) => None,
    }
}

/// It may live as long as the old one was made for.
fn more_time(old: &Value, new: &Value) -> Option<String> {
    let date = |token: &Value, field: &str| token[field].as_str()?.parse::<Timestamp>().ok();
    let end = match (&old["expirationDate"], date(old, "expirationDate")) {
        (Value::Null, _) => return None,
        (_, Some(end)) => end,
        (odd, None) => return Some(format!("an end, and the old one's cannot be read: {odd}")),
    };
    let life = end.as_second() - date(old, "created")?.as_second() + LEEWAY_SECONDS;
    let (Some(end), Some(made)) = (date(new, "expirationDate"), date(new, "created")) else {
        return Some("no end".to_owned());
    };
    (end.as_second() - made.as_second() > life).then(|| "a later end".to_owned())
}
