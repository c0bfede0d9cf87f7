// Who is signed in on this browser, what they may do, and which visits this phone has a pass for.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import { asProblem, type Problem } from '#lib/api/problem.ts';
import { i18n } from '#lib/i18n/i18n.svelte.ts';

class Session {
	/** What the server said last; nothing before it has said anything. */
	#me = $state.raw<Schemas['Me']>();
	problem = $state.raw<Problem>();

	get person(): Schemas['Person'] | undefined {
		return this.#me?.person ?? undefined;
	}

	get passes(): readonly Schemas['Pass'][] {
		return this.#me?.passes ?? [];
	}

	/** What the person is in the business. */
	get role(): Schemas['Role'] | undefined {
		return this.#me?.role;
	}

	/** Whether the business waits for the person to turn codes on. */
	get mustEnrol(): boolean {
		return !!this.#me?.must_enrol;
	}

	/** Whether the person has shown that the number is theirs. */
	get phoneVerified(): boolean {
		return !!this.#me?.phone_verified;
	}

	/** What the person's picture is called, where there is one. */
	get picture(): string | undefined {
		return this.#me?.picture;
	}

	/** Whether the server has said who is signed in. */
	get known(): boolean {
		return !!this.#me;
	}

	/** Whether the person may do this. What the server refuses it refuses all the same. */
	may(permission: Schemas['Permission']): boolean {
		return !!this.#me?.permissions.includes(permission);
	}

	/** The screen speaks the person's language from here on. */
	async load(): Promise<void> {
		try {
			this.#me = await take(vendorApi.GET('/me'));
			this.problem = undefined;
			if (this.person && this.person.language !== i18n.language) await i18n.choose(this.person.language);
		} catch (thrown) {
			this.problem = asProblem(thrown);
		}
	}

	async signOut(): Promise<void> {
		await take(vendorApi.DELETE('/sessions/current'));
		await this.load();
	}

	async change(body: Schemas['PersonChange']): Promise<void> {
		await take(vendorApi.PATCH('/me', { body }));
		await this.load();
	}
}

export const session = new Session();
