//! How fair the pace is: 40 callers of one credential call again and again for a minute, against an emulator with
//! the service's limit of 100 requests in 10 s. Prints the calls of each and the longest wait.
//!
//!     cargo run --release --example fair [seconds]

use std::sync::Arc;
use std::time::{Duration, Instant};

use sailpat::client::settings::Settings;
use sailpat::client::{Client, Context};
use sailpat::ops;
use sailpat_emulator::{Emulator, Options, RateLimit};
use serde_json::json;
use zeroize::Zeroizing;

const CALLERS: usize = 40;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let time = std::env::args()
        .nth(1)
        .map_or(Ok(60), |text| text.parse())?;
    let time = Duration::from_secs(time);
    let rate_limit = Some(RateLimit {
        requests: 100,
        per_seconds: 10.0,
    });
    let emulator = Emulator::start(Options {
        rate_limit,
        ..Options::default()
    })?;
    let settings = json!({
        "baseUrl": emulator.url(), "clientId": emulator.client_id(), "clientSecret": emulator.client_secret(),
        "environment": {},
    });
    let client = Arc::new(Client::new(Settings::parse(&settings.to_string())?));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(caller(client.clone(), time)))
        .collect();
    let (mut counts, mut longest) = (Vec::new(), Duration::ZERO);
    for caller in callers {
        let (count, wait) = caller.await?;
        counts.push(count);
        longest = longest.max(wait);
    }
    counts.sort_unstable();
    let stats = emulator.control("GET", "stats", serde_json::Value::Null)?;
    println!(
        "{CALLERS} callers, {time:?}: {} to {} calls each, {} in all, the longest wait {:.1} s, {} times 429",
        counts[0],
        counts[CALLERS - 1],
        counts.iter().sum::<u32>(),
        longest.as_secs_f64(),
        stats["rateLimited"]
    );
    Ok(())
}

/// How many calls came back with a list, and how long the slowest took.
async fn caller(client: Arc<Client>, time: Duration) -> (u32, Duration) {
    let Ok(operation) = ops::find("list") else {
        return (0, Duration::ZERO);
    };
    let (begun, mut count, mut longest) = (Instant::now(), 0, Duration::ZERO);
    let context = Context::default();
    while begun.elapsed() < time {
        let asked = Instant::now();
        let context = Context {
            pool: context.pool.clone(),
            ..Context::default()
        };
        let request = Zeroizing::new(r#"{"ownerId":"me"}"#.to_owned());
        let envelope = operation.run(client.clone(), request, context).await;
        count += u32::from(envelope.into_bytes().starts_with(b"{\"ok\":true"));
        longest = longest.max(asked.elapsed());
    }
    (count, longest)
}
