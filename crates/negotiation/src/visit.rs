//! A buyer at a stall.

use chrono::{DateTime, TimeDelta, Utc};
use parley::{Amount, Side};
use serde::{Deserialize, Serialize};
use types::{CrewId, GuestId, Language, ProductId, TenantId, VisitId};
use utoipa::ToSchema;

/// How long a scanned code lets its buyer bargain; scanning again begins anew.
pub const BARGAIN_FOR: TimeDelta = TimeDelta::hours(24);

/// Whether the buyer is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum VisitState {
    /// Bargaining.
    Open,
    /// The buyer walked away; saying anything brings the visit back.
    Left,
    /// The scanned code's time is over: the visit can be read, and rejoined with a fresh scan. Never stored.
    Closed,
}

/// How far the talk has come to one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// The newest message that the side's phone has got.
    pub delivered_seq: i32,
    /// The newest message that the side has seen.
    pub seen_seq: i32,
}

/// One buyer's visit to one stall.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Whose stall.
    pub tenant: TenantId,
    /// The visit.
    pub id: VisitId,
    /// The buyer.
    pub guest: GuestId,
    /// How the vendor tells buyers apart: "Buyer 7".
    pub buyer_number: i32,
    /// What the buyer reads and hears.
    pub buyer_language: Language,
    /// What the vendor reads and hears.
    pub vendor_language: Language,
    /// Whether the buyer is still there, as stored; see [`Visit::state_at`].
    pub state: VisitState,
    /// The product the talk is about.
    pub focus: Option<ProductId>,
    /// How much of it the buyer wants.
    pub wanted: Option<Amount>,
    /// The team of the business that looks after the buyer; none: everybody.
    pub crew: Option<CrewId>,
    /// How many numbers messages have been given; the newest has this one.
    pub message_count: i32,
    /// How far the talk has come to the buyer.
    pub buyer_reached: Reached,
    /// How far the talk has come to the vendor.
    pub vendor_reached: Reached,
    /// Until when anything can be said.
    pub bargain_until: DateTime<Utc>,
    /// Until when it can be rejoined and read.
    pub expires_at: DateTime<Utc>,
    /// When the code was scanned first.
    pub created_at: DateTime<Utc>,
    /// When anything happened last.
    pub updated_at: DateTime<Utc>,
}

impl Visit {
    /// The language a side reads and hears.
    pub const fn language_of(&self, side: Side) -> Language {
        match side {
            Side::Buyer => self.buyer_language,
            Side::Vendor => self.vendor_language,
        }
    }

    /// How far the talk has come to a side.
    pub const fn reached(&self, side: Side) -> Reached {
        match side {
            Side::Buyer => self.buyer_reached,
            Side::Vendor => self.vendor_reached,
        }
    }

    /// A side that says something has the talk before its eyes.
    pub fn sees_all(&mut self, side: Side) {
        let all = Reached { delivered_seq: self.message_count, seen_seq: self.message_count };
        match side {
            Side::Buyer => self.buyer_reached = all,
            Side::Vendor => self.vendor_reached = all,
        }
    }

    /// How the vendor tells this buyer from others.
    pub fn buyer_name(&self) -> String {
        format!("#{}", self.buyer_number)
    }

    /// Whether anything can still be said.
    pub fn is_open_at(&self, now: DateTime<Utc>) -> bool {
        now < self.bargain_until
    }

    /// Whether the buyer is still there, at `now`.
    pub fn state_at(&self, now: DateTime<Utc>) -> VisitState {
        if self.is_open_at(now) { self.state } else { VisitState::Closed }
    }
}
