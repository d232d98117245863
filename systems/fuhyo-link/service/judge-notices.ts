import type { FuhyoNotice } from '@musubi/contracts/fuhyo/notices.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { judge, type Refusal, type Supplement, type Verdict } from '../domain/supplement-logic.ts';
import { lockByCode, type SupplementRow } from '../store/supplements.ts';

export type Judged =
  | { readonly kind: 'refused'; readonly notice: FuhyoNotice; readonly refusal: Refusal }
  | { readonly kind: 'applied'; readonly notice: FuhyoNotice; readonly row: SupplementRow };

/** Locks, then judges each notice alone, in the order given. A code that comes twice in one load is nobody's before a clerk looks. */
export async function judgeNotices(
  tx: Tx,
  deps: Deps,
  notices: readonly FuhyoNotice[],
  sender: string,
): Promise<Judged[]> {
  const codes = notices.flatMap(({ items }) =>
    items.formerResidentRecordCode === null
      ? [items.residentRecordCode]
      : [items.residentRecordCode, items.formerResidentRecordCode],
  );
  const stored = await lockByCode(tx, codes);
  const seen = new Set<string>();
  return notices.map((notice): Judged => {
    const { residentRecordCode, formerResidentRecordCode } = notice.items;
    if (seen.has(residentRecordCode))
      return { kind: 'refused', notice, refusal: { rule: 'FL-02', items: ['residentRecordCode'], presentAt: null } };
    seen.add(residentRecordCode);
    const current = stored.get(formerResidentRecordCode ?? residentRecordCode);
    const judged = verdictOn(deps, notice, sender, current, stored);
    if (!judged.ok) return { kind: 'refused', notice, refusal: judged.error };
    return { kind: 'applied', notice, row: rowOf(deps, notice, current, judged.value) };
  });
}

function verdictOn(
  { municipalities }: Deps,
  { items, sequence }: FuhyoNotice,
  sender: string,
  current: SupplementRow | undefined,
  stored: ReadonlyMap<string, SupplementRow>,
): Result<Verdict, Refusal> {
  const isFromManager = municipalities[items.managingMunicipalityCode] === sender;
  if (!enforced('input.change-logic')) return ok({ retroactive: false });
  return judge(
    { ...items, sequence },
    {
      current: current && supplementOf(current),
      newCodeIsTaken: items.formerResidentRecordCode !== null && stored.has(items.residentRecordCode),
      fromItsManager: isFromManager || !enforced('input.source-bound'),
    },
  );
}

const supplementOf = (row: SupplementRow): Supplement => ({
  birthDate: row.birth_date,
  sex: row.sex,
  managingMunicipalityCode: row.managing_municipality_code,
  recordState: row.record_state,
  changedOn: row.change_date,
  sequence: row.update_sequence_no,
});

function rowOf(
  deps: Deps,
  { changeId, sequence, items }: FuhyoNotice,
  current: SupplementRow | undefined,
  { retroactive }: Verdict,
): SupplementRow {
  return {
    supplement_id: current?.supplement_id ?? deps.newId(),
    resident_record_code: items.residentRecordCode,
    name_kanji: items.name,
    name_gaiji_count: items.nameGaijiCount,
    name_furigana: items.nameKana,
    birth_date: items.birthDate,
    sex: items.sex,
    address_municipality_code: items.addressMunicipalityCode,
    address_kanji: items.address,
    address_gaiji_count: items.addressGaijiCount,
    last_address_kanji: items.lastAddress,
    last_address_gaiji_count: items.lastAddressGaijiCount,
    change_date: items.changedOn,
    former_resident_record_code: items.formerResidentRecordCode ?? current?.former_resident_record_code ?? null,
    managing_municipality_code: items.managingMunicipalityCode,
    record_state: items.recordState,
    gaiji_flag: items.gaijiFlag,
    gaiji_pattern: items.gaijiPattern,
    notice_kind: items.noticeKind,
    update_sequence_no: sequence,
    notice_received_date: deps.civilClock.today().toString(),
    name_key: kanjiSearchKey(items.name),
    kana_key: kanaSearchKey(items.nameKana),
    address_key: kanjiSearchKey(items.address),
    last_address_key: items.lastAddress === null ? null : kanjiSearchKey(items.lastAddress),
    retroactive,
    change_id: changeId,
  };
}
