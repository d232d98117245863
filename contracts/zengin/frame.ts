import type { CharsetPolicy } from '@musubi/kernel/records/charset.ts';
import type { Fault } from '@musubi/kernel/records/faults.ts';
import { at, type FixedLayout, fixedLayout, readFixed } from '@musubi/kernel/records/fixed-width.ts';
import { constant } from '@musubi/kernel/records/kinds.ts';
import { required } from '@musubi/kernel/records/layout.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** Why a whole file is refused: the rule (Z01–Z14), the record from 1, the field where one is meant. Never a value. */
export interface ZenginFault {
  readonly rule: string;
  readonly row?: number;
  readonly field?: string;
  readonly message: string;
}

const policy: CharsetPolicy & { readonly charset: 'cp932' } = {
  charset: 'cp932',
  repertoire: 'cp932',
  lookalikes: 'refuse',
  variants: 'refuse',
  outside: 'refuse',
};
export const recordBytes = 120;
export type RecordEnd = '\r\n' | '';

/** Rule ids for what the record layer finds. */
const fieldRules = {
  'not-digits': 'Z05',
  'too-long': 'Z05',
  'wrong-length': 'Z05',
  missing: 'Z05',
  'not-in-code-table': 'Z05',
  'wrong-constant': 'Z03',
  'outside-repertoire': 'Z06',
  'bad-byte': 'Z06',
  'control-character': 'Z06',
  'unknown-record-kind': 'Z02',
  'wrong-record-end': 'Z01',
  'cut-short': 'Z01',
} as const;

type Fields = Parameters<typeof fixedLayout>[0]['fields'];
type RecordKind = 'header' | 'detail' | 'trailer' | 'end';
const recordKinds = { header: '1', detail: '2', trailer: '8', end: '9' } as const;

/** A record of 120 bytes; データ区分 in its first place tells its kind. */
export const zenginRecord = (name: RecordKind, fields: Fields): FixedLayout =>
  fixedLayout({
    name,
    recordBytes,
    policy,
    rules: fieldRules,
    fields: [at(1, 1, required('record', 'データ区分', constant(recordKinds[name]))), ...fields],
  });
export const endRecord = zenginRecord('end', []);

/** A record of a file with its place. */
export interface Placed {
  readonly row: number;
  readonly layout: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
/** Header, details and trailer that belong together. */
export interface PlacedGroup {
  readonly header: Placed;
  readonly details: readonly Placed[];
  readonly trailer: Placed;
}

/** Records end in nothing or all in CR LF; anything mixed is refused by the place where it changes. */
function recordEndOf(bytes: Uint8Array): RecordEnd {
  return bytes[recordBytes] === 0x0d && bytes[recordBytes + 1] === 0x0a ? '\r\n' : '';
}

/** A single 0x1A at the end of old media is accepted. */
const withoutEof = (bytes: Uint8Array): Uint8Array => (bytes.at(-1) === 0x1a ? bytes.subarray(0, -1) : bytes);

/**
 * Reads the frame that all 全銀 files share: records of 120 bytes, header … details … trailer in groups, one end record. All
 * faults of fields are gathered; the file is taken whole or not at all.
 */
export async function readFrame(
  content: Uint8Array,
  layouts: Readonly<Record<'1' | '2' | '8' | '9', FixedLayout>>,
): Promise<Result<readonly PlacedGroup[], readonly ZenginFault[]>> {
  const bytes = withoutEof(content);
  if (bytes.length === 0) return err([{ rule: 'Z01', message: 'ファイルが空です' }]);
  if (bytes[0] === 0xf1) return err([{ rule: 'Z04', row: 1, message: 'EBCDICのファイルは受け付けられません' }]);
  if (bytes[3] === 0x31 && bytes[0] === 0x31)
    return err([{ rule: 'Z04', row: 1, field: 'コード区分', message: 'コード区分がJIS（0）ではありません' }]);
  const faults: ZenginFault[] = [];
  const records: Placed[] = [];
  const summary = await readFixed([bytes], {
    recordBytes,
    recordEnd: recordEndOf(bytes),
    rules: fieldRules,
    pick: (record) => layouts[String.fromCharCode(record[0]!) as '1' | '2' | '8' | '9'],
    each: (outcome) => {
      if (outcome.accepted) records.push({ row: outcome.row, ...outcome.value });
      else if (faults.length < 100) faults.push(...outcome.faults.map(faultOfRecord));
    },
  });
  for (const { message } of summary.fileFaults) faults.push({ rule: 'Z01', message });
  if (faults.length > 0) return err(faults);
  return groupsOf(records);
}

const faultOfRecord = ({ row, field, rule, message }: Fault): ZenginFault => ({
  rule: /^Z\d\d$/.test(rule) ? rule : 'Z05',
  row,
  ...(field === undefined ? {} : { field }),
  message,
});

function groupsOf(records: readonly Placed[]): Result<readonly PlacedGroup[], readonly ZenginFault[]> {
  const wrong = (row: number, message: string) => err([{ rule: 'Z02', row, message }] as const);
  const groups: PlacedGroup[] = [];
  let header: Placed | undefined;
  let details: Placed[] = [];
  let ended = false;
  for (const record of records) {
    if (ended) return wrong(record.row, 'エンドレコードの後にレコードがあります');
    switch (record.layout) {
      case 'header':
        if (header !== undefined) return wrong(record.row, '前のヘッダーに対するトレーラーがありません');
        header = record;
        details = [];
        break;
      case 'detail':
        if (header === undefined) return wrong(record.row, 'ヘッダーの前にデータレコードがあります');
        details.push(record);
        break;
      case 'trailer':
        if (header === undefined) return wrong(record.row, 'ヘッダーの前にトレーラーがあります');
        groups.push({ header, details, trailer: record });
        header = undefined;
        break;
      default:
        if (header !== undefined) return wrong(record.row, 'トレーラーがありません');
        ended = true;
    }
  }
  if (!ended) return wrong(records.length, 'エンドレコードがありません');
  if (groups.length === 0) return wrong(1, 'ヘッダーがありません');
  return ok(groups);
}

/** 件数 and 金額 of a trailer against its details. */
export function totalFaults({ details, trailer }: PlacedGroup): readonly ZenginFault[] {
  const total = details.reduce((all, { fields }) => all + (fields.amount as number), 0);
  const at = (field: string): ZenginFault => ({
    rule: 'Z07',
    row: trailer.row,
    field,
    message: `${field}がデータレコードと一致しません`,
  });
  return [
    ...(trailer.fields.records === details.length ? [] : [at('合計件数')]),
    ...(trailer.fields.total === total ? [] : [at('合計金額')]),
  ];
}
