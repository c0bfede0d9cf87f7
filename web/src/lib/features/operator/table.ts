// What a table that an operator brings is sent as: systems name archives differently, or not at all.

/** The type of a file, by its name: CSV, or a ZIP with one in it. */
export function tableType(file: { name: string }): 'text/csv' | 'application/zip' {
	return /\.zip$/i.test(file.name) ? 'application/zip' : 'text/csv';
}

/** What `openapi-fetch` sends of such a file. */
export const tableBody = (file: File) => ({
	headers: { 'Content-Type': tableType(file) },
	body: file as unknown as string,
	bodySerializer: (body: unknown) => body as Blob
});
