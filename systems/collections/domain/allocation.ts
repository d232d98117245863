import assert from 'node:assert/strict';
import { type Items, itemNames, noItems, shareOut, taxOf, totalOf } from './items.ts';

/**
 * Puts money on what is open of one charge: the tax first, its three parts in proportion to what is open of them, then the
 * reminder fee, then interest. Gives what went where; never more than is open.
 *
 * @param amount whole yen, not more than `totalOf(open)`
 * @law 地方税法 第14条の5 (本税を先に), 第20条の9の3; 森林環境税及び森林環境譲与税に関する法律 第9条 (あん分)
 */
export function allocateTo(open: Items, amount: number): Items {
  assert(amount >= 0 && amount <= totalOf(open), 'not more than is open');
  const tax = Math.min(amount, taxOf(open));
  const [ward, metropolitan, forest] = shareOut(tax, [open.ward, open.metropolitan, open.forest]);
  const fee = Math.min(amount - tax, open.fee);
  return { ward: ward!, metropolitan: metropolitan!, forest: forest!, fee, interest: amount - tax - fee };
}

export interface OpenCharge {
  readonly chargeId: string;
  /** 法定納期限, ISO. */
  readonly legalDueOn: string;
  readonly dueOn: string;
  readonly open: Items;
}
export interface Allocation {
  readonly chargeId: string;
  readonly items: Items;
}

/**
 * 充当: an overpayment on arrears. The charge with the earliest due date first, within it the tax before what hangs on it.
 *
 * @law 地方税法 第17条の2第1項, 同法施行令 第6条の14
 */
export function appropriate(
  charges: readonly OpenCharge[],
  amount: number,
): { readonly allocations: readonly Allocation[]; readonly left: number } {
  let left = amount;
  const allocations: Allocation[] = [];
  for (const charge of [...charges].sort(byDueDate)) {
    if (left === 0) break;
    const part = Math.min(left, totalOf(charge.open));
    if (part === 0) continue;
    allocations.push({ chargeId: charge.chargeId, items: allocateTo(charge.open, part) });
    left -= part;
  }
  return { allocations, left };
}

export const byDueDate = (a: OpenCharge, b: OpenCharge): number =>
  a.dueOn.localeCompare(b.dueOn) || a.chargeId.localeCompare(b.chargeId);

/**
 * What a change of the charged amounts does: what is open follows as far as it can, the rest of a reduction has been paid too much.
 * A part whose money is missing after the change (the ward's share rose, the forest's fell) stays open; what is too much of one
 * part goes to the open rest of the others before any of it is an overpayment.
 */
export function changeOf(
  before: { readonly charged: Items; readonly open: Items },
  charged: Items,
): { readonly open: Items; readonly overpaid: number; readonly moved: Items } {
  const paid = mapItems((name) => before.charged[name] - before.open[name]);
  const rest = mapItems((name) => Math.max(0, charged[name] - paid[name]));
  let excess = totalOf(mapItems((name) => Math.max(0, paid[name] - charged[name])));
  const used = Math.min(excess, totalOf(rest));
  const filled = used === 0 ? noItems : allocateTo(rest, used);
  excess -= used;
  const open = mapItems((name) => rest[name] - filled[name]);
  // What stands as paid in each part afterwards, less what stood before: the journal moves it between the parts.
  const moved = mapItems((name) => charged[name] - open[name] - paid[name]);
  return { open, overpaid: excess, moved };
}

const mapItems = (make: (name: keyof Items) => number): Items =>
  Object.fromEntries(itemNames.map((name) => [name, make(name)])) as unknown as Items;
