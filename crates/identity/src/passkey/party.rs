//! The relying party of WebAuthn: the one place that knows the library which checks answers of authenticators.
//!
//! **Invariants.** The name that passkeys are bound to and the pages that may use them come from the configured address, never from a
//! request. The person is always verified by the device. A signature counter that does not grow is refused.

use std::fmt::Display;

use axum::http::Uri;
use serde_json::Value;
use types::PersonId;
use uuid::Uuid;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16,
    Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use crate::Person;

/// What passkeys of this machine's own browser are bound to.
const THIS_MACHINE: &str = "localhost";

/// Whom passkeys are made for.
#[derive(Debug)]
pub(crate) struct Party {
    name: String,
    id: RpId,
    origins: Vec<String>,
}

/// A question to a browser, and what is kept until the answer comes.
pub(crate) struct Question {
    /// What the answer carries again: 128 random bits.
    pub challenge: [u8; 16],
    /// For the browser, as `PublicKeyCredential.parse…OptionsFromJSON` reads it.
    pub options: Value,
    /// What the answer is checked against.
    pub state: Vec<u8>,
}

/// A passkey as it is kept.
pub(crate) struct Kept {
    /// What the device calls it.
    pub credential: Vec<u8>,
    /// Its public key and what never changes.
    pub fixed: Vec<u8>,
    /// Its counter and what each use may change.
    pub moving: Vec<u8>,
    /// How the device is reached.
    pub transports: i16,
}

/// The answer to [`Party::ask_for_passkey`], read but not yet believed.
pub(crate) struct Shown {
    answer: DiscoverableAuthentication16,
    challenge: [u8; 16],
}

/// Why an answer is not believed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(String);

impl Refused {
    pub(crate) fn because(error: impl Display) -> Self {
        Self(error.to_string())
    }
}

/// An answer to [`Party::ask_for_new`], read but not yet believed.
pub(crate) struct Made {
    answer: Registration,
    challenge: [u8; 16],
}

impl Made {
    /// # Errors
    /// [`Refused`] where it is no such answer.
    pub fn read(answer: &Value) -> Result<Self, Refused> {
        let answer =
            Registration::from_json_relaxed(answer.to_string().as_bytes()).map_err(Refused::because)?;
        let challenge = answer.challenge_relaxed().map_err(Refused::because)?.0.to_le_bytes();
        Ok(Self { answer, challenge })
    }

    /// Which question it answers.
    pub const fn challenge(&self) -> &[u8; 16] {
        &self.challenge
    }
}

impl Shown {
    /// # Errors
    /// [`Refused`] where it is no such answer.
    pub fn read(answer: &Value) -> Result<Self, Refused> {
        let json = answer.to_string();
        let answer =
            DiscoverableAuthentication16::from_json_relaxed(json.as_bytes()).map_err(Refused::because)?;
        let challenge = answer.challenge_relaxed().map_err(Refused::because)?.0.to_le_bytes();
        Ok(Self { answer, challenge })
    }

    /// Which question it answers.
    pub const fn challenge(&self) -> &[u8; 16] {
        &self.challenge
    }

    /// Which passkey it says it is.
    pub fn credential(&self) -> &[u8] {
        self.answer.raw_id().into_inner()
    }

    /// Whose passkey it says it is.
    pub fn person(&self) -> PersonId {
        let handle = self.answer.response().user_handle().as_ref();
        PersonId::from_uuid(Uuid::from_slice(handle).unwrap_or_default())
    }
}

impl Party {
    /// The party of an installation at this address; none where browsers make no passkeys for it: they want a name, and TLS but
    /// on the machine itself. Where the address is a number, this machine's own browser can still use `localhost`.
    pub fn of(public_url: &str, origins: &[String]) -> Option<Self> {
        let at = Address::read(public_url)?;
        let (name, secure) = if at.is_number { (THIS_MACHINE, true) } else { (at.host, at.is_secure) };
        let name = name.to_owned();
        let id = RpId::Domain(
            AsciiDomain::try_from(name.clone()).ok().filter(|_| secure || name == THIS_MACHINE)?,
        );
        let origins: Vec<_> = origins.iter().filter(|origin| belongs(origin, &name)).cloned().collect();
        (!origins.is_empty()).then_some(Self { name, id, origins })
    }

