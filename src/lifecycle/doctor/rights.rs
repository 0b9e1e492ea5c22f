//! Which lists the credential may see, found out by asking for each once; and what the replies say about
//! the API version.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Examination;
use super::check::{Check, Name};
use crate::api::list::{self, ListOwner};
use crate::api::token::Token;
use crate::client::Answer;
use crate::client::reply::Shape;
use crate::error::{Code, Error};

/// No token was ever used before this: the whole tenant's list stays empty, and a refusal is a refusal.
const NONE_MEETS: &str = "lastUsed le 1970-01-01T00:00:00Z";

/// What the lists gave.
pub struct Lists {
    pub own: Result<Answer, Error>,
    pub tenant: Result<Answer, Error>,
}

impl Lists {
    /// Where the time was over before they came.
    pub fn unknown() -> Self {
        let unknown = || Error::new(Code::Timeout, "the lists did not come in time");
        Lists {
            own: Err(unknown()),
            tenant: Err(unknown()),
        }
    }

    pub fn own_tokens(&self) -> Option<Vec<Token>> {
        let tokens = list::elements(&self.own.as_ref().ok()?.data).ok()?;
        Some(tokens.into_iter().filter_map(Token::read).collect())
    }

    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        [&self.own, &self.tenant]
            .into_iter()
            .filter_map(|list| list.as_ref().err())
    }
}

pub async fn check(examination: &Examination<'_>, limit: Duration) -> (Check, Option<Lists>) {
    let started = Instant::now();
    let options = examination.one_request(limit);
    let (client, context) = (examination.client, examination.context);
    let begun = client.begin(options, context).await;
    let own = list::request(begun.version(), &ListOwner::Me, None);
    let own = client.run(&begun, &own, Shape::Array, context).await;
    let options = examination.one_request(limit.saturating_sub(started.elapsed()));
    let begun = client.begin(options, context).await;
    let tenant = list::request(begun.version(), &ListOwner::Everyone, Some(NONE_MEETS));
    let tenant = client.run(&begun, &tenant, Shape::Array, context).await;
    let lists = Lists { own, tenant };
    (judge(&lists), Some(lists))
}

/// Whether a list works; none where its failure says nothing about rights.
fn allowed(list: &Result<Answer, Error>) -> Option<bool> {
    match list {
        Ok(_) => Some(true),
        Err(error) if error.code() == Code::Forbidden => Some(false),
        Err(_) => None,
    }
}

fn judge(lists: &Lists) -> Check {
    let (own, tenant) = (allowed(&lists.own), allowed(&lists.tenant));
    let managed = lists
        .own_tokens()
        .is_some_and(|tokens| tokens.iter().any(|token| token.managed == Some(true)));
    // That no managed token shows does not say that none may be seen.
    let value = json!({"own": own, "tenant": tenant, "managed": managed.then_some(true)});
    let seen = if managed { ", managed ones too" } else { "" };
    let check = match (own, tenant) {
        (Some(true), Some(true)) => Check::ok(
            Name::Rights,
            format!("may list one's own tokens and the whole tenant's{seen}"),
        ),
        (Some(true), Some(false)) => Check::ok(
            Name::Rights,
            format!(
                "may list one's own tokens only{seen}; the tenant's are refused (403): lists without an owner will fail, and a token of somebody else is not visible"
            ),
        ),
        (Some(false), Some(true)) => Check::warning(
            Name::Rights,
            "may list the tenant's tokens, and not one's own (403)",
            "add sp:my-personal-access-tokens:read to the scope of the token in use, or use another one",
        ),
        (Some(false), Some(false)) => Check::failed(
            Name::Rights,
            "may list nothing: one's own tokens and the tenant's are refused (403)",
            "widen the scope of the token in use to sp:my-personal-access-tokens:read or more (a change takes up to 20 minutes), or use another one",
        ),
        _ => {
            let error = lists.errors().find(|error| error.code() != Code::Forbidden);
            match error {
                Some(error) => Examination::failed(Name::Rights, error),
                None => Check::skipped(Name::Rights, "nothing came back"),
            }
        }
    };
    check.with_value(value)
}

/// Whether the API version in force is deprecated.
pub fn version(examination: &Examination<'_>, lists: &Lists) -> Check {
    let version = examination.version();
    let answer = lists.own.as_ref().or(lists.tenant.as_ref());
    let Ok(answer) = answer else {
        return Check::skipped(Name::Version, "no list came whose headers would say");
    };
    let value = json!({"apiVersion": version, "deprecated": answer.deprecated});
    let check = if answer.deprecated {
        Check::warning(
            Name::Version,
            format!("{version} is deprecated by the service (X-Deprecated)"),
            "change over to its successor v1 in time: apiVersion v1 (Set-SailPatConfiguration -ApiVersion v1)",
        )
    } else {
        Check::ok(Name::Version, format!("{version} is not deprecated"))
    };
    check.with_value(value)
}
