//! Generated tenants: so many identities and so many tokens, of all ages and kinds.

use jiff::{SignedDuration, Timestamp};
use serde_json::Map;

use crate::rights::Rights;
use crate::rules;
use crate::seed::{self, Credential};
use crate::tenant::{Identity, Tenant};
use crate::tokens::{DEFAULT_VALIDITY_SECONDS, SCOPE_ALL, Token};

/// How many tokens an identity gets where the number of identities is left open.
const TOKENS_PER_IDENTITY: usize = 8;

const SCOPES: [&[&str]; 4] = [
    &[SCOPE_ALL],
    &["sp:my-personal-access-tokens:read"],
    &[
        "sp:my-personal-access-tokens:manage",
        "idn:identity-profile:read",
    ],
    &[
        "idn:accounts:read",
        "idn:access-request:manage",
        "idn:sources:read",
    ],
];

const PURPOSES: [&str; 6] = [
    "Nightly report",
    "Account import",
    "Access review export",
    "Build pipeline",
    "Monitoring",
    "Ticket sync",
];

/// An administrator and `identities` more (0: as many as fit the tokens), and tokens until there
/// are `tokens` in all.
pub(crate) fn generate(tenant: &mut Tenant, identities: usize, tokens: usize) -> Credential {
    let admin = seed::add_admin(tenant);
    let credential = seed::add_credential(tenant, &admin, None, None);
    let missing = tokens.saturating_sub(tenant.tokens.len());
    let wanted = match identities {
        0 => missing.div_ceil(TOKENS_PER_IDENTITY),
        given => given,
    };
    let owners: Vec<String> = (1..=wanted)
        .map(|number| identity(tenant, number))
        .collect();
    let now = Timestamp::now();
    for number in 0..missing {
        let owner = owners[number % owners.len()].clone();
        let token = token(tenant, owner, number, now);
        tenant.insert(token);
    }
    credential
}

fn identity(tenant: &mut Tenant, number: usize) -> String {
    let id = tenant.new_id();
    let identity = Identity {
        name: format!("Identity {number:05}"),
        rights: Rights::OWN,
    };
    tenant.add_identity(&id, identity);
    id
}

fn token(tenant: &mut Tenant, owner: String, number: usize, now: Timestamp) -> Token {
    let (id, secret) = (tenant.new_id(), tenant.new_secret());
    let rng = &mut tenant.rng;
    // Up to 200 days old, so that some have passed their six months.
    let age = rng.i64(0..200 * 86_400 * 1_000_000);
    let used = rng.u8(0..5) > 0;
    let never_expires = rng.u8(0..20) == 0;
    let created = before(now, age);
    Token {
        id,
        secret,
        name: format!("{} {number:06}", PURPOSES[rng.usize(0..PURPOSES.len())]),
        scope: Some(
            SCOPES[rng.usize(0..SCOPES.len())]
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect(),
        ),
        owner,
        created,
        last_used: used.then(|| before(now, rng.i64(0..=age))),
        managed: rng.u8(0..20) == 0,
        access_token_validity_seconds: DEFAULT_VALIDITY_SECONDS,
        expiration_date: (!never_expires).then(|| rules::six_months_after(created)),
        user_aware_token_never_expires: never_expires,
        as_given: Map::new(),
        usable_from: None,
    }
}

fn before(now: Timestamp, microseconds: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_micros(microseconds))
        .unwrap_or(now)
}
