//! Seed documents: identities and tokens given as JSON, at the start or over the control path.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::rights::Rights;
use crate::rules;
use crate::tenant::{Identity, Tenant};
use crate::tokens::{DEFAULT_VALIDITY_SECONDS, SCOPE_ALL, Token};

/// Client id and secret of one token.
#[derive(Clone)]
pub(crate) struct Credential {
    pub client_id: String,
    pub client_secret: String,
}

/// Plants a whole document. The credential is that of the first identity that has one; where none
/// has, the first identity gets one, and where there is no identity, an administrator is made.
pub(crate) fn plant(tenant: &mut Tenant, document: &Value) -> Result<Credential, String> {
    let document = document.as_object().ok_or("a seed is a JSON object")?;
    only_known(document, &["identities", "tokens"])?;
    let none = json!([]);
    let identities = document.get("identities").unwrap_or(&none);
    // The tokens may describe the one that signs in, its secret too: read that afterwards.
    let first = match add_all_identities(tenant, identities)? {
        Some(first) => first,
        None => Planted {
            identity: add_admin(tenant),
            credential: None,
        },
    };
    add_tokens(tenant, document.get("tokens").unwrap_or(&none))?;
    let client_id = first.credential.map(|credential| credential.client_id);
    match client_id.and_then(|id| tenant.tokens.get(&id)) {
        Some(token) => Ok(Credential {
            client_id: token.id.clone(),
            client_secret: token.secret.clone(),
        }),
        None => Ok(add_credential(tenant, &first.identity, None, None)),
    }
}

/// The identity that may do everything.
pub(crate) fn add_admin(tenant: &mut Tenant) -> String {
    let id = tenant.new_id();
    let admin = Identity {
        name: "Administrator".to_owned(),
        rights: Rights::ALL,
    };
    tenant.add_identity(&id, admin);
    id
}

/// A token to sign in with; one of the same id gives way.
pub(crate) fn add_credential(
    tenant: &mut Tenant,
    identity: &str,
    client_id: Option<String>,
    client_secret: Option<String>,
) -> Credential {
    let client_id = client_id.unwrap_or_else(|| tenant.new_id());
    let client_secret = client_secret.unwrap_or_else(|| tenant.new_secret());
    let now = Timestamp::now();
    tenant.remove(&client_id);
    tenant.insert(Token {
        id: client_id.clone(),
        secret: client_secret.clone(),
        name: "Emulator sign-in".to_owned(),
        scope: Some(vec![SCOPE_ALL.to_owned()]),
        owner: identity.to_owned(),
        created: now,
        last_used: None,
        managed: false,
        access_token_validity_seconds: DEFAULT_VALIDITY_SECONDS,
        expiration_date: Some(rules::six_months_after(now)),
        user_aware_token_never_expires: false,
        as_given: Map::new(),
        usable_from: None,
    });
    Credential {
        client_id,
        client_secret,
    }
}

struct Planted {
    identity: String,
    credential: Option<Credential>,
}

/// Adds identities and answers [{id, clientId?, clientSecret?}]; none where one is wrong.
pub(crate) fn add_identities(tenant: &mut Tenant, given: &Value) -> Result<Value, String> {
    let mut planted = Vec::new();
    add_each_identity(tenant, given, |one| planted.push(one))?;
    Ok(planted
        .into_iter()
        .map(|one| match one.credential {
            Some(credential) => json!({
                "id": one.identity,
                "clientId": credential.client_id,
                "clientSecret": credential.client_secret,
            }),
            None => json!({"id": one.identity}),
        })
        .collect())
}

/// The first with a credential, or else the first.
fn add_all_identities(tenant: &mut Tenant, given: &Value) -> Result<Option<Planted>, String> {
    let mut first: Option<Planted> = None;
    add_each_identity(tenant, given, |one| {
        let better = first
            .as_ref()
            .is_none_or(|first| first.credential.is_none());
        if first.is_none() || better && one.credential.is_some() {
            first = Some(one);
        }
    })?;
    Ok(first)
}

fn add_each_identity(
    tenant: &mut Tenant,
    given: &Value,
    mut planted: impl FnMut(Planted),
) -> Result<(), String> {
    let given = given.as_array().ok_or("identities are an array")?;
    let read = given
        .iter()
        .map(GivenIdentity::read)
        .collect::<Result<Vec<_>, _>>()?;
    for one in read {
        let id = one.id.unwrap_or_else(|| tenant.new_id());
        let identity = Identity {
            name: one.name.unwrap_or_else(|| format!("Identity {id}")),
            rights: one.rights,
        };
        tenant.add_identity(&id, identity);
        let wanted = one.client_id.is_some() || one.client_secret.is_some();
        let credential =
            wanted.then(|| add_credential(tenant, &id, one.client_id, one.client_secret));
        planted(Planted {
            identity: id,
            credential,
        });
    }
    Ok(())
}

struct GivenIdentity {
    id: Option<String>,
    name: Option<String>,
    rights: Rights,
    client_id: Option<String>,
    client_secret: Option<String>,
}

impl GivenIdentity {
    fn read(given: &Value) -> Result<GivenIdentity, String> {
        let fields = given.as_object().ok_or("an identity is a JSON object")?;
        only_known(
            fields,
            &["id", "name", "rights", "clientId", "clientSecret"],
        )?;
        Ok(GivenIdentity {
            id: text(fields, "id")?,
            name: text(fields, "name")?,
            rights: rights(fields.get("rights"))?,
            client_id: text(fields, "clientId")?,
            client_secret: text(fields, "clientSecret")?,
        })
    }
}

