import { type CsvLayout, readCsv, writeCsvRecords } from '@musubi/kernel/records/csv.ts';
import type { Fault } from '@musubi/kernel/records/faults.ts';
import { anyText, code, halfWidth, westernDate } from '@musubi/kernel/records/kinds.ts';
import { optional, type RecordOf, required } from '@musubi/kernel/records/layout.ts';
import { informationItems } from './information-items.ts';
import { informationCode, type PermissionRow, procedureCode } from './messages.ts';

/*
 * 照会許可用照合リスト as a file: what the owner of the list works on, one row of the list a line. The order of the columns and the names of
 * kinds are ours; the published tables are documents.
 */

const bodies = { 区市町村: 'ward', 都道府県: 'prefecture', 国家資格等: 'national-qualification' } as const;
/** How an answer's term is written: `1分` for automatic answers, `10開庁日` where a clerk decides. */
const termPattern = /^([1-9][0-9]{0,2})(分|開庁日)$/;

const fields = [
  required('row', '行', halfWidth(60)),
  required('askerKind', '照会者', code(bodies)),
  required('procedure', '事務手続', halfWidth(20)),
  required('providerKind', '提供者', code(bodies)),
  required('informationCode', '特定個人情報', halfWidth(20)),
  required('items', '項目（・で区切る）', anyText(4_000)),
  required('ground', '根拠', anyText(1_000)),
  required('answerTerm', '回答期限', anyText(10)),
  required('validFrom', '有効開始', westernDate),
  optional('validUntil', '有効終了', westernDate),
] as const;

export const listLayout: CsvLayout<typeof fields> = {
  name: '照会許可用照合リスト',
  policy: { charset: 'utf-8', repertoire: 'any', lookalikes: 'refuse', variants: 'refuse', outside: 'refuse' },
  recordEnd: '\r\n',
  quoted: true,
  fields,
};

export interface ReadList {
  readonly rows: readonly PermissionRow[];
  /** By line; empty where the whole file may become a version. */
  readonly faults: readonly { readonly row: number; readonly field: string; readonly message: string }[];
}

/** Reads a list's file whole: every line is looked at, and with one fault nothing of it may become a version. */
export async function readListFile(bytes: Uint8Array): Promise<ReadList> {
  const rows: PermissionRow[] = [];
  const faults: { row: number; field: string; message: string }[] = [];
  const seen = new Set<string>();
  const summary = await readCsv<typeof fields, PermissionRow>([bytes], {
    layouts: [listLayout],
    each(outcome) {
      if (outcome.accepted) rows.push(outcome.value);
      else for (const { row, field = '', message } of outcome.faults) faults.push({ row, field, message });
    },
    finish(record, row) {
      const found: Fault[] = [];
      const reject = (field: string, message: string): void =>
        void found.push({ row, field, message, word: 'wrong-value', rule: 'wrong-value', severity: 'reject' });
      const value = permissionRowOf(record, reject);
      if (seen.has(record.row)) reject('行', '同じ行の番号が二つあります');
      seen.add(record.row);
      return { value, faults: found };
    },
  });
  for (const { message } of summary.fileFaults) faults.push({ row: 0, field: '', message });
  return { rows, faults };
}

function permissionRowOf(
  record: RecordOf<typeof fields>,
  reject: (field: string, message: string) => void,
): PermissionRow | undefined {
  const { row, askerKind, providerKind, ground, validFrom, validUntil } = record;
  const items = record.items.split('・');
  const definition = informationItems[record.informationCode];
  if (!procedureCode.safeParse(record.procedure).success) reject('事務手続', '事務手続の符号の形が違います');
  if (!informationCode.safeParse(record.informationCode).success || definition === undefined)
    reject('特定個人情報', '定義のない特定個人情報です');
  else if (items.some((item) => !Object.hasOwn(definition.items, item)))
    reject('項目', '定義にない項目、または空の項目があります');
  else if (new Set(items).size !== items.length) reject('項目', '同じ項目が二つあります');
  const term = termPattern.exec(record.answerTerm);
  if (term === null) reject('回答期限', '「1分」または「10開庁日」の形で書きます');
  if (validUntil !== undefined && Temporal.PlainDate.compare(validFrom, validUntil) > 0)
    reject('有効終了', '有効終了が有効開始より前です');
  if (term === null) return undefined;
  const count = Number(term[1]);
  return {
    ...{ row, askerKind, providerKind, items, ground },
    procedure: record.procedure,
    informationCode: record.informationCode,
    answerTerm: term[2] === '分' ? { minutes: count } : { openDays: count },
    validFrom: validFrom.toString(),
    validUntil: validUntil?.toString() ?? null,
  };
}

/** A version's rows as the file that its owner works on. @throws where a row cannot be written; a published one always can */
export function writeListFile(rows: readonly PermissionRow[]): Uint8Array {
  const records = rows.map(
    ({ items, answerTerm, validFrom, validUntil, ...rest }): RecordOf<typeof fields> => ({
      ...rest,
      items: items.join('・'),
      answerTerm: 'minutes' in answerTerm ? `${answerTerm.minutes}分` : `${answerTerm.openDays}開庁日`,
      validFrom: Temporal.PlainDate.from(validFrom),
      validUntil: validUntil === null ? undefined : Temporal.PlainDate.from(validUntil),
    }),
  );
  const written = writeCsvRecords(listLayout, records);
  if (!written.ok) throw new Error(`row ${written.error.row} of the list cannot be written`);
  return written.value.bytes;
}
