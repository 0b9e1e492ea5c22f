//! What a reply says is so, and holds no secret (law 8).

use serde_json::Value;

use super::{Oracle, text};
use crate::host::Doing;
use crate::laws::Law;
use crate::snapshot::{Holds, Snapshot};
use crate::world::Checked;

/// So much of a secret is one.
const TELLING: usize = 24;
impl Oracle {
    /// What a reply says.
    pub fn said(&self, host: usize, doing: &Doing, reply: &Value, after: &Snapshot) -> Checked {
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
    pub fn kept_secret(&self, reply: &Value, lines: &[String], after: &Snapshot) -> Checked {
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
