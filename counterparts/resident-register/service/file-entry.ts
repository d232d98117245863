import { requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { reasonRules } from '../domain/reasons.ts';
import { insertPending } from '../store/pending.ts';
import { namesakes, type ResidentRow } from '../store/residents.ts';
import { birthsChannel } from './births.ts';
import type { Changed } from './change-resident.ts';
import { checkEntry, type EntryRefusal, enterResident, type ForeignItems } from './enter-resident.ts';
import { approvalKind, counter, type IdentityCheck } from './file-change.ts';
import { once } from './once.ts';
import type { GivenCodes } from './pending-changes.ts';
import { operatorOf, searchKeysOf } from './write-change.ts';

/** An entry of someone who has no code yet; days as ISO text, so that it can wait as it was filed. */
export interface FiledEntry {
  readonly reason: 'moved-in-from-abroad' | 'entered-ex-officio';
  readonly changedOn: string;
  readonly filedOn: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: ResidentRow['sex'];
  readonly address: string;
  readonly postalCode: string | null;
  readonly householdNumber: string | null;
  readonly relationship: string;
  readonly movedFrom: string | null;
  readonly registeredDomicile: string | null;
  readonly familyRegisterHead: string | null;
  readonly foreign: ForeignItems | null;
  readonly document: string;
  readonly identityCheck: IdentityCheck | null;
  readonly namesakeChecked: boolean;
}

export type FileEntryRefusal = EntryRefusal | 'document-missing' | 'identity-not-checked' | 'form-reused' | 'not-staff';

const entryOf = (filed: FiledEntry) => ({
  ...filed,
  changedOn: Temporal.PlainDate.from(filed.changedOn),
  filedOn: Temporal.PlainDate.from(filed.filedOn),
  birthDate: Temporal.PlainDate.from(filed.birthDate),
  householdNumber: filed.householdNumber ?? undefined,
  foreign: filed.foreign ?? undefined,
});

/**
 * 国外からの転入 of someone who never had a code, and 職権記載: kept until the national server has given code and number. 職権記載 waits
 * for a second person before that.
 *
 * @law 住民基本台帳法 第8条, 第22条, 第30条の3, 第30条の46; 同法施行令 第12条
 */
export const fileEntry = act('resident-register.file-entry', {
  right: counter,
  async run(
    tx,
    deps: Deps,
    command: FiledEntry & { readonly requestKey?: string },
    actor,
  ): Promise<Result<{ readonly pendingId: string }, FileEntryRefusal>> {
    const { requestKey, ...filed } = command;
    return once(tx, deps, requestKey, filed, () => takeIn(tx, deps, actor, filed));
  },
});

async function takeIn(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  filed: FiledEntry,
): Promise<Result<{ readonly pendingId: string }, FileEntryRefusal>> {
  if (actor.kind !== 'staff') return err('not-staff');
  if (filed.document.trim() === '') return err('document-missing');
  const isFiled = filed.reason === 'moved-in-from-abroad';
  if (isFiled && enforced('input.identity-check') && filed.identityCheck === null) return err('identity-not-checked');
  const sound = await checkEntry(tx, entryOf(filed));
  if (!sound.ok) return sound;
  if (filed.birthDate > filed.changedOn) return err('before-birth');
  if (filed.changedOn > deps.civilClock.today().toString()) return err('in-the-future');
  const { kana_key } = searchKeysOf(filed.name, filed.nameKana);
  const others = await namesakes(tx, kana_key, filed.birthDate, null);
  if (enforced('matching.clerk-resolves') && others > 0 && !filed.namesakeChecked) return err('namesake-here');
  const pendingId = deps.newId();
  const { operator_id: filedBy, terminal_id: terminalId } = operatorOf(actor);
  const approvalId = isFiled
    ? null
    : await requestApproval(tx, deps, { kind: approvalKind, subject: pendingId, payload: filed, by: filedBy });
  const summary = `${reasonRules[filed.reason].ja}（${filed.name}）`;
  const pending = { pendingId, kind: 'entry', personId: null, version: null, command: filed, summary } as const;
  await insertPending(tx, { ...pending, approvalId, needsCodes: true, filedBy, terminalId }, deps.machineClock.now());
  await tx`select pg_notify(${birthsChannel}, '')`;
  tx.record({
    event: 'entry.filed',
    subject: pendingId,
    facts: ['resident_register.pending_change', ...(approvalId ? ['approvals.request'] : [])],
    ground: `住民基本台帳法${reasonRules[filed.reason].article}`,
    detail: { pendingId, reason: filed.reason },
  });
  return ok({ pendingId });
}

/** Enters who was filed, with the codes that came. */
export async function enterFiled(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  filed: FiledEntry,
  codes: GivenCodes,
  beside: {
    readonly operator: { readonly operator_id: string; readonly terminal_id: string };
    readonly facts: readonly string[];
    readonly approvedBy?: string;
  },
): Promise<Result<Changed, EntryRefusal>> {
  const { facts, ...who } = beside;
  // Namesakes were looked at when the filing was taken; who came since is on the clerk's list of the day.
  return enterResident(tx, deps, actor, { ...entryOf(filed), ...codes, ...who, namesakeChecked: true }, facts);
}
