//! One side of `cargo xtask bench`: the same list by reqwest alone, from as many threads as asked for.
//!
//! Reads lines `reqwest THREADS CALLS` and answers each with `MEDIAN WALL` in nanoseconds: the median call, and the
//! time from the first call to the last reply. BENCH_URL, BENCH_BEARER and, for https, BENCH_CA_FILE say what to ask.

use std::io::BufRead;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Client;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::{Builder, Handle};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Result<()> {
    let side = Side {
        client: client(std::env::var_os("BENCH_CA_FILE"))?,
        url: std::env::var("BENCH_URL")? + "/v2024/personal-access-tokens?owner-id=me",
        bearer: std::env::var("BENCH_BEARER")?,
    };
    let side = Arc::new(side);
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace().skip(1);
        let mut number = || words.next().and_then(|word| word.parse().ok());
        let (threads, calls) = number().zip(number()).ok_or("say: reqwest THREADS CALLS")?;
        let (median, wall) = measure(&side, runtime.handle(), threads, calls)?;
        println!("{} {}", median.as_nanos(), wall.as_nanos());
    }
    Ok(())
}

struct Side {
    client: Client,
    url: String,
    bearer: String,
}

impl Side {
    async fn list(&self) -> Result<usize> {
        let request = self.client.get(&self.url).bearer_auth(&self.bearer);
        Ok(request
            .send()
            .await?
            .error_for_status()?
            .bytes()
            .await?
            .len())
    }
}

/// A client with the library's TLS (rustls with ring) and nothing else of the library.
fn client(ca_file: Option<std::ffi::OsString>) -> Result<Client> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca_file {
        for certificate in CertificateDer::pem_file_iter(path)? {
            roots.add(certificate?)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .http1_only();
    Ok(builder.build()?)
}

/// The callers are threads that block, as a C program's are.
fn measure(
    side: &Arc<Side>,
    runtime: &Handle,
    threads: usize,
    calls: usize,
) -> Result<(Duration, Duration)> {
    let start = Arc::new(Barrier::new(threads + 1));
    let callers: Vec<_> = (0..threads)
        .map(|_| {
            let (side, runtime, start) = (Arc::clone(side), runtime.clone(), Arc::clone(&start));
            thread::spawn(move || {
                // The connection is made before the clock runs.
                let connected = timed(&side, &runtime);
                start.wait();
                connected?;
                (0..calls)
                    .map(|_| timed(&side, &runtime))
                    .collect::<Result<Vec<Duration>>>()
            })
        })
        .collect();
    start.wait();
    let begun = Instant::now();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.join().map_err(|_| "a caller panicked")??);
    }
    let wall = begun.elapsed();
    times.sort();
    Ok((times[times.len() / 2], wall))
}

fn timed(side: &Side, runtime: &Handle) -> Result<Duration> {
    let begun = Instant::now();
    runtime.block_on(side.list())?;
    Ok(begun.elapsed())
}
