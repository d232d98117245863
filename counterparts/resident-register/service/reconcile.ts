import { residentChanges, residentLoads } from '@musubi/contracts/juki/notices.ts';
import {
  BucketDigests,
  bucketBits,
  type ComparedRecord,
  comparedItems,
  type Difference,
  digestOfRecord,
  type Entry,
  type Scope,
  type ShownRecord,
  tagOf,
} from '@musubi/contracts/juki/reconciliation.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import type { Reason } from '../domain/reasons.ts';
import { type ComparedResident, countPresent, presentResidents, underWay } from '../store/reconciliation.ts';
import { lockByCode, personOfChange, type ResidentRow } from '../store/residents.ts';
import { operatorOf, writeChange } from './write-change.ts';

const right = ['resident-register', 'reconciliation', 'update'] as const;
const ground = '住民基本台帳法第30条の6・第30条の22';
interface Step {
  readonly runId: string;
  readonly scope: Scope;
  /** Of this run alone, base64url. */
  readonly key: string;
}

/** 整合性確認: the register as keyed digests of buckets; nothing personal leaves. */
export const showBuckets = act('resident-register.reconciliation-buckets', {
  right,
  async run(
    tx,
    deps: Deps,
    { runId, scope, key }: Step,
  ): Promise<Result<{ bits: number; records: number; digests: string[] }, never>> {
    const secret = Buffer.from(key, 'base64url');
    const buckets = new BucketDigests(bucketBits(await countPresent(tx)));
    for await (const rows of presentResidents(tx))
      for (const record of await fullRecords(tx, deps, scope, rows))
        buckets.add(record.residentRecordCode, digestOfRecord(secret, record));
    tx.record({
      event: 'reconciliation.buckets-given',
      ground,
      items: itemsOf(scope),
      detail: { runId, records: buckets.records },
    });
    return ok({ bits: buckets.bits, records: buckets.records, digests: buckets.texts() });
  },
});

export const showEntries = act('resident-register.reconciliation-entries', {
  right,
  async run(
    tx,
    deps: Deps,
    { runId, scope, key, bits, buckets }: Step & { readonly bits: number; readonly buckets: readonly number[] },
  ): Promise<Result<{ entries: Entry[] }, never>> {
    const secret = Buffer.from(key, 'base64url');
    const entries: Entry[] = [];
    for await (const rows of presentResidents(tx, { bits, buckets }))
      for (const record of await fullRecords(tx, deps, scope, rows))
        entries.push({
          tag: tagOf(secret, record.residentRecordCode).toString('base64url'),
          digest: digestOfRecord(secret, record).toString('base64url'),
        });
    tx.record({
      event: 'reconciliation.entries-given',
      ground,
      items: itemsOf(scope),
      detail: { runId, entries: entries.length },
    });
    return ok({ entries });
  },
});

/** The few records that disagree, as they stand now. */
export const showRecords = act('resident-register.reconciliation-records', {
  right,
  async run(
    tx,
    deps: Deps,
    {
      runId,
      scope,
      key,
      bits,
      buckets,
      tags,
    }: Step & { readonly bits: number; readonly buckets: readonly number[]; readonly tags: readonly string[] },
  ): Promise<Result<{ records: ShownRecord[] }, never>> {
    const secret = Buffer.from(key, 'base64url');
    const wanted = new Set(tags);
    const found = new Map<string, ComparedResident>();
    for await (const rows of presentResidents(tx, { bits, buckets }))
      for (const row of rows) {
        const tag = tagOf(secret, row.record.residentRecordCode).toString('base64url');
        if (wanted.has(tag)) found.set(tag, row);
      }
    const rows = [...found.values()];
    const persons = rows.map((r) => r.personId);
    const families = { single: residentChanges.name, bulk: residentLoads.name };
    const open = await underWay(tx, { receiver: deps.municipalJuki, ...families }, persons);
    const full = await fullRecords(tx, deps, scope, rows);
    const byTag = new Map([...found.keys()].map((tag, i) => [tag, { record: full[i]!, person: persons[i]! }]));
    const records = tags.map((tag): ShownRecord => {
      const one = byTag.get(tag);
      return { tag, record: one?.record ?? null, underWay: one !== undefined && open.has(one.person) };
    });
    tx.record({
      event: 'reconciliation.records-given',
      ground,
      items: itemsOf(scope),
      subjects: persons,
      recipient: deps.municipalJuki,
      detail: { runId, records: records.length },
    });
    return ok({ records });
  },
});

/**
 * 訂正の通知: the record as the register has it goes out as a change of its own, under the difference's id, so that a repeat
 * sends nothing. `sent` false: the register knows nobody under this code.
 *
 * @law 住民基本台帳法施行令 第12条
 */
export const sendCorrection = act('resident-register.send-correction', {
  right,
  async run(tx, deps: Deps, command: Omit<Difference, 'items'>, actor): Promise<Result<{ sent: boolean }, never>> {
    const { differenceId } = command;
    const detail = { differenceId, kind: command.kind };
    const row = await lockByCode(tx, command.residentRecordCode);
    const before = await personOfChange(tx, differenceId);
    if (!row || before !== undefined) {
      const event = before === undefined ? 'correction.not-possible' : 'correction.sent-before';
      tx.record({ event, ground, ...(row ? { subject: row.person_id } : {}), detail });
      return ok({ sent: before !== undefined });
    }
    const today = deps.civilClock.today().toString();
    const corrected: ResidentRow = {
      ...row,
      ...operatorOf(actor),
      sequence: row.sequence + 1,
      reason: reasonOf(command.kind, row),
      changed_on: row.status === 'moving-out' ? row.changed_on : today,
      filed_on: today,
      change_id: differenceId,
    };
    const event = await writeChange(tx, deps, corrected);
    tx.record({ ...event, event: 'correction.sent', ground, detail: { ...event.detail, ...detail } });
    return ok({ sent: true });
  },
});

function reasonOf(kind: Difference['kind'], { status }: ResidentRow): Reason {
  if (status === 'removed') return 'removed-ex-officio';
  if (kind === 'missing') return 'entered-ex-officio';
  return status === 'moving-out' ? 'moved-out' : 'corrected-ex-officio';
}

const itemsOf = (scope: Scope): string[] =>
  scope === 'full' ? comparedItems : comparedItems.filter((item) => item !== 'individualNumber');

async function fullRecords(
  tx: Tx,
  deps: Deps,
  scope: Scope,
  rows: readonly ComparedResident[],
): Promise<readonly ComparedRecord[]> {
  if (scope !== 'full' || rows.length === 0) return rows.map((r) => r.record);
  const refs = rows.map((r) => numberRef(r.numberRef));
  const numbers = await deps.vault.revealMany(tx, refs, 'resident-register/reconcile');
  return rows.map((r, i) => ({ ...r.record, individualNumber: numbers[i]!.digits() }));
}
