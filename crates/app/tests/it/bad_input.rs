//! What strangers send: each gets a clear answer, and nothing is lost.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::process::Program;
use crate::story;

fn client() -> Client {
    platform::http::client(Duration::from_secs(10))
}

async fn slug(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned())
}

#[tokio::test]
async fn text_of_a_hundred_kilobytes_numbers_that_cannot_be_and_foreign_visits_are_refused() {
    let program = Program::start(&[]).await;
    let (mut vendor, product) = story::vendor(&program).await;
    let (buyer, visit) = story::buyer(&program, &mut vendor).await;
    let (_, other) = story::buyer(&program, &mut vendor).await;
    let send = async |path: String, body: Value| {
        let request = client().request(Method::POST, format!("{}/api/v1{path}", program.url));
        slug(request.header("cookie", buyer.cookies()).json(&body).send().await.unwrap()).await
    };
    let message = |text: String| json!({ "client_id": story::id(), "text": text, "via": "typed" });
    let (status, _) = send(format!("/visits/{visit}/messages"), message("a".repeat(100_000))).await;
    assert!(matches!(status, 413 | 422), "{status}");
    let foreign = send(format!("/visits/{other}/messages"), message("hello".to_owned())).await;
    assert_eq!(foreign, (403, "no-pass".to_owned()));
    for minor in [json!(0), json!(-5), json!(1_000_000_000_000_000_i64), json!("NaN"), json!(1.5)] {
        let price = json!({ "amount": { "minor": minor, "currency": "INR" }, "per": "1", "unit": "kg" });
        let offer = json!({ "client_id": story::id(), "product_id": product, "price": price, "quantity": "1", "quantity_unit": "kg" });
        let (status, _) = send(format!("/visits/{visit}/offers"), offer).await;
        assert!(matches!(status, 400 | 422), "{minor} was answered {status}");
    }
    let shown = buyer.clone().get(&format!("/visits/{visit}")).await.unwrap();
    assert_eq!(shown["offers"].as_array().unwrap().len(), 0, "nothing of it stands");
}

#[tokio::test]
async fn a_forged_webhook_and_a_write_from_another_site_are_refused() {
    let program = Program::start(&[
        ("VYAPAR_PAYMENTS__RAZORPAY__BASE_URL", "http://127.0.0.1:9"),
        ("VYAPAR_PAYMENTS__RAZORPAY__KEY_ID", "rzp_test_1"),
        ("VYAPAR_PAYMENTS__RAZORPAY__KEY_SECRET", "one"),
        ("VYAPAR_PAYMENTS__RAZORPAY__WEBHOOK_SECRET", "two"),
    ])
    .await;
    let hook = client().post(format!("{}/api/v1/webhooks/razorpay", program.url));
    let forged = hook
        .header("x-razorpay-signature", "00")
        .header("x-razorpay-event-id", "e1")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert!(matches!(forged.status().as_u16(), 400 | 401), "{}", forged.status());
    let foreign =
        client().post(format!("{}/api/v1/sessions", program.url)).header("origin", "https://evil.example");
    let answer =
        slug(foreign.json(&json!({ "phone": "9812345670", "password": "x" })).send().await.unwrap()).await;
    assert_eq!(answer, (403, "cross-site".to_owned()));
}

#[tokio::test]
async fn sound_that_is_none_is_refused_with_a_reason() {
    let program = Program::start(&[]).await;
    let (mut vendor, _) = story::vendor(&program).await;
    let (buyer, visit) = story::buyer(&program, &mut vendor).await;
    let send = async |sound: Vec<u8>| {
        let path = format!("{}/api/v1/visits/{visit}/recordings?client_id={}", program.url, story::id());
        let request =
            client().post(path).header("cookie", buyer.cookies()).header("content-type", "audio/wav");
        slug(request.body(sound).send().await.unwrap()).await
    };
    let (status, why) = send(Vec::new()).await;
    assert!((400..500).contains(&status) && !why.is_empty(), "{status} {why}");
    let (status, why) = send(b"PK\x03\x04 a renamed zip, surely no sound at all".to_vec()).await;
    assert!((400..500).contains(&status) && !why.is_empty(), "{status} {why}");
    let (status, why) = send(vec![0; 6 * 1024 * 1024]).await;
    assert!(status == 413 && !why.is_empty(), "{status} {why}");
}
