//! The end of a case: nothing goes wrong any more, every host looks after what it left, and rotates once more.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clock;
use crate::laws::Law;
use crate::oracle::Maker;
use crate::snapshot::Holds;
use crate::steps::{Old, Overlap, Process, Second};
use crate::vault::Pair;
use crate::world::{Checked, World};

/// Longer than an external command may take.
const LONGEST_WAIT: Duration = Duration::from_millis(2500);
const PAUSE: Duration = Duration::from_millis(400);

/// The service's cap of tokens for each owner.
const MOST_TOKENS: usize = 10;

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

impl World {
    pub async fn come_to_rest(&mut self) -> Checked {
        self.story.push("nothing goes wrong any more".to_owned());
        self.vault.kept.mend();
        self.oracle.first_place_lies = false;
        for host in [0, 1] {
            self.finish(host).await?;
        }
        while !self.late.is_empty() {
            self.deliver().await?;
        }
        for host in [0, 1] {
            for rotation in self.oracle.rotations(host) {
                self.look_after(host, &rotation).await?;
            }
        }
        // What waits for a store's limit waits in real time.
        let until = Instant::now() + LONGEST_WAIT;
        while self.all_have_ended().is_err() && Instant::now() < until {
            self.story.push("some time later".to_owned());
            clock::wait(PAUSE).await;
            for host in [0, 1] {
                for rotation in self.oracle.rotations(host) {
                    self.look_after(host, &rotation).await?;
                }
            }
        }
        self.all_have_ended()?;
        for host in [0, 1] {
            if self.rotates_again(host).await? {
                self.has_no_orphans(host)?;
            }
        }
        Ok(())
    }

    fn all_have_ended(&self) -> Checked {
        for host in [0, 1] {
            for rotation in self.oracle.rotations(host) {
                self.has_ended(host, &rotation)?;
            }
        }
        Ok(())
    }

    fn is_open(&self, host: usize, rotation: &str) -> bool {
        let journal = self.oracle.last().journal(host, rotation);
        !self.oracle.is_planted(rotation)
            && journal.is_some_and(|journal| journal["finished"] != true)
    }

    /// As a user does it: resume; with a pair that works; at last undo.
    async fn look_after(&mut self, host: usize, rotation: &str) -> Checked {
        // The process that has the pair holds the lock; all hosts are one process here, which takes it for its own.
        if matches!(&self.hosts[1 - host].handed, Some((of, _)) if of == rotation) {
            return Ok(());
        }
        let mut resuming = json!({"rotation": rotation, "now": true});
        let handed = self.hosts[host].handed.clone();
        if let Some((_, (id, secret))) = handed.filter(|(of, _)| of == rotation) {
            resuming["confirm"] = json!({"clientId": id, "clientSecret": secret});
        }
        let url = self.tenant.url().to_owned();
        if self.is_open(host, rotation) {
            let settings = self.hosts[host].settings(&url, Process::Fresh);
            self.run(host, "rotation_resume", settings, resuming.clone())
                .await?;
        }
        let undoing = json!({"rotation": rotation});
        for (operation, request) in [("rotation_resume", resuming), ("rotation_undo", undoing)] {
            let Some(pair) = self.working_pair(host, rotation) else {
                break;
            };
            if self.is_open(host, rotation) {
                let settings = self.hosts[host].settings_with(&url, &pair);
                self.run(host, operation, settings, request).await?;
            }
        }
        Ok(())
    }

    async fn run(
        &mut self,
        host: usize,
        operation: &'static str,
        settings: Value,
        request: Value,
    ) -> Checked {
        self.story.push(format!("host {host}: {operation}"));
        let mut doing = self.doing(operation);
        doing.now = true;
        doing.rotation = request["rotation"].as_str().map(str::to_owned);
        self.begin_with(host, &settings, doing, &request).await?;
        self.finish(host).await
    }

    /// A living pair that is somewhere to be found, of the owner of a rotation's tokens.
    fn working_pair(&self, host: usize, rotation: &str) -> Option<Pair> {
        let last = self.oracle.last();
        let journal = last.journal(host, rotation)?;
        let known = self.oracle.known();
        let of = |id: String| known.iter().find(|known| known.pair.0 == id);
        let owner = of(text(journal, "oldId"))
            .or(of(text(journal, "newId")))
            .map(|token| token.owner.clone());
        let works = |pair: &Pair| last.lives(&pair.0) && last.holds(pair);
        let mut pairs = known
            .iter()
            .filter(|known| owner.as_ref().is_none_or(|owner| *owner == known.owner));
        pairs
            .find(|known| works(&known.pair))
            .map(|known| known.pair.clone())
    }

