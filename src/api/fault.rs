//! The service's error bodies, in the three forms it uses: {detailCode, trackingId, messages, causes},
//! {error, error_description} and {message}.

use serde_json::Value;

const LONGEST_MESSAGE: usize = 2_000;
const LONGEST_ID: usize = 200;

/// What an error body says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// The service's own words.
    pub message: Option<String>,
    /// Names the failed request in the service's logs.
    pub tracking_id: Option<String>,
}

/// Reads `body`; what is not one of the known forms gives no message.
pub fn read(body: &[u8]) -> Fault {
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else {
        return Fault::default();
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::trim);
    let mut parts: Vec<&str> = Vec::new();
    parts.extend(text("error"));
    parts.extend(text("error_description"));
    parts.extend(text("message"));
    for list in ["messages", "causes"] {
        let entries = body.get(list).and_then(Value::as_array);
        parts.extend(
            entries
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.get("text")?.as_str()),
        );
    }
    if parts.is_empty() {
        parts.extend(text("detailCode"));
    }
    parts.dedup();
    Fault {
        message: (!parts.is_empty()).then(|| shortened(&parts.join("; "), LONGEST_MESSAGE)),
        tracking_id: text("trackingId").map(|id| shortened(id, LONGEST_ID)),
    }
}

/// As much of a text as a person reads; the whole is in the body or the headers.
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read() {
        let fault = read(
            br#"{"detailCode":"400.1 Bad Request Content","trackingId":"t1","messages":[{"locale":"en-US","text":"No."}],"causes":[{"text":"Because."}]}"#,
        );
        assert_eq!(fault.message.as_deref(), Some("No.; Because."));
        assert_eq!(fault.tracking_id.as_deref(), Some("t1"));
        let fault = read(br#"{"error":"JWT validation failed: JWT is expired"}"#);
        assert_eq!(
            fault.message.as_deref(),
            Some("JWT validation failed: JWT is expired")
        );
        let fault = read(br#"{"message":" Rate Limit Exceeded "}"#);
        assert_eq!(fault.message.as_deref(), Some("Rate Limit Exceeded"));
        let fault = read(br#"{"error":"invalid_client","error_description":"Bad credentials"}"#);
        assert_eq!(
            fault.message.as_deref(),
            Some("invalid_client; Bad credentials")
        );
        let fault = read(br#"{"detailCode":"500.0 Internal Fault"}"#);
        assert_eq!(fault.message.as_deref(), Some("500.0 Internal Fault"));
    }

    #[test]
    fn anything_else_has_no_message() {
        for body in [
            &b"<html>"[..],
            b"",
            b"[]",
            b"{}",
            b"{\"messages\":[1]}",
            b"\xff",
        ] {
            assert_eq!(read(body).message, None);
        }
    }
}
