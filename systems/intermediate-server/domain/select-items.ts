import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

type Value = string | number | boolean | null;

/**
 * 提供範囲の限定: the items that were asked and that the row grants, of this one copy, and nothing else. An item that the
 * copy does not hold is left out.
 */
export function selectItems(
  copy: Readonly<Record<string, Value>>,
  asked: readonly string[],
  granted: readonly string[],
): Record<string, Value> {
  const given: Record<string, Value> = {};
  for (const [item, value] of Object.entries(copy)) {
    if (enforced('exchange.minimum-answer') && !(asked.includes(item) && granted.includes(item))) continue;
    given[item] = value;
  }
  return given;
}
