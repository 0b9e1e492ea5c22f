//! What an administrator does behind a client's back, and what only the service knows, as functions for a test in
//! the same program. No right is asked for, and nothing is counted.

use serde_json::{Value, json};

use crate::server::Emulator;
use crate::shared::lock;
use crate::tenant::Tenant;
use crate::tokens::Token;
use crate::version::Shape;

impl Emulator {
    /// Every token that lives, with every field, its secret too.
    pub fn tokens(&self) -> Vec<Value> {
        let tenant = lock(&self.shared.tenant);
        let shown = |token: &Token| {
            let mut shown = serde_json::to_value(tenant.body_of(token, Shape::NeverExpires))
                .expect("a token is always JSON");
            shown["secret"] = json!(token.secret);
            shown
        };
        tenant.tokens.all().map(shown).collect()
    }

    /// Whether there was one to remove.
    pub fn remove_token(&self, id: &str) -> bool {
        lock(&self.shared.tenant).remove(id).is_some()
    }

    /// Whether there is one to rename, and the name is free.
    pub fn rename_token(&self, id: &str, name: &str) -> bool {
        let mut tenant = lock(&self.shared.tenant);
        let is_free = |tenant: &Tenant| {
            let owner = &tenant.tokens.get(id)?.owner;
            tenant.unique_name(owner, name, Some(id)).ok()
        };
        if is_free(&tenant).is_none() {
            return false;
        }
        tenant.change(id).is_some_and(|token| {
            name.clone_into(&mut token.name);
            token.as_given.remove("name");
            true
        })
    }

    /// Gives a token another scope; none is all of its owner's rights. Whether there is one.
    pub fn scope_token(&self, id: &str, scope: Option<&[&str]>) -> bool {
        let mut tenant = lock(&self.shared.tenant);
        tenant.change(id).is_some_and(|token| {
            token.scope = scope.map(|names| names.iter().map(|&name| name.to_owned()).collect());
            token.as_given.remove("scope");
            true
        })
    }
}
