//! What providers are used for, while nobody is charged for it.
//!
//! The operator pays the providers; there is no price book yet. So every reservation is granted, and what was used goes to
//! the log, where the operator can add it up.

use async_trait::async_trait;
use platform::meter::{Error, Meter, Reservation, Work};
use platform::{Clock, Entropy};

/// Grants everything and notes what was used.
#[derive(Debug, Clone)]
pub struct Unpriced {
    clock: Clock,
    entropy: Entropy,
}

impl Unpriced {
    /// A meter that charges nobody.
    pub const fn new(clock: Clock, entropy: Entropy) -> Self {
        Self { clock, entropy }
    }
}

#[async_trait]
impl Meter for Unpriced {
    async fn reserve(&self, work: &Work) -> Result<Reservation, Error> {
        let id = self.entropy.id(self.clock.now());
        tracing::info!(
            reservation = %id, tenant = %work.tenant, provider = work.provider, measure = ?work.measure,
            amount_max = work.amount_max, cause = %work.cause, "provider work begins"
        );
        Ok(Reservation(id))
    }

    async fn capture(&self, reservation: Reservation, amount: u64) -> Result<(), Error> {
        tracing::info!(reservation = %reservation.0, amount, "provider work was used");
        Ok(())
    }

    async fn release(&self, reservation: Reservation) -> Result<(), Error> {
        tracing::info!(reservation = %reservation.0, "provider work did not happen");
        Ok(())
    }
}
