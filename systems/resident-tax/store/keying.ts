import type { Tx } from '@musubi/kernel/db/sql.ts';

export type KeyingStep = 'handed-over' | 'verified' | 'returned' | 'erased' | 'closed';

export interface StepDone {
  readonly step: KeyingStep;
  readonly sheets: number;
  /** Who of the contractor confirmed it. */
  readonly otherSide: string | null;
  /** Number of the paper: 返却票, 消去証明書. */
  readonly evidence: string | null;
  readonly doneOn: string;
  readonly doneBy: string;
}

/** False where the step was done before. */
export async function insertKeyingStep(
  tx: Tx,
  step: Omit<StepDone, 'doneOn'> & {
    readonly deliveryId: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.keying_step (delivery_id, step, sheets, other_side, evidence, done_on, done_by, done_at, event_id)
    values (${step.deliveryId}, ${step.step}, ${step.sheets}, ${step.otherSide}, ${step.evidence}, ${step.on}, ${step.doneBy},
      ${step.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function keyingSteps(tx: Tx, deliveryId: string): Promise<StepDone[]> {
  return tx<StepDone>`
    select step, sheets, other_side as "otherSide", evidence, done_on::text as "doneOn", done_by as "doneBy"
      from resident_tax.keying_step where delivery_id = ${deliveryId} order by done_at, step`;
}

/** Whether a second person has compared the batch with the paper: before that nothing of it is used. */
export async function isVerified(tx: Tx, deliveryId: string): Promise<boolean> {
  const rows = await tx`
    select 1 from resident_tax.keying_step where delivery_id = ${deliveryId} and step = 'verified'`;
  return rows.length === 1;
}

export interface KeyingIncident {
  readonly incidentId: string;
  readonly word: string;
  readonly expected: number;
  readonly found: number;
  readonly openedAt: string;
  readonly resolution: string | null;
}

export async function insertKeyingIncident(
  tx: Tx,
  incident: Omit<KeyingIncident, 'openedAt' | 'resolution'> & {
    readonly deliveryId: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.keying_incident (incident_id, delivery_id, word, expected, found, opened_at, event_id)
    values (${incident.incidentId}, ${incident.deliveryId}, ${incident.word}, ${incident.expected}, ${incident.found}, ${incident.at},
      ${tx.eventId})`;
}

export async function keyingIncidents(tx: Tx, deliveryId: string): Promise<KeyingIncident[]> {
  return tx<KeyingIncident>`
    select i.incident_id as "incidentId", i.word, i.expected, i.found, to_json(i.opened_at)#>>'{}' as "openedAt", e.resolution
      from resident_tax.keying_incident i left join resident_tax.keying_incident_end e using (incident_id)
     where i.delivery_id = ${deliveryId} order by i.opened_at, i.incident_id`;
}

/** Ends what is open; gives how many. */
export async function endKeyingIncidents(
  tx: Tx,
  deliveryId: string,
  end: { readonly resolution: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<number> {
  const rows = await tx`
    insert into resident_tax.keying_incident_end (incident_id, resolution, ended_by, ended_at, event_id)
    select i.incident_id, ${end.resolution}, ${end.by}, ${end.at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.keying_incident i
     where i.delivery_id = ${deliveryId}
       and not exists (select 1 from resident_tax.keying_incident_end e where e.incident_id = i.incident_id) returning 1`;
  return rows.length;
}

export interface SheetCorrection {
  readonly sheetNumber: number;
  readonly element: string;
  readonly value: string;
  readonly correctedBy: string;
}

export async function insertCorrection(
  tx: Tx,
  correction: SheetCorrection & { readonly deliveryId: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.keying_correction (delivery_id, sheet_number, correction_no, element, value, corrected_by, corrected_at,
      event_id)
    select ${correction.deliveryId}::uuid, ${correction.sheetNumber}::int, 1 + count(*)::int, ${correction.element},
           ${correction.value}, ${correction.correctedBy}, ${correction.at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.keying_correction
     where delivery_id = ${correction.deliveryId} and sheet_number = ${correction.sheetNumber}::int and element = ${correction.element}`;
}

/** All corrections of a batch, first to last: of one element the last one counts. */
export async function correctionsOf(tx: Tx, deliveryId: string): Promise<SheetCorrection[]> {
  return tx<SheetCorrection>`
    select sheet_number as "sheetNumber", element, value, corrected_by as "correctedBy"
      from resident_tax.keying_correction where delivery_id = ${deliveryId} order by sheet_number, element, correction_no`;
}
