import type { NationalLoad, NationalNotice, ReturnNotice } from '@musubi/contracts/juki/notices.ts';
import { returnNotices } from '@musubi/contracts/juki/notices.ts';
import { TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import type { WithDelivery, WithFindings } from '@musubi/kernel/notice-journal/journalled.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received, ReceivedMany } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { judge, type Refusal } from '../domain/judge.ts';
import {
  type CodeHolder,
  insertLoadedHolders,
  lockHolders,
  putInForce,
  recordsOf,
  replacementsFor,
  type StoredRecord,
  writeRecords,
} from '../store/records.ts';
import { insertSuccession, survivorsOf } from '../store/successions.ts';

export const ownerOfHolder = (holderId: string): string => `holder:${holderId}`;

/** Rows of an act over many are tied to the log by a root a table; single ones each by their own digest. */
export const tiesOf = () => ({
  records: new TiedRows('national_juki.record'),
  holders: new TiedRows('national_juki.code_holder'),
});
export type Ties = ReturnType<typeof tiesOf>;

/** What the event says of the rows; `besides` are tables with few of them. */
export function tiedBy({ records, holders }: Ties, besides: readonly string[] = []) {
  const facts = ['national_juki.record', ...(holders.size > 0 ? ['national_juki.code_holder'] : []), ...besides];
  if (records.size <= 1) return { facts };
  const few = besides.map((table) => [table, null] as const);
  return {
    facts,
    batches: {
      'national_juki.record': records.tie(),
      ...(holders.size > 0 ? { 'national_juki.code_holder': holders.tie() } : {}),
      ...Object.fromEntries(few),
    },
  };
}

/**
 * 都道府県からの通知の適用 (NCS-F1): one record per code, in the order of the stream. What came in one envelope is judged notice
 * by notice and written together.
 *
 * @law 住民基本台帳法 第30条の7
 */
export const applyNotices = act('national-juki.apply-notices', {
  right: ['national-juki', 'notice', 'update'],
  async run(tx, deps: WithFindings<Deps>, { messages, refuse }: ReceivedMany<NationalNotice>) {
    const numberOf = new Map(messages.map((m) => [m.message, m.number]));
    const { sender } = messages[0]!;
    const persons: string[] = [];
    const ties = tiesOf();
    let anyReplaced = false;
    let anySucceeded = false;
    for (const wave of wavesOf(messages.map((m) => m.message))) {
      const { entered, refused, replaced, succeeded } = await judgeAll(tx, deps, wave, sender, ties);
      anyReplaced ||= replaced;
      anySucceeded ||= succeeded;
      await writeRecords(tx, entered, deps.machineClock.now(), ties.records);
      persons.push(...entered.map((r) => r.holderId));
      for (const { notice, rule } of refused) {
        refuse(numberOf.get(notice)!, rule);
        deps.findings.set(numberOf.get(notice)!, { rule, items: [] });
        await returnRefusal(tx, deps, sender, notice.changeId, notice.fromMunicipality, rule);
      }
    }
    const [only] = messages.length === 1 ? messages : [];
    const detail = { accepted: persons.length, rejected: messages.length - persons.length };
    tx.record({
      event: persons.length > 0 ? 'notice.applied' : 'notice.refused',
      ...(persons.length === 1 ? { subject: persons[0]! } : persons.length > 1 ? { subjects: persons } : {}),
      ...(persons.length > 0
        ? tiedBy(ties, [...(anyReplaced ? ofReplacing : []), ...(anySucceeded ? ['national_juki.succession'] : [])])
        : {}),
      ground: '住民基本台帳法第30条の7',
      items: Object.keys(messages[0]!.message.items),
      detail: only ? { ...detail, changeId: only.message.changeId, reason: only.message.items.changeReason } : detail,
    });
    return ok(undefined);
  },
});

/** In their order, cut where a person comes again. */
function wavesOf(notices: readonly NationalNotice[]): NationalNotice[][] {
  const waves: NationalNotice[][] = [];
  let seen = new Set<string>();
  for (const notice of notices) {
    const { residentRecordCode, individualNumber } = notice.items;
    const codes = [notice.replacesCode, notice.duplicateOf].flatMap((code) => (code === undefined ? [] : [code]));
    const marks = [residentRecordCode, individualNumber, ...codes];
    if (waves.length === 0 || marks.some((mark) => seen.has(mark))) {
      waves.push([]);
      seen = new Set();
    }
    waves.at(-1)!.push(notice);
    for (const mark of marks) seen.add(mark);
  }
  return waves;
}

/** The first load of a prefecture's register: each person is judged alone, and what is not taken goes back by name. */
export const applyLoad = act('national-juki.apply-load', {
  right: ['national-juki', 'notice', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message, sender }: Received<NationalLoad>,
  ): Promise<Result<undefined, never>> {
    const ties = tiesOf();
    const { entered, refused } = await judgeAll(tx, deps, message.notices, sender, ties);
    await writeRecords(tx, entered, deps.machineClock.now(), ties.records);
    for (const { notice, rule } of refused) {
      await returnRefusal(tx, deps, sender, notice.changeId, notice.fromMunicipality, rule);
    }
    Object.assign(deps.delivery, { accepted: entered.length, rejected: refused.length });
    tx.record({
      event: 'load.applied',
      subjects: entered.map((r) => r.holderId),
      ...tiedBy(ties),
      ground: '住民基本台帳法第30条の7',
      detail: { loadId: message.loadId, accepted: entered.length, rejected: refused.length },
    });
    return ok(undefined);
  },
});

