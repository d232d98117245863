import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export type OutgoingKind = 'forwarded-document' | 'outside-levy-notice';
export type OutgoingStep = 'listed' | 'approved' | 'withdrawn' | 'sent' | 'received' | 'returned';
export type OutsideKind = 'lives-here' | 'office-or-house';

export interface NewOutgoing {
  readonly outgoingId: string;
  readonly kind: OutgoingKind;
  readonly reportId: string | null;
  readonly personId: string | null;
  readonly assessmentId: string | null;
  readonly fiscalYear: number;
  readonly targetCode: string;
  readonly targetName: string;
  readonly ground: string;
}

export interface StepOfOutgoing {
  readonly step: OutgoingStep;
  readonly by: string;
  readonly note: string | null;
  readonly onDay: string;
}

export interface Outgoing extends NewOutgoing {
  readonly packageRef: SealedId | null;
  /** First to last. */
  readonly steps: readonly StepOfOutgoing[];
}

export async function insertOutgoing(tx: Tx, o: NewOutgoing): Promise<void> {
  await tx`
    insert into resident_tax.outgoing (outgoing_id, kind, report_id, person_id, assessment_id, fiscal_year, target_code, target_name, ground, event_id)
    values (${o.outgoingId}, ${o.kind}, ${o.reportId}, ${o.personId}, ${o.assessmentId}, ${o.fiscalYear}, ${o.targetCode}, ${o.targetName},
      ${o.ground}, ${tx.eventId})`;
}

