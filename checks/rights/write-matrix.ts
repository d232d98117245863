import { writeFile } from 'node:fs/promises';
import { renderMatrix, systemsOf } from './matrix.ts';
import { placeTown } from './placed-systems.ts';

await using town = await placeTown();
await writeFile(new URL('../../docs/status/rights.md', import.meta.url), renderMatrix(systemsOf(town.instances)));
