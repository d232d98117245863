import { type ElementCode, koa020Elements } from '@musubi/contracts/tax-return/koa020-elements.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { toCsv } from '@musubi/kernel/euc/output.ts';
import type { Column, Row } from '@musubi/kernel/euc/source.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { returnConversion } from '../rights.ts';
import { type DocumentQuery, searchDocuments } from '../store/documents.ts';
import { filedContent, yearText } from './content.ts';
import { mostFound, searchable } from './read.ts';

/** What every line begins with; the elements of the form follow in its order. */
const particulars: readonly Column[] = [
  { key: 'receptionNumber', label: '受付番号', kind: 'text', personal: true },
  { key: 'rowNumber', label: '受付番号内の行', kind: 'number', personal: true },
  { key: 'year', label: '年分', kind: 'text', personal: true },
  { key: 'filedOn', label: '提出日', kind: 'text', personal: true },
  { key: 'name', label: '氏名', kind: 'text', personal: true },
  { key: 'kana', label: 'カナ', kind: 'text', personal: true },
  { key: 'bornOn', label: '生年月日', kind: 'text', personal: true },
  { key: 'address', label: '住所', kind: 'text', personal: true },
];

/**
 * 申告データの変換 (XML → CSV): the returns that a search found, a line a return, a column an element of the form that any of them fills. An
 * Individual Number is in none. Says what for; stands in the log with whom it concerned.
 *
 * @source requirements 002 NTL-F4; 国税庁 XMLスキーマ KOA020
 */
export const convertReturns = act('tax-documents.convert-returns', {
  right: returnConversion,
  async run(
    tx,
    deps: Deps,
    { query, purpose }: { readonly query: DocumentQuery; readonly purpose: string },
  ): Promise<
    Result<
      { readonly csv: Buffer; readonly name: string; readonly returns: number },
      'nothing-asked' | 'purpose-missing' | 'no-returns' | 'too-many' | 'erased'
    >
  > {
    const stated = purpose.trim();
    if (stated.length < 5 || stated.length > 200) return err('purpose-missing');
    const by = searchable(query);
    if (by === undefined) return err('nothing-asked');
    const found = await searchDocuments(tx, { ...by, kind: 'tax-return' }, mostFound + 1);
    if (found.length === 0) return err('no-returns');
    // A list that is cut would be taken for a whole one.
    if (found.length > mostFound) return err('too-many');
    const rows: Row[] = [];
    const filled = new Set<string>();
    for (const document of found) {
      const filed = await filedContent(tx, deps, document, 'tax-documents/convert-returns');
      if (filed === 'erased') return err('erased');
      const items = (filed.columns.items ?? {}) as Readonly<Record<string, string>>;
      for (const key of Object.keys(items)) filled.add(key);
      const { receptionNumber, rowNumber, name, kana, address } = filed;
      const head = { receptionNumber, rowNumber, name, kana, address, year: yearText(filed.incomeYear) };
      rows.push({ ...head, filedOn: filed.filedOn ?? '', bornOn: filed.bornOn ?? '', ...items });
    }
    const extractionId = deps.newId();
    const asOf = deps.civilClock.today().toString();
    const csv = toCsv(
      { extractionId, title: '確定申告書データ', asOf, rows: rows.length },
      [...particulars, ...elementsOf(filled)],
      rows,
    );
    tx.record({
      event: 'tax-document.returns-converted',
      subjects: found.map(({ documentId }) => documentId),
      items: ['tax-return'],
      detail: { extraction: extractionId, returns: rows.length },
    });
    return ok({ csv, name: `returns-${asOf}.csv`, returns: rows.length });
  },
});

const order = new Map(Object.keys(koa020Elements).map((code, i) => [code, i]));

/** Columns in the order of the form: `ABY00190_2` is the second repetition of its group. */
function elementsOf(filled: ReadonlySet<string>): Column[] {
  return [...filled]
    .map((key) => ({ key, code: key.slice(0, 8), no: key.slice(9) }))
    .toSorted((a, b) => (order.get(a.code) ?? 0) - (order.get(b.code) ?? 0) || a.no.localeCompare(b.no))
    .map(({ key, code, no }) => {
      const [kind, label] = koa020Elements[code as ElementCode] ?? ['text', code];
      return {
        key,
        label: `${code} ${label}${no === '' ? '' : `（${no}）`}`,
        kind: kind === 'yen' ? ('number' as const) : ('text' as const),
        personal: true,
      };
    });
}
