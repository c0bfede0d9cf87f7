//! Members of a business: what they are, how that changes, how it ends.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::statements;

use crate::browser::{Browser, Server, account};

const OWNER: &str = "9876543210";
const SECOND: &str = "9876543211";
const THIRD: &str = "9876543212";

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

async fn roles(browser: &mut Browser) -> Vec<String> {
    let (_, team) = browser.get("/team").await;
    let members = team["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["role"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn whoever_opens_an_account_owns_a_business_of_their_own() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let (_, me) = owner.get("/me").await;
    assert_eq!(me["role"], "owner");
    assert!(me["permissions"].as_array().unwrap().contains(&json!("change_payee")), "{me}");
    let (status, team) = owner.get("/team").await;
    assert_eq!(
        (status, &team["name"], team["members"].as_array().unwrap().len()),
        (StatusCode::OK, &json!("Meena"), 1)
    );
    let (_, acts) = owner.get("/team/acts").await;
    assert_eq!(acts["items"][0]["act"], "opened");
}

#[tokio::test]
async fn a_member_belongs_to_two_businesses_and_goes_over_from_one_to_the_other() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    owner.put("/team/name", &json!({ "name": "Fresh & Co" })).await;
    let mut member = server.member(&mut owner, SECOND, "member").await;
    let (_, all) = member.get("/businesses").await;
    let names: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Meena", "Fresh & Co"], "first joined first");
    assert_eq!(all["current"], all["items"][1]["tenant_id"]);
    assert_eq!(member.get("/me").await.1["role"], "member");
    let before = member.token().to_owned();
    let choice = json!({ "tenant_id": all["items"][0]["tenant_id"] });
    let (status, person) = member.put("/sessions/current/business", &choice).await;
    assert_eq!((status, &person["tenant_id"]), (StatusCode::OK, &choice["tenant_id"]));
    assert_eq!(member.get("/me").await.1["role"], "owner");
    assert_ne!(member.token(), before, "each session is for one business");
    let mut copy = server.browser();
    copy.cookies = [("__Host-vyapar_session".to_owned(), before)].into();
    assert!(copy.get("/me").await.1.get("person").is_none());
    let (_, own) = owner.get("/businesses").await;
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    let other: types::TenantId = server.test.entropy.id(server.test.clock.now());
    let foreign = member.put("/sessions/current/business", &json!({ "tenant_id": other })).await;
    assert_eq!(problem(&foreign), (404, "not-found"));
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_everywhere() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let mut member = server.member(&mut owner, SECOND, "admin").await;
    let mut elsewhere = server.browser();
    elsewhere.post("/sessions", &crate::browser::credentials(SECOND, crate::browser::PASSWORD)).await;
    assert_eq!(
        elsewhere.get("/me").await.1["role"],
        "admin",
        "the next session is for the business last chosen"
    );
    let id = member.person_id().await;
    let (status, _) = owner.delete(&format!("/team/members/{id}")).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for browser in [&mut member, &mut elsewhere] {
        assert_eq!(browser.get("/team").await.0, StatusCode::UNAUTHORIZED);
    }
    elsewhere.post("/sessions", &crate::browser::credentials(SECOND, crate::browser::PASSWORD)).await;
    assert_eq!(elsewhere.get("/me").await.1["role"], "owner", "of the business of their own");
    assert_eq!(roles(&mut elsewhere).await, ["owner"]);
    let gone = owner.delete(&format!("/team/members/{id}")).await;
    assert_eq!(problem(&gone), (404, "not-found"));
    let (_, acts) = owner.get("/team/acts?limit=1").await;
    assert_eq!((&acts["items"][0]["act"], &acts["items"][0]["role"]), (&json!("removed"), &json!("admin")));
}

#[tokio::test]
async fn what_a_role_may_not_is_refused() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let owner_id = owner.person_id().await;
    let mut admin = server.member(&mut owner, SECOND, "admin").await;
    let mut viewer = server.member(&mut owner, THIRD, "viewer").await;
    let viewer_id = viewer.person_id().await;
    let role = |person: &str| format!("/team/members/{person}/role");
    let cases = [
        admin.put(&role(&owner_id), &json!({ "role": "member" })).await,
        admin.put(&role(&viewer_id), &json!({ "role": "owner" })).await,
        admin.post("/team/invitations", &json!({ "role": "owner" })).await,
        admin.delete(&format!("/team/members/{owner_id}")).await,
        viewer.put(&role(&viewer_id), &json!({ "role": "admin" })).await,
        viewer.post("/team/invitations", &json!({ "role": "viewer" })).await,
        viewer.get("/team/acts").await,
    ];
    for case in &cases {
        assert_eq!(problem(case), (403, "forbidden"));
    }
    assert!(viewer.get("/team").await.1["members"][0].get("phone").is_none(), "numbers are for who manages");
    let (status, team) = admin.put(&role(&viewer_id), &json!({ "role": "member" })).await;
    assert_eq!((status, &team["members"][2]["role"]), (StatusCode::OK, &json!("member")));
    assert_eq!(viewer.get("/me").await.1["role"], "member", "from the next call on");
}

