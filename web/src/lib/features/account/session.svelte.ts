// Who is signed in on this browser, and which visits this phone has a pass for.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import { asProblem, type Problem } from '#lib/api/problem.ts';
import { i18n } from '#lib/i18n/i18n.svelte.ts';

class Session {
	person = $state.raw<Schemas['Person']>();
	/** What the person is in the business, and all that the person may do. */
	role = $state.raw<Schemas['Role']>();
	permissions = $state.raw<readonly Schemas['Permission'][]>([]);
	passes = $state.raw<readonly Schemas['Pass'][]>([]);
	/** Whether the server has said who is signed in. */
	known = $state(false);
	problem = $state.raw<Problem>();

	async load(): Promise<void> {
		try {
			const me = await take(vendorApi.GET('/me'));
			[this.passes, this.problem] = [me.passes, undefined];
			[this.role, this.permissions] = [me.role, me.permissions];
			await this.#enter(me.person ?? undefined);
		} catch (thrown) {
			this.problem = asProblem(thrown);
		}
	}

	async signUp(account: Schemas['NewAccount']): Promise<void> {
		await take(vendorApi.POST('/accounts', { body: account }));
		await this.load();
	}

	async signIn(credentials: Schemas['Credentials']): Promise<void> {
		await take(vendorApi.POST('/sessions', { body: credentials }));
		await this.load();
	}

	async signOut(): Promise<void> {
		await take(vendorApi.DELETE('/sessions/current'));
		[this.person, this.role, this.permissions] = [undefined, undefined, []];
	}

	/** Whether the person may do this. What the server refuses it refuses all the same. */
	may(permission: Schemas['Permission']): boolean {
		return this.permissions.includes(permission);
	}

	async change(change: Schemas['PersonChange']): Promise<void> {
		await this.#enter(await take(vendorApi.PATCH('/me', { body: change })));
	}

	/** The screen speaks the person's language from here on. */
	async #enter(person: Schemas['Person'] | undefined): Promise<void> {
		[this.person, this.known] = [person, true];
		if (person && person.language !== i18n.language) await i18n.choose(person.language);
	}
}

export const session = new Session();
