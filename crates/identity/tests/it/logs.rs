//! Sign-ins and denials are logged, secrets are not.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::EnvFilter;

use crate::browser::{PASSWORD, Server, credentials};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_who_came_in_and_who_did_not_but_no_secret() {
    let server = Server::start().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let story = async {
        let mut browser = server.vendor("9876543210").await;
        let first = browser.token().to_owned();
        browser.post("/sessions", &credentials("9876543210", "guessed wrongly")).await;
        browser.post("/sessions", &credentials("9876543210", PASSWORD)).await;
        let denied =
            server.browser().header("vyapar-side", "buyer").post("/sell", &serde_json::Value::Null).await;
        assert_eq!(denied.0, axum::http::StatusCode::FORBIDDEN);
        let app = json!({ "phone": "9876543210", "password": PASSWORD, "name": "Till" });
        let (_, app) = server.browser().post("/tokens", &app).await;
        let refresh = json!({ "refresh_token": app["refresh_token"] });
        let (_, next) = server.browser().post("/tokens/exchanges", &refresh).await;
        let bearer = format!("Bearer {}", next["access_token"].as_str().unwrap());
        server.browser().header("authorization", &bearer).get("/me").await;
        let of_app =
            [&app["access_token"], &app["refresh_token"], &next["access_token"], &next["refresh_token"]];
        let of_app = of_app.map(|token| token.as_str().unwrap().to_owned());
        [vec![first, browser.token().to_owned()], of_app.to_vec()].concat()
    };
    let tokens = story.with_subscriber(subscriber).await;
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for said in [
        "account opened",
        "sign-in refused",
        "signed in",
        "a program was signed in",
        "access denied",
        "203.0.113.9",
    ] {
        assert!(written.contains(said), "{said:?} is not in the log:\n{written}");
    }
    let secrets = ["9876543210", "guessed wrongly", PASSWORD, "argon2id"];
    for secret in secrets.into_iter().chain(tokens.iter().map(String::as_str)) {
        assert!(!written.contains(secret), "{secret:?} is in the log:\n{written}");
    }
}
