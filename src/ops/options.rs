//! What requests of several operations may hold.

use crate::api::fields::Fields;
use crate::api::id::TokenId;
use crate::client::{Options, settings};
use crate::error::Result;

/// Takes what any request may hold besides its own fields.
pub fn options(fields: &mut Fields<'_>) -> Result<Options> {
    Ok(Options {
        version: settings::api_version(fields)?,
        timeout: settings::milliseconds(fields, "timeoutMs")?,
    })
}

/// The options of a request that holds nothing else.
pub fn only_options(json: &str) -> Result<Options> {
    let mut fields = Fields::of_request(json)?;
    let options = options(&mut fields)?;
    fields.finish()?;
    Ok(options)
}

/// The token that a request may name.
pub fn token_id(fields: &mut Fields<'_>) -> Result<Option<TokenId>> {
    let id = fields.string("id")?;
    id.map(|id| TokenId::parse("id", id)).transpose()
}
