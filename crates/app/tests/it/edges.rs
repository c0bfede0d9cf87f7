//! What every answer says to a browser, whatever it is an answer to.

use app::wiring::{App, Ground};
use app::{Config, router};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use identity::Transport;
use testkit::TestDb;
use tower::ServiceExt;

/// What is asked for, and the status of the answer.
const ASKED: [(&str, &str, u16); 9] = [
    ("GET", "/healthz", 200),
    ("GET", "/api/v1/me", 200),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/v1/nothing", 404),
    ("DELETE", "/api/v1/me", 405),
    ("GET", "/api/v1/wallet", 401),
    ("GET", "/api/v1/operator/audit", 401),
    ("POST", "/api/v1/sessions", 400),
    ("PATCH", "/api/v1/me", 403),
];

/// As a page of ours makes it.
const TOKEN: &str = "0b8f1d0c-6f0e-4a53-9d1a-5f1a3c0f7e21";

async fn answer(
    router: &Router,
    transport: Transport,
    (method, path): (&str, &str),
    origin: &str,
) -> (StatusCode, HeaderMap) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("origin", origin).header("host", "stall.example");
    let request =
        request.header("vyapar-token", TOKEN).header("cookie", format!("__Host-vyapar_token={TOKEN}"));
    let request = request.body(Body::from("{"));
    let answer = router.clone().layer(Extension(transport)).oneshot(request.unwrap()).await.unwrap();
    (answer.status(), answer.headers().clone())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn assert_careful(headers: &HeaderMap, what: &str) {
    let policy = text(headers, "content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(
        !policy.contains("script-src 'self' 'unsafe-inline'") && !policy.contains("unsafe-eval"),
        "{what}: {policy}"
    );
    assert_eq!(text(headers, "x-content-type-options"), "nosniff", "{what}");
    assert_eq!(text(headers, "x-frame-options"), "DENY", "{what}");
    assert_eq!(text(headers, "referrer-policy"), "no-referrer", "{what}");
    assert_eq!(text(headers, "cross-origin-opener-policy"), "same-origin", "{what}");
    assert!(text(headers, "permissions-policy").contains("geolocation=()"), "{what}");
    assert!(!headers.contains_key("access-control-allow-origin"), "{what}: no other site reads it");
    assert!(headers.contains_key("x-request-id"), "{what}");
}

#[tokio::test]
async fn every_answer_carries_the_headers_whatever_it_is() {
    let test = TestDb::create().await;
    let files = tempfile::tempdir().unwrap();
    let config = Config { data_dir: files.path().to_owned(), ..Config::default() };
    let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
    let router = router::router(&App::new(config, ground).unwrap());
    for (method, path, status) in ASKED {
        let what = format!("{method} {path}");
        // A read from elsewhere is answered, but no page there may read the answer; a write from elsewhere is refused.
        let origin =
            if status == 403 || method == "GET" { "https://evil.example" } else { "http://stall.example" };
        let (over_tls, headers) = answer(&router, Transport::Tls, (method, path), origin).await;
        assert_eq!(over_tls.as_u16(), status, "{what}");
        assert_careful(&headers, &what);
        assert_eq!(text(&headers, "strict-transport-security"), "max-age=31536000", "{what}");
        if path != "/api/v1/openapi.json" {
            assert_eq!(text(&headers, "cache-control"), "no-store", "{what}");
        }
        let (_, headers) = answer(&router, Transport::Plain, (method, path), origin).await;
        assert!(!headers.contains_key("strict-transport-security"), "{what}: only TLS can promise TLS");
    }
    for path in ["/", "/v/orders", "/nothing.js", "/_app/nothing.js", "/../master.key"] {
        let (_, headers) = answer(&router, Transport::Tls, ("GET", path), "https://evil.example").await;
        assert_careful(&headers, path);
    }
    let (mut refused, mut wait) = (0, String::new());
    for _ in 0..1_100 {
        let (status, headers) =
            answer(&router, Transport::Plain, ("GET", "/api/v1/me"), "http://stall.example").await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            refused += 1;
            wait = text(&headers, "retry-after").to_owned();
            assert_careful(&headers, "429");
        }
    }
    assert!(refused > 50 && wait == "1", "{refused} refused, wait {wait}");
}

#[tokio::test]
async fn a_superseded_endpoint_says_when_it_goes_and_what_takes_its_place() {
    let test = TestDb::create().await;
    let files = tempfile::tempdir().unwrap();
    let config = Config { data_dir: files.path().to_owned(), ..Config::default() };
    let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
    let router = router::router(&App::new(config, ground).unwrap());
    let own = "http://stall.example";
    let (status, headers) = answer(&router, Transport::Tls, ("GET", "/api/v1/passes/exports/any"), own).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "refusals say it, too");
    assert_eq!(text(&headers, "deprecation"), "@1795737600");
    assert_eq!(text(&headers, "sunset"), "Tue, 01 Jun 2027 00:00:00 GMT");
    assert!(text(&headers, "link").starts_with("</api/v1/openapi.json>; rel=\"deprecation\""));
    for asked in
        [("POST", "/api/v1/passes/exports/any/file"), ("GET", "/api/v1/passes/exports"), ("GET", "/")]
    {
        let (_, headers) = answer(&router, Transport::Tls, asked, own).await;
        assert!(!headers.contains_key("deprecation") && !headers.contains_key("sunset"), "{asked:?}");
    }
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let document = router.oneshot(request).await.unwrap().into_body();
    let document: serde_json::Value =
        serde_json::from_slice(&axum::body::to_bytes(document, 10_000_000).await.unwrap()).unwrap();
    let before = &document["paths"]["/passes/exports/{key}"]["get"];
    assert_eq!((&before["deprecated"], &before["x-sunset"]), (&true.into(), &"2027-06-01".into()));
    assert_eq!(before["x-instead"], "POST /passes/exports/{key}/file");
    let all =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    assert_eq!(all.filter(|endpoint| endpoint["deprecated"] == true).count(), 1);
}

#[tokio::test]
async fn a_form_of_an_issuer_and_a_message_of_a_gateway_come_from_elsewhere() {
    let test = TestDb::create().await;
    let files = tempfile::tempdir().unwrap();
    let config = Config { data_dir: files.path().to_owned(), ..Config::default() };
    let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
    let router = router::router(&App::new(config, ground).unwrap());
    let elsewhere = "https://issuer.example";
    let request = Request::post("/api/v1/sessions/openid/return").header("origin", elsewhere);
    let request = request.header("sec-fetch-site", "cross-site").header("host", "stall.example");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer_to_form =
        router.clone().oneshot(request.body(Body::from("code=a&state=b%26c")).unwrap()).await;
    let (parts, _) = answer_to_form.unwrap().into_parts();
    assert_eq!(parts.status, StatusCode::SEE_OTHER, "the browser is asked to come again by itself");
    assert_eq!(text(&parts.headers, "location"), "/api/v1/sessions/openid/return?code=a&state=b%26c");
    assert!(!parts.headers.contains_key("set-cookie"), "nothing happens yet");
    let (status, _) = answer(&router, Transport::Tls, ("POST", "/api/v1/webhooks/razorpay"), elsewhere).await;
    assert_ne!(status, StatusCode::FORBIDDEN, "its signature is looked at, and not where it comes from");
    for path in ["/api/v1/sessions/openid", "/api/v1/sessions", "/api/v1/webhook", "/api/v1/tokens"] {
        let (status, _) = answer(&router, Transport::Tls, ("POST", path), elsewhere).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
}
