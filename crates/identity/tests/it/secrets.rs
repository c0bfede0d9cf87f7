//! What opens something: random, long, and of a kind of its own.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::Caller;
use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Server};
use crate::guests::{phone, visit};

async fn made(browser: &mut Browser, path: &str, body: Value) -> Value {
    let (status, made) = browser.post(path, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{path}: {made}");
    made
}

#[tokio::test]
async fn whatever_opens_something_is_256_random_bits_and_no_two_are_alike() {
    let server = Server::start().await;
    let mut secrets = Vec::new();
    for number in ["9876543210", "9876543211"] {
        let mut vendor = server.vendor(number).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        secrets.push(vendor.token().to_owned());
        secrets
            .push(text(&made(&mut vendor, "/team/invitations", json!({ "role": "member" })).await["token"]));
        let key = json!({ "name": "Till", "scopes": ["sell"], "days": 30 });
        secrets.push(text(&made(&mut vendor, "/api-keys", key).await["token"]).replacen("vyk_", "", 1));
        let program = json!({ "phone": number, "password": PASSWORD, "name": "Stock counter" });
        let tokens = made(&mut server.browser(), "/tokens", program).await;
        secrets.push(text(&tokens["access_token"]).replacen("vya_", "", 1));
        secrets.push(text(&tokens["refresh_token"]).replacen("vyr_", "", 1));
        let mut guest = phone(&server);
        visit(&server, &mut guest, &Caller::nobody()).await;
        secrets.push(guest.cookies["vyapar_guest"].clone());
    }
    for secret in &secrets {
        let bytes = URL_SAFE_NO_PAD.decode(secret).expect("plain base64url");
        assert_eq!(bytes.len(), 32, "{secret}");
    }
    assert_eq!(secrets.iter().collect::<BTreeSet<_>>().len(), secrets.len());
}
