//! The TLS configurations: rustls with ring, the system's trust store plus an own CA file.
//! One configuration per kind of trust serves the whole process.
//!
//! The files are read on a thread of the library's own: one of a network share may hang, and what hangs holds up
//! nobody but those who need that very file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use once_cell::sync::Lazy;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::client::flights::Flights;
use crate::error::{Code, Error, Result};

/// Whom to trust.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trust {
    /// A CA to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// When the files named here last changed: what is new takes effect at the next call.
    pub stamps: [Option<Stamp>; 3],
    /// SSL_CERT_FILE and SSL_CERT_DIR: instead of the system's.
    pub roots_file: Option<PathBuf>,
    pub roots_folder: Option<PathBuf>,
    /// The caller handed over its environment: the process's own SSL_CERT_… must not count.
    pub ignores_process: bool,
    /// Trust whatever certificate is shown.
    pub anyone: bool,
}

/// When a file last changed, and how large it is.
pub type Stamp = (SystemTime, u64);

/// The stamp of a file as it is now.
pub fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Kinds of trust past this number are forgotten.
const MOST_TRUSTS: usize = 16;
/// All the certificates of a system have less than a megabyte.
const LARGEST_CA_FILE: u64 = 16 * 1024 * 1024;

static CONFIGURATIONS: Lazy<Mutex<HashMap<Trust, ClientConfig>>> = Lazy::new(Mutex::default);

static BUILDING: Flights<Trust, Result<ClientConfig>> = Flights::new("sailpat-trust");

fn made() -> MutexGuard<'static, HashMap<Trust, ClientConfig>> {
    CONFIGURATIONS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// The configuration for `trust`, made on first use. It may be dropped at any time.
pub async fn configuration(trust: &Trust) -> Result<ClientConfig> {
    if let Some(configuration) = made().get(trust) {
        return Ok(configuration.clone());
    }
    let wanted = trust.clone();
    BUILDING.join(trust, move || keep(wanted)).await?.value
}

fn keep(trust: Trust) -> Result<ClientConfig> {
    let configuration = build(&trust)?;
    let mut made = made();
    if made.len() >= MOST_TRUSTS {
        made.clear();
    }
    made.insert(trust, configuration.clone());
    Ok(configuration)
}

/// The error of a call whose time was over before the files of `trust` were read.
pub fn late(trust: Option<&Trust>) -> Error {
    let files = trust.map(|trust| [&trust.ca_file, &trust.roots_file, &trust.roots_folder]);
    let file = files.into_iter().flatten().flatten().next();
    let what = file.map_or_else(
        || "the system's trusted certificates".to_owned(),
        |file| format!("the trusted certificates in {}", file.display()),
    );
    Error::new(
        Code::Timeout,
        format!("{what} could not be read in the time that this call had"),
    )
    .retryable()
    .with_field("caFile")
    .with_remedy("look whether the file can be read at all (a network share that is away?), or give a longer timeoutMs")
}

/// A configuration for plain http, which trusts nobody and costs nothing.
pub fn none() -> Result<ClientConfig> {
    Ok(builder()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: Lazy<Arc<CryptoProvider>> =
        Lazy::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    PROVIDER.clone()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Code::TlsFailed, format!("TLS cannot be set up: {error}"))
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(failed)
}

fn build(trust: &Trust) -> Result<ClientConfig> {
    if trust.anyone {
        let verifier = Arc::new(Anyone(provider()));
        return Ok(builder()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth());
    }
    let own = trust
        .ca_file
        .as_deref()
        .map(read_ca_file)
        .transpose()?
        .unwrap_or_default();
    if trust.roots_file.is_some() || trust.roots_folder.is_some() {
        let roots = named_roots(trust, own)?;
        return Ok(builder()?
            .with_root_certificates(roots)
            .with_no_client_auth());
    }
    if trust.ignores_process && process_names_roots() {
        let roots = system_roots(own)?;
        return Ok(builder()?
            .with_root_certificates(roots)
            .with_no_client_auth());
    }
    let verifier = Arc::new(Verifier::new_with_extra_roots(own, provider()).map_err(failed)?);
    Ok(builder()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// The certificates of a CA file in PEM.
fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unreadable = |problem: &dyn std::fmt::Display| {
        Error::new(
            Code::CaFileUnreadable,
            format!("caFile {}: {problem}", path.display()),
        )
        .with_field("caFile")
        .with_remedy("give the path of a file with certificates in PEM that this user can read")
    };
    let pem = read_file(path).map_err(|error| unreadable(&error))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| unreadable(&error))?;
    if certificates.is_empty() {
        return Err(unreadable(&"holds no certificate in PEM"));
    }
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|error| unreadable(&error))?;
    }
    Ok(certificates)
}

