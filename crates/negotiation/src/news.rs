//! Tells both sides what changed, each in its own language and only what it may see.

use parley::Side;
use platform::switches::Switch;
use serde::Serialize;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::MessageId;
use voice::Capability;

use crate::Negotiation;
use crate::db::messages::Translation;
use crate::db::recordings::Recording;
use crate::db::{messages, read_backs, recordings};
use crate::error::Error;
use crate::message::{Audience, Message, MessageState};
use crate::room::{Changes, Party};
use crate::view::{CardRest, Rest, Scenery, View, VisitCard, VisitView};
use crate::visit::Visit;

/// The log that a side of a visit reads.
pub fn subscriber(visit: &Visit, side: Side) -> Subscriber {
    match side {
        Side::Buyer => Subscriber::guest(visit.tenant, visit.guest),
        Side::Vendor => Subscriber::vendor(visit.tenant),
    }
}

/// What changed, with what it takes to say it.
struct News<'a> {
    scenery: &'a Scenery<'a>,
    changes: &'a Changes,
    translations: Vec<Translation>,
    recordings: Vec<Recording>,
}

/// Publishes what changed when the caller's transaction commits. The two logs are locked in one order.
pub async fn publish(
    negotiation: &Negotiation,
    connection: &mut PgConnection,
    scenery: &Scenery<'_>,
    changes: &Changes,
) -> Result<(), Error> {
    let tenant = scenery.visit.tenant;
    let ids: Vec<MessageId> = changes.messages.iter().map(|m| m.id).collect();
    let spoken: Vec<_> = changes.messages.iter().filter_map(|m| m.recording).collect();
    let translations = messages::translations(&mut *connection, tenant, &ids).await?;
    let recordings = recordings::find_all(&mut *connection, tenant, &spoken).await?;
    let news = News { scenery, changes, translations, recordings };
    let mut buyers = news.of(Side::Buyer)?;
    let mut vendors = news.of(Side::Vendor)?;
    if changes.visit {
        let visit =
            visit_view(negotiation, connection, scenery, Party::side(tenant, scenery.visit.id, Side::Buyer))
                .await?;
        buyers.push(event("visit", scenery.visit, &visit)?);
    }
    if changes.visit || changes.arrived || !vendors.is_empty() {
        let kind = if changes.arrived { "buyer_arrived" } else { "visit" };
        let card = news.card(negotiation, connection).await?;
        vendors.push(event(kind, scenery.visit, &card)?);
    }
    let told =
        |side, events: Vec<Event>| events.into_iter().map(move |e| (subscriber(scenery.visit, side), e));
    let events = told(Side::Buyer, buyers).chain(told(Side::Vendor, vendors)).collect();
    negotiation.sync.publish_all(connection, events).await?;
    Ok(())
}

impl News<'_> {
    /// What one side is told, in the order it matters: words, offers, questions.
    fn of(&self, side: Side) -> Result<Vec<Event>, Error> {
        let Self { scenery, changes, .. } = self;
        let view = View::new(**scenery, side);
        let visit = scenery.visit;
        let mut news = Vec::new();
        for message in changes.messages.iter().filter(|m| m.audience.includes(side)) {
            let recording = self.recordings.iter().find(|r| Some(r.id) == message.recording);
            news.push(event("message", visit, &view.message(message, &self.translations, recording))?);
        }
        for placed in scenery.offers.iter().filter(|p| changes.offers.contains(&p.offer.id)) {
            news.push(event("offer", visit, &view.offer(placed))?);
        }
        for (at, question) in changes.read_backs.iter().enumerate().filter(|(_, q)| q.side == side) {
            // Asked and answered in one breath: only how it ended is news.
            if !changes.read_backs[at + 1..].iter().any(|later| later.id == question.id) {
                news.push(event("read_back", visit, &view.read_back(question))?);
            }
        }
        Ok(news)
    }

    /// The visit in the vendor's list.
    async fn card(
        &self,
        negotiation: &Negotiation,
        connection: &mut PgConnection,
    ) -> Result<VisitCard, Error> {
        let visit = self.scenery.visit;
        let view = View::new(*self.scenery, Side::Vendor);
        let readable = |m: &&Message| m.audience.includes(Side::Vendor) && m.state == MessageState::Heard;
        let said = self.changes.messages.iter().filter(readable).max_by_key(|m| m.seq);
        let last_message = match said {
            Some(message) => Some(view.last_message(message, &self.translations)),
            None => self.words_before(&view, connection).await?,
        };
        let unseen = messages::unseen(&mut *connection, visit.tenant, &[visit.id], Side::Vendor).await?;
        let order = negotiation.orders.card_of_visit(connection, visit.tenant, visit.id).await?;
        let unseen = unseen.first().map_or(0, |(_, count)| *count);
        let card = view.card(CardRest { stall_name: None, last_message, unseen, order });
        Ok(VisitCard { rang_crew_id: self.changes.rang, ..card })
    }

    async fn words_before(
        &self,
        view: &View<'_>,
        connection: &mut PgConnection,
    ) -> Result<Option<crate::view::LastMessage>, Error> {
        let visit = self.scenery.visit;
        let newest =
            messages::newest_of_visits(&mut *connection, visit.tenant, &[visit.id], Audience::Vendor).await?;
        let Some(message) = newest.first() else { return Ok(None) };
        let translations = messages::translations(connection, visit.tenant, &[message.id]).await?;
        Ok(Some(view.last_message(message, &translations)))
    }
}

/// Why nobody can speak.
const SPEAKING_IS_OFF: &str = "Speaking is switched off here.";

/// A visit as whoever acts sees it.
pub async fn visit_view(
    negotiation: &Negotiation,
    connection: &mut PgConnection,
    scenery: &Scenery<'_>,
    Party { side, by, .. }: Party,
) -> Result<VisitView, Error> {
    let visit = scenery.visit;
    let stall = negotiation.catalog.stall(&mut *connection, visit.tenant).await?;
    let open = read_backs::open_of(&mut *connection, visit.tenant, visit.id, side).await?;
    let order = negotiation.orders.card_of_visit(&mut *connection, visit.tenant, visit.id).await?;
    let reach = negotiation.reach_of_speaker(connection, visit, side, by).await?;
    let rest = Rest {
        stall_name: stall.map(|s| s.name).unwrap_or_default(),
        read_back: open.filter(|q| q.is_open_at(scenery.now)),
        order,
    };
    let mut can = negotiation.voice.capability(visit.language_of(side), reach);
    if negotiation.switches.as_ref().is_some_and(|it| it.is_off(Switch::Recordings, Some(visit.tenant))) {
        can.recognition =
            Capability { how: "off".to_owned(), why: Some(SPEAKING_IS_OFF.to_owned()), fix: None };
    }
    Ok(View::new(*scenery, side).visit(rest, can))
}

/// An event of a visit.
pub fn event(kind: &'static str, visit: &Visit, data: &impl Serialize) -> Result<Event, Error> {
    Ok(Event { kind, visit_id: Some(visit.id), data: serde_json::to_value(data)? })
}
