//! `GET /capabilities`

use axum::Json;
use axum::extract::State;
use identity::Caller;
use platform::switches::Switch;
use serde::Serialize;
use types::{Direction, Language};
use utoipa::ToSchema;
use voice::{Capability, Reach};

use crate::wiring::App;

/// What this installation can do, and why it cannot do the rest.
#[derive(Debug, Serialize, ToSchema)]
pub struct Capabilities {
    /// Every language.
    pub languages: Vec<SpokenLanguage>,
    /// How money can come.
    pub payments: PaymentCapability,
    /// Notices to sleeping phones.
    pub push: PushCapability,
    /// How people can sign in, besides by number and password.
    pub sign_in: SignInCapability,
    /// What is switched off, for all or for the business that the call is for.
    pub switched_off: Vec<Switch>,
}

/// A language and what can be done in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LanguageCapability)]
pub struct SpokenLanguage {
    /// The language.
    pub code: Language,
    /// Its name in itself.
    pub own_name: &'static str,
    /// How it is written.
    pub direction: WritingDirection,
    /// From speech to text.
    pub recognition: Capability,
    /// From text to speech.
    pub speech: Capability,
    /// Of what is not bargaining; bargaining itself is always exact.
    pub translation: Capability,
}

/// Where a line begins.
#[derive(Debug, Serialize, ToSchema)]
pub enum WritingDirection {
    /// On the left.
    #[serde(rename = "ltr")]
    LeftToRight,
    /// On the right.
    #[serde(rename = "rtl")]
    RightToLeft,
}

impl From<Direction> for WritingDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::LeftToRight => Self::LeftToRight,
            Direction::RightToLeft => Self::RightToLeft,
        }
    }
}

/// How money can come.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentCapability {
    /// The one that takes what buyers pay: `razorpay`, `stripe` or `off`.
    pub gateway: &'static str,
    /// All that are set up.
    pub gateways: Vec<&'static str>,
    /// Whether one of them keeps cards for the next time.
    pub keeps_cards: bool,
    /// Why it is off, and how to switch it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
}

/// Notices to sleeping phones.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushCapability {
    /// What a browser subscribes with; absent where notices are off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

/// How people can sign in, besides by number and password.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInCapability {
    /// The name that passkeys are bound to: pages of this host and of those below it can use them. Absent where they are off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passkeys_for: Option<String>,
    /// Where people may have accounts that sign them in here.
    pub issuers: Vec<String>,
    /// Whether letters are sent by e-mail: with links that open accounts and replace forgotten passwords.
    pub mail: bool,
    /// Whether codes are sent to telephones: accounts are opened by them then, and a forgotten password can be replaced.
    pub sms: bool,
    /// Whether codes go by WhatsApp too.
    pub whatsapp: bool,
}

/// What this installation can do.
#[utoipa::path(get, path = "/capabilities", tag = "everybody", responses((status = OK, body = Capabilities)))]
pub async fn capabilities(State(app): State<App>, caller: Caller) -> Json<Capabilities> {
    let spoken = |code: Language| {
        let can = app.voice.capability(code, Reach::Anywhere);
        SpokenLanguage {
            code,
            own_name: code.own_name(),
            direction: code.direction().into(),
            recognition: can.recognition,
            speech: can.speech,
            translation: can.translation,
        }
    };
    let why = app.config.payments.why_no_gateway();
    let gateways = app.payments.gateway_names();
    let keeps_cards = !app.payments.gateways_that_keep().is_empty();
    let is_off = |switch: &Switch| app.switches.is_off(*switch, caller.business());
    Json(Capabilities {
        switched_off: Switch::ALL.into_iter().filter(is_off).collect(),
        languages: Language::ALL.into_iter().map(spoken).collect(),
        payments: PaymentCapability {
            gateway: gateways.first().copied().unwrap_or("off"),
            gateways,
            keeps_cards,
            why,
        },
        push: PushCapability { public_key: app.sync.push_public_key() },
        sign_in: SignInCapability {
            passkeys_for: app.identity.passkeys_for().map(str::to_owned),
            issuers: app.identity.issuer_names(),
            mail: app.identity.sends_mail(),
            sms: app.identity.sends_texts(),
            whatsapp: app.identity.sends_whatsapp(),
        },
    })
}
