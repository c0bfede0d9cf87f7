//! Signing up, and what people see and change of themselves.

use axum::http::StatusCode;
use identity::{Error, OperatorRole, Transport};
use serde_json::json;

use crate::browser::{PASSWORD, Server, account, credentials};

#[tokio::test]
async fn a_new_vendor_has_a_business_and_is_signed_in() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let (status, person) = browser.post("/accounts", &account("98765 43210")).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!((&person["phone"], &person["language"]), (&json!("+919876543210"), &json!("ta")));
    assert_eq!((&person["name"], &person["operator"]), (&json!("Meena"), &json!(false)));
    assert!(person["tenant_id"].is_string());
    let (status, me) = browser.get("/me").await;
    assert_eq!((status, &me["person"], &me["passes"]), (StatusCode::OK, &person, &json!([])));
}

#[tokio::test]
async fn a_phone_number_has_one_account_however_it_is_dialled() {
    let server = Server::start().await;
    server.vendor("9876543210").await;
    let (status, body) = server.browser().post("/accounts", &account("+91 98765-43210")).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/phone-taken")));
    let people = sqlx::query_scalar::<_, i64>("select count(*) from people");
    let tenants = sqlx::query_scalar::<_, i64>("select count(*) from tenants");
    assert_eq!(people.fetch_one(server.test.db.pool()).await.unwrap(), 1);
    assert_eq!(
        tenants.fetch_one(server.test.db.pool()).await.unwrap(),
        1,
        "the loser's business is not left over"
    );
}

