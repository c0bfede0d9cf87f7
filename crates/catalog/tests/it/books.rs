//! Whatever happens in whatever order, the counters are the sums of what they count.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use types::{StockHoldId, Unit};

use crate::shop::Shop;

/// One thing that happens; numbers choose among the holds so far.
#[derive(Debug, Clone)]
enum Step {
    Hold(u32),
    Sell(usize),
    Release(usize),
    PutBack(usize),
    Count(u32),
    Spoil(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u32..4000).prop_map(Step::Hold),
        3 => any::<usize>().prop_map(Step::Sell),
        2 => any::<usize>().prop_map(Step::Release),
        1 => any::<usize>().prop_map(Step::PutBack),
        1 => (0u32..20_000).prop_map(Step::Count),
        1 => (1u32..3000).prop_map(Step::Spoil),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counters_are_the_sums_whatever_happens() {
    let shop = Shop::open().await;
    let handle = tokio::runtime::Handle::current();
    let run = |steps: Vec<Step>| {
        tokio::task::block_in_place(|| handle.block_on(play(&shop, steps)));
        Ok(())
    };
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner.run(&prop::collection::vec(step(), 1..25), run).unwrap();
}

async fn play(shop: &Shop, steps: Vec<Step>) {
    let vendor = shop.vendor();
    let mut body = crate::shop::tomatoes();
    body["stock"] = "10".into();
    let product = vendor.sell(&body).await;
    let path = format!("/products/{product}/stock-movements");
    let mut holds: Vec<StockHoldId> = Vec::new();
    for step in steps {
        let chosen = |n: usize| holds.get(n % holds.len().max(1)).copied().into_iter().collect::<Vec<_>>();
        match step {
            Step::Hold(grams) => {
                let held = shop.hold(vendor.tenant, product, &grams.to_string(), Unit::G).await;
                holds.extend(held.ok());
            }
            Step::Sell(n) => drop(shop.sell(vendor.tenant, &chosen(n)).await),
            Step::Release(n) => shop.release(vendor.tenant, &chosen(n)).await.unwrap(),
            Step::PutBack(n) => shop.put_back(vendor.tenant, &chosen(n)).await.unwrap(),
            Step::Count(milli) => {
                let set = types::Quantity::from_milli(milli.into()).unwrap();
                let client_id: uuid::Uuid = shop.test.entropy.id(shop.now());
                vendor.post(&path, &json!({"client_id": client_id, "set": set, "reason": "counted"})).await;
            }
            Step::Spoil(milli) => {
                let change = catalog::Change::from_milli(-i64::from(milli));
                let client_id: uuid::Uuid = shop.test.entropy.id(shop.now());
                vendor
                    .post(&path, &json!({"client_id": client_id, "change": change, "reason": "spoilt"}))
                    .await;
            }
        }
    }
    shop.assert_balanced().await;
}
