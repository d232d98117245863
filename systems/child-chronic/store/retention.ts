import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { EndingRow } from '@musubi/kernel/retention/retention.ts';

/** Facts of the cases whose term ends up to `until`; those that something stands in the way of among them, marked. */
export async function countEnding(tx: Tx, until: Temporal.PlainDate): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from child_chronic.ending_rows(${until}::date, null, null)`;
  return row!.n;
}

export const endingRows = async (
  tx: Tx,
  until: Temporal.PlainDate,
  after: string | null,
  subjects: number,
): Promise<EndingRow[]> =>
  (
    await tx<EndingRow & { readonly heldFor: string | undefined }>`
      select table_name as "table", row_key as key, case_id as subject, event_id as "eventId", kept_until::text as "keptUntil",
             held_for as "heldFor", record
        from child_chronic.ending_rows(${until}::date, ${after}::uuid, ${subjects}) order by case_id, table_name, row_key`
  ).map(({ heldFor, ...row }) => (heldFor ? { ...row, heldFor } : row));

/** Numbers in the vault that these rows name: the applicant's, and one that the register found; each is of its case alone. */
export const numbersOf = (rows: readonly EndingRow[]): string[] => [
  ...new Set(
    rows.flatMap(({ record }) =>
      (['number_ref', 'candidate_ref'] as const).flatMap((column) => {
        const ref = (record as Readonly<Record<string, unknown>>)[column];
        return typeof ref === 'string' ? [ref] : [];
      }),
    ),
  ),
];

export async function removeSealed(tx: Tx, rows: readonly EndingRow[], numberRefs: readonly string[]): Promise<number> {
  const [done] = await tx<{ n: number }>`
    select child_chronic.remove_ended(${rows[0]!.keptUntil}::date, ${[...new Set(rows.map((r) => r.subject))]}::uuid[],
      ${numberRefs}::uuid[]) as n`;
  return done!.n;
}

/** Sealed lists of persons of whom nobody is left. Call after the rows are gone. */
export const filesLeftOver = async (tx: Tx): Promise<string[]> =>
  (await tx<{ ref: string }>`select ref from child_chronic.files_left_over()`).map(({ ref }) => ref);

export interface QuietCase {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly patientName: string;
  readonly movedOn: string;
  /** The last day on which it is kept, where nobody excludes it. */
  readonly keptUntil: string;
  /** A copy still stands for other bodies. */
  readonly copyStands: boolean;
  readonly holdId: string | null;
  readonly holdReason: string | null;
  readonly holdBy: string | null;
}

/** 五年間異動のない申請: cases without movement for five years on that day, the longest first. */
export const quietCases = async (
  tx: Tx,
  q: { readonly on: Temporal.PlainDate; readonly offset: number; readonly limit: number },
): Promise<QuietCase[]> => tx<QuietCase>`
  select f.case_id as "caseId", f.case_number as "caseNumber", f.patient_name as "patientName", q.moved_on::text as "movedOn",
         q.kept_until::text as "keptUntil", q.held_for is not null as "copyStands", h.hold_id as "holdId", h.reason as "holdReason",
         h.placed_by as "holdBy"
    from child_chronic.quiet_cases(${q.on}::date) q join child_chronic.case_now f using (case_id)
         left join lateral (select * from retention.hold h where h.subject = q.case_id
                               and not exists (select from retention.hold_end e where e.hold_id = h.hold_id)
                             order by h.placed_on, h.hold_id limit 1) h on true
   order by q.moved_on, f.case_number limit ${q.limit} offset ${q.offset}`;

export async function countQuiet(
  tx: Tx,
  on: Temporal.PlainDate,
): Promise<{ readonly all: number; readonly held: number; readonly copies: number }> {
  const [row] = await tx<{ all: number; held: number; copies: number }>`
    select count(*)::int as all, count(*) filter (where held)::int as held, count(*) filter (where not held and q.held_for is not null)::int as copies
      from (select q.*, exists (select from retention.hold h where h.subject = q.case_id
                                   and not exists (select from retention.hold_end e where e.hold_id = h.hold_id)) as held
              from child_chronic.quiet_cases(${on}::date) q) as q`;
  return row!;
}

export interface CopyToEnd {
  readonly caseId: string;
  readonly decidedOn: string;
  readonly orgPersonNumber: string;
}

/** Lodged copies of quiet cases that nobody excluded; `batchId` where they were sent and no answer came. */
export async function copiesToEnd(
  tx: Tx,
  q: { readonly on: Temporal.PlainDate; readonly limit: number },
): Promise<{ readonly batchId: string | null; readonly copies: CopyToEnd[] }> {
  const [open] = await tx<{ batchId: string }>`
    select e.batch_id as "batchId" from child_chronic.copy_end e
     where not exists (select from child_chronic.copy_end_outcome o where o.batch_id = e.batch_id) order by e.sent_at limit 1`;
  const batchId = open?.batchId ?? null;
  const copies = await tx<CopyToEnd>`
    select d.case_id as "caseId", d.decided_on::text as "decidedOn", g.org_person_number as "orgPersonNumber"
      from child_chronic.certification d
           left join child_chronic.copy_end e on e.batch_id = ${batchId}::uuid and e.case_id = d.case_id
           join lateral (select r.org_person_number from child_chronic.registration r
                          where r.case_id = d.case_id and r.org_person_number is not null and not exists (
                            select from child_chronic.registration_end z where z.registration_id = r.registration_id)
                          order by r.answered_at desc limit 1) g on true
     where case when ${batchId}::uuid is not null then e.batch_id is not null
                else d.case_id in (select q.case_id from child_chronic.quiet_cases(${q.on}::date) q where q.held_for = 'copy-not-ended')
                     and not exists (select from retention.hold h where h.subject = d.case_id
                                        and not exists (select from retention.hold_end x where x.hold_id = h.hold_id)) end
     order by e.row_no, d.case_id limit ${q.limit}`;
  return { batchId, copies };
}

export async function insertCopyEnds(
  tx: Tx,
  b: {
    readonly batchId: string;
    readonly cases: readonly string[];
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.copy_end (batch_id, row_no, case_id, sent_by, sent_at, event_id)
    select ${b.batchId}::uuid, n, c, ${b.by}, ${b.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${b.cases}::uuid[]) with ordinality as x(c, n)`;
}

export async function insertEndOutcomes(
  tx: Tx,
  batchId: string,
  rows: readonly { readonly rowNo: number; readonly code: string | null }[],
  at: Temporal.Instant,
): Promise<number> {
  const made = await tx`
    insert into child_chronic.copy_end_outcome (batch_id, row_no, state, code, at, event_id)
    select ${batchId}::uuid, n, case when c is null then 'ended' else 'error' end, c, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.rowNo)}::integer[], ${rows.map((r) => r.code)}::text[]) as x(n, c)
    on conflict do nothing returning 1`;
  return made.length;
}

export async function lockEnds(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('child_chronic copy ends', 0))`;
}
