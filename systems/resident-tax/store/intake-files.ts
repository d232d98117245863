import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

/** What a file holds: the portal's procedures, paper forms keyed by a contractor, a return signed at the residents' portal. */
export type Procedure =
  | 'salary-payment-report'
  | 'pension-payment-report'
  | 'tax-return'
  | 'one-stop-notice'
  | 'ward-return'
  | 'portal-return'
  /** What another municipality sent on; each record is one of the other kinds. */
  | 'forwarded-documents';

export interface IntakeFile {
  readonly intakeId: string;
  readonly deliveryId: string;
  readonly receptionNumber: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly sealedRef: SealedId;
  readonly recordCount: number;
  readonly outcome: 'taken-in' | 'refused' | null;
  readonly refusal: string | null;
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly acknowledged: boolean;
  /** Signed by the portal, as it came. */
  readonly cover: string;
}

/** A package that the portal says it holds for us. */
export interface Announced {
  readonly deliveryId: string;
  readonly receptionNumber: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly payerNumber: string;
  readonly payerName: string;
  readonly records: number;
}

/** Notes deliveries that were not known yet; gives how many. */
export async function addAnnounced(tx: Tx, deliveries: readonly Announced[], on: Temporal.PlainDate): Promise<number> {
  const rows = await tx`
    insert into resident_tax.announced_delivery
      (delivery_id, reception_no, procedure, income_year, payer_number, payer_name, record_count, announced_on, event_id)
    select d."deliveryId", d."receptionNumber", d.procedure, d."incomeYear", d."payerNumber", d."payerName", d.records, ${on}::date, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(deliveries)}::jsonb) as d("deliveryId" uuid, "receptionNumber" text, procedure text, "incomeYear" int, "payerNumber" text, "payerName" text, records int)
    on conflict (delivery_id) do nothing returning 1`;
  return rows.length;
}

/** One intake at a time: of two workers with the same delivery the second sees what the first did. */
export async function lockDelivery(tx: Tx, deliveryId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`intake ${deliveryId}`}, 0))`;
}

/** Which kind of document was announced; undefined: nothing was. */
export async function announcedProcedure(tx: Tx, deliveryId: string): Promise<Procedure | undefined> {
  const [row] = await tx<{ procedure: Procedure }>`
    select procedure from resident_tax.announced_delivery where delivery_id = ${deliveryId}`;
  return row?.procedure;
}

/** An order to a keying contractor; undefined where the delivery is none. */
export async function announcedBatch(
  tx: Tx,
  deliveryId: string,
): Promise<{ readonly batchNumber: string; readonly sheets: number; readonly incomeYear: number } | undefined> {
  const [row] = await tx<{ batchNumber: string; sheets: number; incomeYear: number }>`
    select reception_no as "batchNumber", record_count as sheets, income_year as "incomeYear"
      from resident_tax.announced_delivery where delivery_id = ${deliveryId} and procedure = 'ward-return'`;
  return row;
}

/** 発注番号: the day and a running number, one order at a time. */
export async function nextBatchNumber(tx: Tx, on: Temporal.PlainDate): Promise<string> {
  const day = on.toString().replaceAll('-', '');
  await tx`select pg_advisory_xact_lock(hashtextextended(${`keying ${day}`}, 0))`;
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.announced_delivery where procedure = 'ward-return' and reception_no like ${`${day}%`}`;
  return `${day}${`${(row?.n ?? 0) + 1}`.padStart(8, '0')}`;
}

export async function findIntakeOfDelivery(tx: Tx, deliveryId: string): Promise<IntakeFile | undefined> {
  const [row] = await tx<IntakeFile>`
    select i.intake_id as "intakeId", i.delivery_id as "deliveryId", i.reception_no as "receptionNumber", d.procedure, i.income_year as "incomeYear",
           i.sealed_ref as "sealedRef", i.record_count as "recordCount", o.outcome, o.refusal, o.accepted_count as accepted,
           o.rejected_count as rejected, a.intake_id is not null as acknowledged, i.cover
      from resident_tax.intake i
      join resident_tax.announced_delivery d using (delivery_id)
      left join resident_tax.intake_outcome o using (intake_id)
      left join resident_tax.intake_acknowledged a using (intake_id)
     where i.delivery_id = ${deliveryId}`;
  return row;
}

