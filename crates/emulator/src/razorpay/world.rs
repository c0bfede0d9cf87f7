//! All merchants and what they share, behind one lock.

use super::agenda::{Agenda, Task};
use super::desk::{Bench, Desk};
use super::merchant::{MERCHANTS_MAX, Merchant, NewMerchant};
use super::webhook::PostRoom;
use crate::entropy::Entropy;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) bench: Bench,
    now_ms: i64,
    /// Counts resets, so that work begun before one does not touch what came after.
    pub(crate) generation: u64,
}

impl World {
    pub(crate) fn new(seed: u64, public_url: String) -> Self {
        let bench = Bench {
            entropy: Entropy::seeded(seed),
            agenda: Agenda::default(),
            post_room: PostRoom::default(),
            public_url,
        };
        Self { merchants: Vec::new(), bench, now_ms: i64::MIN, generation: 0 }
    }

    pub(crate) fn open_account(&mut self, opened: NewMerchant) -> Result<usize, &'static str> {
        if let Some(problem) = opened.invalid() {
            return Err(problem);
        }
        if self.merchants.len() >= MERCHANTS_MAX {
            return Err("too many merchants");
        }
        if self.number_of(&opened.key_id).is_some() {
            return Err("key_id is taken");
        }
        let account_id = format!("acc_{}", self.bench.entropy.token(14));
        self.merchants.push(Merchant::new(account_id, opened));
        Ok(self.merchants.len() - 1)
    }

    /// The merchant with this public key.
    pub(crate) fn number_of(&self, key_id: &str) -> Option<usize> {
        self.merchants.iter().position(|merchant| merchant.key_id == key_id)
    }

    /// The merchant that owns an order.
    pub(crate) fn owner_of_order(&self, order_id: &str) -> Option<usize> {
        self.merchants.iter().position(|merchant| merchant.orders.get(order_id).is_some())
    }

    /// The merchant that owns a QR code.
    pub(crate) fn owner_of_qr(&self, qr_id: &str) -> Option<usize> {
        self.merchants.iter().position(|merchant| merchant.qr_codes.get(qr_id).is_some())
    }

    /// The desk of the merchant with this number, now.
    pub(crate) fn desk(&mut self, number: usize) -> Desk<'_> {
        let now_ms = self.now_ms;
        let (merchant, bench) = (&mut self.merchants[number], &mut self.bench);
        Desk { merchant, number, bench, now_s: now_ms.div_euclid(1000), now_ms }
    }

    /// Does everything that has come due, each thing at its own time.
    pub(crate) fn advance_to(&mut self, now_ms: i64) {
        while let Some((due_ms, number, task)) = self.bench.agenda.take_due(now_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            if let Task::Deliver(delivery) = task {
                self.bench.post_room.make_ready(number, delivery);
                continue;
            }
            let mut desk = self.desk(number);
            match task {
                Task::TimeOut(id) => desk.fail(&id, "payment_timed_out"),
                Task::Authorize(id) => desk.authorize(&id),
                Task::ReturnUncaptured(id) => desk.return_uncaptured(&id),
                Task::FinishRefund { id, processed } => desk.finish_refund(&id, processed),
                Task::ExpireQr(id) => desk.expire_qr_code(&id),
                Task::Deliver(_) => {}
            }
        }
        self.now_ms = self.now_ms.max(now_ms);
    }

    /// Starts over as `fresh`, at the same time.
    pub(crate) fn replace_with(&mut self, fresh: Self) {
        *self = Self { now_ms: self.now_ms, generation: self.generation + 1, ..fresh };
    }

    /// The time the world has reached, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms
    }
}
