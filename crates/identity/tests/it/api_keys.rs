//! Keys of other programs: what they may and may not, signed calls, and how a key ends.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::browser::{Browser, Server};

const PHONE: &str = "9876543210";

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

/// Another program, with its key.
struct Program<'a> {
    server: &'a Server,
    id: String,
    token: String,
    key: SigningKey,
}

/// What a signed call says, before anybody lies about it.
struct Call {
    method: &'static str,
    path: &'static str,
    body: Value,
    created: i64,
    nonce: String,
    key_id: String,
}

impl<'a> Program<'a> {
    async fn with(server: &'a Server, maker: &mut Browser, scopes: &[&str], seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public_key = STANDARD.encode(key.verifying_key().to_bytes());
        let new = json!({ "name": "Till", "scopes": scopes, "days": 30, "public_key": public_key });
        let (status, made) = maker.post("/api-keys", &new).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let (id, token) = (made["key"]["id"].as_str().unwrap(), made["token"].as_str().unwrap());
        Self { server, id: id.to_owned(), token: token.to_owned(), key }
    }

    fn calls(&self) -> Browser {
        self.server.browser().header("authorization", &format!("Bearer {}", self.token))
    }

    fn call(&self, path: &'static str, nonce: &str) -> Call {
        Call {
            method: "POST",
            path,
            body: json!({ "sum": 1 }),
            created: self.server.test.clock.now().timestamp(),
            nonce: format!("{nonce}-0123456789abcdef"),
            key_id: self.id.clone(),
        }
    }

    /// Signs a call; the caller that carries it.
    fn signs(&self, call: &Call) -> Browser {
        let digest =
            format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(call.body.to_string().as_bytes())));
        let parameters = format!(
            r#"("@method" "@path" "@query" "content-digest");created={};nonce="{}";keyid="{}""#,
            call.created, call.nonce, call.key_id
        );
        let text = format!(
            "\"@method\": {}\n\"@path\": {}\n\"@query\": ?\n\"content-digest\": {digest}\n\"@signature-params\": {parameters}",
            call.method, call.path
        );
        let signature = STANDARD.encode(self.key.sign(text.as_bytes()).to_bytes());
        self.calls()
            .header("content-digest", &digest)
            .header("signature-input", &format!("sig={parameters}"))
            .header("signature", &format!("sig=:{signature}:"))
    }
}

