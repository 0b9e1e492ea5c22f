//! GET: the tokens of one owner or of the tenant, in one reply.

use bytes::Bytes;

use crate::filter::Filter;
use crate::replies::Refusal;
use crate::tenant::{Bearer, Tenant};
use crate::tokens::Token;
use crate::version::Version;
use crate::views::View;

pub(crate) fn list(
    tenant: &mut Tenant,
    caller: &Bearer,
    version: Version,
    query: &str,
) -> Result<Bytes, Refusal> {
    let (owner_id, filter) = parameters(query);
    let owner = match owner_id.as_deref() {
        Some("me") if caller.rights.list_own() => Some(caller.identity.clone()),
        Some(id) if id != "me" && caller.rights.list_all() => Some(id.to_owned()),
        None if caller.rights.list_all() => None,
        _ => return Err(Refusal::Forbidden),
    };
    let view = View {
        owner,
        managed: caller.rights.list_managed(),
        shape: version.shape(),
    };
    match filter {
        Some(text) => {
            let filter = Filter::parse(&text).map_err(Refusal::BadRequest)?;
            Ok(write(tenant, &view, Some(&filter)))
        }
        None => Ok(unfiltered(tenant, view)),
    }
}

fn parameters(query: &str) -> (Option<String>, Option<String>) {
    let (mut owner_id, mut filters) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "owner-id" => owner_id = Some(value.into_owned()),
            "filters" => filters = Some(value.into_owned()),
            _ => {}
        }
    }
    (owner_id, filters)
}

fn unfiltered(tenant: &mut Tenant, view: View) -> Bytes {
    if let Some(body) = tenant.lists.get(&view) {
        return body;
    }
    let body = write(tenant, &view, None);
    tenant.lists.keep(view, body.clone());
    body
}

fn write(tenant: &Tenant, view: &View, filter: Option<&Filter>) -> Bytes {
    match &view.owner {
        Some(owner) => write_all(tenant, tenant.tokens.of_owner(owner), view, filter),
        None => write_all(tenant, tenant.tokens.all(), view, filter),
    }
}

fn write_all<'a>(
    tenant: &Tenant,
    tokens: impl Iterator<Item = &'a Token>,
    view: &View,
    filter: Option<&Filter>,
) -> Bytes {
    let visible = tokens
        .filter(|token| view.managed || !token.managed)
        .filter(|token| filter.is_none_or(|filter| filter.keeps(token.last_used)));
    let mut body = vec![b'['];
    for token in visible {
        if body.len() > 1 {
            body.push(b',');
        }
        serde_json::to_writer(&mut body, &tenant.body_of(token, view.shape))
            .expect("a token is always JSON");
    }
    body.push(b']');
    Bytes::from(body)
}
