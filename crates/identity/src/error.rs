//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::limit::TooMany;
use platform::problem::{FORBIDDEN, INTERNAL, INVALID_FIELD, SIGNED_OUT, UNAVAILABLE};
use platform::seal::Unopenable;
use platform::text::TextError;
use platform::{Problem, RetryHint};

use crate::openid::OpenIdError;
use crate::password::{Busy, PasswordError};

platform::problem_types! {
    /// The phone number has an account.
    PHONE_TAKEN = (CONFLICT, "phone-taken", "This phone number has an account already. Sign in instead.");
    /// The link was followed, is too old or never was, or is for another account.
    LINK_OVER = (GONE, "link-over", "This link was used or is too old. Ask for another.");
    /// No letters are sent here.
    MAIL_OFF = (CONFLICT, "mail-off", "No e-mail is sent from here. Use a phone number, or ask whoever runs this installation.");
    /// The code that came to a telephone was used, is too old or never was, or was guessed at too often.
    CODE_OVER = (GONE, "code-over", "This code was used or is too old. Ask for another.");
    /// The code is not the one that came to the telephone.
    WRONG_SENT_CODE = (FORBIDDEN, "wrong-sent-code", "This is not the code that was sent. Look again, or ask for another.");
    /// An account is opened by a code that goes to the number first.
    CODE_FIRST = (CONFLICT, "code-first", "A code goes to this number first. Ask for one.");
    /// No short messages are sent here.
    TEXTS_OFF = (CONFLICT, "texts-off", "No messages are sent to telephones from here. Ask whoever runs this installation.");
    /// Codes do not go by WhatsApp here.
    NO_WHATSAPP = (CONFLICT, "no-whatsapp", "No codes are sent by WhatsApp from here. Take SMS.");
    /// No messages go to the number's country.
    PHONE_ELSEWHERE = (UNPROCESSABLE_ENTITY, "phone-elsewhere", "No codes are sent to numbers of this country. Use an e-mail address.");
    /// The file is no picture that can be taken.
    NO_PICTURE = (UNPROCESSABLE_ENTITY, "no-picture", "This is no picture that can be used. Take a JPEG, PNG or WebP of at most 5 MB.");
    /// Phone number or password is wrong; which of them is not said.
    WRONG_CREDENTIALS = (UNAUTHORIZED, "wrong-credentials", "The phone number, e-mail address or password is wrong.");
    /// The password of whoever is signed in is wrong.
    WRONG_PASSWORD = (FORBIDDEN, "wrong-password", "The password is wrong.");
    /// The code is wrong, was used or is too old.
    WRONG_CODE = (FORBIDDEN, "wrong-code", "This code is wrong or was used. Wait for the next one.");
    /// The passkey is unknown, another person's, or its answer is wrong.
    WRONG_PASSKEY = (FORBIDDEN, "wrong-passkey", "This passkey was not accepted. Try again or sign in another way.");
    /// The question that a passkey answers was answered, is too old or never was.
    PASSKEY_OVER = (GONE, "passkey-over", "This took too long. Start again.");
    /// Browsers make no passkeys for this installation's address.
    PASSKEYS_OFF = (CONFLICT, "passkeys-off", "Passkeys are off here: they need an address with a name and https.");
    /// The person has as many passkeys as one may have.
    PASSKEYS_FULL = (CONFLICT, "passkeys-full", "You have as many passkeys as one person may. Remove one first.");
    /// What an issuer said of a person is not believed.
    OPENID_REFUSED = (FORBIDDEN, "openid-refused", "That sign-in did not work. Try again or sign in another way.");
    /// The account elsewhere is another person's here.
    OUTSIDE_TAKEN = (CONFLICT, "outside-taken", "This is linked to another account here.");
    /// The person has as many accounts elsewhere as one may have.
    OUTSIDE_FULL = (CONFLICT, "outside-full", "No more can be linked. Unlink one first.");
    /// The key is none, was ended or is too old, or its maker has left.
    WRONG_KEY = (UNAUTHORIZED, "wrong-key", "This key does not work, or no longer.");
    /// The token of a program is none, is too old or was exchanged, or its sign-in is over.
    WRONG_TOKEN = (UNAUTHORIZED, "wrong-token", "This token does not work, or no longer. Exchange it, or sign in again.");
    /// A program is signed in for a person who has a second factor.
    /// The call by a key must be signed.
    SIGN_REQUEST = (FORBIDDEN, "sign-request", "A call by a key must be signed here.");
    /// The signature of a call does not fit, is too old or was used.
    WRONG_SIGNATURE = (UNAUTHORIZED, "wrong-signature", "The signature does not fit, is too old or was used.");
    /// The business has as many keys as it may have.
    KEYS_FULL = (CONFLICT, "keys-full", "The business has as many keys as it may have. End one first.");
    /// The first step of the sign-in is too long ago or never was.
    SIGN_IN_OVER = (UNAUTHORIZED, "sign-in-over", "This took too long. Sign in from the start.");
    /// The caller did not show lately that it is they.
    CONFIRM_AGAIN = (FORBIDDEN, "confirm-again", "Enter your password or a code once more, then repeat this.");
    /// The password was shown by somebody who has a second factor.
    FACTOR_ASKED = (FORBIDDEN, "factor-asked", "The password is not enough here: enter a code or use a passkey.");
    /// The person has a second factor.
    SECOND_FACTOR_ON = (CONFLICT, "second-factor-on", "Codes are on already. Turn them off to begin anew.");
    /// Whoever asks others for a second factor has none.
    SECOND_FACTOR_FIRST = (CONFLICT, "second-factor-first", "Turn codes on for yourself first.");
    /// The business lets in only those who have a second factor.
    SECOND_FACTOR_REQUIRED = (FORBIDDEN, "second-factor-required", "This business asks for a code at sign-in. Turn codes on in your account.");
    /// The password is among those that are guessed first.
    PASSWORD_COMMON = (UNPROCESSABLE_ENTITY, "password-common", "This password is easy to guess. Take another, such as three words.");
    /// The account is locked.
    ACCOUNT_LOCKED = (FORBIDDEN, "account-locked", "This account is locked. Ask whoever runs this installation.");
    /// The wording that somebody agreed to is not the one that counts now.
    NOTICE_CHANGED = (CONFLICT, "notice-changed", "The wording has changed. Load the page again and read it.");
    /// A visit that this phone holds no pass for.
    NO_PASS = (FORBIDDEN, "no-pass", "This visit is over or is not yours. Scan the stall's code again.");
    /// The invitation was accepted, taken back, is too old or never was.
    INVITATION_OVER = (GONE, "invitation-over", "This invitation is no longer open. Ask for another.");
    /// The invitation is for another number.
    NOT_INVITED = (FORBIDDEN, "not-invited", "This invitation is for another phone number.");
    /// Whoever accepts belongs to the business.
    ALREADY_MEMBER = (CONFLICT, "already-member", "You belong to this business already.");
    /// The business has as many members as it may have, those who are invited counted.
    TEAM_FULL = (CONFLICT, "team-full", "No more people fit into this business. Remove somebody or take an invitation back.");
    /// Another team of the business has the name.
    CREW_NAME_TAKEN = (CONFLICT, "crew-name-taken", "Another team has this name. Take another.");
    /// The business has as many teams as it may have.
    CREWS_FULL = (CONFLICT, "crews-full", "The business has as many teams as it may have. Dissolve one first.");
    /// The person belongs to as many businesses as one may.
    TOO_MANY_BUSINESSES = (CONFLICT, "too-many-businesses", "You belong to as many businesses as one person may.");
    /// The business would have no owner.
    LAST_OWNER = (CONFLICT, "last-owner", "A business needs an owner. Make somebody else an owner first.");
    /// The installation would have no admin.
    LAST_ADMIN = (CONFLICT, "last-admin", "Somebody must be admin. Make somebody else admin first.");
}

