//! Who made each token, which secrets there ever were, and what was where: by this the laws are judged. It knows
//! what no host can know, so it also says what a host could not have known.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::host::Doing;
use crate::laws::{Break, Cause, Law, Laws};
use crate::snapshot::{Holds, Snapshot};
use crate::steps::Overlap;
use crate::vault::Pair;
use crate::world::Checked;

/// So much of a secret is one.
const TELLING: usize = 24;
/// Between two requests.
const LEEWAY_SECONDS: i64 = 3600;

pub struct Oracle {
    laws: Laws,
    /// Counts what happened.
    pub moment: u64,
    /// Every token there ever was, in the order in which they came.
    known: Vec<Known>,
    last: Snapshot,
    planted: BTreeSet<String>,
    /// When a place was last written to, and by which host.
    written: BTreeMap<String, (u64, Option<usize>)>,
    scope_changed: Option<u64>,
    /// Reads of the first place do not say what it holds.
    pub first_place_lies: bool,
    /// A planted journal was followed: what comes of it is no other law's.
    misled: Cell<bool>,
}

pub struct Known {
    pub pair: Pair,
    pub name: String,
    pub owner: String,
    pub maker: Maker,
    /// The first of the tokens of which each took another's place.
    service: String,
    died: Option<u64>,
    pub is_renamed: bool,
    /// An administrator removed the last copy of its secret.
    pub is_lost_by_others: bool,
}