#[tokio::test]
async fn a_key_may_what_its_scopes_and_its_maker_may_and_no_more() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let mut admin = server.member(&mut owner, "9876543211", "admin").await;
    let program = Program::with(&server, &mut admin, &["read_shop", "sell"], 5).await;
    let dump: String = sqlx::query_scalar("select string_agg(api_keys::text, '') from api_keys")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert!(!dump.contains(&program.token[4..]), "the key itself is not kept");
    let (_, keys) = owner.get("/api-keys").await;
    let ends = keys["items"][0]["ends"].as_str().unwrap();
    assert!(program.token.starts_with(ends.split('…').next().unwrap()) && ends.starts_with("vyk_"));
    assert_eq!((&keys["items"][0]["made_by"], &keys["items"][0]["signs"]), (&json!("Meena"), &json!(true)));

    assert_eq!(program.calls().post("/sell", &json!({})).await.0, StatusCode::OK);
    assert_eq!(problem(&program.calls().post("/pay", &json!({})).await), (403, "forbidden"));
    for path in ["/me/sessions", "/me/acts", "/businesses", "/team"] {
        assert_eq!(problem(&program.calls().get(path).await), (403, "forbidden"), "{path}");
    }
    assert!(program.calls().get("/me").await.1.get("person").is_none(), "a key is nobody");
    let more = json!({ "name": "More", "scopes": ["read_shop"], "days": 1 });
    assert_eq!(problem(&program.calls().post("/api-keys", &more).await), (403, "forbidden"));
    // Cookies beside a key say nothing.
    let mut both = program.calls();
    both.cookies.clone_from(&owner.cookies);
    assert_eq!(problem(&both.post("/pay", &json!({})).await), (403, "forbidden"));

    for scopes in [&["change_payee"][..], &["manage_team"], &["read_team"], &["run_money"], &[]] {
        let new = json!({ "name": "Too much", "scopes": scopes, "days": 30 });
        assert_eq!(problem(&admin.post("/api-keys", &new).await), (403, "forbidden"), "{scopes:?}");
    }
    for (days, public_key) in [(0, None), (366, None), (30, Some("AAAA")), (30, Some("not base64"))] {
        let mut new = json!({ "name": "Odd", "scopes": ["read_shop"], "days": days });
        if let Some(key) = public_key {
            new["public_key"] = json!(key);
        }
        assert_eq!(admin.post("/api-keys", &new).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
    }
    // What the maker may no more, the key may no more.
    let person = admin.person_id().await;
    let role = format!("/team/members/{person}/role");
    assert_eq!(owner.put(&role, &json!({ "role": "viewer" })).await.0, StatusCode::OK);
    assert_eq!(problem(&program.calls().post("/pay", &json!({})).await), (403, "forbidden"));
    assert_eq!(owner.delete(&format!("/team/members/{person}")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(problem(&program.calls().post("/sell", &json!({})).await), (401, "wrong-key"));
}

#[tokio::test]
async fn a_key_ends_when_it_is_ended_and_by_itself() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let (one, two) = (
        Program::with(&server, &mut owner, &["sell"], 5).await,
        Program::with(&server, &mut owner, &["sell"], 6).await,
    );
    let mut stranger = server.vendor("9876543211").await;
    let path = format!("/api-keys/{}", one.id);
    assert_eq!(stranger.delete(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(owner.delete(&path).await.0, StatusCode::NO_CONTENT);
    assert_eq!(problem(&one.calls().post("/sell", &json!({})).await), (401, "wrong-key"));
    assert_eq!(two.calls().post("/sell", &json!({})).await.0, StatusCode::OK);
    let mut wrong =
        server.browser().header("authorization", "Bearer vyk_0000000000000000000000000000000000000000000");
    assert_eq!(problem(&wrong.post("/sell", &json!({})).await), (401, "wrong-key"));
    let (_, keys) = owner.get("/api-keys").await;
    assert_eq!(keys["items"].as_array().unwrap().len(), 1);
    assert!(keys["items"][0]["used_at"].is_string());
    let (_, trail) = owner.get("/audit?area=api_keys").await;
    let deeds: Vec<_> = trail["items"].as_array().unwrap().iter().map(|it| it["deed"].clone()).collect();
    assert_eq!(deeds, [json!("ended"), json!("added"), json!("added")]);
    server.test.clock.advance(TimeDelta::days(30));
    assert_eq!(problem(&two.calls().post("/sell", &json!({})).await), (401, "wrong-key"));
}

#[tokio::test]
async fn what_sends_money_takes_a_call_that_is_signed_once_and_now() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let program = Program::with(&server, &mut owner, &["move_money", "sell"], 5).await;
    let other = Program::with(&server, &mut owner, &["move_money"], 6).await;
    assert_eq!(problem(&program.calls().post("/pay", &json!({ "sum": 1 })).await), (403, "sign-request"));
    let call = program.call("/pay", "first");
    let (mut one, mut two) = (program.signs(&call), program.signs(&call));
    let (one, two) = tokio::join!(one.post("/pay", &call.body), two.post("/pay", &call.body));
    let mut statuses = [one.0.as_u16(), two.0.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "sent twice at once it counts once");
    assert_eq!(problem(&program.signs(&call).post("/pay", &call.body).await), (401, "wrong-signature"));
    // The same nonce of another key is another.
    let call = other.call("/pay", "first");
    assert_eq!(other.signs(&call).post("/pay", &call.body).await.0, StatusCode::OK);

    let refused = async |what: &str, mut carrier: Browser, path: &str, body: &Value| {
        let answer = carrier.post(path, body).await;
        assert_eq!(problem(&answer), (401, "wrong-signature"), "{what}");
    };
    let call = program.call("/pay", "bytes");
    refused("another body", program.signs(&call), "/pay", &json!({ "sum": 2 })).await;
    let call = program.call("/sell", "path");
    refused("another path", program.signs(&call), "/pay", &call.body).await;
    let call = program.call("/pay", "query");
    refused("another query", program.signs(&call), "/pay?sum=9", &call.body).await;
    let call = Call { method: "PUT", ..program.call("/pay", "method") };
    refused("another method", program.signs(&call), "/pay", &call.body).await;
    for seconds in [-301, 301] {
        let mut call = program.call("/pay", "time");
        call.created += seconds;
        refused("another time", program.signs(&call), "/pay", &call.body).await;
    }
    let call = Call { nonce: "short".to_owned(), ..program.call("/pay", "short") };
    refused("a nonce that is none", program.signs(&call), "/pay", &call.body).await;
    let call = Call { key_id: other.id.clone(), ..program.call("/pay", "named") };
    refused("another key's name", program.signs(&call), "/pay", &call.body).await;
    let thief = Program {
        server: &server,
        key: other.key.clone(),
        id: program.id.clone(),
        token: program.token.clone(),
    };
    let call = thief.call("/pay", "thief");
    refused("another private key", thief.signs(&call), "/pay", &call.body).await;
    let call = program.call("/pay", "digest");
    let without = program.signs(&call).without("content-digest");
    refused("no digest", without, "/pay", &call.body).await;
    let call = program.call("/pay", "signature");
    refused("no signature", program.signs(&call).without("signature"), "/pay", &call.body).await;
    // What was refused was not used up, and what needs no signature may have one.
    let call = program.call("/pay", "bytes");
    assert_eq!(program.signs(&call).post("/pay", &call.body).await.0, StatusCode::OK);
    let call = program.call("/sell", "plain");
    assert_eq!(program.signs(&call).post("/sell", &call.body).await.0, StatusCode::OK);
    server.test.clock.advance(TimeDelta::minutes(6));
    assert_eq!(program.calls().post("/sell", &json!({})).await.0, StatusCode::OK);
}
