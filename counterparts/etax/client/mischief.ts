import type { TaxReturnRecord } from '@musubi/contracts/tax-return/tax-return.ts';
import type { Random } from '@musubi/kernel/random/random.ts';

/** What goes wrong with a return at the sender, by name; the receiver must find each of them. */
export const mischiefs = {
  'unknown-version': (r: TaxReturnRecord) => ({
    ...r,
    content: r.content?.replace('KOA020 VR="23.0"', 'KOA020 VR="24.0"'),
  }),
  'unknown-element': (r: TaxReturnRecord) => ({ ...r, content: r.content?.replaceAll('ABB00410', 'ABB99410') }),
  'dangling-reference': (r: TaxReturnRecord) => ({ ...r, content: r.content?.replace(' ID="NOZEISHA_NM"', '') }),
  'cut-in-half': (r: TaxReturnRecord) => ({ ...r, content: r.content?.slice(0, Math.trunc(r.content.length / 2)) }),
  'index-of-another': (r: TaxReturnRecord) => ({ ...r, name: `${r.name}子` }),
  'no-content': (r: TaxReturnRecord) => ({ ...r, content: undefined }),
} as const satisfies Record<string, (record: TaxReturnRecord) => TaxReturnRecord>;
export type Mischief = keyof typeof mischiefs;

const names = Object.keys(mischiefs) as Mischief[];

/** Spoils about one return in `every`; says which row has which fault. Only e-Tax returns carry the XML that most of them spoil. */
export function spoil(
  records: readonly TaxReturnRecord[],
  random: Random,
  every: number,
): { readonly records: TaxReturnRecord[]; readonly spoiled: ReadonlyMap<number, Mischief> } {
  const spoiled = new Map<number, Mischief>();
  const done = records.map((record, i) => {
    if (record.medium !== 'e-tax' || random.below(every) !== 0) return record;
    const name = names[random.below(names.length)]!;
    spoiled.set(i + 1, name);
    return mischiefs[name](record);
  });
  return { records: done, spoiled };
}
