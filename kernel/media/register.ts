import type { ExecuteError } from '../access/approvals/domain.ts';
import type { Tx } from '../db/sql.ts';
import type { Slip } from './domain.ts';
import { type Medium, type MediumRow, toMedium } from './ledger.ts';
import { isOverdue, lentStates, type MediumState, type MediumStep } from './medium.ts';

/* The register as it is read: lists, one medium with its history, slips. Nothing here changes anything. */

export interface RegisterQuery {
  readonly state: MediumState | null;
  /** Only those whose return or erasure is late. */
  readonly onlyOverdue: boolean;
  readonly offset: number;
  readonly limit: number;
}
export type RegisterLine = Medium & { readonly overdue: boolean };

export async function readRegister(
  tx: Tx,
  today: Temporal.PlainDate,
  query: RegisterQuery,
): Promise<{ rows: RegisterLine[]; total: number; overdue: number }> {
  const rows = await tx<MediumRow & { total: number }>`
    select medium_id as "mediumId", serial, kind, registered_on::text as "registeredOn", state, place, lending_id as "lendingId", department,
           purpose, due_on::text as "dueOn", since::text as since, step_no as steps, (count(*) over ())::int as total
      from media.current_medium()
     where (${query.state}::text is null or state = ${query.state}::text)
       and (not ${query.onlyOverdue}::boolean
            or (state = any(${lentStates as readonly string[]}::text[]) and due_on < ${today}::date)
            or (state = 'to-erase' and since < ${today}::date))
     order by serial limit ${query.limit} offset ${query.offset}`;
  const [late] = await tx<{ n: number }>`
    select count(*)::int as n from media.current_medium()
     where (state = any(${lentStates as readonly string[]}::text[]) and due_on < ${today}::date) or (state = 'to-erase' and since < ${today}::date)`;
  return {
    rows: rows.map(toMedium).map((m) => ({ ...m, overdue: isOverdue(m, today) })),
    total: rows[0]?.total ?? 0,
    overdue: late!.n,
  };
}

export interface MediumLine {
  readonly step: MediumStep;
  readonly state: MediumState;
  readonly place: string;
  readonly by: string;
  readonly at: Temporal.Instant;
  readonly on: Temporal.PlainDate;
  readonly detail: Readonly<Record<string, string | number>>;
}

export async function readMedium(
  tx: Tx,
  serial: string,
): Promise<
  | { readonly medium: Medium; readonly lines: readonly MediumLine[]; readonly handOverId: string | undefined }
  | undefined
> {
  const [row] = await tx<MediumRow>`
    select medium_id as "mediumId", serial, kind, registered_on::text as "registeredOn", state, place, lending_id as "lendingId", department,
           purpose, due_on::text as "dueOn", since::text as since, step_no as steps
      from media.current_medium() where serial = ${serial}`;
  if (!row) return undefined;
  const lines = await tx<Omit<MediumLine, 'at' | 'on'> & { at: string; on: string }>`
    select step, state, place, by_staff as "by", to_json(at)#>>'{}' as at, civil_on::text as "on", detail
      from media.medium_step where medium_id = ${row.mediumId} order by step_no desc`;
  const written = lines.find((line) => line.step === 'written');
  const onMedium = ['written', 'handed-over', 'received'].includes(row.state);
  return {
    medium: toMedium(row),
    lines: lines.map((l) => ({ ...l, at: Temporal.Instant.from(l.at), on: Temporal.PlainDate.from(l.on) })),
    handOverId: onMedium && written ? `${written.detail.handOver}` : undefined,
  };
}

export interface LendingLine {
  readonly lendingId: string;
  readonly serial: string;
  readonly department: string;
  readonly purpose: string;
  readonly document: string;
  readonly dueOn: Temporal.PlainDate;
  readonly requestedBy: string;
  readonly requestedAt: Temporal.Instant;
  readonly standing: 'asked' | 'approved' | ExecuteError;
}

