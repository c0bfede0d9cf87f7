//! Tickets: the right to open one socket within seconds.
//!
//! A browser cannot put a header on a socket, and a cookie alone would let any page of another site open one. So a page asks
//! for a ticket by an ordinary call and shows it in its first frame.

use chrono::{DateTime, TimeDelta, Utc};
use identity::Caller;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use types::{SessionId, VisitId};
use utoipa::ToSchema;

use crate::{Error, Subscriber, Sync, db};

/// How long a ticket is good.
const VALID: TimeDelta = TimeDelta::seconds(30);

/// For which side a socket is wanted.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TicketRequest {
    /// A buyer names the visit; a vendor leaves it out.
    #[schema(nullable = false)]
    pub visit_id: Option<VisitId>,
}

/// The right to open one socket.
#[derive(Debug, Serialize, ToSchema)]
pub struct SocketTicket {
    /// What the first frame shows.
    pub ticket: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Whom a ticket lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    pub subscriber: Subscriber,
    /// The vendor's session: the socket ends with it.
    pub session: Option<SessionId>,
}

impl Sync {
    /// Gives the caller a ticket: a vendor for its stall's news, a buyer for those of one visit.
    ///
    /// # Errors
    /// [`Error::Caller`], [`Error::TooMany`].
    pub(crate) async fn issue_ticket(
        &self,
        caller: &Caller,
        request: &TicketRequest,
    ) -> Result<SocketTicket, Error> {
        let holder = if let Some(visit) = request.visit_id {
            let pass = caller.pass(visit)?;
            Holder { subscriber: Subscriber::guest(pass.tenant, pass.guest), session: None }
        } else {
            let vendor = caller.vendor()?;
            Holder { subscriber: Subscriber::vendor(vendor.tenant), session: Some(vendor.session) }
        };
        self.tickets.check(&holder.subscriber)?;
        let (ticket, expires_at) = (self.entropy.token(), self.clock.now() + VALID);
        db::tickets::issue(&mut *self.db.acquire().await?, &hash(&ticket), holder, expires_at).await?;
        Ok(SocketTicket { ticket, expires_at })
    }

    /// Uses a ticket up.
    pub(crate) async fn redeem_ticket(&self, ticket: &str) -> Result<Option<Holder>, sqlx::Error> {
        // Ours have 43 characters; what has not is not looked up.
        if ticket.len() != 43 {
            return Ok(None);
        }
        db::tickets::redeem(&mut *self.db.acquire().await?, &hash(ticket), self.clock.now()).await
    }
}

/// What the database keeps in a ticket's place. Its 256 random bits need no salt.
fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket.as_bytes()).into()
}
