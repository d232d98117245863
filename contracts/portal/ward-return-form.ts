import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { ApplicationContent } from './applications.ts';

/* 住民税の申告 (RTX-102) as the portal's form: what each field is called, and which element of the return (contracts/tax-return) it means. */

export const wardReturnProcedure = 'RTX-102';

/**
 * Fields of the form in their order. `element` is the return's element code; the year has none. Amounts are whole yen as digits. The person,
 * their address and birthday are the card's, never fields.
 * @law 地方税法 第317条の2第1項; @source requirements 002 W03-3, AC-09; 国税庁 KOA020 (element codes)
 */
export const wardReturnFields = [
  {
    name: '申告する年分',
    label: '申告する年（西暦。その年の1月から12月までの所得）',
    required: true,
    element: null,
    kind: 'year',
  },
  { name: '給与の収入', label: '給与の収入金額（円）', required: false, element: 'ABB00080', kind: 'yen' },
  { name: '給与の所得', label: '給与の所得金額（円）', required: false, element: 'ABB00370', kind: 'yen' },
  { name: '公的年金等の収入', label: '公的年金等の収入金額（円）', required: false, element: 'ABB00100', kind: 'yen' },
  { name: '営業等の収入', label: '営業等の収入金額（円）', required: false, element: 'ABB00030', kind: 'yen' },
  { name: '営業等の所得', label: '営業等の所得金額（円）', required: false, element: 'ABB00300', kind: 'yen' },
  {
    name: '所得の合計',
    label: '所得金額の合計（円）。所得がなかった方は0',
    required: true,
    element: 'ABB00410',
    kind: 'yen',
  },
  { name: '社会保険料控除', label: '社会保険料控除（円）', required: false, element: 'ABB00450', kind: 'yen' },
  {
    name: '小規模企業共済等掛金控除',
    label: '小規模企業共済等掛金控除（円）',
    required: false,
    element: 'ABB00460',
    kind: 'yen',
  },
  { name: '電話番号', label: '日中の電話番号', required: false, element: null, kind: 'text' },
] as const;

export interface FiledWardReturn {
  readonly incomeYear: number;
  /** Element code → digits; empty fields are absent. */
  readonly items: Readonly<Record<string, string>>;
  readonly telephone: string | undefined;
}

export type WardReturnFault =
  | { readonly word: 'other-procedure' }
  | { readonly word: 'unknown-field' | 'missing' | 'unreadable-year' | 'unreadable-amount'; readonly field: string };

const amount = /^(0|[1-9][0-9]{0,11})$/;

/**
 * The return of a signed application. What is typed in full width or with separators is read as digits; anything else is a fault with
 * the field's name and never its value.
 * @param content the signed content, parsed by `applicationContent`
 */
export function readWardReturnApplication(
  content: Pick<ApplicationContent, 'procedure' | 'fields'>,
): Result<FiledWardReturn, WardReturnFault> {
  if (content.procedure !== wardReturnProcedure) return err({ word: 'other-procedure' });
  const names: readonly string[] = wardReturnFields.map((f) => f.name);
  const stranger = Object.keys(content.fields).find((name) => !names.includes(name));
  if (stranger !== undefined) return err({ word: 'unknown-field', field: stranger });
  const items: Record<string, string> = {};
  let incomeYear = 0;
  for (const field of wardReturnFields) {
    const typed = (content.fields[field.name] ?? '').normalize('NFKC').trim();
    if (typed === '') {
      if (field.required) return err({ word: 'missing', field: field.name });
      continue;
    }
    if (field.kind === 'year') {
      if (!/^20[0-9]{2}$/.test(typed)) return err({ word: 'unreadable-year', field: field.name });
      incomeYear = Number(typed);
    }
    if (field.kind === 'yen') {
      const digits = typed.replaceAll(/[,、円\s]/g, '');
      if (!amount.test(digits)) return err({ word: 'unreadable-amount', field: field.name });
      items[field.element] = digits;
    }
  }
  const telephone = content.fields.電話番号?.trim();
  return ok({ incomeYear, items, telephone: telephone === '' ? undefined : telephone });
}
