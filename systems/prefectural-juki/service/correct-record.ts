import type { ResidentNotice } from '@musubi/contracts/juki/notices.ts';
import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import { type CorrectionKind, type CorrectionQuery, procedureFor } from '@musubi/kernel/corrections/correction.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { SealedId, SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { correctionProcedures } from '../domain/correction-procedures.ts';
import {
  type CorrectionLine,
  type CorrectionRow,
  insertCorrection,
  insertDone,
  insertReview,
  listCorrections,
} from '../store/corrections.ts';
import { type IdentificationRow, lockByCode, versionsOf, writeRows } from '../store/identification.ts';
import { forwardNotices } from './forward.ts';

export type CorrectingDeps = Deps & { readonly sealed: SealedStore };

/** Items that a hand may correct. Code and number change by their own notices only. */
export const correctableItems = {
  name_kanji: '氏名',
  name_furigana: '振り仮名',
  birth_date: '生年月日',
  sex: '性別',
  address: '住所',
  former_surname_kanji: '旧氏',
  former_surname_furigana: '旧氏の振り仮名',
} as const;
export type CorrectableItem = keyof typeof correctableItems;

/** 入力: a record that no notice could bring. */
export interface EnteredRecord {
  readonly residentRecordCode: string;
  readonly individualNumber: string;
  readonly municipalityCode: string;
  readonly becameResidentOn: string;
  readonly name_kanji: string;
  readonly name_furigana: string;
  readonly birth_date: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

export interface ProposeCorrection {
  readonly kind: CorrectionKind;
  readonly personId?: string | undefined;
  readonly procedureNo: string;
  readonly reason: string;
  readonly document: string;
  readonly set?: Partial<Readonly<Record<CorrectableItem, string>>> | undefined;
  readonly entered?: EnteredRecord | undefined;
}

const approvalKind = 'prefectural-juki.manual-correction';
const right = ['prefectural-juki', 'correction', 'update'] as const;
const staffOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);
const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);

/** What the second person sees is what is carried out: all of it, the version that it is about included. */
const payloadOf = ({
  kind,
  personId,
  procedureNo,
  reason,
  document,
  baseChangeId,
  before,
  after,
  numberSealed,
}: CorrectionRow) => ({
  kind,
  personId,
  procedureNo,
  reason,
  document,
  baseChangeId,
  before,
  after,
  numberSealed,
});

/** 起案. @law 東京都住民基本台帳ネットワークシステム運用管理規程 (要領・手順書) */
export const proposeCorrection = act('prefectural-juki.propose-correction', {
  right,
  subjectOf: (command: ProposeCorrection) => command.personId,
  async run(
    tx,
    deps: CorrectingDeps,
    command: ProposeCorrection,
    actor,
  ): Promise<
    Result<
      { correctionId: string },
      | 'procedure-unknown'
      | 'reason-missing'
      | 'no-such-person'
      | 'already-removed'
      | 'nothing-changes'
      | 'wrong-value'
      | 'already-present'
    >
  > {
    const today = deps.civilClock.today();
    if (procedureFor(correctionProcedures, command.procedureNo, command.kind, today) === undefined)
      return err('procedure-unknown');
    if (command.reason.trim() === '' || command.document.trim() === '') return err('reason-missing');
    const found = await valuesOf(tx, deps, command);
    if (!found.ok) return found;
    const correctionId = deps.newId();
    const by = staffOf(actor);
    const row: CorrectionRow = {
      correctionId,
      kind: command.kind,
      procedureNo: command.procedureNo,
      reason: command.reason,
      document: command.document,
      ...found.value,
      approvalId: '',
      proposedBy: by,
      proposedOn: today.toString(),
    };
    const asked = { kind: approvalKind, subject: correctionId, payload: payloadOf(row), by };
    await insertCorrection(tx, { ...row, approvalId: await requestApproval(tx, deps, asked) });
    tx.record({
      event: 'correction.proposed',
      subject: row.personId,
      facts: ['prefectural_juki.manual_correction', 'approvals.request'],
      ground: row.procedureNo,
      items: Object.keys(row.after),
      detail: { correctionId, kind: row.kind },
    });
    return ok({ correctionId });
  },
});

