//! The vendor's test cards: what a bank answers, and what becomes of the payment after.
//!
//! Card data never exists here: a card is its documented name, `pm_card_visa` or `tok_visa`.

use serde_json::{Value, json};

/// A bank's no, in the vendor's words; `bank_code` is its `decline_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) bank_code: Option<&'static str>,
    pub(crate) message: &'static str,
}

/// When a bank wants to see its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    Never,
    /// At every payment, also without the customer there, where it cannot be.
    Always,
    /// At a payment with the customer there.
    OnSession,
}

/// What becomes of a payment that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aftermath {
    Nothing,
    /// It is disputed at once, for this reason.
    Dispute(&'static str),
    /// The bank asks first; no money is taken back.
    Inquiry(&'static str),
    /// Refunds wait, and then succeed.
    RefundPends,
    /// Refunds succeed, and fail later.
    RefundFails,
    /// The money is available at once.
    BypassesPending,
}

/// One test card.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// What follows `pm_card_` and `tok_`.
    pub(crate) name: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) last4: &'static str,
    pub(crate) funding: &'static str,
    pub(crate) country: &'static str,
    pub(crate) decline: Option<Decline>,
    pub(crate) authentication: Authentication,
    pub(crate) aftermath: Aftermath,
}

const fn approved(name: &'static str, last4: &'static str) -> Card {
    Card {
        name,
        brand: "visa",
        last4,
        funding: "credit",
        country: "US",
        decline: None,
        authentication: Authentication::Never,
        aftermath: Aftermath::Nothing,
    }
}

const fn of_brand(name: &'static str, last4: &'static str, brand: &'static str) -> Card {
    Card { brand, ..approved(name, last4) }
}

const fn of_country(name: &'static str, last4: &'static str, country: &'static str) -> Card {
    Card { country, ..approved(name, last4) }
}

const fn declined(name: &'static str, last4: &'static str, decline: Decline) -> Card {
    Card { decline: Some(decline), ..approved(name, last4) }
}

const fn authenticated(name: &'static str, last4: &'static str, authentication: Authentication) -> Card {
    Card { authentication, ..approved(name, last4) }
}

const fn followed(name: &'static str, last4: &'static str, aftermath: Aftermath) -> Card {
    Card { aftermath, ..approved(name, last4) }
}

const fn card_declined(bank_code: &'static str, message: &'static str) -> Decline {
    Decline { code: "card_declined", bank_code: Some(bank_code), message }
}

const GENERIC: Decline = card_declined("generic_decline", "Your card was declined.");
const LOST: Decline = card_declined("lost_card", "Your card was declined.");
const STOLEN: Decline = card_declined("stolen_card", "Your card was declined.");
const INSUFFICIENT: Decline = card_declined("insufficient_funds", "Your card has insufficient funds.");
const VELOCITY: Decline = card_declined(
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
);
const EXPIRED: Decline = Decline { code: "expired_card", bank_code: None, message: "Your card has expired." };
const INCORRECT_CVC: Decline =
    Decline { code: "incorrect_cvc", bank_code: None, message: "Your card's security code is incorrect." };
const PROCESSING_ERROR: Decline = Decline {
    code: "processing_error",
    bank_code: None,
    message: "An error occurred while processing your card. Try again in a little bit.",
};

/// What a payment without its customer there is told where the bank wants to see one.
pub(crate) const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    bank_code: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
};

