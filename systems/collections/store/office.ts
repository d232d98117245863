import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Items } from '../domain/items.ts';
import type { AddressedTo, ReminderFacts } from '../domain/reminders.ts';
import { copyRows } from './copy.ts';

/* ---- reminders ---- */

export async function overdueCharges(
  tx: Tx,
  query: { dueBefore: string; after: string; limit: number; methods: readonly string[] },
): Promise<string[]> {
  const rows = await tx<{ chargeId: string }>`
    select charge_id as "chargeId" from collections.charge_state
     where due_on < ${query.dueBefore}::date and ward_open + metropolitan_open + forest_open > 0 and method = any (${query.methods}::text[])
       and charge_id > ${query.after}::uuid
     order by charge_id limit ${query.limit}`;
  return rows.map((row) => row.chargeId);
}

interface FactRow extends Items {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly dueOn: string;
  readonly taxYen: number;
  readonly method: string;
  readonly designationNumber: string | null;
  readonly preliminary: boolean;
  readonly candidateInSuspense: boolean;
  readonly held: boolean;
  readonly debitOpen: boolean;
  readonly reminded: boolean;
  readonly lastEntryNo: number;
}
/** What stands in suspense and may be somebody's payment. */
export interface Suspended {
  readonly amounts: readonly number[];
  /** 指定番号 and 通知書番号 that records of collectors name: whatever such a collector paid, it may be for this. */
  readonly collectors: readonly string[];
}
export interface FactsOfCharge extends ReminderFacts {
  readonly method: string;
  readonly personNumber: string;
  readonly taxYen: number;
  readonly lastEntryNo: number;
}
/** All that speaks for or against a letter, as it is now. Call after `lockStates` of these charges. */
export async function reminderFacts(
  tx: Tx,
  chargeIds: readonly string[],
  { amounts, collectors }: Suspended,
  today: string,
): Promise<readonly FactsOfCharge[]> {
  const rows = await tx<FactRow>`
    select s.charge_id as "chargeId", s.person_number as "personNumber", s.due_on::text as "dueOn", s.tax_yen as "taxYen", s.method,
           s.designation_number as "designationNumber", ward_open as ward, metropolitan_open as metropolitan, forest_open as forest, fee_open as fee, interest_open as interest,
           s.preliminary > 0 as preliminary,
           (ward_open + metropolitan_open + forest_open + fee_open + interest_open = any (${amounts}::bigint[])
             or exists (select from collections.slip l where l.charge_id = s.charge_id
                          and l.amount_yen = any (${amounts}::bigint[]))
             or s.designation_number = any (${collectors}::text[])
             or (s.method = 'pension' and exists (select from collections.charge c where c.charge_id = s.charge_id
                                                     and c.notice_number = any (${collectors}::text[])))) as "candidateInSuspense",
           exists (select from collections.hold h left join collections.hold_end x using (hold_id)
                    where h.charge_id = s.charge_id and x.hold_id is null
                      and (h.until_on is null or h.until_on >= ${today}::date)) as held,
           exists (select from collections.debit_order d left join collections.debit_outcome o using (slip_no)
                    where d.charge_id = s.charge_id and o.slip_no is null) as "debitOpen",
           exists (select from collections.reminder_letter l
                    where l.charge_id = s.charge_id
                      and not exists (select from collections.reminder_step t where t.letter_id = l.letter_id and t.step = 'withdrawn'))
             as reminded,
           coalesce((select max(entry_no) from collections.posting p where p.charge_id = s.charge_id), 0) as "lastEntryNo"
      from collections.charge_state s where s.charge_id = any (${chargeIds}::uuid[]) order by s.charge_id`;
  return rows.map(({ ward, metropolitan, forest, fee, interest, ...rest }) => ({
    ...rest,
    open: { ward, metropolitan, forest, fee, interest },
    byCollector: rest.method !== 'ordinary',
  }));
}

