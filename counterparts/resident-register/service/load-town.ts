import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { type ResidentNotice, residentLoads } from '@musubi/contracts/juki/notices.ts';
import { platformResidentLoads } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { transition } from '../domain/reasons.ts';
import { knownCodes, nextNumbers, type ResidentRow, writeResidents } from '../store/residents.ts';
import { networkNoticeOf, platformChangeOf } from './messages.ts';
import { addresseeNumberOf, householdNumberOf, operatorOf, searchKeysOf, vaultOwner } from './write-change.ts';

export interface LoadChunk {
  readonly loadId: string;
  readonly chunk: number;
  readonly persons: readonly LoadedPerson[];
}

export interface Loaded {
  readonly accepted: number;
  /** Row from 0 within the chunk, and why; accepted + rejected = persons of the chunk. */
  readonly rejected: readonly { readonly row: number; readonly code: string }[];
  readonly repeated: boolean;
}

interface Sound {
  readonly person: LoadedPerson;
  readonly number: IndividualNumber;
}

/**
 * Takes one chunk of the first load (初期移行), and sends it on as bulk streams. A household must not be cut between two chunks.
 * A chunk that comes again answers as it did.
 */
export const loadTown = act('resident-register.load-town', {
  right: ['resident-register', 'load', 'update'],
  async run(tx, deps: Deps, command: LoadChunk, actor): Promise<Result<Loaded, never>> {
    const { loadId, chunk, persons } = command;
    await tx`select pg_advisory_xact_lock(hashtextextended('resident-load', 0))`;
    const [stored] = await tx<{ accepted: number; rejected: Loaded['rejected'] }>`
      select accepted, rejected from resident_register.load_chunk where load_id = ${loadId} and chunk = ${chunk}`;
    if (stored) {
      tx.record({ event: 'load.repeated', detail: { loadId, chunk } });
      return ok({ ...stored, repeated: true });
    }
    const { sound, rejected } = await sift(tx, deps, persons);
    const rows = await rowsOf(tx, deps, sound, operatorOf(actor));
    const at = deps.machineClock.now();
    await writeResidents(tx, rows, at);
    if (rows.length > 0) await sendLoad(tx, deps, loadId, sound, rows, at);
    const more =
      (await deps.afterChange?.(
        tx,
        rows.map((row) => ({ row, former: undefined })),
      )) ?? [];
    await tx`
      insert into resident_register.load_chunk (load_id, chunk, accepted, rejected, loaded_at, event_id)
      values (${loadId}, ${chunk}, ${rows.length}, ${json(rejected)}, ${at}, ${tx.eventId})`;
    tx.record({
      event: 'load.taken',
      subjects: rows.map((r) => r.person_id),
      facts: ['resident_register.resident', 'resident_register.load_chunk', ...more],
      ground: '住民基本台帳法第8条（初期移行）',
      recipient: [deps.municipalJuki, deps.commonPlatform].filter(Boolean).join(' '),
      detail: { loadId, chunk, accepted: rows.length, rejected: rejected.length },
    });
    return ok({ accepted: rows.length, rejected, repeated: false });
  },
});

async function sift(tx: Tx, deps: Deps, persons: readonly LoadedPerson[]) {
  const known = await knownCodes(
    tx,
    persons.map((p) => p.residentRecordCode),
  );
  const numbers = persons.map((p) => IndividualNumber.parse(p.individualNumber));
  const parsed = numbers.flatMap((n) => (n.ok ? [n.value] : []));
  const held = await deps.vault.findMany(tx, parsed, 'resident-register/load');
  const sound: Sound[] = [];
  const rejected: { row: number; code: string }[] = [];
  const seen = new Set<string>();
  let next = 0;
  for (const [row, person] of persons.entries()) {
    const number = numbers[row]!;
    const isHeld = number.ok && held[next++]!.length > 0;
    const twice = seen.has(person.individualNumber) || seen.has(person.residentRecordCode);
    seen.add(person.individualNumber).add(person.residentRecordCode);
    const day = Temporal.PlainDate.from(person.becameResidentOn);
    const birthDate = Temporal.PlainDate.from(person.birthDate);
    const change = { reason: 'initial-load', changedOn: day, becameResidentOn: day, birthDate } as const;
    const state = transition('none', change, deps.civilClock.today());
    const code = !number.ok
      ? 'wrong-number'
      : !parseResidentRecordCode(person.residentRecordCode).ok
        ? 'wrong-code'
        : twice || isHeld || known.has(person.residentRecordCode)
          ? 'held-by-another'
          : state.ok
            ? undefined
            : state.error;
    if (code !== undefined) rejected.push({ row, code });
    else if (number.ok) sound.push({ person, number: number.value });
  }
  return { sound, rejected };
}

async function rowsOf(
  tx: Tx,
  deps: Deps,
  sound: readonly Sound[],
  operator: ReturnType<typeof operatorOf>,
): Promise<ResidentRow[]> {
  const ids = sound.map(() => deps.newId());
  const puts = await deps.vault.putMany(
    tx,
    sound.map(({ number }, i) => ({ owner: vaultOwner(ids[i]!), number })),
    'resident-register/load',
  );
  const addressees = await nextNumbers(tx, 'addressee', sound.length);
  const households = [...new Set(sound.map(({ person }) => person.household))];
  const householdNumbers = await nextNumbers(tx, 'household', households.length);
  const numberOf = new Map(households.map((h, i) => [h, householdNumberOf(householdNumbers[i]!)]));
  return sound.map(
    ({ person }, i): ResidentRow => ({
      person_id: ids[i]!,
      sequence: 1,
      addressee_number: addresseeNumberOf(addressees[i]!),
      resident_record_code: person.residentRecordCode,
      number_ref: puts[i]!.ref,
      status: 'resident',
      name: person.name,
      name_kana: person.nameKana,
      ...searchKeysOf(person.name, person.nameKana),
      birth_date: person.birthDate,
      sex: person.sex,
      address: person.address,
      postal_code: person.postalCode,
      household_number: numberOf.get(person.household)!,
      relationship: person.relationship,
      became_resident_on: person.becameResidentOn,
      planned_removal_on: null,
      removed_on: null,
      moved_to: null,
      address_protected: false,
      former_surname: null,
      former_surname_kana: null,
      registered_domicile: null,
      family_register_head: null,
      nationality: null,
      residence_status: null,
      residence_until: null,
      alias: null,
      moved_from: null,
      filing_document: null,
      identity_check: null,
      corrects_change: null,
      approved_by: null,
      reason: 'initial-load',
      changed_on: person.becameResidentOn,
      filed_on: person.becameResidentOn,
      ...operator,
      change_id: deps.newId(),
    }),
  );
}

async function sendLoad(
  tx: Tx,
  deps: Deps,
  loadId: string,
  sound: readonly Sound[],
  rows: readonly ResidentRow[],
  at: Temporal.Instant,
): Promise<void> {
  const notices: ResidentNotice[] = rows.map((row, i) => networkNoticeOf(deps, row, sound[i]!.number, at));
  await deps.outbox.enqueueBulk(tx, deps.municipalJuki, residentLoads, [
    { subject: loadId, message: { loadId, notices } },
  ]);
  if (deps.commonPlatform === undefined) return;
  const persons = rows.map((row, i) => platformChangeOf(deps, row, sound[i]!.number));
  await deps.outbox.enqueueBulk(tx, deps.commonPlatform, platformResidentLoads, [
    { subject: loadId, message: { loadId, persons } },
  ]);
}
