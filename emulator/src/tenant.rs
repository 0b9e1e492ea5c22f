//! The state of the tenant: who is there, which tokens exist, who is signed in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;

use crate::replies::Refusal;
use crate::rights::Rights;
use crate::rules::refuse;
use crate::token_body::{Owner, TokenBody};
use crate::tokens::{Token, Tokens};
use crate::version::Shape;
use crate::views::Lists;

/// The tenant's name, and `org` in the reply to a sign-in.
pub(crate) const TENANT_NAME: &str = "emulator";
pub(crate) const POD: &str = "loopback";

/// How many tokens an identity may own; those of the platform (`managed`) do not count.
const TOKENS_PER_OWNER: usize = 10;

pub(crate) struct Identity {
    pub name: String,
    pub rights: Rights,
}

/// What a bearer stands for. Fixed when it is issued: a later change of scope does not reach it.
pub(crate) struct Bearer {
    pub client_id: String,
    pub identity: String,
    pub rights: Rights,
    pub expires: Instant,
}

pub(crate) struct Tenant {
    pub identities: BTreeMap<String, Identity>,
    /// The one that came first: it owns seeded tokens without an owner.
    pub first_identity: Option<String>,
    pub tokens: Tokens,
    pub bearers: HashMap<String, Arc<Bearer>>,
    pub lists: Lists,
    pub rng: Rng,
    pub tenant_id: String,
}

impl Tenant {
    pub fn new(mut rng: Rng) -> Tenant {
        let tenant_id = hex(&mut rng, 32);
        Tenant {
            identities: BTreeMap::new(),
            first_identity: None,
            tokens: Tokens::default(),
            bearers: HashMap::new(),
            lists: Lists::default(),
            rng,
            tenant_id,
        }
    }

    pub fn add_identity(&mut self, id: &str, identity: Identity) {
        self.lists.forget();
        self.first_identity.get_or_insert_with(|| id.to_owned());
        self.identities.insert(id.to_owned(), identity);
    }

    /// Adds a token, as `Tokens::insert`.
    pub fn insert(&mut self, token: Token) -> bool {
        self.lists.forget();
        self.tokens.insert(token)
    }

    pub fn remove(&mut self, id: &str) -> Option<Token> {
        self.lists.forget();
        self.tokens.remove(id)
    }

    /// A token to change.
    pub fn change(&mut self, id: &str) -> Option<&mut Token> {
        self.lists.forget();
        self.tokens.get_mut(id)
    }

    pub fn owner<'a>(&'a self, token: &'a Token) -> Owner<'a> {
        let identity = self.identities.get(&token.owner);
        Owner {
            id: &token.owner,
            name: identity.map(|identity| identity.name.as_str()),
        }
    }

    pub fn body_of<'a>(&'a self, token: &'a Token, shape: Shape) -> TokenBody<'a> {
        TokenBody {
            token,
            owner: self.owner(token),
            shape,
        }
    }

    /// Refuses a name that another token of the owner has; `but` is the id of the token itself.
    pub fn unique_name(&self, owner: &str, name: &str, but: Option<&str>) -> Result<(), Refusal> {
        let mut own = self.tokens.of_owner(owner);
        let taken = own.any(|token| token.name == name && Some(token.id.as_str()) != but);
        match taken {
            true => refuse(format!(
                "A personal access token named \"{name}\" already exists for this owner."
            )),
            false => Ok(()),
        }
    }

    /// Refuses one more token where an owner has all that are allowed.
    pub fn room_for_one_more(&self, owner: &str) -> Result<(), Refusal> {
        let own = self.tokens.of_owner(owner);
        match own.filter(|token| !token.managed).count() < TOKENS_PER_OWNER {
            true => Ok(()),
            false => refuse("The maximum of 10 personal access tokens per user is reached."),
        }
    }

    /// A new id, in the form that the service gives its own.
    pub fn new_id(&mut self) -> String {
        hex(&mut self.rng, 32)
    }

    pub fn new_secret(&mut self) -> String {
        hex(&mut self.rng, 64)
    }

    /// Makes every bearer issued so far an expired one.
    pub fn expire_bearers(&mut self) {
        let now = Instant::now();
        for bearer in self.bearers.values_mut() {
            *bearer = Arc::new(Bearer {
                client_id: bearer.client_id.clone(),
                identity: bearer.identity.clone(),
                rights: bearer.rights,
                expires: now,
            });
        }
    }
}

/// So many hexadecimal digits.
pub(crate) fn hex(rng: &mut Rng, digits: usize) -> String {
    (0..digits)
        .map(|_| char::from_digit(rng.u32(0..16), 16).expect("below 16"))
        .collect()
}