#[derive(Clone, PartialEq)]
pub enum Maker {
    Other,
    Rotation { host: usize, rotation: String },
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

fn is_unfinished(journal: &Value) -> bool {
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

    fn find(&self, id: &str) -> Option<&Known> {
        self.known.iter().find(|known| known.pair.0 == id)
    }

    fn words(&self, id: &str) -> String {
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
    fn could_not_know(&self, doing: &Doing, id: &str) -> bool {
        let died = self.find(id).and_then(|known| known.died);
        matches!((died, doing.last_list), (Some(died), Some(list)) if died > list)
    }

    /// Laws 1 and 2: a host removed a token.
    fn removed(&self, host: usize, doing: &Doing, id: &str, before: &Snapshot) -> Checked {
        let what = self.words(id);
        if doing
            .rotation
            .as_ref()
            .is_some_and(|rotation| self.is_planted(rotation))
        {
            self.misled.set(true);
            return self.judge(
                Law::Trust,
                format!("{what} was removed as a planted journal says"),
            );
        }
        let journals = &before.journals[host];
        let is_old = |journal: &&Value| {
            journal["oldId"] == id && is_unfinished(journal) && journal["state"] != "undoing"
        };
        let mut plans = journals.iter().filter(is_old);
        let planned = plans
            .clone()
            .find(|journal| !self.is_planted(&text(journal, "rotation")));
        if let Some(journal) = planned {
            return self.old_removed(host, doing, id, journal, before);
        }
        if plans.next().is_some() {
            self.misled.set(true);
            return self.judge(
                Law::Trust,
                format!("{what} was removed as a planted journal says"),
            );
        }
        let maker = self.find(id).map(|known| known.maker.clone());
        let Some(Maker::Rotation { rotation, .. }) = maker else {
            return self.judge(
                Law::Removal,
                format!("{what} was removed and is no rotation's"),
            );
        };
        let Some(journal) = before.journal(host, &rotation) else {
            return self.judge(
                Law::Removal,
                format!("{what} was removed, of a rotation that this host does not know"),
            );
        };
        if journal["state"] == "done" && journal["newId"] == id {
            return self.judge(
                Law::Removal,
                format!("{what} was removed, in whose favour {rotation} is done"),
            );
        }
        let others = journals.iter().find(|journal| {
            journal["oldId"] == id
                && is_unfinished(journal)
                && text(journal, "rotation") != rotation
        });
        if let Some(other) = others {
            return self.judge(
                Law::Removal,
                format!(
                    "{what} was removed, which {} is about to replace",
                    other["rotation"]
                ),
            );
        }
        let pair = &self.find(id).expect("it is known").pair;
        let in_force = before.in_force(pair);
        match in_force {
            // Its caller asked for that, and has to look after his own place.
            Some(place) if place.starts_with("caller") => Ok(()),
            Some(place)
                if !self.meddled_since(place, host, doing) && text(journal, "oldId").is_empty() =>
            {
                // A further token goes before its place is cleared, or after.
                let _ = place;
                Ok(())
            }
            Some(place) if !self.meddled_since(place, host, doing) => self.judge(
                Law::Removal,
                format!("{what} was removed, whose pair is in force in {place}"),
            ),
            _ => Ok(()),
        }
    }

    /// Somebody else has written to it since an operation began.
    fn meddled_since(&self, place: &str, host: usize, doing: &Doing) -> bool {
        let written = self.written.get(place);
        written.is_some_and(|(when, by)| *when > doing.began && *by != Some(host))
    }

    fn old_removed(
        &self,
        host: usize,
        doing: &Doing,
        id: &str,
        journal: &Value,
        before: &Snapshot,
    ) -> Checked {
        let what = self.words(id);
        let new = text(journal, "newId");
        // No case takes as long as an overlap.
        let is_own = doing.overlap != Overlap::None
            && journal["state"] != "overlapping"
            && !doing.earlier.contains(&text(journal, "rotation"));
        let too_early = is_own || journal["state"] == "overlapping" && !doing.now;
        if too_early {
            self.judge(
                Law::Overlap,
                format!("{what} was removed before the overlap was over"),
            )?;
        }
        let gone = !before.lives(&new) && !self.could_not_know(doing, &new);
        let Some(holds) = before.store_of(journal) else {
            let new = self.words(&new);
            return if gone {
                self.judge(
                    Law::Proof,
                    format!("{what} was removed although {new} is gone"),
                )
            } else {
                Ok(())
            };
        };
        let place = before
            .places
            .iter()
            .find(|(_, held)| std::ptr::eq(held, holds));
        let place = place.map_or("", |(name, _)| name.as_str());
        if self.meddled_since(place, host, doing) || self.serves_instead(id, holds, before) {
            return Ok(());
        }
        if gone {
            let new = self.words(&new);
            return self.judge(
                Law::Proof,
                format!("{what} was removed although {new} is gone"),
            );
        }
        if holds.pair().is_some_and(|pair| pair.0 == new) {
            return Ok(());
        }
        self.judge(
            Law::Proof,
            format!(
                "{what} was removed although {place} does not hold the pair of {}",
                self.words(&new)
            ),
        )
    }

    /// A place holds a pair that works, of a token that has come after this one, or after one that has.
    fn serves_instead(&self, id: &str, holds: &Holds, snapshot: &Snapshot) -> bool {
        let held = holds.pair().filter(|pair| pair.0 != id);
        let known = held.and_then(|pair| self.known.iter().find(|known| known.pair == *pair));
        known.is_some_and(|known| {
            let same = self
                .find(id)
                .is_some_and(|old| old.service == known.service);
            same && snapshot.lives(&known.pair.0)
        })
    }

    /// Law 6.
    fn succeeded(
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

    /// Law 5.
    fn overwritten(&self, cause: &Cause, before: &Snapshot, after: &Snapshot) -> Checked {
        let law = match cause {
            Cause::Store { is_late: true, .. } => Law::SlowStore,
            _ => Law::Overwrite,
        };
        for ((place, was), (_, is)) in before.places.iter().zip(&after.places) {
            if place.starts_with("caller") || was == is {
                continue;
            }
            let Some(pair) = is.pair() else { continue };
            match was {
                Holds::Garbage(_) => {
                    self.judge(law, format!("{place} could not be read and was written"))?;
                }
                Holds::Foreign(_) => {
                    self.judge(law, format!("{place} is another tenant's and was written"))?;
                }
                Holds::Pair(third) if !self.may_replace(&third.0, &pair.0, after) => {
                    let is_gone = if after.lives(&third.0) {
                        ""
                    } else {
                        ", which is gone,"
                    };
                    let (third, by) = (self.words(&third.0) + is_gone, self.words(&pair.0));
                    self.judge(
                        law,
                        format!(
                            "the pair of {third} in {place} was written over with that of {by}"
                        ),
                    )?;
                }
                Holds::Pair(_) | Holds::Nothing => {}
            }
        }
        Ok(())
    }

    /// Whether a rotation leads from the one token to the other, or back.
    fn may_replace(&self, was: &str, is: &str, after: &Snapshot) -> bool {
        let ways = after.journals.iter().flatten();
        let leads = |journal: &Value| {
            let (old, new) = (text(journal, "oldId"), text(journal, "newId"));
            old == was && new == is || old == is && new == was
        };
        was == is || ways.into_iter().any(leads)
    }

    /// Laws 3 and 4.
    fn erased(
        &self,
        cause: &Cause,
        doing: Option<&Doing>,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Checked {
        let law = match cause {
            Cause::Store { is_late: true, .. } => Law::SlowStore,
            _ => Law::LastCopy,
        };
        for known in &self.known {
            let id = &known.pair.0;
            let lost = before.lives(id)
                && after.lives(id)
                && before.holds(&known.pair)
                && !after.holds(&known.pair);
            if lost && !self.may_be_erased(id, after) && !self.is_written_over(known, before, after)
            {
                let what = self.words(id);
                self.judge(
                    law,
                    format!("{what} lives, and the only copy of its secret was erased"),
                )?;
            }
        }
        let services: BTreeSet<&String> = self.known.iter().map(|known| &known.service).collect();
        for service in services {
            self.still_served(law, service, doing, before, after)?;
        }
        Ok(())
    }

    /// The old pair, where the new one is there and lives; a new one that is taken back, where the old one is.
    fn may_be_erased(&self, id: &str, after: &Snapshot) -> bool {
        let stays = |id: &str| {
            let known = self.find(id);
            after.lives(id) && known.is_some_and(|known| after.holds(&known.pair))
        };
        after.journals.iter().flatten().any(|journal| {
            let (old, new) = (text(journal, "oldId"), text(journal, "newId"));
            old == id && stays(&new) || new == id && (old.is_empty() || stays(&old))
        })
    }

    /// That is another law's.
    fn is_written_over(&self, known: &Known, before: &Snapshot, after: &Snapshot) -> bool {
        let mut places = before.places.iter().zip(&after.places);
        places.any(|((_, was), (_, is))| {
            let by = is.pair().filter(|_| was.pair() == Some(&known.pair));
            by.is_some_and(|by| !self.may_replace(&known.pair.0, &by.0, after))
        })
    }

    fn still_served(
        &self,
        law: Law,
        service: &str,
        doing: Option<&Doing>,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Checked {
        let serves = |snapshot: &Snapshot| {
            let of_service = self.known.iter().filter(|known| known.service == service);
            let mut served = of_service
                .filter(|known| snapshot.lives(&known.pair.0) && snapshot.holds(&known.pair));
            served.next().is_some()
        };
        let mut of_service = self.known.iter().filter(|known| known.service == service);
        if of_service.any(|known| self.is_written_over(known, before, after)) {
            return Ok(());
        }
        let is_further = self
            .find(service)
            .is_some_and(|known| known.maker != Maker::Other);
        if is_further || !serves(before) || serves(after) || self.first_place_lies {
            return Ok(());
        }
        let unknowable = |known: &Known| {
            known.service == service
                && before.holds(&known.pair)
                && !before.lives(&known.pair.0)
                && doing.is_some_and(|doing| self.could_not_know(doing, &known.pair.0))
        };
        if self.known.iter().any(unknowable) {
            return Ok(());
        }
        let what = self.words(service);
        self.judge(
            law,
            format!("no pair that lives is left of the service that began with {what}"),
        )
    }

    /// What a reply says.
    fn said(&self, host: usize, doing: &Doing, reply: &Value, after: &Snapshot) -> Checked {
        if reply["ok"] != true {
            return self.said_no(
                host,
                doing,
                &text(&reply["error"], "message"),
                &reply["error"],
                after,
            );
        }
        let data = &reply["data"];
        if doing.operation == "create"
            && data["storedIn"].is_null()
            && data["secret"].as_str().is_none()
        {
            self.judge(Law::Claim, "a token was made, and the reply has no secret")?;
        }
        let rotation = text(data, "rotation");
        let Some(journal) = after.journal(host, &rotation) else {
            return Ok(());
        };
        match data["state"].as_str() {
            _ if self.is_planted(&rotation) => Ok(()),
            Some("done") => self.said_done(host, doing, journal, after),
            Some("undone") => self.said_undone(journal, after),
            _ => Ok(()),
        }
    }

    fn said_no(
        &self,
        host: usize,
        doing: &Doing,
        message: &str,
        error: &Value,
        after: &Snapshot,
    ) -> Checked {
        let of_planted = self
            .planted
            .iter()
            .any(|rotation| message.contains(rotation.as_str()));
        if of_planted {
            return Ok(());
        }
        if error["code"] == "internal" {
            self.judge(Law::Claim, format!("an error of its own; {message}"))?;
        }
        if doing.operation == "create" && message.contains("another owner") {
            self.judge(
                Law::Ends,
                format!("another owner's rotation is in the way; {message}"),
            )?;
        }
        for known in &self.known {
            let id = &known.pair.0;
            let says = |words: &str| message.contains(&format!("{id} {words}"));
            let what = self.words(id);
            if (says("works") || says("still works"))
                && !after.lives(id)
                && !self.could_not_know(doing, id)
            {
                self.judge(
                    Law::Claim,
                    format!("said to work, and gone, is {what}; {message}"),
                )?;
            }
            let is_meddled = self
                .written
                .keys()
                .any(|place| self.meddled_since(place, host, doing));
            if says("works and is stored") && after.in_force(&known.pair).is_none() && !is_meddled {
                self.judge(
                    Law::Claim,
                    format!("said to be stored, and is not, is {what}; {message}"),
                )?;
            }
        }
        Ok(())
    }

    fn said_done(&self, host: usize, doing: &Doing, journal: &Value, after: &Snapshot) -> Checked {
        let (old, new) = (text(journal, "oldId"), text(journal, "newId"));
        // It was done before, and says so again.
        if doing.requests == 0 {
            return Ok(());
        }
        if after.lives(&old) && !doing.list_lied {
            self.judge(Law::Claim, format!("done, but {} lives", self.words(&old)))?;
        }
        let mut journals = after.journals.iter().flatten();
        if journals.any(|later| later["oldId"] == *new) {
            return Ok(());
        }
        if !after.lives(&new) && !self.could_not_know(doing, &new) {
            self.judge(
                Law::Claim,
                format!("done, but {} is gone", self.words(&new)),
            )?;
        }
        let Some(holds) = after.store_of(journal) else {
            return Ok(());
        };
        let place = after
            .places
            .iter()
            .find(|(_, held)| std::ptr::eq(held, holds));
        let place = place.map_or("", |(name, _)| name.as_str());
        if holds.pair().is_none_or(|pair| pair.0 != new) && !self.meddled_since(place, host, doing)
        {
            self.judge(
                Law::Claim,
                format!(
                    "done, but {place} does not hold the pair of {}",
                    self.words(&new)
                ),
            )?;
        }
        Ok(())
    }

    fn said_undone(&self, journal: &Value, after: &Snapshot) -> Checked {
        let new = text(journal, "newId");
        let holds = after.store_of(journal).and_then(Holds::pair);
        if !new.is_empty() && holds.is_some_and(|pair| pair.0 == new) && !after.lives(&new) {
            self.judge(
                Law::Claim,
                format!(
                    "undone, but its place holds the dead pair of {}",
                    self.words(&new)
                ),
            )?;
        }
        Ok(())
    }

    /// Law 8.
    fn kept_secret(&self, reply: &Value, lines: &[String], after: &Snapshot) -> Checked {
        let reply = reply.to_string();
        for known in &self.known {
            let telling = &known.pair.1[..TELLING.min(known.pair.1.len())];
            let what = self.words(&known.pair.0);
            if reply.contains(telling) || lines.iter().any(|line| line.contains(telling)) {
                self.judge(
                    Law::Secrecy,
                    format!("a reply or its log holds the secret of {what}"),
                )?;
            }
            let files = after.backups.iter();
            let open = |(path, text): &&(std::path::PathBuf, String)| {
                path.extension()
                    .is_some_and(|ending| ending == "jsonl" || ending == "log")
                    && text.contains(telling)
            };
            if let Some((path, _)) = files.into_iter().find(open) {
                self.judge(
                    Law::Secrecy,
                    format!("{} holds the secret of {what}", path.display()),
                )?;
            }
        }
        Ok(())
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
