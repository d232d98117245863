import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sha256Hex } from '../crypto/digest.ts';
import { readMigrations, type SchemaSet } from '../db/migrate.ts';
import type { InstanceConfig } from './config.ts';

/** What a process is made of, each part as the first 12 digits of a SHA-256: two that differ anywhere differ here. */
export interface Composition {
  /** Every file of the program that runs. */
  readonly program: string;
  readonly rates: string;
  /** Templates of papers. */
  readonly forms: string;
  /** Migrations of this instance's schemas. */
  readonly schema: string;
  /** Of this instance, without passwords and tokens. */
  readonly configuration: string;
}
export type Release = Pick<Composition, 'program' | 'rates' | 'forms'>;

const short = (hex: string): string => hex.slice(0, 12);
const root = new URL('../../', import.meta.url);
const programFolders = ['kernel', 'contracts', 'systems', 'counterparts', 'cli'];
const isProgram = (name: string): boolean => /\.(?:ts|sql|json|js|css)$/.test(name) && !name.endsWith('.test.ts');
const isForm = (name: string): boolean => name.endsWith('.typ');

/** Program, rates and forms as they lie on this disk. */
export async function releaseOf(): Promise<Release> {
  const [code, rates] = await Promise.all([filesIn(programFolders), filesIn(['rates'])]);
  const forms = code.filter(isForm);
  return {
    program: await digestOf(code.filter(isProgram)),
    rates: await digestOf(rates.filter(isProgram)),
    forms: await digestOf(forms),
  };
}

export async function compositionOf(
  release: Release,
  schemas: readonly SchemaSet[],
  { system, settings, witnesses, host, port }: InstanceConfig,
): Promise<Composition> {
  const migrations = (await readMigrations(schemas)).map((m) => [m.set, m.number, m.checksum]);
  return {
    ...release,
    schema: short(sha256Hex(JSON.stringify(migrations))),
    configuration: short(sha256Hex(JSON.stringify({ system, settings, witnesses, host, port }))),
  };
}

async function filesIn(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(folders.map((folder) => filesUnder(`${folder}/`)));
  return found.flat().toSorted();
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(new URL(folder, root), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory()) return [`${folder}${entry.name}`];
      const isProgramFolder = entry.name !== 'node_modules' && entry.name !== 'test' && !entry.name.startsWith('.');
      return isProgramFolder ? filesUnder(`${folder}${entry.name}/`) : [];
    }),
  );
  return found.flat();
}

/** In blocks: thousands of files open at once are more than a process may have. */
async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < files.length; from += 64) {
    const block = files.slice(from, from + 64);
    const contents = await Promise.all(block.map((file) => readFile(new URL(file, root))));
    for (const [i, content] of contents.entries()) hash.update(`${block[i]} ${content.byteLength}\n`).update(content);
  }
  return short(hash.digest('hex'));
}