/// Names of rights, or "all"; without any, those over the own tokens.
fn rights(given: Option<&Value>) -> Result<Rights, String> {
    match given {
        None => Ok(Rights::OWN),
        Some(Value::String(all)) if all == "all" => Ok(Rights::ALL),
        Some(Value::Array(names)) => names.iter().try_fold(Rights::default(), |rights, name| {
            let known = name.as_str().and_then(Rights::named);
            let known = known.ok_or_else(|| format!("{name} is no right"))?;
            Ok(rights.and(known))
        }),
        Some(other) => Err(format!("rights take names, not {other}")),
    }
}

/// Adds tokens and answers [{id, secret}]; none where one is wrong. The rules of create do not
/// hold here: a seed may hold what the service would no longer make. A token of an id that is there
/// already replaces the other one, whose secret and owner stay where none are given; thus a seed
/// can describe the token made from an identity's clientId.
pub(crate) fn add_tokens(tenant: &mut Tenant, given: &Value) -> Result<Value, String> {
    let given = given.as_array().ok_or("tokens are an array")?;
    let tokens = given
        .iter()
        .map(|one| token(tenant, one))
        .collect::<Result<Vec<_>, _>>()?;
    let mut ids = HashSet::new();
    if let Some(twice) = tokens.iter().find(|token| !ids.insert(token.id.as_str())) {
        return Err(format!("the token {} is there twice", twice.id));
    }
    let mut added = Vec::with_capacity(tokens.len());
    for token in tokens {
        added.push(json!({"id": token.id, "secret": token.secret}));
        tenant.remove(&token.id);
        tenant.insert(token);
    }
    Ok(added.into())
}

fn token(tenant: &mut Tenant, given: &Value) -> Result<Token, String> {
    let mut fields = given.as_object().ok_or("a token is a JSON object")?.clone();
    let id = text(&fields, "id")?.unwrap_or_else(|| tenant.new_id());
    let before = tenant.tokens.get(&id);
    let (known_secret, known_owner) = before
        .map(|token| (token.secret.clone(), token.owner.clone()))
        .unzip();
    let secret = text(&fields, "secret")?
        .or(known_secret)
        .unwrap_or_else(|| tenant.new_secret());
    let owner = owner(tenant, fields.remove("owner").as_ref(), known_owner)?;
    fields.remove("id");
    fields.remove("secret");
    let mut given = Given(fields);
    let now = Timestamp::now();
    let created = given.date("created").unwrap_or(now);
    let expires = given.0.contains_key("expirationDate");
    let expiration_date = given.date("expirationDate");
    Ok(Token {
        name: given
            .take("name", |value| value.as_str().map(str::to_owned))
            .unwrap_or_else(|| format!("Token {id}")),
        scope: given
            .take("scope", |value| rules::scope(value).ok())
            .unwrap_or_else(|| Some(vec![SCOPE_ALL.to_owned()])),
        owner,
        created,
        last_used: given.date("lastUsed"),
        managed: given.take("managed", Value::as_bool).unwrap_or(false),
        access_token_validity_seconds: given
            .take("accessTokenValiditySeconds", |value| {
                value.as_u64()?.try_into().ok()
            })
            .unwrap_or(DEFAULT_VALIDITY_SECONDS),
        expiration_date: match expires {
            true => expiration_date,
            false => Some(rules::six_months_after(created)),
        },
        user_aware_token_never_expires: given
            .take("userAwareTokenNeverExpires", Value::as_bool)
            .unwrap_or(false),
        usable_from: None,
        as_given: given.0,
        id,
        secret,
    })
}

/// The fields of a seeded token that are not yet understood. What stays here is shown as it is.
struct Given(Map<String, Value>);

impl Given {
    /// Takes a field out where it can be read.
    fn take<T>(&mut self, field: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = read(self.0.get(field)?)?;
        self.0.remove(field);
        Some(value)
    }

    /// Reads a date and leaves its text, to be shown in the spelling that was given.
    fn date(&mut self, field: &str) -> Option<Timestamp> {
        let value = self.0.get(field)?;
        if value.is_null() {
            self.0.remove(field);
            return None;
        }
        value.as_str()?.parse().ok()
    }
}

/// The owner's identity id: given as text or as the object of the replies, else the known one, else
/// the first identity's. An owner who is not there yet is made, without any right.
fn owner(
    tenant: &mut Tenant,
    given: Option<&Value>,
    known: Option<String>,
) -> Result<String, String> {
    let (id, name) = match given {
        None => (known.or_else(|| tenant.first_identity.clone()), None),
        Some(Value::String(id)) => (Some(id.clone()), None),
        Some(Value::Object(owner)) => (text(owner, "id")?, text(owner, "name")?),
        Some(other) => return Err(format!("owner takes an id or an object, not {other}")),
    };
    let id = id.ok_or("a token needs an owner")?;
    if !tenant.identities.contains_key(&id) {
        let identity = Identity {
            name: name.unwrap_or_else(|| format!("Identity {id}")),
            rights: Rights::default(),
        };
        tenant.add_identity(&id, identity);
    }
    Ok(id)
}

fn text(fields: &Map<String, Value>, field: &str) -> Result<Option<String>, String> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("{field} takes a string, not {other}")),
    }
}

fn only_known(fields: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        Some(field) => Err(format!("\"{field}\" is not one of {}", known.join(", "))),
        None => Ok(()),
    }
}
