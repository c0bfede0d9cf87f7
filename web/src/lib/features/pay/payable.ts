// What can be paid here: an order by its buyer, a top-up by the vendor.
import type { Schemas } from '#lib/api/client.ts';

export interface Payable {
	readonly payment: Schemas['Payment'] | undefined;
	/** Takes what the gateway's sheet answered, which is the server's to check. */
	checkout(answer: Schemas['CheckoutAnswer']): Promise<void>;
	/** The payer is back from the gateway's page: the server asks the gateway what came of it. */
	returned(): Promise<void>;
}