#[tokio::test]
async fn members_of_another_business_are_not_there() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let mut stranger = server.vendor(SECOND).await;
    let id = owner.person_id().await;
    let (_, link) = owner.post("/team/invitations", &json!({ "role": "member" })).await;
    let cases = [
        stranger.put(&format!("/team/members/{id}/role"), &json!({ "role": "viewer" })).await,
        stranger.delete(&format!("/team/members/{id}")).await,
        stranger.delete(&format!("/team/invitations/{}", link["id"].as_str().unwrap())).await,
    ];
    for case in &cases {
        assert_eq!(problem(case), (404, "not-found"));
    }
}

#[tokio::test]
async fn the_last_owner_neither_leaves_nor_becomes_less() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let id = owner.person_id().await;
    let role = format!("/team/members/{id}/role");
    let last = [
        owner.post("/team/leave", &Value::Null).await,
        owner.put(&role, &json!({ "role": "admin" })).await,
        owner.delete(&format!("/team/members/{id}")).await,
    ];
    for case in &last {
        assert_eq!(problem(case), (409, "last-owner"));
    }
    server.member(&mut owner, SECOND, "owner").await;
    let (status, person) = owner.post("/team/leave", &Value::Null).await;
    assert_eq!((status, person.get("tenant_id")), (StatusCode::OK, None));
    let (_, me) = owner.get("/me").await;
    assert_eq!((me.get("role"), &me["permissions"]), (None, &json!([])), "signed in, without a business");
    let (status, person) = owner.post("/businesses", &json!({ "name": "Another" })).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(person["tenant_id"].is_string());
    assert_eq!(owner.get("/me").await.1["role"], "owner");
}

#[tokio::test]
async fn owners_who_leave_and_demote_one_another_at_the_same_moment_leave_one() {
    for _ in 0..5 {
        let server = Server::start().await;
        let mut first = server.vendor(OWNER).await;
        let mut second = server.member(&mut first, SECOND, "owner").await;
        let mut third = server.member(&mut first, THIRD, "owner").await;
        let (a, b) = (first.person_id().await, second.person_id().await);
        let (demote_a, demote_b) = (format!("/team/members/{a}/role"), format!("/team/members/{b}/role"));
        let (less, none) = (json!({ "role": "member" }), Value::Null);
        let (one, two, three) = tokio::join!(
            first.put(&demote_b, &less),
            second.put(&demote_a, &less),
            third.post("/team/leave", &none),
        );
        for answer in [&one, &two, &three] {
            assert!([200, 403, 409].contains(&answer.0.as_u16()), "{answer:?}");
        }
        let ownerless: i64 = sqlx::query_scalar(
            "select count(*) from tenants
             where not exists (select from members where tenant_id = tenants.id and role = 'owner')
                 and exists (select from members where tenant_id = tenants.id)",
        )
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
        assert_eq!(ownerless, 0, "{one:?} {two:?} {three:?}");
    }
}

#[tokio::test]
async fn all_owners_leaving_together_leave_one() {
    let server = Server::start().await;
    let mut first = server.vendor(OWNER).await;
    let others = [SECOND, THIRD, "9876543213", "9876543214"];
    let mut owners = Vec::new();
    for phone in others {
        owners.push(server.member(&mut first, phone, "owner").await);
    }
    owners.push(first);
    let leave = owners
        .iter_mut()
        .map(|owner| async move { owner.post("/team/leave", &Value::Null).await.0.as_u16() });
    let answers = join_all(leave).await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 4, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 409).count(), 1, "{answers:?}");
}

#[tokio::test]
async fn the_team_costs_a_fixed_number_of_statements() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let (_, one) = statements(owner.get("/team")).await;
    for phone in [SECOND, THIRD, "9876543213"] {
        server.member(&mut owner, phone, "member").await;
    }
    let (_, four) = statements(owner.get("/team")).await;
    assert_eq!(one, four);
    // Nobody makes themselves a member by saying so.
    let mut body = account("9876543219");
    body["role"] = json!("owner");
    body["tenant_id"] = owner.get("/me").await.1["person"]["tenant_id"].clone();
    server.browser().post("/accounts", &body).await;
    assert_eq!(roles(&mut owner).await.len(), 4);
}
