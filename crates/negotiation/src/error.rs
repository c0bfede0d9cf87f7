//! What can go wrong between a buyer and a vendor, and what they are told.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use catalog::{QR_EXPIRED, QR_FORGED};
use platform::limit::TooMany;
use platform::problem::{
    CLIENT_ID_REUSED, CREDIT_FROZEN, DEAL_CHANGED, FORBIDDEN, INVALID_FIELD, MEMBER_LIMIT, NO_CREDIT,
    NOT_FOUND,
};
use platform::text::TextError;
use platform::{Problem, ProblemType, RetryHint, db::violated_constraint};
use types::PriceError;

use crate::offer::{OfferState, Refusal};

platform::problem_types! {
    /// The scanned code's day is over.
    VISIT_OVER = (CONFLICT, "visit-over", "This visit is over. Scan the stall's code again to go on.");
    /// One's own offer.
    OWN_OFFER = (CONFLICT, "own-offer", "This is your own offer. Wait for the other side to answer it.");
    /// The other side's offer.
    THEIR_OFFER = (CONFLICT, "their-offer", "This is the other side's offer.");
    /// Its speaker has not confirmed it yet.
    OFFER_UNCONFIRMED = (CONFLICT, "offer-unconfirmed", "This offer is still being confirmed. Wait a moment.");
    /// Its time is over.
    OFFER_EXPIRED = (CONFLICT, "offer-expired", "This offer has expired. Make a fresh one.");
    /// It no longer stands.
    OFFER_OVER = (CONFLICT, "offer-over", "This offer no longer stands. Look at the newest one.");
    /// The question was answered, replaced, or its time is over.
    QUESTION_OVER = (CONFLICT, "question-over", "This question is no longer open. Say it again.");
    /// The question has no such answer.
    NO_SUCH_CHOICE = (UNPROCESSABLE_ENTITY, "no-such-choice", "Pick one of the answers shown.");
    /// A price or amount that cannot be.
    BAD_PRICE = (UNPROCESSABLE_ENTITY, "bad-price", "That price or amount is not possible.");
    /// No voice for this text.
    NO_VOICE = (NOT_FOUND, "no-voice", "There is no voice for this here. Read the text instead.");
    /// Nobody understands speech in this language.
    NO_RECOGNISER = (NOT_FOUND, "no-recogniser", "Speech in this language is not understood here. Write, or use the price keypad.");
    /// Whoever understands speech is away.
    RECOGNISER_AWAY = (SERVICE_UNAVAILABLE, "recogniser-away", "Speech cannot be understood right now. Write, or use the price keypad.");
    /// Whoever keeps order here has closed the stall.
    STALL_CLOSED = (CONFLICT, "stall-closed", "This stall is closed for now.");
    /// This side reported this visit before.
    ALREADY_REPORTED = (CONFLICT, "already-reported", "You have reported this visit already.");
    /// Somebody decided what comes of it before.
    REPORT_DECIDED = (CONFLICT, "report-decided", "Somebody has decided this already. Look again.");
    /// As many recordings wait as may.
    TOO_BUSY = (TOO_MANY_REQUESTS, "too-busy", "Many people are speaking at once. Wait a moment.");
}

