//! A copy of one's data, and its erasure, through the whole program: every table of the schema says whose rows are in it, a copy holds
//! what is one's own and no secret, and after an erasure nothing that tells who somebody was is found in the database.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use identity::OperatorRole;
use serde_json::{Value, json};

use crate::place::{
    BUYERS_WORDS, Browser, EMAIL, HOLDER, NAME, PHONE, Place, STALL, UPI, VENDORS_WORDS, has,
};
use crate::story::PASSWORD;

#[tokio::test]
async fn every_table_says_whose_rows_are_in_it_and_what_becomes_of_them() {
    let place = Place::open().await;
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text, udt_name::text
         from information_schema.columns
         join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'",
    )
    .fetch_all(place.test.db.pool())
    .await
    .unwrap();
    let tables: Vec<_> = place.app.privacy.holders().iter().flat_map(|holder| holder.tables()).collect();
    let mut wrong = Vec::new();
    let named: BTreeSet<&str> = tables.iter().map(|table| table.name).collect();
    let there: BTreeSet<&str> = columns.iter().map(|(table, ..)| table.as_str()).collect();
    if named.len() != tables.len() {
        wrong.push("a table has two lines".to_owned());
    }
    wrong.extend(there.difference(&named).map(|table| {
        format!("{table} has no line: name it in its context's db/personal.rs, with what an export shows and an erasure does")
    }));
    wrong.extend(named.difference(&there).map(|table| format!("there is no table {table}")));
    for (table, column, kind) in &columns {
        let Some(line) = tables.iter().find(|line| line.name == table.as_str()) else { continue };
        let is_somebody = kind == "uuid" && (column == "person_id" || column.ends_with("_by"));
        let lacks = match column.as_str() {
            "tenant_id" => line.business.is_none(),
            "guest_id" | "visit_id" => line.guest.is_none(),
            _ => is_somebody && line.person.is_none(),
        };
        if lacks {
            wrong.push(format!("{table}.{column} names somebody whom the line does not speak of"));
        }
    }
    for line in &tables {
        let is_there =
            |column: &&&str| columns.iter().any(|(table, name, _)| table == line.name && name == **column);
        let missing: Vec<_> = line.withheld.iter().filter(|column| !is_there(column)).collect();
        if !missing.is_empty() || (line.because.is_none() && (line.secret || !line.withheld.is_empty())) {
            wrong.push(format!("{} withholds {missing:?} or says no reason", line.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_copy_holds_what_is_ones_own_and_an_erasure_leaves_nothing_that_tells_who_it_was() {
    let place = Place::open().await;
    let mut owner = place.account(NAME, PHONE).await;
    place.reached_by_mail(&mut owner, EMAIL).await;
    place.pictured_and_written_to(&mut owner).await;
    let mut other = place.account("Meena Control", "9876500002").await;
    let product = place.stall(&mut owner).await;
    let mut buyer = Browser::default();
    let (visit, order) = place.deal(&mut owner, &mut buyer, &product).await;

    buyers_copy_and_erasure(&place, &mut owner, &mut buyer, (&visit, &order)).await;

    place.confirm(&mut owner).await;
    let (key, files) = place.copy(&mut owner, "/me/exports").await;
    for (file, word) in [
        ("identity/people.json", "+919876500001"),
        ("catalog/stalls.json", STALL),
        ("catalog/products.json", "Tomato"),
        ("payments/payment_profiles.json", UPI),
        ("identity/people.json", EMAIL),
        ("identity/texts.json", "+919876500001"),
        ("payments/payout_accounts.json", HOLDER),
        ("orders/orders.json", order.as_str()),
        ("identity/audit_acts.json", "personal_data"),
        ("contents.json", "it would let somebody in"),
    ] {
        assert!(has(&files, file, word), "{word} is not in {file}: {:?}", files.keys());
    }
    assert!(files.iter().any(|(name, bytes)| name.starts_with("papers/") && bytes.starts_with(b"%PDF-")));
    assert!(
        files.iter().any(|(name, bytes)| name == "picture.jpg" && bytes.starts_with(&[0xff, 0xd8, 0xff]))
    );
    for (name, bytes) in &files {
        let words = String::from_utf8_lossy(bytes);
        assert!(!words.contains("argon2") && !words.contains("token_hash\":"), "a secret is in {name}");
        assert!(!words.contains("9876500002"), "somebody else is in {name}");
    }
    let file = format!("/me/exports/{key}/file");
    assert_eq!(place.refused(&mut other, "POST", &file, Value::Null).await.0, 404);
    place.test.clock.advance(TimeDelta::hours(25));
    place.confirm(&mut owner).await;
    assert_eq!(place.refused(&mut owner, "POST", &file, Value::Null).await.0, 404);

    owners_erasure(&place, &mut owner).await;

    let words = [NAME, PHONE, EMAIL, "zq.greens", "Quandary", UPI, HOLDER, VENDORS_WORDS, "zephyrine"];
    let left = place.found_in(&words).await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(place.sealed_of_the_erased().await, 0, "it is still there for whoever has the keys");
    let known = place.done(&mut other, "GET", "/me", Value::Null).await;
    assert_eq!(known["person"]["name"], "Meena Control", "somebody else is gone");
    assert!(place.dump().await["documents"].contains(&order), "the law wants papers kept");
    assert_eq!(place.dump().await["pictures"], "", "the picture is gone");
    let report = place.app.ledger.check(&mut place.test.db.acquire().await.unwrap()).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let verdict = identity::audit::verify::verify(&place.test.db, &[]).await.unwrap();
    assert!(verdict.is_sound(), "{verdict:?}");
    assert_eq!((place.blobs("exports"), place.blobs("recordings")), (0, 0));
}

/// The buyer takes a copy along by the pass alone, and has what was said erased once nothing is open.
async fn buyers_copy_and_erasure(
    place: &Place,
    owner: &mut Browser,
    buyer: &mut Browser,
    (visit, order): (&str, &str),
) {
    let (key, files) = place.copy(buyer, "/passes/exports").await;
    assert!(has(&files, "negotiation/messages.json", BUYERS_WORDS));
    assert!(has(&files, "orders/order_lines.json", "Tomato"));
    let folders = ["recordings/", "papers/"];
    assert!(
        folders.iter().all(|folder| files.keys().any(|name| name.starts_with(folder))),
        "{:?}",
        files.keys()
    );
    let words: String = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(!words.contains(UPI) && !words.contains("765432101234"), "the stall's own is told");
    for (method, path) in
        [("GET", format!("/passes/exports/{key}")), ("POST", format!("/passes/exports/{key}/file"))]
    {
        let stranger = place.refused(&mut Browser::default(), method, &path, Value::Null).await;
        assert_eq!(stranger.0, 403, "{method} {path}");
    }

    let (status, why, answer) = place.refused(buyer, "DELETE", "/passes", Value::Null).await;
    assert_eq!(
        (status, why.as_str(), &answer["obstacles"]),
        (409, "erasure-obstructed", &json!(["open_orders"]))
    );
    place.done(owner, "POST", &format!("/orders/{order}/hand-over"), Value::Null).await;
    place.done(buyer, "DELETE", "/passes", Value::Null).await;
    place.work().await;
    let left = place.found_in(&[BUYERS_WORDS]).await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!((place.blobs("recordings"), place.blobs("exports")), (0, 0));
    assert_eq!(place.refused(owner, "GET", &format!("/visits/{visit}"), Value::Null).await.0, 404);
    // The stall has its order, and knows that a buyer's words went.
    place.done(owner, "GET", &format!("/orders/{order}"), Value::Null).await;
    let trail = place.done(owner, "GET", "/audit?area=personal_data", Value::Null).await;
    assert_eq!(
        (&trail["items"][0]["deed"], &trail["items"][0]["about_id"]),
        (&json!("ended"), &json!(visit))
    );
}

/// The owner asks, thinks better of it, asks again, and is gone two days later.
async fn owners_erasure(place: &Place, owner: &mut Browser) {
    let plan = place.done(owner, "PUT", "/me/erasure", Value::Null).await;
    assert_eq!((&plan["obstacles"], &plan["businesses"][0]["name"]), (&json!([]), &json!(NAME)));
    place.done(owner, "DELETE", "/me/erasure", Value::Null).await;
    assert_eq!(place.refused(owner, "DELETE", "/me/erasure", Value::Null).await.1, "erasure-over");
    place.test.clock.advance(TimeDelta::hours(49));
    place.work().await;
    place.confirm(owner).await;
    place.done(owner, "PUT", "/me/erasure", Value::Null).await;
    place.test.clock.advance(TimeDelta::hours(47));
    place.work().await;
    assert!(place.done(owner, "GET", "/me/erasure", Value::Null).await["asked"].is_object());
    place.test.clock.advance(TimeDelta::hours(2));
    place.work().await;
    assert_eq!(place.refused(owner, "GET", "/me/erasure", Value::Null).await.0, 401);
    let credentials = json!({ "phone": PHONE, "password": PASSWORD });
    let again = place.refused(&mut Browser::default(), "POST", "/sessions", credentials).await;
    assert_eq!(again.1, "wrong-credentials");
}

#[tokio::test]
async fn nobody_leaves_others_without_an_owner_or_the_installation_without_an_admin() {
    let place = Place::open().await;
    let mut owner = place.account("Asha", "9876500003").await;
    let mut member = place.account("Bina", "9876500004").await;
    let link = place.done(&mut owner, "POST", "/team/invitations", json!({ "role": "member" })).await;
    place.done(&mut member, "POST", "/invitations/accept", json!({ "token": link["token"] })).await;
    place.operate("9876500003", OperatorRole::Admin).await;
    place.confirm(&mut owner).await;
    let (_, why, answer) = place.refused(&mut owner, "PUT", "/me/erasure", Value::Null).await;
    assert_eq!(
        (why.as_str(), &answer["obstacles"]),
        ("erasure-obstructed", &json!(["other_members", "last_admin"]))
    );
    // A member just goes; the business stays.
    place.confirm(&mut member).await;
    place.done(&mut member, "PUT", "/me/erasure", Value::Null).await;
    place.test.clock.advance(TimeDelta::hours(49));
    place.work().await;
    let team = place.done(&mut owner, "GET", "/team", Value::Null).await;
    assert_eq!(team["members"].as_array().map(Vec::len), Some(1), "{team}");
    let left = place.found_in(&["Bina", "9876500004"]).await;
    assert!(left.is_empty(), "{left:?}");
}
