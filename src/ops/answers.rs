//! Answers that no single reply of the service gave. What comes from below is typed; it becomes JSON here.

use serde::Serialize;

use crate::client::Answer;

pub fn answer(data: &impl Serialize) -> Answer {
    Answer {
        status: None,
        data: serde_json::to_vec(data).unwrap_or_default(),
        request_id: None,
        deprecated: false,
        note: None,
        headers: None,
        handed: None,
    }
}

/// The same with a note for people.
pub fn noted(data: &impl Serialize, note: Option<String>) -> Answer {
    Answer {
        note,
        ..answer(data)
    }
}