/// The bytes of a file; a pipe or a device, which could make one wait for ever, is refused.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = File::options();
    options.read(true);
    // A pipe that nobody writes to would hold the opening up.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits() as i32,
    );
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_CA_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_CA_FILE {
        return Err(io::Error::other("is larger than 16 MiB"));
    }
    Ok(bytes)
}

/// The roots that SSL_CERT_FILE and SSL_CERT_DIR name, and the own CA's.
fn named_roots(trust: &Trust, own: Vec<CertificateDer<'static>>) -> Result<RootCertStore> {
    if let Some(file) = &trust.roots_file {
        let is_odd = std::fs::metadata(file).is_ok_and(|about| !about.is_file());
        if is_odd {
            return Err(no_roots("is not a regular file"));
        }
    }
    let found = rustls_native_certs::load_certs_from_paths(
        trust.roots_file.as_deref(),
        trust.roots_folder.as_deref(),
    );
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(own.into_iter().chain(found.certs));
    if store.is_empty() {
        let problem = found.errors.first().map(ToString::to_string);
        return Err(no_roots(
            problem.as_deref().unwrap_or("nothing usable in it"),
        ));
    }
    Ok(store)
}

fn no_roots(problem: &str) -> Error {
    Error::new(
        Code::CaFileUnreadable,
        format!("SSL_CERT_FILE or SSL_CERT_DIR gives no certificate: {problem}"),
    )
    .with_field("SSL_CERT_FILE")
    .with_remedy("correct the variable, or remove it to use the system's trust store")
}

/// Whether the verifier of this platform would read the process's variables.
fn process_names_roots() -> bool {
    cfg!(all(unix, not(target_vendor = "apple")))
        && ["SSL_CERT_FILE", "SSL_CERT_DIR"]
            .iter()
            .any(|name| std::env::var_os(name).is_some())
}

/// Where Linux distributions and BSDs keep their bundle.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The system's roots without a look at the process's variables.
fn system_roots(own: Vec<CertificateDer<'static>>) -> Result<RootCertStore> {
    let bundle = BUNDLES.iter().map(Path::new).find(|path| path.is_file());
    let found = rustls_native_certs::load_certs_from_paths(bundle, None);
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(own.into_iter().chain(found.certs));
    if store.is_empty() {
        return Err(failed("no trusted certificates were found on this system"));
    }
    Ok(store)
}

/// Accepts any certificate, for those who asked for skipCertificateCheck; signatures still count.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(ca_file: Option<PathBuf>) -> Trust {
        Trust {
            ca_file,
            stamps: [None; 3],
            roots_file: None,
            roots_folder: None,
            ignores_process: false,
            anyone: false,
        }
    }

    #[test]
    fn an_unreadable_ca_file_has_its_own_code() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "no certificate").unwrap();
        let broken = folder.path().join("broken.pem");
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(&broken, pem).unwrap();
        for path in [folder.path().join("missing.pem"), empty, broken] {
            let error = build(&trust(Some(path.clone()))).unwrap_err();
            assert_eq!(error.code(), Code::CaFileUnreadable, "{}", path.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let as_roots = Trust {
            roots_file: Some(pipe.clone()),
            ..trust(None)
        };
        for trust in [trust(Some(pipe)), as_roots] {
            let error = build(&trust).unwrap_err();
            assert_eq!(error.code(), Code::CaFileUnreadable);
            assert!(error.to_string().contains("not a regular file"), "{error}");
        }
    }

    #[test]
    fn an_empty_ssl_cert_file_is_an_error_not_an_open_door() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("none.pem");
        std::fs::write(&empty, "").unwrap();
        let trust = Trust {
            roots_file: Some(empty),
            ..trust(None)
        };
        assert_eq!(build(&trust).unwrap_err().code(), Code::CaFileUnreadable);
    }
}
