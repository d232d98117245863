import type { AnyField } from '@musubi/kernel/records/layout.ts';
import { pensionReportLayout } from '../pension-report/layout.ts';
import { type ElementCode, koa020Elements } from '../tax-return/koa020-elements.ts';
import { oneStopLayout } from '../tax-return/one-stop-notice.ts';
import { layoutFromReiwa7 } from '../wage-report/layout.ts';
import type { TaxDocumentKind } from './filing.ts';

/** One line of a form: what it is called there, and what was filed. */
export interface FormLine {
  readonly label: string;
  readonly text: string;
}

const yenText = (n: number): string => `${n.toLocaleString('ja-JP')}円`;

/** What the head of a form says in places of its own, and the family. */
const elsewhere =
  /^(name|kana|address|born.*|submissionKind|payerName|payerNumber|individualNumber|municipality|formKind|(spousePerson|dependant[0-9]|young[0-9]|further).*)$/;

const layouts = {
  'salary-payment-report': layoutFromReiwa7.fields,
  'pension-payment-report': pensionReportLayout.fields,
  'one-stop-notice': oneStopLayout.fields,
} as const satisfies Partial<Record<TaxDocumentKind, readonly AnyField[]>>;

/** The lines of a document in the order of its form; what was left empty has none. */
export function formLines(kind: TaxDocumentKind, columns: Readonly<Record<string, unknown>>): FormLine[] {
  if (kind === 'tax-return' || kind === 'ward-return') return returnLines(columns.items);
  return layouts[kind].flatMap((field: AnyField) => {
    const value = columns[field.name];
    if (value === undefined || value === null || value === false || elsewhere.test(field.name)) return [];
    return [{ label: field.label, text: textOf(value, field) }];
  });
}

function textOf(value: unknown, field: AnyField): string {
  if (value === true) return '○';
  if (typeof value === 'number') return field.name.endsWith('Yen') ? yenText(value) : `${value}`;
  // A code stands on the form as its digit.
  return typeof value === 'string' ? (field.kind.format(value as never) ?? value) : `${value}`;
}

function returnLines(items: unknown): FormLine[] {
  if (items === null || typeof items !== 'object') return [];
  const order = Object.keys(koa020Elements);
  return Object.entries(items as Readonly<Record<string, string>>)
    .map(([key, value]) => ({ code: key.slice(0, 8) as ElementCode, no: key.slice(9), value }))
    .sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code) || a.no.localeCompare(b.no))
    .map(({ code, no, value }) => {
      const [kind, label] = koa020Elements[code] ?? ['text', code];
      return {
        label: no === '' ? label : `${label}（${no}）`,
        text: kind === 'yen' ? yenText(Number(value)) : value,
      };
    });
}
