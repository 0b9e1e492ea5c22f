//! What people get wrong in an address, in words that say what to write instead.

use crate::api::value;

/// Ends of the service's own hosts.
const SERVICE_HOSTS: &[&str] = &[
    "identitynow.com",
    "identitynow-demo.com",
    "saas.sailpoint.com",
];
/// Names that stand for the tenant's own in documents, and are nobody's.
const STAND_INS: &[&str] = &["your-tenant", "your_tenant", "yourtenant", "tenant-name"];
const SIGN_IN: &str = "/oauth/token";

/// What is wrong with the text as it stands.
pub fn written(text: &str) -> Option<String> {
    if let Some(odd) = value::oddity(text) {
        return Some(odd.to_owned());
    }
    let last = text
        .chars()
        .next_back()
        .filter(|c| [';', ','].contains(c))?;
    Some(format!("ends with {last}: leave it out"))
}

/// A placeholder of a document or a template that nobody filled in. `rest` is what follows the scheme.
pub fn placeholder(authority: &str, rest: &str) -> Option<String> {
    let is_address = authority.starts_with('[') && authority.contains(':');
    let in_host = authority.contains(['$', '%']) || (authority.contains(['[', ']']) && !is_address);
    let first = authority.split(['.', ':']).next().unwrap_or_default();
    let stands_in = STAND_INS
        .iter()
        .any(|name| first.eq_ignore_ascii_case(name));
    (in_host || stands_in || rest.contains(['{', '}', '<', '>'])).then(|| {
        "holds a placeholder, as {tenant} is one: write the tenant's own name there".to_owned()
    })
}

/// What does not belong at the end of a base URL: an API version, or the place to sign in.
pub fn tail(base_url: &str) -> Option<String> {
    if base_url.to_ascii_lowercase().ends_with(SIGN_IN) {
        return Some(format!(
            "leave out {SIGN_IN}: the base URL ends before it, and tokenUrl is for another place to sign in"
        ));
    }
    let (_, rest) = base_url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let last = path.rsplit('/').next()?;
    is_version(last, is_service(host))
        .then(|| format!("leave out /{last}: the version is the setting apiVersion"))
}

/// A gateway may have a `/v1` of its own before the service; the service's hosts have none.
fn is_version(segment: &str, at_service: bool) -> bool {
    let segment = segment.to_ascii_lowercase();
    let Some(number) = segment.strip_prefix('v') else {
        return segment == "beta";
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_own = number == "3" || (number.len() == 4 && number.starts_with("20"));
    is_number && (at_service || is_own)
}

fn is_service(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or_default();
    SERVICE_HOSTS.iter().any(|end| host.ends_with(end))
}