type Values = Pick<CorrectionRow, 'personId' | 'baseChangeId' | 'before' | 'after' | 'numberSealed'>;

async function valuesOf(
  tx: Parameters<typeof versionsOf>[0],
  deps: CorrectingDeps,
  command: ProposeCorrection,
): Promise<
  Result<Values, 'no-such-person' | 'already-removed' | 'nothing-changes' | 'wrong-value' | 'already-present'>
> {
  if (command.kind === 'enter') return enteredValues(tx, deps, command.entered);
  const [now] = command.personId === undefined ? [] : await versionsOf(tx, command.personId);
  if (now === undefined) return err('no-such-person');
  if (now.deleted_flag) return err('already-removed');
  const base = { personId: now.person_id, baseChangeId: now.change_id, numberSealed: null };
  if (command.kind === 'remove') return ok({ ...base, before: { status: now.status }, after: { status: 'removed' } });
  const before: Record<string, string | null> = {};
  const after: Record<string, string | null> = {};
  for (const [item, value] of Object.entries(command.set ?? {})) {
    const key = item as CorrectableItem;
    if (!(key in correctableItems) || !isValue(key, value)) return err('wrong-value');
    const next = value === '' ? null : value;
    if (now[key] === next) continue;
    before[key] = now[key];
    after[key] = next;
  }
  return Object.keys(after).length === 0 ? err('nothing-changes') : ok({ ...base, before, after });
}

const isValue = (item: CorrectableItem, value: string): boolean => {
  if (item === 'birth_date') return isDay(value);
  if (item === 'sex') return value === 'male' || value === 'female' || value === 'other';
  return item.startsWith('former_surname') ? value.length <= 50 : value.trim() !== '' && value.length <= 200;
};

async function enteredValues(
  tx: Parameters<typeof versionsOf>[0],
  deps: CorrectingDeps,
  entered: EnteredRecord | undefined,
): Promise<Result<Values, 'wrong-value' | 'already-present'>> {
  if (entered === undefined) return err('wrong-value');
  const { individualNumber, ...after } = entered;
  const number = IndividualNumber.parse(individualNumber);
  const code = parseResidentRecordCode(entered.residentRecordCode);
  const texts = ['name_kanji', 'name_furigana', 'birth_date', 'sex', 'address'] as const;
  if (!number.ok || !code.ok || texts.some((item) => !isValue(item, entered[item]))) return err('wrong-value');
  if (!isDay(entered.becameResidentOn) || deps.municipalities[entered.municipalityCode] === undefined)
    return err('wrong-value');
  if ((await lockByCode(tx, [entered.residentRecordCode])).size > 0) return err('already-present');
  if ((await deps.vault.find(tx, number.value, 'correction/enter')).length > 0) return err('already-present');
  const sealed = await deps.sealed.seal(tx, Buffer.from(individualNumber), {
    kind: 'correction-number',
    retentionClass: 'register-150y',
    purpose: 'correction/propose',
  });
  return ok({ personId: deps.newId(), baseChangeId: null, before: {}, after, numberSealed: sealed.ref });
}

