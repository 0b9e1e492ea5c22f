//! Who made each token, which secrets there ever were, and what was where: by this the laws are judged. It knows
//! what no host can know, so it also says what a host could not have known.

mod keeping;
mod removal;
mod said;
mod successor;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::host::Doing;
use crate::laws::{Break, Cause, Law, Laws};
use crate::snapshot::Snapshot;
use crate::vault::Pair;
use crate::world::Checked;

pub struct Oracle {
    laws: Laws,
    /// Counts what happened.
    pub moment: u64,
    /// Every token there ever was, in the order in which they came.
    pub known: Vec<Known>,
    last: Snapshot,
    pub planted: BTreeSet<String>,
    /// When a place was last written to, and by which host.
    pub written: BTreeMap<String, (u64, Option<usize>)>,
    pub scope_changed: Option<u64>,
    /// Reads of the first place do not say what it holds.
    pub first_place_lies: bool,
    /// A planted journal was followed: what comes of it is no other law's.
    pub misled: Cell<bool>,
}

pub struct Known {
    pub pair: Pair,
    pub name: String,
    pub owner: String,
    pub maker: Maker,
    /// The first of the tokens of which each took another's place.
    pub service: String,
    pub died: Option<u64>,
    pub is_renamed: bool,
    /// An administrator removed the last copy of its secret.
    pub is_lost_by_others: bool,
}

#[derive(Clone, PartialEq)]
pub enum Maker {
    Other,
    Rotation { host: usize, rotation: String },
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

pub fn is_unfinished(journal: &Value) -> bool {
    journal["finished"] != true
}

impl Oracle {
    pub fn new(laws: Laws) -> Oracle {
        Oracle {
            laws,
            moment: 0,
            known: Vec::new(),
            last: Snapshot::default(),
            planted: BTreeSet::new(),
            written: BTreeMap::new(),
            scope_changed: None,
            first_place_lies: false,
            misled: Cell::new(false),
        }
    }

    pub fn begin(&mut self, snapshot: Snapshot) {
        for token in &snapshot.tokens {
            self.known.push(known(token, Maker::Other, None));
        }
        self.last = snapshot;
    }

    /// A break, where this law is checked.
    pub fn judge(&self, law: Law, words: impl std::convert::Into<String>) -> Checked {
        let found = Break {
            law,
            words: words.into(),
        };
        if self.misled.get() && law != Law::Trust {
            return Ok(());
        }
        if self.laws.checked.contains(&law) {
            return Err(found);
        }
        Ok(())
    }

    pub fn last(&self) -> &Snapshot {
        &self.last
    }

    pub fn known(&self) -> &[Known] {
        &self.known
    }

    fn nth(&self, token: u8) -> &Known {
        &self.known[usize::from(token) % self.known.len()]
    }

    pub fn id(&self, token: u8) -> String {
        self.nth(token).pair.0.clone()
    }

    pub fn name(&self, token: u8) -> String {
        self.nth(token).name.clone()
    }

    pub fn first_pair(&self) -> Pair {
        self.known[0].pair.clone()
    }

    /// A host's rotations, the oldest first.
    pub fn rotations(&self, host: usize) -> Vec<String> {
        let journals = self.last.journals[host].iter().rev();
        journals.map(|journal| text(journal, "rotation")).collect()
    }

    pub fn all_rotations(&self) -> Vec<String> {
        let journals = self.last.journals.iter().flatten();
        journals.map(|journal| text(journal, "rotation")).collect()
    }

    pub fn is_planted(&self, rotation: &str) -> bool {
        self.planted.contains(rotation)
    }

    pub fn planted(&mut self, rotation: String) {
        self.planted.insert(rotation);
    }

    pub fn renamed(&mut self, id: &str) {
        for known in self.known.iter_mut().filter(|known| known.pair.0 == id) {
            known.is_renamed = true;
        }
    }

    pub fn scope_changed(&mut self) {
        self.scope_changed = Some(self.moment);
    }

    pub fn has_changed_scope(&self) -> bool {
        self.scope_changed.is_some()
    }

