//! What is on, what is off, and how to switch it on: one sentence a part. For `vyapar doctor`, the log at start and the screens.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use platform::blob::BlobStore;
use platform::meter::{self, Meter, Reservation, Work};
use platform::postgres::{self, Mode};
use platform::scan::Scanner;
use platform::tenancy::Fence;
use platform::{Clock, Db};
use secrecy::ExposeSecret;
use voice::{PartState, Voice};

use crate::wiring::{self, App};
use crate::{Config, assets};

/// A database that does not answer sooner is none.
const DATABASE_WITHIN: Duration = Duration::from_secs(5);

/// A part of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: String,
    /// Whether it works.
    pub on: bool,
    /// Whether the product cannot start without it.
    pub vital: bool,
    /// What there is, or what is missing, in one sentence.
    pub sentence: String,
    /// How to switch it on; empty where there is nothing to do.
    pub fix: String,
}

/// The parts of a running product.
pub fn parts(app: &App) -> Vec<Part> {
    let mut parts = voice_parts(&app.voice);
    parts.extend(app.db.fence_seen().map(fence));
    parts.extend(outside(&app.config));
    parts
}

/// The parts as they would be, without starting anything.
pub async fn before_start(config: &Config) -> Vec<Part> {
    let mut parts = vec![database(config), keys(config)];
    parts.extend(databases_missing(config));
    parts.push(fence_before_start(config).await);
    let clock = Clock::system();
    match BlobStore::local(&config.data_dir.join("blobs")) {
        Ok(blobs) => {
            parts.extend(voice_parts(&Voice::new(config.voice.clone(), clock, blobs, Arc::new(NoWork))));
        }
        Err(error) => parts.push(Part {
            name: "files".to_owned(),
            on: false,
            vital: true,
            sentence: error.to_string(),
            fix: "set data_dir to a folder that this account may write".to_owned(),
        }),
    }
    parts.extend(outside(config));
    parts
}

/// Whoever only looks has no work done.
#[derive(Debug)]
struct NoWork;

#[async_trait]
impl Meter for NoWork {
    async fn reserve(&self, _: &Work) -> Result<Reservation, meter::Error> {
        Err(meter::Error::NoCredit)
    }

    async fn extend(&self, _: Reservation, _: u64) -> Result<(), meter::Error> {
        Err(meter::Error::NoCredit)
    }

    async fn capture(&self, _: Reservation, _: u64) -> Result<(), meter::Error> {
        Err(meter::Error::NoCredit)
    }

    async fn release(&self, _: Reservation) -> Result<(), meter::Error> {
        Ok(())
    }
}

fn database(config: &Config) -> Part {
    match postgres::probe(&config.postgres_options()) {
        Ok(origin) => Part {
            name: "database".to_owned(),
            on: true,
            vital: true,
            sentence: format!("PostgreSQL: {origin}."),
            fix: String::new(),
        },
        Err(error) => Part {
            name: "database".to_owned(),
            on: false,
            vital: true,
            sentence: error.to_string(),
            fix: "run scripts/setup, install the package postgresql, or set DATABASE_URL".to_owned(),
        },
    }
}

/// Whether the database keeps the rows of businesses apart, too. One of our own does: its login administers it.
async fn fence_before_start(config: &Config) -> Part {
    let Some(url) = config.postgres_options().url else { return fence(Fence::Up) };
    let found = async {
        let db = Db::lazy(url.expose_secret().parse()?, 1);
        db.fence().await
    };
    match tokio::time::timeout(DATABASE_WITHIN, found).await {
        Ok(Ok(found)) => fence(found),
        _ => Part {
            on: false,
            sentence:
                "Whether PostgreSQL keeps the rows of businesses apart is not known: it does not answer."
                    .to_owned(),
            ..fence(Fence::Up)
        },
    }
}

fn fence(fence: Fence) -> Part {
    Part {
        name: "rows".to_owned(),
        on: matches!(fence, Fence::Up | Fence::NotYet),
        vital: false,
        sentence: fence.sentence().to_owned(),
        fix: fence.fix().to_owned(),
    }
}

fn keys(config: &Config) -> Part {
    let from = config.keys.described(&config.data_dir);
    let (on, sentence) = match config.keys.count(&config.data_dir) {
        Ok(0) => (true, format!("The first start makes a master key in {from}: back it up.")),
        Ok(1) => (true, format!("One master key, from {from}: it signs and seals.")),
        Ok(n) => (true, format!("{n} master keys, from {from}: the first signs, the last seals.")),
        Err(error) => (false, error.to_string()),
    };
    Part {
        name: "keys".to_owned(),
        on,
        vital: true,
        sentence,
        fix: "set keys.file, keys.value or keys.command to where the master keys are".to_owned(),
    }
}

