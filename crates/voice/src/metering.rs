//! Paid work: reserved before it starts, captured when it was done, released when it was not.

use platform::meter::{self, Meter, Work};

use crate::capability::LOCAL;

/// What a failure means for the next engine and for the bill.
pub(crate) trait Failure: From<meter::Error> + std::fmt::Display {
    /// Whether another engine, or this one later, may do better.
    fn may_pass_elsewhere(&self) -> bool;

    /// Whether the provider did the work all the same.
    fn is_charged(&self) -> bool;
}

/// Does work at its price. What this machine does is free and not metered.
pub(crate) async fn metered<T, E: Failure>(
    meter: &dyn Meter,
    work: Work,
    doing: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    if work.provider == LOCAL {
        return doing.await;
    }
    let reservation = meter.reserve(&work).await?;
    let done = doing.await;
    let settled = match &done {
        Err(error) if !error.is_charged() => meter.release(reservation).await,
        _ => meter.capture(reservation, work.amount_max).await,
    };
    if let Err(error) = settled {
        // The work is done and the speaker waits for it; the reservation expires by itself.
        tracing::error!(%error, provider = work.provider, cause = %work.cause.id, "a reservation was not settled");
    }
    done
}
