import type { ReturnNotice } from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { isKatakana, isUsableText } from '../domain/texts.ts';
import { lockByCode, lockResident, personOfChange, type ResidentRow, residentNow } from '../store/residents.ts';
import {
  findReturned,
  insertResolution,
  insertReturned,
  isResolved,
  listReturned,
  type Resolution,
  type Returned,
  type ReturnedLine,
} from '../store/returned.ts';
import { withheldAddress } from './read-residents.ts';
import { operatorOf, searchKeysOf, writeChange } from './write-change.ts';

const returnedFact = 'resident_register.returned_notice';

/**
 * What the network sends back. A refusal and a claim go to the work list; a 転入通知 ends the 転出予定 at once, and only
 * where there is none does a clerk have to look.
 *
 * @law 住民基本台帳法 第9条第1項, 第24条
 */
export const takeReturn = act('resident-register.take-return', {
  right: ['resident-register', 'return', 'update'],
  async run(tx, deps: Deps, { message }: Received<ReturnNotice>, actor): Promise<Result<undefined, never>> {
    const at = deps.machineClock.now();
    const nothing = {
      changeId: null,
      refusedBy: null,
      rule: null,
      items: [],
      presentAt: null,
      otherMunicipality: null,
    };
    const { returnId, kind } = message;
    if (message.kind === 'refused') {
      const { changeId, refusedBy, rule, items, presentAt } = message;
      const personId = (await personOfChange(tx, changeId)) ?? null;
      await insertReturned(
        tx,
        { ...nothing, returnId, kind, personId, changeId, refusedBy, rule, items, presentAt },
        at,
      );
      tx.record({
        ...event('notice.returned', personId),
        facts: [returnedFact],
        detail: { returnId, rule, refusedBy },
      });
      return ok(undefined);
    }
    const row = await lockByCode(tx, message.residentRecordCode);
    if (message.kind === 'moved-in-elsewhere' && row?.status === 'moving-out') {
      const ended = endedByMoveIn(row, message.changedOn, deps.newId());
      tx.record(await writeChange(tx, deps, { ...ended, ...operatorOf(actor) }, { silent: true }));
      return ok(undefined);
    }
    const personId = row?.person_id ?? null;
    const { otherMunicipality } = message;
    await insertReturned(tx, { ...nothing, returnId, kind, personId, otherMunicipality }, at);
    tx.record({ ...event(`notice.${kind}`, personId), facts: [returnedFact], detail: { returnId, otherMunicipality } });
    return ok(undefined);
  },
});

const event = (name: string, subject: string | null): ActEvent =>
  subject === null ? { event: name } : { event: name, subject };

/** 転入通知 by the new municipality: removed as of the day on which the person moved in there. */
const endedByMoveIn = (row: ResidentRow, changedOn: string, changeId: string): ResidentRow => ({
  ...row,
  sequence: row.sequence + 1,
  status: 'removed',
  planned_removal_on: null,
  removed_on: changedOn,
  reason: 'moved-out-completed',
  changed_on: changedOn,
  change_id: changeId,
});

export const readReturned = act('resident-register.read-returned', {
  right: ['resident-register', 'returned', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly all: boolean; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: ReturnedLine[]; total: number }, never>> {
    const found = await listReturned(tx, query);
    const subjects = found.rows.flatMap((r) => (r.personId === null ? [] : [r.personId]));
    tx.record({ event: 'returned.read', subjects: [...new Set(subjects)], detail: { count: found.rows.length } });
    return ok(found);
  },
});

export type ResolveRefusal = 'no-such-entry' | 'already-resolved' | 'not-an-entry' | 'supervisor-only';

/** Taking an entry back out of the register is not a clerk's alone. */
const withdrawing = ['resident-register', 'approval', 'update'] as const;

/**
 * A clerk deals with what came back. `withdrawn` takes a refused entry back out of this register (誤記載の消除): the network
 * never had it, so nothing goes there.
 */
export const resolveReturned = act('resident-register.resolve-returned', {
  right: ['resident-register', 'returned', 'update'],
  async run(tx, deps: Deps, command: Omit<Resolution, 'by'>, actor): Promise<Result<undefined, ResolveRefusal>> {
    const entry = await findReturned(tx, command.returnId);
    if (!entry) return err('no-such-entry');
    if (command.resolution === 'withdrawn' && !(await deps.rights.allows(tx, actor, withdrawing)))
      return err('supervisor-only');
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    if (!(await insertResolution(tx, { ...command, by }, deps.machineClock.now()))) return err('already-resolved');
    const detail = { returnId: command.returnId, resolution: command.resolution };
    const facts = ['resident_register.returned_resolution'];
    if (command.resolution !== 'withdrawn') {
      tx.record({ ...event('returned.resolved', entry.personId), facts, detail });
      return ok(undefined);
    }
    const row = entry.personId === null ? undefined : await lockResident(tx, entry.personId);
    if (!row || !isWithdrawable(row, entry.changeId)) return err('not-an-entry');
    const written = await withdraw(tx, deps, { ...row, ...operatorOf(actor) });
    tx.record({ ...written, event: 'returned.withdrawn', facts: [...facts, ...(written.facts ?? [])], detail });
    return ok(undefined);
  },
});

