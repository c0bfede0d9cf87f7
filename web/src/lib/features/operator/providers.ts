// Providers by their own names, the same in every language.
import type { Schemas } from '#lib/api/client.ts';

export const PROVIDERS = { bhashini: 'BHASHINI' } as const satisfies Record<Schemas['ProviderName'], string>;
