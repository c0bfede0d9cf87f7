// Files on their way to the server.

/** What `openapi-fetch` sends of a file: its bytes as they are. */
export const bytesOf = (file: Blob, type: string) => ({
	headers: { 'Content-Type': type },
	body: file as unknown as string,
	bodySerializer: (body: unknown) => body as Blob
});
