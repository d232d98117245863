import { fileURLToPath } from 'node:url';
import { definition as governmentPki } from '@musubi/government-pki/main.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';

/** Every system that `musubi serve` can run, by name. */
export const definitions: ReadonlyMap<string, SystemDefinition> = new Map(
  [governmentPki].map((definition) => [definition.system, definition]),
);

/** Folders whose pages use class names. */
export const pageFolders: readonly string[] = ['systems', 'counterparts', 'town'].map((folder) =>
  fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
);
