import { momentInJson, textInJson as quoted, TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';

/** A row of a first load: what differs from person to person. All other items are the same for a file (`FileValues`). */
export interface LoadRow {
  readonly residentRecordCode: string;
  readonly name: string;
  readonly nameKey: string;
  readonly nameKana: string;
  readonly kanaKey: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly azaCode: string;
  readonly nameGaijiCount: string;
  readonly addressGaijiCount: string;
  readonly formerSurname: string;
  readonly formerSurnameKana: string;
  readonly formerSurnameGaijiCount: string;
  readonly becameResidentOn: string;
  readonly changedOn: string;
  readonly sequence: string;
  readonly status: string;
}

export interface FileValues {
  readonly eventId: string;
  readonly municipalityCode: string;
  readonly operatorId: string;
  readonly terminalId: string;
  readonly sourceAt: Temporal.Instant;
  readonly recordedAt: Temporal.Instant;
  readonly receivedOn: string;
}

/** Rows of one file on their way into the table: lines for COPY, and the leaves that tie them to the log. */
export class LoadRows {
  readonly #file: FileValues;
  readonly #tied = new TiedRows('prefectural_juki.identification');
  readonly #recorded: string;
  readonly #source: string;

  constructor(file: FileValues) {
    this.#file = file;
    this.#recorded = momentInJson(file.recordedAt);
    this.#source = momentInJson(file.sourceAt);
  }

  add(row: LoadRow, personId: string, numberRef: string): string {
    const f = this.#file;
    const gaiji = row.nameGaijiCount !== '0' || row.addressGaijiCount !== '0' || row.formerSurnameGaijiCount !== '0';
    // The first load is a person's first change: it goes by the person's own id.
    const changeId = personId;
    const former = row.formerSurname === '' ? undefined : row;
    // Keys as jsonb has them: shorter before longer, then by bytes.
    const text =
      `{"sex": "${row.sex}", "status": "${row.status}", "address": ${quoted(row.address)}, "aza_code": "${row.azaCode}", "event_id": "${f.eventId}", ` +
      `"name_key": ${quoted(row.nameKey)}, "change_id": "${changeId}", "person_id": "${personId}", "birth_date": "${row.birthDate}", "gaiji_flag": ${gaiji}, ` +
      `"name_kanji": ${quoted(row.name)}, "number_ref": "${numberRef}", "change_date": "${row.changedOn}", "operator_id": ${quoted(f.operatorId)}, ` +
      `"recorded_at": "${this.#recorded}", "retroactive": false, "terminal_id": ${quoted(f.terminalId)}, "deleted_flag": false, ` +
      `"change_reason": "initial-load", "name_furigana": ${quoted(row.nameKana)}, "retention_flag": "current", "name_gaiji_count": ${row.nameGaijiCount}, ` +
      `"source_timestamp": "${this.#source}", "municipality_code": "${f.municipalityCode}", "became_resident_on": "${row.becameResidentOn}", ` +
      `"update_sequence_no": ${row.sequence}, "address_gaiji_count": ${row.addressGaijiCount}, ` +
      `${former ? `"former_surname_kanji": ${quoted(former.formerSurname)}, ` : ''}"name_kana_normalised": ${quoted(row.kanaKey)}, ` +
      `"notice_received_date": "${f.receivedOn}", "resident_record_code": ${Number(row.residentRecordCode)}, "name_gaiji_change_seq": 0, ` +
      `${former ? `"former_surname_furigana": ${quoted(former.formerSurnameKana)}, ` : ''}"address_gaiji_change_seq": 0, ` +
      `"former_surname_gaiji_count": ${row.formerSurnameGaijiCount}, "former_surname_gaiji_change_seq": 0}`;
    this.#tied.addText(`${personId}/${changeId}`, text);
    return (
      `${personId}\t${numberRef}\t${changeId}\t${f.eventId}\t${row.residentRecordCode}\t${this.#source}\t${this.#recorded}\t${row.birthDate}\t` +
      `${row.changedOn}\t${f.receivedOn}\t${row.becameResidentOn}\t${row.sequence}\tinitial-load\t${row.sex}\t${row.status}\tcurrent\t` +
      `${row.nameGaijiCount}\t${row.addressGaijiCount}\t${row.formerSurnameGaijiCount}\t0\t0\t0\t${gaiji ? 't' : 'f'}\tf\tf\t` +
      `${escaped(row.name)}\t${escaped(row.nameKana)}\t${escaped(row.kanaKey)}\t${escaped(row.nameKey)}\t${escaped(row.address)}\t` +
      `${f.municipalityCode}\t${row.azaCode}\t${escaped(f.operatorId)}\t${escaped(f.terminalId)}\t` +
      `${former ? escaped(former.formerSurname) : '\\N'}\t${former ? escaped(former.formerSurnameKana) : '\\N'}\n`
    );
  }

  /** For `batches` of the act's event. */
  tie(): Readonly<Record<string, ReturnType<TiedRows['tie']>>> {
    return { 'prefectural_juki.identification': this.#tied.tie() };
  }
}

export const copyRows = (tx: Tx, lines: string): Promise<number> =>
  tx.copyIn(
    `copy prefectural_juki.identification (person_id, number_ref, change_id, event_id, resident_record_code, source_timestamp, recorded_at,
       birth_date, change_date, notice_received_date, became_resident_on, update_sequence_no, change_reason, sex, status, retention_flag,
       name_gaiji_count, address_gaiji_count, former_surname_gaiji_count, name_gaiji_change_seq, address_gaiji_change_seq,
       former_surname_gaiji_change_seq, gaiji_flag, deleted_flag, retroactive, name_kanji, name_furigana, name_kana_normalised, name_key,
       address, municipality_code, aza_code, operator_id, terminal_id, former_surname_kanji, former_surname_furigana) from stdin`,
    [lines],
  );

/** As COPY reads a text. */
export const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (c) => `\\${escapes[c] ?? c}`) : text;
const escapes: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\r': 'r' };

export interface LoadState {
  readonly begun: boolean;
  readonly finished: boolean;
  /** Rows in the register; only whether there are any. */
  readonly occupied: boolean;
}

export async function loadState(tx: Tx): Promise<LoadState> {
  const [row] = await tx<LoadState>`
    select exists (select from prefectural_juki.first_load where step = 'begun') as begun,
           exists (select from prefectural_juki.first_load where step = 'finished') as finished,
           exists (select from prefectural_juki.identification) or exists (select from prefectural_juki.identification_history)
             or exists (select from vault.number) as occupied`;
  return row!;
}

export async function noteStep(
  tx: Tx,
  step: 'begun' | 'finished',
  records: number,
  at: Temporal.Instant,
): Promise<void> {
  await tx`insert into prefectural_juki.first_load (step, records, at, event_id) values (${step}, ${records}, ${at}, ${tx.eventId})`;
}

export async function dropIndexes(tx: Tx): Promise<void> {
  await tx`select prefectural_juki.drop_indexes()`;
  await tx`select vault.drop_indexes()`;
}

/** Whether a file of that place and number was loaded; `same` where it was this very one. */
export async function findLoadedFile(
  tx: Tx,
  {
    municipalityCode,
    fileNo,
    digest,
  }: { readonly municipalityCode: string; readonly fileNo: number; readonly digest: Uint8Array },
): Promise<'same' | 'another' | undefined> {
  const [row] = await tx<{ same: boolean }>`
    select digest = ${digest} as same from prefectural_juki.loaded_file where municipality_code = ${municipalityCode} and file_no = ${fileNo}`;
  return row === undefined ? undefined : row.same ? 'same' : 'another';
}

export async function noteLoadedFile(
  tx: Tx,
  file: {
    readonly municipalityCode: string;
    readonly fileNo: number;
    readonly digest: Uint8Array;
    readonly records: number;
  },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.loaded_file (municipality_code, file_no, digest, records, loaded_at, event_id)
    values (${file.municipalityCode}, ${file.fileNo}, ${file.digest}, ${file.records}, ${at}, ${tx.eventId})`;
}

export interface LoadCounts {
  readonly files: number;
  readonly records: number;
  readonly rows: number;
  readonly numbers: number;
}

export async function countLoaded(tx: Tx): Promise<LoadCounts> {
  const [row] = await tx<LoadCounts>`
    select count(*)::int as files, coalesce(sum(records), 0)::bigint as records,
           (select count(*) from prefectural_juki.identification) as rows, (select count(*) from vault.number) as numbers
      from prefectural_juki.loaded_file`;
  return row!;
}

/** Numbers that more than one person holds: how many, never which. */
export async function countDoubleNumbers(tx: Tx): Promise<number> {
  // Grouped in memory: with what a clerk's statement has, fourteen million groups would go through the disk.
  await tx`select set_config('work_mem', '1GB', true)`;
  const [row] = await tx<{ numbers: number }>`
    select count(*) as numbers from (select 1 from vault.number group by digest having count(*) > 1) as d`;
  return row!.numbers;
}

/** @returns `code-twice` where the index of codes finds one that two persons hold; it names none */
export async function makeIndexes(tx: Tx): Promise<'made' | 'code-twice'> {
  await tx`select set_config('maintenance_work_mem', '1GB', true), set_config('max_parallel_maintenance_workers', '2', true),
    set_config('statement_timeout', '0', true)`;
  await tx`select vault.make_indexes()`;
  try {
    await tx`select prefectural_juki.make_indexes()`;
    return 'made';
  } catch (error) {
    if (error instanceof Error && 'constraint' in error && error.constraint === 'identification_code')
      return 'code-twice';
    throw error;
  }
}