export async function findIntake(tx: Tx, intakeId: string): Promise<IntakeFile | undefined> {
  const [row] = await tx<{ deliveryId: string }>`
    select delivery_id as "deliveryId" from resident_tax.intake where intake_id = ${intakeId}`;
  return row && findIntakeOfDelivery(tx, row.deliveryId);
}

/** Earlier files that may be the same: length and masked digest agree. Files refused as a whole do not count. */
export async function similarFiles(
  tx: Tx,
  maskedDigest: Uint8Array,
  sizeBytes: number,
): Promise<{ readonly sealedRef: SealedId; readonly receptionNumber: string }[]> {
  return tx<{ sealedRef: SealedId; receptionNumber: string }>`
    select i.sealed_ref as "sealedRef", i.reception_no as "receptionNumber" from resident_tax.intake i
     where i.masked_digest = ${maskedDigest} and i.size_bytes = ${sizeBytes}
       and not exists (select 1 from resident_tax.intake_outcome o where o.intake_id = i.intake_id and o.outcome = 'refused')
     order by i.received_at`;
}

export async function addIntake(
  tx: Tx,
  intake: {
    readonly intakeId: string;
    readonly deliveryId: string;
    readonly receptionNumber: string;
    readonly cover: string;
    readonly incomeYear: number;
    readonly sealedRef: string;
    readonly sizeBytes: number;
    readonly maskedDigest: Uint8Array;
    readonly recordCount: number;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.intake
      (intake_id, delivery_id, reception_no, cover, income_year, sealed_ref, size_bytes, masked_digest, record_count, received_on,
       received_at, event_id)
    values (${intake.intakeId}, ${intake.deliveryId}, ${intake.receptionNumber}, ${intake.cover}, ${intake.incomeYear}, ${intake.sealedRef},
      ${intake.sizeBytes}, ${intake.maskedDigest}, ${intake.recordCount}, ${intake.on}, ${intake.at}, ${tx.eventId})`;
}

export type Outcome =
  | { readonly outcome: 'taken-in'; readonly accepted: number; readonly rejected: number }
  | { readonly outcome: 'refused'; readonly refusal: string };

export async function addOutcome(tx: Tx, intakeId: string, outcome: Outcome, at: Temporal.Instant): Promise<void> {
  const counts = outcome.outcome === 'taken-in' ? outcome : { accepted: 0, rejected: 0 };
  const refusal = outcome.outcome === 'refused' ? outcome.refusal : null;
  await tx`
    insert into resident_tax.intake_outcome (intake_id, outcome, refusal, accepted_count, rejected_count, decided_at, event_id)
    values (${intakeId}, ${outcome.outcome}, ${refusal}, ${counts.accepted}, ${counts.rejected}, ${at}, ${tx.eventId})`;
}

export async function addAcknowledged(tx: Tx, intakeId: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.intake_acknowledged (intake_id, acknowledged_at, event_id)
    values (${intakeId}, ${at}, ${tx.eventId}) on conflict (intake_id) do nothing returning 1`;
  return rows.length === 1;
}

/** Files that were received and whose records are not all taken in yet; keyed ones only after a second person compared them. */
export async function openIntakes(tx: Tx): Promise<string[]> {
  const rows = await tx<{ intakeId: string }>`
    select i.intake_id as "intakeId" from resident_tax.intake i
      join resident_tax.announced_delivery d using (delivery_id)
     where not exists (select 1 from resident_tax.intake_outcome o where o.intake_id = i.intake_id)
       and (d.procedure <> 'ward-return' or exists
            (select 1 from resident_tax.keying_step k where k.delivery_id = d.delivery_id and k.step = 'verified'))
     order by i.intake_id`;
  return rows.map((r) => r.intakeId);
}

/** What is taken in or refused and not yet answered for at eLTAX; other files are answered for by those who took them. */
export async function unacknowledged(tx: Tx): Promise<IntakeFile[]> {
  const rows = await tx<{ deliveryId: string }>`
    select i.delivery_id as "deliveryId" from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
      join resident_tax.announced_delivery d using (delivery_id)
     where d.procedure not in ('ward-return', 'portal-return', 'forwarded-documents')
       -- What another municipality sent was answered to that municipality (K…), not to the portal.
       and d.reception_no !~ '^K' and not exists (select 1 from resident_tax.intake_acknowledged a where a.intake_id = i.intake_id) order by i.intake_id`;
  const files: IntakeFile[] = [];
  for (const { deliveryId } of rows) files.push((await findIntakeOfDelivery(tx, deliveryId))!);
  return files;
}

export interface IntakeLine {
  readonly deliveryId: string;
  readonly intakeId: string | null;
  readonly receptionNumber: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly payerName: string;
  readonly announced: number;
  readonly announcedOn: string;
  readonly receivedOn: string | null;
  /** `awaited`: announced and not fetched yet; `received`: records still to be taken in. */
  readonly state: 'awaited' | 'received' | 'taken-in' | 'refused';
  readonly refusal: string | null;
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly acknowledged: boolean;
  readonly runId: string | null;
}

/** 受領一覧: what was announced, newest first unless `ascending`, with what became of it. */
export async function intakeLines(
  tx: Tx,
  query: {
    readonly state: string | null;
    readonly incomeYear: number | null;
    readonly procedure?: string | null;
    readonly deliveryId?: string;
    readonly ascending: boolean;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<{ readonly rows: IntakeLine[]; readonly total: number }> {
  const rows = await tx<IntakeLine & { total: number }>`
    with line as (
      select d.delivery_id as "deliveryId", i.intake_id as "intakeId", d.reception_no as "receptionNumber", d.procedure,
             d.income_year as "incomeYear", d.payer_name as "payerName", d.record_count as announced, d.announced_on::text as "announcedOn", i.received_on::text as "receivedOn",
             case when o.outcome is not null then o.outcome when i.intake_id is not null then 'received' else 'awaited' end as state,
             o.refusal, o.accepted_count as accepted, o.rejected_count as rejected, a.intake_id is not null as acknowledged,
             r.run_id as "runId"
        from resident_tax.announced_delivery d
        left join resident_tax.intake i using (delivery_id)
        left join resident_tax.intake_outcome o using (intake_id)
        left join resident_tax.intake_acknowledged a using (intake_id)
        left join jobs.run r on r.name = 'resident-tax.take-in' and r.params->>'intakeId' = i.intake_id::text)
    select *, count(*) over ()::int as total from line
     where (${query.state}::text is null or state = ${query.state})
       and (${query.incomeYear}::int is null or "incomeYear" = ${query.incomeYear})
       and (${query.procedure ?? null}::text is null or procedure = ${query.procedure ?? null})
       and (${query.deliveryId ?? null}::uuid is null or "deliveryId" = ${query.deliveryId ?? null}::uuid)
     order by case when ${query.ascending} then "receptionNumber" end, "receptionNumber" desc, "deliveryId"
     limit ${query.limit} offset ${query.offset}`;
  return { rows: rows.map(({ total: _total, ...line }) => line), total: rows[0]?.total ?? 0 };
}

export interface FaultLine {
  readonly rowNumber: number;
  readonly severity: 'reject' | 'warning';
  readonly rule: string;
  readonly word: string;
  readonly columnNumber: number | null;
  readonly field: string | null;
}

/** リジェクト一覧: rule, word, column and place; never a value. */
export async function intakeFaults(
  tx: Tx,
  intakeId: string,
  query: {
    readonly severity: string | null;
    readonly rule: string | null;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<{ readonly rows: FaultLine[]; readonly total: number }> {
  const rows = await tx<FaultLine & { total: number }>`
    select row_number as "rowNumber", severity, rule, word, column_number as "columnNumber", field, count(*) over ()::int as total
      from resident_tax.intake_fault
     where intake_id = ${intakeId} and (${query.severity}::text is null or severity = ${query.severity})
       and (${query.rule}::text is null or rule = ${query.rule})
     order by row_number, fault_no limit ${query.limit} offset ${query.offset}`;
  return { rows: rows.map(({ total: _total, ...line }) => line), total: rows[0]?.total ?? 0 };
}
