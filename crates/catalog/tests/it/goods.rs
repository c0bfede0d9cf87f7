//! Finding goods to name a product by.

use axum::http::StatusCode;
use testkit::statements;

use crate::shop::{Shop, slug};

#[tokio::test]
async fn goods_are_found_while_a_name_is_typed_in_any_language() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let asked = [
        ("/goods?query=toma&language=en", "tomato"),
        ("/goods?query=tomtao&language=en", "tomato"),
        ("/goods?query=%E0%AE%A4%E0%AE%95%E0%AF%8D%E0%AE%95&language=ta", "tomato"),
        ("/goods?query=vengay", "onion"),
    ];
    for (path, lemma) in asked {
        let (answered, statements) = statements(vendor.get(path)).await;
        assert_eq!((answered.0, statements), (StatusCode::OK, 0));
        let items = answered.1["items"].as_array().unwrap();
        assert!(items.len() <= 10);
        assert_eq!(items[0]["lemma"], lemma, "{path}");
        assert_eq!(items[0]["names"].as_object().unwrap().len(), 13);
    }
    let (_, found) = vendor.get("/goods?query=tomato&language=en").await;
    let tomato = &found["items"][0];
    assert_eq!((&tomato["unit"], &tomato["hsn"]), (&"kg".into(), &"0702".into()));
    assert_eq!((&tomato["names"]["en"], &tomato["names"]["ta"]), (&"Tomato".into(), &"தக்காளி".into()));
}

#[tokio::test]
async fn a_search_for_nothing_or_nonsense_finds_nothing() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    for query in ["", "%20", "%00%01", "%E2%80%AE", "zzzzqqqq", &"x".repeat(60_000)] {
        let (status, found) = vendor.get(&format!("/goods?query={query}&language=en")).await;
        assert_eq!((status, found), (StatusCode::OK, serde_json::json!({"items": []})), "{query:.20}");
    }
    let (status, problem) = vendor.get("/goods?query=tomato&language=xx").await;
    assert_eq!((status, slug(&problem)), (StatusCode::BAD_REQUEST, "bad-request"));
}
