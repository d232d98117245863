import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

/** 様式 of the ward's return, each with the income years that it is prescribed for. A form out of force is filled in anew. */
const forms = [
  { formId: 'meguro-44', version: '令和6年分', incomeYear: 2024 },
  { formId: 'meguro-44', version: '令和7年分', incomeYear: 2025 },
  { formId: 'meguro-44', version: '令和8年分', incomeYear: 2026 },
] as const;

export const formOf = (incomeYear: number) => forms.find((form) => form.incomeYear === incomeYear);

/**
 * Whether a form on paper may be entered: the prescribed one of its income year, and no other.
 *
 * @law 地方税法 第317条の2第1項; 地方税法施行規則 第5号の4様式
 */
export const isFormInForce = (given: {
  readonly formId: string;
  readonly version: string;
  readonly incomeYear: number;
}) =>
  !enforced('input.form-version') ||
  forms.some(
    (form) => form.formId === given.formId && form.version === given.version && form.incomeYear === given.incomeYear,
  );

/** What the form asks for in any case: name, kana, birth date, address on 1 January. */
const always = ['ABA00140', 'ABA00130', 'ABA00200', 'ABA00120'] as const;
/** Parts of 合計所得金額 on the form. */
const incomes = [
  'ABB00300',
  'ABB00320',
  'ABB00340',
  'ABB00350',
  'ABB00360',
  'ABB00370',
  'ABB01130',
  'ABB00400',
] as const;

export type ItemFault = 'item-missing' | 'sum-differs' | 'born-later';

/** The first thing on the form that cannot be: an item that is missing, a total that its parts do not give, a birth after the year. */
export function itemFault(items: ReadonlyMap<string, string>, incomeYear: number): ItemFault | undefined {
  if (!enforced('input.item-checks')) return undefined;
  if (always.some((code) => !items.has(code))) return 'item-missing';
  const bornOn = Temporal.PlainDate.from(items.get('ABA00200') ?? '');
  if (bornOn.year > incomeYear) return 'born-later';
  const parts = incomes.map((code) => Number(items.get(code) ?? 0));
  // A loss is set off by rules of its own: a sum with one is a clerk's to look at.
  if (!items.has('ABB00410') || parts.some((part) => part < 0)) return undefined;
  return parts.reduce((a, b) => a + b, 0) === Number(items.get('ABB00410')) ? undefined : 'sum-differs';
}