    pub fn find(&self, id: &str) -> Option<&Known> {
        self.known.iter().find(|known| known.pair.0 == id)
    }

    pub fn words(&self, id: &str) -> String {
        let number = self.known.iter().position(|known| known.pair.0 == id);
        match number {
            Some(number) => format!("token {number} '{}' ({id})", self.known[number].name),
            None => format!("a token that never was ({id})"),
        }
    }

    pub fn observe(&mut self, cause: &Cause, after: Snapshot) -> Checked {
        self.moment += 1;
        let before = std::mem::replace(&mut self.last, after);
        let after = self.last.clone();
        let born = self.births(cause, &before, &after);
        let died = self.deaths(&after);
        let by = cause.host().map(|(host, _)| host);
        for place in after
            .places
            .iter()
            .filter(|place| !before.places.contains(place))
        {
            self.written.insert(place.0.clone(), (self.moment, by));
        }
        let Some((host, doing)) = cause.host() else {
            self.others_did(&before, &after);
            return Ok(());
        };
        if let (Cause::Request { .. }, Some(doing)) = (cause, doing) {
            for id in died {
                self.removed(host, doing, &id, &before)?;
            }
            for id in born {
                self.succeeded(host, doing, &id, &before, &after)?;
            }
        }
        self.overwritten(cause, &before, &after)?;
        self.erased(cause, doing, &before, &after)?;
        if let Cause::End {
            doing,
            reply,
            lines,
            ..
        } = cause
        {
            self.said(host, doing, reply, &after)?;
            self.kept_secret(reply, lines, &after)?;
        }
        Ok(())
    }

    fn births(&mut self, cause: &Cause, before: &Snapshot, after: &Snapshot) -> Vec<String> {
        let mut born = Vec::new();
        for token in &after.tokens {
            let id = text(token, "id");
            if let Some(known) = self.known.iter_mut().find(|known| known.pair.0 == id) {
                known.name = text(token, "name");
                continue;
            }
            let (maker, service) = self.maker(cause, token, before);
            self.known.push(known(token, maker, service));
            born.push(id);
        }
        born
    }

    /// A rotation's token is made under a name that holds the rotation's id.
    fn maker(&self, cause: &Cause, token: &Value, before: &Snapshot) -> (Maker, Option<String>) {
        let Cause::Request { host, .. } = cause else {
            return (Maker::Other, None);
        };
        let name = text(token, "name");
        let of_name = |journal: &&Value| name.contains(&text(journal, "rotation"));
        let Some(journal) = before.journals[*host].iter().find(of_name) else {
            return (Maker::Other, None);
        };
        let old = self.find(&text(journal, "oldId"));
        let maker = Maker::Rotation {
            host: *host,
            rotation: text(journal, "rotation"),
        };
        (maker, old.map(|old| old.service.clone()))
    }

    fn deaths(&mut self, after: &Snapshot) -> Vec<String> {
        let mut died = Vec::new();
        for known in &mut self.known {
            if known.died.is_none() && !after.lives(&known.pair.0) {
                known.died = Some(self.moment);
                died.push(known.pair.0.clone());
            }
        }
        died
    }

    fn others_did(&mut self, before: &Snapshot, after: &Snapshot) {
        for known in &mut self.known {
            if before.holds(&known.pair) && !after.holds(&known.pair) {
                known.is_lost_by_others = true;
            }
        }
    }

    /// It died after the service last told this operation what there is: no host can know.
    pub fn could_not_know(&self, doing: &Doing, id: &str) -> bool {
        let died = self.find(id).and_then(|known| known.died);
        matches!((died, doing.last_list), (Some(died), Some(list)) if died > list)
    }
}

fn known(token: &Value, maker: Maker, service: Option<String>) -> Known {
    let id = text(token, "id");
    Known {
        service: service.unwrap_or_else(|| id.clone()),
        pair: (id, text(token, "secret")),
        name: text(token, "name"),
        owner: text(&token["owner"], "id"),
        maker,
        died: None,
        is_renamed: false,
        is_lost_by_others: false,
    }
}