/** Of these persons, those of whom a 速報 of `from` or later is known, for whatever charge, whatever became of it. */
export async function personsWithPreliminary(
  tx: Tx,
  persons: readonly string[],
  from: string,
): Promise<ReadonlySet<string>> {
  const rows = await tx<{ person: string }>`
    select distinct c.person_number as person
      from collections.charge c join collections.payment_record r using (charge_id)
     where c.person_number = any (${persons}::text[]) and r.stage = 'preliminary' and r.paid_on >= ${from}::date`;
  return new Set(rows.map((row) => row.person));
}
export interface Override {
  readonly missing: readonly string[];
  readonly windowFrom: string;
  readonly reason: string;
  readonly by: string;
}
export async function insertOverride(tx: Tx, runId: string, o: Override): Promise<void> {
  await tx`
    insert into collections.reminder_override (run_id, missing, window_from, reason, decided_by, event_id)
    values (${runId}, ${json(o.missing)}, ${o.windowFrom}::date, ${o.reason}, ${o.by}, ${tx.eventId})`;
}
export async function findOverride(tx: Tx, runId: string): Promise<Override | undefined> {
  const [row] = await tx<Override>`
    select missing, window_from::text as "windowFrom", reason, decided_by as by
      from collections.reminder_override where run_id = ${runId}`;
  return row;
}

/** Days on which a debit was ordered whose result is not here. */
export async function debitsWithoutResult(tx: Tx, until: string): Promise<readonly string[]> {
  const rows = await tx<{ on: string }>`
    select distinct d.debit_on::text as "on" from collections.debit_order d left join collections.debit_outcome o using (slip_no)
     where o.slip_no is null and d.debit_on <= ${until}::date order by 1`;
  return rows.map((row) => row.on);
}

export interface NewLetter {
  readonly letterId: string;
  readonly chargeId: string;
  readonly personNumber: string;
  readonly open: Items;
  readonly interestYen: number;
  readonly lastEntryNo: number;
  /** The collector that the letter goes to; rows of one number are one letter. Null where it goes to the payer. */
  readonly designationNumber: string | null;
}
export async function insertRun(
  tx: Tx,
  run: {
    runId: string;
    paidUntil: string;
    madeOn: string;
    by: string;
    at: Temporal.Instant;
    considered: number;
    keptBack: object;
    addressedTo: AddressedTo;
    letters: number;
  },
  letters: readonly NewLetter[],
): Promise<void> {
  await tx`
    insert into collections.reminder_run (run_id, paid_until, made_on, made_by, made_at, considered, letters, kept_back, addressed_to, event_id)
    values (${run.runId}, ${run.paidUntil}::date, ${run.madeOn}::date, ${run.by}, ${run.at}, ${run.considered}, ${run.letters},
      ${json(run.keptBack)}, ${run.addressedTo === 'collectors' ? run.addressedTo : null}, ${tx.eventId})`;
  await copyRows(
    tx,
    `copy collections.reminder_letter (letter_id, run_id, charge_id, person_number, ward_open, metropolitan_open, forest_open,
       interest_yen, last_entry_no, designation_number, event_id) from stdin`,
    letters,
    (l) => [
      l.letterId,
      run.runId,
      l.chargeId,
      l.personNumber,
      l.open.ward,
      l.open.metropolitan,
      l.open.forest,
      l.interestYen,
      l.lastEntryNo,
      l.designationNumber,
      tx.eventId,
    ],
  );
}

export interface LetterLine {
  readonly letterId: string;
  readonly chargeId: string;
  readonly personNumber: string;
  readonly paidUntil: string;
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly interestYen: number;
  readonly step: 'made' | 'released' | 'posted' | 'withdrawn';
  readonly reason: string | null;
  readonly designationNumber: string | null;
}
/** What of a run's rows is one letter: a collector's all together, a payer's each. */
export const letterKey = (l: Pick<LetterLine, 'letterId' | 'designationNumber'>): string =>
  l.designationNumber ?? l.letterId;
