//! The demo's stall, made through the same calls as a user's.

use identity::{Handle, OperatorRole};
use platform::{Clock, Entropy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::phone::{Phone, text};
use crate::wiring::App;

/// Guards nothing but a demo.
const PASSWORD: &str = "tomato-onion-brinjal";
const VENDOR: &str = "9000000001";
const OPERATOR: &str = "9000000002";

/// What was seeded.
pub struct Stall {
    /// The vendor's phone number.
    pub phone: &'static str,
    /// The password of both accounts.
    pub password: &'static str,
    /// The operator's phone number.
    pub operator_phone: &'static str,
    /// What the stall's code says.
    pub qr_url: String,
}

/// Makes what is not there yet.
pub async fn seed(server: &str, app: &App) -> anyhow::Result<Stall> {
    let mut vendor = vendor(server).await?;
    if vendor.get("/stall").await.is_err() {
        vendor
            .put("/stall", json!({ "name": "காய்கறி கடை", "language": "ta", "about": "பேருந்து நிலையம் அருகில்" }))
            .await?;
        vendor.put("/payment-profile", json!({ "upi_id": "stall@emulator", "cash": true })).await?;
    }
    if items(&vendor.get("/products").await?).is_empty() {
        for goods in [
            ("Tomato", "tomato", 40_00, "kg", "120"),
            ("Onion", "onion", 35_00, "kg", "80"),
            ("Banana", "banana", 60_00, "dozen", "40"),
        ] {
            vendor.post("/products", product(goods)).await?;
        }
    }
    let qr = vendor.get("/stall/qr").await?;
    operator(server, app).await?;
    Ok(Stall { phone: VENDOR, password: PASSWORD, operator_phone: OPERATOR, qr_url: text(&qr, "/url")? })
}

/// The seeded vendor's phone, signed in.
pub async fn vendor(server: &str) -> anyhow::Result<Phone> {
    account(server, VENDOR, "Demo stall", "ta").await
}

async fn operator(server: &str, app: &App) -> anyhow::Result<()> {
    account(server, OPERATOR, "Demo operator", "en").await?;
    let handle: Handle = OPERATOR.parse().map_err(|error| anyhow::anyhow!("{error}"))?;
    app.identity.set_operator(&mut *app.db.acquire().await?, &handle, Some(OperatorRole::Admin)).await?;
    Ok(())
}

async fn account(server: &str, phone: &str, name: &str, language: &str) -> anyhow::Result<Phone> {
    let mut device = Phone::new(server);
    if device.post("/sessions", json!({ "phone": phone, "password": PASSWORD })).await.is_err() {
        let account = json!({ "phone": phone, "name": name, "password": PASSWORD, "language": language });
        device.post("/accounts", account).await?;
    }
    Ok(device)
}

fn product((name, lemma, paise, unit, stock): (&str, &str, i64, &str, &str)) -> Value {
    json!({
        "client_id": id(), "name": name, "language": "en", "lemma": lemma, "stock": stock,
        "price": { "amount": { "minor": paise, "currency": "INR" }, "per": "1", "unit": unit },
    })
}

/// An id as a client makes it.
pub fn id() -> Uuid {
    Entropy::system().id(Clock::system().now())
}

/// The items of a page.
pub fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().cloned().unwrap_or_default()
}
