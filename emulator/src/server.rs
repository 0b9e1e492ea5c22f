//! Listeners and connections: how the emulator starts, accepts and stops.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use hyper::Method;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::control;
use crate::generate::generate;
use crate::journal::Journal;
use crate::options::{Options, Seed};
use crate::seed::{self, Credential};
use crate::service;
use crate::settings::Settings;
use crate::shared::{Connection, Endpoint, Shared, lock};
use crate::tenant::Tenant;
use crate::tls::Tls;

/// A running emulator; it stops when dropped.
pub struct Emulator {
    pub(crate) shared: Arc<Shared>,
    credential: Credential,
    url: String,
    tls_url: Option<String>,
    api_url: String,
    ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One port, bound and ready.
struct Port {
    listener: TcpListener,
    url: String,
    tls: Option<TlsAcceptor>,
    /// Not the vanity host: sign-in is here.
    signs_in: bool,
}

impl Emulator {
    /// Binds the ports, plants the seed and serves. When this returns, requests are answered.
    pub fn start(options: Options) -> io::Result<Emulator> {
        if !options.host.is_loopback() {
            let text = "the emulator listens on loopback only";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut tenant = Tenant::new(match options.random_seed {
            Some(seed) => fastrand::Rng::with_seed(seed),
            None => fastrand::Rng::new(),
        });
        let credential = plant(&mut tenant, &options.seed)
            .map_err(|text| io::Error::new(io::ErrorKind::InvalidData, text))?;
        let tls = options.tls.then(Tls::new).transpose()?;
        let ports = bind(&options, tls.as_ref())?;
        let shared = Arc::new(shared(tenant, &options));
        let url_of = |signs_in: bool, tls: bool| {
            ports
                .iter()
                .find(|port| port.signs_in == signs_in && port.tls.is_some() == tls)
                .map(|port| port.url.clone())
        };
        let url = url_of(!options.vanity, false).unwrap_or_default();
        let tls_url = url_of(!options.vanity, true);
        let api_url = url_of(true, tls.is_some()).unwrap_or_default();
        let (stop, stopped) = oneshot::channel();
        let thread = serve(ports, Arc::clone(&shared), stopped)?;
        Ok(Emulator {
            shared,
            credential,
            url,
            tls_url,
            api_url,
            ca_pem: tls.map(|tls| tls.ca_pem),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The base URL over http, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URL over https, where it was asked for.
    pub fn tls_url(&self) -> Option<&str> {
        self.tls_url.as_deref()
    }

    /// Where sign-in is: behind a vanity host another port, else the base URL itself. Over https
    /// where that was asked for.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// The control path's URL, with a slash at its end.
    pub fn control_url(&self) -> String {
        format!("{}{}", self.url, control::PREFIX)
    }

    /// The certificate of the authority that signed the https certificate.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The client id that signs in as the identity with every right, or as a seed's first.
    pub fn client_id(&self) -> &str {
        &self.credential.client_id
    }

    /// The secret that goes with it.
    pub fn client_secret(&self) -> &str {
        &self.credential.client_secret
    }

    /// A control request without HTTP: `control("POST", "faults", json!({…}))`. The error is what
    /// the control path would have said.
    pub fn control(&self, method: &str, path: &str, body: Value) -> Result<Value, String> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        control::run(&self.shared, &method, path, body).map_err(|(_, text)| text)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn plant(tenant: &mut Tenant, seed: &Seed) -> Result<Credential, String> {
    match seed {
        Seed::Generated { identities, tokens } => Ok(generate(tenant, *identities, *tokens)),
        Seed::Json(document) => seed::plant(tenant, document),
    }
}

fn shared(tenant: Tenant, options: &Options) -> Shared {
    let settings = Settings {
        rate_limit: options.rate_limit,
        ..Settings::default()
    };
    Shared {
        tenant: Mutex::new(tenant),
        limiter: Mutex::default(),
        faults: Mutex::default(),
        journal: Mutex::new(Journal::default()),
        settings: Mutex::new(settings),
        gate: Mutex::default(),
    }
}

/// http always, https if asked for, and both once more behind a vanity host.
fn bind(options: &Options, tls: Option<&Tls>) -> io::Result<Vec<Port>> {
    let port = |number: u16, tls: Option<&Tls>, signs_in: bool| -> io::Result<Port> {
        let listener = TcpListener::bind(SocketAddr::new(options.host, number))?;
        listener.set_nonblocking(true)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        Ok(Port {
            url: format!("{scheme}://{}", listener.local_addr()?),
            listener,
            tls: tls.map(|tls| tls.acceptor.clone()),
            signs_in,
        })
    };
    let mut ports = vec![port(options.port, None, !options.vanity)?];
    if tls.is_some() {
        ports.push(port(options.tls_port, tls, !options.vanity)?);
    }
    if options.vanity {
        ports.push(port(0, None, true)?);
        if tls.is_some() {
            ports.push(port(0, tls, true)?);
        }
    }
    Ok(ports)
}

/// Serves on a thread and a runtime of its own, so that dropping the emulator ends everything,
/// from inside another runtime too.
fn serve(
    ports: Vec<Port>,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("emulator")
        .enable_all()
        .build()?;
    let endpoints = endpoints(&ports);
    let main = async move {
        let numbers = Arc::new(AtomicU64::new(0));
        for (port, endpoint) in ports.into_iter().zip(endpoints) {
            match tokio::net::TcpListener::from_std(port.listener) {
                Ok(listener) => {
                    let line = Line {
                        shared: Arc::clone(&shared),
                        endpoint: Arc::new(endpoint),
                        tls: port.tls,
                        numbers: Arc::clone(&numbers),
                    };
                    tokio::spawn(accept(listener, line));
                }
                Err(error) => eprintln!("cannot listen on {}: {error}", port.url),
            }
        }
        let _ = stopped.await;
    };
    std::thread::Builder::new()
        .name("emulator".to_owned())
        .spawn(move || runtime.block_on(main))
}

fn endpoints(ports: &[Port]) -> Vec<Endpoint> {
    let token_base = |tls: bool| {
        ports
            .iter()
            .find(|port| port.signs_in && port.tls.is_some() == tls)
            .map_or("", |port| port.url.as_str())
    };
    let endpoint = |port: &Port| Endpoint {
        no_sign_in: !port.signs_in,
        token_endpoint: format!("{}/oauth/token", token_base(port.tls.is_some())),
    };
    ports.iter().map(endpoint).collect()
}

/// What the connections of one port share.
#[derive(Clone)]
struct Line {
    shared: Arc<Shared>,
    endpoint: Arc<Endpoint>,
    tls: Option<TlsAcceptor>,
    numbers: Arc<AtomicU64>,
}

async fn accept(listener: tokio::net::TcpListener, line: Line) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, line.clone()));
            }
            // Too many open files, most likely: let some connections end.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

async fn connection(stream: TcpStream, line: Line) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = &line.tls else {
        return converse(stream, line).await;
    };
    match tls.accept(stream).await {
        Ok(stream) => converse(stream, line).await,
        Err(_) => lock(&line.shared.journal).tls_handshake_failed(),
    }
}

async fn converse<S>(stream: S, line: Line)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send,
{
    let connection = Connection::new(line.numbers.fetch_add(1, Ordering::Relaxed));
    let answer = |request| service::answer(&line.shared, &line.endpoint, &connection, request);
    let ended = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
    // The errors of our own making are faults; any other means that the client went away in the
    // middle of something.
    let dropped_by_client = ended.is_err_and(|error| !error.is_user());
    connection.ended(&line.shared, dropped_by_client);
}
