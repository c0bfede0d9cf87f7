// A file that was made for the reader: kept on the phone, or handed to another app.

/** Puts a file into the browser's downloads. */
export function keep(file: Blob, name: string): void {
	const url = URL.createObjectURL(file);
	const link = document.createElement('a');
	Object.assign(link, { href: url, download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Whether this browser hands files to other apps. */
export const canShare = (): boolean =>
	typeof navigator.canShare === 'function' &&
	navigator.canShare({ files: [new File([''], 'file.pdf', { type: 'application/pdf' })] });

/** Hands a file to an app that the reader chooses; closing that choice is no failure. */
export async function share(file: Blob, name: string): Promise<void> {
	try {
		await navigator.share({ files: [new File([file], name, { type: file.type })] });
	} catch (thrown) {
		if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) keep(file, name);
	}
}