export async function lettersOf(tx: Tx, runId: string): Promise<readonly LetterLine[]> {
  return tx<LetterLine>`
    select l.letter_id as "letterId", l.charge_id as "chargeId", l.person_number as "personNumber", r.paid_until::text as "paidUntil",
           l.ward_open as ward, l.metropolitan_open as metropolitan, l.forest_open as forest, l.interest_yen as "interestYen",
           case when w.letter_id is not null then 'withdrawn' when p.letter_id is not null then 'posted'
                when d.letter_id is not null then 'released' else 'made' end as step,
           w.reason, l.designation_number as "designationNumber"
      from collections.reminder_letter l join collections.reminder_run r using (run_id)
           left join collections.reminder_step w on w.letter_id = l.letter_id and w.step = 'withdrawn'
           left join collections.reminder_step p on p.letter_id = l.letter_id and p.step = 'posted'
           left join collections.reminder_step d on d.letter_id = l.letter_id and d.step = 'released'
     where l.run_id = ${runId} order by l.designation_number, l.letter_id`;
}
export async function insertSteps(
  tx: Tx,
  steps: readonly { letterId: string; step: 'released' | 'posted' | 'withdrawn'; reason: string | null }[],
  about: { on: string; by: string },
): Promise<void> {
  await copyRows(
    tx,
    'copy collections.reminder_step (letter_id, step, reason, on_day, by_whom, event_id) from stdin',
    steps,
    (s) => [s.letterId, s.step, s.reason, about.on, about.by, tx.eventId],
  );
}
export interface Run {
  readonly paidUntil: string;
  readonly addressedTo: AddressedTo;
}
export async function lockRun(tx: Tx, runId: string): Promise<Run | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections run ${runId}`}, 0))`;
  const [row] = await tx<Run>`
    select paid_until::text as "paidUntil", coalesce(addressed_to, 'payers') as "addressedTo" from collections.reminder_run where run_id = ${runId}`;
  return row;
}
export interface RunLine {
  readonly runId: string;
  readonly addressedTo: AddressedTo;
  readonly paidUntil: string;
  readonly madeOn: string;
  readonly madeBy: string;
  readonly considered: number;
  readonly letters: number;
  readonly keptBack: Readonly<Record<string, number>>;
  readonly released: number;
  readonly posted: number;
  readonly withdrawn: number;
}
export async function listRuns(tx: Tx, limit: number): Promise<readonly RunLine[]> {
  return tx<RunLine>`
    select r.run_id as "runId", r.paid_until::text as "paidUntil", r.made_on::text as "madeOn", r.made_by as "madeBy", r.considered,
           r.letters, r.kept_back as "keptBack", coalesce(r.addressed_to, 'payers') as "addressedTo",
           (select count(distinct coalesce(l.designation_number, l.letter_id::text)) from collections.reminder_letter l join collections.reminder_step t using (letter_id)
             where l.run_id = r.run_id and t.step = 'released') as released,
           (select count(distinct coalesce(l.designation_number, l.letter_id::text)) from collections.reminder_letter l join collections.reminder_step t using (letter_id)
             where l.run_id = r.run_id and t.step = 'posted') as posted,
           (select count(distinct coalesce(l.designation_number, l.letter_id::text)) from collections.reminder_letter l join collections.reminder_step t using (letter_id)
             where l.run_id = r.run_id and t.step = 'withdrawn') as withdrawn
      from collections.reminder_run r order by r.made_at desc limit ${limit}`;
}

/* ---- interest ---- */

