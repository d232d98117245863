import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** One row of the ordinance list 条例別表: who, for which 事務, gets what from whom. Days as ISO text, both included. */
export interface TransferRule {
  readonly ruleId: string;
  readonly asker: string;
  readonly task: string;
  readonly source: string;
  readonly information: string;
  readonly items: readonly string[];
  readonly ground: string;
  readonly lawRevision: string;
  /** `rule`: the source agreed once for all to this row. `person`: somebody of the source decides each request. */
  readonly approval: 'rule' | 'person';
  readonly validFrom: string;
  readonly validUntil: string | null;
}

export interface TransferAsked {
  readonly asker: string;
  readonly task: string;
  readonly source: string;
  readonly information: string;
  readonly items: readonly string[];
}

/**
 * The row that lets a request through on a day; the newest where several hold.
 * @law 番号利用法 第9条第2項 (条例), 個人情報保護法 第69条; @source 001 LNK-X1, 002 別表2
 */
export function decideTransfer(
  rules: readonly TransferRule[],
  asked: TransferAsked,
  on: Temporal.PlainDate,
): Result<TransferRule, 'no-rule-row' | 'item-not-on-row'> {
  const day = on.toString();
  const named = rules.filter(
    (r) =>
      r.asker === asked.asker &&
      r.task === asked.task &&
      r.source === asked.source &&
      r.information === asked.information,
  );
  const inForce = named
    .filter((r) => r.validFrom <= day && (r.validUntil === null || day <= r.validUntil))
    .sort((a, b) => (a.validFrom < b.validFrom ? 1 : -1));
  const row = inForce[0] ?? (enforced('transfer.rule-row') ? undefined : (named[0] ?? rules[0]));
  if (row === undefined) return err('no-rule-row');
  const listed = asked.items.every((item) => row.items.includes(item));
  return enforced('transfer.rule-row') && !listed ? err('item-not-on-row') : ok(row);
}

/** How a list would have decided what was asked before: what a change lets through anew, and what it stops. */
export function tryRules(
  before: readonly TransferRule[],
  after: readonly TransferRule[],
  asked: readonly TransferAsked[],
  on: Temporal.PlainDate,
): { readonly tried: number; readonly newlyLet: number; readonly newlyRefused: number } {
  let [newlyLet, newlyRefused] = [0, 0];
  for (const one of asked) {
    const was = decideTransfer(before, one, on).ok;
    const is = decideTransfer(after, one, on).ok;
    if (!was && is) newlyLet++;
    if (was && !is) newlyRefused++;
  }
  return { tried: asked.length, newlyLet, newlyRefused };
}
