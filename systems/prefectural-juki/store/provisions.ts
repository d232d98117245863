import { momentInJson, type TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { type Gathered, gathered } from '@musubi/kernel/db/together.ts';

export interface Provision {
  readonly provisionId: string;
  readonly personId: string;
  readonly recipient: string;
  readonly ground: string;
  readonly items: readonly string[];
}

/** 提供の記録 of what went over the network unasked, in the transaction that sends it; tied where the act ties them as a batch. */
export async function insertProvisions(
  tx: Tx,
  provisions: readonly Provision[],
  at: Temporal.Instant,
  tied?: TiedRows,
): Promise<void> {
  const rows = provisions.map((p) => ({
    provision_id: p.provisionId,
    person_id: p.personId,
    recipient: p.recipient,
    ground: p.ground,
    method: 'network',
    items: p.items,
    result: 'given',
    provided_at: momentInJson(at),
    event_id: tx.eventId,
  }));
  await tx`
    insert into prefectural_juki.provision_record
      (provision_id, person_id, recipient, ground, method, items, result, provided_at, event_id)
    select provision_id, person_id, recipient, ground, method, items, result, provided_at, event_id
      from jsonb_populate_recordset(null::prefectural_juki.provision_record, ${json(rows)})`;
  if (tied) for (const row of rows) tied.add(row.provision_id, { ...row, ...unasked });
}
/** What the table says of itself where nobody asked. */
const unasked = {
  asker: '',
  operator_id: '',
  document: '',
  key_kind: 'none',
  source: 'prefecture',
  withheld: [],
} as const;

/** One answered or refused inquiry, whole (requirement 003 §4.4). */
export interface ProvisionEntry {
  readonly provisionId: string;
  readonly personId: string | null;
  readonly taskId: string | null;
  readonly inquiryId: string | null;
  readonly useEntryId: string | null;
  readonly keyDigest: Uint8Array | null;
  readonly hitCount: number | null;
  readonly asker: string;
  readonly operatorId: string;
  readonly terminalId: string | null;
  readonly recipient: string;
  readonly ground: string;
  readonly document: string;
  readonly method: 'network' | 'terminal';
  readonly keyKind: string;
  readonly source: 'prefecture' | 'national';
  readonly items: readonly string[];
  readonly withheld: readonly string[];
  /** Null where it was given. */
  readonly refusal: string | null;
}

/** False where this asker's inquiry number already has its record. */
export const insertProvision = gathered(
  async (tx, asked: readonly Gathered<{ readonly entry: ProvisionEntry; readonly at: Temporal.Instant }>[]) => {
    const rows = asked.map(({ query: { entry: p, at }, eventId }) => ({
      provision_id: p.provisionId,
      person_id: p.personId,
      task_id: p.taskId,
      inquiry_id: p.inquiryId,
      use_entry_id: p.useEntryId,
      event_id: eventId,
      provided_at: at.toString(),
      key_digest: p.keyDigest === null ? null : `\\x${Buffer.from(p.keyDigest).toString('hex')}`,
      hit_count: p.hitCount,
      asker: p.asker,
      operator_id: p.operatorId,
      terminal_id: p.terminalId,
      recipient: p.recipient,
      ground: p.ground,
      document: p.document,
      method: p.method,
      key_kind: p.keyKind,
      source: p.source,
      items: p.items,
      withheld: p.withheld,
      result: p.refusal === null ? 'given' : 'refused',
      refusal: p.refusal,
    }));
    const written = await tx<{ id: string }>`
      insert into prefectural_juki.provision_record
        (provision_id, person_id, task_id, inquiry_id, use_entry_id, event_id, provided_at, key_digest, hit_count, asker, operator_id,
         terminal_id, recipient, ground, document, method, key_kind, source, items, withheld, result, refusal)
      select provision_id, person_id, task_id, inquiry_id, use_entry_id, event_id, provided_at, key_digest, hit_count, asker, operator_id,
             terminal_id, recipient, ground, document, method, key_kind, source, items, withheld, result, refusal
        from jsonb_populate_recordset(null::prefectural_juki.provision_record, ${json(rows)})
      on conflict (asker, inquiry_id) where inquiry_id is not null do nothing returning provision_id as id`;
    const ids = new Set(written.map(({ id }) => id));
    return rows.map((row) => ids.has(row.provision_id));
  },
);

export interface ProvisionLine {
  readonly provisionId: string;
  readonly personId: string | null;
  readonly taskCode: string | null;
  readonly taskName: string | null;
  readonly asker: string;
  readonly operatorId: string;
  readonly terminalId: string | null;
  readonly recipient: string;
  readonly ground: string;
  readonly document: string;
  readonly method: 'network' | 'terminal' | 'medium' | 'paper';
  readonly keyKind: string;
  readonly hitCount: number | null;
  readonly source: 'prefecture' | 'national';
  readonly items: readonly string[];
  readonly withheld: readonly string[];
  readonly result: 'given' | 'refused';
  readonly refusal: string | null;
  readonly providedAt: Temporal.Instant;
}
type LineRow = Omit<ProvisionLine, 'providedAt'> & { providedAt: string };
const toLine = (row: LineRow): ProvisionLine => ({ ...row, providedAt: Temporal.Instant.from(row.providedAt) });

export interface ProvisionQuery {
  readonly personId?: string | null;
  readonly recipient?: string | null;
  readonly taskCode?: string | null;
  readonly result?: string | null;
  readonly operatorId?: string | null;
  readonly offset: number;
  readonly limit: number;
}

/** Provisions and refused attempts, newest first, of a person, a recipient, a task, an operator, or all. */
export async function readProvisions(tx: Tx, query: ProvisionQuery): Promise<{ rows: ProvisionLine[]; total: number }> {
  const { personId = null, recipient = null, taskCode = null, result = null, operatorId = null } = query;
  const [rows, [count]] = await Promise.all([
    tx<LineRow>`
      select p.provision_id as "provisionId", p.person_id as "personId", t.code as "taskCode", t.name as "taskName", p.asker,
             p.operator_id as "operatorId", p.terminal_id as "terminalId", p.recipient, p.ground, p.document, p.method,
             p.key_kind as "keyKind", p.hit_count as "hitCount", p.source, p.items, p.withheld, p.result, p.refusal,
             to_json(p.provided_at)#>>'{}' as "providedAt"
        from prefectural_juki.provision_record p left join prefectural_juki.task t using (task_id)
       where (${personId}::uuid is null or p.person_id = ${personId}::uuid)
         and (${recipient}::text is null or p.recipient = ${recipient}::text)
         and (${taskCode}::text is null or t.code = ${taskCode}::text)
         and (${result}::text is null or p.result = ${result}::text)
         and (${operatorId}::text is null or p.operator_id = ${operatorId}::text)
       order by p.provided_at desc, p.provision_id desc offset ${query.offset} limit ${query.limit}`,
    tx<{ n: number }>`
      select count(*)::int as n from prefectural_juki.provision_record p left join prefectural_juki.task t using (task_id)
       where (${personId}::uuid is null or p.person_id = ${personId}::uuid)
         and (${recipient}::text is null or p.recipient = ${recipient}::text)
         and (${taskCode}::text is null or t.code = ${taskCode}::text)
         and (${result}::text is null or p.result = ${result}::text)
         and (${operatorId}::text is null or p.operator_id = ${operatorId}::text)`,
  ]);
  return { rows: rows.map(toLine), total: count!.n };
}

/** To whom a person's information went, and who asked in vain: all of it, newest first. */
export async function provisionsOf(tx: Tx, personId: string): Promise<ProvisionLine[]> {
  const rows = await tx<LineRow>`
    select p.provision_id as "provisionId", p.person_id as "personId", t.code as "taskCode", t.name as "taskName", p.asker,
           p.operator_id as "operatorId", p.terminal_id as "terminalId", p.recipient, p.ground, p.document, p.method,
           p.key_kind as "keyKind", p.hit_count as "hitCount", p.source, p.items, p.withheld, p.result, p.refusal,
           to_json(p.provided_at)#>>'{}' as "providedAt"
      from prefectural_juki.provision_record p left join prefectural_juki.task t using (task_id)
     where p.person_id = ${personId} order by p.provided_at desc, p.provision_id desc`;
  return rows.map(toLine);
}

/** One answer of this operator, for a print of it. */
export async function provisionOf(
  tx: Tx,
  provisionId: string,
): Promise<(ProvisionLine & { readonly inquiryId: string | null }) | undefined> {
  const [row] = await tx<LineRow & { inquiryId: string | null }>`
    select p.provision_id as "provisionId", p.person_id as "personId", p.inquiry_id as "inquiryId", t.code as "taskCode",
           t.name as "taskName", p.asker, p.operator_id as "operatorId", p.terminal_id as "terminalId", p.recipient, p.ground,
           p.document, p.method, p.key_kind as "keyKind", p.hit_count as "hitCount", p.source, p.items, p.withheld, p.result,
           p.refusal, to_json(p.provided_at)#>>'{}' as "providedAt"
      from prefectural_juki.provision_record p left join prefectural_juki.task t using (task_id)
     where p.provision_id = ${provisionId}`;
  return row && { ...toLine(row), inquiryId: row.inquiryId };
}

export async function insertPrint(
  tx: Tx,
  print: {
    readonly printId: string;
    readonly provisionId: string;
    readonly by: string;
    readonly terminalId: string | null;
  },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.print_record (print_id, provision_id, printed_by, terminal_id, printed_at, event_id)
    values (${print.printId}, ${print.provisionId}, ${print.by}, ${print.terminalId}, ${at}, ${tx.eventId})`;
}

/** False where this asker's inquiry number is already on its way. */
export async function insertNationalInquiry(
  tx: Tx,
  q: {
    readonly inquiryId: string;
    readonly asker: string;
    readonly nationalId: string;
    readonly peer: string;
    readonly taskId: string;
    readonly keyKind: string;
  },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.national_inquiry (inquiry_id, asker, national_id, peer, task_id, key_kind, sent_at, event_id)
    select ${q.inquiryId}::uuid, ${q.asker}::text, ${q.nationalId}::uuid, ${q.peer}::text, ${q.taskId}::uuid, ${q.keyKind}::text,
           ${at}::timestamptz, ${tx.eventId}::uuid
     where not exists (select 1 from prefectural_juki.provision_record where asker = ${q.asker}::text and inquiry_id = ${q.inquiryId}::uuid)
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface NationalAnswerRow {
  readonly inquiryId: string;
  readonly asker: string;
  readonly requestDigest: Uint8Array | null;
  readonly requestBytes: number;
  readonly answerDigest: Uint8Array | null;
  readonly answerBytes: number;
  readonly result: string;
}

export async function insertNationalAnswer(tx: Tx, a: NationalAnswerRow, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into prefectural_juki.national_answer
      (inquiry_id, asker, request_digest, request_bytes, answer_digest, answer_bytes, result, answered_at, event_id)
    values (${a.inquiryId}, ${a.asker}, ${a.requestDigest}, ${a.requestBytes}, ${a.answerDigest}, ${a.answerBytes}, ${a.result},
      ${at}, ${tx.eventId})`;
}

export interface OpenNationalInquiry {
  readonly inquiryId: string;
  readonly asker: string;
  readonly taskId: string;
  readonly keyKind: string;
}

/** Forwarded before `before` and never ended: the process died between question and answer. */
export async function openNationalInquiries(tx: Tx, before: Temporal.Instant): Promise<OpenNationalInquiry[]> {
  return tx<OpenNationalInquiry & object>`
    select n.inquiry_id as "inquiryId", n.asker, n.task_id as "taskId", n.key_kind as "keyKind"
      from prefectural_juki.national_inquiry n
     where n.sent_at < ${before}
       and not exists (select 1 from prefectural_juki.national_answer a where a.asker = n.asker and a.inquiry_id = n.inquiry_id)
     order by n.sent_at limit 100`;
}
