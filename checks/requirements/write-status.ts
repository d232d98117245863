import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderCarriers, testTitles } from './carriers.ts';

const root = path.resolve(import.meta.dirname, '../..');
await writeFile(path.join(root, 'docs/status/requirements.md'), renderCarriers(await testTitles(root)));
