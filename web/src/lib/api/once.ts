// What is sent may have come through though its answer was lost: the same content goes out under the same id.
import { newId } from './client.ts';

export class Once {
	#content = '';
	#id = '';

	/** The id of this content: that of the last time, where nothing was changed since. */
	idOf(content: object): string {
		const written = JSON.stringify(content);
		if (written !== this.#content) [this.#content, this.#id] = [written, newId()];
		return this.#id;
	}
}
