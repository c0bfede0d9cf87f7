//! The pages themselves.

use maud::{DOCTYPE, Markup, html};

use crate::stripe::account::Account;
use crate::stripe::currency::spoken;
use crate::stripe::intent::Intent;
use crate::stripe::session::{Session, Status};

const INDEX_ROWS: usize = 20;

/// The cards a payer can choose, by what their bank does.
const CHOICES: [(&str, &str); 7] = [
    ("pm_card_visa", "4242 – the bank says yes"),
    ("pm_card_visa_chargeDeclined", "0002 – the bank says no"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "9995 – not enough money"),
    ("pm_card_authenticationRequired", "3184 – the bank wants to see you (3-D Secure)"),
    ("pm_card_createDispute", "0259 – yes, and disputed afterwards"),
    ("pm_card_pendingRefund", "7726 – yes, and refunds take a while"),
    ("pm_card_refundFail", "5126 – yes, and refunds fail later"),
];

fn document(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – payment emulator" }
                link rel="stylesheet" href="/pay.css";
            }
            body {
                header.banner { "Emulated checkout: no money moves." }
                main { (content) }
            }
        }
    }
}

/// The hosted checkout; `said` is why the last attempt failed.
pub(super) fn checkout(name: &str, session: &Session, said: Option<&str>) -> Markup {
    let content = html! {
        h1 { "Pay " (name) }
        @if session.setup_intent.is_some() {
            p.amount { "Nothing is paid: the card is kept." }
        } @else {
            p.amount { (spoken(session.total(), session.currency)) }
        }
        ul {
            @for line in &session.lines {
                li { (line.quantity) " × " (line.name) " – " (spoken(line.amount(), session.currency)) }
            }
        }
        @if let Some(said) = said { p role="alert" { (said) } }
        form method="post" {
            label for="email" { "Email" }
            input id="email" name="email" type="email" autocomplete="off"
                value=(session.email.as_deref().unwrap_or_default());
            label for="card" { "Test card" }
            select id="card" name="card" {
                @for (card, words) in CHOICES { option value=(card) { (words) } }
            }
            button.primary { (if session.setup_intent.is_some() { "Keep" } else { "Pay" }) }
        }
        @if let Some(url) = &session.cancel_url { p { a href=(url) { "Back to " (name) } } }
        p.reference { (session.id) }
    };
    document(&format!("Pay {name}"), &content)
}

pub(super) fn expired(name: &str, session: &Session) -> Markup {
    let content = html! {
        h1 { "This checkout has expired" }
        p role="status" { "Nothing was paid." }
        @if let Some(url) = &session.cancel_url { p { a href=(url) { "Back to " (name) } } }
    };
    document("Expired", &content)
}

/// The bank's page.
pub(super) fn challenge(name: &str, intent: &Intent) -> Markup {
    let content = html! {
        h1 { "Your bank asks" }
        p { "Do you pay " (name) " this amount?" }
        p.amount { (spoken(intent.amount, intent.currency)) }
        form method="post" {
            button.primary name="action" value="approve" { "Approve" }
            button name="action" value="refuse" { "Refuse" }
        }
        p.reference { (intent.id) }
    };
    document("Your bank asks", &content)
}

/// After the bank's page, where no merchant's page was named.
pub(super) fn answered(name: &str, succeeded: bool) -> Markup {
    let sentence = if succeeded { "The payment succeeded." } else { "The payment failed." };
    let content = html! {
        h1 { (sentence) }
        p role="status" { "You can close this page and go back to " (name) "." }
    };
    document(sentence, &content)
}

pub(super) fn not_found() -> Markup {
    let content = html! {
        h1 { "Nothing to pay here" }
        p { "There is no such checkout, or it is over." }
    };
    document("Nothing to pay here", &content)
}

/// What can be paid now, newest first.
pub(super) fn index(accounts: &[Account]) -> Markup {
    let content = html! {
        h1 { "What can be paid" }
        @for account in accounts {
            h2 { (account.name) }
            ul {
                @let open = account.sessions.newest_first().filter(|session| session.status == Status::Open);
                @for session in open.take(INDEX_ROWS) {
                    li { a href={ "/c/pay/" (session.id) } {
                        "Checkout – " (spoken(session.total(), session.currency))
                    } }
                }
            }
        }
    };
    document("What can be paid", &content)
}
