//! One job a file.

pub(crate) mod charge_storage;
pub(crate) mod collect_plan;
pub(crate) mod credit_top_up;
pub(crate) mod keep_up_credit;
pub(crate) mod recharge_credit;
pub(crate) mod renew_plans;
pub(crate) mod settle_credit_refund;
pub(crate) mod tell_credit;

use std::sync::Arc;

use platform::jobs::{Handlers, Schedule};
use platform::kept::Keeper;

use self::charge_storage::{ChargeStorage, CountStorage};
use self::credit_top_up::CreditTopUp;
use self::keep_up_credit::KeepUpCredit;
use self::recharge_credit::{NoteFailedRecharge, RechargeCredit};
use self::settle_credit_refund::SettleCreditRefund;
use self::tell_credit::TellCredit;
use crate::Credits;

pub(crate) fn handlers(credits: &Credits) -> Handlers {
    let [top_up, keep_up, refund, recharge, failed, tell] = std::array::from_fn(|_| credits.clone());
    Handlers::default()
        .on(move |job: CreditTopUp| credit_top_up::run(top_up.clone(), job))
        .on(move |_: KeepUpCredit| keep_up_credit::run(keep_up.clone()))
        .on(move |job: RechargeCredit| recharge_credit::run(recharge.clone(), job))
        .on(move |job: NoteFailedRecharge| recharge_credit::note_failed(failed.clone(), job))
        .on(move |job: SettleCreditRefund| settle_credit_refund::run(refund.clone(), job))
        .on(move |job: TellCredit| tell_credit::run(tell.clone(), job))
        .schedule(Schedule::every(keep_up_credit::EVERY, &KeepUpCredit {}))
}

/// What counts and charges what these keep.
pub(crate) fn storage_handlers(credits: &Credits, keepers: Arc<[Arc<dyn Keeper>]>) -> Handlers {
    let [count, charge] = std::array::from_fn(|_| credits.clone());
    Handlers::default()
        .on(move |_: CountStorage| charge_storage::count(count.clone(), keepers.clone()))
        .on(move |job: ChargeStorage| charge_storage::charge(charge.clone(), job))
        .schedule(Schedule::every(charge_storage::EVERY, &CountStorage {}))
}
