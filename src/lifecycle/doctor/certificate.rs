//! What a server's certificate says about itself. It is shown, never trusted: trust is decided in the
//! handshake.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use serde::{Serialize, Serializer};
use x509_cert::Certificate as Parsed;
use x509_cert::der::{self, Decode};
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::name::Name;
use x509_cert::time::Time;

/// Names in short: what they are commonly called, and the organization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    #[serde(serialize_with = "iso")]
    pub valid_from: Option<Timestamp>,
    #[serde(serialize_with = "iso")]
    pub valid_to: Option<Timestamp>,
}

fn iso<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(serializer)
}

/// Reads one; none where it is not what the standard says.
pub fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let certificate = Parsed::from_der(der).ok()?;
    let told = certificate.tbs_certificate();
    Some(Certificate {
        subject: short(told.subject()),
        issuer: short(told.issuer()),
        valid_from: instant(told.validity().not_before),
        valid_to: instant(told.validity().not_after),
    })
}

/// The crate's own text of a name would bring along its table of every identifier there is.
fn short(name: &Name) -> String {
    let text = |part: der::Result<Option<DirectoryString>>| {
        let part = part.ok().flatten().map(String::from);
        part.filter(|part| !part.is_empty())
    };
    match (text(name.common_name()), text(name.organization())) {
        (Some(common), Some(organization)) => format!("{common} ({organization})"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => "no name".to_owned(),
    }
}

fn instant(time: Time) -> Option<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_none() {
        for der in [&b""[..], b"0", b"0\x82\xff\xff", b"planted"] {
            assert!(read(&CertificateDer::from(der)).is_none());
        }
    }
}
