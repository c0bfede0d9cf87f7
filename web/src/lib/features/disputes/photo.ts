// A photograph, small enough to be sent as evidence.

/** No gateway takes larger ones. */
export const PHOTO_BYTES_MAX = 2 * 1024 * 1024;
const SIDE_MAX = 1_600;

/** How large a picture is drawn so that no side is longer than allowed. */
export function fitted(width: number, height: number): [number, number] {
	const scale = Math.min(1, SIDE_MAX / Math.max(width, height, 1));
	return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** The picture as JPEG in Base64; nothing where the file is none. */
export async function asEvidence(file: Blob): Promise<string | undefined> {
	const picture = await createImageBitmap(file).catch(() => undefined);
	if (!picture) return undefined;
	const [width, height] = fitted(picture.width, picture.height);
	const canvas = Object.assign(document.createElement('canvas'), { width, height });
	canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height);
	const url = canvas.toDataURL('image/jpeg', 0.8);
	return url.startsWith('data:image/jpeg;base64,') ? url.slice(url.indexOf(',') + 1) : undefined;
}
