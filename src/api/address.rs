//! How an address is told to people.

use reqwest::Url;

/// An address without what could be a secret in it: a login, a query. Of what is none, or names what no host is called,
/// nothing is shown.
pub fn shown(text: &str) -> String {
    match Url::parse(text.trim()) {
        Ok(url) if url.host_str().is_some_and(is_host) => {
            let origin = url.origin().ascii_serialization();
            format!("{origin}{}", url.path().trim_end_matches('/'))
        }
        _ => "that is no address".to_owned(),
    }
}

fn is_host(host: &str) -> bool {
    let belongs = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    !host.is_empty() && host.chars().all(belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_host_and_path_alone() {
        for (text, expected) in [
            ("https://a.test", "https://a.test"),
            (" https://a.test/x/ ", "https://a.test/x"),
            (
                "https://user:planted@a.test:8443/x",
                "https://a.test:8443/x",
            ),
            ("https://a.test/x?key=planted#planted", "https://a.test/x"),
            ("https://planted77!", "that is no address"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("planted", "that is no address"),
            ("https://", "that is no address"),
            ("data:planted", "that is no address"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