/// Of the two places where PostgreSQL may be found, the one that has none.
fn databases_missing(config: &Config) -> Vec<Part> {
    let options = config.postgres_options();
    if options.url.is_some() || options.mode != Mode::Auto {
        return Vec::new();
    }
    let kinds = [
        (
            Mode::System,
            "The machine has no PostgreSQL of its own.",
            "install the package postgresql, or set postgres.system_dir",
        ),
        (
            Mode::Bundle,
            "The PostgreSQL that the product brings along is not there.",
            "run scripts/setup, or set postgres.bundle_dir",
        ),
    ];
    let is_missing = |mode| {
        matches!(
            postgres::probe(&postgres::Options { mode, ..options.clone() }),
            Err(postgres::Error::NoPrograms)
        )
    };
    let part = |sentence: &str, fix: &str| Part {
        name: "postgresql".to_owned(),
        on: false,
        vital: false,
        sentence: sentence.to_owned(),
        fix: fix.to_owned(),
    };
    kinds
        .into_iter()
        .filter(|(mode, ..)| is_missing(*mode))
        .map(|(_, sentence, fix)| part(sentence, fix))
        .collect()
}

fn voice_parts(voice: &Voice) -> Vec<Part> {
    let part = |part: voice::Part| Part {
        name: part.name.to_owned(),
        on: part.state == PartState::Ready,
        vital: false,
        sentence: part.sentence,
        fix: part.fix.unwrap_or_default(),
    };
    voice.report().into_iter().map(part).collect()
}

/// What stands outside the voice pipeline.
fn outside(config: &Config) -> Vec<Part> {
    let mut parts = vec![
        tls(config),
        gateway(config),
        top_ups(config),
        payouts(config),
        notices(config),
        mail(config),
        passkeys(config),
        issuers(config),
        scanner(config),
        web(),
    ];
    parts.extend(documents(config));
    parts
}

fn tls(config: &Config) -> Part {
    let https = &config.https;
    let sentence = match (https.address, &https.certificate) {
        (None, _) => "Pages are served without TLS: a proxy in front must end it.".to_owned(),
        (Some(_), None) => "The certificate is this server's own: browsers warn of it.".to_owned(),
        (Some(_), Some(file)) if !file.exists() => format!("There is no certificate {}.", file.display()),
        (Some(_), Some(file)) => {
            let on = https.redirect.map(|at| format!(" Browsers without TLS are sent on from {at}."));
            format!("TLS by the certificate {}.{}", file.display(), on.unwrap_or_default())
        }
    };
    Part {
        name: "tls".to_owned(),
        on: https.address.is_some() && https.certificate.as_ref().is_some_and(|file| file.exists()),
        vital: false,
        sentence,
        fix: "set https.address, and https.certificate and https.key to certbot's fullchain.pem and privkey.pem; a renewal is noticed \
              without a restart"
            .to_owned(),
    }
}

fn gateway(config: &Config) -> Part {
    let why = config.payments.why_no_gateway();
    Part {
        name: "payments".to_owned(),
        on: why.is_none(),
        vital: false,
        sentence: why.unwrap_or_else(|| who_takes_money(config)).to_owned(),
        fix: "set payments.razorpay.key_id, key_secret and webhook_secret, or payments.stripe.secret_key and webhook_secret; until \
              then vendors use their own UPI id or cash"
            .to_owned(),
    }
}

const fn who_takes_money(config: &Config) -> &'static str {
    match (&config.payments.razorpay, &config.payments.stripe) {
        (Some(_), Some(_)) => {
            "Payments go through Razorpay, and top-ups of vendors who choose it through Stripe. Stripe's webhooks go to \
             /api/v1/webhooks/stripe."
        }
        (Some(_), None) => "Payments go through Razorpay.",
        (None, _) => "Payments go through Stripe. Its webhooks go to /api/v1/webhooks/stripe.",
    }
}

fn top_ups(config: &Config) -> Part {
    let till = config.billing.platform.upi_id.as_ref();
    let sentence = match (till, config.payments.why_no_gateway()) {
        (Some(till), _) => {
            format!("Vendors may pay top-ups to {till}; an operator confirms each at /op/top-ups.")
        }
        (None, None) => "Top-ups are paid through the gateway alone.".to_owned(),
        (None, Some(_)) => {
            "Vendors cannot top up: there is neither a gateway nor a UPI id of the platform.".to_owned()
        }
    };
    Part {
        name: "top-ups".to_owned(),
        on: till.is_some() || config.payments.why_no_gateway().is_none(),
        vital: false,
        sentence,
        fix: "set billing.platform.upi_id to the UPI id that top-ups are paid to".to_owned(),
    }
}

