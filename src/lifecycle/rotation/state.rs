//! Where a rotation stands, judged by its journal, and how callers see it.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::lifecycle::rotation::journal::{Journal, Kind, Step};

/// A rotation that nobody finished for so long is overdue; one takes seconds.
const OVERDUE_AFTER: Duration = Duration::from_secs(600);

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationState {
    Begun,
    Created,
    Verified,
    Storing,
    AwaitingConfirmation,
    Stored,
    Overlapping,
    Deleted,
    Done,
    Undoing,
    Undone,
}

impl Journal {
    pub fn state(&self) -> RotationState {
        let mut state = RotationState::Begun;
        for line in &self.lines {
            state = match line.step {
                Step::Begin(_) | Step::Creating { .. } => RotationState::Begun,
                Step::Created { .. } => RotationState::Created,
                Step::Verified => RotationState::Verified,
                Step::Storing { .. } => RotationState::Storing,
                Step::HandedOver => RotationState::AwaitingConfirmation,
                Step::Stored => RotationState::Stored,
                Step::Overlapping { .. } => RotationState::Overlapping,
                Step::Deleted => RotationState::Deleted,
                Step::Done => RotationState::Done,
                Step::Undoing { .. } | Step::Restored => RotationState::Undoing,
                Step::Undone => RotationState::Undone,
                Step::Naming { .. }
                | Step::Named { .. }
                | Step::Left { .. }
                | Step::Failed { .. } => state,
            };
        }
        state
    }

    pub fn is_finished(&self) -> bool {
        matches!(self.state(), RotationState::Done | RotationState::Undone)
    }

    /// Whether the new token has the name it ends with.
    pub fn is_named(&self) -> bool {
        let named = |step: &Step| matches!(step, Step::Named { .. });
        self.lines.iter().any(|line| named(&line.step))
    }

    /// Whether the store or the caller ever got the new pair, or may have got it.
    pub fn may_be_stored(&self) -> bool {
        let stored = |step: &Step| {
            matches!(
                step,
                Step::Verified | Step::Storing { .. } | Step::HandedOver | Step::Stored
            )
        };
        self.lines.iter().any(|line| stored(&line.step))
    }

    /// What stays because it is somebody else's by now, or the only one.
    pub fn left(&self) -> Vec<&str> {
        let left = self.lines.iter().filter_map(|line| match &line.step {
            Step::Left { what } => Some(what.as_str()),
            _ => None,
        });
        left.collect()
    }

    /// The name that the rotation itself gave to its token in the end, or was about to give.
    pub fn given_name(&self) -> Option<&str> {
        self.lines.iter().rev().find_map(|line| match &line.step {
            Step::Naming { name } => Some(name.as_str()),
            _ => None,
        })
    }

    /// How much longer the store may be at work by itself, judged by this machine's clock.
    pub fn storing_for(&self) -> Option<Duration> {
        let line = self
            .lines
            .iter()
            .rev()
            .find(|line| matches!(line.step, Step::Storing { .. }))?;
        let Step::Storing { limit_ms } = line.step else {
            return None;
        };
        let begun: Timestamp = line.time.parse().ok()?;
        let end = begun.checked_add(Duration::from_millis(limit_ms)).ok()?;
        let left = end.duration_since(Timestamp::now());
        (!left.is_zero() && !left.is_negative()).then(|| left.unsigned_abs())
    }

    /// The new token, once it is known to be made.
    pub fn new_id(&self) -> Option<&str> {
        self.lines.iter().rev().find_map(|line| match &line.step {
            Step::Created { new_id } => Some(new_id.as_str()),
            _ => None,
        })
    }

    /// How often a create was sent.
    pub fn attempts(&self) -> u32 {
        self.lines.iter().fold(0, |most, line| match line.step {
            Step::Creating { attempt } => most.max(attempt),
            _ => most,
        })
    }

    /// The end of the overlap.
    pub fn overlap_until(&self) -> Option<Timestamp> {
        self.lines.iter().rev().find_map(|line| match &line.step {
            Step::Overlapping { until } => until.parse().ok(),
            _ => None,
        })
    }

