//! Typed ids: an offer's id cannot be passed where an order's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(Uuid);

        impl $name {
            /// Names a UUID; new ones come from `platform::Entropy`.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for a driver or a hash.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

typed_ids! {
    /// A business that sells: owner of a stall, and the first column of every key of its rows.
    TenantId;
    /// A person who signs in.
    PersonId;
    /// A signed-in session.
    SessionId;
    /// An invitation to become a member of a business.
    InvitationId;
    /// A team inside a business.
    CrewId;
    /// Something that was done about a business's members.
    TeamActId;
    /// Something that happened to somebody's account.
    AccountActId;
    /// A letter to somebody, by e-mail.
    LetterId;
    /// A short message to somebody's telephone.
    TextId;
    /// A key that somebody's device keeps and signs in with.
    PasskeyId;
    /// An account elsewhere that signs somebody in.
    OutsideAccountId;
    /// A key by which another program calls.
    ApiKeyId;
    /// A key by which this installation calls a provider.
    ProviderKeyId;
    /// Somebody without an account, bound to one visit.
    GuestId;
    /// A product of a stall.
    ProductId;
    /// A hold of stock.
    StockHoldId;
    /// A buyer at a stall.
    VisitId;
    /// What one side of a visit reports of the other.
    ReportId;
    /// A message of a visit.
    MessageId;
    /// A recording of speech.
    RecordingId;
    /// A typed offer.
    OfferId;
    /// A question whether something was heard right.
    ReadBackId;
    /// An order.
    OrderId;
    /// An amount asked for, with its ways to pay.
    IntentId;
    /// One payment that a gateway, a vendor's UPI id or cash made.
    PaymentId;
    /// Money given back.
    RefundId;
    /// A card that a gateway keeps for a vendor.
    PaymentMethodId;
    /// An amount of prepaid credit that a vendor pays for.
    TopUpId;
    /// A lot of prepaid credit.
    LotId;
    /// Work at a provider, reserved and charged.
    UsageId;
    /// A price of a provider's work.
    PriceId;
    /// A version of a plan.
    PlanId;
    /// What was asked for a subscription to a plan.
    PlanInvoiceId;
    /// A coupon for plans.
    CouponId;
    /// An invoice, bill of supply or receipt.
    DocumentId;
    /// A ledger account.
    AccountId;
    /// A ledger transfer.
    TransferId;
    /// A background job.
    JobId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text_and_json() {
        let text = "01932f5e-8a5c-7c3e-9d54-0123456789ab";
        let id: OfferId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::from_str::<OfferId>(&format!("\"{text}\"")).unwrap(), id);
    }
}