fn payouts(config: &Config) -> Part {
    let why = config.payments.why_no_provider();
    Part {
        name: "payouts".to_owned(),
        on: why.is_none(),
        vital: false,
        sentence: why.unwrap_or("Vendors are paid out through RazorpayX.").to_owned(),
        fix: "set payments.razorpayx.key_id, key_secret, account_number and webhook_secret".to_owned(),
    }
}

fn notices(config: &Config) -> Part {
    let on = config.sync.push.contact.is_some();
    let sentence =
        if on { "Sleeping phones are woken by Web Push." } else { "Sleeping phones are not woken." };
    Part {
        name: "notices".to_owned(),
        on,
        vital: false,
        sentence: sentence.to_owned(),
        fix: "set sync.push.contact to a mailto: or https: address, for the push services".to_owned(),
    }
}

fn mail(config: &Config) -> Part {
    // With settings that cannot be used the server does not start.
    let (on, vital, sentence) = match config.mail.check() {
        Ok(true) => (true, false, format!("Letters go out by e-mail; their links lead to {}.", config.public_url())),
        Ok(false) => (
            false,
            false,
            "No e-mail is sent: people open accounts with a phone number, and nobody gets back in who forgot a password.".to_owned(),
        ),
        Err(error) => (false, true, format!("No e-mail can be sent: {error}.")),
    };
    Part {
        name: "mail".to_owned(),
        on,
        vital,
        sentence,
        fix: "set mail.server, such as smtps://user:password@mail.example, and mail.from".to_owned(),
    }
}

fn passkeys(config: &Config) -> Part {
    let identity = wiring::identity_config(config);
    let name = identity::passkey::name_for(&identity.public_url, &identity.origins);
    let sentence = match name.as_deref() {
        None => "There are no passkeys: browsers make them for an address with https alone.".to_owned(),
        Some("localhost") => {
            "Passkeys work in this machine's own browser, at localhost: the address has no name.".to_owned()
        }
        Some(name) => format!("People can sign in by passkeys of {name}."),
    };
    Part {
        name: "passkeys".to_owned(),
        on: name.is_some_and(|name| name != "localhost"),
        vital: false,
        sentence,
        fix: "set public_url to https:// and a name; passkeys are bound to it, so that it should not change later"
            .to_owned(),
    }
}

fn issuers(config: &Config) -> Part {
    let names: Vec<&str> = config.identity.openid.iter().map(|issuer| issuer.name.as_str()).collect();
    let sentence = match names.as_slice() {
        [] => "Nobody signs in by an account elsewhere.".to_owned(),
        names => format!("People can sign in by their accounts at {}.", names.join(", ")),
    };
    Part {
        name: "openid".to_owned(),
        on: !names.is_empty(),
        vital: false,
        sentence,
        fix: format!(
            "add [[identity.openid]] with name, issuer, client_id and client_secret or client_secret_file, and register {}{} there",
            config.public_url(),
            identity::openid::RETURN
        ),
    }
}

fn scanner(config: &Config) -> Part {
    let (on, sentence, fix) = match Scanner::new(&config.scanner).version() {
        Ok(Some(version)) => (true, format!("Files that people bring are looked through by {version}."), ""),
        Ok(None) => (
            false,
            "Nobody looks for malware in the recordings, photographs and tables that people bring."
                .to_owned(),
            "install the package clamav-daemon and set scanner.clamd to its socket, such as /run/clamav/clamd.ctl",
        ),
        Err(error) => (
            false,
            format!("No recording, photograph or table is taken in: {error}."),
            "start clamd at the address of scanner.clamd and let this account reach it",
        ),
    };
    Part { name: "scanner".to_owned(), on, vital: false, sentence, fix: fix.to_owned() }
}

fn documents(config: &Config) -> Vec<Part> {
    let part = |part: billing::Part| Part {
        name: part.name,
        on: part.state == billing::PartState::On,
        vital: false,
        sentence: part.sentence,
        fix: part.fix.unwrap_or_default(),
    };
    billing::report(&config.billing).into_iter().map(part).collect()
}

fn web() -> Part {
    let built = assets::are_built();
    let sentence = if built { "The web app is built." } else { "The web app is not built; the API works." };
    Part {
        name: "web".to_owned(),
        on: built,
        vital: false,
        sentence: sentence.to_owned(),
        fix: "run scripts/web build".to_owned(),
    }
}