/// How long to wait where too many recordings are waiting.
const WAIT_S: u64 = 5;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such visit, offer, message or question, or not the caller's.
    #[error("there is no such thing in this visit")]
    NotFound,
    /// Nobody, or somebody with no pass for this visit.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// A code that the installation never signed.
    #[error("the stall's code is not genuine")]
    CodeForged,
    /// A code whose day is over.
    #[error("the stall's code has expired")]
    CodeExpired {
        /// What the stall is called, where it has a name.
        stall_name: Option<String>,
    },
    /// The scanned code's day is over.
    #[error("the visit is over")]
    VisitOver,
    /// Whoever keeps order here has closed the stall.
    #[error("the stall is closed for now")]
    StallClosed {
        /// What it is called.
        stall_name: String,
    },
    /// This side reported this visit before.
    #[error("this side reported this visit before")]
    AlreadyReported,
    /// Somebody decided what comes of the report before.
    #[error("the report was decided before")]
    ReportDecided,
    /// The move is not open.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The question is no longer open.
    #[error("the question is no longer open")]
    QuestionOver,
    /// The question has no such answer.
    #[error("the question has no such answer")]
    NoSuchChoice,
    /// The deal changed between the read-back and the yes.
    #[error("the deal changed since it was read back")]
    DealChanged,
    /// A price or amount that cannot be.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// A text that is empty or too long.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A request that says too little or contradicts itself.
    #[error("{field}: {detail}")]
    Field {
        /// Which member is wrong.
        field: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A retry's id with other content.
    #[error("the client id was used before with other content")]
    ClientIdReused,
    /// Done too often.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// As many recordings wait as may.
    #[error("too many recordings are waiting")]
    TooBusy,
    /// No voice for this text.
    #[error("no voice for this text")]
    NoVoice,
    /// Only a voice that the stall's credit does not pay for.
    #[error("the credit for a voice is used up")]
    NoCredit,
    /// Only a voice that costs, and the operator stopped the stall's spending.
    #[error("the spending for a voice is stopped")]
    CreditFrozen,
    /// The member has spent what they may this month.
    #[error("the member has spent what they may")]
    MemberLimit,
    /// Not for this side.
    #[error("not for this side of the stall")]
    WrongSide,
    /// The recording cannot be used.
    #[error(transparent)]
    Audio(#[from] voice::audio::Error),
    /// A recording that the scanner did not call clean.
    #[error(transparent)]
    Scan(#[from] platform::scan::Error),
    /// The order could not be opened.
    #[error(transparent)]
    Orders(#[from] orders::Error),
    /// The stall or its products.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// The file store.
    #[error(transparent)]
    Blob(#[from] platform::blob::Error),
    /// The database.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A value that does not read or write as JSON.
    #[error("a value does not read or write as JSON")]
    Unreadable(#[from] serde_json::Error),
    /// A kept recording that does not open.
    #[error(transparent)]
    Unopenable(#[from] platform::seal::Unopenable),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound | Error::Blob(platform::blob::Error::Missing) => Self::new(NOT_FOUND),
            Error::Caller(error) => error.into(),
            Error::CodeForged => Self::new(QR_FORGED),
            Error::CodeExpired { stall_name: Some(name) } => Self::new(QR_EXPIRED).with("stall_name", name),
            Error::CodeExpired { stall_name: None } => Self::new(QR_EXPIRED),
            Error::VisitOver => Self::new(VISIT_OVER),
            Error::StallClosed { stall_name } => Self::new(STALL_CLOSED).with("stall_name", stall_name),
            Error::AlreadyReported => Self::new(ALREADY_REPORTED),
            Error::ReportDecided => Self::new(REPORT_DECIDED),
            Error::Refused(refusal) => Self::new(of_refusal(refusal)),
            Error::QuestionOver => Self::new(QUESTION_OVER),
            Error::NoSuchChoice => Self::new(NO_SUCH_CHOICE),
            Error::DealChanged => Self::new(DEAL_CHANGED),
            Error::Price(error) => Self::new(BAD_PRICE).detail(error.to_string()),
            Error::Text(error) => Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "text"),
            Error::Field { field, detail } => Self::new(INVALID_FIELD).detail(detail).with("field", field),
            Error::ClientIdReused => Self::new(CLIENT_ID_REUSED),
            Error::TooMany(refused) => refused.into(),
            Error::TooBusy => Self::new(TOO_BUSY).with("retry_after_s", WAIT_S),
            Error::NoVoice => Self::new(NO_VOICE),
            Error::NoCredit => Self::new(NO_CREDIT),
            Error::CreditFrozen => Self::new(CREDIT_FROZEN),
            Error::MemberLimit => Self::new(MEMBER_LIMIT),
            Error::WrongSide => Self::new(FORBIDDEN),
            Error::Audio(error) => error.into(),
            Error::Scan(error) => error.into(),
            Error::Orders(error) => error.into(),
            Error::Catalog(error) => error.into(),
            Error::Blob(error) => Self::internal(&error),
            Error::Database(error) => of_database(error),
            Error::Unreadable(error) => Self::internal(&error),
            Error::Unopenable(error) => Self::internal(&error),
        }
    }
}

const fn of_refusal(refusal: Refusal) -> ProblemType {
    match refusal {
        Refusal::Own => OWN_OFFER,
        Refusal::Theirs => THEIR_OFFER,
        Refusal::Unconfirmed => OFFER_UNCONFIRMED,
        Refusal::Over(OfferState::Expired) => OFFER_EXPIRED,
        Refusal::Confirmed | Refusal::Over(_) => OFFER_OVER,
    }
}

/// A constraint says what two requests at once did to each other.
fn of_database(error: sqlx::Error) -> Problem {
    match violated_constraint(&error) {
        Some("offers_one_standing" | "offers_one_unconfirmed") => Problem::new(OFFER_OVER),
        Some("read_backs_one_open") => Problem::new(QUESTION_OVER),
        Some("messages_client_id_once" | "offers_client_id_once") => Problem::new(CLIENT_ID_REUSED),
        _ => error.into(),
    }
}

impl Error {
    /// Too often, and how long to wait: of a context below that says so itself.
    pub(crate) const fn wait(retry_after: Duration) -> Self {
        Self::TooMany(TooMany { retry_after })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl RetryHint for Error {
    fn is_lost_race(&self) -> bool {
        match self {
            Self::Caller(error) => error.is_lost_race(),
            Self::Database(error) => error.is_lost_race(),
            Self::Orders(error) => error.is_lost_race(),
            Self::Catalog(error) => error.is_lost_race(),
            _ => false,
        }
    }
}
