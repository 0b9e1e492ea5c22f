//! What can be set while it runs, over the control path.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::limit::RateLimit;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// None: no limit.
    pub rate_limit: Option<RateLimit>,
    /// For so long after its creation a new token cannot sign in.
    pub late_spread: Duration,
    /// Create replies lack accessTokenValiditySeconds and expirationDate.
    pub sparse_create_replies: bool,
    /// Lifetime of new bearers instead of the token's own validity.
    pub bearer_seconds: Option<u32>,
    /// Added to the Date header of every reply.
    pub date_skew_seconds: i64,
    /// The service's whole clock is ahead by this: the Date header, when a token was made, when one ends.
    pub clock_skew_seconds: i64,
    /// Replies are compressed where the request accepts gzip.
    pub gzip: bool,
}

impl Settings {
    /// Sets the named ones and leaves the others; the first wrong one refuses all of them.
    pub fn merged(mut self, wanted: &serde_json::Map<String, Value>) -> Result<Settings, String> {
        for (name, value) in wanted {
            self.set(name, value)
                .ok_or_else(|| format!("setting \"{name}\" does not take {value}"))?;
        }
        Ok(self)
    }

    fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "rateLimit" => self.rate_limit = rate_limit(value)?,
            "lateSpreadSeconds" => {
                self.late_spread = Duration::try_from_secs_f64(value.as_f64()?).ok()?;
            }
            "sparseCreateReplies" => self.sparse_create_replies = value.as_bool()?,
            "bearerSeconds" if value.is_null() => self.bearer_seconds = None,
            "bearerSeconds" => self.bearer_seconds = Some(value.as_u64()?.try_into().ok()?),
            "dateSkewSeconds" => self.date_skew_seconds = skew(value)?,
            "clockSkewSeconds" => self.clock_skew_seconds = skew(value)?,
            "gzip" => self.gzip = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    /// What the service's clock says.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        let skew = SignedDuration::from_secs(self.clock_skew_seconds);
        now.checked_add(skew).unwrap_or(now)
    }

    pub fn to_json(self) -> Value {
        json!({
            "rateLimit": self.rate_limit.map(|limit| json!({
                "requests": limit.requests,
                "perSeconds": limit.per_seconds,
            })),
            "lateSpreadSeconds": self.late_spread.as_secs_f64(),
            "sparseCreateReplies": self.sparse_create_replies,
            "bearerSeconds": self.bearer_seconds,
            "dateSkewSeconds": self.date_skew_seconds,
            "clockSkewSeconds": self.clock_skew_seconds,
            "gzip": self.gzip,
        })
    }
}

fn skew(seconds: &Value) -> Option<i64> {
    i32::try_from(seconds.as_i64()?).ok().map(i64::from)
}

/// null, "off", "N/S" or {"requests":N,"perSeconds":S}.
fn rate_limit(value: &Value) -> Option<Option<RateLimit>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => RateLimit::parse(text).ok(),
        Value::Object(limit) => {
            let requests = limit.get("requests")?.as_u64()?;
            let seconds = limit.get("perSeconds")?.as_f64()?;
            RateLimit::parse(&format!("{requests}/{seconds}")).ok()
        }
        _ => None,
    }
}
