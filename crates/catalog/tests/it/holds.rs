//! Stock that is set aside.

use catalog::Error;
use chrono::TimeDelta;
use types::{StockHoldId, Unit};

use crate::shop::{Shop, price, tomatoes};

#[tokio::test]
async fn a_hold_is_counted_in_the_products_unit_exactly() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    shop.hold(vendor.tenant, product, "500", Unit::G).await.unwrap();
    shop.hold(vendor.tenant, product, "0.25", Unit::Quintal).await.unwrap();
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "25.5", "94.5"]);
    for (quantity, unit) in [("0", Unit::Kg), ("0.5", Unit::G), ("1", Unit::Litre), ("1", Unit::Bag)] {
        let refused = shop.hold(vendor.tenant, product, quantity, unit).await;
        assert!(matches!(refused, Err(Error::Field { field: "quantity", .. })), "{quantity} {unit}");
    }
    shop.assert_balanced().await;
}

#[tokio::test]
async fn more_than_is_free_is_not_held_and_the_answer_says_how_much_is() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    shop.hold(vendor.tenant, product, "100", Unit::Kg).await.unwrap();
    let refused = shop.hold(vendor.tenant, product, "20.001", Unit::Kg).await;
    let Err(Error::OutOfStock { available, unit }) = refused else { panic!("{refused:?}") };
    assert_eq!((available.to_string().as_str(), unit), ("20", Unit::Kg));
    assert!(shop.hold(vendor.tenant, product, "20000", Unit::G).await.is_ok());
    let other = shop.vendor();
    assert!(matches!(shop.hold(other.tenant, product, "1", Unit::Kg).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn selling_takes_the_stock_once_however_often_it_is_asked() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let hold = shop.hold(vendor.tenant, product, "5", Unit::Kg).await.unwrap();
    for _ in 0..3 {
        shop.sell(vendor.tenant, &[hold, hold]).await.unwrap();
    }
    assert_eq!(shop.stock(vendor.tenant, product).await, ["115", "0", "115"]);
    shop.release(vendor.tenant, &[hold]).await.unwrap();
    assert_eq!(shop.stock(vendor.tenant, product).await, ["115", "0", "115"], "what is sold is not released");
    shop.assert_balanced().await;
}

#[tokio::test]
async fn a_released_hold_is_free_once_and_cannot_be_sold() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let kept = shop.hold(vendor.tenant, product, "1", Unit::Kg).await.unwrap();
    let hold = shop.hold(vendor.tenant, product, "5", Unit::Kg).await.unwrap();
    for _ in 0..3 {
        shop.release(vendor.tenant, &[hold]).await.unwrap();
    }
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "1", "119"]);
    // All or nothing: the one that is still held is not sold either.
    assert!(matches!(shop.sell(vendor.tenant, &[kept, hold]).await, Err(Error::HoldGone)));
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "1", "119"]);
    let made_up: StockHoldId = shop.test.entropy.id(shop.now());
    assert!(matches!(shop.sell(vendor.tenant, &[made_up]).await, Err(Error::HoldGone)));
    let stranger = shop.vendor();
    assert!(matches!(shop.sell(stranger.tenant, &[kept]).await, Err(Error::HoldGone)));
    shop.release(stranger.tenant, &[kept]).await.unwrap();
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "1", "119"]);
    shop.assert_balanced().await;
}

#[tokio::test]
async fn goods_on_two_lines_of_an_order_are_two_movements() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let mut eggs = tomatoes();
    (eggs["name"], eggs["price"], eggs["stock"]) = ("Egg".into(), price(700, "1", "piece"), "30".into());
    let eggs = vendor.sell(&eggs).await;
    let mut holds = Vec::new();
    for (product, quantity, unit) in
        [(product, "5", Unit::Kg), (eggs, "6", Unit::Piece), (product, "0.125", Unit::Kg)]
    {
        holds.push(shop.hold(vendor.tenant, product, quantity, unit).await.unwrap());
        shop.test.clock.advance(TimeDelta::milliseconds(1));
    }
    shop.sell(vendor.tenant, &holds).await.unwrap();
    let (_, page) = vendor.get(&format!("/products/{product}/stock-movements")).await;
    let kinds: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            (m["kind"].as_str().unwrap(), m["change"].as_str().unwrap(), m["on_hand_after"].as_str().unwrap())
        })
        .collect();
    assert_eq!(kinds, [("sold", "-0.125", "114.875"), ("sold", "-5", "115"), ("opened", "120", "120")]);
    assert_eq!(shop.stock(vendor.tenant, eggs).await, ["24", "0", "24"]);
    shop.assert_balanced().await;
}

#[tokio::test]
async fn sold_goods_are_put_back_once() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let sold = shop.hold(vendor.tenant, product, "5", Unit::Kg).await.unwrap();
    let held = shop.hold(vendor.tenant, product, "2", Unit::Kg).await.unwrap();
    shop.sell(vendor.tenant, &[sold]).await.unwrap();
    for _ in 0..3 {
        shop.put_back(vendor.tenant, &[sold, held]).await.unwrap();
    }
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "2", "118"]);
    assert!(matches!(shop.sell(vendor.tenant, &[sold]).await, Err(Error::HoldGone)));
    let news = shop.news(vendor.tenant).await;
    assert_eq!(news.last().unwrap()["data"]["stock"]["available"], "118");
    shop.assert_balanced().await;
}

#[tokio::test]
async fn a_forgotten_hold_is_released_ten_minutes_after_its_time() {
    let shop = Shop::open().await;
    let (vendor, other) = (shop.vendor(), shop.vendor());
    let (product, others) = (vendor.sell_tomatoes().await, other.sell_tomatoes().await);
    let forgotten = shop.hold(vendor.tenant, product, "5", Unit::Kg).await.unwrap();
    let extended = shop.hold(vendor.tenant, product, "7", Unit::Kg).await.unwrap();
    shop.hold(other.tenant, others, "9", Unit::Kg).await.unwrap();
    let mut transaction = shop.test.db.begin().await.unwrap();
    let catalog = &shop.catalog;
    let until = shop.now() + TimeDelta::hours(1);
    catalog.extend_holds(&mut transaction, vendor.tenant, &[extended], until).await.unwrap();
    catalog.extend_holds(&mut transaction, vendor.tenant, &[extended], shop.now()).await.unwrap();
    transaction.commit().await.unwrap();

    shop.test.clock.advance(TimeDelta::minutes(40));
    shop.release_forgotten_holds().await;
    assert_eq!(
        shop.stock(vendor.tenant, product).await,
        ["120", "12", "108"],
        "the order still has its grace"
    );
    shop.test.clock.advance(TimeDelta::minutes(6));
    shop.release_forgotten_holds().await;
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "7", "113"]);
    assert_eq!(shop.stock(other.tenant, others).await, ["120", "0", "120"]);
    let mut connection = shop.test.db.acquire().await.unwrap();
    let gone = shop.catalog.extend_holds(&mut connection, vendor.tenant, &[forgotten, extended], until).await;
    assert!(matches!(gone, Err(Error::HoldGone)));
    shop.assert_balanced().await;
}
