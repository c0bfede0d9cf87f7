//! Paid work: reserved before it starts, captured when it was done, released when it was not.

use std::sync::Arc;

use platform::meter::{self, Meter, Reservation, Work};
use tokio::runtime::Handle;

use crate::capability::LOCAL;

/// What a failure means for the next engine and for the bill.
pub(crate) trait Failure: From<meter::Error> + std::fmt::Display {
    /// Whether another engine, or this one later, may do better.
    fn may_pass_elsewhere(&self) -> bool;

    /// Whether the provider did the work all the same.
    fn is_charged(&self) -> bool;
}

/// Does work at its price, in one step. What this machine does is free and not metered.
pub(crate) async fn metered<T, E: Failure>(
    meter: &Arc<dyn Meter>,
    work: Work,
    doing: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    if work.provider == LOCAL {
        return doing.await;
    }
    let amount = work.amount_max;
    let mut steps = Steps::new(meter, work);
    let done = steps.step(amount, doing).await;
    steps.settle().await;
    done
}

/// Work that is done step by step: each is set aside before it begins, and what was done is charged in the end, however it ends.
///
/// Where whoever waits for it goes away in the middle, what was done is charged all the same and the rest is given back; only a crash
/// leaves a reservation, which expires by itself.
#[derive(Debug)]
pub(crate) struct Steps {
    meter: Arc<dyn Meter>,
    work: Work,
    reservation: Option<Reservation>,
    set_aside: u64,
    done: u64,
}

impl Steps {
    /// Nothing is done yet; how much each step takes is said with it.
    pub fn new(meter: &Arc<dyn Meter>, work: Work) -> Self {
        Self { meter: meter.clone(), work, reservation: None, set_aside: 0, done: 0 }
    }

    /// Does a step that takes so much, in the measure's unit.
    pub async fn step<T, E: Failure>(
        &mut self,
        amount: u64,
        doing: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        self.prepare(amount).await?;
        let done = doing.await;
        if done.as_ref().err().is_none_or(E::is_charged) {
            self.done += amount;
        }
        done
    }

    /// Sets aside what the next step takes, beside what was done.
    async fn prepare(&mut self, amount: u64) -> Result<(), meter::Error> {
        let wanted = self.done + amount;
        if let Some(reservation) = self.reservation {
            let missing = wanted.saturating_sub(self.set_aside);
            if missing > 0 {
                self.meter.extend(reservation, missing).await?;
            }
        } else {
            let first = Work { amount_max: wanted, ..self.work.clone() };
            self.reservation = Some(self.meter.reserve(&first).await?);
        }
        self.set_aside = self.set_aside.max(wanted);
        Ok(())
    }

    /// Charges what was done, and gives the rest back.
    pub async fn settle(mut self) {
        if let Some(reservation) = self.reservation {
            charge(self.meter.as_ref(), &self.work, reservation, self.done).await;
            self.reservation = None;
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        let Some(reservation) = self.reservation.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        let (meter, work, done) = (self.meter.clone(), self.work.clone(), self.done);
        runtime.spawn(async move { charge(meter.as_ref(), &work, reservation, done).await });
    }
}

async fn charge(meter: &dyn Meter, work: &Work, reservation: Reservation, done: u64) {
    let settled = match done {
        0 => meter.release(reservation).await,
        _ => meter.capture(reservation, done).await,
    };
    if let Err(error) = settled {
        // The work is done and somebody waits for it; the reservation expires by itself.
        tracing::error!(%error, provider = work.provider, cause = %work.cause.id, "a reservation was not settled");
    }
}
