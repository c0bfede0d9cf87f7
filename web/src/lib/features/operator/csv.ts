// A file as the body of a call.

/** What `openapi-fetch` sends of a file of comma-separated values. */
export const csvBody = (file: File) => ({
	headers: { 'Content-Type': 'text/csv' },
	body: file as unknown as string,
	bodySerializer: (body: unknown) => body as Blob
});
