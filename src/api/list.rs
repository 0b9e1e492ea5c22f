//! The list request, and finding one token in a list.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;

use crate::api::fields::Fields;
use crate::api::filter;
use crate::api::id::TokenId;
use crate::api::lenient;
use crate::api::request::{Method, Request};
use crate::api::version::Version;
use crate::error::{Code, Error, Result};

/// Everything that has a meaning in a query, or none in a URL.
const QUERY_VALUE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'`');

/// Whose tokens to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListOwner {
    /// The caller's own.
    Me,
    /// One identity's.
    Identity(TokenId),
    /// The whole tenant's; needs `idn:all-personal-access-tokens:read`.
    Everyone,
}

impl ListOwner {
    fn parse(text: Option<String>) -> Result<Self> {
        match text.as_deref() {
            None => Ok(ListOwner::Everyone),
            Some("me") => Ok(ListOwner::Me),
            Some(id) => TokenId::parse("ownerId", id.to_owned()).map(ListOwner::Identity),
        }
    }
}

/// Builds a list request from its fields `ownerId` and `filters`.
pub fn from_fields(version: &Version, mut fields: Fields<'_>) -> Result<Request> {
    fields.never_null(&[
        ("ownerId", "leave it out for the whole tenant"),
        ("filters", "leave it out for every token"),
    ])?;
    let owner = ListOwner::parse(fields.string("ownerId")?)?;
    let filters = fields.string("filters")?;
    fields.finish()?;
    let filters = filters.as_deref().map(filter::parse).transpose()?;
    Ok(request(version, &owner, filters))
}

/// A list of `owner`'s tokens. The service knows no pages: one reply holds everything.
pub fn request(version: &Version, owner: &ListOwner, filters: Option<&str>) -> Request {
    let mut target = version.collection.to_owned();
    let mut separator = '?';
    let owner = match owner {
        ListOwner::Everyone => None,
        ListOwner::Me => Some("me"),
        ListOwner::Identity(id) => Some(id.as_str()),
    };
    for (key, value) in [("owner-id", owner), ("filters", filters)] {
        if let Some(value) = value {
            target.push(separator);
            target.push_str(key);
            target.push('=');
            target.extend(utf8_percent_encode(value, QUERY_VALUE));
            separator = '&';
        }
    }
    Request {
        method: Method::Get,
        target,
        body: None,
        repeatable: true,
    }
}

/// The elements of a list, each as its own JSON text.
pub fn elements(list: &[u8]) -> Result<Vec<&RawValue>> {
    serde_json::from_slice(list).map_err(|error| {
        Error::new(
            Code::ReplyInvalid,
            format!("the list is not an array: {error}"),
        )
    })
}

/// The element whose `id` is `id`, as it stands in the list.
pub fn find<'a>(list: &'a [u8], id: &TokenId) -> Result<Option<&'a RawValue>> {
    #[derive(serde::Deserialize)]
    struct WithId<'a> {
        #[serde(borrow)]
        id: std::borrow::Cow<'a, str>,
    }
    let is_wanted = |element: &&RawValue| match serde_json::from_str::<WithId>(element.get()) {
        Ok(token) => token.id == id.as_str(),
        // Its id is no text, or there more than once.
        Err(_) => has_id(element, id),
    };
    Ok(elements(list)?.into_iter().find(is_wanted))
}

fn has_id(element: &RawValue, id: &TokenId) -> bool {
    let fields = lenient::fields(element).unwrap_or_default();
    let own = lenient::field(&fields, "id").and_then(lenient::text);
    own.as_deref() == Some(id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::version::{default_version, find as version};

    fn target(json: &str) -> Result<String> {
        from_fields(default_version(), Fields::of_request(json)?).map(|request| request.target)
    }

    #[test]
    fn owner_and_filter_become_the_query() {
        let base = "/v2024/personal-access-tokens";
        assert_eq!(target("{}").unwrap(), base);
        assert_eq!(
            target(r#"{"ownerId":"me"}"#).unwrap(),
            format!("{base}?owner-id=me")
        );
        assert_eq!(
            target(r#"{"ownerId":"me","filters":"lastUsed le 2026-01-01T00:00:00+01:00"}"#)
                .unwrap(),
            format!("{base}?owner-id=me&filters=lastUsed%20le%202026-01-01T00:00:00%2B01:00")
        );
    }

    #[test]
    fn v1_lists_below_its_own_path() {
        let request = request(version("v1").unwrap(), &ListOwner::Me, None);
        assert_eq!(request.target, "/personal-access-tokens/v1?owner-id=me");
    }

    #[test]
    fn an_owner_that_is_no_id_is_refused() {
        let error = target(r#"{"ownerId":"me&filters=x"}"#).unwrap_err();
        assert_eq!(error.detail().field.as_deref(), Some("ownerId"));
    }

    #[test]
    fn nothing_empty_lists_the_whole_tenant_or_every_token() {
        for field in ["ownerId", "filters"] {
            for value in [r#""""#, r#"" ""#, "null"] {
                let error = target(&format!(r#"{{"{field}":{value}}}"#)).unwrap_err();
                assert_eq!(error.detail().field.as_deref(), Some(field), "{value}");
                let remedy = error.detail().remedy.clone().unwrap();
                assert!(remedy.starts_with("leave it out for "), "{remedy}");
            }
        }
    }

    #[test]
    fn one_token_is_found_as_it_stands_in_the_list() {
        let list = br#"[ {"id":"a","n":1.50}, {"n":2}, {"id":"b", "odd": null} ]"#;
        let id = |text: &str| TokenId::parse("id", text.to_owned()).unwrap();
        let found = find(list, &id("b")).unwrap().unwrap();
        assert_eq!(found.get(), r#"{"id":"b", "odd": null}"#);
        assert!(find(list, &id("c")).unwrap().is_none());
    }

    #[test]
    fn an_odd_token_hides_no_other_and_is_found_itself() {
        let list = br#"[null, 1, "\ud800", {"id":"\ud800"}, {"\udc00":1,"id":"a"}, {"id":7,"name":"\ud800"},
            {"id":null}, {"id":"x","id":"b"}, {"id":"c","n":1e400,"name":null,"created":{"at":[[]]}}]"#;
        let found =
            |text: &str| find(list, &TokenId::parse("id", text.to_owned()).unwrap()).unwrap();
        for id in ["a", "7", "b", "c"] {
            assert!(found(id).is_some(), "{id}");
        }
        for id in ["x", "null", "d"] {
            assert!(found(id).is_none(), "{id}");
        }
    }
}
