//! `kill -9` at ten points of the story: each time the server starts again, the phones try again, and the story ends right.

use std::time::Duration;

use app::phone::{Phone, text};
use emulator::Emulator;
use emulator::razorpay::{Outcome, Play};
use serde_json::{Value, json};

use crate::gateway::{at_gateway, gateway, listen, until};
use crate::process::Program;
use crate::story;

/// The server and how long after each request it is killed.
struct Chaos {
    program: Program,
    after: Duration,
    kills: u32,
}

impl Chaos {
    /// Sends a request, kills the server while it is worked on, starts it again, and sends the same request until it is answered.
    async fn post(&mut self, phone: &mut Phone, path: &str, body: &Value) -> Value {
        let mut sender = phone.clone();
        let (to, what) = (path.to_owned(), body.clone());
        let under_way = tokio::spawn(async move { sender.post(&to, what).await });
        self.kill_and_restart().await;
        // Whatever the first try was answered, the phone cannot know: it asks again.
        let _ = under_way.await.unwrap();
        phone.post(path, body.clone()).await.unwrap()
    }

    async fn kill_and_restart(&mut self) {
        tokio::time::sleep(self.after).await;
        self.program.kill();
        self.kills += 1;
        self.program.again().await;
    }
}

async fn told_to_the_end(after: Duration) {
    let (emulator, settings) = gateway().await;
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let program = Program::start(&settings).await;
    listen(&emulator, &program);
    let (mut vendor, product) = story::vendor(&program).await;
    let (mut buyer, visit) = story::buyer(&program, &mut vendor).await;
    let mut chaos = Chaos { program, after, kills: 0 };
    let at = |rest: &str| format!("/visits/{visit}{rest}");
    let confirm = |question: &Value| at(&format!("/read-backs/{}/confirm", question["id"].as_str().unwrap()));
    let answer = || json!({ "client_id": story::id() });

    // 1 the offer, 2 its confirmation, 3 the counter-offer, 4 the acceptance, 5 its confirmation
    chaos.post(&mut buyer, &at("/messages"), &story::offer_in_words(&product)).await;
    let question = buyer.get(&at("")).await.unwrap()["read_back"].clone();
    chaos.post(&mut buyer, &confirm(&question), &answer()).await;
    let price = json!({ "amount": { "minor": 17_500, "currency": "INR" }, "per": "5", "unit": "kg" });
    let counter = json!({
        "client_id": story::id(), "product_id": product, "price": price, "quantity": "5", "quantity_unit": "kg",
    });
    let counter = chaos.post(&mut vendor, &at("/offers"), &counter).await;
    let accept = json!({ "client_id": story::id(), "offer_id": counter["id"] });
    let question = chaos.post(&mut buyer, &at("/acceptances"), &accept).await;
    chaos.post(&mut buyer, &confirm(&question), &answer()).await;

    // 6 while the gateway's order and code are made, 7 once they are shown
    chaos.kill_and_restart().await;
    let orders = until(&mut buyer, "/orders", |o| o["items"][0]["id"].is_string()).await;
    let order = text(&orders, "/items/0/id").unwrap();
    let payment = format!("/orders/{order}/payment");
    let shown = until(&mut buyer, &payment, |p| p["state"] == "waiting").await;
    chaos.kill_and_restart().await;

    // 8 while nobody listens the buyer pays, 9 while the webhook is worked on, 10 while the order is settled
    chaos.program.kill();
    chaos.kills += 1;
    pay(&emulator, &shown).await;
    chaos.program.again().await;
    chaos.kill_and_restart().await;
    until(&mut buyer, &payment, |p| p["state"] == "paid").await;
    chaos.kill_and_restart().await;

    let settled = |o: &Value| o["state"] == "paid" && o["document"]["id"].is_string();
    until(&mut buyer, &format!("/orders/{order}"), settled).await;
    assert_eq!(chaos.kills, 10);
    assert_ended_right(&mut chaos, &mut vendor, &mut buyer, &visit, &product).await;
}

/// Scans the code that the buyer is shown. A server that was killed while the gateway made a code may have had another made, which
/// nobody is ever shown; of the order there is one.
async fn pay(emulator: &Emulator, shown: &Value) {
    assert_eq!(at_gateway(emulator, "orders").await.len(), 1, "however often the server died");
    let ways = shown["ways"].as_array().unwrap();
    let uri = &ways.iter().find(|way| way["kind"] == "qr").unwrap()["uri"];
    let codes = at_gateway(emulator, "payments/qr_codes").await;
    let scanned =
        codes.iter().find(|code| code["image_content"] == *uri && code["status"] == "active").unwrap();
    let play = Play::qr(scanned["id"].as_str().unwrap()).with(Outcome::Success);
    emulator.razorpay().play(&play).unwrap();
}

/// No lost message, no doubled order or posting, and books that balance.
async fn assert_ended_right(
    chaos: &mut Chaos,
    vendor: &mut Phone,
    buyer: &mut Phone,
    visit: &str,
    product: &str,
) {
    let orders = buyer.get("/orders").await.unwrap();
    assert_eq!(orders["items"].as_array().unwrap().len(), 1, "{orders}");
    let messages = buyer.get(&format!("/visits/{visit}/messages?limit=100")).await.unwrap();
    let said = messages["items"].as_array().unwrap().iter().filter(|m| m["by"] != "app").count();
    assert_eq!(said, 2, "the buyer's offer and the vendor's counter-offer, once each: {messages}");
    let stock = vendor.get(&format!("/products/{product}")).await.unwrap()["stock"].clone();
    assert_eq!((&stock["on_hand"], &stock["held"]), (&json!("115"), &json!("0")), "{stock}");
    let wallet = vendor.get("/wallet").await.unwrap();
    assert_eq!(wallet["owed"]["minor"], 17_150, "{wallet}");
    assert_eq!(wallet["entries"]["items"].as_array().unwrap().len(), 1, "{wallet}");
    let check = chaos.program.command().args(["ledger", "check"]).output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.status.success() && said.contains("difference 0"), "{said}");
}

#[tokio::test]
async fn killed_at_ten_points_at_once_the_story_ends_right() {
    told_to_the_end(Duration::from_millis(1)).await;
}

#[tokio::test]
async fn killed_at_ten_points_a_moment_later_the_story_ends_right() {
    told_to_the_end(Duration::from_millis(12)).await;
}
