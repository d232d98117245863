import { fuhyoChanges, fuhyoLoads } from '@musubi/contracts/fuhyo/notices.ts';
import {
  type ComparedSupplement,
  comparedItems,
  digestOfSupplement,
  type FuhyoDifference,
  maxShown,
  type ShownSupplement,
} from '@musubi/contracts/fuhyo/reconciliation.ts';
import { BucketDigests, bucketBits, bucketOf } from '@musubi/contracts/juki/reconciliation.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FuhyoRow, writeFuhyo } from '../store/fuhyo.ts';
import {
  countPresentFuhyo,
  type DifferenceLine,
  fuhyoByCode,
  insertFuhyoCorrection,
  insertFuhyoDifferences,
  leavingCodes,
  listFuhyoDifferences,
  lockFuhyoDifference,
  presentFuhyo,
} from '../store/fuhyo-reconciliation.ts';
import { underWay } from '../store/reconciliation.ts';
import { lockResident } from '../store/residents.ts';
import { fuhyoNoticeOf } from './fuhyo.ts';
import { operatorOf } from './write-change.ts';

const right = ['resident-register', 'fuhyo-reconciliation', 'update'] as const;
const ground = '住民基本台帳法第30条の41';

const comparedOf = (row: FuhyoRow): ComparedSupplement => ({
  residentRecordCode: row.resident_record_code,
  name: row.name,
  nameKana: row.name_kana,
  birthDate: row.birth_date,
  sex: row.sex,
  addressMunicipalityCode: row.address_municipality_code,
  address: row.address,
  lastAddress: row.last_address,
  recordState: row.record_state === 'abroad' ? 'abroad' : 'domestic',
});

/** 附票の整合性確認: the supplements as keyed digests of buckets; nothing personal leaves. */
export const showFuhyoBuckets = act('resident-register.fuhyo-buckets', {
  right,
  async run(
    tx,
    _deps: Deps,
    { runId, key }: { readonly runId: string; readonly key: string },
  ): Promise<Result<{ bits: number; records: number; digests: string[] }, never>> {
    const secret = Buffer.from(key, 'base64url');
    const buckets = new BucketDigests(bucketBits(await countPresentFuhyo(tx)));
    for await (const rows of presentFuhyo(tx))
      for (const row of rows) buckets.add(row.resident_record_code, digestOfSupplement(secret, comparedOf(row)));
    tx.record({
      event: 'fuhyo-reconciliation.buckets-given',
      ground,
      items: comparedItems,
      detail: { runId, records: buckets.records },
    });
    return ok({ bits: buckets.bits, records: buckets.records, digests: buckets.texts() });
  },
});

/** The records of the buckets that disagree, as they stand now, each with whether a notice is on its way. */
export const showFuhyoRecords = act('resident-register.fuhyo-records', {
  right,
  async run(
    tx,
    deps: Deps,
    { runId, bits, buckets }: { readonly runId: string; readonly bits: number; readonly buckets: readonly number[] },
  ): Promise<Result<{ records: ShownSupplement[]; leaving: string[] }, 'too-many-differences'>> {
    const wanted = new Set(buckets);
    const found: FuhyoRow[] = [];
    for await (const rows of presentFuhyo(tx)) {
      found.push(...rows.filter((row) => wanted.has(bucketOf(row.resident_record_code, bits))));
      if (found.length > maxShown) return err('too-many-differences');
    }
    const persons = found.map((row) => row.person_id);
    const stream = { receiver: deps.municipalJuki, single: fuhyoChanges.name, bulk: fuhyoLoads.name };
    const open = await underWay(tx, stream, persons);
    const leaving = await leavingCodes(tx, stream.receiver, stream.single);
    tx.record({
      event: 'fuhyo-reconciliation.records-given',
      ground,
      items: comparedItems,
      subjects: persons,
      recipient: deps.municipalJuki,
      detail: { runId, records: found.length },
    });
    const records = found.map((row) => ({ record: comparedOf(row), underWay: open.has(row.person_id) }));
    return ok({ records, leaving: leaving.slice(0, maxShown) });
  },
});

/** What the prefecture found: the counter's work list. Safe to repeat. */
export const takeFuhyoResult = act('resident-register.take-fuhyo-result', {
  right,
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly compared: number; readonly differences: readonly FuhyoDifference[] },
  ): Promise<Result<{ taken: number }, never>> {
    const { runId, compared, differences } = command;
    await insertFuhyoDifferences(tx, runId, differences, deps.machineClock.now());
    tx.record({
      event: 'fuhyo-reconciliation.result-taken',
      ground,
      facts: ['resident_register.fuhyo_difference'],
      detail: { runId, compared, differences: differences.length },
    });
    return ok({ taken: differences.length });
  },
});

/**
 * 訂正の通知: the supplement as it stands here goes out once more, as an entry where the prefecture has none and as a correction
 * where it differs. Whom this ward does not keep is for the prefecture and the ward to settle by hand.
 */
export const correctFuhyoDifference = act('resident-register.correct-fuhyo-difference', {
  right: ['resident-register', 'fuhyo', 'update'],
  async run(
    tx,
    deps: Deps,
    { differenceId }: { readonly differenceId: string },
    actor,
  ): Promise<Result<{ sent: boolean }, 'no-such-difference' | 'already-corrected'>> {
    const difference = await lockFuhyoDifference(tx, differenceId);
    if (!difference) return err('no-such-difference');
    const found = await fuhyoByCode(tx, difference.residentRecordCode);
    if (found) await lockResident(tx, found.person_id);
    // Read again: it may have changed while we waited for the person.
    const row = found && (await fuhyoByCode(tx, difference.residentRecordCode));
    const changeId = row ? deps.newId() : null;
    const by = operatorOf(actor).operator_id;
    const at = deps.machineClock.now();
    if (!(await insertFuhyoCorrection(tx, { differenceId, changeId, by }, at))) return err('already-corrected');
    if (row && changeId !== null) await send(tx, deps, row, { changeId, by, kind: difference.kind, at });
    tx.record({
      event: row ? 'fuhyo-correction.sent' : 'fuhyo-correction.not-possible',
      ...(row ? { subject: row.person_id } : {}),
      facts: ['resident_register.fuhyo_correction', ...(row ? ['resident_register.fuhyo'] : [])],
      ground,
      recipient: deps.municipalJuki,
      detail: { differenceId, kind: difference.kind },
    });
    return ok({ sent: row !== undefined });
  },
});

async function send(
  tx: Parameters<typeof writeFuhyo>[0],
  deps: Deps,
  row: FuhyoRow,
  how: {
    readonly changeId: string;
    readonly by: string;
    readonly kind: FuhyoDifference['kind'];
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  const isRemoved = row.record_state === 'removed';
  const next: FuhyoRow = {
    ...row,
    sequence: row.sequence + 1,
    former_code: null,
    notice_kind: isRemoved ? 'removal' : how.kind === 'missing' ? 'entry' : 'correction',
    operator_id: how.by,
    ground_document: '整合性確認',
    change_id: how.changeId,
  };
  await writeFuhyo(tx, [next], how.at);
  await deps.outbox.enqueue(tx, {
    receiver: deps.municipalJuki,
    family: fuhyoChanges,
    subject: row.person_id,
    message: fuhyoNoticeOf(deps, next),
  });
}

export const readFuhyoDifferences = act('resident-register.read-fuhyo-differences', {
  right: ['resident-register', 'fuhyo', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: DifferenceLine[]; total: number }, never>> {
    const found = await listFuhyoDifferences(tx, query);
    tx.record({ event: 'fuhyo-differences.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});
