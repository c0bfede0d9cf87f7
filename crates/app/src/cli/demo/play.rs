//! A deal from scanning to paid, made by real calls and told as it happens.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use platform::postgres::{Options, Postgres};
use platform::{Clock, Db, Entropy};
use serde_json::{Value, json};

use super::seed::{self, id};
use crate::phone::{Phone, Socket, text};

/// "Five kilos of tomato for one hundred and fifty rupees", spoken by a synthetic voice.
const SPOKEN_OFFER: &[u8] = include_bytes!("../../../../voice/fixtures/browser-offer.wav");
/// The same, where there is no recogniser.
const TYPED_OFFER: &str = "five kilos of tomato for one fifty";

/// Where everything is.
pub struct Scene {
    /// The server's address.
    pub server: String,
    /// The emulated gateway's address.
    pub gateway: String,
    /// Where files of the play go.
    pub out_dir: PathBuf,
    /// Where the books are.
    pub books: Options,
}

/// The two phones in one visit.
struct Pair<'a> {
    scene: &'a Scene,
    vendor: Phone,
    buyer: Phone,
    vendor_hears: Socket,
    buyer_hears: Socket,
    visit: String,
    product: String,
    files: u32,
}

/// Plays the deal.
pub async fn play(scene: &Scene) -> anyhow::Result<()> {
    fs::create_dir_all(&scene.out_dir)
        .with_context(|| format!("{} cannot be made", scene.out_dir.display()))?;
    println!("— A deal across two languages —");
    let mut pair = Pair::meet(scene).await?;
    pair.offer().await?;
    pair.counter().await?;
    let order = pair.agree().await?;
    pair.pay(&order).await?;
    pair.documents(&order).await?;
    let entry = pair.wallet().await?;
    pair.stock().await?;
    books(scene, &entry).await
}

fn say(who: &str, what: &str) {
    println!("  {who:<8} {what}");
}

fn rupees(money: &Value) -> String {
    let minor = money["minor"].as_i64().unwrap_or_default();
    parley::money(types::Money::inr(minor), types::Language::English, parley::Style::Screen)
}

impl<'a> Pair<'a> {
    /// The buyer scans the stall's code.
    async fn meet(scene: &'a Scene) -> anyhow::Result<Self> {
        let server = &scene.server;
        let mut vendor = seed::vendor(server).await?;
        let token = text(&vendor.get("/stall/qr").await?, "/token")?;
        let mut vendor_hears = Socket::open(&mut vendor, None).await?;
        let mut buyer = Phone::new(server);
        let preview = buyer.post("/stall-previews", json!({ "token": token })).await?;
        say("buyer", &format!("scans the code of “{}”, taps English", text(&preview, "/stall_name")?));
        let visit = buyer.post("/visits", json!({ "token": token, "language": "en" })).await?;
        let visit_id = text(&visit, "/id")?;
        let buyer_hears = Socket::open(&mut buyer, Some(&visit_id)).await?;
        let here = |card: &Value| card["id"] == visit_id.as_str();
        let card = vendor_hears.wait_for("buyer_arrived", here).await?;
        say("vendor", &format!("is told: buyer {} has come, and reads English", card["buyer_number"]));
        let tomato =
            visit["products"].as_array().and_then(|all| all.iter().find(|p| p["names"]["en"] == "Tomato"));
        let product = text(tomato.context("the stall sells no tomatoes")?, "/id")?;
        Ok(Self { scene, vendor, buyer, vendor_hears, buyer_hears, visit: visit_id, product, files: 0 })
    }

    fn path(&self, rest: &str) -> String {
        format!("/visits/{}{rest}", self.visit)
    }

    /// The buyer speaks an offer; the vendor reads it in Tamil, marked as being confirmed, until the buyer says yes to it.
    async fn offer(&mut self) -> anyhow::Result<()> {
        let here = self.buyer.get(&self.path("")).await?;
        let ears = here.pointer("/voice/recognition/how").and_then(Value::as_str).unwrap_or("off").to_owned();
        let question = if ears == "local" { self.speak().await? } else { self.write().await? };
        let inert = self.vendor_hears.wait_for("offer", |o| o["state"] == "being_confirmed").await?;
        self.show_last_message().await?;
        let (price, total) = (rupees(&inert["price"]["amount"]), rupees(&inert["total"]));
        let amount = format!("{} {}", text(&inert, "/quantity")?, text(&inert, "/quantity_unit")?);
        say(
            "vendor",
            &format!(
                "sees the chip [{amount} · {price} · {total} in all], being confirmed: it cannot be accepted yet"
            ),
        );
        say("app", &format!("asks the buyer: {}", text(&question, "/text")?));
        let question_id = text(&question, "/id")?;
        self.keep_speech(&format!("/read-backs/{question_id}/speech"), "read-back", false).await?;
        say("buyer", "taps ✓");
        self.confirm(&question_id, false).await?;
        let stands = |o: &Value| o["id"] == inert["id"] && o["state"] == "offered";
        self.vendor_hears.wait_for("offer", stands).await?;
        say("vendor", "can answer it now");
        Ok(())
    }

