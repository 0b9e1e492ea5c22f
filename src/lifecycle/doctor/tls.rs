//! The connection to the service: TCP, then TLS with the trust that calls use, and what the server's
//! certificates say.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Url;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ProtocolVersion};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Examination;
use super::certificate::{self, Certificate};
use super::check::{Check, Name, Status, spoken};
use super::names::place;
use super::proxy::Way;
use crate::client::address;
use crate::client::config::Resolved;
use crate::client::tls::{self, Trust};

/// A certificate that ends this soon is worth a word.
const SOON: Duration = Duration::from_secs(14 * 24 * 3_600);

/// The check, and whether the service can be spoken to.
pub async fn check(resolved: &Resolved, way: Way) -> (Check, Option<()>) {
    let Some((host, port)) = place(&resolved.base_url) else {
        let check = Check::failed(Name::Tls, "the base URL names no host", "check it");
        return (check, None);
    };
    let (stream, took) = match way {
        Way::Open(stream, took) => (stream, took),
        Way::Closed(error) => {
            let check = Check::failed(
                Name::Tls,
                format!("cannot connect to {host}, port {port}: {error}"),
                "check the base URL, the network and what filters it; where only a proxy reaches the internet, set proxy or HTTPS_PROXY",
            );
            return (check, None);
        }
        Way::Library => {
            let why = "the way to the proxy is TLS itself: the server's certificate was not looked at, calls check it";
            return (Check::skipped(Name::Tls, why), Some(()));
        }
    };
    match (&resolved.wire.trust, resolved.base_url.scheme()) {
        (Some(trust), "https") => encrypted(trust, stream, &host, took).await,
        _ => (plain(&resolved.base_url, took), Some(())),
    }
}

fn plain(url: &Url, took: Duration) -> Check {
    let found = format!("plain http, connected in {}", spoken(took));
    if address::is_here(url) {
        return Check::ok(Name::Tls, format!("{found}; it stays on this machine"));
    }
    Check::warning(
        Name::Tls,
        format!("{found}; everybody on the way reads the secret (allowHttpHosts permits it)"),
        "use https, and take the host out of allowHttpHosts",
    )
}

async fn encrypted(
    trust: &Trust,
    stream: TcpStream,
    host: &str,
    took: Duration,
) -> (Check, Option<()>) {
    let peer = stream.peer_addr();
    let started = Instant::now();
    let stream = match shake_hands(trust, stream, host).await {
        Ok(stream) => stream,
        Err(Refused::Setup(error)) => return (Examination::failed(Name::Tls, &error), None),
        Err(Refused::Handshake(error)) => {
            let shown = match peer {
                Ok(peer) => shown_to_anyone(trust, peer, host).await,
                Err(_) => Vec::new(),
            };
            return (refused(&error, host, &shown), None);
        }
    };
    let (_, connection) = stream.get_ref();
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let chain = chain_of(&stream);
    let value = json!({
        "version": version, "connectMs": took.as_secs_f64() * 1e3,
        "handshakeMs": started.elapsed().as_secs_f64() * 1e3, "chain": chain, "trust": trusted(trust),
    });
    let mut found = format!(
        "{version}, connected in {}, handshake {}",
        spoken(took),
        spoken(started.elapsed())
    );
    for certificate in &chain {
        found.push_str(&format!(
            "; {} by {}",
            certificate.subject, certificate.issuer
        ));
    }
    if let Some(end) = chain.first().and_then(|first| first.valid_to) {
        found.push_str(&format!("; valid to {end:.0}"));
    }
    found.push_str(&format!("; trusted: {}", trusted(trust)));
    let mut check = Check::ok(Name::Tls, found).with_value(value);
    if let Some(end) = chain.first().and_then(|first| first.valid_to) {
        judge_end(&mut check, end);
    }
    if trust.anyone {
        check.and(
            Status::Warning,
            "the server's certificate is not checked, anybody on the way may pose as the service",
            "turn skipCertificateCheck off, and name a private CA's certificate in caFile",
        );
    }
    (check, Some(()))
}

fn judge_end(check: &mut Check, end: Timestamp) {
    let left = end.duration_since(Timestamp::now());
    if left.is_negative() {
        check.and(
            Status::Warning,
            "the certificate has expired",
            "tell whoever runs the server, or look at this machine's clock",
        );
    } else if left.unsigned_abs() < SOON {
        check.and(
            Status::Warning,
            &format!(
                "the certificate ends in {}, within two weeks",
                spoken(left.unsigned_abs())
            ),
            "tell whoever runs the server (or the proxy that opens TLS)",
        );
    }
}

