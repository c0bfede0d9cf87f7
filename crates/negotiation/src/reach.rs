//! How far what somebody said may go: it is theirs to say.

use identity::{Consenter, Purpose};
use parley::Side;
use sqlx::PgConnection;
use types::PersonId;
use voice::Reach;

use crate::Negotiation;
use crate::message::{Author, Message};
use crate::visit::Visit;

impl Negotiation {
    /// How far the words of a message may go. What the product itself says, and acts, are nobody's own words: they are put together here.
    pub(crate) async fn reach_of(
        &self,
        connection: &mut PgConnection,
        visit: &Visit,
        message: &Message,
    ) -> Result<Reach, sqlx::Error> {
        match message.author {
            Author::App => Ok(Reach::Anywhere),
            Author::Buyer => self.reach_of_speaker(connection, visit, Side::Buyer, None).await,
            Author::Vendor => self.reach_of_speaker(connection, visit, Side::Vendor, message.by).await,
        }
    }

    /// How far goes what a side says, by this member where it is the stall's: nowhere, where nobody knows whom to ask.
    pub(crate) async fn reach_of_speaker(
        &self,
        connection: &mut PgConnection,
        visit: &Visit,
        side: Side,
        by: Option<PersonId>,
    ) -> Result<Reach, sqlx::Error> {
        let speaker = match side {
            Side::Buyer => Consenter::Guest(visit.guest),
            Side::Vendor => match by {
                Some(person) => Consenter::Person(person),
                None => return Ok(Reach::Here),
            },
        };
        let agrees = self.identity.agrees(connection, speaker, Purpose::OutsideProviders).await?;
        Ok(if agrees { Reach::Anywhere } else { Reach::Here })
    }
}
