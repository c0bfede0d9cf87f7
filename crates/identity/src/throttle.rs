//! Guessing passwords is slow: by phone number or e-mail address and by network, over seconds and over an hour.
//!
//! The short limits live in this process and cost nothing. The long ones are rows, so that they hold across nodes and
//! restarts. A failure is counted *before* the password is checked and taken back when it was right: guesses made at the
//! same moment cannot all slip through.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use platform::Clock;
use platform::keys::{Keyring, SigningKey};
use platform::limit::{Limiter, TooMany};
use sqlx::PgConnection;
use types::PersonId;

use crate::connection::Connection;
use crate::{Caller, EmailAddress, Error, Handle, Identity, PhoneNumber, db};

/// How long failures are counted together.
pub(crate) const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Wrong passwords for one phone number or e-mail address within the window.
const FAILURES_A_PHONE_MAX: i32 = 20;
/// Wrong codes for one person within the window: three codes of a million are right at a time.
const FAILURES_A_CODE_MAX: i32 = 10;
/// Letters to one address within the window, whoever asks.
const LETTERS_AN_ADDRESS_MAX: i32 = 5;
/// Messages to one telephone within the window, whoever asks: each costs money.
const TEXTS_A_NUMBER_MAX: i32 = 5;
/// Messages that one network asks for within the window.
const TEXTS_A_NETWORK_MAX: i32 = 40;
/// Wrong codes of messages to one telephone within the window, whoever guesses.
const FAILURES_A_NUMBER_MAX: i32 = 10;
/// Wrong passwords from one network, and letters asked for there, within the window. Many people share a mobile operator's address.
const FAILURES_A_NETWORK_MAX: i32 = 200;

/// Counts sign-ins, codes and sign-ups.
#[derive(Debug)]
pub(crate) struct Throttle {
    handles: Limiter<[u8; 32]>,
    codes: Limiter<[u8; 32]>,
    networks: Limiter<[u8; 16]>,
    sign_ups: Limiter<[u8; 16]>,
    key: SigningKey,
}

/// Whose failures are counted: an account (its phone number for passwords, its person for codes) and a network, as keyed hashes. The
/// table must not tell who tried to sign in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subjects {
    pub account: [u8; 32],
    pub network: [u8; 32],
    failures_max: i32,
    network_max: i32,
}

impl Throttle {
    pub fn new(clock: &Clock, keyring: &Keyring) -> Self {
        Self {
            handles: Limiter::new(clock.clone(), 5, Duration::from_secs(10)),
            codes: Limiter::new(clock.clone(), 5, Duration::from_secs(10)),
            networks: Limiter::new(clock.clone(), 30, Duration::from_secs(1)),
            sign_ups: Limiter::new(clock.clone(), 10, Duration::from_secs(30)),
            key: keyring.signing("sign-in-failures"),
        }
    }

    /// Lets a sign-in be tried, or says when it may be.
    pub fn admit(&self, handle: &Handle, connection: &Connection) -> Result<Subjects, TooMany> {
        let network = connection.network();
        self.networks.check(&network)?;
        let subjects = Subjects {
            account: self.key.sign(&said(handle)),
            network: self.key.sign(&[b"network:", network.as_slice()].concat()),
            failures_max: FAILURES_A_PHONE_MAX,
            network_max: FAILURES_A_NETWORK_MAX,
        };
        self.handles.check(&subjects.account)?;
        Ok(subjects)
    }

    /// Lets a code be tried, or says when it may be.
    fn admit_code(&self, person: PersonId, connection: &Connection) -> Result<Subjects, TooMany> {
        let network = connection.network();
        self.networks.check(&network)?;
        let subjects = Subjects {
            account: self.key.sign(&[b"code:", person.uuid().as_bytes().as_slice()].concat()),
            network: self.key.sign(&[b"network:", network.as_slice()].concat()),
            failures_max: FAILURES_A_CODE_MAX,
            network_max: FAILURES_A_NETWORK_MAX,
        };
        self.codes.check(&subjects.account)?;
        Ok(subjects)
    }

    /// Lets a letter be asked for, or says when it may be. Whether the address has an account makes no difference.
    fn admit_letter(&self, address: &EmailAddress, connection: &Connection) -> Result<Subjects, TooMany> {
        let network = connection.network();
        self.networks.check(&network)?;
        Ok(Subjects {
            account: self.key.sign(&[b"letters:", address.as_str().as_bytes()].concat()),
            network: self.key.sign(&[b"letters-of:", network.as_slice()].concat()),
            failures_max: LETTERS_AN_ADDRESS_MAX,
            network_max: FAILURES_A_NETWORK_MAX,
        })
    }

