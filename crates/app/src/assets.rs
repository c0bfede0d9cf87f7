//! The web app: its built files, inside the program in a release, from `web/build` in a debug build.
//!
//! Files are served as the build compressed them. What has a hash in its name never changes and is kept for a year; pages and the
//! service worker are asked for anew each time. An address that is no file is the app's own and gets its shell, `200.html`.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/build"]
#[allow_missing = true]
struct Build;

/// The page that is served where the app was not built.
const NOT_BUILT: &str = "The web app is not built. Run `scripts/web build`, then start again.\n";

/// Whether the web app is there.
pub fn are_built() -> bool {
    Build::get("200.html").is_some()
}

/// The hashes of the inline scripts of the built pages, for the content security policy.
pub fn script_hashes() -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Csp {
        script_hashes: Vec<String>,
    }
    let file = Build::get("csp.json");
    file.and_then(|f| serde_json::from_slice::<Csp>(&f.data).ok())
        .map(|c| c.script_hashes)
        .unwrap_or_default()
}

/// Answers with a file of the web app.
pub async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    for candidate in candidates(path) {
        if let Some(file) = Build::get(&candidate) {
            return answer(&candidate, file, request.headers());
        }
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT)
        .into_response()
}

/// The file of that name, the prerendered page of that address, else the shell.
fn candidates(path: &str) -> Vec<Cow<'_, str>> {
    let shell = Cow::Borrowed("200.html");
    match path {
        "" => vec![Cow::Borrowed("index.html"), shell],
        path if path.split('/').any(|part| part == "..") => vec![shell],
        path => vec![Cow::Borrowed(path), Cow::Owned(format!("{}.html", path.trim_end_matches('/'))), shell],
    }
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let (encoding, file) = compressed(name, asked).unwrap_or((None, file));
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let mut headers = HeaderMap::new();
    let set = |headers: &mut HeaderMap, key, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(key, value);
        }
    };
    set(&mut headers, CONTENT_TYPE, &content_type(name));
    set(&mut headers, CACHE_CONTROL, cache_control(name));
    set(&mut headers, ETAG, &etag);
    set(&mut headers, VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        set(&mut headers, CONTENT_ENCODING, encoding);
    }
    if asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let body = match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    (headers, body).into_response()
}

/// The smallest form the asker takes.
fn compressed(name: &str, asked: &HeaderMap) -> Option<(Option<&'static str>, EmbeddedFile)> {
    let accepted = asked.get(ACCEPT_ENCODING)?.to_str().ok()?;
    let takes =
        |coding: &str| accepted.split(',').any(|c| c.split(';').next().is_some_and(|c| c.trim() == coding));
    let forms = [("br", "br"), ("gzip", "gz")];
    forms
        .into_iter()
        .filter(|(coding, _)| takes(coding))
        .find_map(|(coding, ending)| Build::get(&format!("{name}.{ending}")).map(|file| (Some(coding), file)))
}

fn content_type(name: &str) -> String {
    if name.ends_with(".webmanifest") {
        return "application/manifest+json".to_owned();
    }
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    if kind.type_() == "text" || kind.subtype() == "javascript" || kind.subtype() == "json" {
        return format!("{kind}; charset=utf-8");
    }
    kind.to_string()
}

fn cache_control(name: &str) -> &'static str {
    if name.starts_with("_app/immutable/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_app_gets_its_shell_and_none_leaves_the_build() {
        assert_eq!(candidates("v/products").last().unwrap(), "200.html");
        assert_eq!(candidates("../../Cargo.toml"), ["200.html"]);
        assert_eq!(candidates("")[0], "index.html");
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(cache_control("_app/immutable/a.js").contains("immutable"));
        assert_eq!(cache_control("service-worker.js"), "no-cache");
        assert_eq!(cache_control("200.html"), "no-cache");
    }
}