export interface ReturnedEntry {
  readonly entry: Returned;
  /** The person's record as it stands; undefined where the notice is about nobody here. */
  readonly now: ResidentRow | undefined;
  readonly isOpen: boolean;
  /** No change followed the refused one, so that it can be put right and sent again. */
  readonly canResend: boolean;
  readonly canWithdraw: boolean;
}

/** One entry of the work list with the record it is about. */
export const readReturnedEntry = act('resident-register.read-returned-entry', {
  right: ['resident-register', 'returned', 'read'],
  async run(
    tx,
    _deps: Deps,
    { returnId }: { readonly returnId: string },
  ): Promise<Result<ReturnedEntry, 'no-such-entry'>> {
    const entry = await findReturned(tx, returnId);
    if (!entry) return err('no-such-entry');
    const now = entry.personId === null ? undefined : await residentNow(tx, entry.personId);
    const isOpen = !(await isResolved(tx, returnId));
    tx.record({ ...event('returned.entry-read', entry.personId), detail: { returnId } });
    const isLast = now !== undefined && now.change_id === entry.changeId;
    return ok({
      entry,
      now: now && withoutAddress(now),
      isOpen,
      canResend: isOpen && isLast && entry.kind === 'refused',
      canWithdraw: isOpen && now !== undefined && isWithdrawable(now, entry.changeId),
    });
  },
});

const withoutAddress = (row: ResidentRow): ResidentRow =>
  row.address_protected && enforced('access.support-measure-block') ? { ...row, address: withheldAddress } : row;

/** Items that a clerk may put right when a notice comes back; the state and the reason stay. */
export type Corrections = Partial<
  Pick<
    ResidentRow,
    'name' | 'name_kana' | 'birth_date' | 'sex' | 'address' | 'postal_code' | 'former_surname' | 'former_surname_kana'
  >
>;

/**
 * 訂正して再送: the refused change again, with what was wrong put right (or as it was, where the fault lay elsewhere), as the person's
 * next version under a new change id. Only where nothing followed: an older change cannot be sent after a newer one.
 */
export const resendReturned = act('resident-register.resend-returned', {
  right: ['resident-register', 'returned', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly returnId: string;
      readonly version: number;
      readonly corrections: Corrections;
      readonly note: string;
    },
    actor,
  ): Promise<
    Result<
      { readonly changeId: string },
      | ResolveRefusal
      | 'changed-meanwhile'
      | 'not-the-last-change'
      | 'unusable-character'
      | 'not-katakana'
      | 'one-without-the-other'
    >
  > {
    const { returnId, corrections, note } = command;
    const entry = await findReturned(tx, returnId);
    if (entry?.kind !== 'refused' || entry.personId === null) return err('no-such-entry');
    const row = await lockResident(tx, entry.personId);
    if (!row || row.sequence !== command.version) return err('changed-meanwhile');
    if (row.change_id !== entry.changeId) return err('not-the-last-change');
    const { name, address, former_surname } = corrections;
    if (![name, address, former_surname].every((t) => typeof t !== 'string' || isUsableText(t)))
      return err('unusable-character');
    const kana = [corrections.name_kana, corrections.former_surname_kana];
    if (!kana.every((t) => typeof t !== 'string' || isKatakana(t))) return err('not-katakana');
    const next = { ...row, ...corrections };
    if ((next.former_surname === null) !== (next.former_surname_kana === null)) return err('one-without-the-other');
    const resolution = Object.keys(corrections).length > 0 ? 'corrected' : 'resent';
    const { operator_id: by } = operatorOf(actor);
    if (!(await insertResolution(tx, { returnId, resolution, note, by }, deps.machineClock.now())))
      return err('already-resolved');
    const corrected: ResidentRow = {
      ...next,
      ...searchKeysOf(next.name, next.name_kana),
      ...operatorOf(actor),
      sequence: row.sequence + 1,
      corrects_change: row.change_id,
      approved_by: null,
      change_id: deps.newId(),
    };
    const written = await writeChange(tx, deps, corrected);
    tx.record({
      ...written,
      event: 'returned.resent',
      facts: ['resident_register.returned_resolution', ...(written.facts ?? [])],
      detail: { ...written.detail, returnId, resolution },
    });
    return ok({ changeId: corrected.change_id });
  },
});

const isWithdrawable = (row: ResidentRow, changeId: string | null): boolean =>
  row.change_id === changeId && row.status === 'resident' && /^(moved-in|birth|entered)/.test(row.reason);

function withdraw(tx: Tx, deps: Deps, row: ResidentRow): Promise<ActEvent> {
  const today = deps.civilClock.today().toString();
  const withdrawn: ResidentRow = {
    ...row,
    sequence: row.sequence + 1,
    status: 'removed',
    removed_on: today,
    reason: 'removed-ex-officio',
    changed_on: today,
    filed_on: today,
    change_id: deps.newId(),
  };
  return writeChange(tx, deps, withdrawn, { silent: true });
}
