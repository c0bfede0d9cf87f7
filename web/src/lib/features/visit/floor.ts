// The vendor's private floor, for the vendor's own screen: it comes from the vendor's product, never with a visit.
import { take, vendorApi, type Side } from '#lib/api/client.ts';
import { totalFor, type Price } from '#lib/format/quantity.ts';

/** Nothing for a buyer, for a product without a floor, and where it cannot be had: the server knows it in any case. */
export async function floorOf(side: Side, product: string): Promise<Price | undefined> {
	if (side !== 'vendor') return undefined;
	try {
		return (await take(vendorApi.GET('/products/{id}', { params: { path: { id: product } } }))).floor;
	} catch {
		return undefined;
	}
}

/** Whether the price undercuts the floor, by the server's rule. */
export function isBelow(price: Price | undefined, floor: Price | undefined): boolean {
	const least = price && floor && totalFor(floor, price.per, price.unit);
	return least !== undefined && price !== undefined && price.amount.minor < least.minor;
}
