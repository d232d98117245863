import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Items } from '../domain/items.ts';
import type { ChargeState } from '../domain/matching.ts';
import { copyRows } from './copy.ts';

export interface NewCharge {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly tax: string;
  readonly taxYear: number;
  readonly fiscalYear: number;
  readonly method: 'ordinary' | 'special' | 'pension';
  readonly instalment: number;
  readonly noticeNumber: string;
  readonly legalDueOn: string;
  readonly designationNumber: string | null;
  readonly collectorName: string | null;
}
export async function insertCharges(tx: Tx, charges: readonly NewCharge[]): Promise<void> {
  await copyRows(
    tx,
    `copy collections.charge (charge_id, person_number, tax, tax_year, fiscal_year, method, instalment, notice_number, legal_due_on,
       designation_number, collector_name, event_id) from stdin`,
    charges,
    (c) => [
      c.chargeId,
      c.personNumber,
      c.tax,
      c.taxYear,
      c.fiscalYear,
      c.method,
      c.instalment,
      c.noticeNumber,
      c.legalDueOn,
      c.designationNumber,
      c.collectorName,
      tx.eventId,
    ],
  );
}

export interface NewRevision {
  readonly chargeId: string;
  readonly revision: number;
  readonly dueOn: string;
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly reason: string;
  readonly assessmentId: string;
  readonly decidedOn: string;
  /** Who pays over for the payer from this revision on; null in 普通徴収. */
  readonly designationNumber: string | null;
  readonly collectorName: string | null;
}
export async function insertRevisions(tx: Tx, rows: readonly NewRevision[], at: Temporal.Instant): Promise<void> {
  await copyRows(
    tx,
    `copy collections.charge_revision (charge_id, revision, due_on, ward_yen, metropolitan_yen, forest_yen, reason, assessment_id,
       decided_on, recorded_at, designation_number, collector_name, event_id) from stdin`,
    rows,
    (r) => [
      r.chargeId,
      r.revision,
      r.dueOn,
      r.ward,
      r.metropolitan,
      r.forest,
      r.reason,
      r.assessmentId,
      r.decidedOn,
      at.toString(),
      r.designationNumber,
      r.collectorName,
      tx.eventId,
    ],
  );
}

export interface NewState {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly method: string;
  readonly dueOn: string;
  readonly bookYear: number;
  readonly open: Items;
  readonly taxYen: number;
  readonly designationNumber: string | null;
  readonly collectorName: string | null;
}
export async function insertStates(tx: Tx, states: readonly NewState[]): Promise<void> {
  await copyRows(
    tx,
    `copy collections.charge_state (charge_id, person_number, method, due_on, book_year, tax_yen, ward_open, metropolitan_open,
       forest_open, fee_open, interest_open, designation_number, collector_name) from stdin`,
    states,
    (s) => [
      s.chargeId,
      s.personNumber,
      s.method,
      s.dueOn,
      s.bookYear,
      s.taxYen,
      s.open.ward,
      s.open.metropolitan,
      s.open.forest,
      s.open.fee,
      s.open.interest,
      s.designationNumber,
      s.collectorName,
    ],
  );
}

export interface LatestRevision extends NewRevision {
  readonly fiscalYear: number;
}
export async function latestRevisions(tx: Tx, chargeIds: readonly string[]): Promise<readonly LatestRevision[]> {
  return tx<LatestRevision>`
    select distinct on (r.charge_id) r.charge_id as "chargeId", r.revision, r.due_on::text as "dueOn", r.ward_yen as ward,
           r.metropolitan_yen as metropolitan, r.forest_yen as forest, r.reason, r.assessment_id as "assessmentId",
           r.decided_on::text as "decidedOn", r.designation_number as "designationNumber", r.collector_name as "collectorName", c.fiscal_year as "fiscalYear"
      from collections.charge_revision r join collections.charge c using (charge_id)
     where r.charge_id = any (${chargeIds}::uuid[]) order by r.charge_id, r.revision desc`;
}

/** A charge's state as it is changed inside an act. */
export interface LockedState extends ChargeState {
  readonly method: string;
  readonly taxYen: number;
  settledOn: string | null;
}
interface StateRow {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly method: string;
  readonly dueOn: string;
  readonly bookYear: number;
  readonly taxYen: number;
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly fee: number;
  readonly interest: number;
  readonly preliminary: number;
  readonly settledOn: string | null;
}

/** Waits for its turn on the charges, in one order for everybody, and gives them as they are then. */
export async function lockStates(tx: Tx, chargeIds: readonly string[]): Promise<Map<string, LockedState>> {
  if (chargeIds.length === 0) return new Map();
  const rows = await tx<StateRow>`
    select charge_id as "chargeId", person_number as "personNumber", method, due_on::text as "dueOn", book_year as "bookYear",
           tax_yen as "taxYen", ward_open as ward, metropolitan_open as metropolitan, forest_open as forest, fee_open as fee,
           interest_open as interest, preliminary, settled_on::text as "settledOn"
      from collections.charge_state where charge_id = any (${chargeIds}::uuid[])
     order by charge_id for update`;
  return new Map(rows.map((row) => [row.chargeId, stateOf(row)]));
}
const stateOf = ({ ward, metropolitan, forest, fee, interest, ...rest }: StateRow): LockedState => ({
  ...rest,
  open: { ward, metropolitan, forest, fee, interest },
});