interface Judged {
  /** A code or number was replaced by what had been given for it. */
  replaced: boolean;
  /** A code ended for another one, or such an end was taken back. */
  succeeded: boolean;
  readonly entered: StoredRecord[];
  readonly refused: { readonly notice: NationalNotice; readonly rule: Refusal }[];
}

async function judgeAll(
  tx: Tx,
  deps: Deps,
  notices: readonly NationalNotice[],
  reportedBy: string,
  ties: Ties,
): Promise<Judged> {
  const today = deps.civilClock.today();
  const codeBefore = (n: NationalNotice): string => n.replacesCode ?? n.items.residentRecordCode;
  const holders = await lockHolders(tx, [
    ...new Set(
      notices.flatMap((n) => [codeBefore(n), n.items.residentRecordCode, ...(n.duplicateOf ? [n.duplicateOf] : [])]),
    ),
  ]);
  const holderIds = [...holders.values()].map((h) => h.holderId);
  const records = await recordsOf(tx, holderIds);
  const isReplacing = notices.some((n) => replacing.has(n.items.changeReason));
  const replacements = isReplacing ? await replacementsFor(tx, holderIds) : [];
  const isRestoring = notices.some((n) => n.items.changeReason === 'restored-ex-officio');
  const endedFor = isRestoring ? await survivorsOf(tx, holderIds) : new Map<string, string>();
  const read = notices.map((n) => IndividualNumber.parse(n.items.individualNumber));
  const numbers = read.flatMap((r) => (r.ok ? [r.value] : []));
  const found = await deps.vault.holdersOfMany(tx, numbers, 'national-juki/judge-notice');
  const result: Judged = { replaced: false, succeeded: false, entered: [], refused: [] };
  const fresh: { holder: Pick<CodeHolder, 'holderId' | 'residentRecordCode'>; number: IndividualNumber }[] = [];
  const seen = new Set<string>();
  let next = 0;
  for (const [i, notice] of notices.entries()) {
    const number = read[i]!;
    const refs = number.ok ? found[next++]! : [];
    const { residentRecordCode } = notice.items;
    const holder = holders.get(codeBefore(notice));
    const record = holder && records.get(holder.holderId);
    const refuse = (rule: Refusal) => result.refused.push({ notice, rule });
    const owners = refs.filter((h) => h.holds);
    // A code or number twice in one load belongs to nobody before a clerk has looked.
    const twice = seen.has(residentRecordCode) || seen.has(notice.items.individualNumber);
    seen.add(residentRecordCode).add(notice.items.individualNumber);
    const known = {
      code: holder && { ...holder, numberAgrees: owners.some((h) => h.owner === ownerOfHolder(holder.holderId)) },
      record,
    };
    const replacement = holder && replacementFor(notice, { holder, record, owners, replacements });
    if (typeof replacement === 'string') refuse(replacement);
    else if (!number.ok || twice || (holder === undefined && owners.length > 0)) refuse('N-04');
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
              ...(notice.duplicateOf === undefined ? {} : { survivor: survivorOf(notice, holder, holders, records) }),
            },
            today,
          )
        : ok('resident' as const);
      if (!state.ok) refuse(state.error);
      else if (holder === undefined && !isFresh) refuse('N-02');
      else {
        const holderId = holder?.holderId ?? deps.newId();
        if (holder === undefined) fresh.push({ holder: { holderId, residentRecordCode }, number: number.value });
        if (replacement) {
          await putInForce(tx, replacement.replacementId, deps.machineClock.now());
          result.replaced = true;
          if (notice.replacesCode !== undefined) {
            const codes = { endedCode: notice.replacesCode, survivorCode: residentRecordCode };
            const about = { successionId: replacement.replacementId, holderId, on: notice.items.changedOn };
            await insertSuccession(tx, { ...about, ...codes, kind: 'code-changed' }, deps.machineClock.now());
            result.succeeded = true;
          }
        }
        const survivorCode = notice.duplicateOf ?? (state.value === 'resident' ? endedFor.get(holderId) : undefined);
        if (survivorCode !== undefined) {
          const kind = notice.duplicateOf === undefined ? 'undone' : 'merged';
          const about = { successionId: notice.changeId, holderId, on: notice.items.changedOn, kind } as const;
          const codes = { endedCode: residentRecordCode, survivorCode };
          await insertSuccession(tx, { ...about, ...codes }, deps.machineClock.now());
          result.succeeded = true;
        }
        if (notice.items.changeReason === 'number-change')
          await deps.vault.put(tx, ownerOfHolder(holderId), number.value, 'national-juki/number-change');
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
    await insertLoadedHolders(tx, rows, deps.machineClock.now(), ties.holders);
  }
  return result;
}

