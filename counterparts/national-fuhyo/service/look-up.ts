import type { InquiryKey } from '@musubi/contracts/fuhyo/inquiry.ts';
import { type SupplementItems, supplementItems } from '@musubi/contracts/fuhyo/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { findRecords, type LookupKeys } from '../store/records.ts';

export interface LookUp {
  readonly lookupId: string;
  readonly asker: string;
  readonly task: string;
  readonly key: InquiryKey;
}

/** 照会への回答 (FNS-F2): one person whom all that is stated fits, or nobody; which of the two reasons is not told. */
export const lookUp = act('national-fuhyo.look-up', {
  right: ['national-fuhyo', 'lookup', 'update'],
  async run(
    tx,
    deps: Deps,
    { lookupId, asker, task, key }: LookUp,
  ): Promise<Result<SupplementItems | undefined, 'too-few-items'>> {
    const keys = keysOf(key);
    const stated = [keys.nameKey ?? keys.kanaKey, keys.birthDate, keys.sex, keys.addressKey].filter((k) => k !== null);
    const hasMain = keys.nameKey !== null || keys.kanaKey !== null || keys.birthDate !== null;
    if (keys.code === null && (stated.length < 2 || !hasMain)) return err('too-few-items');
    const found = await findRecords(tx, keys);
    const record = found.length === 1 ? found[0] : undefined;
    await tx`
      insert into national_fuhyo.lookup (row_id, lookup_id, asker, task, key_kind, record_id, asked_at, event_id)
      values (${deps.newId()}, ${lookupId}, ${asker}, ${task}, ${keys.code === null ? 'four-items' : 'code'},
        ${record?.record_id ?? null}, ${deps.machineClock.now()}, ${tx.eventId})`;
    tx.record({
      event: 'lookup.answered',
      ...(record ? { subject: record.record_id } : {}),
      facts: ['national_fuhyo.lookup'],
      ground: task,
      items: record ? Object.keys(record.items) : [],
      recipient: asker,
      detail: { lookupId, identified: record !== undefined },
    });
    return ok(record && supplementItems.parse(record.items));
  },
});

function keysOf(key: InquiryKey): LookupKeys {
  const none = { code: null, nameKey: null, kanaKey: null, birthDate: null, sex: null, addressKey: null };
  if ('residentRecordCode' in key) return { ...none, code: key.residentRecordCode };
  return {
    code: null,
    nameKey: key.name ? kanjiSearchKey(key.name) : null,
    kanaKey: key.nameKana ? kanaSearchKey(key.nameKana) : null,
    birthDate: key.birthDate ?? null,
    sex: key.sex ?? null,
    addressKey: key.address ? kanjiSearchKey(key.address) : null,
  };
}
