//! When both sides agree: the offer is accepted, an order opened or joined, stock held and the money asked for, all in one
//! transaction or not at all.

use parley::{Amount, Side, Style};
use serde_json::json;
use types::{Money, OfferId};

use crate::bargain::Settled;
use crate::db::offers::Placed;
use crate::db::{messages, read_backs, recordings};
use crate::error::Error;
use crate::message::{Message, MessageState};
use crate::offer::{self, Move, Offer, OfferState};
use crate::room::{Party, Room};
use crate::understanding::Taken;

/// So many messages of a visit an order keeps as evidence of what was agreed.
const TRANSCRIPT_MAX: i64 = 200;
/// And so many of the questions that were answered with yes.
const CONFIRMED_MAX: i64 = 50;

/// Agrees to what was read back: exactly that amount for exactly that total.
pub async fn agree(
    room: &mut Room<'_>,
    taken: Taken,
    amount: Amount,
    total: Money,
) -> Result<Settled, Error> {
    let offer = match taken {
        Taken::Offer(id) => accept_standing(room, id, amount, total).await?,
        Taken::Tag(product) => accept_tag(room, product, amount, total).await?,
    };
    let agreement = evidence(room, &offer, amount, total).await?;
    let order = room.negotiation.orders.agree(room.connection, &agreement).await?;
    room.announce_agreement(offer.product, amount, total).await?;
    room.changes.visit = true;
    let placed = room.placed(offer.id)?;
    Ok(Settled { offer: Some(room.view().offer(placed)), order: Some(order), read_back: None })
}

async fn accept_standing(
    room: &mut Room<'_>,
    id: OfferId,
    amount: Amount,
    total: Money,
) -> Result<Offer, Error> {
    let offer = room.placed(id)?.offer.clone();
    offer.after(room.party.side, Move::Accept, room.now)?;
    let same_amount = !offer.amount_fixed || offer.amount == amount;
    if !same_amount || offer.total_of(amount)? != total {
        return Err(Error::DealChanged);
    }
    room.accept(id, amount, total).await?;
    Ok(offer)
}

/// Accepting the price on the tag makes the vendor's offer and accepts it in one breath; what was on the table for the product goes.
async fn accept_tag(
    room: &mut Room<'_>,
    product: types::ProductId,
    amount: Amount,
    total: Money,
) -> Result<Offer, Error> {
    let tag = room.product(product)?.price;
    if offer::total(tag, amount)? != total {
        return Err(Error::DealChanged);
    }
    for stood in room.standing().into_iter().filter(|o| o.product == product) {
        let gone = if stood.by == Side::Buyer { OfferState::Withdrawn } else { OfferState::Declined };
        room.set_offer_state(stood.id, gone).await?;
    }
    let id: OfferId = room.negotiation.entropy.id(room.now);
    let offer = Offer {
        id,
        by: Side::Vendor,
        product,
        price: tag,
        amount,
        amount_fixed: true,
        total,
        state: OfferState::Accepted,
        expires_at: room.now,
    };
    let placed = Placed {
        offer: offer.clone(),
        visit: room.visit.id,
        confirmed: true,
        counters: None,
        message: None,
        client_id: id.uuid(),
        created_at: room.now,
    };
    room.place(placed).await?;
    Ok(offer)
}

/// What the order keeps: the deal, and the talk that led to it in the words of both languages, with the hashes of what was spoken and
/// what was read back and confirmed.
async fn evidence(
    room: &mut Room<'_>,
    offer: &Offer,
    amount: Amount,
    total: Money,
) -> Result<orders::Agreement, Error> {
    let Party { tenant, visit, .. } = room.party;
    let said = messages::transcript(room.connection, tenant, visit, TRANSCRIPT_MAX).await?;
    let spoken: Vec<_> = said.iter().filter_map(|m| m.recording).collect();
    let spoken = recordings::find_all(room.connection, tenant, &spoken).await?;
    let hash_of = |message: &Message| {
        let recording = spoken.iter().find(|r| Some(r.id) == message.recording);
        recording.map(|r| hex::encode(&r.sha256))
    };
    let read: Vec<_> = said.iter().map(|m| m.id).collect();
    let read = messages::translations(room.connection, tenant, &read).await?;
    let read_as = |message: &Message| {
        let of_message = read.iter().filter(|translation| translation.message == message.id);
        let told =
            of_message.map(|t| json!({ "language": t.language, "text": t.text, "made_by": t.made_by }));
        told.collect::<Vec<_>>()
    };
    let confirmed = read_backs::confirmed(room.connection, tenant, visit, CONFIRMED_MAX).await?;
    let confirmed = confirmed
        .iter()
        .map(|(asked, at)| json!({ "by": asked.side, "at": at, "confirmed": asked.question }));
    let transcript = said.iter().filter(|m| m.state == MessageState::Heard).map(|message| {
        json!({
            "by": message.author, "at": message.created_at, "language": message.language, "text": message.text,
            "acts": message.acts, "in_english": parley::say_acts(&message.acts, types::Language::English, Style::Screen),
            "recording_sha256": hash_of(message), "read_as": read_as(message),
        })
    });
    let product = room.product(offer.product)?;
    Ok(orders::Agreement {
        tenant,
        visit,
        guest: room.visit.guest,
        buyer_number: room.visit.buyer_number,
        buyer_language: room.visit.buyer_language,
        vendor_language: room.visit.vendor_language,
        offer: offer.id,
        product: offer.product,
        item: room.item_of(offer.product),
        product_name: product.name.clone(),
        price: offer.price,
        quantity: amount.quantity,
        unit: amount.unit,
        total,
        transcript: transcript.chain(confirmed).collect(),
    })
}
