import { type FuhyoNotice, nationalFuhyoNotices } from '@musubi/contracts/fuhyo/notices.ts';
import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import {
  type CorrectedValues,
  type CorrectionKind,
  type CorrectionQuery,
  procedureFor,
} from '@musubi/kernel/corrections/correction.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
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
import { lockByCode, type SupplementRow, supplementOf, writeRows } from '../store/supplements.ts';
import { recordNationalProvisions } from './apply-notice.ts';

/** Items that a hand may correct. A code changes by its own notice only. */
export const correctableItems = {
  name_kanji: '氏名',
  name_furigana: '振り仮名',
  birth_date: '生年月日',
  sex: '性別',
  address_kanji: '住所',
  last_address_kanji: '最終住所',
} as const;
export type CorrectableItem = keyof typeof correctableItems;

/** 入力: a supplement that no notice could bring. */
export interface EnteredSupplement {
  readonly resident_record_code: string;
  readonly managing_municipality_code: string;
  readonly address_municipality_code: string;
  readonly name_kanji: string;
  readonly name_furigana: string;
  readonly birth_date: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address_kanji: string;
}

export interface ProposeCorrection {
  readonly kind: CorrectionKind;
  readonly supplementId?: string | undefined;
  readonly procedureNo: string;
  readonly reason: string;
  readonly document: string;
  readonly set?: Partial<Readonly<Record<CorrectableItem, string>>> | undefined;
  readonly entered?: EnteredSupplement | undefined;
}

const approvalKind = 'fuhyo-link.manual-correction';
const right = ['fuhyo-link', 'correction', 'update'] as const;
const staffOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);
const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);

/** What the second person sees is what is carried out: all of it, the version that it is about included. */
const payloadOf = (c: CorrectionRow) => ({
  kind: c.kind,
  supplementId: c.supplementId,
  procedureNo: c.procedureNo,
  reason: c.reason,
  document: c.document,
  baseChangeId: c.baseChangeId,
  before: c.before,
  after: c.after,
});

type ProposeFault =
  | 'procedure-unknown'
  | 'reason-missing'
  | 'no-such-person'
  | 'already-removed'
  | 'nothing-changes'
  | 'wrong-value'
  | 'already-present';

/** 起案 (FPS-X9). @law 東京都住民基本台帳ネットワークシステム運用管理規程 (要領・手順書) */
export const proposeCorrection = act('fuhyo-link.propose-correction', {
  right,
  subjectOf: (command: ProposeCorrection) => command.supplementId,
  async run(
    tx,
    deps: Deps,
    command: ProposeCorrection,
    actor,
  ): Promise<Result<{ readonly correctionId: string }, ProposeFault>> {
    const today = deps.civilClock.today();
    if (procedureFor(correctionProcedures, command.procedureNo, command.kind, today) === undefined)
      return err('procedure-unknown');
    if (command.reason.trim() === '' || command.document.trim() === '') return err('reason-missing');
    const found = command.kind === 'enter' ? await entered(tx, deps, command.entered) : await changed(tx, command);
    if (!found.ok) return found;
    const [correctionId, by] = [deps.newId(), staffOf(actor)];
    const { kind, procedureNo, reason, document } = command;
    const stated = { correctionId, kind, procedureNo, reason, document, ...found.value };
    const row: CorrectionRow = { ...stated, approvalId: '', proposedBy: by, proposedOn: today.toString() };
    const asked = { kind: approvalKind, subject: correctionId, payload: payloadOf(row), by };
    await insertCorrection(tx, { ...row, approvalId: await requestApproval(tx, deps, asked) });
    tx.record({
      event: 'correction.proposed',
      subject: row.supplementId,
      facts: ['fuhyo_link.manual_correction', 'approvals.request'],
      ground: procedureNo,
      items: Object.keys(row.after),
      detail: { correctionId, kind },
    });
    return ok({ correctionId });
  },
});

type Values = Pick<CorrectionRow, 'supplementId' | 'baseChangeId' | 'before' | 'after'>;

