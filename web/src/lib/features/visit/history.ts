// Pure rules over a visit's messages and offers.
import type { Schemas } from '#lib/api/client.ts';

type Message = Schemas['Message'];
type Offer = Schemas['Offer'];

/** Whether an answer to it is still waited for. */
export const isLive = (offer: Offer): boolean => offer.state === 'offered' || offer.state === 'being_confirmed';

/** The offer on the table: the newest live one, of the product that is talked about where it has one. */
export function standingOf(offers: readonly Offer[], product: string | undefined): Offer | undefined {
	const live = offers.filter(isLive).sort(byTime);
	return live.findLast((o) => o.product_id === product) ?? live.at(-1);
}

/** The last offer that each side made for the product, whatever became of it. */
export function lastOf(offers: readonly Offer[], product: string, by: Schemas['Side']): Offer | undefined {
	return offers
		.filter((o) => o.product_id === product && o.by === by && o.confirmed)
		.sort(byTime)
		.at(-1);
}

/** The offers with this one in its newest form, oldest first. */
export function withOffer(offers: readonly Offer[], offer: Offer): Offer[] {
	const others = offers.filter((o) => o.id !== offer.id);
	return [...others, offer].sort(byTime);
}

/** Both lists as one, by number; of a message that is in both, the incoming form. */
export function mergeMessages(known: readonly Message[], incoming: readonly Message[]): Message[] {
	const byId = new Map(known.map((m) => [m.id, m]));
	for (const message of incoming) byId.set(message.id, message);
	return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/** The messages with those of `by` up to the given one marked as having come to the other side, or been seen there. */
export function reachedUpTo(
	messages: readonly Message[],
	by: Schemas['Side'],
	id: string | undefined,
	how: 'heard' | 'seen'
): readonly Message[] {
	const last = messages.find((m) => m.id === id);
	if (!last) return messages;
	const mark = how === 'seen' ? { delivered: true, seen: true } : { delivered: true };
	return messages.map((m) => (m.by === by && m.seq <= last.seq ? { ...m, ...mark } : m));
}

const byTime = (a: Offer, b: Offer): number => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id);

/** What kind of answer a spoken reply to the open read-back is. */
export function expectingOf(kind: Schemas['ReadBack']['kind'] | undefined): Schemas['Expecting'] {
	if (kind === 'offer' || kind === 'accept') return 'yes_no';
	return kind === 'which' || kind === 'price' ? 'price' : 'anything';
}
