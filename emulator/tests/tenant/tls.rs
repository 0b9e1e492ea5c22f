//! https with an authority of its own.

use std::sync::Arc;

use hyper::Request;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use sailpat_emulator::Options;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::{Tenant, converse, until};

fn with_tls() -> Tenant {
    Tenant::with(Options {
        tls: true,
        ..Options::default()
    })
}

async fn connect(
    tenant: &Tenant,
    ca: Option<&str>,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = ca {
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = tenant
        .emulator
        .tls_url()
        .unwrap()
        .strip_prefix("https://")
        .unwrap();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn who_trusts_the_authority_is_served_under_every_loopback_name() {
    let tenant = with_tls();
    for name in ["localhost", "127.0.0.1", "::1"] {
        let stream = connect(&tenant, tenant.emulator.ca_pem(), name)
            .await
            .unwrap();
        let request = Request::get("/oauth/info").body(String::new()).unwrap();
        let info = converse(stream, request).await.unwrap().ok();
        let endpoint = format!("{}/oauth/token", tenant.emulator.tls_url().unwrap());
        assert_eq!(info["tokenEndpoint"], endpoint);
    }
}

#[tokio::test]
async fn who_does_not_trust_it_is_seen_to_leave() {
    let tenant = with_tls();
    assert!(connect(&tenant, None, "localhost").await.is_err());
    let wrong_name = connect(&tenant, tenant.emulator.ca_pem(), "example.com").await;
    assert!(wrong_name.is_err());
    until("both failures to be counted", || {
        tenant.look("stats")["tlsHandshakesFailed"] == 2
    })
    .await;
    assert_eq!(tenant.look("stats")["connections"], 0);
}

#[tokio::test]
async fn http_is_served_beside_it() {
    let tenant = with_tls();
    tenant.get("/oauth/info").await.ok();
}
