//! What a server's certificate says about itself. It is shown, never trusted: trust is decided in the
//! handshake.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use serde::{Serialize, Serializer};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;
use x509_cert::time::Time;

/// Names in the form of RFC 4514, times as they stand.
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
        subject: told.subject().to_string(),
        issuer: told.issuer().to_string(),
        valid_from: instant(told.validity().not_before),
        valid_to: instant(told.validity().not_after),
    })
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
