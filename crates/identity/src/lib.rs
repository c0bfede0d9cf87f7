//! People who sign in, their sessions, the businesses they belong to, the teams inside these and what they may do; guests who visit a stall without
//! an account; and the audit trail of what people did.
//!
//! **Invariants.** A password is kept only as an argon2id hash, a token or recovery code only as its SHA-256, the secret of a second
//! factor, names, phone numbers and addresses only sealed; these are found by keyed hashes. Every sign-in makes a new token; with a second factor it takes two steps, and the first opens nothing; a passkey, for which the
//! device verified the person, does it in one. A code works once. What moves money elsewhere or gives rights asks for the password, a code
//! or a passkey once more, where that was not shown within ten minutes. What happens to an account is kept and shown to its owner.
//! An account elsewhere signs in whom it was linked to by that person. A program that a person signs in calls with tokens that change. A key of another program may what its scopes and its maker may,
//! and signs for what sends money. A session ends by itself: unused for 14 days or 90 days old. It acts for one business, as what its person is in it at that
//! moment. Whoever is locked out signs in nowhere, and is told so only after everything else was right. A guest's pass opens one visit. How long a sign-in takes
//! does not tell whether the phone number or address has an account, nor does asking for a letter or a code. An e-mail address is kept after its
//! person followed a link, and where there is a carrier of short messages a phone number after its person typed a code. What something of somebody is used for beyond the service itself, they agreed to, and can take back.
//! Whoever guesses waits: by phone number or address, by network, over seconds and over an hour. Phone numbers, addresses, passwords and tokens do not reach the log.
//!
//! **Deliberately absent**: tokens that the server cannot revoke, signing in by a code that comes to the telephone, roles
//! that a business makes up itself.

pub mod account_log;
pub mod accounts;
pub mod api_key;
pub mod app_token;
pub mod audit;
pub mod business;
pub mod by_code;
pub mod by_mail;
pub mod caller;
mod closing;
mod config;
pub mod confirmation;
pub mod connection;
pub mod consent;
mod cookies;
pub mod crew;
mod db;
mod device;
pub mod devices;
mod email;
mod error;
pub mod guest;
mod handle;
mod http;
pub mod invitation;
mod jobs;
pub mod kept_visits;
mod layer;
mod letter;
pub mod openid;
pub mod operators;
mod origin;
mod page_token;
pub mod passkey;
pub mod password;
pub mod person;
mod personal;
mod phone;
pub mod picture;
mod reason;
pub mod recovery;
pub mod role;
mod seal_again;
pub mod second_factor;
pub mod second_step;
pub mod session;
mod spoken;
pub mod team;
mod text;
mod throttle;
mod time_zone;
pub mod totp;

use std::ops::Deref;
use std::sync::{Arc, RwLock};

use mail::Mailer;
use platform::fields::Fields;
use platform::jobs::{Handlers, Jobs, Schedule};
use platform::keys::{Keyring, SigningKey};
use platform::scan::Scanner;
use platform::seal::Sealer;
use platform::{Clock, Db, Entropy};
use texts::Carrier;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;

pub use accounts::{AccountFound, AccountSearch, AccountSession, FoundAccounts, LockChange};
pub use caller::{Acting, Caller, Party, Side, SignedIn, Standing, VendorCaller};
pub use closing::OwnedBusiness;
pub use config::{Config, OpenId};
pub use connection::{Connection, Transport};
pub use consent::{Agreement, Consent, Consenter, Outside, Purpose};
pub use cookies::SetCookie;
pub use device::Device;
pub use email::{EmailAddress, NotAnEmailAddress};
pub use error::{CodeError, Error, PROBLEMS};
pub use guest::{Admission, Pass};
pub use handle::{Handle, NotAHandle};
pub use origin::Origins;
pub use person::{Me, Person, Vendor};
pub use phone::{NotAPhoneNumber, PhoneNumber};
pub use reason::{OperatorReason, act_line};
pub use role::{OperatorRole, Permission, Role};
pub use text::{Channel, CodeAsked};
pub use time_zone::{NoSuchTimeZone, TimeZone};

