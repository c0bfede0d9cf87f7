// A top-up that was asked for and not answered yet. Its id is kept on the phone, so that asking again, even after the page was
// loaded anew, asks for the same one.
import { newId, type Schemas } from '#lib/api/client.ts';
import { asProblem } from '#lib/api/problem.ts';

type TopUp = Schemas['TopUp'];
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'top-up';

/** The phone's memory; one that forgets at once where the browser denies it. */
export function phoneMemory(): Memory {
	try {
		return localStorage;
	} catch {
		return { getItem: () => null, setItem: () => {}, removeItem: () => {} };
	}
}

/** Opens a top-up of so many paise: the one whose answer was lost, where that was of the same amount. */
export async function openTopUp(
	minor: number,
	memory: Memory,
	post: (body: Schemas['NewTopUp']) => Promise<TopUp>
): Promise<TopUp> {
	const lost = recall(memory, minor);
	const id = lost ?? newId();
	memory.setItem(KEY, `${id} ${minor}`);
	let opened: TopUp;
	try {
		opened = await post({ client_id: id, amount: { minor, currency: 'INR' } });
	} catch (thrown) {
		if (!asProblem(thrown).passes) memory.removeItem(KEY);
		throw thrown;
	}
	memory.removeItem(KEY);
	// What was asked for another day is over by now; another one is meant.
	return lost && opened.state !== 'waiting' ? openTopUp(minor, memory, post) : opened;
}

function recall(memory: Memory, minor: number): string | undefined {
	const [id, amount] = (memory.getItem(KEY) ?? '').split(' ');
	return amount === String(minor) ? id : undefined;
}
