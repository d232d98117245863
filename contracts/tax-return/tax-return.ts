import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { type CsvLayout, readCsv, writeCsvRecords } from '@musubi/kernel/records/csv.ts';
import type { Fault, Outcome, ReadSummary } from '@musubi/kernel/records/faults.ts';
import { anyText, code, constant, digits, exactDigits, westernDate } from '@musubi/kernel/records/kinds.ts';
import { optional, type RecordOf, required, type WriteRefusal } from '@musubi/kernel/records/layout.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { individualNumber12, municipality6 } from './kinds.ts';
import { type ReturnFaultAt, type ReturnItems, readFlatItems } from './return-items.ts';
import { readReturnXml } from './return-xml.ts';

/** 申告区分: 5 takes a return back. */
export const returnKinds = {
  '1': 'final',
  '2': 'amended',
  '3': 'reassessed',
  '4': 'quasi-final',
  '5': 'withdrawn',
} as const;
/** 種別: sent by e-Tax as XML, or on paper and keyed at the tax office. */
export const media = { '1': 'e-tax', '2': 'paper' } as const;

/**
 * One return a line: what the delivery's index says, then the return itself, as XML (e-Tax) or flattened (paper). The container of the
 * real delivery is not public; this one (KZ01) is ours.
 */
const fields = [
  required('formKind', '様式', constant('KZ01')),
  required('receptionNumber', '受付番号', digits(16)),
  required('medium', '種別', code(media)),
  required('returnKind', '申告区分', code(returnKinds)),
  required('incomeYear', '年分', exactDigits(4)),
  required('filedOn', '受付年月日', westernDate),
  required('taxOffice', '税務署コード', exactDigits(5)),
  required('municipality', '1月1日市区町村コード', municipality6),
  optional('individualNumber', '個人番号', individualNumber12),
  required('kana', '氏名カナ', anyText(60)),
  required('name', '氏名', anyText(60)),
  required('bornOn', '生年月日', westernDate),
  required('address', '住所', anyText(120)),
  optional('replaces', '訂正前受付番号', digits(16)),
  optional('content', '内容', anyText(200_000)),
] as const;
export type TaxReturnRecord = RecordOf<typeof fields>;

export const taxReturnLayout: CsvLayout<typeof fields> = {
  name: '確定申告書データ KZ01',
  policy: { charset: 'utf-8', repertoire: 'any', lookalikes: 'refuse', variants: 'refuse', outside: 'refuse' },
  recordEnd: '\r\n',
  quoted: true,
  fields,
  rules: {
    'bad-byte': 'C01',
    'wrong-column-count': 'K02',
    'cut-short': 'K02',
    'wrong-check-digit': 'K04',
    'wrong-length': 'K04',
    'wrong-body-code': 'K06',
  },
};

/** A relative whom the return names, in the order of the form. */
export interface ReturnRelative {
  readonly kind: 'spouse' | 'dependant' | 'young';
  readonly name: string | undefined;
  readonly bornOn: string | undefined;
  readonly abroad: boolean;
  readonly individualNumber: IndividualNumber | undefined;
}

export interface TaxReturn {
  readonly row: number;
  readonly record: Omit<TaxReturnRecord, 'content'>;
  readonly incomeYear: number;
  /** Empty for a return that is withdrawn. */
  readonly items: ReadonlyMap<string, string>;
  readonly relatives: readonly ReturnRelative[];
}

/**
 * Reads a delivery of returns. A return whose content cannot be read for certain is rejected with K02 and the element, and waits
 * for a clerk; sums that do not agree are warnings (K03).
 *
 * @param options.municipality who receives: a return of another body is rejected (K06)
 */
export function readTaxReturns(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { municipality: LocalGovernmentCode; each: (outcome: Outcome<TaxReturn>) => void | Promise<void> },
): Promise<ReadSummary> {
  return readCsv(source, {
    layouts: [taxReturnLayout],
    each: options.each,
    finish({ content, ...record }, row) {
      const other = record.municipality !== options.municipality;
      const wrongBody = other
        ? [reject(row, 'K06', 'other-municipality', '送付先がこの市区町村ではありません', 8)]
        : [];
      const read = contentOf(record, content);
      if (!read.ok) return { value: undefined, faults: [...wrongBody, contentFault(row, read.error)] };
      const { items, numbers } = read.value;
      const relatives = relativesOf(read.value);
      const faults = [...wrongBody, ...identityFaults(row, record, read.value), ...sumWarnings(row, items)];
      const own = numbers.get('ABA00125');
      if (own !== undefined && relatives.some((relative) => relative.individualNumber?.equals(own)))
        faults.push(reject(row, 'K04', 'same-number-twice', '同じ個人番号が二人に書かれています'));
      return { value: { row, record, incomeYear: Number(record.incomeYear), items, relatives }, faults };
    },
  });
}

