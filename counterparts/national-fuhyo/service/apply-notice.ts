import { type FuhyoLoad, type FuhyoNotice, fuhyoReturns } from '@musubi/contracts/fuhyo/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { OnRefused, WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { judge, type Refusal } from '../domain/judge.ts';
import { lockByCode, type StoredRecord, writeRecords } from '../store/records.ts';

const facts = ['national_fuhyo.record'];
const ground = '住民基本台帳法第30条の42';

/** 附票の更新通知の適用 (FNS-F1). `busy`: it fails on purpose; the sender comes again. */
export const applyNotice = act('national-fuhyo.apply-notice', {
  right: ['national-fuhyo', 'notice', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message, sender }: Received<FuhyoNotice>,
  ): Promise<Result<undefined, Refusal | 'busy'>> {
    if (deps.failsNow()) return err('busy');
    const [judged] = await judgeAll(tx, deps, [message], sender);
    if ('rule' in judged!) return err(judged.rule);
    await writeRecords(tx, [judged!.record], deps.machineClock.now());
    tx.record({
      event: 'notice.applied',
      subject: judged!.record.record_id,
      facts,
      ground,
      items: Object.keys(message.items),
      detail: { changeId: message.changeId, kind: message.items.noticeKind },
    });
    return ok(undefined);
  },
});

/** First load of a prefecture: each person is judged alone, and what is not taken goes back. */
export const applyLoad = act('national-fuhyo.apply-load', {
  right: ['national-fuhyo', 'notice', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message, sender }: Received<FuhyoLoad>,
  ): Promise<Result<undefined, 'busy'>> {
    if (deps.failsNow()) return err('busy');
    const judged = await judgeAll(tx, deps, message.notices, sender);
    const records = judged.flatMap((j) => ('record' in j ? [j.record] : []));
    await writeRecords(tx, records, deps.machineClock.now());
    for (const j of judged) if ('rule' in j) await returnRefusal(tx, deps, sender, j.notice, j.rule);
    Object.assign(deps.delivery, { accepted: records.length, rejected: judged.length - records.length });
    tx.record({
      event: 'load.applied',
      subjects: records.map((r) => r.record_id),
      facts,
      ground,
      detail: { loadId: message.loadId, accepted: records.length, rejected: judged.length - records.length },
    });
    return ok(undefined);
  },
});

type Judged = { readonly record: StoredRecord } | { readonly notice: FuhyoNotice; readonly rule: Refusal };

async function judgeAll(tx: Tx, deps: Deps, notices: readonly FuhyoNotice[], reportedBy: string): Promise<Judged[]> {
  const codeOf = ({ items }: FuhyoNotice) => items.formerResidentRecordCode ?? items.residentRecordCode;
  const stored = await lockByCode(
    tx,
    notices.flatMap((n) => [codeOf(n), n.items.residentRecordCode]),
  );
  const seen = new Set<string>();
  return notices.map((notice): Judged => {
    const { items } = notice;
    const current = stored.get(codeOf(notice));
    const known = current && { isPresent: current.record_state !== 'removed', reportedBy: current.reported_by };
    const judged = judge(known, items.noticeKind, reportedBy);
    if (!judged.ok) return { notice, rule: judged.error };
    if (seen.has(items.residentRecordCode)) return { notice, rule: 'FN-01' };
    seen.add(items.residentRecordCode);
    return { record: recordOf(notice, current?.record_id ?? deps.newId(), reportedBy) };
  });
}

const recordOf = ({ changeId, sequence, items }: FuhyoNotice, recordId: string, reportedBy: string): StoredRecord => ({
  record_id: recordId,
  resident_record_code: items.residentRecordCode,
  record_state: items.recordState,
  managing_municipality_code: items.managingMunicipalityCode,
  reported_by: reportedBy,
  birth_date: items.birthDate,
  sex: items.sex,
  name_key: kanjiSearchKey(items.name),
  kana_key: kanaSearchKey(items.nameKana),
  address_key: kanjiSearchKey(items.address),
  last_address_key: items.lastAddress === null ? null : kanjiSearchKey(items.lastAddress),
  items,
  update_sequence_no: sequence,
  change_id: changeId,
});

/** Error report to the prefecture (住民基本台帳法 第30条の8に準ずる), in the refusal's own transaction. */
export const returnOnRefusal: OnRefused<Deps> = async (tx, deps, { message, sender }, rule) => {
  await returnRefusal(tx, deps, sender, message as FuhyoNotice, rule as Refusal);
  return [];
};

async function returnRefusal(
  tx: Tx,
  deps: Deps,
  receiver: string,
  { changeId, items }: FuhyoNotice,
  rule: Refusal,
): Promise<void> {
  const message = {
    returnId: deps.newId(),
    changeId,
    municipalityCode: items.managingMunicipalityCode,
    refusedBy: deps.self,
    rule,
    items: [],
    presentAt: null,
  };
  await deps.outbox.enqueue(tx, { receiver, family: fuhyoReturns, subject: changeId, message });
}