#[tokio::test]
async fn what_cannot_be_used_names_its_field() {
    let server = Server::start().await;
    let wrong = [
        (json!({"phone": "12"}), "invalid-field", "phone"),
        (json!({"name": " \u{202e}\u{0} "}), "invalid-field", "name"),
        (json!({"name": "x".repeat(81)}), "invalid-field", "name"),
        (json!({"language": "tlh"}), "invalid-field", "language"),
        (json!({"password": "k9$wQz7"}), "invalid-field", "password"),
        (json!({"password": "violet kettle ".repeat(10)}), "invalid-field", "password"),
        (json!({"password": "password123"}), "password-common", "password"),
    ];
    for (wrong, slug, field) in wrong {
        let mut body = account("9876543210");
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let (status, problem) = server.browser().post("/accounts", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(problem["type"], format!("/problems/{slug}"));
        assert_eq!(problem["field"], field);
    }
    let people = sqlx::query_scalar::<_, i64>("select count(*) from people");
    assert_eq!(people.fetch_one(server.test.db.pool()).await.unwrap(), 0);
}

#[tokio::test]
async fn nobody_makes_themselves_operator_by_asking() {
    let server = Server::start().await;
    let mut browser = server.browser();
    let mut body = account("9876543210");
    body["operator"] = json!(true);
    body["tenant_id"] = json!("00000000-0000-7000-8000-000000000001");
    let (_, person) = browser.post("/accounts", &body).await;
    assert_eq!(person["operator"], false);
    assert_ne!(person["tenant_id"], body["tenant_id"]);
    let (_, person) = browser.patch("/me", &json!({"operator": true, "phone": "9000000000"})).await;
    assert_eq!((&person["operator"], &person["phone"]), (&json!(false), &json!("+919876543210")));
}

#[tokio::test]
async fn a_person_changes_name_and_language_one_at_a_time() {
    let server = Server::start().await;
    let mut browser = server.vendor("9876543210").await;
    let (status, person) = browser.patch("/me", &json!({"name": "  மீனா \n குமாரி "})).await;
    assert_eq!((status, &person["name"]), (StatusCode::OK, &json!("மீனா குமாரி")));
    let (_, person) = browser.patch("/me", &json!({"language": "hi"})).await;
    assert_eq!((&person["name"], &person["language"]), (&json!("மீனா குமாரி"), &json!("hi")));
    assert_eq!(person["time_zone"], "Asia/Kolkata");
    let (_, person) = browser.patch("/me", &json!({"time_zone": "Europe/London"})).await;
    assert_eq!((&person["time_zone"], &person["language"]), (&json!("Europe/London"), &json!("hi")));
    let (status, problem) = browser.patch("/me", &json!({"time_zone": "Atlantis"})).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("time_zone")));
    assert_eq!(browser.get("/me").await.1["person"], person);
    let (status, _) = server.browser().patch("/me", &json!({"name": "X"})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_command_line_makes_an_operator_of_somebody_who_exists() {
    let server = Server::start().await;
    let mut browser = server.vendor("9876543210").await;
    let mut connection = server.test.db.acquire().await.unwrap();
    let phone = "9876543210".parse().unwrap();
    server.identity.set_operator(&mut connection, &phone, Some(OperatorRole::Support)).await.unwrap();
    let (_, me) = browser.get("/me").await;
    assert_eq!((&me["person"]["operator"], &me["operator_role"]), (&json!(true), &json!("support")));
    assert!(me["permissions"].as_array().unwrap().contains(&json!("mend_work")));
    server.identity.set_operator(&mut connection, &phone, None).await.unwrap();
    assert_eq!(browser.get("/me").await.1["person"]["operator"], false);
    let nobody = "9000000000".parse().unwrap();
    let missing = server.identity.set_operator(&mut connection, &nobody, Some(OperatorRole::Support)).await;
    assert!(matches!(missing, Err(Error::NoSuchPerson)));
}

#[tokio::test]
async fn a_write_from_another_site_changes_nothing() {
    let server = Server::start().await;
    let victim = server.vendor("9876543210").await;
    let mut forged =
        server.browser().header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    forged.cookies.clone_from(&victim.cookies);
    let (status, body) = forged.patch("/me", &json!({"name": "Evil"})).await;
    assert_eq!((status, &body["type"]), (StatusCode::FORBIDDEN, &json!("/problems/cross-site")));
    assert_eq!(
        forged.get("/me").await.1["person"]["name"],
        "Meena",
        "reading is the same-origin policy's business"
    );
    let (status, _) = forged.post("/api/v1/webhooks/x", &json!({})).await;
    assert_eq!(status, StatusCode::OK, "other servers send what origin they like");
    let mut own =
        server.browser().header("origin", "https://stall.example").header("sec-fetch-site", "same-site");
    own.cookies.clone_from(&victim.cookies);
    let (status, body) = own.patch("/me", &json!({"name": "Meena K"})).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::FORBIDDEN, &json!("/problems/cross-site")),
        "where it comes from is not enough"
    );
    let mut own = own.header("authorization", "Basic dTpw");
    assert_eq!(
        own.patch("/me", &json!({"name": "Meena K"})).await.0,
        StatusCode::FORBIDDEN,
        "a proxy's password"
    );
    let mut own = own.without("authorization");
    let token = "0b8f1d0c-6f0e-4a53-9d1a-5f1a3c0f7e21";
    own.cookies.insert("__Host-vyapar_token".to_owned(), token.replace('0', "1"));
    let mut own = own.header("vyapar-token", token);
    assert_eq!(own.patch("/me", &json!({"name": "Meena K"})).await.0, StatusCode::FORBIDDEN, "a guess");
    own.cookies.insert("__Host-vyapar_token".to_owned(), token.to_owned());
    assert_eq!(own.patch("/me", &json!({"name": "Meena K"})).await.0, StatusCode::OK);
}

#[tokio::test]
async fn over_plain_http_sign_in_works_and_the_cookies_do_not_mix() {
    let server = Server::start().await;
    server.vendor("9876543210").await;
    let mut plain = server.browser().over(Transport::Plain);
    plain.post("/sessions", &credentials("9876543210", PASSWORD)).await;
    assert!(plain.get("/me").await.1["person"].is_object());
    let mut tls = server.browser();
    tls.cookies = [("vyapar_session".to_owned(), plain.cookies["vyapar_session"].clone())].into();
    assert!(tls.get("/me").await.1.get("person").is_none(), "over TLS only the host-bound cookie counts");
}

#[tokio::test]
async fn sql_in_a_field_is_only_text() {
    let server = Server::start().await;
    let mut browser = server.vendor("9876543210").await;
    let name = "'; drop table people; --";
    let (status, person) = browser.patch("/me", &json!({"name": name})).await;
    assert_eq!((status, &person["name"]), (StatusCode::OK, &json!(name)));
    let (status, _) = browser.post("/sessions", &credentials("' or '1'='1", PASSWORD)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get("/me").await.1["person"]["name"], name);
}