export async function updateStates(tx: Tx, states: readonly LockedState[]): Promise<void> {
  if (states.length === 0) return;
  const of = (pick: (s: LockedState) => number): number[] => states.map(pick);
  await tx`
    update collections.charge_state s
       set ward_open = n.ward, metropolitan_open = n.metropolitan, forest_open = n.forest, fee_open = n.fee,
           interest_open = n.interest, preliminary = n.preliminary, settled_on = n.settled_on
      from unnest(${states.map((s) => s.chargeId)}::uuid[], ${of((s) => s.open.ward)}::bigint[],
             ${of((s) => s.open.metropolitan)}::bigint[], ${of((s) => s.open.forest)}::bigint[], ${of((s) => s.open.fee)}::bigint[],
             ${of((s) => s.open.interest)}::bigint[], ${of((s) => s.preliminary)}::smallint[],
             ${states.map((s) => s.settledOn)}::date[])
           as n (charge_id, ward, metropolitan, forest, fee, interest, preliminary, settled_on)
     where s.charge_id = n.charge_id`;
}

/** A change of the charged amount or due date, after `changeOf`. */
export async function changeState(
  tx: Tx,
  state: Pick<NewState, 'designationNumber' | 'collectorName'> & {
    chargeId: string;
    dueOn: string;
    taxYen: number;
    open: Items;
    settledOn: string | null;
  },
): Promise<void> {
  const { open } = state;
  await tx`
    update collections.charge_state
       set due_on = ${state.dueOn}::date, tax_yen = ${state.taxYen}, ward_open = ${open.ward}, metropolitan_open = ${open.metropolitan},
           forest_open = ${open.forest}, fee_open = ${open.fee}, interest_open = ${open.interest}, settled_on = ${state.settledOn}::date,
           designation_number = ${state.designationNumber}, collector_name = ${state.collectorName}
     where charge_id = ${state.chargeId}`;
}

export interface Particulars {
  readonly personNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly postalCode: string | null;
  readonly address: string;
}
/** Adds a version where something differs from the newest. Gives whether it did. */
export async function notePayer(tx: Tx, p: Particulars): Promise<boolean> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections payer ${p.personNumber}`}, 0))`;
  const rows = await tx`
    insert into collections.payer (person_number, version, name, name_kana, postal_code, address, event_id)
    select ${p.personNumber}, coalesce(max(version), 0) + 1, ${p.name}, ${p.nameKana}, ${p.postalCode}, ${p.address}, ${tx.eventId}
      from collections.payer where person_number = ${p.personNumber}
    having not exists (
      select from (select name, name_kana, postal_code, address from collections.payer
                    where person_number = ${p.personNumber} order by version desc limit 1) as newest
       where (newest.name, newest.name_kana, newest.address) = (${p.name}, ${p.nameKana}, ${p.address})
         and newest.postal_code is not distinct from ${p.postalCode}::text)
    returning version`;
  return rows.length > 0;
}
export async function findPayer(tx: Tx, personNumber: string): Promise<Particulars | undefined> {
  const [row] = await tx<Particulars>`
    select person_number as "personNumber", name, name_kana as "nameKana", postal_code as "postalCode", address
      from collections.payer where person_number = ${personNumber} order by version desc limit 1`;
  return row;
}

/** 特別徴収義務者 or pension insurer, as it is written to. */
export interface CollectorParticulars {
  readonly designationNumber: string;
  readonly name: string;
  readonly postalCode: string | null;
  readonly address: string;
}
/** Adds a version where something differs from the newest. */
export async function noteCollector(tx: Tx, c: CollectorParticulars): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections collector ${c.designationNumber}`}, 0))`;
  await tx`
    insert into collections.collector (designation_number, version, name, postal_code, address, event_id)
    select ${c.designationNumber}, coalesce(max(version), 0) + 1, ${c.name}, ${c.postalCode}, ${c.address}, ${tx.eventId}
      from collections.collector where designation_number = ${c.designationNumber}
    having not exists (
      select from (select name, postal_code, address from collections.collector
                    where designation_number = ${c.designationNumber} order by version desc limit 1) as newest
       where (newest.name, newest.address) = (${c.name}, ${c.address}) and newest.postal_code is not distinct from ${c.postalCode}::text)`;
}
export async function collectorsOf(
  tx: Tx,
  designationNumbers: readonly string[],
): Promise<ReadonlyMap<string, CollectorParticulars>> {
  const rows = await tx<CollectorParticulars>`
    select distinct on (designation_number) designation_number as "designationNumber", name, postal_code as "postalCode", address
      from collections.collector where designation_number = any (${designationNumbers}::text[])
     order by designation_number, version desc`;
  return new Map(rows.map((row) => [row.designationNumber, row]));
}
