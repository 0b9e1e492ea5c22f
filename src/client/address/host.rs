//! Hosts that can be: what the names in DNS allow, and the underscore that inner networks use.

use std::net::Ipv4Addr;

use reqwest::Url;

const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Checks host and port; `authority` is the two as they were written.
pub fn check(url: &Url, authority: &str) -> Result<(), String> {
    if url.port() == Some(0) {
        return Err("names port 0, which nothing listens on".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    if host.starts_with('[') {
        return Ok(());
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return check_number(host, authority);
    }
    check_name(host)
}

/// `2024` and `0x7f.1` are addresses, too, and hardly ever meant.
fn check_number(host: &str, authority: &str) -> Result<(), String> {
    let written = authority.split(':').next().unwrap_or_default();
    if written == host {
        return Ok(());
    }
    Err(format!(
        "names the address {host}: it must be written in full, or be a name"
    ))
}

fn check_name(host: &str) -> Result<(), String> {
    if ["http", "https"].contains(&host) {
        return Err("has its scheme twice".to_owned());
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.len() > LONGEST_HOST {
        return Err(format!(
            "names a host of more than {LONGEST_HOST} characters"
        ));
    }
    name.split('.').try_for_each(check_label)
}

fn check_label(label: &str) -> Result<(), String> {
    if label.is_empty() {
        return Err("names a host with an empty part: two dots, or one at its start".to_owned());
    }
    if label.len() > LONGEST_LABEL {
        return Err(format!(
            "names a host with a part of more than {LONGEST_LABEL} characters"
        ));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err("names a host with a part that begins or ends with a hyphen".to_owned());
    }
    let odd = |c: &char| !(c.is_ascii_alphanumeric() || *c == '-' || *c == '_');
    match label.chars().find(odd) {
        Some(c) => Err(format!("names a host with {c:?} in it")),
        None => Ok(()),
    }
}
