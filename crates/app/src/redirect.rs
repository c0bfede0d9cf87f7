//! The listener for browsers that come without TLS: it sends them on to the installation's own address, and does nothing else.
//!
//! **Invariants.** Where it leads stands in the configuration; what a request says of a host is not looked at. What is meant for programs
//! is refused rather than sent on: whoever sends secrets in the clear shall notice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use platform::Problem;
use platform::problem::{FORBIDDEN, NOT_FOUND};

use crate::{Config, acme};

/// Where authorities of ACME look for the answer to their question (RFC 8555, section 8.3).
const CHALLENGES: &str = "/.well-known/acme-challenge/";
/// The longest answer to a question, in bytes.
const ANSWER_BYTES_MAX: u64 = 1_024;
/// The longest address that is sent on, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// Where browsers are sent on to, and where answers to an authority lie.
#[derive(Debug)]
struct Ways {
    to: String,
    challenges: Option<PathBuf>,
}

/// What the listener answers.
///
/// # Errors
/// There is nothing to lead to: `public_url` is not `https`, or nobody listens there.
pub fn router(config: &Config) -> anyhow::Result<Router> {
    let to = config.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    let to = to.filter(|url| url.starts_with("https://") && url.len() > "https://".len());
    let to = to.context("https.redirect needs public_url, with https://, to lead to")?;
    anyhow::ensure!(
        config.https.address.is_some(),
        "https.redirect needs https.address: nobody listens there"
    );
    let challenges = acme::challenges(config).or_else(|| config.https.challenges.clone());
    let ways = Ways { to, challenges };
    Ok(Router::new().fallback(lead).with_state(Arc::new(ways)))
}

async fn lead(State(ways): State<Arc<Ways>>, request: Request) -> Response {
    let path = request.uri().path();
    if let (Some(folder), Some(name)) = (&ways.challenges, path.strip_prefix(CHALLENGES)) {
        return challenge(folder, name).await;
    }
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_for_programs = path.split('/').nth(1) == Some("api");
    if !is_read || is_for_programs || !address.starts_with('/') || address.len() > ADDRESS_BYTES_MAX {
        return Problem::new(FORBIDDEN).detail("this is answered over https alone").into_response();
    }
    ([(CACHE_CONTROL, "no-store")], Redirect::permanent(&format!("{}{address}", ways.to))).into_response()
}

/// The answer that a client of ACME, ours or another, has put into its folder.
async fn challenge(folder: &Path, name: &str) -> Response {
    if !acme::is_question(name) {
        return Problem::new(NOT_FOUND).into_response();
    }
    let file = folder.join(CHALLENGES.trim_start_matches('/')).join(name);
    let found = tokio::fs::metadata(&file).await;
    let is_small = found.is_ok_and(|it| it.is_file() && it.len() <= ANSWER_BYTES_MAX);
    match tokio::fs::read(&file).await {
        Ok(answer) if is_small => ([(CONTENT_TYPE, "text/plain")], answer).into_response(),
        _ => Problem::new(NOT_FOUND).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::http::header::LOCATION;
    use tower::ServiceExt;

    use super::*;

    fn config(public_url: Option<&str>) -> Config {
        let mut config = Config { public_url: public_url.map(str::to_owned), ..Config::default() };
        config.https.address = Some(([127, 0, 0, 1], 8443).into());
        config
    }

    async fn asked(config: &Config, method: &str, target: &str) -> Response {
        let request = Request::builder().method(method).uri(target).header("host", "evil.example");
        let request = request.header("x-forwarded-host", "evil.example").body(Body::empty()).unwrap();
        router(config).unwrap().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn browsers_are_sent_to_the_configured_address_whatever_host_they_name() {
        let config = config(Some("https://stall.example/"));
        for (target, to) in [
            ("/", "https://stall.example/"),
            ("/s/abc?x=1&y=%2F", "https://stall.example/s/abc?x=1&y=%2F"),
            ("http://evil.example/b", "https://stall.example/b"),
            ("//evil.example/b", "https://stall.example//evil.example/b"),
            ("/apis", "https://stall.example/apis"),
        ] {
            let answer = asked(&config, "GET", target).await;
            assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT, "{target}");
            assert_eq!(answer.headers()[LOCATION], to);
        }
    }

    #[tokio::test]
    async fn nothing_else_is_answered() {
        let config = config(Some("https://stall.example"));
        let long = format!("/{}", "a".repeat(2_000));
        for (method, target) in [
            ("POST", "/"),
            ("GET", "/api/v1/me"),
            ("GET", "/api"),
            ("POST", "/api/v1/sessions"),
            ("OPTIONS", "*"),
            ("GET", long.as_str()),
        ] {
            let answer = asked(&config, method, target).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method} {target}");
            assert!(!answer.headers().contains_key(LOCATION));
        }
    }

    #[tokio::test]
    async fn an_authority_finds_the_answer_in_its_folder_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let answers = folder.path().join(".well-known/acme-challenge");
        std::fs::create_dir_all(&answers).unwrap();
        std::fs::write(answers.join("a-Token_1"), "a-Token_1.print").unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::fs::write(answers.join("large"), vec![b'x'; 2_000]).unwrap();
        let mut config = config(Some("https://stall.example"));
        config.https.challenges = Some(folder.path().to_owned());
        let answer = asked(&config, "GET", "/.well-known/acme-challenge/a-Token_1").await;
        assert_eq!(to_bytes(answer.into_body(), 1_000).await.unwrap(), "a-Token_1.print");
        for name in ["", "other", "large", "../../secret", "..%2f..%2fsecret", ".."] {
            let answer = asked(&config, "GET", &format!("/.well-known/acme-challenge/{name}")).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }

    #[test]
    fn there_must_be_something_to_lead_to() {
        assert!(router(&config(None)).is_err());
        assert!(router(&config(Some("http://stall.example"))).is_err());
        assert!(router(&config(Some("https://"))).is_err());
        let plain =
            Config { https: crate::config::Https::default(), ..config(Some("https://stall.example")) };
        assert!(router(&plain).is_err());
    }
}
