//! One job a file.

pub(crate) mod announce_payment;
pub(crate) mod answer_dispute;
pub(crate) mod book_tcs_payment;
pub(crate) mod close_intent;
pub(crate) mod expire_intent;
pub(crate) mod forget_method;
pub(crate) mod look_back_at_refund;
pub(crate) mod make_keeping_page;
pub(crate) mod make_payout;
pub(crate) mod pay_out_daily;
pub(crate) mod prepare_intent;
pub(crate) mod process_webhook;
pub(crate) mod purge_webhooks;
pub(crate) mod reconcile_day;
pub(crate) mod reconcile_days;
pub(crate) mod refund_payment;
pub(crate) mod run_payouts;
pub(crate) mod take_in_methods;
pub(crate) mod watch_disputes;
pub(crate) mod watch_intent;
pub(crate) mod watch_methods;
pub(crate) mod watch_payout;
pub(crate) mod watch_refund;

use platform::jobs::{Failure, Handlers, Schedule};

use self::announce_payment::AnnouncePayment;
use self::answer_dispute::AnswerDispute;
use self::book_tcs_payment::BookTcsPayment;
use self::close_intent::CloseIntent;
use self::expire_intent::ExpireIntent;
use self::forget_method::ForgetMethod;
use self::look_back_at_refund::LookBackAtRefund;
use self::make_keeping_page::MakeKeepingPage;
use self::make_payout::MakePayout;
use self::pay_out_daily::PayOutDaily;
use self::prepare_intent::PrepareIntent;
use self::process_webhook::ProcessWebhook;
use self::purge_webhooks::PurgeWebhooks;
use self::reconcile_day::ReconcileDay;
use self::reconcile_days::ReconcileDays;
use self::refund_payment::RefundPayment;
use self::run_payouts::RunPayouts;
use self::take_in_methods::{LookAtMethods, TakeInMethods};
use self::watch_disputes::WatchDisputes;
use self::watch_intent::WatchIntent;
use self::watch_methods::WatchMethods;
use self::watch_payout::WatchPayout;
use self::watch_refund::WatchRefund;
use crate::{Error, GatewayError, Payments};

pub(crate) fn handlers(payments: &Payments) -> Handlers {
    let [announce, close, expire, prepare, process] = std::array::from_fn(|_| payments.clone());
    let [purge, reconcile, plan, refund, watch, watch_refunds] = std::array::from_fn(|_| payments.clone());
    let [forget, take_in, watch_kept, look_at, make_page] = std::array::from_fn(|_| payments.clone());
    let [answer, disputes, look_back, book_tcs] = std::array::from_fn(|_| payments.clone());
    let handlers = Handlers::default()
        .on(move |job: AnnouncePayment| announce_payment::run(announce.clone(), job))
        .on(move |job: AnswerDispute| answer_dispute::run(answer.clone(), job))
        .on(move |job: BookTcsPayment| book_tcs_payment::run(book_tcs.clone(), job))
        .on(move |job: CloseIntent| close_intent::run(close.clone(), job))
        .on(move |job: ExpireIntent| expire_intent::run(expire.clone(), job))
        .on(move |job: ForgetMethod| forget_method::run(forget.clone(), job))
        .on(move |job: LookBackAtRefund| look_back_at_refund::run(look_back.clone(), job))
        .on(move |job: TakeInMethods| take_in_methods::run(take_in.clone(), job))
        .on(move |job: LookAtMethods| take_in_methods::look(look_at.clone(), job))
        .on(move |job: MakeKeepingPage| make_keeping_page::run(make_page.clone(), job))
        .on(move |_: WatchMethods| watch_methods::run(watch_kept.clone()))
        .on(move |job: PrepareIntent| prepare_intent::run(prepare.clone(), job))
        .on(move |job: ProcessWebhook| process_webhook::run(process.clone(), job))
        .on(move |_: PurgeWebhooks| purge_webhooks::run(purge.clone()))
        .on(move |job: ReconcileDay| reconcile_day::run(reconcile.clone(), job))
        .on(move |_: ReconcileDays| reconcile_days::run(plan.clone()))
        .on(move |job: RefundPayment| refund_payment::run(refund.clone(), job))
        .on(move |_: WatchDisputes| watch_disputes::run(disputes.clone()))
        .on(move |job: WatchIntent| watch_intent::run(watch.clone(), job))
        .on(move |job: WatchRefund| watch_refund::run(watch_refunds.clone(), job))
        .schedule(Schedule::every(purge_webhooks::EVERY, &PurgeWebhooks {}))
        .schedule(Schedule::every(watch_methods::EVERY, &WatchMethods {}))
        .schedule(Schedule::every(watch_disputes::EVERY, &WatchDisputes {}))
        .schedule(Schedule::every(reconcile_days::EVERY, &ReconcileDays {}));
    handlers.and(of_payouts(payments))
}

fn of_payouts(payments: &Payments) -> Handlers {
    let [make, daily, look, watch] = std::array::from_fn(|_| payments.clone());
    Handlers::default()
        .on(move |job: MakePayout| make_payout::run(make.clone(), job))
        .on(move |_: PayOutDaily| pay_out_daily::run(daily.clone()))
        .on(move |job: RunPayouts| run_payouts::run(look.clone(), job))
        .on(move |job: WatchPayout| watch_payout::run(watch.clone(), job))
        .schedule(Schedule::every(pay_out_daily::EVERY, &PayOutDaily {}))
}

/// Try again, when the gateway says it may be asked again.
pub(crate) fn later(error: Error) -> Failure {
    match error {
        Error::Gateway(GatewayError::Trouble { retry_after: Some(wait), .. }) => {
            Failure::RetryAfter(wait, error.into())
        }
        error => error.into(),
    }
}
