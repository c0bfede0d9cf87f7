//! The nouns every context shares: money, quantities, units, prices, languages and typed ids.
//!
//! Values are parsed at the edge and valid ever after: a function that takes a [`Quantity`] need not ask whether
//! it is finite. Nothing here does I/O, reads a clock or knows a database; the `sqlx` and `openapi` features only
//! teach the types to be stored and described.
//!
//! Deliberately absent: floating point. Amounts are integers of the minor unit, quantities integers of a thousandth.

mod ids;
mod language;
mod money;
mod price;
mod quantity;
mod unit;

pub use ids::{
    AccountActId, AccountId, ApiKeyId, CouponId, CrewId, DocumentId, GuestId, IntentId, InvitationId, JobId,
    LetterId, LotId, MessageId, OfferId, OrderId, OutsideAccountId, PasskeyId, PaymentId, PaymentMethodId,
    PersonId, PlanId, PlanInvoiceId, PriceId, ProductId, ProviderKeyId, ReadBackId, RecordingId, RefundId,
    ReportId, SessionId, StockHoldId, TeamActId, TenantId, TextId, TopUpId, TransferId, UsageId, VisitId,
};
pub use language::{Direction, Language, Script, UnknownLanguage};
pub use money::{Currency, Money, MoneyError, group_en_in};
pub use price::{Price, PriceError};
pub use quantity::{Quantity, QuantityError};
pub use unit::{Dimension, Unit, UnknownUnit};
