//! Typed ids of what only this context names.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The bare UUID, for a driver.
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
    )*};
}

ids! {
    /// A rule of the commission book.
    CommissionRuleId;
    /// A dispute.
    DisputeId;
    /// An exception.
    ExceptionId;
    /// A comparison of a day.
    RunId;
    /// A rate at which tax is collected at source.
    TcsRateId;
    /// Money on its way to a vendor.
    PayoutId;
    /// One look at every vendor.
    PayoutRunId;
    /// An account that a vendor is paid out to.
    PayoutAccountId;
}
