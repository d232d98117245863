import type { CsvLayout } from '@musubi/kernel/records/csv.ts';
import { anyText, code, constant, count, exactDigits, halfWidth } from '@musubi/kernel/records/kinds.ts';
import { optional, type RecordOf, required } from '@musubi/kernel/records/layout.ts';
import { changeReasons } from './codes.ts';

/*
 * 一括提供 by medium (requirement 003 JPS-X2): the list of persons that a department hands in (検索条件のリスト), and the file that it gets back.
 * A format of our own, since none is published: UTF-8 without a mark, CR LF, comma, quotation where needed; one header, the rows, one trailer
 * with the count. Both lie on the medium inside an age container and never in clear.
 */

const policy = {
  charset: 'utf-8',
  repertoire: 'any',
  lookalikes: 'map',
  variants: 'strip',
  outside: 'refuse',
} as const;
const around = { policy, recordEnd: '\r\n', quoted: true } as const;

const version = required('version', '版', constant('1'));
/** What the asker calls the row: comes back with the answer, and is never a number of a person. */
const rowId = required('rowId', '行番号', halfWidth(40));
const sexes = code({ '1': 'male', '2': 'female', '9': 'other' });
const day = anyText(10);

export const bulkListHeader = [
  required('kind', 'レコード区分', constant('H')),
  version,
  required('document', '依頼文書番号', anyText(60)),
  required('task', '事務コード', halfWidth(40)),
  required('rows', '件数', count(7)),
] as const;
/** With what a person is looked for: number, else code, else the four items; what is stated besides must agree. */
export const bulkListRow = [
  required('kind', 'レコード区分', constant('D')),
  rowId,
  optional('residentRecordCode', '住民票コード', exactDigits(11)),
  optional('individualNumber', '個人番号', exactDigits(12)),
  optional('name', '氏名', anyText(100)),
  optional('nameKana', '振り仮名', anyText(100)),
  optional('birthDate', '生年月日', day),
  optional('sex', '性別', sexes),
  optional('address', '住所', anyText(200)),
] as const;
export const bulkTrailer = [
  required('kind', 'レコード区分', constant('T')),
  required('rows', '件数', count(7)),
] as const;
export type BulkListRow = RecordOf<typeof bulkListRow>;

/** What became of a row. `not-identified` says no more than that: nobody, several, or somebody else. */
export const bulkResults = {
  given: '提供',
  'not-identified': '特定できず',
  'wrong-key': '検査数字の誤り',
  'key-not-allowed': 'この事務では使えない検索キー',
  'too-few-items': '検索条件の不足',
} as const;
export type BulkResult = keyof typeof bulkResults;

export const bulkResultHeader = [
  required('kind', 'レコード区分', constant('H')),
  version,
  required('orderId', '提供番号', halfWidth(36)),
  required('document', '依頼文書番号', anyText(60)),
  required('task', '事務コード', halfWidth(40)),
  required('rows', '件数', count(7)),
] as const;
/** The items that the task may have, in the order of the eight; the others stay empty. */
export const bulkResultRow = [
  required('kind', 'レコード区分', constant('D')),
  required('orderId', '提供番号', halfWidth(36)),
  rowId,
  required(
    'result',
    '結果',
    code({ '0': 'given', '1': 'not-identified', '2': 'wrong-key', '3': 'key-not-allowed', '4': 'too-few-items' }),
  ),
  optional('residentRecordCode', '住民票コード', exactDigits(11)),
  optional('name', '氏名', anyText(100)),
  optional('birthDate', '生年月日', day),
  optional('sex', '性別', sexes),
  optional('address', '住所', anyText(200)),
  optional('individualNumber', '個人番号', exactDigits(12)),
  optional('changeReason', '異動事由', anyText(20)),
  optional('changedOn', '異動年月日', day),
] as const;
export type BulkResultRow = RecordOf<typeof bulkResultRow>;
export const bulkResultTrailer = [
  required('kind', 'レコード区分', constant('T')),
  required('rows', '件数', count(7)),
  required('given', '提供件数', count(7)),
] as const;

const layout = <const F extends CsvLayout['fields']>(name: string, fields: F): CsvLayout<F> => ({
  name,
  fields,
  ...around,
});
/** Told apart by their number of columns. */
export const bulkListLayouts = {
  header: layout('bulk-list-header', bulkListHeader),
  row: layout('bulk-list-row', bulkListRow),
  trailer: layout('bulk-list-trailer', bulkTrailer),
};
export const bulkResultLayouts = {
  header: layout('bulk-result-header', bulkResultHeader),
  row: layout('bulk-result-row', bulkResultRow),
  trailer: layout('bulk-result-trailer', bulkResultTrailer),
};

/** 異動事由 in words, as the file carries it. */
export const bulkChangeReason = (reason: string): string =>
  changeReasons[reason as keyof typeof changeReasons] ?? reason;

const resultCodes = {
  given: '0',
  'not-identified': '1',
  'wrong-key': '2',
  'key-not-allowed': '3',
  'too-few-items': '4',
} as const;
const sexCodes = { male: '1', female: '2', other: '9' } as const;
const quoted = (text: string | undefined): string =>
  text === undefined ? '' : /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * A result row as `writeCsvRecord` writes it, for files of a hundred thousand rows: a test holds the two together. The values are the
 * register's own and are not checked again.
 */
export const bulkResultLine = (row: BulkResultRow): string =>
  `D,${row.orderId},${quoted(row.rowId)},${resultCodes[row.result]},${row.residentRecordCode ?? ''},${quoted(row.name)},${row.birthDate ?? ''},${
    row.sex === undefined ? '' : sexCodes[row.sex]
  },${quoted(row.address)},${row.individualNumber ?? ''},${quoted(row.changeReason)},${row.changedOn ?? ''}\r\n`;
