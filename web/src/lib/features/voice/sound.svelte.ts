// Whether this page may make sounds. Browsers want one tap first; any tap will do.
import { unlockChime } from './chime.ts';
import { player } from './player.svelte.ts';

class Sound {
	unlocked = $state(false);

	/** For a click or pointer handler. */
	unlock(): void {
		if (this.unlocked) return;
		this.unlocked = true;
		player.unlock();
		unlockChime();
	}
}

export const sound = new Sound();
