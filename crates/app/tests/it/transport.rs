//! With and without TLS: a program with a certificate of its own beside a listener that sends browsers on.

use std::time::Duration;

use reqwest::StatusCode;

use crate::process::{Program, free_port};

#[tokio::test]
async fn browsers_without_tls_are_sent_on_and_programs_are_told_to_use_it() {
    let (https, plain) = (free_port(), free_port());
    let public_url = format!("https://localhost:{https}");
    let program = Program::start(&[
        ("VYAPAR_HTTPS__ADDRESS", &format!("127.0.0.1:{https}")),
        ("VYAPAR_HTTPS__REDIRECT", &format!("127.0.0.1:{plain}")),
        ("VYAPAR_PUBLIC_URL", &public_url),
    ])
    .await;
    let http = platform::http::client(Duration::from_secs(10));
    let at = |path: &str| format!("http://127.0.0.1:{plain}{path}");
    let sent_on = http.get(at("/s/abc?x=1")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(sent_on.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(sent_on.headers()["location"], format!("{public_url}/s/abc?x=1"));
    let called = http.get(at("/api/v1/me")).send().await.unwrap();
    assert_eq!(called.status(), StatusCode::FORBIDDEN);
    assert_eq!(called.headers()["content-type"], "application/problem+json");

    // The page that they are sent to is there, and says to stay with TLS.
    let certificate = std::fs::read(program.data().join("tls/chain.pem")).unwrap();
    let certificate = reqwest::Certificate::from_pem(&certificate).unwrap();
    let trusting = reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap();
    let answer = trusting.get(format!("{public_url}/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
}

#[test]
fn a_listener_that_leads_nowhere_does_not_start() {
    let data = tempfile::tempdir().unwrap();
    let told = crate::process::vyapar(data.path())
        .arg("serve")
        .env("VYAPAR_HTTP__ADDRESS", format!("127.0.0.1:{}", free_port()))
        .env("VYAPAR_HTTPS__REDIRECT", format!("127.0.0.1:{}", free_port()))
        .output()
        .unwrap();
    assert!(!told.status.success());
    let said = [told.stdout, told.stderr].concat();
    assert!(String::from_utf8_lossy(&said).contains("https.redirect needs public_url"));
}
