//! Naming a stall.

use axum::http::StatusCode;
use identity::Caller;
use serde_json::json;

use crate::shop::{Shop, slug};

#[tokio::test]
async fn a_stall_is_not_there_until_it_is_named_and_then_changes_its_name() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let (status, problem) = vendor.get("/stall").await;
    assert_eq!((status, slug(&problem)), (StatusCode::NOT_FOUND, "no-stall"));
    let body = json!({"name": "  Meena's  Vegetables ", "language": "ta", "about": "Open 7–11\n\n\nFresh"});
    let (status, stall) = vendor.put("/stall", &body).await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({
        "tenant_id": vendor.tenant, "name": "Meena's Vegetables", "language": "ta", "about": "Open 7–11\n\nFresh",
    });
    assert_eq!(stall, expected);
    assert_eq!(vendor.get("/stall").await, (StatusCode::OK, expected));
    vendor.put("/stall", &json!({"name": "Meena", "language": "en", "about": "  "})).await;
    let (_, stall) = vendor.get("/stall").await;
    assert_eq!(stall, json!({"tenant_id": vendor.tenant, "name": "Meena", "language": "en"}));
}

#[tokio::test]
async fn every_stall_is_its_vendors_own() {
    let shop = Shop::open().await;
    let (first, second) = (shop.vendor(), shop.vendor());
    first.put("/stall", &json!({"name": "First", "language": "ta"})).await;
    assert_eq!(slug(&second.get("/stall").await.1), "no-stall");
    second.put("/stall", &json!({"name": "Second", "language": "hi"})).await;
    assert_eq!(first.get("/stall").await.1["name"], "First");
    let nameless = shop.vendor();
    let mut connection = shop.test.db.acquire().await.unwrap();
    let wanted = [first.tenant, second.tenant, nameless.tenant];
    let mut stalls = shop.catalog.stalls(&mut connection, &wanted).await.unwrap();
    stalls.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = stalls.iter().map(|stall| stall.name.as_str()).collect();
    assert_eq!(names, ["First", "Second"]);
}

#[tokio::test]
async fn who_is_not_signed_in_has_no_stall() {
    let shop = Shop::open().await;
    let nobody = shop.as_caller(shop.vendor().tenant, Caller::nobody());
    for path in ["/stall", "/stall/qr", "/products", "/goods?query=tomato"] {
        let (status, problem) = nobody.get(path).await;
        assert_eq!((status, slug(&problem)), (StatusCode::UNAUTHORIZED, "signed-out"), "{path}");
    }
}