/** Lendings that wait for the second person, or approved ones that wait to go out; the oldest first. */
export async function readLendings(tx: Tx): Promise<LendingLine[]> {
  const rows = await tx<Omit<LendingLine, 'dueOn' | 'requestedAt'> & { dueOn: string; requestedAt: string }>`
    select l.lending_id as "lendingId", m.serial, l.department, l.purpose, l.document, l.due_on::text as "dueOn",
           l.requested_by as "requestedBy", to_json(l.requested_at)#>>'{}' as "requestedAt", coalesce(d.decision, 'asked') as standing
      from media.lending l join media.medium m using (medium_id) left join approvals.decision d using (approval_id)
     where not exists (select 1 from media.medium_step s where s.lending_id = l.lending_id)
       and (d.decision is null or d.decision = 'approved')
     order by l.requested_at, l.lending_id limit 200`;
  return rows.map((r) => ({
    ...r,
    dueOn: Temporal.PlainDate.from(r.dueOn),
    requestedAt: Temporal.Instant.from(r.requestedAt),
  }));
}

/** Offices and their keys as they stand; a key's end is enough to compare it with the paper. */
export async function readReceiverKeys(
  tx: Tx,
): Promise<{ readonly receiver: string; readonly recipientKey: string; readonly document: string }[]> {
  return tx<{ receiver: string; recipientKey: string; document: string }>`
    select distinct on (receiver) receiver, recipient_key as "recipientKey", document from media.receiver_key order by receiver, key_no desc`;
}

/** To whom a medium was handed last. */
export async function readStep(tx: Tx, serial: string): Promise<string | undefined> {
  const [row] = await tx<{ handedTo: string | null }>`
    select s.detail ->> 'handedTo' as "handedTo" from media.medium_step s join media.medium m using (medium_id)
     where m.serial = ${serial} and s.step = 'handed-over' order by s.step_no desc limit 1`;
  return row?.handedTo ?? undefined;
}

export interface PrintedSlip extends Slip {
  readonly ground: string;
  readonly serial: string | undefined;
  readonly writtenBy: string;
  readonly writtenOn: Temporal.PlainDate;
  readonly writtenAt: Temporal.Instant;
}

/** 送付票 of a prepared hand-over, again and again the same; undefined before it is prepared. */
export async function slipOf(tx: Tx, handOverId: string): Promise<PrintedSlip | undefined> {
  const [head] = await tx<{
    kind: string;
    receiver: string;
    ground: string;
    settleByOn: string;
    digests: [string, string, number][];
    by: string;
    on: string;
    at: string;
    serial: string | null;
  }>`
    select h.kind, h.receiver, h.ground, h.settle_by_on::text as "settleByOn", s.detail -> 'files' as digests, s.by_staff as "by",
           s.civil_on::text as "on", to_json(s.at)#>>'{}' as at,
           (select m.serial from media.output o join media.medium m using (medium_id) where o.hand_over_id = h.hand_over_id) as serial
      from media.hand_over h join media.step s on s.hand_over_id = h.hand_over_id and s.state = 'prepared'
     where h.hand_over_id = ${handOverId}`;
  if (!head) return undefined;
  const files = await tx<{ fileName: string; records: number; totals: Record<string, number> }>`
    select file_name as "fileName", records, totals from media.file where hand_over_id = ${handOverId} order by file_no`;
  return {
    handOverId,
    kind: head.kind,
    receiver: head.receiver,
    ground: head.ground,
    settleByOn: head.settleByOn,
    serial: head.serial ?? undefined,
    writtenBy: head.by,
    writtenOn: Temporal.PlainDate.from(head.on),
    writtenAt: Temporal.Instant.from(head.at),
    files: files.map((f, i) => {
      const [fileName = '', sha256 = '', length = 0] = head.digests[i] ?? [];
      return { ...f, fileName, sha256, length };
    }),
    fileCount: files.length,
    recordCount: files.reduce((sum, f) => sum + f.records, 0),
  };
}
