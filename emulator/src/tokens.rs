//! A personal access token as the service keeps it, and the set of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The scope that a token gets when its creator names none.
pub(crate) const SCOPE_ALL: &str = "sp:scopes:all";
/// The validity that a token gets when its creator names none.
pub(crate) const DEFAULT_VALIDITY_SECONDS: u32 = 43_200;

pub(crate) struct Token {
    /// Also the client id that signs in with it.
    pub id: String,
    pub secret: String,
    pub name: String,
    /// None means as much as `sp:scopes:all`.
    pub scope: Option<Vec<String>>,
    /// The owner's identity id.
    pub owner: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
    pub managed: bool,
    pub access_token_validity_seconds: u32,
    pub expiration_date: Option<Timestamp>,
    pub user_aware_token_never_expires: bool,
    /// Fields that replies show exactly as a seed gave them: ones unknown here, dates in their
    /// own spelling, and values of a wrong type.
    pub as_given: Map<String, Value>,
    /// A new token that has not spread yet cannot sign in before.
    pub usable_from: Option<Instant>,
}

/// The tokens in the order of their creation, found by id and by owner.
#[derive(Default)]
pub(crate) struct Tokens {
    all: BTreeMap<u64, Token>,
    next: u64,
    by_id: HashMap<String, u64>,
    by_owner: HashMap<String, BTreeSet<u64>>,
}

impl Tokens {
    /// Adds a token; false, and nothing happens, where its id is taken.
    pub fn insert(&mut self, token: Token) -> bool {
        if self.by_id.contains_key(&token.id) {
            return false;
        }
        let number = self.next;
        self.next += 1;
        self.by_id.insert(token.id.clone(), number);
        self.by_owner
            .entry(token.owner.clone())
            .or_default()
            .insert(number);
        self.all.insert(number, token);
        true
    }

    pub fn remove(&mut self, id: &str) -> Option<Token> {
        let number = self.by_id.remove(id)?;
        let token = self.all.remove(&number)?;
        if let Some(numbers) = self.by_owner.get_mut(&token.owner) {
            numbers.remove(&number);
        }
        Some(token)
    }

    pub fn get(&self, id: &str) -> Option<&Token> {
        self.all.get(self.by_id.get(id)?)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Token> {
        self.all.get_mut(self.by_id.get(id)?)
    }

    pub fn all(&self) -> impl Iterator<Item = &Token> {
        self.all.values()
    }

    pub fn of_owner(&self, owner: &str) -> impl Iterator<Item = &Token> {
        self.by_owner
            .get(owner)
            .into_iter()
            .flatten()
            .filter_map(|number| self.all.get(number))
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }
}
