//! The laws that are checked after every step, and what a break of one looks like.

use std::fmt;

use serde_json::Value;

use crate::host::Doing;

/// The numbers in brackets are those of the laws of rotation, in the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// [1] Removed is only the plan's old token, or one that this rotation made and that is neither in force nor
    /// another journal's.
    Removal,
    /// [2] Before a token goes, the one that stays lives: signs in anew, and is listed.
    Proof,
    /// [3] The only copy of a living token's secret is never erased; a service that had a living pair keeps one.
    LastCopy,
    /// [4] A store that finishes late does not leave a dead pair as the only one.
    SlowStore,
    /// [5] A place is written only where it holds the old pair, the new pair, or nothing.
    Overwrite,
    /// [6] A successor has no more than the old token had.
    Successor,
    /// [7] A journal that others could write is not believed.
    Trust,
    /// [8] No secret in a message, a journal, a log.
    Secrecy,
    /// A create is sent once.
    Once,
    /// What a reply says is so.
    Claim,
    /// Both tokens live as long as was asked for.
    Overlap,
    /// Once nothing goes wrong any more, every rotation comes to an end, and the next one goes through.
    Ends,
    /// Then there is no token that nobody can use.
    Orphan,
}

impl Law {
    pub const ALL: [Law; 13] = [
        Law::Removal,
        Law::Proof,
        Law::LastCopy,
        Law::SlowStore,
        Law::Overwrite,
        Law::Successor,
        Law::Trust,
        Law::Secrecy,
        Law::Once,
        Law::Claim,
        Law::Overlap,
        Law::Ends,
        Law::Orphan,
    ];

    pub fn named(name: &str) -> Option<Law> {
        let same = |law: &Law| format!("{law:?}").eq_ignore_ascii_case(name);
        Law::ALL.into_iter().find(same)
    }
}

/// Those that are checked.
#[derive(Clone, Debug)]
pub struct Laws {
    pub checked: Vec<Law>,
    /// Breaks of these sorts are known: a case ends with one, and passes.
    pub known: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Break {
    pub law: Law,
    pub words: String,
}

impl Break {
    /// The same for breaks of one sort: without the names, ids and numbers in it.
    pub fn sort(&self) -> String {
        let mut quotes = false;
        let words = self.to_string();
        let plain = words.split(';').next().unwrap_or_default();
        let unquoted = plain.chars().filter(|letter| {
            quotes ^= *letter == '\'';
            !quotes
        });
        let words: String = unquoted.collect();
        let is_plain = |word: &&str| {
            !word.contains(|letter: char| letter.is_ascii_digit() || "{}\"/".contains(letter))
        };
        words
            .split_whitespace()
            .filter(is_plain)
            .take(14)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.words)
    }
}

/// What made the world different.
pub enum Cause {
    /// The administrator, or somebody who writes to a place. What they make impossible breaks no law.
    Administrator,
    /// A host's request was carried out.
    Request { host: usize, doing: Doing },
    /// A host did something on its own machine.
    Host { host: usize, doing: Doing },
    /// An external command stored a pair.
    Store { host: usize, is_late: bool },
    End {
        host: usize,
        doing: Doing,
        reply: Value,
        lines: Vec<String>,
    },
}

impl Cause {
    pub fn host(&self) -> Option<(usize, Option<&Doing>)> {
        match self {
            Cause::Administrator => None,
            Cause::Store { host, .. } => Some((*host, None)),
            Cause::Request { host, doing }
            | Cause::Host { host, doing }
            | Cause::End { host, doing, .. } => Some((*host, Some(doing))),
        }
    }
}