use crate::jobs::purge_expired::{self, PurgeExpired};
use crate::jobs::send_letter::{self, SendLetter};
use crate::jobs::send_text::{self, SendText};
use crate::letter::Post;
use crate::openid::Issuer;
use crate::password::Hasher;
use crate::text::Wire;
use crate::throttle::Throttle;

/// The context. Cheap to clone: every call does so several times.
#[derive(Debug, Clone)]
pub struct Identity(Arc<Inner>);

/// What the context is made of.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Inner {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    config: Arc<Config>,
    origins: Arc<Origins>,
    hasher: Hasher,
    throttle: Arc<Throttle>,
    sealer: Arc<Sealer>,
    /// Seals what tells who somebody is.
    fields: Fields,
    /// Seals the answers that programs may have lost.
    token_sealer: Arc<Sealer>,
    /// Whom passkeys are made for; none where browsers make none.
    party: Option<Arc<passkey::Party>>,
    /// Where people may have accounts that sign them in here.
    issuers: Arc<Vec<Issuer>>,
    /// What letters are sent by; none where no mail is sent.
    post: Option<Arc<Post>>,
    letter_key: SigningKey,
    /// What short messages are sent by; none where there is no carrier.
    wire: Option<Arc<Wire>>,
    text_key: SigningKey,
    /// What pictures are shown to before they are kept.
    scanner: Scanner,
    drawing: Arc<Semaphore>,
    /// Who elsewhere gets what people say.
    outside: Arc<RwLock<Outside>>,
}

impl Identity {
    /// The context in this database.
    pub fn new(db: Db, clock: Clock, entropy: Entropy, keyring: &Keyring, config: Config) -> Self {
        Self(Arc::new(Inner {
            hasher: Hasher::new(entropy.clone()),
            throttle: Arc::new(Throttle::new(&clock, keyring)),
            origins: Arc::new(Origins::new(config.origins.iter().cloned())),
            sealer: Arc::new(Sealer::new(keyring, "totp-secrets", entropy.clone())),
            fields: Fields::new(keyring, entropy.clone()),
            token_sealer: Arc::new(Sealer::new(keyring, "app-tokens", entropy.clone())),
            issuers: Arc::new(config.openid.iter().cloned().map(Issuer::new).collect()),
            party: passkey::Party::of(&config.public_url, &config.origins).map(Arc::new),
            post: None,
            letter_key: keyring.signing("letters"),
            wire: None,
            text_key: keyring.signing("texts"),
            scanner: Scanner::default(),
            drawing: Arc::new(Semaphore::new(picture::AT_ONCE_MAX)),
            outside: Arc::new(RwLock::new(config.outside.clone())),
            config: Arc::new(config),
            db,
            clock,
            entropy,
        }))
    }

    /// The same, with letters by this server, where there is one, sent by these jobs.
    #[must_use]
    pub fn writing(mut self, mailer: Option<Mailer>, jobs: Jobs) -> Self {
        let post = mailer.map(|mailer| Arc::new(Post::new(mailer, jobs, self.letter_key.clone())));
        Arc::make_mut(&mut self.0).post = post;
        self
    }

    /// The same, with short messages by this carrier, where there is one, sent by these jobs.
    #[must_use]
    pub fn texting(mut self, carrier: Option<Arc<dyn Carrier>>, jobs: Jobs) -> Self {
        let wire = carrier.map(|carrier| Arc::new(Wire::new(carrier, jobs, self.text_key.clone())));
        Arc::make_mut(&mut self.0).wire = wire;
        self
    }

    /// The same, with pictures shown to this scanner.
    #[must_use]
    pub fn scanned_by(mut self, scanner: Scanner) -> Self {
        Arc::make_mut(&mut self.0).scanner = scanner;
        self
    }

    /// The endpoints, with their state bound. They need the middleware of [`Identity::protect`].
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let (purging, sending, texting) = (self.clone(), self.clone(), self.clone());
        Handlers::default()
            .on(move |_: PurgeExpired| purge_expired::run(purging.clone()))
            .on(move |job: SendLetter| send_letter::run(sending.clone(), job))
            .on(move |job: SendText| send_text::run(texting.clone(), job))
            .schedule(Schedule::every(purge_expired::EVERY, &PurgeExpired {}))
    }

    /// The origins whose pages may write and open sockets.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }
}

impl Deref for Identity {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
