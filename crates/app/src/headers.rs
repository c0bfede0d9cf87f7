//! What every answer says to the browser: what it may load, and that nobody else may frame or guess.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use identity::Transport;
use tower_http::set_header::SetResponseHeaderLayer;

/// The app's own pages: themselves, their hashed inline scripts, and the gateway's hosted checkout where there is one.
pub fn content_security_policy(script_hashes: &[String], checkout_origin: Option<&str>) -> String {
    let hashes: Vec<String> = script_hashes.iter().map(|hash| format!(" '{hash}'")).collect();
    let hashes = hashes.concat();
    let checkout = checkout_origin.map(|origin| format!(" {origin}")).unwrap_or_default();
    [
        "default-src 'none'".to_owned(),
        format!("script-src 'self'{hashes}{checkout}"),
        "style-src 'self' 'unsafe-inline'".to_owned(),
        "img-src 'self' data: blob:".to_owned(),
        "media-src 'self' blob:".to_owned(),
        "font-src 'self'".to_owned(),
        format!("connect-src 'self'{checkout}"),
        format!("frame-src{}", if checkout.is_empty() { " 'none'" } else { &checkout }),
        "worker-src 'self'".to_owned(),
        "manifest-src 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'self'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}

/// Puts the headers on every answer of `router`. An answer that says otherwise about caching keeps its word.
pub fn on_every_answer(router: Router, policy: &str) -> Router {
    let fixed = |name: HeaderName, value: &str| {
        let value = HeaderValue::from_str(value).expect("a policy is plain ASCII");
        SetResponseHeaderLayer::overriding(name, value)
    };
    router
        .layer(fixed(CONTENT_SECURITY_POLICY, policy))
        .layer(fixed(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // What browsers without `frame-ancestors` go by.
        .layer(fixed(X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(REFERRER_POLICY, "no-referrer"))
        .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(fixed(
            HeaderName::from_static("permissions-policy"),
            "microphone=(self), camera=(self), geolocation=()",
        ))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// Over TLS browsers are told to stay there.
pub async fn strict_transport(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let tls = request.extensions().get::<Transport>() == Some(&Transport::Tls);
    let mut response = next.run(request).await;
    if tls {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_load_only_themselves_and_the_checkout() {
        let policy = content_security_policy(&["sha256-abc".to_owned()], Some("https://checkout.example"));
        assert!(policy.contains("script-src 'self' 'sha256-abc' https://checkout.example;"));
        assert!(policy.contains("frame-ancestors 'none'"));
        let closed = content_security_policy(&[], None);
        assert!(closed.contains("frame-src 'none'") && closed.contains("script-src 'self';"));
    }
}
