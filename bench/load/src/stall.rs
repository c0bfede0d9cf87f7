//! Stalls and the buyers at them, made through the same calls as a user's.

use app::phone::{Phone, Socket, text};
use platform::{Clock, Entropy};
use serde_json::{Value, json};
use uuid::Uuid;

const PASSWORD: &str = "okra-ginger-coriander";

/// A stall that sells tomatoes, whose vendor reads Tamil.
pub struct Stall {
    /// The vendor's phone.
    pub vendor: Phone,
    /// What its code says.
    pub token: String,
    /// The tomatoes.
    pub product: String,
}

/// A visit, with a socket on each side.
pub struct Visit {
    /// Its id.
    pub id: String,
    /// The tomatoes.
    pub product: String,
    /// The buyer's phone.
    pub buyer: Phone,
    /// The vendor's phone.
    pub vendor: Phone,
    /// What the buyer hears.
    pub buyer_hears: Socket,
    /// What the vendor hears.
    pub vendor_hears: Socket,
}

/// An id as a client makes it.
pub fn id() -> Uuid {
    Entropy::system().id(Clock::system().now())
}

/// Opens the `number`th stall.
pub async fn open(server: &str, number: usize) -> anyhow::Result<Stall> {
    let mut vendor = Phone::new(server).at(format!("203.0.113.{}", number % 250 + 1));
    let account =
        json!({ "phone": format!("98{number:08}"), "name": "Bench", "password": PASSWORD, "language": "ta" });
    vendor.post("/accounts", account).await?;
    vendor.put("/stall", json!({ "name": format!("Stall {number}"), "language": "ta" })).await?;
    let price = json!({ "amount": { "minor": 4000, "currency": "INR" }, "per": "1", "unit": "kg" });
    let product = json!({
        "client_id": id(), "name": "Tomato", "language": "en", "lemma": "tomato", "stock": "100000", "price": price,
    });
    let product = text(&vendor.post("/products", product).await?, "/id")?;
    let token = text(&vendor.get("/stall/qr").await?, "/token")?;
    Ok(Stall { vendor, token, product })
}

impl Stall {
    /// The `number`th buyer comes, from an address of its own.
    pub async fn visit(&self, number: usize) -> anyhow::Result<Visit> {
        let address = format!("198.51.{}.{}", 100 + number / 250, number % 250 + 1);
        let mut buyer = Phone::new(self.vendor.server()).at(address);
        let visit: Value = buyer.post("/visits", json!({ "token": self.token, "language": "en" })).await?;
        let id = text(&visit, "/id")?;
        let mut vendor = self.vendor.clone();
        let buyer_hears = Socket::open(&mut buyer, Some(&id)).await?;
        let vendor_hears = Socket::open(&mut vendor, None).await?;
        Ok(Visit { id, product: self.product.clone(), buyer, vendor, buyer_hears, vendor_hears })
    }
}