    async fn speak(&mut self) -> anyhow::Result<Value> {
        let path = self.path(&format!("/recordings?client_id={}&product_id={}", id(), self.product));
        say(
            "buyer",
            "holds the button and speaks (a synthetic voice, heard by the recogniser on this machine)",
        );
        self.buyer.post_sound(&path, SPOKEN_OFFER).await?;
        self.buyer_hears.wait_for("read_back", |q| q["open"] == true).await
    }

    async fn write(&mut self) -> anyhow::Result<Value> {
        say("buyer", "writes, because no recogniser is installed");
        let message =
            json!({ "client_id": id(), "text": TYPED_OFFER, "product_id": self.product, "via": "typed" });
        self.buyer.post(&self.path("/messages"), message).await?;
        self.buyer_hears.wait_for("read_back", |q| q["open"] == true).await
    }

    /// The vendor counters on the keypad: typed numbers stand at once.
    async fn counter(&mut self) -> anyhow::Result<()> {
        let price = json!({ "amount": { "minor": 17_500, "currency": "INR" }, "per": "5", "unit": "kg" });
        let offer = json!({
            "client_id": id(), "product_id": self.product, "price": price, "quantity": "5", "quantity_unit": "kg",
        });
        let made = self.vendor.post(&self.path("/offers"), offer).await?;
        say("vendor", &format!("counters on the keypad: 5 kg for {}", rupees(&made["total"])));
        self.buyer_hears.wait_for("offer", |o| o["id"] == made["id"] && o["state"] == "offered").await?;
        self.show_last_message().await
    }

    /// The buyer accepts after the deal was read back; the order opens.
    async fn agree(&mut self) -> anyhow::Result<Value> {
        let visit = self.buyer.get(&self.path("")).await?;
        let standing = text(&visit, "/standing/id")?;
        let wanted = json!({ "client_id": id(), "offer_id": standing });
        let question = self.buyer.post(&self.path("/acceptances"), wanted).await?;
        say("app", &format!("reads the deal back: {}", text(&question, "/text")?));
        let question_id = text(&question, "/id")?;
        self.keep_speech(&format!("/read-backs/{question_id}/speech"), "deal", false).await?;
        say("buyer", "taps ✓");
        let settled = self.confirm(&question_id, false).await?;
        let order = settled["order"].clone();
        let number = text(&order, "/number")?;
        say("both", &format!("order {number} is open: {}; 5 kg are held", rupees(&order["total"])));
        Ok(order)
    }

    async fn confirm(&mut self, question: &str, by_vendor: bool) -> anyhow::Result<Value> {
        let path = self.path(&format!("/read-backs/{question}/confirm"));
        let phone = if by_vendor { &mut self.vendor } else { &mut self.buyer };
        phone.post(&path, json!({ "client_id": id() })).await
    }

    /// The buyer pays the gateway's UPI code; the webhook brings the news.
    async fn pay(&mut self, order: &Value) -> anyhow::Result<()> {
        let order_id = text(order, "/id")?;
        let mine = |p: &Value| p["order_id"] == order_id.as_str();
        let waiting = self.buyer_hears.wait_for("payment", |p| mine(p) && p["state"] == "waiting").await?;
        let ways = waiting["ways"].as_array().cloned().unwrap_or_default();
        let link = ways.iter().find_map(|w| w["uri"].as_str()).unwrap_or("no link");
        say("buyer", &format!("is shown a UPI code: {link}"));
        gateway_pays(&self.scene.gateway, order["total"]["minor"].as_i64()).await?;
        say("buyer", "pays at the emulated bank; the gateway's signed webhook arrives");
        let paid = self.buyer_hears.wait_for("payment", |p| mine(p) && p["state"] == "paid").await?;
        self.vendor_hears.wait_for("payment", |p| mine(p) && p["state"] == "paid").await?;
        let settled = |o: &Value| o["id"] == order_id.as_str() && o["state"] == "paid";
        self.vendor_hears.wait_for("order", settled).await?;
        let news = |m: &Value| m["by"] == "app" && m["text"].as_str().is_some_and(|t| t.contains("paid"));
        self.buyer_hears.wait_for("message", news).await?;
        self.show_last_message().await?;
        say(
            "both",
            &format!("paid: {} by {}", rupees(&paid["amount"]), paid["method"].as_str().unwrap_or("UPI")),
        );
        Ok(())
    }

    /// The document, as the buyer gets it.
    async fn documents(&mut self, order: &Value) -> anyhow::Result<()> {
        let order_id = text(order, "/id")?;
        self.buyer_hears.wait_for("document", |d| d["order_id"] == order_id.as_str()).await?;
        let document = self.buyer.get(&format!("/orders/{order_id}/document")).await?;
        let pdf = self.buyer.file(&format!("/orders/{order_id}/document.pdf")).await?;
        let file = self.write_file("document.pdf", &pdf.context("the order has no document")?)?;
        let kind = text(&document, "/kind")?.replace('_', " ");
        say("buyer", &format!("has the {kind} {}: {}", text(&document, "/number")?, file.display()));
        Ok(())
    }

