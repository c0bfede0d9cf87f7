//! Who hears.

use types::{GuestId, TenantId};
use uuid::Uuid;

/// Whose log an event goes to: a stall's vendor, or one guest of the stall. All devices of a subscriber hear the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subscriber {
    tenant: TenantId,
    guest: Option<GuestId>,
}

impl Subscriber {
    /// The vendor of the stall.
    pub const fn vendor(tenant: TenantId) -> Self {
        Self { tenant, guest: None }
    }

    /// A buyer at the stall.
    pub const fn guest(tenant: TenantId, guest: GuestId) -> Self {
        Self { tenant, guest: Some(guest) }
    }

    /// Whose stall it is.
    pub const fn tenant(self) -> TenantId {
        self.tenant
    }

    /// The guest; none where the subscriber is the vendor.
    pub const fn guest_id(self) -> Option<GuestId> {
        self.guest
    }

    /// What the database calls it within the tenant: the guest's id, or the tenant's own for the vendor.
    pub(crate) fn key(self) -> Uuid {
        self.guest.map_or(self.tenant.uuid(), GuestId::uuid)
    }

    /// Reads what [`Subscriber::key`] wrote.
    pub(crate) fn from_key(tenant: TenantId, key: Uuid) -> Self {
        let guest = (key != tenant.uuid()).then(|| GuestId::from_uuid(key));
        Self { tenant, guest }
    }
}