async function changed(tx: Tx, { kind, supplementId, set }: ProposeCorrection): Promise<Result<Values, ProposeFault>> {
  const now = supplementId === undefined ? undefined : await supplementOf(tx, supplementId);
  if (now === undefined) return err('no-such-person');
  if (now.record_state === 'removed') return err('already-removed');
  const base = { supplementId: now.supplement_id, baseChangeId: now.change_id };
  if (kind === 'remove')
    return ok({ ...base, before: { record_state: now.record_state }, after: { record_state: 'removed' } });
  const before: Record<string, string | null> = {};
  const after: Record<string, string | null> = {};
  for (const [item, value] of Object.entries(set ?? {})) {
    const key = item as CorrectableItem;
    if (!(key in correctableItems) || !isValue(key, value)) return err('wrong-value');
    if (now[key] === value) continue;
    before[key] = now[key];
    after[key] = value;
  }
  return Object.keys(after).length === 0 ? err('nothing-changes') : ok({ ...base, before, after });
}

const isValue = (item: CorrectableItem, value: string): boolean => {
  if (item === 'birth_date') return isDay(value);
  if (item === 'sex') return value === 'male' || value === 'female' || value === 'other';
  return value.trim() !== '' && value.length <= 200;
};

async function entered(
  tx: Tx,
  deps: Deps,
  given: EnteredSupplement | undefined,
): Promise<Result<Values, 'wrong-value' | 'already-present'>> {
  const texts = ['name_kanji', 'name_furigana', 'birth_date', 'sex', 'address_kanji'] as const;
  if (given === undefined || texts.some((item) => !isValue(item, given[item] ?? ''))) return err('wrong-value');
  const { resident_record_code, managing_municipality_code, address_municipality_code } = given;
  if (!parseResidentRecordCode(resident_record_code ?? '').ok) return err('wrong-value');
  if (deps.municipalities[managing_municipality_code] === undefined) return err('wrong-value');
  if (!/^[0-9]{6}$/.test(address_municipality_code ?? '')) return err('wrong-value');
  if ((await lockByCode(tx, [resident_record_code])).size > 0) return err('already-present');
  const after = { ...given } as unknown as CorrectedValues;
  return ok({ supplementId: deps.newId(), baseChangeId: null, before: {}, after });
}

export const approveCorrection = act('fuhyo-link.approve-correction', {
  right: ['fuhyo-link', 'correction-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly correctionId: string; readonly decision: 'approved' | 'rejected' },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | DecideError>> {
    const found = await correctionOf(tx, command.correctionId);
    if (!found) return err('no-such-request');
    const { approvalId } = found;
    const decided = await decideApproval(tx, deps, { approvalId, decision: command.decision, by: staffOf(actor) });
    if (!decided.ok) return decided;
    tx.record({
      event: `correction.${command.decision}`,
      subject: found.supplementId,
      facts: ['approvals.decision'],
      detail: { correctionId: command.correctionId },
    });
    return ok(undefined);
  },
});

