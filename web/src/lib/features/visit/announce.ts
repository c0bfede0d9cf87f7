// News that is said aloud wherever one is in the app: a buyer has come, the money is there.
import { chimeArrival, chimePaid } from '#lib/features/voice/chime.ts';
import { player } from '#lib/features/voice/player.svelte.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';
import { messageSpeech } from './speech.ts';
import { speakUp } from './speakup.svelte.ts';

/** Announces until the answer is called. `inVisit` is the visit whose own screen is open: it speaks for itself. */
export function announce(live: Pick<Live, 'side' | 'on'>, inVisit: () => string | undefined): () => void {
	const paid = new Set<string>();
	const stops = [
		live.on('buyer_arrived', () => chimeArrival()),
		live.on('payment', (payment) => {
			if (payment.state !== 'paid' || paid.has(payment.intent_id)) return;
			paid.add(payment.intent_id);
			chimePaid();
		}),
		live.on('message', (message) => {
			if (message.by !== 'app' || message.state !== 'heard' || message.visit_id === inVisit() || !speakUp.on) return;
			player.enqueue(messageSpeech({ id: message.visit_id, side: live.side }, message.id));
		})
	];
	return () => stops.forEach((stop) => stop());
}