    /// What the sale brought the vendor; gives the newest transfer.
    async fn wallet(&mut self) -> anyhow::Result<String> {
        let wallet = self.vendor.get("/wallet?limit=1").await?;
        let entry = &wallet["entries"]["items"][0];
        let [gross, fee, net] = ["gross", "commission", "net"].map(|part| rupees(&entry[part]));
        say(
            "vendor",
            &format!(
                "sees {gross} − {fee} commission = {net}, and is owed {} in all",
                rupees(&wallet["owed"])
            ),
        );
        text(entry, "/id")
    }

    async fn stock(&mut self) -> anyhow::Result<()> {
        let product = self.vendor.get(&format!("/products/{}", self.product)).await?;
        let stock = &product["stock"];
        say("vendor", &format!("has {} {} left", text(stock, "/on_hand")?, text(stock, "/unit")?));
        Ok(())
    }

    /// The newest message as both sides read it, and how it sounds to the other.
    async fn show_last_message(&mut self) -> anyhow::Result<()> {
        let path = self.path("/messages?limit=1");
        let for_buyer = self.buyer.get(&path).await?["items"][0].clone();
        let for_vendor = self.vendor.get(&path).await?["items"][0].clone();
        for (reader, message) in [("buyer", &for_buyer), ("vendor", &for_vendor)] {
            let made_by = text(message, "/made_by")?;
            say(
                "",
                &format!(
                    "{reader} reads ({}, {made_by}): {}",
                    text(message, "/language")?,
                    text(message, "/text")?
                ),
            );
        }
        let message = text(&for_vendor, "/id")?;
        let to_vendor = for_vendor["by"] != "vendor";
        self.keep_speech(&format!("/messages/{message}/speech"), "line", to_vendor).await
    }

    async fn keep_speech(&mut self, rest: &str, name: &str, to_vendor: bool) -> anyhow::Result<()> {
        let path = self.path(rest);
        let listener = if to_vendor { &mut self.vendor } else { &mut self.buyer };
        let Some(sound) = listener.file(&path).await? else {
            say("", "(no voice is installed for it)");
            return Ok(());
        };
        self.files += 1;
        let file = self.write_file(&format!("{:02}-{name}.ogg", self.files), &sound)?;
        say("", &format!("spoken: {}", file.display()));
        Ok(())
    }

    fn write_file(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let file: &Path = &self.scene.out_dir;
        let file = file.join(name);
        fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(file)
    }
}

/// A payer pays the newest code of that amount at the emulated bank.
async fn gateway_pays(gateway: &str, paise: Option<i64>) -> anyhow::Result<()> {
    let merchant = emulator::razorpay::NewMerchant::demo();
    let http = platform::http::client(std::time::Duration::from_secs(10));
    let listed: Value = http
        .get(format!("{gateway}/v1/payments/qr_codes?count=100"))
        .basic_auth(&merchant.key_id, Some(&merchant.key_secret))
        .send()
        .await?
        .json()
        .await?;
    let codes = listed["items"].as_array().cloned().unwrap_or_default();
    let fits = |code: &&Value| code["status"] == "active" && code["payment_amount"].as_i64() == paise;
    let newest = codes.iter().filter(fits).max_by_key(|code| code["created_at"].as_i64());
    let qr = text(newest.context("the gateway shows no code of that amount")?, "/id")?;
    let paid = http.post(format!("{gateway}/_control/pay")).json(&json!({ "qr_id": qr })).send().await?;
    anyhow::ensure!(paid.status().is_success(), "the emulated bank refused: {}", paid.text().await?);
    Ok(())
}

/// What the posting of this transfer did to the books, and that they are sound.
async fn books(scene: &Scene, transfer: &str) -> anyhow::Result<()> {
    let entropy = Entropy::system();
    let postgres = Postgres::join_or_start(&scene.books, &entropy).await?;
    let db = Db::connect(postgres.connect_options().clone(), 2).await?;
    let ledger = ledger::Ledger::new(Clock::system(), entropy);
    let mut connection = db.acquire().await?;
    println!("  The books:");
    for posting in ledger.explain(&mut connection, transfer.parse()?).await? {
        for line in posting.to_string().lines() {
            println!("    {line}");
        }
    }
    let report = ledger.check(&mut connection).await?;
    println!(
        "    {} transfers in all; debits − credits = {}",
        report.transfers,
        report.debits_minor - report.credits_minor
    );
    anyhow::ensure!(report.is_sound(), "the books are not sound");
    drop(connection);
    db.close().await;
    postgres.stop().await;
    Ok(())
}
