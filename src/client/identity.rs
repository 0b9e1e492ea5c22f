//! Who a client is, for what must stay with one tenant and one credential.

use crate::api::version::Version;
use crate::client::begun::InForce;
use crate::client::config::{Login, TokenUrl};
use crate::store::profiles::Profile;
use crate::store::{Pair, Store};

/// Who a client is, where, and where its pair is kept.
pub struct Identity {
    pub pair: Option<Pair>,
    pub base_url: String,
    /// None where it follows from the base URL.
    pub token_url: Option<String>,
    pub origin: Option<Store>,
    /// The version that its calls speak.
    pub version: &'static Version,
    /// The profile in force, where there is one.
    pub profile: Option<Profile>,
}

impl Identity {
    /// Of the settings in force, for calls of that version.
    pub fn of(in_force: &InForce, version: &'static Version) -> Self {
        let InForce { walk, resolved } = in_force;
        let pair = match &resolved.login {
            Login::Pair {
                client_id,
                client_secret,
            } => Some(Pair {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            }),
            Login::Bearer(_) => None,
        };
        let token_url = match &resolved.token_url {
            TokenUrl::Given(url) => Some(url.clone()),
            TokenUrl::Derived(_) => None,
        };
        Identity {
            pair,
            base_url: resolved.base().to_owned(),
            token_url,
            version,
            origin: walk.origin.clone(),
            profile: walk.profile.clone(),
        }
    }
}
