//! A bad network: everything may come twice, and nothing is done twice.

use axum::http::StatusCode;
use serde_json::json;

use crate::market::Market;
use crate::phone::price;

#[tokio::test]
async fn the_same_words_under_the_same_id_are_said_once() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let body = json!({"client_id": buyer.fresh(), "text": "five kilos for one fifty", "via": "typed"});
    let path = format!("{visit}/messages");
    let first = buyer.post(&path, &body).await.is(StatusCode::CREATED);
    let again = buyer.post(&path, &body).await.is(StatusCode::CREATED);
    assert_eq!(again["message"]["id"], first["message"]["id"]);
    assert_eq!(again["read_back"]["id"], first["read_back"]["id"]);
    assert_eq!(again["offer"]["id"], first["offer"]["id"]);
    let mut other = body.clone();
    other["text"] = json!("five kilos for one sixty");
    buyer.post(&path, &other).await.refused("client-id-reused");
    assert_eq!(vendor.visit(&visit).await["offers"].as_array().unwrap().len(), 1);

    // A yes that opened the order answers with it again.
    buyer.confirm(&visit, &first["read_back"]).await.is(StatusCode::OK);
    vendor.say(&visit, "சரி").await;
    let yes = json!({"client_id": vendor.fresh(), "text": "ஆமா", "via": "typed"});
    let first = vendor.post(&path, &yes).await.is(StatusCode::CREATED);
    let again = vendor.post(&path, &yes).await.is(StatusCode::CREATED);
    assert!(first["order"]["id"].is_string(), "{first}");
    assert_eq!(again["order"]["id"], first["order"]["id"]);
}

#[tokio::test]
async fn the_same_offer_under_the_same_id_is_made_once() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let product = buyer.product(&visit).await;
    let body = json!({
        "client_id": buyer.fresh(), "product_id": product, "price": price(150_00, "5"),
        "quantity": "5", "quantity_unit": "kg",
    });
    let path = format!("{visit}/offers");
    let first = buyer.post(&path, &body).await.is(StatusCode::CREATED);
    vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let again = buyer.post(&path, &body).await.is(StatusCode::CREATED);
    assert_eq!((&again["id"], &again["state"]), (&first["id"], &json!("countered")), "as it stands now");
    let mut other = body.clone();
    other["price"] = price(151_00, "5");
    buyer.post(&path, &other).await.refused("client-id-reused");
    assert_eq!(buyer.visit(&visit).await["offers"].as_array().unwrap().len(), 2);
    assert_eq!(vendor.messages(&visit).await.len(), 3, "announced, offered, countered");
}

#[tokio::test]
async fn a_yes_that_comes_twice_opens_one_order() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let acceptance = json!({"client_id": buyer.fresh(), "offer_id": offer["id"]});
    let path = format!("{visit}/acceptances");
    let question = buyer.post(&path, &acceptance).await.is(StatusCode::CREATED);
    let again = buyer.post(&path, &acceptance).await.is(StatusCode::CREATED);
    assert_eq!(again["id"], question["id"]);
    let product = buyer.product(&visit).await;
    let tag = json!({
        "client_id": acceptance["client_id"], "product_id": product, "quantity": "5", "quantity_unit": "kg",
    });
    buyer.post(&path, &tag).await.refused("client-id-reused");
    let path = format!("{visit}/read-backs/{}/confirm", question["id"].as_str().unwrap());
    let yes = json!({"client_id": buyer.fresh()});
    let first = buyer.post(&path, &yes).await.is(StatusCode::OK);
    let again = buyer.post(&path, &yes).await.is(StatusCode::OK);
    assert_eq!(again["order"]["id"], first["order"]["id"]);
    assert_eq!(again["offer"]["id"], first["offer"]["id"]);
    let stock = vendor.get("/products").await.is(StatusCode::OK)["items"][0]["stock"].clone();
    assert_eq!(stock["held"], "5");
}

#[tokio::test]
async fn a_phone_that_lost_the_answer_enters_the_visit_that_it_opened() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let mut buyer = market.phone();
    let mut body = json!({"token": vendor.code().await, "language": "en", "client_id": buyer.fresh()});
    let first = buyer.post("/visits", &body).await.is(StatusCode::CREATED);
    // The answer was lost, and with it the cookie.
    let mut again = market.phone();
    let second = again.post("/visits", &body).await.is(StatusCode::CREATED);
    assert_eq!((&second["id"], &second["buyer_number"]), (&first["id"], &first["buyer_number"]));
    let visit = format!("/visits/{}", first["id"].as_str().unwrap());
    again.say(&visit, "five kilos for one fifty").await;
    again.post("/visits", &body).await.is(StatusCode::OK);
    assert_eq!(vendor.get("/visits").await.is(StatusCode::OK)["items"].as_array().unwrap().len(), 1);
    // The pass is under the secret that arrived: the first one opens nothing any more.
    buyer.get(&visit).await.refused("no-pass");
    // Ten minutes later it is nobody's way in.
    market.later(chrono::TimeDelta::minutes(11));
    market.phone().post("/visits", &body).await.refused("client-id-reused");
    body["client_id"] = json!(again.fresh());
    let other = market.phone().post("/visits", &body).await.is(StatusCode::CREATED);
    assert_ne!(other["id"], first["id"]);
    // Two at once are one, too.
    body["client_id"] = json!(again.fresh());
    let (mut one, mut two) = (market.phone(), market.phone());
    let (one, two) = tokio::join!(one.post("/visits", &body), two.post("/visits", &body));
    assert_eq!(one.is(StatusCode::CREATED)["id"], two.is(StatusCode::CREATED)["id"]);
}
