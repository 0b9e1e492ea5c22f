//! Laws 1, 2 and 7: what may be removed, and when.

use serde_json::Value;

use super::{Maker, Oracle, is_unfinished, text};
use crate::host::Doing;
use crate::laws::Law;
use crate::snapshot::{Holds, Snapshot};
use crate::steps::Overlap;
use crate::world::Checked;

impl Oracle {
    /// Laws 1 and 2: a host removed a token.
    pub fn removed(&self, host: usize, doing: &Doing, id: &str, before: &Snapshot) -> Checked {
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
        let planned = journals
            .iter()
            .filter(is_old)
            .find(|journal| !self.is_planted(&text(journal, "rotation")));
        if let Some(journal) = planned {
            return self.old_removed(host, doing, id, journal, before);
        }
        let is_planted = |journal: &Value| {
            self.is_planted(&text(journal, "rotation"))
                && (journal["oldId"] == id || journal["newId"] == id)
        };
        if journals.iter().any(is_planted) {
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
    pub fn meddled_since(&self, place: &str, host: usize, doing: &Doing) -> bool {
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
}
