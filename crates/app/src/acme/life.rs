//! How long a certificate lives, and when it is renewed.

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;

/// From when to when a certificate counts, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    names: Vec<String>,
}

impl Life {
    /// Reads the first certificate of a chain (PEM).
    pub fn read(chain: &[u8]) -> anyhow::Result<Self> {
        let mut blocks = Pem::iter_from_buffer(chain).filter_map(Result::ok);
        let first = blocks.find(|block| block.label == "CERTIFICATE").context("there is no certificate")?;
        let certificate =
            first.parse_x509().map_err(|error| anyhow!("no certificate can be read: {error}"))?;
        let validity = certificate.validity();
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).context("a certificate with no date");
        let named = certificate.subject_alternative_name().ok().flatten();
        let names = named.map(|named| named.value.general_names.iter().filter_map(dns).collect());
        Ok(Self {
            from: at(validity.not_before.timestamp())?,
            until: at(validity.not_after.timestamp())?,
            names: names.unwrap_or_default(),
        })
    }

    /// When its last third begins: long before its end where it lives for months, and in time where it lives for days.
    pub fn renew_at(&self) -> DateTime<Utc> {
        self.until - (self.until - self.from) / 3
    }

    /// Whether it is for this name.
    pub fn is_for(&self, name: &str) -> bool {
        self.names.iter().any(|of| of.eq_ignore_ascii_case(name))
    }
}

fn dns(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_last_third_of_a_life_begins_after_two_thirds() {
        let mut params = CertificateParams::new(vec!["stall.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2026, 11, 1);
        params.not_after = date_time_ymd(2027, 1, 30);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let life = Life::read(format!("{}{pem}", key.serialize_pem()).as_bytes()).unwrap();
        assert_eq!(life.until - life.from, TimeDelta::days(90));
        assert_eq!(life.renew_at(), life.from + TimeDelta::days(60));
        assert!(life.is_for("stall.example") && life.is_for("Stall.Example"));
        assert!(!life.is_for("www.stall.example") && !life.is_for("example"));
        assert!(Life::read(b"no certificate").is_err());
    }
}
