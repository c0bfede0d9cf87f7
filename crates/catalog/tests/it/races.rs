//! Many buyers at once.

use axum::http::StatusCode;
use catalog::Error;
use futures::future::join_all;
use serde_json::json;
use types::Unit;

use crate::shop::{Shop, slug, tomatoes};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixty_four_buyers_of_the_last_five_units_five_get_one() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let mut body = tomatoes();
    body["stock"] = "5".into();
    let product = vendor.sell(&body).await;
    let tries = join_all((0..64).map(|_| shop.hold(vendor.tenant, product, "1", Unit::Kg))).await;
    let (held, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!((held.len(), refused.len()), (5, 59));
    assert!(
        refused.iter().all(|r| matches!(r, Err(Error::OutOfStock { available, .. }) if available.is_zero()))
    );
    assert_eq!(shop.stock(vendor.tenant, product).await, ["5", "5", "0"]);
    shop.assert_balanced().await;
    // All of them pay twice at the same moment.
    let holds: Vec<_> = held.into_iter().map(Result::unwrap).collect();
    let payments =
        holds.iter().chain(&holds).map(|hold| shop.sell(vendor.tenant, std::slice::from_ref(hold)));
    assert!(join_all(payments).await.iter().all(Result::is_ok));
    assert_eq!(shop.stock(vendor.tenant, product).await, ["0", "0", "0"]);
    shop.assert_balanced().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_sale_and_an_expiry_of_the_same_hold_one_wins() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let mut sold = 0;
    for _ in 0..12 {
        let hold = shop.hold(vendor.tenant, product, "1.5", Unit::Kg).await.unwrap();
        let holds = [hold];
        let (sale, release) =
            futures::join!(shop.sell(vendor.tenant, &holds), shop.release(vendor.tenant, &holds));
        release.unwrap();
        match sale {
            Ok(()) => sold += 1,
            Err(Error::HoldGone) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    let left = 120_000 - sold * 1500;
    let left = types::Quantity::from_milli(left).unwrap().to_string();
    assert_eq!(shop.stock(vendor.tenant, product).await, [left.clone(), "0".to_owned(), left]);
    shop.assert_balanced().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_of_several_products_in_any_order_do_not_lose_each_other() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let products = [vendor.sell_tomatoes().await, vendor.sell_tomatoes().await, vendor.sell_tomatoes().await];
    let mut orders = Vec::new();
    for turn in 0..12 {
        let mut holds = Vec::new();
        for place in 0..3 {
            let product = products[(turn + place) % 3];
            holds.push(shop.hold(vendor.tenant, product, "0.75", Unit::Kg).await.unwrap());
        }
        orders.push(holds);
    }
    let done = join_all(orders.iter().enumerate().map(async |(turn, holds)| {
        if turn.is_multiple_of(3) {
            shop.release(vendor.tenant, holds).await
        } else {
            shop.sell(vendor.tenant, holds).await
        }
    }))
    .await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    for product in products {
        assert_eq!(shop.stock(vendor.tenant, product).await, ["114", "0", "114"]);
    }
    shop.assert_balanced().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_products_added_at_one_moment_as_many_fit_as_the_plan_allows() {
    let shop = Shop::with_room(5).await;
    let vendor = shop.vendor();
    vendor.sell_tomatoes().await;
    let hidden = vendor.sell_tomatoes().await;
    assert_eq!(vendor.delete(&format!("/products/{hidden}")).await.0, StatusCode::NO_CONTENT);
    let bodies: Vec<_> = (0..12).map(|_| tomatoes()).collect();
    let path = format!("/products/{hidden}");
    let show = json!({ "hidden": false });
    // One that was hidden comes back beside those that are added.
    let (added, back) = futures::join!(
        join_all(bodies.iter().map(|body| vendor.post("/products", body))),
        vendor.patch(&path, &show)
    );
    let mut fitted = added.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
    let refused = added
        .iter()
        .filter(|(status, body)| *status == StatusCode::CONFLICT && slug(body) == "quota-reached");
    assert_eq!(fitted + refused.count(), 12, "{added:?}");
    fitted += usize::from(back.0 == StatusCode::OK);
    assert_eq!(fitted, 4, "{back:?}");
    let (_, room) = vendor.get("/products/room").await;
    assert_eq!(room, json!({ "products": 5, "products_max": 5, "nearly_full": true }));
}

#[tokio::test]
async fn a_shelf_is_nearly_full_at_four_fifths() {
    let shop = Shop::with_room(5).await;
    let vendor = shop.vendor();
    for (products, nearly_full) in [(1, false), (2, false), (3, false), (4, true)] {
        vendor.sell_tomatoes().await;
        let (_, room) = vendor.get("/products/room").await;
        assert_eq!(room, json!({ "products": products, "products_max": 5, "nearly_full": nearly_full }));
    }
}