export interface LatePaid {
  readonly chargeId: string;
  readonly taxYen: number;
  readonly dueOn: string;
  readonly settledOn: string;
}
/** Charges whose tax was paid in full after the due date and by `until`, and whose interest has not been fixed. */
export async function paidLate(tx: Tx, limit: number, until: string): Promise<readonly LatePaid[]> {
  return tx<LatePaid>`
    select charge_id as "chargeId", tax_yen as "taxYen", due_on::text as "dueOn", settled_on::text as "settledOn"
      from collections.charge_state s
     where settled_on > due_on and settled_on <= ${until}::date and ward_open + metropolitan_open + forest_open = 0
       and not exists (select from collections.interest_fixed f where f.charge_id = s.charge_id)
     order by charge_id limit ${limit}`;
}
export interface RatesMissing {
  readonly year: number;
  readonly charges: number;
}
/** Charges that were paid late after `until`, by the year whose rates are missing: their interest waits for the table. */
export async function withoutRates(tx: Tx, until: string): Promise<readonly RatesMissing[]> {
  return tx<RatesMissing>`
    select extract(year from settled_on)::integer as year, count(*)::integer as charges
      from collections.charge_state s
     where settled_on > due_on and settled_on > ${until}::date and ward_open + metropolitan_open + forest_open = 0
       and not exists (select from collections.interest_fixed f where f.charge_id = s.charge_id)
     group by 1 order by 1`;
}
export async function taxPayments(
  tx: Tx,
  chargeIds: readonly string[],
): Promise<readonly { chargeId: string; paidOn: string; yen: number }[]> {
  return tx<{ chargeId: string; paidOn: string; yen: number }>`
    select p.charge_id as "chargeId", e.valid_on::text as "paidOn",
           -sum(p.ward_yen + p.metropolitan_yen + p.forest_yen)::bigint as yen
      from collections.posting p join collections.entry e using (entry_no)
     where p.charge_id = any (${chargeIds}::uuid[]) and p.ledger = 'receivable'
       and e.kind in ('receipt', 'match', 'correction', 'appropriation')
     group by p.charge_id, e.valid_on order by 1, 2`;
}
export async function insertFixed(
  tx: Tx,
  rows: readonly { chargeId: string; yen: number; segments: object; ratesVersion: string; on: string }[],
): Promise<void> {
  await copyRows(
    tx,
    'copy collections.interest_fixed (charge_id, amount_yen, segments, rates_version, fixed_on, event_id) from stdin',
    rows,
    (r) => [r.chargeId, r.yen, JSON.stringify(r.segments), r.ratesVersion, r.on, tx.eventId],
  );
}

/* ---- holds, write-off, closing ---- */