    /// A rotation may stay open where its place holds what is neither of its pairs.
    fn has_ended(&self, host: usize, rotation: &str) -> Checked {
        let last = self.oracle.last();
        let Some(journal) = last
            .journal(host, rotation)
            .filter(|_| self.is_open(host, rotation))
        else {
            return Ok(());
        };
        let (old, new) = (text(journal, "oldId"), text(journal, "newId"));
        let works = |pair: &Pair| {
            let token = last.token(&pair.0);
            (pair.0 == old || pair.0 == new)
                && token.is_some_and(|token| token["secret"] == *pair.1)
        };
        let handed = self.hosts[host].handed.as_ref();
        let could = match last.store_of(journal) {
            Some(holds) => holds.pair().is_some_and(works),
            None => handed.is_some_and(|(_, pair)| pair.0 == new && works(pair)),
        };
        if could && !self.oracle.has_changed_scope() {
            let (state, next) = (&journal["state"], &journal["next"]);
            let words =
                format!("{rotation} stays {state} ({next}), whose place holds a pair that works");
            return self.oracle.judge(Law::Ends, words);
        }
        Ok(())
    }

    /// Whether it could be asked for, and went through.
    async fn rotates_again(&mut self, host: usize) -> Result<bool, crate::laws::Break> {
        if host == 1 && self.setting.second == Second::SamePlace && self.setting.shared_state {
            return Ok(false);
        }
        let is_first = host == 0 || self.setting.second == Second::SamePlace;
        let place = &self.oracle.last().places[usize::from(!is_first)].1;
        let last = self.oracle.last();
        let pair = match place {
            Holds::Pair(pair)
                if last
                    .token(&pair.0)
                    .is_some_and(|token| token["secret"] == *pair.1) =>
            {
                pair.clone()
            }
            _ => return Ok(false),
        };
        let owner = &last.token(&pair.0).expect("it lives")["owner"]["id"];
        let own = last
            .tokens
            .iter()
            .filter(|token| &token["owner"]["id"] == owner);
        let is_plain = self.setting.old == Old::Plain || !is_first;
        let has_room = own.count() < MOST_TOKENS;
        let all_ended = [0, 1].iter().all(|host| {
            let rotations = self.oracle.rotations(*host);
            rotations
                .iter()
                .all(|rotation| !self.is_open(*host, rotation))
        });
        let planted = [0, 1].iter().any(|host| {
            let rotations = self.oracle.rotations(*host);
            rotations
                .iter()
                .any(|rotation| self.oracle.is_planted(rotation))
        });
        let settings = {
            let url = self.tenant.url().to_owned();
            self.hosts[host].settings(&url, Process::Fresh)
        };
        self.story.push(format!("host {host}: rotates once more"));
        let mut doing = self.doing("rotate");
        doing.overlap = Overlap::None;
        self.begin_with(host, &settings, doing, &json!({"verifySeconds": 0.05}))
            .await?;
        self.finish(host).await?;
        let went = self
            .story
            .last()
            .is_some_and(|words| words.contains("ends, \"done\""));
        if !went
            && is_plain
            && has_room
            && all_ended
            && !planted
            && !self.oracle.has_changed_scope()
        {
            let words = self.story.last().cloned().unwrap_or_default();
            self.oracle.judge(
                Law::Ends,
                format!("a rotation that nothing speaks against: {words}"),
            )?;
        }
        Ok(went)
    }

    /// A token that a rotation made lives, and nobody can use it: unless somebody else took its secret or its mark,
    /// or a rotation that says so still speaks of it.
    fn has_no_orphans(&self, host: usize) -> Checked {
        let last = self.oracle.last();
        for known in self.oracle.known() {
            let id = &known.pair.0;
            let made_here = matches!(&known.maker, Maker::Rotation { host: of, .. } if *of == host);
            let is_spoken_of = last.journals.iter().flatten().any(|journal| {
                journal["finished"] != true
                    && (journal["newId"] == *id.as_str()
                        || journal["oldId"] == *id.as_str()
                        // A create whose reply was lost: the journal knows the mark alone.
                        || known.name.contains(&text(journal, "rotation")))
            });
            let is_excused = known.is_renamed || known.is_lost_by_others || is_spoken_of;
            if made_here && last.lives(id) && !last.holds(&known.pair) && !is_excused {
                let words = format!("'{}' ({id}) lives, and nobody has its secret", known.name);
                self.oracle.judge(Law::Orphan, words)?;
            }
        }
        Ok(())
    }
}
