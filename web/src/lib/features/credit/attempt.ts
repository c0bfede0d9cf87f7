// A top-up that was asked for and not answered yet. Its id is kept on the phone, so that asking again, even after the page was
// loaded anew, asks for the same one.
import { newId, type Schemas } from '#lib/api/client.ts';
import { asProblem } from '#lib/api/problem.ts';

type TopUp = Schemas['TopUp'];
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Through whom it is paid, where that was chosen. */
export type How = Pick<Schemas['NewTopUp'], 'gateway' | 'method' | 'keep_card'>;

const KEY = 'top-up';

/** The phone's memory; one that forgets at once where the browser denies it. */
export function phoneMemory(): Memory {
	try {
		return localStorage;
	} catch {
		return { getItem: () => null, setItem: () => {}, removeItem: () => {} };
	}
}

/** Opens a top-up of so many paise: the one whose answer was lost, where that was of the same amount and paid the same way. */
export async function openTopUp(
	minor: number,
	memory: Memory,
	post: (body: Schemas['NewTopUp']) => Promise<TopUp>,
	how: How = {}
): Promise<TopUp> {
	const what = JSON.stringify({ minor, ...how });
	const lost = recall(memory, what);
	const id = lost ?? newId();
	memory.setItem(KEY, `${id} ${what}`);
	let opened: TopUp;
	try {
		opened = await post({ client_id: id, amount: { minor, currency: 'INR' }, ...how });
	} catch (thrown) {
		if (!asProblem(thrown).passes) memory.removeItem(KEY);
		throw thrown;
	}
	memory.removeItem(KEY);
	// What was asked for another day is over by now; another one is meant.
	return lost && opened.state !== 'waiting' ? openTopUp(minor, memory, post, how) : opened;
}

function recall(memory: Memory, what: string): string | undefined {
	const [id, asked] = (memory.getItem(KEY) ?? '').split(' ');
	return asked === what ? id : undefined;
}
