//! All merchants and what they share, behind one lock.

use super::desk::{Bench, Desk};
use super::merchant::{MERCHANTS_MAX, Merchant, NewMerchant};
use super::task::Task;
use super::webhook::HABITS;
use crate::agenda::Agenda;
use crate::delivery::{Attempt, Next, Outgoing, PostRoom};
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
            post_room: PostRoom::new(&HABITS),
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
                Task::Debit(id) => desk.debit(&id),
                Task::ReturnUncaptured(id) => desk.return_uncaptured(&id),
                Task::FinishRefund { id, processed } => desk.finish_refund(&id, processed),
                Task::MovePayout { id, next } => desk.move_payout(&id, next),
                Task::LapseDispute(id) => desk.lapse_dispute(&id),
                Task::Settle(id) => desk.settle_line(&id),
                Task::ExpireQr(id) => desk.expire_qr_code(&id),
                Task::Deliver(_) => {}
            }
        }
        self.now_ms = self.now_ms.max(now_ms);
    }

    /// Records an attempt and what follows from it. One begun before a reset counts for nothing.
    pub(crate) fn finish_delivery(&mut self, sent: &Outgoing, attempts: Vec<Attempt>, generation: u64) {
        if self.generation != generation {
            return;
        }
        match self.bench.post_room.finish(sent, attempts, self.now_ms) {
            Next::Nothing => {}
            Next::Retry { due_ms } => {
                self.bench.agenda.enter(due_ms, sent.account, Task::Deliver(sent.delivery));
            }
            Next::GiveUp => {
                let endpoints = self.merchants[sent.account].endpoints.iter_mut();
                endpoints
                    .filter(|endpoint| endpoint.url == sent.url)
                    .for_each(|endpoint| endpoint.active = false);
            }
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::razorpay::fields::Fields;
    use crate::razorpay::order::OrderStatus;
    use crate::razorpay::{Outcome, Play};

    #[derive(Debug, Clone)]
    enum Act {
        Order { paise: i64, manual: bool },
        Qr { paise: i64, once: bool },
        PayOrder { which: prop::sample::Index, outcome: Outcome },
        PayQr { which: prop::sample::Index, outcome: Outcome },
        Capture { which: prop::sample::Index },
        Refund { which: prop::sample::Index, paise: i64 },
        Wait { seconds: i64 },
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Outcome::Success),
            Just(Outcome::Failure { reason: "payment_declined".to_owned() }),
            (0..900_u32, prop::option::of(0..2_000_u32)).prop_map(|(fails_after_s, authorizes_after_s)| {
                Outcome::Late { fails_after_s, authorizes_after_s }
            }),
        ]
    }

    fn act() -> impl Strategy<Value = Act> {
        let which = any::<prop::sample::Index>;
        prop_oneof![
            (100..100_000_i64, any::<bool>()).prop_map(|(paise, manual)| Act::Order { paise, manual }),
            (1..100_000_i64, any::<bool>()).prop_map(|(paise, once)| Act::Qr { paise, once }),
            (which(), outcome()).prop_map(|(which, outcome)| Act::PayOrder { which, outcome }),
            (which(), outcome()).prop_map(|(which, outcome)| Act::PayQr { which, outcome }),
            which().prop_map(|which| Act::Capture { which }),
            (which(), 1..100_000_i64).prop_map(|(which, paise)| Act::Refund { which, paise }),
            (0..500_000_i64).prop_map(|seconds| Act::Wait { seconds }),
        ]
    }

    fn fields(json: &serde_json::Value) -> Fields {
        Fields::parse(json.to_string().as_bytes()).unwrap()
    }

    /// Does one thing; what the vendor refuses changes nothing that the checks below would not see.
    fn perform(world: &mut World, act: Act) {
        let pick =
            |ids: Vec<String>, which: prop::sample::Index| (!ids.is_empty()).then(|| which.get(&ids).clone());
        let mut desk = world.desk(0);
        let payments: Vec<String> =
            desk.merchant.payments.newest_first().map(|kept| kept.id.clone()).collect();
        let orders: Vec<String> = desk.merchant.orders.newest_first().map(|kept| kept.id.clone()).collect();
        let codes: Vec<String> = desk.merchant.qr_codes.newest_first().map(|kept| kept.id.clone()).collect();
        match act {
            Act::Order { paise, manual } => {
                let body =
                    serde_json::json!({ "amount": paise, "currency": "INR", "payment_capture": !manual });
                desk.create_order(fields(&body)).unwrap();
            }
            Act::Qr { paise, once } => {
                let usage = if once { "single_use" } else { "multiple_use" };
                let body = serde_json::json!({
                    "type": "upi_qr", "usage": usage, "fixed_amount": true, "payment_amount": paise
                });
                desk.create_qr_code(fields(&body)).unwrap();
            }
            Act::PayOrder { which, outcome } => {
                let _ = pick(orders, which).map(|id| desk.play(&Play::order(&id).with(outcome)));
            }
            Act::PayQr { which, outcome } => {
                let _ = pick(codes, which).map(|id| desk.play(&Play::qr(&id).with(outcome)));
            }
            Act::Capture { which } => {
                let Some(id) = pick(payments, which) else { return };
                let amount = desk.payment(&id).unwrap().amount;
                let _ = desk.capture(&id, amount);
            }
            Act::Refund { which, paise } => {
                let body = fields(&serde_json::json!({ "amount": paise }));
                let _ = pick(payments, which).map(|id| desk.refund_payment(&id, body));
            }
            Act::Wait { seconds } => {
                let later_ms = world.now_ms() + seconds * 1000;
                world.advance_to(later_ms);
            }
        }
    }

    fn check(merchant: &Merchant) {
        for payment in merchant.payments.newest_first() {
            let refunds = merchant.refunds.newest_first().filter(|refund| refund.payment_id == payment.id);
            assert_eq!(payment.amount_refunded, refunds.map(|refund| refund.amount).sum::<i64>());
            assert!((0..=payment.amount).contains(&payment.amount_refunded));
            assert_eq!(payment.captured, payment.fee.is_some());
        }
        for order in merchant.orders.newest_first() {
            let of_order =
                merchant.payments.newest_first().filter(|pay| pay.order_id.as_ref() == Some(&order.id));
            let captured: Vec<i64> = of_order.filter(|pay| pay.captured).map(|pay| pay.amount).collect();
            assert!(captured.len() <= 1, "an order is paid at most once");
            assert_eq!(order.amount_paid, captured.iter().sum::<i64>());
            assert_eq!(order.amount_paid + order.amount_due, order.amount);
            assert_eq!(order.status == OrderStatus::Paid, order.amount_due == 0);
        }
        for qr in merchant.qr_codes.newest_first() {
            let of_qr = merchant.payments.newest_first().filter(|pay| pay.qr_id.as_ref() == Some(&qr.id));
            let captured: i64 = of_qr.filter(|pay| pay.captured).map(|pay| pay.amount).sum();
            assert_eq!(qr.payments_amount_received, captured);
            assert!(qr.usage != "single_use" || qr.payments_count_received <= 1);
        }
    }

    proptest! {
        #[test]
        fn money_adds_up_whatever_merchants_payers_and_banks_do(acts in prop::collection::vec(act(), 1..60)) {
            let mut world = World::new(7, String::new());
            world.open_account(NewMerchant::demo()).unwrap();
            world.advance_to(1_764_000_000_000);
            for act in acts {
                perform(&mut world, act);
                check(&world.merchants[0]);
            }
        }
    }
}
