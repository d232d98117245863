import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The scripts of the sign-in page by their path: the sources themselves, types taken out, as Node runs them. */
export async function signInScripts(): Promise<ReadonlyMap<string, string>> {
  const shared = '@musubi/contracts/portal/card-file.ts';
  const read = async (file: string): Promise<string> =>
    stripTypeScriptTypes(await readFile(file, 'utf8')).replaceAll(`'${shared}'`, "'/sign-in/card-file.js'");
  return new Map([
    ['/sign-in/card-file.js', await read(fileURLToPath(import.meta.resolve(shared)))],
    ['/sign-in/card-application.js', await read(fileURLToPath(new URL('./card-application.ts', import.meta.url)))],
    ['/sign-in/card-sign-in.js', await read(fileURLToPath(new URL('./card-sign-in.ts', import.meta.url)))],
  ]);
}
