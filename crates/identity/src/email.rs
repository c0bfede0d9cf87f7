//! E-mail addresses, the other name people sign in with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// The longest address, in bytes (RFC 5321).
const BYTES_MAX: usize = 254;
/// The longest part before the `@`.
const LOCAL_BYTES_MAX: usize = 64;
/// The longest part between two dots of a name.
const LABEL_BYTES_MAX: usize = 63;

/// An e-mail address in small letters, as people write them: no quotes, no comments, Latin letters.
///
/// Nearly no server tells `Meena@` from `meena@`, and whoever signs in must not either. Whether the address is somebody's shows a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct EmailAddress(String);

/// A text that is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address looks like name@example.com")]
pub struct NotAnEmailAddress;

impl EmailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = NotAnEmailAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = text.trim();
        let (local, domain) = address.rsplit_once('@').ok_or(NotAnEmailAddress)?;
        let is_local = !local.is_empty()
            && local.len() <= LOCAL_BYTES_MAX
            && local.split('.').all(|part| !part.is_empty() && part.bytes().all(is_of_a_name));
        if address.len() <= BYTES_MAX && is_local && is_domain(domain) {
            Ok(Self(address.to_ascii_lowercase()))
        } else {
            Err(NotAnEmailAddress)
        }
    }
}

/// What RFC 5322 calls `atext`.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_BYTES_MAX
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // The last part of a name has a letter: what has none is the address of a machine.
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.') && name.split('.').all(is_label) && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The address itself stays out of logs: its first letter tells people's accounts apart.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…@…", &self.0[..1])
    }
}

impl utoipa::PartialSchema for EmailAddress {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("An e-mail address; answered in small letters."))
            .examples(["meena@example.com"])
            .into()
    }
}

impl utoipa::ToSchema for EmailAddress {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<EmailAddress>().ok().map(|address| address.0)
    }

    #[test]
    fn an_address_is_the_same_however_it_is_typed() {
        assert_eq!(
            read("  Meena.Kumari+stall@Mail.Example.COM "),
            Some("meena.kumari+stall@mail.example.com".to_owned())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for wrong in [
            "",
            "9876543210",
            "@example.com",
            "meena@",
            "meena@example",
            "meena@.com",
            "meena@example..com",
            "meena@-example.com",
            "meena@192.0.2.1",
            ".meena@example.com",
            "mee na@example.com",
            "meena@example.com\r\nBcc: other@example.com",
            "meena@example.com, other@example.com",
            "\"meena\"@example.com",
            "मीना@example.com",
            "a@b@example.com",
            &long,
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_log_does_not_tell_the_address() {
        let address: EmailAddress = "meena@example.com".parse().unwrap();
        assert_eq!(format!("{address:?}"), "m…@…");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_taken_again_and_stays(text in "\\PC{0,40}@\\PC{0,40}") {
            if let Some(once) = read(&text) {
                prop_assert_eq!(read(&once), Some(once.clone()));
                prop_assert!(once.is_ascii() && !once.contains(char::is_whitespace));
            }
        }
    }
}