const nothing: ReturnItems = { items: new Map(), numbers: new Map() };

function contentOf(
  { returnKind, medium }: Pick<TaxReturnRecord, 'returnKind' | 'medium'>,
  content: string | undefined,
): Result<ReturnItems, ReturnFaultAt> {
  if (returnKind === 'withdrawn') return ok(nothing);
  if (content === undefined) return err({ word: 'unknown-procedure' });
  return medium === 'e-tax' ? readReturnXml(content) : readFlatItems(content);
}

/** The index and the return must be of one person: a sender's mix-up must not become a wrong levy. */
function identityFaults(
  row: number,
  record: Pick<TaxReturnRecord, 'name' | 'bornOn' | 'individualNumber'>,
  { items, numbers }: ReturnItems,
): Fault[] {
  const name = items.get('ABA00140');
  const bornOn = items.get('ABA00200');
  const number = numbers.get('ABA00125');
  const plain = (text: string): string => text.normalize('NFKC').replaceAll(/\s/g, '');
  const differs =
    (name !== undefined && plain(name) !== plain(record.name)) ||
    (bornOn !== undefined && bornOn !== record.bornOn.toString()) ||
    (number !== undefined && record.individualNumber !== undefined && !number.equals(record.individualNumber));
  return differs ? [reject(row, 'K04', 'index-differs', '索引と申告書の本人が一致しません')] : [];
}

/** K03: the totals of the return against its parts. */
function sumWarnings(row: number, items: ReadonlyMap<string, string>): Fault[] {
  const amount = (code: string): number => Number(items.get(code) ?? 0);
  const total = (codes: readonly string[]): number => codes.reduce((sum, code) => sum + amount(code), 0);
  const found: Fault[] = [];
  const incomes = ['ABB00300', 'ABB00320', 'ABB00340', 'ABB00350', 'ABB00360', 'ABB00370', 'ABB01130', 'ABB00400'];
  // A loss is set off by rules of its own, so only a sum without one can be checked here.
  const anyLoss = incomes.some((code) => amount(code) < 0);
  if (items.has('ABB00410') && !anyLoss && amount('ABB00410') !== total(incomes))
    found.push(warn(row, 'income-total-differs', '所得金額の合計が内訳と一致しません'));
  const deductions = ['ABB00555', 'ABB00430', 'ABB00440', 'ABB00490'];
  if (items.has('ABB00560') && amount('ABB00560') !== total(deductions))
    found.push(warn(row, 'deduction-total-differs', '所得控除の合計が内訳と一致しません'));
  return found;
}

/** The relatives whom the items name, in the order of the form. */
export function relativesOf({ items, numbers }: ReturnItems): ReturnRelative[] {
  const relatives: ReturnRelative[] = [];
  const spouse = { name: items.get('ABY00020'), individualNumber: numbers.get('ABY00030') };
  if (spouse.name !== undefined || spouse.individualNumber !== undefined)
    relatives.push({ ...spouse, kind: 'spouse', bornOn: items.get('ABY00040'), abroad: items.get('ABY00090') === '1' });
  for (let no = 1; no <= 4; no++) {
    const named = { name: items.get(`ABY00160_${no}`), individualNumber: numbers.get(`ABY00170_${no}`) };
    if (named.name === undefined && named.individualNumber === undefined) continue;
    const abroad = (items.get(`ABY00235_${no}`) ?? '0') !== '0';
    const kind = items.get(`ABY00270_${no}`) === '1' ? 'young' : 'dependant';
    relatives.push({ ...named, kind, bornOn: items.get(`ABY00190_${no}`), abroad });
  }
  return relatives;
}

const contentTexts: Partial<Record<ReturnFaultAt['word'], string>> = {
  'unknown-version': '様式のバージョンが分かりません',
  'unknown-element': '様式にない項目があります',
  'dangling-reference': '参照先のない項目があります',
  'document-type-declared': '文書型宣言のあるXMLは受け付けません',
};
const contentFault = (row: number, { word, element }: ReturnFaultAt): Fault => ({
  ...reject(row, 'K02', word, contentTexts[word] ?? '申告書の内容を読み取れません', 15),
  ...(element === undefined ? {} : { field: element }),
});
const reject = (row: number, rule: string, word: string, message: string, column?: number): Fault => ({
  row,
  rule,
  word,
  message,
  severity: 'reject',
  ...(column === undefined ? {} : { column }),
});
const warn = (row: number, word: string, message: string): Fault => ({
  row,
  rule: 'K03',
  word,
  message,
  severity: 'warning',
});

/** Lines as bytes, for senders. */
export function writeTaxReturns(
  records: Iterable<TaxReturnRecord>,
): Result<Uint8Array, WriteRefusal & { readonly row: number }> {
  const written = writeCsvRecords(taxReturnLayout, records);
  return written.ok ? ok(written.value.bytes) : written;
}
