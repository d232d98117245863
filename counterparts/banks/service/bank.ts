import {
  type DebitFile,
  type DebitOutcome,
  readDebitFile,
  writeDebitFile,
} from '@musubi/contracts/zengin/direct-debit.ts';
import type { ZenginFault } from '@musubi/contracts/zengin/frame.ts';
import type { Random } from '@musubi/kernel/random/random.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';

/** How a bank behaves: chances in percent. All zero: every debit goes through and every file is right. */
export interface Manners {
  readonly insufficient: number;
  readonly noAccount: number;
  /** The result is cut, altered by a yen, sent with another day, or the request itself comes back. */
  readonly spoilt: number;
}
export const wellBehaved: Manners = { insufficient: 0, noAccount: 0, spoilt: 0 };

/** What a bank has in its own books: each debit once, whatever arrives how often. */
export interface BankBook {
  readonly debited: ReadonlyMap<string, number>;
  /** Reads a request strictly and debits what it can. The same file again gives the same result and debits nobody. */
  work(request: Uint8Array, on: Temporal.PlainDate): Promise<Result<Uint8Array, readonly ZenginFault[]>>;
  /** The result as it is sent: sometimes spoilt, never in the bank's own books. */
  send(result: Uint8Array): Uint8Array;
}

export function bankBook(random: Random, manners: Manners): BankBook {
  const debited = new Map<string, number>();
  const outcomes = new Map<string, DebitOutcome>();
  const chance = (percent: number): boolean => random.below(100) < percent;
  const outcomeOf = (key: string): DebitOutcome => {
    const known = outcomes.get(key);
    if (known !== undefined) return known;
    const made = chance(manners.insufficient)
      ? 'insufficient-funds'
      : chance(manners.noAccount)
        ? 'no-account'
        : 'paid';
    outcomes.set(key, made);
    return made;
  };
  return {
    debited,
    async work(request, on) {
      const read = await readDebitFile(request, 'request', on);
      if (!read.ok) return read;
      const debits = read.value.debits.map((d) => ({ ...d, outcome: outcomeOf(d.customerNumber) }));
      for (const d of debits) if (d.outcome === 'paid') debited.set(d.customerNumber, d.amount);
      const result: DebitFile = { ...read.value, debits };
      return ok(writeDebitFile(result, 'result'));
    },
    send: (result) => (chance(manners.spoilt) ? spoil(result, random) : result),
  };
}

/** One of the ways in which a file goes wrong on its way. */
export function spoil(file: Uint8Array, random: Random): Uint8Array {
  const kind = random.below(3);
  if (kind === 0) return file.subarray(0, 1 + random.below(file.length - 1));
  const out = Buffer.from(file);
  const at = kind === 1 ? random.below(out.length) : Math.min(out.length - 1, 122 + 80 + random.below(10));
  out[at] = out[at] === 0x31 ? 0x32 : 0x31;
  return out;
}