/// Why something about people was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the session is over.
    #[error("nobody is signed in")]
    SignedOut,
    /// Not for this kind of caller.
    #[error("the caller may not do this")]
    Forbidden,
    /// No living pass for the visit.
    #[error("the phone holds no pass for this visit")]
    NoPass,
    /// The wording that was agreed to is not the one that counts now.
    #[error("another wording counts now")]
    NoticeChanged,
    /// More was agreed to than was asked.
    #[error("only what guests are asked is agreed to, each purpose once")]
    AgreedUnasked,
    /// There is no such thing to decide about.
    #[error("guests are not asked that")]
    NotAsked,
    /// Neither a phone number nor an e-mail address was given, or both.
    #[error("either a phone number or an e-mail address is needed")]
    NoHandle,
    /// The link was followed, is too old or never was, or is for another account.
    #[error("the link is over")]
    LinkOver,
    /// No letters are sent here.
    #[error("no mail is sent here")]
    MailOff,
    /// Something about codes that come to the telephone.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The file is no picture that can be taken.
    #[error("the file is no picture that can be taken")]
    NoPicture,
    /// The scanner refuses the file, or gives no verdict.
    #[error(transparent)]
    Scan(#[from] platform::scan::Error),
    /// Phone number, address or password is wrong.
    #[error("the phone number, the address or the password is wrong")]
    WrongCredentials,
    /// The password of whoever is signed in is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The code is wrong, was used or is too old.
    #[error("the code is wrong or was used")]
    WrongCode,
    /// The passkey is unknown, another person's, or its answer is wrong.
    #[error("the passkey was not accepted")]
    WrongPasskey,
    /// The question that a passkey answers was answered, is too old or never was.
    #[error("the question for a passkey is over")]
    PasskeyOver,
    /// Browsers make no passkeys for this installation's address.
    #[error("passkeys are off")]
    PasskeysOff,
    /// The person has as many passkeys as one may have.
    #[error("the person has too many passkeys")]
    PasskeysFull,
    /// A sign-in elsewhere came to nothing.
    #[error(transparent)]
    OpenId(#[from] OpenIdError),
    /// The account elsewhere is another person's here.
    #[error("the account elsewhere is another person's")]
    OutsideTaken,
    /// The person has as many accounts elsewhere as one may have.
    #[error("the person has too many accounts elsewhere")]
    OutsideFull,
    /// The key is none, was ended or is too old, or its maker has left.
    #[error("the key does not work")]
    WrongKey,
    /// The token of a program is none, is too old or was exchanged, or its sign-in is over.
    #[error("the token does not work")]
    WrongToken,
    /// An answer that was sealed does not read or write as JSON.
    #[error("an answer does not read or write as JSON")]
    Unreadable(#[from] serde_json::Error),
    /// The call by a key must be signed.
    #[error("the call must be signed")]
    SignRequest,
    /// The signature of a call does not fit, is too old or was used.
    #[error("the signature is not accepted")]
    WrongSignature,
    /// The business has as many keys as it may have.
    #[error("the business has too many keys")]
    KeysFull,
    /// A key works for a day up to a year.
    #[error("a key works for 1 to 365 days")]
    KeyLife,
    /// The public key is none.
    #[error("a public key is an Ed25519 key: 32 bytes in base64")]
    PublicKey,
    /// Neither a password nor a code was given.
    #[error("neither a password nor a code was given")]
    NothingShown,
    /// The first step of the sign-in is too long ago or never was.
    #[error("the sign-in is over")]
    SignInOver,
    /// The caller did not show lately that it is they.
    #[error("the caller must show again that it is they")]
    ConfirmAgain,
    /// The password alone shows nothing of somebody who has a second factor.
    #[error("a code or a passkey is asked for")]
    FactorAsked,
    /// The person has a second factor.
    #[error("the person has a second factor")]
    FactorOn,
    /// Whoever asks others for a second factor has none.
    #[error("the person has no second factor")]
    FactorFirst,
    /// The business lets in only those who have a second factor.
    #[error("the business asks for a second factor")]
    FactorRequired,
    /// The secret of a second factor was altered or is another installation's.
    #[error("the secret of a second factor does not open")]
    Sealed(#[from] Unopenable),
    /// The account is locked.
    #[error("the account is locked")]
    Locked,
    /// The phone number has an account.
    #[error("the phone number has an account")]
    PhoneTaken,
    /// There is no such person, or not where the caller may see them.
    #[error("there is no such person here")]
    NoSuchPerson,
    /// There is no such team in the business, or no longer.
    #[error("there is no such team here")]
    NoSuchCrew,
    /// Another team of the business has the name.
    #[error("another team has this name")]
    CrewNameTaken,
    /// The business has as many teams as it may have.
    #[error("the business has too many teams")]
    CrewsFull,
    /// The name cannot be shown.
    #[error("the name cannot be used")]
    Name(#[from] TextError),
    /// The password is not taken.
    #[error("the password cannot be used")]
    Password(#[from] PasswordError),
    /// The reason cannot be kept.
    #[error("the reason cannot be kept")]
    Reason(#[source] TextError),
    /// The invitation was accepted, taken back, is too old or never was.
    #[error("the invitation is over")]
    InvitationOver,
    /// The invitation is for another number.
    #[error("the invitation is for another number")]
    NotInvited,
    /// Whoever accepts belongs to the business.
    #[error("the person belongs to the business")]
    AlreadyMember,
    /// The business has as many members as it may have.
    #[error("no more people fit into the business")]
    TeamFull,
    /// The person belongs to as many businesses as one may.
    #[error("the person belongs to too many businesses")]
    TooManyBusinesses,
    /// The business would have no owner.
    #[error("the business would have no owner")]
    LastOwner,
    /// The installation would have no admin.
    #[error("the installation would have no admin")]
    LastAdmin,
    /// Tried too often.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Too many people are signing in.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// A router was called without the middleware that finds out who calls: the wiring is wrong.
    #[error("nobody asked who calls")]
    Unprotected,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

/// Why nothing came of a code to a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It was used, is too old or never was, was guessed at too often, or is for another account.
    #[error("the code is over")]
    Over,
    /// It is not the one that was sent.
    #[error("the code is not the one that was sent")]
    Wrong,
    /// An account is opened by a code that goes to the number first.
    #[error("a code goes to the number first")]
    First,
    /// No short messages are sent here.
    #[error("no short messages are sent here")]
    TextsOff,
    /// Codes do not go by WhatsApp here.
    #[error("no codes go by WhatsApp here")]
    NoWhatsApp,
    /// No messages go to the number's country.
    #[error("no messages go to this country")]
    Elsewhere,
}

impl From<CodeError> for Problem {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Over => Self::new(CODE_OVER),
            CodeError::Wrong => Self::new(WRONG_SENT_CODE).with("field", "code"),
            CodeError::First => Self::new(CODE_FIRST),
            CodeError::TextsOff => Self::new(TEXTS_OFF),
            CodeError::NoWhatsApp => Self::new(NO_WHATSAPP),
            CodeError::Elsewhere => Self::new(PHONE_ELSEWHERE).with("field", "phone"),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match violated_constraint(&error) {
            Some("people_phone_once") => Self::PhoneTaken,
            Some("crews_name_once") => Self::CrewNameTaken,
            // Somebody else has shown meanwhile that the address is theirs, or the same person by another link.
            Some("people_email_once") => Self::LinkOver,
            _ => Self::Database(error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let field = |name: &str, detail: String| Self::new(INVALID_FIELD).detail(detail).with("field", name);
        match error {
            Error::SignedOut => Self::new(SIGNED_OUT),
            Error::Forbidden => Self::new(FORBIDDEN),
            Error::NoPass => Self::new(NO_PASS),
            Error::NoticeChanged => Self::new(NOTICE_CHANGED),
            Error::AgreedUnasked => field("agreed", error.to_string()),
            Error::NoHandle => field("phone", error.to_string()),
            Error::LinkOver => Self::new(LINK_OVER),
            Error::MailOff => Self::new(MAIL_OFF),
            Error::Code(error) => error.into(),
            Error::NoPicture => Self::new(NO_PICTURE),
            Error::Scan(error) => error.into(),
            Error::WrongCredentials => Self::new(WRONG_CREDENTIALS),
            Error::WrongPassword => Self::new(WRONG_PASSWORD).with("field", "password"),
            Error::WrongCode => Self::new(WRONG_CODE).with("field", "code"),
            Error::WrongPasskey => Self::new(WRONG_PASSKEY),
            Error::PasskeyOver => Self::new(PASSKEY_OVER),
            Error::PasskeysOff => Self::new(PASSKEYS_OFF),
            Error::PasskeysFull => Self::new(PASSKEYS_FULL),
            Error::OpenId(OpenIdError::Unreachable(why)) => {
                tracing::warn!(why, "an issuer cannot be used");
                Self::new(UNAVAILABLE)
            }
            Error::OpenId(OpenIdError::Refused(_)) => Self::new(OPENID_REFUSED),
            Error::OutsideTaken => Self::new(OUTSIDE_TAKEN),
            Error::OutsideFull => Self::new(OUTSIDE_FULL),
            Error::WrongKey => Self::new(WRONG_KEY),
            Error::WrongToken => Self::new(WRONG_TOKEN),
            Error::SignRequest => Self::new(SIGN_REQUEST),
            Error::WrongSignature => Self::new(WRONG_SIGNATURE),
            Error::KeysFull => Self::new(KEYS_FULL),
            Error::KeyLife => field("days", error.to_string()),
            Error::PublicKey => field("public_key", error.to_string()),
            Error::NothingShown => field("password", error.to_string()),
            Error::SignInOver => Self::new(SIGN_IN_OVER),
            Error::ConfirmAgain => Self::new(CONFIRM_AGAIN),
            Error::FactorAsked => Self::new(FACTOR_ASKED),
            Error::FactorOn => Self::new(SECOND_FACTOR_ON),
            Error::FactorFirst => Self::new(SECOND_FACTOR_FIRST),
            Error::FactorRequired => Self::new(SECOND_FACTOR_REQUIRED),
            Error::Locked => Self::new(ACCOUNT_LOCKED),
            Error::PhoneTaken => Self::new(PHONE_TAKEN),
            Error::NoSuchPerson | Error::NoSuchCrew | Error::NotAsked => {
                Self::new(platform::problem::NOT_FOUND)
            }
            Error::Name(error) => field("name", error.to_string()),
            Error::Password(PasswordError::Common) => Self::new(PASSWORD_COMMON).with("field", "password"),
            Error::Password(error) => field("password", error.to_string()),
            Error::Reason(error) => field("reason", error.to_string()),
            Error::InvitationOver => Self::new(INVITATION_OVER),
            Error::NotInvited => Self::new(NOT_INVITED),
            Error::AlreadyMember => Self::new(ALREADY_MEMBER),
            Error::TeamFull => Self::new(TEAM_FULL),
            Error::CrewNameTaken => Self::new(CREW_NAME_TAKEN),
            Error::CrewsFull => Self::new(CREWS_FULL),
            Error::TooManyBusinesses => Self::new(TOO_MANY_BUSINESSES),
            Error::LastOwner => Self::new(LAST_OWNER),
            Error::LastAdmin => Self::new(LAST_ADMIN),
            Error::TooMany(refused) => refused.into(),
            Error::Busy(error) => Self::busy().detail(error.to_string()),
            Error::Unprotected | Error::Sealed(_) | Error::Unreadable(_) => {
                tracing::error!(%error, "identity cannot work");
                Self::new(INTERNAL)
            }
            Error::Database(error) => error.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl RetryHint for Error {
    fn is_lost_race(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_lost_race())
    }
}
