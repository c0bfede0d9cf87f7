// The app on somebody's phone that shows codes (RFC 6238): six digits, 30 s, HMAC-SHA-1.
import { createHmac } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PERIOD_MS = 30_000;

/** The bytes that a key typed in base32 stands for. */
function bytesOf(key: string): Buffer {
	const bits = [...key.replaceAll(' ', '')].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
	return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Shows each code once: where this period's was shown, the next one's, which a server takes for a clock that is fast. */
export function totpApp(key: string): () => string {
	const secret = bytesOf(key);
	let shown = 0;
	return () => {
		shown = Math.max(shown + 1, Math.floor(Date.now() / PERIOD_MS));
		const counter = Buffer.alloc(8);
		counter.writeBigUInt64BE(BigInt(shown));
		const made = createHmac('sha1', secret).update(counter).digest();
		const at = (made.at(-1) ?? 0) & 0xf;
		return String((made.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
	};
}