/// The cards of the vendor's testing page that this emulator knows.
pub(crate) static CARDS: [Card; 36] = [
    approved("visa", "4242"),
    Card { funding: "debit", ..approved("visa_debit", "5556") },
    of_brand("mastercard", "4444", "mastercard"),
    of_brand("amex", "0005", "amex"),
    of_brand("discover", "1117", "discover"),
    of_country("us", "4242", "US"),
    of_country("in", "0008", "IN"),
    of_country("gb", "0000", "GB"),
    of_country("de", "0000", "DE"),
    of_country("sg", "0003", "SG"),
    declined("visa_chargeDeclined", "0002", GENERIC),
    declined("chargeDeclined", "0002", GENERIC),
    declined("visa_chargeDeclinedInsufficientFunds", "9995", INSUFFICIENT),
    declined("chargeDeclinedInsufficientFunds", "9995", INSUFFICIENT),
    declined("visa_chargeDeclinedLostCard", "9987", LOST),
    declined("visa_chargeDeclinedStolenCard", "9979", STOLEN),
    declined("visa_chargeDeclinedVelocityLimitExceeded", "6975", VELOCITY),
    declined("chargeDeclinedExpiredCard", "0069", EXPIRED),
    declined("chargeDeclinedIncorrectCvc", "0127", INCORRECT_CVC),
    declined("chargeDeclinedProcessingError", "0119", PROCESSING_ERROR),
    declined("chargeCustomerFail", "0341", GENERIC),
    authenticated("authenticationRequired", "3184", Authentication::Always),
    authenticated("authenticationRequiredOnSetup", "3155", Authentication::OnSession),
    authenticated("authenticationRequiredSetupForOffSession", "0446", Authentication::OnSession),
    Card {
        decline: Some(INSUFFICIENT),
        ..authenticated(
            "authenticationRequiredChargeDeclinedInsufficientFunds",
            "3178",
            Authentication::Always,
        )
    },
    authenticated("threeDSecure2Required", "3220", Authentication::OnSession),
    authenticated("threeDSecureRequired", "3063", Authentication::OnSession),
    Card {
        decline: Some(GENERIC),
        ..authenticated("threeDSecureRequiredChargeDeclined", "1629", Authentication::OnSession)
    },
    Card {
        decline: Some(PROCESSING_ERROR),
        ..authenticated("threeDSecureRequiredProcessingError", "1280", Authentication::OnSession)
    },
    approved("threeDSecureOptional", "3055"),
    followed("createDispute", "0259", Aftermath::Dispute("fraudulent")),
    followed("createDisputeProductNotReceived", "2685", Aftermath::Dispute("product_not_received")),
    followed("createDisputeInquiry", "1976", Aftermath::Inquiry("fraudulent")),
    followed("pendingRefund", "7726", Aftermath::RefundPends),
    followed("refundFail", "5126", Aftermath::RefundFails),
    followed("bypassPending", "0077", Aftermath::BypassesPending),
];

impl Card {
    /// The card behind `pm_card_…` or `tok_…`.
    pub(crate) fn named(token: &str) -> Option<&'static Self> {
        let name = token.strip_prefix("pm_card_").or_else(|| token.strip_prefix("tok_"))?;
        CARDS.iter().find(|card| card.name == name)
    }

    /// The card as a payment method shows it.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "brand": self.brand,
            "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
            "country": self.country,
            "display_brand": self.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": self.fingerprint(),
            "funding": self.funding,
            "generated_from": null,
            "last4": self.last4,
            "networks": { "available": [self.brand], "preferred": null },
            "regulated_status": "unregulated",
            "three_d_secure_usage": { "supported": true },
            "wallet": null,
        })
    }

    /// The card as a charge shows it.
    pub(crate) fn charged(&self, amount: i64, authenticated: bool) -> Value {
        let three_d_secure = authenticated.then(|| {
            json!({
                "authentication_flow": "challenge",
                "electronic_commerce_indicator": "05",
                "exemption_indicator": null,
                "result": "authenticated",
                "result_reason": null,
                "transaction_id": null,
                "version": "2.2.0",
            })
        });
        json!({
            "amount_authorized": amount,
            "authorization_code": null,
            "brand": self.brand,
            "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
            "country": self.country,
            "electronic_commerce_indicator": authenticated.then_some("05"),
            "exp_month": 12,
            "exp_year": 2034,
            "extended_authorization": { "status": "disabled" },
            "fingerprint": self.fingerprint(),
            "funding": self.funding,
            "incremental_authorization": { "status": "unavailable" },
            "installments": null,
            "last4": self.last4,
            "mandate": null,
            "multicapture": { "status": "unavailable" },
            "network": self.brand,
            "network_token": { "used": false },
            "network_transaction_id": null,
            "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
            "regulated_status": "unregulated",
            "three_d_secure": three_d_secure,
            "transaction_link_id": null,
            "wallet": null,
        })
    }

    /// The same for every use of a card number.
    fn fingerprint(&self) -> String {
        format!("{:0<12}{}", self.brand, self.last4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_found_by_either_name_and_no_two_share_one() {
        assert_eq!(Card::named("pm_card_visa"), Card::named("tok_visa"));
        assert!(Card::named("pm_card_nonsense").is_none());
        assert!(Card::named("visa").is_none());
        for (at, card) in CARDS.iter().enumerate() {
            assert!(CARDS[at + 1..].iter().all(|other| other.name != card.name), "{}", card.name);
        }
    }
}
