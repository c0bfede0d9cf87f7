//! Teams of a business through the whole program: formed, given buyers, told of them.

use serde_json::{Value, json};
use sync::Contact;

use crate::place::{Browser, Place, text};
use crate::story::id;

/// A stall whose owner formed a team, and a seller who joined it by an invitation.
struct Stall {
    place: Place,
    owner: Browser,
    seller: Browser,
    owner_id: String,
    seller_id: String,
    night: String,
    code: Value,
}

impl Stall {
    async fn open() -> Self {
        let contact = Contact::try_from("mailto:stall@shop.example".to_owned()).unwrap();
        let place = Place::open_with(|config| config.sync.push.contact = Some(contact)).await;
        let mut owner = place.account("Meena", "9876500001").await;
        place.stall(&mut owner).await;
        let mut seller = place.account("Ravi", "9876500002").await;
        place.confirm(&mut owner).await;
        let formed = place.done(&mut owner, "POST", "/team/crews", json!({ "name": "Night shift" })).await;
        let night = text(&formed["crews"][0]["id"]);
        let invited = json!({ "role": "member", "crew_id": night });
        let link = place.done(&mut owner, "POST", "/team/invitations", invited).await;
        place.done(&mut seller, "POST", "/invitations/accept", json!({ "token": link["token"] })).await;
        let code = place.done(&mut owner, "GET", "/stall/qr", Value::Null).await["token"].clone();
        let mut ids = Vec::new();
        for (at, who) in [&mut owner, &mut seller].into_iter().enumerate() {
            let me = place.done(who, "GET", "/me", Value::Null).await;
            ids.push(text(&me["person"]["id"]));
            let phone = sqlx::query(
                "insert into push_subscriptions (tenant_id, id, person_id, endpoint, p256dh, auth, created_at)
                 select $1::text::uuid, $2, $3::text::uuid, $4, $5, $6, $7",
            );
            phone
                .bind(text(&me["person"]["tenant_id"]))
                .bind(id())
                .bind(&ids[at])
                .bind(format!("https://push.example/{at}"))
                .bind(vec![4_u8; 65])
                .bind(vec![1_u8; 16])
                .bind(place.test.clock.now())
                .execute(place.test.db.pool())
                .await
                .unwrap();
        }
        let (owner_id, seller_id) = (ids.remove(0), ids.remove(0));
        Self { place, owner, seller, owner_id, seller_id, night, code }
    }

    /// Somebody scans the code; gives the visit.
    async fn buyer(&self) -> String {
        let enter = json!({ "token": self.code, "language": "en" });
        text(&self.place.done(&mut Browser::default(), "POST", "/visits", enter).await["id"])
    }

    /// Whose phones are to ring, since the last look.
    async fn rung(&self) -> Vec<String> {
        sqlx::query_scalar(
            "with due as (delete from jobs where kind = 'send-push' returning payload)
             select person_id::text from due
             join push_subscriptions on id::text = payload ->> 'subscription'
             order by endpoint",
        )
        .fetch_all(self.place.test.db.pool())
        .await
        .unwrap()
    }

    async fn listed(&mut self, by_owner: bool, query: &str) -> Vec<Value> {
        let who = if by_owner { &mut self.owner } else { &mut self.seller };
        let page = self.place.done(who, "GET", &format!("/visits{query}"), Value::Null).await;
        page["items"].as_array().unwrap().clone()
    }

    async fn change(&mut self, method: &str, path: &str, body: Value) -> Value {
        self.place.done(&mut self.owner, method, path, body).await
    }
}

#[tokio::test]
async fn a_team_that_greets_is_given_who_arrives_and_its_phones_alone_ring() {
    let mut stall = Box::pin(Stall::open()).await;
    let team = stall.change("GET", "/team", Value::Null).await;
    assert_eq!(team["crews"][0]["members"], json!([stall.seller_id]), "the invitation named the team");
    stall.buyer().await;
    assert_eq!(stall.rung().await, [stall.owner_id.clone(), stall.seller_id.clone()], "nobody greets yet");

    let night = format!("/team/crews/{}", stall.night);
    let greets = stall.change("PATCH", &night, json!({ "greets": true })).await;
    assert_eq!(greets["crews"][0]["greets"], true);
    let visit = stall.buyer().await;
    assert_eq!(stall.rung().await, [stall.seller_id.clone()]);
    let own = stall.listed(false, "?whose=mine").await;
    assert_eq!((own.len(), &own[0]["id"], &own[0]["crew_id"]), (1, &json!(visit), &json!(stall.night)));
    assert!(stall.listed(true, "?whose=mine").await.is_empty(), "the owner is in no team");
    assert_eq!(stall.listed(true, "").await.len(), 2, "and sees everybody's");

    stall.change("DELETE", &format!("{night}/members/{}", stall.seller_id), Value::Null).await;
    stall.buyer().await;
    let both = [stall.owner_id.clone(), stall.seller_id.clone()];
    assert_eq!(stall.rung().await, both, "a team without phones leaves nobody unheard");
    let named = "select count(*) from sync_events where payload::text like '%rang_crew_id%'";
    let named: i64 = sqlx::query_scalar(named).fetch_one(stall.place.test.db.pool()).await.unwrap();
    assert_eq!(named, 1, "open apps elsewhere stay silent where the team's phones rang alone");
}