    /// The name that passkeys are bound to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks a browser to make a passkey for a person, but not on a device that has one of these.
    pub fn ask_for_new(&self, person: &Person, known: &[(Vec<u8>, i16)]) -> Question {
        let handle = handle(person.id);
        // What no browser shows as a name is shown as an id.
        let name = Username::try_from(person.handle().as_str().to_owned())
            .or_else(|_| Username::try_from(person.id.to_string()));
        let user = PublicKeyCredentialUserEntity {
            name: name.expect("an id names a user"),
            id: &handle,
            display_name: Nickname::try_from(person.name.clone()).ok(),
        };
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.id, user, descriptors(known));
        // A device that cannot promise this would make none; that it verified the person is checked each time.
        options.extensions.cred_protect = CredProtect::None;
        let challenge = options.challenge.as_data().to_le_bytes();
        let (state, options) = options.start_ceremony().expect("the library's own options are in order");
        Question {
            challenge,
            options: serde_json::to_value(&options).expect("options are plain data"),
            state: state.encode().expect("the time is after 1970"),
        }
    }

    /// Asks a browser for any passkey of this installation.
    pub fn ask_for_passkey(&self) -> Question {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.id);
        let challenge = options.0.challenge.as_data().to_le_bytes();
        let (state, options) = options.start_ceremony().expect("the library's own options are in order");
        Question {
            challenge,
            options: serde_json::to_value(&options).expect("options are plain data"),
            state: state.encode().expect("the time is after 1970"),
        }
    }

    /// Looks at a new passkey.
    ///
    /// # Errors
    /// [`Refused`], with what was wrong.
    pub fn check_new(&self, state: &[u8], made: &Made) -> Result<Kept, Refused> {
        let state = RegistrationServerState::<16>::decode(state).map_err(Refused::because)?;
        let options = RegistrationVerificationOptions::<String, String> {
            allowed_origins: &self.origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let new = state.verify(&self.id, &made.answer, &options).map_err(Refused::because)?;
        let Ok(fixed) = new.static_state().encode();
        let Ok(moving) = new.dynamic_state().encode();
        let Ok(transports) = new.transports().encode();
        Ok(Kept {
            credential: new.id().into_inner().to_vec(),
            fixed,
            moving: moving.to_vec(),
            transports: i16::from(transports),
        })
    }

    /// Looks at the answer of a passkey; gives what to keep of it from now on.
    ///
    /// # Errors
    /// [`Refused`], with what was wrong: signature, page, name, counter, or the person was not verified.
    pub fn check(
        &self,
        state: &[u8],
        shown: &Shown,
        kept: &Kept,
        owner: PersonId,
    ) -> Result<Vec<u8>, Refused> {
        let state = DiscoverableAuthenticationServerState::decode(state).map_err(Refused::because)?;
        let options = AuthenticationVerificationOptions::<String, String> {
            allowed_origins: &self.origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        let handle = handle(owner);
        let id = CredentialId::<&[u8]>::decode(&kept.credential).map_err(Refused::because)?;
        let fixed = StaticState::decode(kept.fixed.as_slice()).map_err(Refused::because)?;
        let moving = <[u8; 7]>::try_from(kept.moving.as_slice()).map_err(Refused::because)?;
        let moving = DynamicState::decode(moving).map_err(Refused::because)?;
        let mut credential =
            AuthenticatedCredential::new(id, &handle, fixed, moving).map_err(Refused::because)?;
        state.verify(&self.id, &shown.answer, &mut credential, &options).map_err(Refused::because)?;
        let Ok(moving) = credential.dynamic_state().encode();
        Ok(moving.to_vec())
    }
}

fn handle(person: PersonId) -> UserHandle16 {
    let Ok(handle) = UserHandle16::decode(person.uuid().into_bytes());
    handle
}

fn descriptors(known: &[(Vec<u8>, i16)]) -> Vec<PublicKeyCredentialDescriptor<Vec<u8>>> {
    let one = |(credential, transports): &(Vec<u8>, i16)| {
        let id = CredentialId::<Vec<u8>>::decode(credential.clone()).ok()?;
        let transports = AuthTransports::decode(u8::try_from(*transports).ok()?).ok()?;
        Some(PublicKeyCredentialDescriptor { id, transports })
    };
    known.iter().filter_map(one).collect()
}

/// What an address says of where pages come from.
struct Address<'a> {
    host: &'a str,
    is_number: bool,
    is_secure: bool,
}

impl<'a> Address<'a> {
    fn read(url: &'a str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        // The address outlives what was read from it.
        let host = uri.host()?;
        let at = url.find(host)?;
        let host = &url[at..at + host.len()];
        let is_number = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
        Some(Self { host, is_number, is_secure: uri.scheme_str() == Some("https") })
    }
}

/// Whether a page of this origin may use passkeys of this name.
fn belongs(origin: &str, name: &str) -> bool {
    let Some(at) = Address::read(origin) else { return false };
    let below = at.host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    below && (at.is_secure || name == THIS_MACHINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(url: &str) -> Option<(String, Vec<String>)> {
        let origins = [url, "http://127.0.0.1:8080", "http://localhost:8080", "https://stall.example"];
        Party::of(url, &origins.map(str::to_owned)).map(|party| (party.name, party.origins))
    }

    #[test]
    fn passkeys_are_bound_to_the_configured_name() {
        let (name, origins) = party("https://market.example").unwrap();
        assert_eq!((name.as_str(), origins), ("market.example", vec!["https://market.example".to_owned()]));
        assert!(party("http://market.example").is_none(), "browsers want TLS");
    }

    #[test]
    fn an_address_of_numbers_leaves_this_machine_alone() {
        for url in ["http://127.0.0.1:8080", "https://192.0.2.7:8443", "https://[2001:db8::1]:8443"] {
            let (name, origins) = party(url).unwrap();
            assert_eq!((name.as_str(), origins), ("localhost", vec!["http://localhost:8080".to_owned()]));
        }
    }

    #[test]
    fn a_page_of_a_name_that_only_ends_alike_does_not_belong() {
        assert!(belongs("https://m.stall.example", "stall.example"));
        assert!(!belongs("https://evilstall.example", "stall.example"));
        assert!(!belongs("http://stall.example", "stall.example"));
    }
}
