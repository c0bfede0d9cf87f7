// What a table that an operator brings is sent as: systems name archives differently, or not at all.
import { bytesOf } from '#lib/api/client.ts';

/** The type of a file, by its name: CSV, or a ZIP with one in it. */
export function tableType(file: { name: string }): 'text/csv' | 'application/zip' {
	return /\.zip$/i.test(file.name) ? 'application/zip' : 'text/csv';
}

/** What `openapi-fetch` sends of such a file. */
export const tableBody = (file: File) => bytesOf(file, tableType(file));
