//! All accounts and what they share, behind one lock.

use subtle::ConstantTimeEq;

use super::account::{ACCOUNTS_MAX, Account, NewAccount};
use super::desk::{Bench, Cause, Desk};
use super::event::HABITS;
use super::task::Task;
use crate::agenda::Agenda;
use crate::delivery::{Attempt, Next, Outgoing, PostRoom};
use crate::entropy::Entropy;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) accounts: Vec<Account>,
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
        Self { accounts: Vec::new(), bench, now_ms: i64::MIN, generation: 0 }
    }

    pub(crate) fn open_account(&mut self, opened: NewAccount) -> Result<(), &'static str> {
        if let Some(problem) = opened.invalid() {
            return Err(problem);
        }
        if self.accounts.len() >= ACCOUNTS_MAX {
            return Err("too many accounts");
        }
        if self.number_of(&opened.secret_key).is_some() {
            return Err("secret_key is taken");
        }
        let id = format!("acct_{}", self.bench.entropy.token(16));
        self.accounts.push(Account::new(id, opened));
        Ok(())
    }

    /// The account with this key.
    pub(crate) fn number_of(&self, secret_key: &str) -> Option<usize> {
        let matches =
            |account: &Account| bool::from(account.secret_key.as_bytes().ct_eq(secret_key.as_bytes()));
        self.accounts.iter().position(matches)
    }

    /// The account of which this holds.
    pub(crate) fn owner(&self, owns: impl Fn(&Account) -> bool) -> Option<usize> {
        self.accounts.iter().position(owns)
    }

    /// The desk of the account with this number, now.
    pub(crate) fn desk(&mut self, number: usize, cause: Cause) -> Desk<'_> {
        let now_ms = self.now_ms;
        let (account, bench) = (&mut self.accounts[number], &mut self.bench);
        Desk { account, number, bench, cause, now_s: now_ms.div_euclid(1000), now_ms }
    }

    /// Does everything that has come due, each thing at its own time.
    pub(crate) fn advance_to(&mut self, now_ms: i64) {
        while let Some((due_ms, number, task)) = self.bench.agenda.take_due(now_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            if let Task::Deliver(delivery) = task {
                self.bench.post_room.make_ready(number, delivery);
                continue;
            }
            let mut desk = self.desk(number, Cause::default());
            match task {
                Task::BookCharge(id) => desk.book_later(&id),
                Task::ReleaseUncaptured(id) => desk.release_uncaptured(&id),
                Task::ExpireSession(id) => desk.expire_session_by_itself(&id),
                Task::SettleRefund(id) => desk.settle_refund(&id),
                Task::FailRefund(id) => desk.fail_refund(&id),
                Task::LoseDispute(id) => desk.lose_unanswered(&id),
                Task::DecideDispute { id, won } => desk.decide_dispute(&id, won),
                Task::EscalateDispute(id) => desk.escalate_dispute(&id),
                Task::RenewSubscription(id) => desk.renew_subscription(&id),
                Task::ExpireIncomplete(id) => desk.expire_incomplete(&id),
                Task::TellTrialEnd(id) => desk.tell_trial_end(&id),
                Task::FinalizeInvoice(id) => desk.finalize_invoice(&id),
                Task::CollectInvoice(id) => desk.collect_again(&id),
                Task::PayOut => desk.pay_out(),
                Task::ArrivePayout(id) => desk.arrive_payout(&id),
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
        if let Next::Retry { due_ms } = self.bench.post_room.finish(sent, attempts, self.now_ms) {
            self.bench.agenda.enter(due_ms, sent.account, Task::Deliver(sent.delivery));
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
    use crate::stripe::params::Params;

    #[derive(Debug, Clone)]
    enum Act {
        Pay { card: &'static str, amount: i64, manual: bool },
        Authenticate { which: prop::sample::Index, approve: bool },
        Capture { which: prop::sample::Index, amount: i64 },
        Cancel { which: prop::sample::Index },
        Refund { which: prop::sample::Index, amount: i64 },
        Dispute { which: prop::sample::Index, inquiry: bool },
        Decide { which: prop::sample::Index, won: bool },
        Wait { seconds: i64 },
    }

    fn act() -> impl Strategy<Value = Act> {
        let which = any::<prop::sample::Index>;
        let card = prop::sample::select(vec![
            "pm_card_visa",
            "pm_card_visa_chargeDeclined",
            "pm_card_authenticationRequired",
            "pm_card_createDispute",
            "pm_card_createDisputeInquiry",
            "pm_card_pendingRefund",
            "pm_card_refundFail",
        ]);
        prop_oneof![
            3 => (card, 50..100_000_i64, any::<bool>())
                .prop_map(|(card, amount, manual)| Act::Pay { card, amount, manual }),
            1 => (which(), any::<bool>()).prop_map(|(which, approve)| Act::Authenticate { which, approve }),
            1 => (which(), 1..100_000_i64).prop_map(|(which, amount)| Act::Capture { which, amount }),
            1 => which().prop_map(|which| Act::Cancel { which }),
            3 => (which(), 1..60_000_i64).prop_map(|(which, amount)| Act::Refund { which, amount }),
            1 => (which(), any::<bool>()).prop_map(|(which, inquiry)| Act::Dispute { which, inquiry }),
            1 => (which(), any::<bool>()).prop_map(|(which, won)| Act::Decide { which, won }),
            1 => (1..400_000_i64).prop_map(|seconds| Act::Wait { seconds }),
        ]
    }

    fn perform(desk: &mut Desk<'_>, act: &Act) {
        let pick = |which: &prop::sample::Index, ids: Vec<String>| {
            if ids.is_empty() { String::new() } else { which.get(&ids).clone() }
        };
        let intents =
            |desk: &Desk<'_>| desk.account.intents.newest_first().map(|kept| kept.id.clone()).collect();
        let charges =
            |desk: &Desk<'_>| desk.account.charges.newest_first().map(|kept| kept.id.clone()).collect();
        let read = |encoded: String| Params::parse(&encoded).unwrap();
        // Most acts are refused as things stand; what is refused must change nothing, which the sums show.
        match act {
            Act::Pay { card, amount, manual } => {
                let method = if *manual { "manual" } else { "automatic_async" };
                let _ = desk.create_intent(read(format!(
                    "amount={amount}&currency=inr&payment_method={card}&confirm=true&payment_method_types[]=card&\
                     capture_method={method}"
                )));
            }
            Act::Authenticate { which, approve } => {
                let _ = desk.authenticate_intent(&pick(which, intents(desk)), *approve);
            }
            Act::Capture { which, amount } => {
                let params = read(format!("amount_to_capture={amount}"));
                let _ = desk.capture_intent(&pick(which, intents(desk)), params);
            }
            Act::Cancel { which } => {
                let _ = desk.cancel_intent(&pick(which, intents(desk)), Params::default());
            }
            Act::Refund { which, amount } => {
                let charge = pick(which, charges(desk));
                let _ = desk.create_refund(read(format!("charge={charge}&amount={amount}")));
            }
            Act::Dispute { which, inquiry } => {
                let _ = desk.open_dispute(&pick(which, charges(desk)), "fraudulent", None, *inquiry);
            }
            Act::Decide { which, won } => {
                let disputes = desk.account.disputes.newest_first().map(|kept| kept.id.clone()).collect();
                desk.decide_dispute(&pick(which, disputes), *won);
            }
            Act::Wait { .. } => {}
        }
    }

    fn check(account: &Account) {
        for charge in account.charges.newest_first() {
            assert!((0..=charge.amount).contains(&charge.amount_refunded), "{charge:?}");
            assert!(charge.amount_captured <= charge.amount && (charge.succeeded() || !charge.captured));
            let booked = account.transactions.newest_first().filter(|booked| booked.source == charge.id);
            let taken = if charge.is_booked() { charge.amount_captured } else { 0 };
            assert_eq!(booked.map(|booked| booked.amount).sum::<i64>(), taken, "{charge:?}");
        }
        for intent in account.intents.newest_first() {
            let charge = intent.latest_charge.as_ref().and_then(|id| account.charges.get(id));
            assert_eq!(intent.amount_received, charge.map_or(0, |charge| charge.amount_captured));
            assert!(intent.challenge.is_none() || intent.amount_received == 0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_charge_gives_back_more_than_it_took_whatever_happens(acts in prop::collection::vec(act(), 1..60)) {
            let mut world = World::new(1, "http://localhost".to_owned());
            world.open_account(NewAccount::demo()).unwrap();
            let mut now_ms = 1_764_000_000_000;
            for act in &acts {
                if let Act::Wait { seconds } = act {
                    now_ms += seconds * 1_000;
                }
                world.advance_to(now_ms);
                perform(&mut world.desk(0, Cause::default()), act);
                check(&world.accounts[0]);
            }
        }
    }
}