/** 地方税法 第15条の7第1項 第1号, 第2号, 第3号. */
export type StopGround = 'no-property' | 'livelihood' | 'whereabouts';
export interface Hold {
  readonly holdId: string;
  readonly chargeId: string;
  readonly kind: string;
  /** Of 執行停止 alone. */
  readonly ground: StopGround | null;
  readonly fromOn: string;
  readonly untilOn: string | null;
  readonly reason: string;
  readonly endedOn: string | null;
}
export async function insertHold(
  tx: Tx,
  h: Omit<Hold, 'endedOn'> & { plan: object | null; by: string; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into collections.hold (hold_id, charge_id, kind, from_on, until_on, reason, plan, ground, decided_by, decided_at, event_id)
    values (${h.holdId}, ${h.chargeId}, ${h.kind}, ${h.fromOn}::date, ${h.untilOn}::date, ${h.reason},
      ${h.plan === null ? null : json(h.plan)}, ${h.ground}, ${h.by}, ${h.at}, ${tx.eventId})`;
}
export async function endHold(
  tx: Tx,
  end: { holdId: string; on: string; reason: string; by: string },
): Promise<boolean> {
  const rows = await tx`
    insert into collections.hold_end (hold_id, ended_on, reason, ended_by, event_id)
    select hold_id, ${end.on}::date, ${end.reason}, ${end.by}, ${tx.eventId} from collections.hold where hold_id = ${end.holdId}
    on conflict (hold_id) do nothing returning hold_id`;
  return rows.length === 1;
}
export async function holdsOf(tx: Tx, chargeIds: readonly string[]): Promise<readonly Hold[]> {
  return tx<Hold>`
    select h.hold_id as "holdId", h.charge_id as "chargeId", h.kind, h.ground, h.from_on::text as "fromOn", h.until_on::text as "untilOn",
           h.reason, x.ended_on::text as "endedOn"
      from collections.hold h left join collections.hold_end x using (hold_id)
     where h.charge_id = any (${chargeIds}::uuid[]) order by h.from_on, h.hold_id`;
}
/** Reminders that went to the post: each lets the time of prescription begin anew. */
export async function remindedOn(
  tx: Tx,
  chargeIds: readonly string[],
): Promise<readonly { readonly chargeId: string; readonly on: string }[]> {
  return tx<{ chargeId: string; on: string }>`
    select l.charge_id as "chargeId", t.on_day::text as "on"
      from collections.reminder_letter l join collections.reminder_step t using (letter_id)
     where l.charge_id = any (${chargeIds}::uuid[]) and t.step = 'posted' order by 2`;
}
export async function legalDueOn(tx: Tx, chargeId: string): Promise<string | undefined> {
  const [row] = await tx<{ on: string }>`
    select legal_due_on::text as "on" from collections.charge where charge_id = ${chargeId}`;
  return row?.on;
}
export async function insertWriteOff(
  tx: Tx,
  w: { chargeId: string; cause: string; yen: number; on: string; by: string; entryNo: number },
): Promise<void> {
  await tx`
    insert into collections.write_off (charge_id, cause, amount_yen, decided_on, decided_by, entry_no, event_id)
    values (${w.chargeId}, ${w.cause}, ${w.yen}, ${w.on}::date, ${w.by}, ${w.entryNo}, ${tx.eventId})`;
}

/**
 * 滞納繰越: what is open of a year's book moves to the next, charge by charge, each by an entry of its own. Gives how many and how much;
 * undefined where the year is closed already.
 */
export async function carryOver(
  tx: Tx,
  year: number,
  closing: { on: string; by: string; at: Temporal.Instant },
): Promise<{ charges: number; yen: number } | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('collections closing', 0))`;
  const known = await tx`select from collections.closing where fiscal_year = ${year}`;
  if (known.length > 0) return undefined;
  await tx`select from collections.charge_state where book_year = ${year}
     and ward_open + metropolitan_open + forest_open + fee_open + interest_open > 0 order by charge_id for update`;
  const [row] = await tx<{ charges: number; yen: number }>`
    with open as materialized (
      select nextval('collections.entry_no') as entry_no, s.* from collections.charge_state s
       where book_year = ${year} and ward_open + metropolitan_open + forest_open + fee_open + interest_open > 0
    ), entries as (
      insert into collections.entry (entry_no, kind, valid_on, recorded_at, decision, event_id)
      select entry_no, 'carry-over', ${closing.on}::date, ${closing.at}, 'closing:' || ${String(year)}::text, ${tx.eventId} from open
    ), lines as (
      insert into collections.posting (entry_no, line, ledger, book_year, charge_id, ward_yen, metropolitan_yen, forest_yen, fee_yen,
        interest_yen, event_id)
      select entry_no, line, 'receivable', ${year}::integer + line - 1, charge_id, sign * ward_open, sign * metropolitan_open,
             sign * forest_open, sign * fee_open, sign * interest_open, ${tx.eventId}
        from open cross join (values (1, -1), (2, 1)) as l (line, sign)
    ), moved as (
      update collections.charge_state s set book_year = ${year}::integer + 1 from open where s.charge_id = open.charge_id
    )
    select count(*) as charges,
           coalesce(sum(ward_open + metropolitan_open + forest_open + fee_open + interest_open), 0)::bigint as yen from open`;
  await tx`
    insert into collections.closing (fiscal_year, closed_on, closed_by, charges, carried_yen, event_id)
    values (${year}, ${closing.on}::date, ${closing.by}, ${row!.charges}, ${row!.yen}, ${tx.eventId})`;
  return row;
}