    /// Who asks for a message to a telephone. Whether the number has an account makes no difference.
    fn admit_text(&self, phone: &PhoneNumber, connection: &Connection) -> Result<Subjects, TooMany> {
        let network = connection.network();
        self.networks.check(&network)?;
        Ok(Subjects {
            account: self.key.sign(&[b"texts:", phone.as_str().as_bytes()].concat()),
            network: self.key.sign(&[b"texts-of:", network.as_slice()].concat()),
            failures_max: TEXTS_A_NUMBER_MAX,
            network_max: TEXTS_A_NETWORK_MAX,
        })
    }

    /// Who tries a code that went to a telephone.
    pub fn admit_text_code(&self, phone: &PhoneNumber, connection: &Connection) -> Subjects {
        let network = connection.network();
        Subjects {
            account: self.key.sign(&[b"text-codes:", phone.as_str().as_bytes()].concat()),
            network: self.key.sign(&[b"network:", network.as_slice()].concat()),
            failures_max: FAILURES_A_NUMBER_MAX,
            network_max: FAILURES_A_NETWORK_MAX,
        }
    }

    /// All messages of the installation.
    fn all_texts(&self) -> [u8; 32] {
        self.key.sign(b"texts-in-all")
    }

    /// Lets something be tried that cannot be guessed, or says when it may be.
    pub fn admit_network(&self, connection: &Connection) -> Result<(), TooMany> {
        self.networks.check(&connection.network())
    }

    /// Lets a sign-up be tried, or says when it may be.
    pub fn admit_sign_up(&self, connection: &Connection) -> Result<(), TooMany> {
        self.sign_ups.check(&connection.network())
    }
}

impl Identity {
    /// Lets a code of a person be tried and counts it as wrong until [`db::throttle::forgive`] takes that back.
    pub(crate) async fn admit_code(&self, caller: &Caller, person: PersonId) -> Result<Subjects, Error> {
        let subjects = self.throttle.admit_code(person, caller.connection())?;
        let mut connection = self.db.acquire().await?;
        count_ahead(&mut connection, subjects, self.clock.now()).await??;
        Ok(subjects)
    }

    /// Counts a letter to this address, or says when the hour is over where there were too many.
    pub(crate) async fn admit_letter(&self, caller: &Caller, address: &EmailAddress) -> Result<(), Error> {
        let subjects = self.throttle.admit_letter(address, caller.connection())?;
        let mut connection = self.db.acquire().await?;
        Ok(count_ahead(&mut connection, subjects, self.clock.now()).await??)
    }

    /// Counts a message to this telephone, or says when the hour is over where there were too many: to the number, from the network, or of
    /// all of them together. Who is over a limit of their own uses nothing up of what all have.
    pub(crate) async fn admit_text(
        &self,
        caller: &Caller,
        phone: &PhoneNumber,
        hourly_max: u32,
    ) -> Result<(), Error> {
        let subjects = self.throttle.admit_text(phone, caller.connection())?;
        let (mut connection, now) = (self.db.acquire().await?, self.clock.now());
        count_ahead(&mut connection, subjects, now).await??;
        let all = db::throttle::count(&mut connection, &[self.throttle.all_texts()], now).await?;
        let all_max = i32::try_from(hourly_max).unwrap_or(i32::MAX);
        let over =
            all.iter().filter(|count| count.failures > all_max).map(|count| count.window_ends_at).max();
        let Some(until) = over else { return Ok(()) };
        tracing::warn!(hourly_max, "no more short messages are sent in this hour");
        Err(TooMany { retry_after: (until - now).to_std().unwrap_or_default() }.into())
    }
}

/// What is signed of a number or an address.
fn said(handle: &Handle) -> Vec<u8> {
    let kind: &[u8] = match handle {
        Handle::Phone(_) => b"phone:",
        Handle::Email(_) => b"email:",
    };
    [kind, handle.as_str().as_bytes()].concat()
}

/// Counts a failure in advance, or says when the hour is over where there were too many.
pub(crate) async fn count_ahead(
    connection: &mut PgConnection,
    subjects: Subjects,
    now: DateTime<Utc>,
) -> Result<Result<(), TooMany>, sqlx::Error> {
    let counts = db::throttle::count(connection, &[subjects.account, subjects.network], now).await?;
    let over = counts.iter().filter(|count| {
        let max =
            if count.subject == subjects.account { subjects.failures_max } else { subjects.network_max };
        count.failures > max
    });
    let Some(until) = over.map(|count| count.window_ends_at).max() else { return Ok(Ok(())) };
    Ok(Err(TooMany { retry_after: (until - now).to_std().unwrap_or_default() }))
}
