import { afterEach, expect, test, vi } from 'vitest';
import { wayToSpeak } from './way.ts';

const by = (how: string) => ({ how }) as NonNullable<Parameters<typeof wayToSpeak>[0]>;

function page({ records, recognises }: { records: boolean; recognises: boolean }) {
	vi.stubGlobal('MediaRecorder', records ? class {} : undefined);
	vi.stubGlobal('navigator', { mediaDevices: records ? { getUserMedia: () => {} } : undefined });
	vi.stubGlobal('webkitSpeechRecognition', recognises ? class {} : undefined);
}

afterEach(() => void vi.unstubAllGlobals());

test('a language that the server hears is spoken to the server, whatever the browser can', () => {
	for (const recognises of [true, false]) {
		page({ records: true, recognises });
		expect(wayToSpeak(by('local'))).toBe('server');
		expect(wayToSpeak(by('provider:bhashini'))).toBe('server');
	}
});

test("the browser's recogniser is offered only where the server cannot hear and the browser can", () => {
	page({ records: true, recognises: true });
	expect(wayToSpeak(by('off'))).toBe('none');
	expect(wayToSpeak(by('browser'))).toBe('browser');
	page({ records: false, recognises: true });
	expect(wayToSpeak(by('off'))).toBe('none');
	expect(wayToSpeak(by('browser'))).toBe('browser');
	expect(wayToSpeak(by('local'))).toBe('none');
	page({ records: true, recognises: false });
	expect(wayToSpeak(by('off'))).toBe('none');
	expect(wayToSpeak(by('browser'))).toBe('none');
});
