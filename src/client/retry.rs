//! The retry law, as one pure function.
//!
//! Only what is safe to repeat is repeated (GET, DELETE, a PATCH of `replace` alone; never a create),
//! and only after 429, 502, 503, 504 or a connection fault, within the call's deadline.

use std::time::Duration;

/// The longest wait that this library chooses by itself; a Retry-After may ask for more.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// A 429 without Retry-After waits at least this long.
const RATE_LIMIT_BACKOFF: Duration = Duration::from_secs(1);
/// Waits are lengthened by up to this share, so that many callers do not return at once.
const JITTER: f64 = 0.25;

/// How an attempt ended, where it did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A reply with a status of 300 or more.
    Status {
        code: u16,
        retry_after: Option<Duration>,
    },
    /// The connection failed, before or after the request was sent.
    ConnectionFault,
    /// Anything that would fail again: a bad certificate, a reply past its limits.
    Final,
}

/// How often and how fast to repeat; from the settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Repeats after the first attempt.
    pub maximum_retries: u32,
    /// The first wait; doubled after each repeat.
    pub interval: Duration,
}

impl Default for Law {
    fn default() -> Self {
        Law {
            maximum_retries: 3,
            interval: Duration::from_millis(500),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Stop,
    After(Duration),
}

/// Decides after attempt number `attempt` (from 1) of a request. `remaining` is what the deadline
/// leaves, `jitter` a random number from 0 to 1.
pub fn decide(
    law: &Law,
    repeatable: bool,
    outcome: Outcome,
    attempt: u32,
    remaining: Duration,
    jitter: f64,
) -> Decision {
    if !repeatable || attempt > law.maximum_retries {
        return Decision::Stop;
    }
    let backoff = backoff(law.interval, attempt);
    let own = match outcome {
        Outcome::Status { code: 429, .. } => backoff.max(RATE_LIMIT_BACKOFF),
        Outcome::Status {
            code: 502..=504, ..
        }
        | Outcome::ConnectionFault => backoff,
        Outcome::Status { .. } | Outcome::Final => return Decision::Stop,
    };
    let delay = match outcome {
        Outcome::Status {
            retry_after: Some(asked),
            ..
        } => asked.max(backoff),
        _ => lengthened(own, jitter),
    };
    if delay < remaining {
        Decision::After(delay)
    } else {
        Decision::Stop
    }
}

fn backoff(interval: Duration, attempt: u32) -> Duration {
    interval
        .saturating_mul(2u32.saturating_pow(attempt - 1))
        .min(LONGEST_BACKOFF.max(interval))
}

fn lengthened(delay: Duration, jitter: f64) -> Duration {
    delay.mul_f64(1.0 + JITTER * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn status(code: u16) -> Outcome {
        Outcome::Status {
            code,
            retry_after: None,
        }
    }

    fn after(code: u16, seconds: u64) -> Outcome {
        Outcome::Status {
            code,
            retry_after: Some(Duration::from_secs(seconds)),
        }
    }

    #[test]
    fn the_law() {
        use Decision::{After, Stop};
        let law = Law::default();
        let fault = Outcome::ConnectionFault;
        let table: &[(&str, bool, Outcome, u32, Duration, f64, Decision)] = &[
            (
                "a create is never repeated",
                false,
                fault,
                1,
                MINUTE,
                0.0,
                Stop,
            ),
            (
                "not even after 429",
                false,
                after(429, 1),
                1,
                MINUTE,
                0.0,
                Stop,
            ),
            (
                "not even after 503",
                false,
                after(503, 1),
                1,
                MINUTE,
                0.0,
                Stop,
            ),
            (
                "a connection fault",
                true,
                fault,
                1,
                MINUTE,
                0.0,
                After(ms(500)),
            ),
            ("doubles", true, fault, 2, MINUTE, 0.0, After(ms(1_000))),
            (
                "doubles again",
                true,
                fault,
                3,
                MINUTE,
                0.0,
                After(ms(2_000)),
            ),
            ("and ends", true, fault, 4, MINUTE, 0.0, Stop),
            (
                "jitter lengthens",
                true,
                fault,
                1,
                MINUTE,
                1.0,
                After(ms(625)),
            ),
            ("502", true, status(502), 1, MINUTE, 0.0, After(ms(500))),
            ("503", true, status(503), 1, MINUTE, 0.0, After(ms(500))),
            ("504", true, status(504), 1, MINUTE, 0.0, After(ms(500))),
            (
                "503 with Retry-After",
                true,
                after(503, 7),
                1,
                MINUTE,
                1.0,
                After(ms(7_000)),
            ),
            (
                "429 with Retry-After",
                true,
                after(429, 7),
                1,
                MINUTE,
                1.0,
                After(ms(7_000)),
            ),
            (
                "429 with Retry-After 0 waits all the same",
                true,
                after(429, 0),
                1,
                MINUTE,
                1.0,
                After(ms(500)),
            ),
            (
                "429 without",
                true,
                status(429),
                1,
                MINUTE,
                0.0,
                After(ms(1_000)),
            ),
            (
                "past the deadline",
                true,
                after(429, 60),
                1,
                MINUTE,
                0.0,
                Stop,
            ),
            (
                "backoff past the deadline",
                true,
                fault,
                1,
                ms(400),
                0.0,
                Stop,
            ),
            ("400", true, status(400), 1, MINUTE, 0.0, Stop),
            ("401", true, status(401), 1, MINUTE, 0.0, Stop),
            ("403", true, status(403), 1, MINUTE, 0.0, Stop),
            ("404", true, status(404), 1, MINUTE, 0.0, Stop),
            ("408", true, status(408), 1, MINUTE, 0.0, Stop),
            ("500", true, status(500), 1, MINUTE, 0.0, Stop),
            ("501", true, status(501), 1, MINUTE, 0.0, Stop),
            ("a redirect", true, status(307), 1, MINUTE, 0.0, Stop),
            (
                "a bad certificate",
                true,
                Outcome::Final,
                1,
                MINUTE,
                0.0,
                Stop,
            ),
        ];
        for (what, repeatable, outcome, attempt, remaining, jitter, expected) in table {
            let decision = decide(&law, *repeatable, *outcome, *attempt, *remaining, *jitter);
            assert_eq!(decision, *expected, "{what}");
        }
    }

    #[test]
    fn retries_can_be_turned_off_and_slowed_down() {
        let off = Law {
            maximum_retries: 0,
            ..Law::default()
        };
        assert_eq!(
            decide(&off, true, status(503), 1, MINUTE, 0.0),
            Decision::Stop
        );
        let slow = Law {
            maximum_retries: 9,
            interval: Duration::from_secs(3),
        };
        let fault = Outcome::ConnectionFault;
        assert_eq!(
            decide(&slow, true, fault, 1, MINUTE, 0.0),
            Decision::After(ms(3_000))
        );
        assert_eq!(
            decide(&slow, true, fault, 9, MINUTE, 0.0),
            Decision::After(ms(30_000))
        );
        let slower = Law {
            maximum_retries: 9,
            interval: Duration::from_secs(45),
        };
        assert_eq!(
            decide(&slower, true, fault, 3, MINUTE, 0.0),
            Decision::After(ms(45_000))
        );
    }
}
