import type { ResidentNotice } from '@musubi/contracts/juki/notices.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import {
  type Current,
  judge,
  type Notice,
  type NumberHolder,
  type Refusal,
  type Verdict,
} from '../domain/change-logic.ts';
import { type DuplicateLink, standingLinks } from '../store/duplicate-links.ts';
import { type IdentificationRow, lockByCode } from '../store/identification.ts';

export type Judged =
  | { readonly kind: 'refused'; readonly notice: ResidentNotice; readonly refusal: Refusal }
  | { readonly kind: 'superseded'; readonly notice: ResidentNotice; readonly personId: string }
  | {
      readonly kind: 'applied';
      readonly notice: ResidentNotice;
      readonly row: IdentificationRow;
      readonly endsMovingOutAt: string | undefined;
      /** 二重登録: what this change says of two records of one person. */
      readonly link: DuplicateLink | undefined;
    };

const ownerOf = (personId: string): string => `person:${personId}`;

interface Passed {
  readonly notice: ResidentNotice;
  readonly current: IdentificationRow | undefined;
  readonly number: IndividualNumber;
  readonly personId: string;
  readonly verdict: Verdict;
}

/** The code under which the record stands before the change. */
const codeBefore = (notice: ResidentNotice): string => notice.replacesCode ?? notice.items.residentRecordCode;
const codesOf = (notice: ResidentNotice): string[] => [
  ...new Set([
    codeBefore(notice),
    notice.items.residentRecordCode,
    ...(notice.duplicateOf === undefined ? [] : [notice.duplicateOf]),
  ]),
];

/**
 * Notices of one delivery in their order, cut where a person comes again: within a wave every record, code and number is
 * named once, so that a wave is judged and written as a whole.
 */
export function wavesOf(notices: readonly ResidentNotice[]): ResidentNotice[][] {
  const waves: ResidentNotice[][] = [];
  let seen = new Set<string>();
  for (const notice of notices) {
    const marks = [...codesOf(notice), notice.items.individualNumber];
    if (waves.length === 0 || marks.some((mark) => seen.has(mark))) {
      waves.push([]);
      seen = new Set();
    }
    waves.at(-1)!.push(notice);
    for (const mark of marks) seen.add(mark);
  }
  return waves;
}

/** Holds off every other delivery that names one of these persons; taken once, before the first wave. */
export const lockPersons = async (tx: Tx, notices: readonly ResidentNotice[]): Promise<void> => {
  await lockByCode(tx, notices.flatMap(codesOf));
};

/** Locks, judges each notice alone, and puts the numbers of those that pass into the vault. In the order given. */
export async function judgeNotices(
  tx: Tx,
  deps: Deps,
  notices: readonly ResidentNotice[],
  sender: string,
): Promise<Judged[]> {
  const stored = await lockByCode(tx, notices.flatMap(codesOf));
  const numbers = notices.map((n) => IndividualNumber.parse(n.items.individualNumber));
  const known = numbers.flatMap((n) => (n.ok ? [n.value] : []));
  const found = await deps.vault.holdersOfMany(tx, known, 'prefectural-juki/judge-notice');
  const seen = new Set<string>();
  let next = 0;
  const results = notices.map((notice, i): Passed | Extract<Judged, { kind: 'refused' }> => {
    const refused = (refusal: Refusal) => ({ kind: 'refused', notice, refusal }) as const;
    const number = numbers[i]!;
    if (enforced('input.change-logic') && !parseResidentRecordCode(notice.items.residentRecordCode).ok)
      return refused({ rule: 'L-20', items: ['residentRecordCode'], presentAt: null });
    if (!number.ok) return refused({ rule: 'L-21', items: ['individualNumber'], presentAt: null });
    const owners = found[next++]!.filter((h) => h.holds).map((h) => h.owner);
    const marks = [...codesOf(notice), notice.items.individualNumber];
    if (marks.some((mark) => seen.has(mark)))
      return refused({ rule: 'L-09', items: ['residentRecordCode', 'individualNumber'], presentAt: null });
    const current = stored.get(codeBefore(notice));
    const isCodeTaken = notice.replacesCode !== undefined && stored.has(notice.items.residentRecordCode);
    const survivor = survivorOf(notice, stored);
    const judged = verdictOn(deps, notice, sender, current, owners, { isCodeTaken, survivor });
    if (!judged.ok) return refused(judged.error);
    for (const mark of marks) seen.add(mark);
    const personId = current?.person_id ?? deps.newId();
    return { notice, current, number: number.value, personId, verdict: judged.value };
  });
  const passed = results.flatMap((r) => ('verdict' in r && r.verdict.kind === 'apply' ? [r] : []));
  // Most changes leave the number as it is: the vault has it, and has just said under which reference.
  const refOf = new Map(found.flat().flatMap((h) => (h.holds ? [[h.owner, h.ref] as const] : [])));
  const fresh = passed.filter((p) => !refOf.has(ownerOf(p.personId)));
  const puts = await deps.vault.putMany(
    tx,
    fresh.map((p) => ({ owner: ownerOf(p.personId), number: p.number })),
    'prefectural-juki/hold',
  );
  for (const { owner, ref } of puts) refOf.set(owner, ref);
  const linkOf = await linksOfPassed(tx, passed, stored);
  return results.map((r): Judged => {
    if (!('verdict' in r)) return r;
    if (r.verdict.kind === 'superseded') return { kind: 'superseded', notice: r.notice, personId: r.personId };
    const row = rowOf(deps, r, refOf.get(ownerOf(r.personId))!);
    const { notice, verdict } = r;
    return { kind: 'applied', notice, row, endsMovingOutAt: verdict.endsMovingOutAt, link: linkOf(r) };
  });
}