    fn updated(&self) -> Option<&str> {
        self.lines.last().map(|line| line.time.as_str())
    }

    /// Whether somebody should look after it.
    pub fn is_overdue(&self) -> bool {
        if self.is_finished() {
            return false;
        }
        let now = Timestamp::now();
        if self.state() == RotationState::Overlapping {
            return self.overlap_until().is_none_or(|until| until <= now);
        }
        let updated = self
            .updated()
            .and_then(|time| time.parse::<Timestamp>().ok());
        updated
            .and_then(|updated| updated.checked_add(OVERDUE_AFTER).ok())
            .is_none_or(|limit| limit < now)
    }

    /// What to do next, in words.
    fn next(&self) -> Option<String> {
        Some(match self.state() {
            RotationState::Done | RotationState::Undone => return None,
            RotationState::Overlapping => match self.overlap_until() {
                Some(until) if until > Timestamp::now() => {
                    format!("resume it after {until:.0}: that removes the old token; or undo it")
                }
                _ => "resume it: that removes the old token; or undo it".to_owned(),
            },
            RotationState::AwaitingConfirmation => {
                "store the pair, read it back and confirm it; or undo it".to_owned()
            }
            RotationState::Undoing => "undo it again: it stopped half way".to_owned(),
            RotationState::Deleted => {
                "resume it: the old token is gone, the new pair is stored".to_owned()
            }
            RotationState::Storing => match self.storing_for() {
                Some(left) => format!(
                    "resume it in {:.0} s: until then the store may be at work",
                    left.as_secs_f64().ceil()
                ),
                None => "resume it: what the store holds decides".to_owned(),
            },
            _ => "resume it, or undo it".to_owned(),
        })
    }
}

/// A rotation as callers see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    rotation: String,
    kind: Kind,
    state: RotationState,
    finished: bool,
    overdue: bool,
    base_url: String,
    api_version: String,
    name: String,
    old_id: Option<String>,
    new_id: Option<String>,
    store_in: Value,
    stored_in: String,
    overlap_until: Option<String>,
    started: Option<String>,
    updated: Option<String>,
    next: Option<String>,
    history: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    time: String,
    step: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl View {
    pub fn of(journal: &Journal, stored_in: String) -> Self {
        let plan = &journal.plan;
        View {
            rotation: plan.rotation.clone(),
            kind: plan.kind,
            state: journal.state(),
            finished: journal.is_finished(),
            overdue: journal.is_overdue(),
            base_url: plan.base_url.clone(),
            api_version: plan.api_version.clone(),
            name: plan.name.clone(),
            old_id: plan.old_id.clone(),
            new_id: journal.new_id().map(str::to_owned),
            store_in: plan.store_in.clone(),
            stored_in,
            overlap_until: journal.overlap_until().map(|until| format!("{until:.0}")),
            started: journal.lines.first().map(|line| line.time.clone()),
            updated: journal.updated().map(str::to_owned),
            next: journal.next(),
            history: journal
                .lines
                .iter()
                .map(|line| Event {
                    time: line.time.clone(),
                    step: line.step.name(),
                    note: match &line.step {
                        Step::Failed { code, message } => Some(format!("{code}: {message}")),
                        Step::Undoing { reason } => Some(reason.clone()),
                        Step::Naming { name } | Step::Named { name } => Some(name.clone()),
                        Step::Left { what } => Some(what.clone()),
                        _ => None,
                    },
                })
                .collect(),
        }
    }

    pub fn new_id(&self) -> Option<&str> {
        self.new_id.as_deref()
    }

    /// What a create tells besides the token itself.
    pub fn summary(self) -> Vec<(&'static str, Value)> {
        vec![
            ("storedIn", self.stored_in.into()),
            ("rotation", self.rotation.into()),
            (
                "state",
                serde_json::to_value(self.state).unwrap_or_default(),
            ),
        ]
    }
}
