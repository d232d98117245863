import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { readIfThere, writePrivately } from '@musubi/kernel/pki/identity.ts';

/**
 * Keys that seal the private keys of open inquiries, one a day, outside the database and its backups. When a day has no open
 * inquiry left its key is destroyed, and with it every copy of that day's private keys, wherever a backup holds one.
 */
export interface DayKeys {
  /** 32 bytes; made at the first use of the day. */
  of(day: Temporal.PlainDate): Promise<Uint8Array>;
  /** Undefined where it was destroyed. */
  find(day: Temporal.PlainDate): Promise<Uint8Array | undefined>;
  days(): Promise<readonly Temporal.PlainDate[]>;
  destroy(day: Temporal.PlainDate): Promise<void>;
}

export function fileDayKeys(directory: string): DayKeys {
  const held = new Map<string, Uint8Array>();
  const fileOf = (day: string): string => path.join(directory, `${day}.key`);
  const find = async (day: Temporal.PlainDate): Promise<Uint8Array | undefined> => {
    const name = day.toString();
    const known = held.get(name);
    if (known) return known;
    const text = await readIfThere(fileOf(name));
    if (text === undefined) return undefined;
    const key = Buffer.from(text.trim(), 'hex');
    if (key.length !== 32) throw new Error(`the key of ${name} has a wrong length`);
    held.set(name, key);
    return key;
  };
  let making: Promise<unknown> = Promise.resolve();
  return {
    find,
    of(day) {
      // One after the other: two first inquiries of a day must not make two keys.
      const made = making.then(async () => {
        const there = await find(day);
        if (there) return there;
        await writePrivately(fileOf(day.toString()), `${randomBytes(32).toString('hex')}\n`);
        return (await find(day))!;
      });
      making = made.catch(() => {});
      return made;
    },
    async days() {
      const names = await readdir(directory).catch(() => []);
      return names.flatMap((name) => {
        const match = /^(\d{4}-\d\d-\d\d)\.key$/.exec(name);
        return match?.[1] ? [Temporal.PlainDate.from(match[1])] : [];
      });
    },
    async destroy(day) {
      held.delete(day.toString());
      await rm(fileOf(day.toString()), { force: true });
    },
  };
}