/** 実施: what was approved, on the version that was looked at; the national server learns it as it learns a notice. */
export const correctSupplement = act('fuhyo-link.correct-supplement', {
  right,
  async run(
    tx,
    deps: Deps,
    { correctionId }: { readonly correctionId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | 'changed-meanwhile' | 'already-present' | ExecuteError>> {
    const found = await correctionOf(tx, correctionId);
    if (!found) return err('no-such-request');
    if (found.doneBy !== null) return err('already-used');
    const by = staffOf(actor);
    const asked = { approvalId: found.approvalId, kind: approvalKind, payload: payloadOf(found), by };
    const used = await useApproval(tx, deps, asked);
    if (enforced('juki.manual-correction') && !used.ok) return used;
    const written = found.kind === 'enter' ? await enteredRow(tx, deps, found) : await correctedRow(tx, deps, found);
    if (!written.ok) return written;
    const row = written.value;
    const message = noticeOf(row);
    await writeRows(tx, [row], deps.machineClock.now(), deps.civilClock.today());
    await deps.outbox.enqueue(tx, {
      receiver: deps.nationalFuhyo,
      family: nationalFuhyoNotices,
      subject: row.supplement_id,
      message,
    });
    await recordNationalProvisions(tx, deps, [row], Object.keys(message.items));
    await insertDone(tx, { correctionId, changeId: row.change_id, by, on: deps.civilClock.today() });
    tx.record({
      event: 'correction.carried-out',
      subject: row.supplement_id,
      facts: [
        'fuhyo_link.supplement',
        'fuhyo_link.provision_record',
        'fuhyo_link.manual_correction_done',
        ...(used.ok ? ['approvals.execution'] : []),
      ],
      ground: found.procedureNo,
      items: Object.keys(found.after),
      recipient: deps.nationalFuhyo,
      detail: { correctionId, kind: found.kind },
    });
    return ok(undefined);
  },
});

/** Keys, days and the change's own id, as a notice would bring them. */
const stamped = (
  deps: Deps,
  row: Omit<SupplementRow, 'name_key' | 'kana_key' | 'address_key' | 'last_address_key'>,
) => ({
  ...row,
  name_key: kanjiSearchKey(row.name_kanji),
  kana_key: kanaSearchKey(row.name_furigana),
  address_key: kanjiSearchKey(row.address_kanji),
  last_address_key: row.last_address_kanji === null ? null : kanjiSearchKey(row.last_address_kanji),
  change_date: deps.civilClock.today().toString(),
  notice_received_date: deps.civilClock.today().toString(),
  change_id: deps.newId(),
  retroactive: false,
});

async function correctedRow(
  tx: Tx,
  deps: Deps,
  found: CorrectionRow,
): Promise<Result<SupplementRow, 'changed-meanwhile'>> {
  const seen = await supplementOf(tx, found.supplementId);
  const current = seen && (await lockByCode(tx, [seen.resident_record_code])).get(seen.resident_record_code);
  if (current?.change_id !== found.baseChangeId) return err('changed-meanwhile');
  const isRemoved = found.kind === 'remove';
  const notice_kind = isRemoved ? 'removal' : 'correction';
  return ok(stamped(deps, { ...current, ...found.after, notice_kind }));
}

async function enteredRow(tx: Tx, deps: Deps, found: CorrectionRow): Promise<Result<SupplementRow, 'already-present'>> {
  const after = found.after as unknown as EnteredSupplement;
  if ((await lockByCode(tx, [after.resident_record_code])).size > 0) return err('already-present');
  return ok(
    stamped(deps, {
      ...after,
      supplement_id: found.supplementId,
      name_gaiji_count: 0,
      address_gaiji_count: 0,
      last_address_kanji: null,
      last_address_gaiji_count: 0,
      former_resident_record_code: null,
      record_state: 'domestic',
      gaiji_flag: false,
      gaiji_pattern: 'none',
      notice_kind: 'entry',
      update_sequence_no: 1,
      change_date: '',
      notice_received_date: '',
      retroactive: false,
      change_id: '',
    }),
  );
}

const noticeOf = (row: SupplementRow): FuhyoNotice => ({
  changeId: row.change_id,
  sequence: row.update_sequence_no,
  items: {
    residentRecordCode: row.resident_record_code,
    name: row.name_kanji,
    nameGaijiCount: row.name_gaiji_count,
    nameKana: row.name_furigana,
    birthDate: row.birth_date,
    sex: row.sex,
    addressMunicipalityCode: row.address_municipality_code,
    address: row.address_kanji,
    addressGaijiCount: row.address_gaiji_count,
    lastAddress: row.last_address_kanji,
    lastAddressGaijiCount: row.last_address_gaiji_count,
    changedOn: row.change_date,
    formerResidentRecordCode: null,
    managingMunicipalityCode: row.managing_municipality_code,
    recordState: row.record_state,
    gaijiFlag: row.gaiji_flag,
    gaijiPattern: row.gaiji_pattern,
    noticeKind: row.notice_kind,
  },
});

/** 定期的な確認 of what was done by hand, by somebody who neither proposed nor carried it out. */
export const reviewCorrection = act('fuhyo-link.review-correction', {
  right: ['fuhyo-link', 'correction-approval', 'update'],
  async run(
    tx,
    deps: Deps,
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
      subject: found.supplementId,
      facts: ['fuhyo_link.manual_correction_review'],
      detail: { correctionId: command.correctionId, byProcedure: command.byProcedure },
    });
    return ok(undefined);
  },
});

export const readCorrections = act('fuhyo-link.read-corrections', {
  right: ['fuhyo-link', 'correction', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: CorrectionQuery,
  ): Promise<Result<{ readonly rows: CorrectionLine[]; readonly total: number }, never>> {
    const found = await listCorrections(tx, query);
    const subjects = found.rows.map((r) => r.supplementId);
    tx.record({ event: 'correction.read', subjects, detail: { count: found.rows.length } });
    return ok(found);
  },
});

const correctionOf = async (tx: Tx, correctionId: string): Promise<CorrectionLine | undefined> =>
  (await listCorrections(tx, { which: 'all', correctionId, offset: 0, limit: 1 })).rows[0];
