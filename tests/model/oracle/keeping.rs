//! Laws 3, 4 and 5: what is kept, and what is written over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Known, Maker, Oracle, text};
use crate::host::Doing;
use crate::laws::{Cause, Law};
use crate::snapshot::{Holds, Snapshot};
use crate::world::Checked;

impl Oracle {
    /// Law 5.
    pub fn overwritten(&self, cause: &Cause, before: &Snapshot, after: &Snapshot) -> Checked {
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
    pub fn erased(
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
}
