//! What the server says of itself is what it does.

use std::time::Duration;

use serde_json::Value;

use crate::process::Program;

#[tokio::test]
async fn the_document_names_every_problem_and_every_answer_carries_the_headers() {
    let program = Program::start(&[]).await;
    let http = platform::http::client(Duration::from_secs(10));
    let answer = http.get(format!("{}/api/v1/openapi.json", program.url)).send().await.unwrap();
    for (name, part) in [
        ("content-security-policy", "default-src 'none'"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        let value = answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert!(value.contains(part), "{name}: {value}");
    }
    assert!(answer.headers().contains_key("x-request-id"));
    let document: Value = answer.json().await.unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let slugs = document["components"]["schemas"]["ProblemType"]["enum"].as_array().unwrap();
    assert!(slugs.iter().any(|s| s == "offer-expired") && slugs.iter().any(|s| s == "out-of-stock"));
    assert_eq!(dangling(&document), Vec::<String>::new(), "references that lead nowhere");
}

/// References to schemas that are not there.
fn dangling(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str)
                    && document.pointer(target.trim_start_matches('#')).is_none()
                {
                    found.push(target.to_owned());
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_in_the_api_and_the_app_elsewhere() {
    let program = Program::start(&[]).await;
    let http = platform::http::client(Duration::from_secs(10));
    let missing = http.get(format!("{}/api/v1/nothing", program.url)).send().await.unwrap();
    assert_eq!(
        (missing.status().as_u16(), missing.headers()["content-type"].to_str().unwrap()),
        (404, "application/problem+json")
    );
    let wrong = http.delete(format!("{}/api/v1/me", program.url)).send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 405);
    let page = http.get(format!("{}/v/products", program.url)).send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/"));
}
