//! Mandates: what the vendor calls customers and their tokens. One is registered by paying an order that asks for it, in the
//! vendor's own sheet; a charge is an order and a *recurring payment*, which is `created` until the payer has had notice.

use chrono::TimeDelta;
use reqwest::Method as Verb;
use serde::{Deserialize, Serialize};
use types::Money;

use super::{Razorpay, answer, plain, wire};
use crate::gateway::{Asked, Error, Kept, Mandate, Method, Payer, Payment};
use crate::method::{MethodKind, MethodState};

/// Without another factor nothing larger is taken. The vendor asks the bank in the 25th hour after the notice, and again for a while.
pub(super) const BOUNDS: Mandate = Mandate { most: Money::inr(15_000_00), taken_after: TimeDelta::hours(25) };
/// How long a mandate lasts: ten years, as the vendor has it.
const LASTS: TimeDelta = TimeDelta::days(3_650);
/// The vendor wants an address to write to. Vendors have none here; this one is what it uses itself where it is told of none.
const NO_EMAIL: &str = "void@razorpay.com";

/// What an order asks for besides its money.
#[derive(Debug, Serialize)]
pub(super) struct Asks<'a> {
    customer_id: &'a str,
    token: Terms,
}

#[derive(Debug, Serialize)]
struct Terms {
    max_amount: i64,
    /// Seconds since 1970.
    expire_at: i64,
    frequency: &'static str,
}

#[derive(Debug, Serialize)]
struct NewCustomer<'a> {
    name: &'a str,
    contact: Option<&'a str>,
    /// Who is there already is the answer.
    fail_existing: &'static str,
    notes: Notes,
}

#[derive(Debug, Serialize)]
struct Notes {
    tenant_id: types::TenantId,
}

#[derive(Debug, Deserialize)]
struct Customer {
    id: String,
    contact: Option<String>,
}

#[derive(Debug, Serialize)]
struct NewCharge<'a> {
    email: &'static str,
    contact: &'a str,
    amount: i64,
    currency: &'static str,
    order_id: &'a str,
    customer_id: &'a str,
    token: &'a str,
    recurring: bool,
    description: &'a str,
    notes: wire::Notes,
}

#[derive(Debug, Deserialize)]
struct Charged {
    razorpay_payment_id: String,
}

#[derive(Debug, Deserialize)]
struct Deleted {}

#[derive(Debug, Deserialize)]
struct Token {
    id: String,
    method: String,
    #[serde(default)]
    recurring: bool,
    recurring_details: Option<Details>,
    card: Option<Card>,
    vpa: Option<Vpa>,
    max_amount: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Details {
    status: String,
}

#[derive(Debug, Deserialize)]
struct Card {
    last4: String,
    network: Option<String>,
    expiry_month: Option<i16>,
    expiry_year: Option<i16>,
}

#[derive(Debug, Deserialize)]
struct Vpa {
    username: String,
    handle: String,
}

impl<'a> Asks<'a> {
    pub fn of(customer: &'a str, asked: &Asked<'_>) -> Self {
        let expire_at = (asked.now + LASTS).timestamp();
        // Charged when we say so, and not in the vendor's rhythm: a plan's price and its day change.
        let frequency = "as_presented";
        let token = Terms { max_amount: BOUNDS.most.minor(), expire_at, frequency };
        Self { customer_id: customer, token }
    }
}

impl Razorpay {
    pub(super) async fn make_customer(&self, payer: &Payer<'_>) -> Result<String, Error> {
        let notes = Notes { tenant_id: payer.tenant };
        let new = NewCustomer { name: payer.name, contact: payer.phone, fail_existing: "0", notes };
        let customer: Customer = answer(self.request(Verb::POST, "/customers").json(&new)).await?;
        Ok(customer.id)
    }

    pub(super) async fn tokens_of(&self, customer: &str) -> Result<Vec<Method>, Error> {
        let list: wire::List<Token> = self.get(&format!("/customers/{}/tokens", plain(customer)?)).await?;
        Ok(list.items.into_iter().rev().filter_map(Token::kept).collect())
    }

    pub(super) async fn delete_token(&self, kept: &Kept<'_>) -> Result<(), Error> {
        let path = format!("/customers/{}/tokens/{}", plain(kept.customer)?, plain(kept.method)?);
        answer::<Deleted>(self.request(Verb::DELETE, &path)).await.map(drop)
    }

