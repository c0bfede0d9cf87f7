//! Who runs the installation.

use axum::http::StatusCode;
use identity::OperatorRole;
use serde_json::{Value, json};

use crate::browser::{Browser, Server};

const FIRST: &str = "9876543210";
const SECOND: &str = "9876543211";

async fn operator(server: &Server, phone: &str, role: OperatorRole) -> Browser {
    let browser = server.vendor(phone).await;
    let mut connection = server.test.db.acquire().await.unwrap();
    server.identity.set_operator(&mut connection, &phone.parse().unwrap(), Some(role)).await.unwrap();
    browser
}

fn slug(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

#[tokio::test]
async fn an_admin_gives_and_takes_roles_with_a_reason_that_is_kept() {
    let server = Server::start().await;
    let mut admin = operator(&server, FIRST, OperatorRole::Admin).await;
    let mut helper = server.vendor(SECOND).await;
    let new = json!({ "phone": SECOND, "role": "support", "reason": "answers the telephone" });
    let (status, given) = admin.post("/operator/people", &new).await;
    assert_eq!((status, &given["role"]), (StatusCode::OK, &json!("support")));
    assert_eq!(helper.get("/me").await.1["operator_role"], "support");
    let path = format!("/operator/people/{}", helper.person_id().await);
    let (_, changed) = admin.put(&path, &json!({ "role": "finance", "reason": "keeps the books" })).await;
    let acts = changed["acts"].as_str().unwrap();
    assert!(acts.contains("made support") && acts.contains("keeps the books"), "{acts}");
    let (_, page) = admin.get("/operator/people").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let (status, _) = admin.put(&path, &json!({ "reason": "left" })).await;
    assert_eq!(status, StatusCode::OK);
    assert!(helper.get("/me").await.1.get("operator_role").is_none());
    assert_eq!(
        slug(&admin.put(&path, &json!({ "role": "admin", "reason": " " })).await),
        (422, "invalid-field")
    );
    let nobody = json!({ "phone": "9000000000", "role": "support", "reason": "x" });
    assert_eq!(slug(&admin.post("/operator/people", &nobody).await), (404, "not-found"));
}

#[tokio::test]
async fn only_an_admin_says_who_runs_the_installation() {
    let server = Server::start().await;
    let mut helper = operator(&server, FIRST, OperatorRole::Finance).await;
    let path = format!("/operator/people/{}", helper.person_id().await);
    let more = json!({ "role": "admin", "reason": "I want to" });
    assert_eq!(slug(&helper.put(&path, &more).await), (403, "forbidden"));
    assert_eq!(slug(&helper.get("/operator/people").await), (403, "forbidden"));
}

#[tokio::test]
async fn two_admins_who_demote_each_other_at_the_same_moment_leave_one() {
    for _ in 0..5 {
        let server = Server::start().await;
        let mut first = operator(&server, FIRST, OperatorRole::Admin).await;
        let mut second = operator(&server, SECOND, OperatorRole::Admin).await;
        let paths = [
            format!("/operator/people/{}", second.person_id().await),
            format!("/operator/people/{}", first.person_id().await),
        ];
        let less = json!({ "role": "support", "reason": "enough" });
        let (one, two) = tokio::join!(first.put(&paths[0], &less), second.put(&paths[1], &less));
        let good = [one.0, two.0].iter().filter(|status| **status == StatusCode::OK).count();
        assert_eq!(good, 1, "{one:?} {two:?}");
    }
    let server = Server::start().await;
    let mut only = operator(&server, FIRST, OperatorRole::Admin).await;
    let path = format!("/operator/people/{}", only.person_id().await);
    assert_eq!(slug(&only.put(&path, &json!({ "reason": "tired" })).await), (409, "last-admin"));
}
