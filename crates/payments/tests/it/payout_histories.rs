//! Random sales, refunds, payouts and time, against a vendor's account as a person would keep it.

use axum::http::StatusCode;
use payments::NewIntent;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use types::{Money, OrderId};

use crate::payouts::{act, give_account, payouts, run, wallet};
use crate::stall::Stall;

const HISTORIES: usize = 6;
const HOLD_S: i64 = 2 * 86_400;
const MINIMUM: i64 = 100_00;

#[derive(Debug, Clone)]
enum Happening {
    Sale { paise: i64 },
    SaleByVendor { paise: i64 },
    Refund { which: prop::sample::Index },
    Wait { hours: u32 },
    Run,
    Paid,
    Cancel,
    CameBack,
}

/// A sale: what the vendor has of it, and until when it is held where it went through the gateway.
struct Sale {
    order: OrderId,
    net: i64,
    held_until_s: Option<i64>,
}

#[derive(Default)]
struct Account {
    owed: i64,
    sales: Vec<Sale>,
    in_transit: i64,
    /// What was paid out, each.
    paid: Vec<i64>,
}

impl Account {
    fn held(&self, now_s: i64) -> i64 {
        let held = self.sales.iter().filter(|sale| sale.held_until_s.is_some_and(|until| until > now_s));
        held.map(|sale| sale.net).sum()
    }

    /// As the wallet shows it.
    fn shown(&self, now_s: i64) -> [i64; 5] {
        let held = self.held(now_s);
        [self.owed, held, (self.owed - held).max(0), self.in_transit, self.paid.iter().sum()]
    }
}

fn history() -> impl Strategy<Value = Vec<Happening>> {
    let paise = || 50_00..900_00_i64;
    let happening = prop_oneof![
        4 => paise().prop_map(|paise| Happening::Sale { paise }),
        1 => paise().prop_map(|paise| Happening::SaleByVendor { paise }),
        2 => any::<prop::sample::Index>().prop_map(|which| Happening::Refund { which }),
        4 => (1..60_u32).prop_map(|hours| Happening::Wait { hours }),
        4 => Just(Happening::Run),
        3 => Just(Happening::Paid),
        1 => Just(Happening::Cancel),
        1 => Just(Happening::CameBack),
    ];
    prop::collection::vec(happening, 18)
}

/// 2.5 per cent, half a paisa counted as one.
fn commission(paise: i64) -> i64 {
    (paise * 250 + 50_00) / 100_00
}

async fn live(stall: &Stall, account: &mut Account, number: usize, happening: &Happening) {
    let reason = json!({"reason": "a history"});
    match happening {
        Happening::Sale { paise } => {
            let order = stall.test.entropy.id(stall.now());
            let held_until_s = Some(stall.now().timestamp() + HOLD_S);
            stall.sell(order, *paise).await;
            let net = paise - commission(*paise);
            account.owed += net;
            account.sales.push(Sale { order, net, held_until_s });
        }
        Happening::SaleByVendor { paise } => {
            let order: OrderId = stall.test.entropy.id(stall.now());
            stall.ask_for(&NewIntent { order, amount: Money::inr(*paise), ..stall.new_intent() }).await;
            stall.work().await;
            let body = json!({"client_id": uuid::Uuid::from_u128(number as u128 + 1), "method": "cash"});
            let (status, _) =
                stall.post(stall.vendor(), &format!("/orders/{order}/payment/received"), &body).await;
            assert_eq!(status, StatusCode::OK);
            stall.work().await;
            account.owed -= commission(*paise);
            account.sales.push(Sale { order, net: -commission(*paise), held_until_s: None });
        }
        Happening::Refund { which } if !account.sales.is_empty() => {
            let sale = account.sales.swap_remove(which.index(account.sales.len()));
            stall.refund(sale.order).await.unwrap();
            account.owed -= sale.net;
        }
        Happening::Wait { hours } => stall.pass(hours * 3_600).await,
        Happening::Run => {
            // A run takes a second.
            let available = account.owed - account.held(stall.now().timestamp() + 1);
            let pays = account.in_transit == 0 && available >= MINIMUM;
            assert_eq!(run(stall).await["payouts"], i64::from(pays));
            if pays {
                account.owed -= available;
                account.in_transit = available;
            }
        }
        Happening::Paid if account.in_transit > 0 => {
            let paid = json!({"utr": format!("UTR{number:06}"), "reason": "a history"});
            assert_eq!(act(stall, &under_way(stall).await, "paid", &paid).await.0, StatusCode::OK);
            account.paid.push(std::mem::take(&mut account.in_transit));
        }
        Happening::Cancel if account.in_transit > 0 => {
            assert_eq!(act(stall, &under_way(stall).await, "cancel", &reason).await.0, StatusCode::OK);
            account.owed += std::mem::take(&mut account.in_transit);
        }
        Happening::CameBack => {
            let Some(payout) = payouts(stall).await.into_iter().find(|payout| payout["state"] == "paid")
            else {
                return;
            };
            assert_eq!(act(stall, &payout, "returned", &reason).await.0, StatusCode::OK);
            account.owed += account.paid.pop().unwrap();
        }
        Happening::Refund { .. } | Happening::Paid | Happening::Cancel => {}
    }
}

async fn under_way(stall: &Stall) -> Value {
    let all = payouts(stall).await;
    all.into_iter().find(|payout| payout["state"] == "asked").unwrap()
}

#[tokio::test]
async fn a_vendors_account_is_what_its_history_says_and_the_books_are_even() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..HISTORIES {
        let history = history().new_tree(&mut runner).unwrap().current();
        let stall = Stall::with_gateway().await;
        give_account(&stall).await;
        let mut account = Account::default();
        for (number, happening) in history.iter().enumerate() {
            live(&stall, &mut account, number, happening).await;
            let now_s = stall.now().timestamp();
            assert_eq!(wallet(&stall).await, account.shown(now_s), "after {number} of {history:#?}");
        }
    }
}
