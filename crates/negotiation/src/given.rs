//! Which team of the business looks after a buyer.

use identity::VendorCaller;
use parley::{Prompt, Side, Style, prompt};
use platform::db::repeat;
use sqlx::PgConnection;
use sync::Notice as PushNotice;
use types::{CrewId, VisitId};

use crate::Negotiation;
use crate::db::visits;
use crate::error::Error;
use crate::room::{Party, Room};
use crate::visit::Visit;

impl Negotiation {
    /// Gives a buyer to a team, whose phones but the giver's are told, or to everybody again.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a visit or a team that is not there.
    pub(crate) async fn give_visit(
        &self,
        vendor: &VendorCaller,
        visit: VisitId,
        crew: Option<CrewId>,
    ) -> Result<(), Error> {
        repeat(|| self.give_visit_once(vendor, visit, crew)).await
    }

    async fn give_visit_once(
        &self,
        vendor: &VendorCaller,
        visit: VisitId,
        crew: Option<CrewId>,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let party = Party { by: Some(vendor.person), ..Party::side(vendor.tenant, visit, Side::Vendor) };
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let told = match crew {
            Some(crew) => {
                let members = self.identity.crew_members(room.connection, vendor.tenant, crew).await?;
                members.ok_or(Error::NotFound)?
            }
            None => Vec::new(),
        };
        if room.visit.crew == crew {
            return Ok(());
        }
        if crew.is_some() {
            let stall = self.catalog.stall(room.connection, vendor.tenant).await?;
            let name = stall.map(|stall| stall.name).unwrap_or_default();
            let others: Vec<_> = told.iter().copied().filter(|person| *person != vendor.person).collect();
            let notice = push_notice(&room.visit, &Prompt::BuyerGiven, name.clone());
            let rang = self.sync.notify_people(room.connection, &notice, &others).await?;
            // Whoever gives a buyer to a team that they are in looks after the buyer themselves.
            if !rang && !told.contains(&vendor.person) {
                let everybody = push_notice(&room.visit, &Prompt::NewBuyer, name);
                self.sync.notify(room.connection, everybody).await?;
            }
        }
        visits::give(room.connection, &room.visit, crew).await?;
        room.visit.crew = crew;
        room.changes.visit = true;
        room.close().await?;
        Ok(transaction.commit().await?)
    }

    /// Wakes the phones of whoever looks after a buyer who has come: the team's, or everybody's where it has none. Gives the team
    /// whose phones alone are woken.
    pub(crate) async fn wake(
        &self,
        connection: &mut PgConnection,
        visit: &Visit,
        stall_name: String,
    ) -> Result<Option<CrewId>, Error> {
        let notice = push_notice(visit, &Prompt::NewBuyer, stall_name);
        let told = match visit.crew {
            Some(crew) => self.identity.crew_members(connection, visit.tenant, crew).await?,
            None => None,
        };
        if self.sync.notify_people(connection, &notice, &told.unwrap_or_default()).await? {
            return Ok(visit.crew);
        }
        self.sync.notify(connection, notice).await?;
        Ok(None)
    }
}

/// What wakes a vendor's phone.
fn push_notice(visit: &Visit, news: &Prompt<'_>, stall_name: String) -> PushNotice {
    let said = prompt(news, visit.vendor_language, Style::Screen);
    PushNotice {
        tenant: visit.tenant,
        title: stall_name,
        body: format!("{said} ({})", visit.buyer_name()),
        url: format!("/v/visits/{}", visit.id),
        tag: format!("visit-{}", visit.id),
    }
}