    /// Not idempotent at the vendor: the order of the intent is looked for first, and whatever was tried on it is the answer.
    pub(super) async fn charge_token(&self, asked: &Asked<'_>, kept: &Kept<'_>) -> Result<Payment, Error> {
        let receipt = format!("/orders?receipt={}", asked.intent);
        let made: wire::List<wire::Order> = self.get(&receipt).await?;
        let order = match made.items.into_iter().next_back() {
            Some(order) => order.id,
            None => self.order(asked, None).await?.id,
        };
        let path = format!("/orders/{}/payments?count=100", plain(&order)?);
        let tried: wire::List<wire::Payment> = self.get(&path).await?;
        if let Some(tried) = tried.items.into_iter().next_back() {
            return Ok(tried.into());
        }
        let customer: Customer = self.get(&format!("/customers/{}", plain(kept.customer)?)).await?;
        let Some(contact) = customer.contact else {
            return Err(Error::Refused("nobody knows whom to give notice".to_owned()));
        };
        let new = NewCharge {
            email: NO_EMAIL,
            contact: &contact,
            amount: asked.amount.minor(),
            currency: "INR",
            order_id: &order,
            customer_id: kept.customer,
            token: kept.method,
            recurring: true,
            description: asked.purpose,
            notes: Self::notes(asked),
        };
        let charge = self.request(Verb::POST, "/payments/create/recurring").json(&new);
        let charged: Charged = answer(charge).await?;
        let path = format!("/payments/{}", plain(&charged.razorpay_payment_id)?);
        self.get::<wire::Payment>(&path).await.map(Payment::from)
    }
}

impl Token {
    /// The mandate as we know it; none of what is no mandate.
    fn kept(self) -> Option<Method> {
        let details = self.recurring_details.filter(|_| self.recurring)?;
        let state = match details.status.as_str() {
            "confirmed" => Some(MethodState::Active),
            "paused" => Some(MethodState::Paused),
            "initiated" | "created" => Some(MethodState::Pending),
            _ => None,
        };
        let (kind, brand, last4, expires, upi_id) = match (self.method.as_str(), self.card, self.vpa) {
            ("card", Some(card), _) => {
                let brand = card.network.unwrap_or_else(|| "card".to_owned()).to_lowercase();
                let expires = card.expiry_month.zip(card.expiry_year);
                (MethodKind::Card, brand, Some(card.last4), expires, None)
            }
            ("upi", _, Some(vpa)) => {
                let upi_id = format!("{}@{}", vpa.username, vpa.handle);
                (MethodKind::Upi, "upi".to_owned(), None, None, Some(upi_id))
            }
            _ => return None,
        };
        let max_minor = Some(self.max_amount.unwrap_or(BOUNDS.most.minor()));
        let fingerprint = self.id.clone();
        Some(Method { id: self.id, fingerprint, kind, state, brand, last4, expires, upi_id, max_minor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mandates_of_cards_and_upi_ids_are_read_and_nothing_else_is() {
        let kept = |json: &str| serde_json::from_str::<Token>(json).unwrap().kept();
        let upi = kept(
            r#"{"id":"token_1","method":"upi","recurring":true,"recurring_details":{"status":"paused"},"vpa":{"username":"meena","handle":"okbank","name":null},"max_amount":500000}"#,
        );
        let upi = upi.unwrap();
        assert_eq!(
            (upi.kind, upi.state, upi.max_minor),
            (MethodKind::Upi, Some(MethodState::Paused), Some(5_000_00))
        );
        assert_eq!(upi.upi_id.as_deref(), Some("meena@okbank"));
        let card = r#"{"id":"token_2","method":"card","recurring":true,"recurring_details":{"status":"STATUS"},"card":{"last4":"1007","network":"Visa","expiry_month":12,"expiry_year":2034}}"#;
        let confirmed = kept(&card.replace("STATUS", "confirmed")).unwrap();
        assert_eq!((confirmed.state, confirmed.expires), (Some(MethodState::Active), Some((12, 2034))));
        for over in ["cancelled", "rejected", "cancellation_initiated"] {
            assert_eq!(kept(&card.replace("STATUS", over)).unwrap().state, None, "{over}");
        }
        assert_eq!(kept(&card.replace("true", "false")), None, "a card that is only remembered");
    }
}
