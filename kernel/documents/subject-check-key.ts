import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readIfThere, writePrivately } from '../pki/identity.ts';

/** Key of the check codes on documents, of one instance alone: made at the first start, kept in its folder beside its other keys. */
export async function subjectCheckKeyIn(folder: string): Promise<Uint8Array> {
  const file = path.join(folder, 'subject-check.key');
  const known = await readIfThere(file);
  if (known !== undefined) return Buffer.from(known.trim(), 'hex');
  const made = randomBytes(32);
  await writePrivately(file, `${made.toString('hex')}\n`);
  return made;
}
