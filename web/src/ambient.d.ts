declare module 'lucide/dist/esm/icons/*.mjs' {
	const drawing: import('./lib/components/icon.ts').Drawing;
	export default drawing;
}