/// Who is trusted, in words.
fn trusted(trust: &Trust) -> String {
    if trust.anyone {
        return "any certificate".to_owned();
    }
    let named = [
        ("SSL_CERT_FILE", &trust.roots_file),
        ("SSL_CERT_DIR", &trust.roots_folder),
    ];
    let mut parts: Vec<String> = named
        .iter()
        .filter_map(|(name, path)| Some(format!("{} ({name})", path.as_ref()?.display())))
        .collect();
    if parts.is_empty() {
        parts.push("the system's store".to_owned());
    }
    if let Some(file) = &trust.ca_file {
        parts.push(format!("{} (caFile)", file.display()));
    }
    parts.join(" and ")
}

enum Refused {
    Setup(crate::error::Error),
    Handshake(std::io::Error),
}

async fn shake_hands(
    trust: &Trust,
    stream: TcpStream,
    host: &str,
) -> Result<TlsStream<TcpStream>, Refused> {
    let configuration = tls::configuration(trust).await.map_err(Refused::Setup)?;
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| Refused::Handshake(std::io::Error::other(error)))?;
    TlsConnector::from(Arc::new(configuration))
        .connect(name, stream)
        .await
        .map_err(Refused::Handshake)
}

/// The certificates that a server shows which is not trusted; nothing is sent over that connection. Behind
/// a proxy there is no second way to it.
async fn shown_to_anyone(
    trust: &Trust,
    peer: std::net::SocketAddr,
    host: &str,
) -> Vec<Certificate> {
    let trust = Trust {
        anyone: true,
        ..trust.clone()
    };
    let Ok(stream) = TcpStream::connect(peer).await else {
        return Vec::new();
    };
    match shake_hands(&trust, stream, host).await {
        Ok(stream) => chain_of(&stream),
        Err(_) => Vec::new(),
    }
}

fn chain_of(stream: &TlsStream<TcpStream>) -> Vec<Certificate> {
    let (_, connection) = stream.get_ref();
    let shown = connection.peer_certificates().unwrap_or_default();
    shown.iter().filter_map(certificate::read).collect()
}

fn refused(error: &std::io::Error, host: &str, shown: &[Certificate]) -> Check {
    let cause = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let issuer = shown.last().map(|last| last.issuer.as_str());
    let end = shown.first().and_then(|first| first.valid_to);
    let (problem, remedy) = match cause {
        Some(rustls::Error::InvalidCertificate(why)) => match why {
            CertificateError::UnknownIssuer => (
                format!("the certificate comes from {}, who is not trusted here", issuer.unwrap_or("an issuer")),
                "if that is your own CA or a proxy that opens TLS, name its certificate in caFile (PEM); otherwise somebody poses as the service".to_owned(),
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                format!("the certificate has expired{}", end.map(|end| format!(" on {end:.0}")).unwrap_or_default()),
                "look at this machine's clock first; if it is right, tell whoever runs the server".to_owned(),
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                "the certificate is not valid yet".to_owned(),
                "set this machine's clock: it is likely slow".to_owned(),
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
                format!("the certificate is not for {host}, but for {}", shown.first().map_or("another name", |first| &first.subject)),
                "check the host in the base URL, and what stands between".to_owned(),
            ),
            why => (format!("the certificate is refused: {why}"), "check what stands between here and the service".to_owned()),
        },
        _ => (
            error.to_string(),
            "check that the port speaks TLS 1.2 or newer, and what stands between here and the service".to_owned(),
        ),
    };
    Check::failed(
        Name::Tls,
        format!("TLS with {host} failed: {problem}"),
        remedy,
    )
    .with_value(json!({"chain": shown}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_within_two_weeks_is_a_warning() {
        let day = jiff::SignedDuration::from_hours(24);
        for (days, state) in [
            (-1, Status::Warning),
            (13, Status::Warning),
            (15, Status::Ok),
        ] {
            let mut check = Check::ok(Name::Tls, "");
            judge_end(&mut check, Timestamp::now() + day * days);
            assert_eq!(check.state, state, "{days}");
        }
    }

    #[test]
    fn http_to_another_machine_is_a_warning() {
        for (host, state) in [
            ("127.0.0.1", Status::Ok),
            ("localhost", Status::Ok),
            ("[::1]", Status::Ok),
            ("gateway", Status::Warning),
        ] {
            let url = Url::parse(&format!("http://{host}")).unwrap();
            assert_eq!(plain(&url, Duration::ZERO).state, state, "{host}");
        }
    }
}
