import type { NationalLoad, NationalNotice, ReturnNotice } from '@musubi/contracts/juki/notices.ts';
import { returnNotices } from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { judge, type Refusal } from '../domain/judge.ts';
import {
  type CodeHolder,
  insertLoadedHolders,
  lockHolders,
  recordsOf,
  type StoredRecord,
  writeRecords,
} from '../store/records.ts';
import type { DeliveryDeps, OnRefused } from './journalled.ts';

export const ownerOfHolder = (holderId: string): string => `holder:${holderId}`;
const facts = ['national_juki.record'];

/** 都道府県からの通知の適用 (NCS-F1): one record per code, in the order of the stream. */
export const applyNotice = act('national-juki.apply-notice', {
  right: ['national-juki', 'notice', 'update'],
  async run(
    tx,
    deps: DeliveryDeps,
    { message, sender }: Received<NationalNotice>,
  ): Promise<Result<undefined, Refusal>> {
    const judged = await judgeAll(tx, deps, [message], sender);
    const [refused] = judged.refused;
    if (refused) return err(refused.rule);
    const [entered] = judged.entered;
    await writeRecords(tx, judged.entered, deps.machineClock.now());
    tx.record({
      event: 'notice.applied',
      subject: entered!.holderId,
      facts,
      ground: '住民基本台帳法第30条の7',
      items: Object.keys(message.items),
      detail: { changeId: message.changeId, reason: message.items.changeReason },
    });
    return ok(undefined);
  },
});

/** The first load of a prefecture's register: each person is judged alone, and what is not taken goes back by name. */
export const applyLoad = act('national-juki.apply-load', {
  right: ['national-juki', 'notice', 'update'],
  async run(tx, deps: DeliveryDeps, { message, sender }: Received<NationalLoad>): Promise<Result<undefined, never>> {
    const { entered, refused } = await judgeAll(tx, deps, message.notices, sender);
    await writeRecords(tx, entered, deps.machineClock.now());
    for (const { notice, rule } of refused) {
      await returnRefusal(tx, deps, sender, notice.changeId, notice.fromMunicipality, rule);
    }
    Object.assign(deps.delivery, { accepted: entered.length, rejected: refused.length });
    tx.record({
      event: 'load.applied',
      subjects: entered.map((r) => r.holderId),
      facts: [...facts, 'national_juki.code_holder'],
      ground: '住民基本台帳法第30条の7',
      detail: { loadId: message.loadId, accepted: entered.length, rejected: refused.length },
    });
    return ok(undefined);
  },
});

interface Judged {
  readonly entered: StoredRecord[];
  readonly refused: { readonly notice: NationalNotice; readonly rule: Refusal }[];
}

async function judgeAll(tx: Tx, deps: Deps, notices: readonly NationalNotice[], reportedBy: string): Promise<Judged> {
  const today = deps.civilClock.today();
  const codes = notices.map((n) => n.items.residentRecordCode);
  const holders = await lockHolders(tx, codes);
  const records = await recordsOf(tx, codes);
  const read = notices.map((n) => IndividualNumber.parse(n.items.individualNumber));
  const numbers = read.flatMap((r) => (r.ok ? [r.value] : []));
  const found = await deps.vault.holdersOfMany(tx, numbers, 'national-juki/judge-notice');
  const result: Judged = { entered: [], refused: [] };
  const fresh: { holder: Pick<CodeHolder, 'holderId' | 'residentRecordCode'>; number: IndividualNumber }[] = [];
  const seen = new Set<string>();
  let next = 0;
  for (const [i, notice] of notices.entries()) {
    const number = read[i]!;
    const refs = number.ok ? found[next++]! : [];
    const { residentRecordCode } = notice.items;
    const holder = holders.get(residentRecordCode);
    const refuse = (rule: Refusal) => result.refused.push({ notice, rule });
    const owners = refs.filter((h) => h.holds);
    // A code or number twice in one load belongs to nobody before a clerk has looked.
    const twice = seen.has(residentRecordCode) || seen.has(notice.items.individualNumber);
    seen.add(residentRecordCode).add(notice.items.individualNumber);
    const known = {
      code: holder && { ...holder, numberAgrees: owners.some((h) => h.owner === ownerOfHolder(holder.holderId)) },
      record: records.get(residentRecordCode),
    };
    if (!number.ok || twice || (holder === undefined && owners.length > 0)) refuse('N-04');
    else {
      const isFresh = holder === undefined && parseResidentRecordCode(residentRecordCode).ok;
      const state = enforced('matching.identifier-once')
        ? judge(
            known,
            {
              reason: notice.items.changeReason,
              changedOn: Temporal.PlainDate.from(notice.items.changedOn),
              fromMunicipality: notice.fromMunicipality,
              reportedBy,
            },
            today,
          )
        : ok('resident' as const);
      if (!state.ok) refuse(state.error);
      else if (holder === undefined && !isFresh) refuse('N-02');
      else {
        const holderId = holder?.holderId ?? deps.newId();
        if (holder === undefined) fresh.push({ holder: { holderId, residentRecordCode }, number: number.value });
        result.entered.push(recordOf(notice, holderId, state.value, reportedBy));
      }
    }
  }
  if (fresh.length > 0) {
    const puts = await deps.vault.putMany(
      tx,
      fresh.map(({ holder, number }) => ({ owner: ownerOfHolder(holder.holderId), number })),
      'national-juki/initial-load',
    );
    const rows = fresh.map(({ holder }, i) => ({ ...holder, numberRef: puts[i]!.ref }));
    await insertLoadedHolders(tx, rows, deps.machineClock.now());
  }
  return result;
}

const recordOf = (
  { changeId, fromMunicipality, items }: NationalNotice,
  holderId: string,
  status: StoredRecord['status'],
  reportedBy: string,
): StoredRecord => {
  const { individualNumber: _, ...plain } = items;
  return { ...plain, holderId, status, municipalityCode: fromMunicipality, reportedBy, changeId };
};

/** In the refusal's own transaction: the prefecture learns the rule, and through it the ward. */
export const returnOnRefusal: OnRefused = async (tx, deps, { message, sender }, rule) => {
  const { changeId, fromMunicipality } = message as NationalNotice;
  await returnRefusal(tx, deps, sender, changeId, fromMunicipality, rule as Refusal);
};

async function returnRefusal(
  tx: Tx,
  deps: Deps,
  receiver: string,
  changeId: string,
  municipalityCode: string,
  rule: Refusal,
): Promise<void> {
  const message: ReturnNotice = {
    kind: 'refused',
    returnId: deps.newId(),
    changeId,
    municipalityCode,
    refusedBy: deps.self,
    rule,
    items: [],
    presentAt: null,
  };
  await deps.outbox.enqueue(tx, { receiver, family: returnNotices, subject: changeId, message });
}
