//! The binary `sailpat-emulator`: options in, one line out, then it serves until told to stop.

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use sailpat_emulator::{Emulator, Options, RateLimit, Seed};
use serde_json::json;

/// A SailPoint tenant on loopback that answers personal access tokens.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Loopback address to listen on: 127.0.0.1 or ::1
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port for http; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Serve https as well, with a certificate from an own authority
    #[arg(long)]
    tls: bool,
    /// Port for https; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0, requires = "tls")]
    tls_port: u16,
    /// Write the authority's certificate here, as PEM
    #[arg(long, value_name = "PATH", requires = "tls")]
    ca_file: Option<PathBuf>,
    /// Be a vanity host: no sign-in here, /oauth/info names another port
    #[arg(long)]
    vanity: bool,
    /// Requests per seconds for each client id and API version, or off
    #[arg(long, value_name = "N/S|off", default_value = "100/10", value_parser = RateLimit::parse)]
    rate_limit: MaybeRateLimit,
    /// Begin with the identities and tokens of this JSON file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["identities", "tokens"])]
    seed: Option<PathBuf>,
    /// Generate so many identities besides the administrator; 0: as many as fit the tokens
    #[arg(long, value_name = "N", default_value_t = 0)]
    identities: usize,
    /// Generate tokens until there are so many in all
    #[arg(long, value_name = "N", default_value_t = 1)]
    tokens: usize,
    /// Make ids, secrets and generated data the same on every start
    #[arg(long, value_name = "N")]
    random_seed: Option<u64>,
    /// Print the base URL when ready
    #[arg(long)]
    print_url: bool,
    /// Print SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET when ready
    #[arg(long)]
    print_env: bool,
    /// Write URLs and credential here as JSON when ready
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
    /// Stop when stdin ends
    #[arg(long)]
    exit_with_stdin: bool,
}

type MaybeRateLimit = Option<RateLimit>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sailpat-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Before anything is printed, so that whoever reads it may send a signal at once.
    let told_to_stop = {
        let _context = runtime.enter();
        Signals::listen()?
    };
    let emulator = Emulator::start(options(cli)?)?;
    announce(cli, &emulator)?;
    if cli.exit_with_stdin {
        runtime.block_on(async {
            tokio::select! {
                () = told_to_stop.received() => {}
                () = stdin_ended() => {}
            }
        });
    } else {
        runtime.block_on(told_to_stop.received());
    }
    drop(emulator);
    if let Some(path) = &cli.ready_file {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

fn options(cli: &Cli) -> io::Result<Options> {
    let seed = match &cli.seed {
        Some(path) => Seed::Json(serde_json::from_slice(&std::fs::read(path)?)?),
        None => Seed::Generated {
            identities: cli.identities,
            tokens: cli.tokens,
        },
    };
    Ok(Options {
        host: cli.host,
        port: cli.port,
        tls: cli.tls,
        tls_port: cli.tls_port,
        vanity: cli.vanity,
        rate_limit: cli.rate_limit,
        seed,
        random_seed: cli.random_seed,
    })
}

/// Files first, then the lines: who waits for a line finds the files there.
fn announce(cli: &Cli, emulator: &Emulator) -> io::Result<()> {
    if let (Some(path), Some(pem)) = (&cli.ca_file, emulator.ca_pem()) {
        write_whole(path, pem.as_bytes())?;
    }
    if let Some(path) = &cli.ready_file {
        write_whole(path, ready(cli, emulator).to_string().as_bytes())?;
    }
    let base_url = emulator.tls_url().unwrap_or(emulator.url());
    let mut out = io::stdout().lock();
    if cli.print_url {
        writeln!(out, "{base_url}")?;
    }
    if cli.print_env {
        writeln!(out, "SAIL_BASE_URL={base_url}")?;
        writeln!(out, "SAIL_CLIENT_ID={}", emulator.client_id())?;
        writeln!(out, "SAIL_CLIENT_SECRET={}", emulator.client_secret())?;
    }
    out.flush()
}

fn ready(cli: &Cli, emulator: &Emulator) -> serde_json::Value {
    json!({
        "url": emulator.url(),
        "tlsUrl": emulator.tls_url(),
        "apiUrl": emulator.api_url(),
        "caFile": cli.ca_file,
        "clientId": emulator.client_id(),
        "clientSecret": emulator.client_secret(),
        "controlUrl": emulator.control_url(),
        "pid": std::process::id(),
    })
}

/// Writes beside the path and renames, so that nobody reads half a file.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    std::fs::write(&beside, content)?;
    std::fs::rename(&beside, path)
}

async fn stdin_ended() {
    let (ended, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    let _ = wait.await;
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ))
    }

    async fn received(mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(
    tokio::signal::windows::CtrlC,
    tokio::signal::windows::CtrlBreak,
);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Signals> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        Ok(Signals(ctrl_c()?, ctrl_break()?))
    }

    async fn received(mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}