#[tokio::test]
async fn a_buyer_is_given_to_a_team_and_back_to_everybody() {
    let mut stall = Box::pin(Stall::open()).await;
    let visit = stall.buyer().await;
    stall.rung().await;
    let at = format!("/visits/{visit}/crew");
    let to_night = json!({ "crew_id": stall.night });
    stall
        .change("PUT", &format!("/team/crews/{}/members/{}", stall.night, stall.owner_id), Value::Null)
        .await;
    stall.change("PUT", &at, to_night.clone()).await;
    assert_eq!(stall.rung().await, [stall.seller_id.clone()], "whoever gives knows");
    stall.change("PUT", &at, to_night.clone()).await;
    assert!(stall.rung().await.is_empty(), "the same again is no news");
    assert_eq!(stall.listed(true, "?whose=mine").await.len(), 1);
    stall.change("PUT", &at, json!({})).await;
    assert!(stall.listed(true, "?whose=mine").await.is_empty());
    assert_eq!(stall.listed(true, "").await[0].get("crew_id"), None);

    for person in [stall.owner_id.clone(), stall.seller_id.clone()] {
        let member = format!("/team/crews/{}/members/{person}", stall.night);
        stall.change("DELETE", &member, Value::Null).await;
    }
    stall.change("PUT", &at, to_night).await;
    let both = [stall.owner_id.clone(), stall.seller_id.clone()];
    assert_eq!(stall.rung().await, both, "a team without phones leaves nobody unheard");
    stall.change("PUT", &at, json!({})).await;

    let nothing = json!({ "crew_id": id() });
    assert_eq!(stall.place.refused(&mut stall.owner, "PUT", &at, nothing).await.0, 404);
    let mut stranger = stall.place.account("Chandra", "9876500003").await;
    stall.place.done(&mut stranger, "PUT", "/stall", json!({ "name": "Other", "language": "en" })).await;
    assert_eq!(stall.place.refused(&mut stranger, "PUT", &at, json!({})).await.0, 404);
    let theirs = json!({ "name": "Theirs" });
    let theirs =
        stall.place.done(&mut stranger, "POST", "/team/crews", theirs).await["crews"][0]["id"].clone();
    let refused = stall.place.refused(&mut stall.owner, "PUT", &at, json!({ "crew_id": theirs })).await;
    assert_eq!(refused.0, 404, "another business's team is not there");
}

#[tokio::test]
async fn teams_are_formed_named_and_dissolved_by_who_manages_and_what_was_done_is_kept() {
    let mut stall = Box::pin(Stall::open()).await;
    let night = format!("/team/crews/{}", stall.night);
    let again =
        stall.place.refused(&mut stall.owner, "POST", "/team/crews", json!({ "name": "NIGHT shift" })).await;
    assert_eq!((again.0, again.1.as_str()), (409, "crew-name-taken"));
    for (method, path, body) in [
        ("POST", "/team/crews".to_owned(), json!({ "name": "Mine" })),
        ("PATCH", night.clone(), json!({ "greets": true })),
        ("DELETE", night.clone(), Value::Null),
        ("PUT", format!("{night}/members/{}", stall.seller_id), Value::Null),
    ] {
        assert_eq!(
            stall.place.refused(&mut stall.seller, method, &path, body).await.0,
            403,
            "{method} {path}"
        );
    }
    stall.change("PATCH", &night, json!({ "name": "Late shift", "greets": true })).await;
    let day = stall.change("POST", "/team/crews", json!({ "name": "Day shift" })).await;
    let day = text(&day["crews"][1]["id"]);
    let team = stall.change("PATCH", &format!("/team/crews/{day}"), json!({ "greets": true })).await;
    let greets: Vec<_> =
        team["crews"].as_array().unwrap().iter().map(|crew| crew["greets"].clone()).collect();
    assert_eq!(greets, [json!(false), json!(true)], "one team greets");

    // Whoever leaves the business leaves its teams.
    stall.place.confirm(&mut stall.owner).await;
    stall.change("DELETE", &format!("/team/members/{}", stall.seller_id), Value::Null).await;
    let team = stall.change("GET", "/team", Value::Null).await;
    assert_eq!(team["crews"][0]["members"], json!([]));

    let visit = stall.buyer().await;
    stall.change("DELETE", &format!("/team/crews/{day}"), Value::Null).await;
    let team = stall.change("GET", "/team", Value::Null).await;
    assert_eq!(team["crews"].as_array().unwrap().len(), 1);
    stall.buyer().await;
    assert_eq!(stall.listed(true, "").await[0].get("crew_id"), None, "nobody greets any more");
    let gone = json!({ "crew_id": day });
    assert_eq!(
        stall.place.refused(&mut stall.owner, "PUT", &format!("/visits/{visit}/crew"), gone).await.0,
        404
    );
    stall.change("POST", "/team/crews", json!({ "name": "Day shift" })).await;

    let acts = stall.change("GET", "/team/acts", Value::Null).await;
    let told: Vec<(String, Value)> = acts["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|act| act["act"].as_str().unwrap().starts_with("crew_"))
        .map(|act| (text(&act["act"]), act["crew"].clone()))
        .collect();
    let expected = [
        ("crew_formed", "Day shift"),
        ("crew_dissolved", "Day shift"),
        ("crew_greets", "Day shift"),
        ("crew_formed", "Day shift"),
        ("crew_greets", "Late shift"),
        ("crew_named", "Late shift"),
        ("crew_formed", "Late shift"),
    ];
    assert_eq!(told, expected.map(|(act, crew)| (act.to_owned(), json!(crew))));
    let audit = stall.change("GET", "/audit?limit=100", Value::Null).await;
    let of_the_team = |entry: &&Value| entry["about_id"] == json!(day) || entry["about"] == json!(day);
    assert_eq!(audit["items"].as_array().unwrap().iter().filter(of_the_team).count(), 3, "{audit}");
}
