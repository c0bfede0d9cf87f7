//! An issuer of OpenID Connect, written from its standards (Core 1.0, Discovery 1.0, RFC 7636), and able to lie.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// By the issuer's key.
    Truly,
    /// By nobody: `none`.
    ByNobody,
    /// With the client's own secret: `HS256`.
    WithTheSecret,
    /// By another key under the same name.
    ByAnother,
}

struct Grant {
    challenge: String,
    claims: Value,
    signed: Signed,
}

type Grants = Arc<Mutex<HashMap<String, Grant>>>;

/// The issuer, at an address of this machine.
pub struct Issuer {
    pub url: String,
    grants: Grants,
}

#[derive(Clone)]
struct Desk {
    url: String,
    grants: Grants,
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let grants = Grants::default();
        let desk = Desk { url: url.clone(), grants: Arc::clone(&grants) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, grants }
    }

    /// Signs `subject` in on the page that the browser was sent to; gives the code, and the state to go back with.
    pub fn sign_in(
        &self,
        page: &str,
        subject: &str,
        now: i64,
        lie: impl FnOnce(&mut Value, &mut Signed),
    ) -> (String, String) {
        let asked: HashMap<String, String> =
            page.parse::<reqwest::Url>().unwrap().query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["redirect_uri"], "https://stall.example/api/v1/sessions/openid/return");
        let mut claims = json!({
            "iss": self.url, "sub": subject, "aud": "vyapar", "nonce": asked["nonce"], "iat": now, "exp": now + 300,
            "email": "meena@example.org",
        });
        let mut signed = Signed::Truly;
        lie(&mut claims, &mut signed);
        let code = format!("code-{}", self.grants.lock().unwrap().len());
        let grant = Grant { challenge: asked["code_challenge"].clone(), claims, signed };
        self.grants.lock().unwrap().insert(code.clone(), grant);
        (code, asked["state"].clone())
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn coded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

async fn document(State(desk): State<Desk>) -> Json<Value> {
    let url = desk.url;
    Json(json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
}

async fn keys() -> Json<Value> {
    let point = key(3).verifying_key().to_sec1_point(false);
    let (x, y) = (coded(&point.as_bytes()[1..33]), coded(&point.as_bytes()[33..]));
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "kid": "one", "x": x, "y": y }] }))
}

async fn token(
    State(desk): State<Desk>,
    Form(asked): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let grant = desk.grants.lock().unwrap().remove(&asked["code"]);
    let proven = |grant: &Grant| {
        asked.get("code_verifier").is_some_and(|it| coded(&Sha256::digest(it.as_bytes())) == grant.challenge)
    };
    match grant.filter(proven) {
        Some(Grant { claims, signed, .. }) => {
            let id_token = written(&claims, signed);
            (
                StatusCode::OK,
                Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": id_token })),
            )
        }
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))),
    }
}

fn written(claims: &Value, signed: Signed) -> String {
    let algorithm = match signed {
        Signed::Truly | Signed::ByAnother => "ES256",
        Signed::ByNobody => "none",
        Signed::WithTheSecret => "HS256",
    };
    let header = json!({ "alg": algorithm, "typ": "JWT", "kid": "one" });
    let text = format!("{}.{}", coded(header.to_string().as_bytes()), coded(claims.to_string().as_bytes()));
    let signature = match signed {
        Signed::Truly | Signed::ByAnother => {
            let seed = if signed == Signed::Truly { 3 } else { 4 };
            let signature: Signature = key(seed).sign(text.as_bytes());
            signature.to_bytes().to_vec()
        }
        Signed::ByNobody => Vec::new(),
        Signed::WithTheSecret => {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"a-secret-of-theirs").unwrap();
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
    };
    format!("{text}.{}", coded(&signature))
}