/** 承認. A rejected 入力 loses its number at once. */
export const approveCorrection = act('prefectural-juki.approve-correction', {
  right: ['prefectural-juki', 'correction-approval', 'update'],
  async run(
    tx,
    deps: CorrectingDeps,
    command: { readonly correctionId: string; readonly decision: 'approved' | 'rejected' },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | DecideError>> {
    const found = await correctionOf(tx, command.correctionId);
    if (!found) return err('no-such-request');
    const by = staffOf(actor);
    const decided = await decideApproval(tx, deps, { approvalId: found.approvalId, decision: command.decision, by });
    if (!decided.ok) return decided;
    if (command.decision === 'rejected' && found.numberSealed !== null)
      await orderErasure(tx, deps, `object:${found.numberSealed}`, 'correction/rejected');
    tx.record({
      event: `correction.${command.decision}`,
      subject: found.personId,
      facts: ['approvals.decision'],
      detail: { correctionId: command.correctionId },
    });
    return ok(undefined);
  },
});

/** 実施: what was approved, on the version that was looked at; the national server learns it as it learns a notice. */
export const correctRecord = act('prefectural-juki.correct-record', {
  right,
  async run(
    tx,
    deps: CorrectingDeps,
    { correctionId }: { readonly correctionId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | 'changed-meanwhile' | 'already-present' | 'erased' | ExecuteError>> {
    const found = await correctionOf(tx, correctionId);
    if (!found) return err('no-such-request');
    if (found.doneBy !== null) return err('already-used');
    const by = staffOf(actor);
    const { approvalId } = found;
    const used = await useApproval(tx, deps, { approvalId, kind: approvalKind, payload: payloadOf(found), by });
    if (enforced('juki.manual-correction') && !used.ok) return used;
    const written =
      found.kind === 'enter' ? await enteredRow(tx, deps, found, by) : await correctedRow(tx, deps, found, by);
    if (!written.ok) return written;
    const { row, number } = written.value;
    await writeRows(tx, [row], deps.machineClock.now());
    await forwardNotices(tx, deps, [{ row, notice: noticeOf(row, number) }]);
    await insertDone(tx, { correctionId, changeId: row.change_id, by, on: deps.civilClock.today() });
    tx.record({
      event: 'correction.carried-out',
      subject: row.person_id,
      facts: [
        'prefectural_juki.identification',
        'prefectural_juki.provision_record',
        'prefectural_juki.manual_correction_done',
        ...(used.ok ? ['approvals.execution'] : []),
      ],
      ground: found.procedureNo,
      items: Object.keys(found.after),
      recipient: deps.nationalJuki,
      detail: { correctionId, kind: found.kind },
    });
    return ok(undefined);
  },
});

type Written = Result<{ row: IdentificationRow; number: string }, 'changed-meanwhile' | 'already-present' | 'erased'>;

const keysOf = (row: IdentificationRow): IdentificationRow => ({
  ...row,
  name_key: kanjiSearchKey(row.name_kanji),
  name_kana_normalised: kanaSearchKey(row.name_furigana),
});

async function correctedRow(
  tx: Parameters<typeof versionsOf>[0],
  deps: CorrectingDeps,
  found: CorrectionRow,
  by: string,
): Promise<Written> {
  const [seen] = await versionsOf(tx, found.personId);
  const current = seen && (await lockByCode(tx, [seen.resident_record_code])).get(seen.resident_record_code);
  if (current?.change_id !== found.baseChangeId) return err('changed-meanwhile');
  const number = await deps.vault.reveal(tx, numberRef(current.number_ref), 'correction/notify');
  const removed = found.kind === 'remove';
  const row = keysOf({
    ...current,
    ...(removed ? { status: 'removed', deleted_flag: true, retention_flag: 'removed' } : found.after),
    change_reason: removed ? 'removed-ex-officio' : 'corrected-ex-officio',
    ...stampOf(deps, by),
  });
  return ok({ row, number: number.digits() });
}

async function enteredRow(
  tx: Parameters<typeof versionsOf>[0],
  deps: CorrectingDeps,
  found: CorrectionRow,
  by: string,
): Promise<Written> {
  const after = found.after as unknown as Omit<EnteredRecord, 'individualNumber'>;
  if ((await lockByCode(tx, [after.residentRecordCode])).size > 0) return err('already-present');
  const opened = await deps.sealed.open(tx, found.numberSealed as SealedId, 'correction/enter');
  if (!opened.ok) return opened;
  const parsed = IndividualNumber.parse(opened.value.toString());
  if (!parsed.ok || (await deps.vault.find(tx, parsed.value, 'correction/enter')).length > 0)
    return err('already-present');
  const ref = await deps.vault.put(tx, `person:${found.personId}`, parsed.value, 'correction/enter');
  await orderErasure(tx, deps, `object:${found.numberSealed}`, 'correction/done');
  const row = keysOf({
    person_id: found.personId,
    resident_record_code: after.residentRecordCode,
    number_ref: ref,
    name_kanji: after.name_kanji,
    name_furigana: after.name_furigana,
    birth_date: after.birth_date,
    sex: after.sex,
    address: after.address,
    municipality_code: after.municipalityCode,
    became_resident_on: after.becameResidentOn,
    name_gaiji_count: 0,
    address_gaiji_count: 0,
    aza_code: '',
    gaiji_flag: false,
    deleted_flag: false,
    retention_flag: 'current',
    status: 'resident',
    update_sequence_no: 1,
    name_gaiji_change_seq: 0,
    address_gaiji_change_seq: 0,
    former_surname_kanji: null,
    former_surname_gaiji_count: 0,
    former_surname_furigana: null,
    former_surname_gaiji_change_seq: 0,
    name_key: '',
    name_kana_normalised: '',
    change_reason: 'entered-ex-officio',
    ...stampOf(deps, by),
  });
  return ok({ row, number: parsed.value.digits() });
}

const stampOf = (deps: CorrectingDeps, by: string) => ({
  change_date: deps.civilClock.today().toString(),
  notice_received_date: deps.civilClock.today().toString(),
  operator_id: by,
  terminal_id: 'manual-correction',
  source_timestamp: deps.machineClock.now().toString(),
  change_id: deps.newId(),
  retroactive: false,
});

const noticeOf = (row: IdentificationRow, individualNumber: string): ResidentNotice => ({
  changeId: row.change_id,
  reason: row.change_reason as ResidentNotice['reason'],
  changedOn: row.change_date,
  status: row.status,
  becameResidentOn: row.became_resident_on,
  sequence: row.update_sequence_no,
  operatorId: row.operator_id,
  terminalId: row.terminal_id,
  sourceAt: row.source_timestamp,
  items: {
    residentRecordCode: row.resident_record_code,
    name: row.name_kanji,
    nameGaijiCount: row.name_gaiji_count,
    nameKana: row.name_furigana,
    birthDate: row.birth_date,
    sex: row.sex as ResidentNotice['items']['sex'],
    address: row.address,
    addressGaijiCount: row.address_gaiji_count,
    individualNumber,
    municipalityCode: row.municipality_code,
    azaCode: row.aza_code,
    formerSurname: row.former_surname_kanji,
    formerSurnameGaijiCount: row.former_surname_gaiji_count,
    formerSurnameKana: row.former_surname_furigana,
  },
});

/** 定期的な確認 of what was done by hand, by somebody who neither proposed nor carried it out. */
export const reviewCorrection = act('prefectural-juki.review-correction', {
  right: ['prefectural-juki', 'correction-approval', 'update'],
  async run(
    tx,
    deps: CorrectingDeps,
    command: { readonly correctionId: string; readonly byProcedure: boolean; readonly note: string },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | 'own-work' | 'note-missing' | 'already-reviewed'>> {
    const found = await correctionOf(tx, command.correctionId);
    if (!found || found.doneBy === null) return err('no-such-request');
    const by = staffOf(actor);
    if (by === found.proposedBy || by === found.doneBy) return err('own-work');
    if (!command.byProcedure && command.note.trim() === '') return err('note-missing');
    if (!(await insertReview(tx, { ...command, by, on: deps.civilClock.today() }))) return err('already-reviewed');
    tx.record({
      event: 'correction.reviewed',
      subject: found.personId,
      facts: ['prefectural_juki.manual_correction_review'],
      detail: { correctionId: command.correctionId, byProcedure: command.byProcedure },
    });
    return ok(undefined);
  },
});

export const readCorrections = act('prefectural-juki.read-corrections', {
  right: ['prefectural-juki', 'correction', 'read'],
  async run(
    tx,
    _deps: CorrectingDeps,
    q: CorrectionQuery,
  ): Promise<Result<{ rows: CorrectionLine[]; total: number }, never>> {
    const found = await listCorrections(tx, q);
    tx.record({
      event: 'correction.read',
      subjects: found.rows.map((r) => r.personId),
      detail: { count: found.rows.length },
    });
    return ok(found);
  },
});

const correctionOf = async (
  tx: Parameters<typeof versionsOf>[0],
  correctionId: string,
): Promise<CorrectionLine | undefined> =>
  (await listCorrections(tx, { which: 'all', correctionId, offset: 0, limit: 1 })).rows[0];
