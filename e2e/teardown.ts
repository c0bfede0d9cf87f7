// Removes what the run's server kept.
import { rmSync } from 'node:fs';

export default function teardown(): void {
	const data = process.env.VYAPAR_JOURNEY_DATA;
	if (data?.startsWith('/var/tmp/vyapar-journey-')) rmSync(data, { recursive: true, force: true });
}