/** 二重登録: another holder's present record of the same day of birth and sex, or null. */
function survivorOf(
  { duplicateOf, items }: NationalNotice,
  own: CodeHolder | undefined,
  holders: ReadonlyMap<string, CodeHolder>,
  records: ReadonlyMap<string, StoredRecord>,
): 'same-person' | null {
  const holder = holders.get(duplicateOf ?? '');
  const record = holder && records.get(holder.holderId);
  if (record === undefined || record.status === 'removed' || holder?.holderId === own?.holderId) return null;
  // A code that was replaced stands for nobody any more.
  if (record.residentRecordCode !== duplicateOf) return null;
  return record.birthDate === items.birthDate && record.sex === items.sex ? 'same-person' : null;
}

const ofReplacing = ['national_juki.replacement_in_force'];
const replacing: ReadonlySet<string> = new Set(['code-change', 'number-change']);
export const ownerOfReplacement = (replacementId: string): string => `replacement:${replacementId}`;

interface ReplacementRow {
  readonly replacementId: string;
  readonly holderId: string;
  readonly newCode: string | null;
}

/** What was given to replace code or number; a refusal where it was not given for this person, or the code is not theirs (any more). */
function replacementFor(
  { replacesCode, items }: NationalNotice,
  about: {
    readonly holder: CodeHolder;
    readonly record: StoredRecord | undefined;
    readonly owners: readonly { readonly owner: string }[];
    readonly replacements: readonly ReplacementRow[];
  },
): ReplacementRow | Refusal | undefined {
  const { holder, record, owners } = about;
  const before = replacesCode ?? items.residentRecordCode;
  if (before !== (record?.residentRecordCode ?? holder.residentRecordCode)) return 'N-02';
  if ((items.changeReason === 'code-change') !== (replacesCode !== undefined)) return 'N-02';
  const own = about.replacements.filter((r) => r.holderId === holder.holderId);
  if (replacesCode !== undefined) return own.find((r) => r.newCode === items.residentRecordCode) ?? 'N-02';
  if (items.changeReason !== 'number-change') return undefined;
  return own.find((r) => owners.some((o) => o.owner === ownerOfReplacement(r.replacementId))) ?? 'N-04';
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
