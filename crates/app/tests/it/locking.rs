//! Operators find people, lock them out and let them in again, through the whole program.

use identity::OperatorRole;
use serde_json::{Value, json};

use crate::place::{Browser, Place, text};
use crate::story::PASSWORD;

#[tokio::test]
async fn operators_find_people_lock_them_out_and_let_them_in_with_a_reason_each_time() {
    let place = Place::open().await;
    let mut person = place.account("Chandra", "9876500005").await;
    let mut moderator = place.account("Devi", "9876500006").await;
    let mut support = place.account("Esha", "9876500007").await;
    place.operate("9876500006", OperatorRole::Moderator).await;
    place.operate("9876500007", OperatorRole::Support).await;
    let search = |text: &str| json!({ "text": text, "reason": "lost their phone" });
    let found = place.done(&mut support, "POST", "/operator/accounts/search", search("chan")).await;
    assert_eq!(
        (&found["items"][0]["phone"], found["items"][0]["sessions"].as_array().map(Vec::len)),
        (&json!("+919876500005"), Some(1))
    );
    let none = place.done(&mut support, "POST", "/operator/accounts/search", search("%")).await;
    assert_eq!(none["items"], json!([]));
    let by_number =
        place.done(&mut moderator, "POST", "/operator/accounts/search", search("98765 00005")).await;
    let somebody = text(&by_number["items"][0]["id"]);
    let at = |what: &str| format!("/operator/accounts/{somebody}/{what}");
    let lock = |locked: bool| json!({ "locked": locked, "reason": "asked by the police" });
    assert_eq!(place.refused(&mut support, "PUT", &at("lock"), lock(true)).await.0, 403);
    place.confirm(&mut moderator).await;
    let unreasoned =
        place.refused(&mut moderator, "PUT", &at("lock"), json!({ "locked": true, "reason": " " })).await;
    assert_eq!(unreasoned.0, 422);
    place.done(&mut moderator, "PUT", &at("lock"), lock(true)).await;
    assert_eq!(place.refused(&mut person, "GET", "/me/sessions", Value::Null).await.0, 401);
    let sign_in = |password: &str| json!({ "phone": "9876500005", "password": password });
    let mut stranger = Browser::default();
    let guessed = place.refused(&mut stranger, "POST", "/sessions", sign_in("not-this-one-either")).await;
    assert_eq!(guessed.1, "wrong-credentials", "a stranger is told that it is locked");
    let owned = place.refused(&mut person, "POST", "/sessions", sign_in(PASSWORD)).await;
    assert_eq!((owned.0, owned.1.as_str()), (403, "account-locked"));
    place.done(&mut moderator, "PUT", &at("lock"), lock(false)).await;
    place.done(&mut person, "POST", "/sessions", sign_in(PASSWORD)).await;
    place.done(&mut person, "PUT", "/me/erasure", Value::Null).await;
    let plan = place.done(&mut support, "GET", &at("erasure"), Value::Null).await;
    assert!(plan["asked"].is_object(), "{plan}");
    let why = json!({ "reason": "rang and wants to stay" });
    place.done(&mut moderator, "POST", &at("restore"), why.clone()).await;
    assert_eq!(place.refused(&mut moderator, "POST", &at("restore"), why.clone()).await.1, "erasure-over");
    place.done(&mut moderator, "POST", &at("sign-out"), why).await;
    assert_eq!(place.refused(&mut person, "GET", "/me/sessions", Value::Null).await.0, 401);
    let kept = place.dump().await["audit_acts"].matches("asked by the police").count();
    assert_eq!(kept, 2);
}

impl Place {
    pub async fn operate(&self, phone: &str, role: OperatorRole) {
        let mut connection = self.test.db.acquire().await.unwrap();
        self.app.identity.set_operator(&mut connection, &phone.parse().unwrap(), Some(role)).await.unwrap();
    }
}
