import type { tellExchangeRecords } from '@musubi/contracts/exchange/inquiry-orders.ts';
import type { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { provisionsTo, recordsBetween } from '../store/records.ts';
import { instantOf } from './answer-inquiry.ts';

/** For the network's comparison of the three records: no person stands in what is told. */
export const tellRecords = look('record.tell-for-comparison', {
  right: ['intermediate-server', 'record-comparison', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: RequestOf<typeof tellExchangeRecords>,
  ): Promise<ResponseOf<typeof tellExchangeRecords>> {
    const records = await recordsBetween(tx, query);
    return { records: records.map((r) => ({ ...r, recordedAt: instantOf(r.recordedAt).toString() })) };
  },
});

/** For the platform that corrects who is who: everybody who received information under a wrong link is told (INC-53). */
export const tellProvisions = act('record.tell-provisions', {
  right: ['intermediate-server', 'provision-history', 'read'],
  async run(
    tx,
    _deps: Deps,
    { orgPersonNumber, informationCodes, from }: RequestOf<typeof provisionsOfPerson>,
  ): Promise<Result<ResponseOf<typeof provisionsOfPerson>, never>> {
    const provisions = await provisionsTo(tx, { person: orgPersonNumber, informationCodes, from });
    tx.record({
      event: 'record.provisions-told',
      subject: orgPersonNumber,
      items: informationCodes,
      detail: { count: provisions.length },
    });
    return ok({ provisions: provisions.map((p) => ({ ...p, providedAt: instantOf(p.providedAt).toString() })) });
  },
});