export async function addOutgoingStep(
  tx: Tx,
  outgoingId: string,
  s: Pick<StepOfOutgoing, 'step' | 'by' | 'onDay'> & { readonly note?: string | null; readonly receipt?: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_tax.outgoing_step (outgoing_id, step_no, step, by, note, receipt, on_day, at, event_id)
    select ${outgoingId}::uuid, coalesce(max(step_no), 0) + 1, ${s.step}, ${s.by}, ${s.note ?? null}, ${s.receipt ?? null}, ${s.onDay}::date,
           ${at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.outgoing_step where outgoing_id = ${outgoingId}`;
}

/** Waits for its turn on the item. */
export async function lockOutgoing(tx: Tx, outgoingId: string): Promise<Outgoing | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`outgoing ${outgoingId}`}, 0))`;
  const [found] = await outgoingWhere(tx, { outgoingId, reportId: null });
  return found;
}

/** Everything of a document that was ever listed to go, first to last. */
export const outgoingOfReport = (tx: Tx, reportId: string): Promise<Outgoing[]> =>
  outgoingWhere(tx, { outgoingId: null, reportId });

async function outgoingWhere(
  tx: Tx,
  by: { readonly outgoingId: string | null; readonly reportId: string | null },
): Promise<Outgoing[]> {
  return tx<Outgoing>`
    select o.outgoing_id as "outgoingId", o.kind, o.report_id as "reportId", o.person_id as "personId", o.assessment_id as "assessmentId",
           o.fiscal_year as "fiscalYear", o.target_code as "targetCode", o.target_name as "targetName", o.ground,
           (select k.sealed_ref from resident_tax.outgoing_package k where k.outgoing_id = o.outgoing_id) as "packageRef",
           (select jsonb_agg(jsonb_build_object('step', s.step, 'by', s.by, 'note', s.note, 'onDay', s.on_day) order by s.step_no)
              from resident_tax.outgoing_step s where s.outgoing_id = o.outgoing_id) as steps
      from resident_tax.outgoing o
     where (${by.outgoingId}::uuid is null or o.outgoing_id = ${by.outgoingId})
       and (${by.reportId}::uuid is null or o.report_id = ${by.reportId})
     order by o.outgoing_id`;
}

export async function insertPackage(
  tx: Tx,
  p: { readonly outgoingId: string; readonly sealedRef: SealedId; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`insert into resident_tax.outgoing_package (outgoing_id, sealed_ref, made_at, event_id)
           values (${p.outgoingId}, ${p.sealedRef}, ${p.at}, ${tx.eventId})`;
}

/** Ids of what stands at one of these steps, the oldest first. */
export async function outgoingAt(tx: Tx, step: OutgoingStep, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select o.outgoing_id as id from resident_tax.outgoing o
     where ${step} = (select s.step from resident_tax.outgoing_step s where s.outgoing_id = o.outgoing_id order by s.step_no desc limit 1)
     order by o.outgoing_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export interface OutgoingLine {
  readonly outgoingId: string;
  readonly kind: OutgoingKind;
  readonly reportId: string | null;
  readonly personId: string | null;
  readonly name: string;
  readonly fiscalYear: number;
  readonly targetName: string;
  readonly step: OutgoingStep;
  readonly by: string;
  readonly onDay: string;
  readonly note: string | null;
}

/** 他団体への送付一覧. */
export async function outgoingLines(
  tx: Tx,
  q: {
    readonly step: string | null;
    readonly kind: string | null;
    readonly outgoingId?: string;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<{ readonly rows: OutgoingLine[]; readonly total: number }> {
  const rows = await tx<OutgoingLine & { total: number }>`
    with line as (
      select o.outgoing_id as "outgoingId", o.kind, o.report_id as "reportId", o.person_id as "personId", coalesce(r.name, ps.name) as name,
             o.fiscal_year as "fiscalYear", o.target_name as "targetName", s.step, s.by, s.on_day::text as "onDay", s.note
        from resident_tax.outgoing o
        join lateral (select * from resident_tax.outgoing_step s where s.outgoing_id = o.outgoing_id order by step_no desc limit 1) s on true
        left join resident_tax.report r on r.report_id = o.report_id
        left join resident_tax.person p on p.person_id = o.person_id
        left join resident_tax.person_state ps on ps.person_id = p.person_id and ps.version = p.current_version)
    select *, count(*) over ()::int as total from line
     where (${q.step}::text is null or step = ${q.step}) and (${q.kind}::text is null or kind = ${q.kind})
       and (${q.outgoingId ?? null}::uuid is null or "outgoingId" = ${q.outgoingId ?? null})
     order by "onDay" desc, "outgoingId" desc limit ${q.limit} offset ${q.offset}`;
  return { rows: rows.map(({ total: _total, ...line }) => line), total: rows[0]?.total ?? 0 };
}

export interface OutsideTaxable {
  readonly personId: string;
  readonly fiscalYear: number;
  readonly kind: OutsideKind;
  readonly ground: string;
  readonly municipalityCode: string;
  readonly municipalityName: string;
  readonly reportId: string;
  readonly inquiryId: string;
  readonly registeredBy: string;
  readonly registeredOn: string;
}

/** Notes the ground of a person's levy of a year; false where it is noted already. */
export async function insertOutsideTaxable(tx: Tx, t: OutsideTaxable): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.outside_taxable (person_id, fiscal_year, kind, ground, municipality_code, municipality_name, report_id, inquiry_id,
      registered_by, registered_on, event_id)
    values (${t.personId}, ${t.fiscalYear}, ${t.kind}, ${t.ground}, ${t.municipalityCode}, ${t.municipalityName}, ${t.reportId}, ${t.inquiryId},
      ${t.registeredBy}, ${t.registeredOn}, ${tx.eventId})
    on conflict (person_id, fiscal_year) do nothing returning 1`;
  return rows.length === 1;
}

export async function outsideTaxablesOf(tx: Tx, personId: string): Promise<OutsideTaxable[]> {
  return tx<OutsideTaxable>`
    select person_id as "personId", fiscal_year as "fiscalYear", kind, ground, municipality_code as "municipalityCode",
           municipality_name as "municipalityName", report_id as "reportId", inquiry_id as "inquiryId", registered_by as "registeredBy",
           registered_on::text as "registeredOn"
      from resident_tax.outside_taxable where person_id = ${personId} order by fiscal_year desc`;
}

/** Decided levies in force of people registered elsewhere that no municipality was told of. 家屋敷 is none of its business. */
export async function leviesToTell(
  tx: Tx,
  limit: number,
): Promise<
  (Pick<OutsideTaxable, 'personId' | 'fiscalYear' | 'ground' | 'municipalityCode' | 'municipalityName'> & {
    readonly assessmentId: string;
  })[]
> {
  return tx`
    select t.person_id as "personId", t.fiscal_year as "fiscalYear", t.ground, t.municipality_code as "municipalityCode",
           t.municipality_name as "municipalityName", a.assessment_id as "assessmentId"
      from resident_tax.outside_taxable t
      join lateral (select a.assessment_id, a.annual_yen from resident_tax.assessment a join resident_tax.assessment_decision using (assessment_id)
                     where a.person_id = t.person_id and a.fiscal_year = t.fiscal_year order by a.version desc limit 1) a on a.annual_yen > 0
     where t.kind = 'lives-here'
       and not exists (select from resident_tax.outgoing o where o.person_id = t.person_id and o.fiscal_year = t.fiscal_year
                          and o.target_code = t.municipality_code)
     order by t.person_id limit ${limit}`;
}

/** What the notice says of the person and the decision; the number by reference. */
export async function levyToTell(
  tx: Tx,
  o: Pick<NewOutgoing, 'personId' | 'assessmentId'>,
): Promise<
  | {
      readonly name: string;
      readonly nameKana: string;
      readonly birthDate: string;
      readonly address: string;
      readonly numberRef: string;
      readonly decidedOn: string;
    }
  | undefined
> {
  const [row] = await tx<{
    name: string;
    nameKana: string;
    birthDate: string;
    address: string;
    numberRef: string;
    decidedOn: string;
  }>`
    select s.name, s.name_kana as "nameKana", s.birth_date::text as "birthDate", s.address, s.number_ref as "numberRef",
           d.decided_on::text as "decidedOn"
      from resident_tax.person p join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      join resident_tax.assessment_decision d on d.assessment_id = ${o.assessmentId}
     where p.person_id = ${o.personId}`;
  return row;
}

export interface IncomingNotice {
  readonly transferId: string;
  readonly rowNo: number;
  readonly fromCode: string;
  readonly fromName: string;
  readonly fiscalYear: number;
  readonly name: string;
  readonly kana: string;
  readonly birthDate: string;
  readonly address: string;
  readonly ground: string;
  readonly personId: string | null;
  readonly receivedOn: string;
}

export async function insertIncomingNotice(tx: Tx, n: IncomingNotice & { readonly numberRef: string }): Promise<void> {
  await tx`
    insert into resident_tax.incoming_levy_notice (transfer_id, row_no, from_code, from_name, fiscal_year, name, kana, birth_date, address, number_ref,
      ground, person_id, received_on, event_id)
    values (${n.transferId}, ${n.rowNo}, ${n.fromCode}, ${n.fromName}, ${n.fiscalYear}, ${n.name}, ${n.kana}, ${n.birthDate}, ${n.address}, ${n.numberRef},
      ${n.ground}, ${n.personId}, ${n.receivedOn}, ${tx.eventId})`;
}

export async function hasIncoming(tx: Tx, transferId: string): Promise<boolean> {
  const rows = await tx`
    select 1 from resident_tax.incoming_levy_notice where transfer_id = ${transferId}
    union all select 1 from resident_tax.intake where delivery_id = ${transferId}`;
  return rows.length > 0;
}

export async function incomingNotices(
  tx: Tx,
  q: { readonly personId: string | null; readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: IncomingNotice[]; readonly total: number }> {
  const rows = await tx<IncomingNotice & { total: number }>`
    select transfer_id as "transferId", row_no as "rowNo", from_code as "fromCode", from_name as "fromName", fiscal_year as "fiscalYear", name, kana,
           birth_date::text as "birthDate", address, ground, person_id as "personId", received_on::text as "receivedOn",
           count(*) over ()::int as total
      from resident_tax.incoming_levy_notice where (${q.personId}::uuid is null or person_id = ${q.personId})
     order by received_on desc, transfer_id, row_no limit ${q.limit} offset ${q.offset}`;
  return { rows: rows.map(({ total: _total, ...line }) => line), total: rows[0]?.total ?? 0 };
}
