// A plan that the operator writes.
import type { Locator, Page } from '@playwright/test';

/** What is typed, by the label of its field. */
export type NewPlan = Record<'Code' | 'Name' | 'Monthly (₹)' | 'Yearly (₹)' | 'Products at most' | 'Credit every month: (₹)' | 'Why?', string>;

/** Fills in the sheet for a new plan on `/op/plans`; the sheet's own button writes it. */
export async function fillPlan(operator: Page, plan: NewPlan): Promise<Locator> {
	await operator.getByRole('button', { name: 'New plan or version' }).first().click();
	const sheet = operator.getByRole('dialog', { name: 'New plan or version' });
	for (const [label, value] of Object.entries(plan)) await sheet.getByLabel(label).fill(value);
	return sheet;
}
