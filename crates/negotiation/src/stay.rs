//! While one is at a stall: looking around, changing the language, walking away.

use parley::Side;
use platform::db::repeat;
use platform::jobs::Draft;
use platform::page::{Page, PageQuery};
use types::Language;

use crate::Negotiation;
use crate::db::messages::{self, Translation};
use crate::db::{offers, recordings, visits};
use crate::error::Error;
use crate::jobs::translate_message::TranslateMessage;
use crate::message::Audience;
use crate::news::visit_view;
use crate::offer::OfferState;
use crate::room::{OFFERS_MAX, Party, Room, products_of};
use crate::view::{MessageView, Scenery, View, VisitView};
use crate::visit::VisitState;

/// So much of what was said before is translated when a side changes its language.
const CAUGHT_UP_MAX: i64 = 20;

impl Negotiation {
    /// A visit as a side sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) async fn show_visit(&self, party: Party) -> Result<VisitView, Error> {
        let now = self.clock.now();
        let mut connection = self.db.acquire().await?;
        let visit =
            visits::find(&mut connection, party.tenant, party.visit, now).await?.ok_or(Error::NotFound)?;
        let offers = offers::of_visit(&mut connection, party.tenant, party.visit, OFFERS_MAX).await?;
        let products = products_of(self, &mut connection, party.tenant, &offers).await?;
        let scenery = Scenery { visit: &visit, products: &products, offers: &offers, now };
        visit_view(self, &mut connection, &scenery, party).await
    }

    /// What was said in a visit and a side may read, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) async fn list_messages(
        &self,
        party: Party,
        query: PageQuery,
    ) -> Result<Page<MessageView>, Error> {
        let Party { tenant, visit, side, .. } = party;
        let now = self.clock.now();
        let mut connection = self.db.acquire().await?;
        let visit = visits::find(&mut connection, tenant, visit, now).await?.ok_or(Error::NotFound)?;
        let said = messages::page(&mut connection, tenant, visit.id, Audience::only(side), query).await?;
        let said = query.page(said, |message| message.id.uuid());
        let ids: Vec<_> = said.items.iter().map(|m| m.id).collect();
        let spoken: Vec<_> = said.items.iter().filter_map(|m| m.recording).collect();
        let translations = messages::translations(&mut connection, tenant, &ids).await?;
        let recordings = recordings::find_all(&mut connection, tenant, &spoken).await?;
        let view = View::new(Scenery { visit: &visit, products: &[], offers: &[], now }, side);
        let items = said.items.iter().map(|message| {
            let recording = recordings.iter().find(|r| Some(r.id) == message.recording);
            view.message(message, &translations, recording)
        });
        Ok(Page { items: items.collect(), next: said.next })
    }

    /// Has one side read and hear another language from now on, what was said before included.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) async fn change_language(&self, party: Party, language: Language) -> Result<VisitView, Error> {
        self.limits.words(party)?;
        repeat(|| self.change_language_once(party, language)).await
    }

    async fn change_language_once(&self, party: Party, language: Language) -> Result<VisitView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        if room.visit.language_of(party.side) != language {
            room.speak(language).await?;
            room.close().await?;
        }
        let view = room.whole().await?;
        transaction.commit().await?;
        Ok(view)
    }

    /// Walks away: one's offers are off the table. Saying anything brings the visit back.
    ///
    /// # Errors
    /// [`Error::WrongSide`] for the vendor, who stays.
    pub(crate) async fn leave(&self, party: Party) -> Result<VisitView, Error> {
        if party.side == Side::Vendor {
            return Err(Error::WrongSide);
        }
        repeat(|| self.leave_once(party)).await
    }

    async fn leave_once(&self, party: Party) -> Result<VisitView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let was = room.visit.state;
        room.walk_away().await?;
        if was != VisitState::Left || !room.changes.offers.is_empty() || !room.changes.read_backs.is_empty() {
            room.close().await?;
        }
        let view = room.whole().await?;
        transaction.commit().await?;
        Ok(view)
    }
}

impl Room<'_> {
    /// The acting side walks away, and takes what it offered and what it was asked along.
    pub async fn walk_away(&mut self) -> Result<(), Error> {
        self.clear_question(None).await?;
        let side = self.party.side;
        for offer in self.standing().into_iter().filter(|o| o.by == side) {
            self.set_offer_state(offer.id, OfferState::Withdrawn).await?;
        }
        self.visit.state = VisitState::Left;
        self.changes.visit = true;
        Ok(())
    }

    /// Has the acting side read another language, and the newest talk translated into it where somebody can.
    pub async fn speak(&mut self, language: Language) -> Result<(), Error> {
        match self.party.side {
            Side::Buyer => self.visit.buyer_language = language,
            Side::Vendor => self.visit.vendor_language = language,
        }
        self.changes.visit = true;
        let Party { tenant, visit, by, .. } = self.party;
        let talk = messages::untranslated(self.connection, tenant, visit, language, CAUGHT_UP_MAX).await?;
        let mut drafts = Vec::new();
        for (message, from) in talk {
            if self.negotiation.voice.can_translate(from, language) {
                let pending = Translation::pending(message, language);
                messages::keep_translation(self.connection, tenant, &pending, self.now).await?;
                let job = TranslateMessage { tenant, visit, message, to: language, by };
                drafts.push(Draft::new(tenant, &job));
            }
        }
        self.negotiation.jobs.enqueue_drafts(self.connection, drafts).await?;
        Ok(())
    }
}
