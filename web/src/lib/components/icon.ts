// Lucide's drawings as markup: cheaper on a phone than a component for each.

/** Shapes with their attributes, as the icon set has them. */
export type Drawing = readonly (readonly [shape: string, attributes: Readonly<Record<string, string | number>>])[];

export const markup = (drawing: Drawing): string =>
	drawing
		.map(([shape, attributes]) => {
			const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
			return `<${shape}${written.join('')}/>`;
		})
		.join('');