function verdictOn(
  { municipalities, civilClock }: Deps,
  notice: ResidentNotice,
  sender: string,
  current: IdentificationRow | undefined,
  owners: readonly string[],
  known: Pick<Notice, 'isCodeTaken' | 'survivor'>,
): Result<Verdict, Refusal> {
  if (enforced('input.source-bound') && municipalities[notice.items.municipalityCode] !== sender)
    return err({ rule: 'L-14', items: ['municipalityCode'], presentAt: null });
  if (!enforced('input.change-logic')) return ok({ kind: 'apply', retroactive: false, endsMovingOutAt: undefined });
  const mine = current && owners.includes(ownerOf(current.person_id));
  const holder: NumberHolder = owners.length === 0 ? 'nobody' : mine ? 'this-person' : 'another-person';
  const about = { ...notice, ...known, particulars: notice.items };
  return judge(current && currentOf(current), about, holder, civilClock.today().toString());
}

/** 二重登録: one person has one day of birth and one sex, whatever else was written down differently. */
function survivorOf(
  { duplicateOf, items }: ResidentNotice,
  stored: ReadonlyMap<string, IdentificationRow>,
): Notice['survivor'] {
  if (duplicateOf === undefined) return undefined;
  const row = stored.get(duplicateOf);
  if (!row) return duplicateOf === items.residentRecordCode ? 'differs' : 'unknown';
  const isOther = duplicateOf !== items.residentRecordCode && row.status !== 'removed';
  return isOther && row.birth_date === items.birthDate && row.sex === items.sex ? 'same-person' : 'differs';
}

/** A record that ends for another one, and one that ended so and comes back. */
async function linksOfPassed(
  tx: Tx,
  passed: readonly Passed[],
  stored: ReadonlyMap<string, IdentificationRow>,
): Promise<(p: Passed) => DuplicateLink | undefined> {
  const returning = passed.filter((p) => p.current?.status === 'removed' && p.notice.status !== 'removed');
  const standing =
    returning.length === 0
      ? undefined
      : await standingLinks(
          tx,
          returning.map((p) => p.personId),
        );
  return ({ notice, personId }) => {
    const { changeId, changedOn, duplicateOf } = notice;
    if (duplicateOf !== undefined) {
      const survivorPersonId = stored.get(duplicateOf)?.person_id ?? null;
      return { changeId, changedOn, personId, kind: 'merged', survivorCode: duplicateOf, survivorPersonId };
    }
    const ended = notice.status === 'removed' ? undefined : standing?.get(personId);
    return ended && { ...ended, changeId, changedOn, kind: 'undone' };
  };
}

const currentOf = (row: IdentificationRow): Current => ({
  name: row.name_kanji,
  nameKana: row.name_furigana,
  birthDate: row.birth_date,
  sex: row.sex,
  address: row.address,
  municipalityCode: row.municipality_code,
  formerSurname: row.former_surname_kanji,
  formerSurnameKana: row.former_surname_furigana,
  status: row.status,
  becameResidentOn: row.became_resident_on,
  changeDate: row.change_date,
  lastReason: row.change_reason,
  sequence: row.update_sequence_no,
});

function rowOf(deps: Deps, { notice, current, personId, verdict }: Passed, ref: NumberRef): IdentificationRow {
  const { items } = notice;
  // 外字変更連番 count the changes of the field that the external characters stand in.
  const stepped = (before: number | undefined, changed: boolean): number => (before ?? 0) + (changed ? 1 : 0);
  return {
    person_id: personId,
    resident_record_code: items.residentRecordCode,
    name_kanji: items.name,
    name_gaiji_count: items.nameGaijiCount,
    name_furigana: items.nameKana,
    birth_date: items.birthDate,
    sex: items.sex,
    address: items.address,
    address_gaiji_count: items.addressGaijiCount,
    number_ref: ref,
    change_reason: notice.reason,
    change_date: notice.changedOn,
    retention_flag: notice.status === 'removed' ? 'removed' : 'current',
    name_kana_normalised: kanaSearchKey(items.nameKana),
    municipality_code: items.municipalityCode,
    aza_code: items.azaCode,
    operator_id: notice.operatorId,
    terminal_id: notice.terminalId,
    source_timestamp: notice.sourceAt,
    notice_received_date: deps.civilClock.today().toString(),
    gaiji_flag: items.nameGaijiCount + items.addressGaijiCount + items.formerSurnameGaijiCount > 0,
    deleted_flag: notice.status === 'removed',
    update_sequence_no: notice.sequence,
    name_gaiji_change_seq: stepped(current?.name_gaiji_change_seq, current?.name_kanji !== items.name),
    address_gaiji_change_seq: stepped(current?.address_gaiji_change_seq, current?.address !== items.address),
    former_surname_kanji: items.formerSurname,
    former_surname_gaiji_count: items.formerSurnameGaijiCount,
    former_surname_furigana: items.formerSurnameKana,
    former_surname_gaiji_change_seq: stepped(
      current?.former_surname_gaiji_change_seq,
      (current?.former_surname_kanji ?? null) !== items.formerSurname,
    ),
    status: notice.status,
    became_resident_on: notice.becameResidentOn,
    name_key: kanjiSearchKey(items.name),
    retroactive: verdict.retroactive,
    change_id: notice.changeId,
  };
}
