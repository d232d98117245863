import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface BulkDocument {
  readonly documentNo: string;
  readonly recipientName: string;
  readonly taskCode: string;
  /** ISO date */
  readonly receivedOn: string;
  readonly purpose: string;
  /** Persons whom the purpose concerns, as the document says. */
  readonly statedRows: number;
}

/** False where the number is taken. */
export async function insertDocument(
  tx: Tx,
  d: BulkDocument & { readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.bulk_document
      (document_no, recipient_name, task_code, received_on, purpose, stated_rows, registered_by, registered_at, event_id)
    values (${d.documentNo}, ${d.recipientName}, ${d.taskCode}, ${d.receivedOn}, ${d.purpose}, ${d.statedRows}, ${d.by}, ${at}, ${tx.eventId})
    on conflict (document_no) do nothing returning 1`;
  return rows.length === 1;
}

export async function documentByNo(
  tx: Tx,
  documentNo: string,
): Promise<(BulkDocument & { isUsed: boolean }) | undefined> {
  const [row] = await tx<BulkDocument & { isUsed: boolean }>`
    select d.document_no as "documentNo", d.recipient_name as "recipientName", d.task_code as "taskCode",
           d.received_on::text as "receivedOn", d.purpose, d.stated_rows as "statedRows",
           exists (select 1 from prefectural_juki.bulk_order o where o.document_no = d.document_no) as "isUsed"
      from prefectural_juki.bulk_document d where d.document_no = ${documentNo}`;
  return row;
}

/** Documents without an order yet, the oldest first. */
export async function openDocuments(tx: Tx): Promise<BulkDocument[]> {
  return tx<BulkDocument & object>`
    select d.document_no as "documentNo", d.recipient_name as "recipientName", d.task_code as "taskCode",
           d.received_on::text as "receivedOn", d.purpose, d.stated_rows as "statedRows"
      from prefectural_juki.bulk_document d
     where not exists (select 1 from prefectural_juki.bulk_order o where o.document_no = d.document_no)
     order by d.received_on, d.document_no limit 200`;
}

export interface BulkOrder {
  readonly orderId: string;
  readonly orderNo: number;
  readonly documentNo: string;
  readonly taskId: string;
  readonly taskCode: string;
  readonly recipientName: string;
  readonly mediumSerial: string;
  readonly recipientKey: string;
  readonly ground: string;
  readonly items: readonly string[];
  /** ISO date */
  readonly settleByOn: string;
  readonly requestedBy: string;
}

export async function insertOrder(tx: Tx, o: Omit<BulkOrder, 'orderNo'>, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.bulk_order
      (order_id, document_no, task_id, task_code, recipient_name, medium_serial, recipient_key, ground, items, settle_by_on,
       requested_by, requested_at, event_id)
    values (${o.orderId}, ${o.documentNo}, ${o.taskId}, ${o.taskCode}, ${o.recipientName}, ${o.mediumSerial}, ${o.recipientKey},
      ${o.ground}, ${o.items}, ${o.settleByOn}, ${o.requestedBy}, ${at}, ${tx.eventId})
    on conflict (document_no) do nothing returning 1`;
  return rows.length === 1;
}

export interface BulkState extends BulkOrder {
  readonly requestedAt: string;
  /** Persons whom the request document speaks of. */
  readonly statedRows: number;
  readonly sha256: string | null;
  readonly rows: number | null;
  readonly approvalId: string | null;
  readonly loadedBy: string | null;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
  readonly answered: number;
  readonly given: number | null;
  readonly handOverId: string | null;
  readonly runId: string | null;
  readonly runState: string | null;
  /** State of the hand-over in the media ledger. */
  readonly handOverState: string | null;
  readonly isErased: boolean;
}

const stateOf = async (
  tx: Tx,
  query: { readonly orderId: string | null; readonly open: boolean; readonly offset: number; readonly limit: number },
): Promise<(BulkState & { total: number })[]> => tx<BulkState & { total: number }>`
  select o.order_id as "orderId", o.order_no as "orderNo", o.document_no as "documentNo", o.task_id as "taskId", o.task_code as "taskCode",
         o.recipient_name as "recipientName", o.medium_serial as "mediumSerial", o.recipient_key as "recipientKey", o.ground, o.items,
         o.settle_by_on::text as "settleByOn", o.requested_by as "requestedBy", to_json(o.requested_at)#>>'{}' as "requestedAt",
         b.stated_rows as "statedRows", l.sha256, l.rows, l.approval_id as "approvalId", l.loaded_by as "loadedBy", d.decision, d.decided_by as "decidedBy",
         (select coalesce(sum(p.rows), 0)::int from prefectural_juki.bulk_answer_part p where p.order_id = o.order_id) as answered,
         r.given, r.hand_over_id as "handOverId", j.run_id as "runId", j.state as "runState",
         case when r.hand_over_id is null then null else coalesce(
           (select s.state from media.step s where s.hand_over_id = r.hand_over_id order by s.step_no desc limit 1), 'requested') end as "handOverState",
         e.order_id is not null as "isErased", (count(*) over ())::int as total
    from prefectural_juki.bulk_order o
    join prefectural_juki.bulk_document b using (document_no)
    left join prefectural_juki.bulk_list l using (order_id)
    left join approvals.decision d on d.approval_id = l.approval_id
    left join prefectural_juki.bulk_result r using (order_id)
    left join prefectural_juki.bulk_erasure e using (order_id)
    left join jobs.run j on j.name = 'prefectural-juki.bulk' and j.params ->> 'order' = o.order_id::text
   where (${query.orderId}::uuid is null or o.order_id = ${query.orderId}::uuid)
     and (not ${query.open}::boolean or e.order_id is null)
   order by o.order_no desc limit ${query.limit} offset ${query.offset}`;

export async function orderById(tx: Tx, orderId: string): Promise<BulkState | undefined> {
  return (await stateOf(tx, { orderId, open: false, offset: 0, limit: 1 }))[0];
}

export async function listOrders(
  tx: Tx,
  query: { readonly open: boolean; readonly offset: number; readonly limit: number },
): Promise<{ rows: BulkState[]; total: number }> {
  const rows = await stateOf(tx, { ...query, orderId: null });
  return { rows, total: rows[0]?.total ?? 0 };
}

/** Waits for its turn on the order. */
export const lockOrder = async (tx: Tx, orderId: string): Promise<void> => {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`juki:bulk:${orderId}`}, 0))`;
};

export async function insertList(
  tx: Tx,
  l: {
    readonly orderId: string;
    readonly importId: string;
    readonly sha256: string;
    readonly rows: number;
    readonly approvalId: string;
    readonly by: string;
    readonly terminalId: string;
    readonly parts: readonly { readonly ref: SealedId; readonly rows: number }[];
  },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.bulk_list (order_id, import_id, sha256, rows, approval_id, loaded_by, loaded_at, terminal_id, event_id)
    values (${l.orderId}, ${l.importId}, ${l.sha256}, ${l.rows}, ${l.approvalId}, ${l.by}, ${at}, ${l.terminalId}, ${tx.eventId})`;
  await tx`
    insert into prefectural_juki.bulk_list_part (order_id, part_no, sealed_ref, rows, event_id)
    select ${l.orderId}::uuid, n, ref, rows, ${tx.eventId}::uuid
      from unnest(${l.parts.map((p) => p.ref)}::uuid[], ${l.parts.map((p) => p.rows)}::int[]) with ordinality as p(ref, rows, n)`;
}

export interface Part {
  readonly partNo: number;
  readonly ref: SealedId;
  readonly rows: number;
}

export async function listParts(tx: Tx, orderId: string): Promise<Part[]> {
  return tx<Part & object>`
    select part_no as "partNo", sealed_ref as ref, rows from prefectural_juki.bulk_list_part where order_id = ${orderId} order by part_no`;
}
export async function answerParts(tx: Tx, orderId: string): Promise<(Part & { given: number })[]> {
  return tx<Part & { given: number }>`
    select part_no as "partNo", sealed_ref as ref, rows, given from prefectural_juki.bulk_answer_part
     where order_id = ${orderId} order by part_no`;
}

export async function insertAnswerPart(
  tx: Tx,
  p: Part & { readonly orderId: string; readonly given: number },
): Promise<void> {
  await tx`
    insert into prefectural_juki.bulk_answer_part (order_id, part_no, sealed_ref, rows, given, event_id)
    values (${p.orderId}, ${p.partNo}, ${p.ref}, ${p.rows}, ${p.given}, ${tx.eventId})`;
}

export async function insertResult(
  tx: Tx,
  r: {
    readonly orderId: string;
    readonly handOverId: string;
    readonly ref: SealedId;
    readonly sha256: string;
    readonly rows: number;
    readonly given: number;
  },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.bulk_result (order_id, hand_over_id, sealed_ref, sha256, rows, given, finished_at, event_id)
    values (${r.orderId}, ${r.handOverId}, ${r.ref}, ${r.sha256}, ${r.rows}, ${r.given}, ${at}, ${tx.eventId})`;
}

/** Everything of an order that lies sealed. */
export async function sealedOfOrder(tx: Tx, orderId: string): Promise<SealedId[]> {
  const rows = await tx<{ ref: SealedId }>`
    select sealed_ref as ref from prefectural_juki.bulk_list_part where order_id = ${orderId}
    union all select sealed_ref from prefectural_juki.bulk_answer_part where order_id = ${orderId}
    union all select sealed_ref from prefectural_juki.bulk_result where order_id = ${orderId}`;
  return rows.map((r) => r.ref);
}

export async function insertErasure(tx: Tx, orderId: string, objects: number, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.bulk_erasure (order_id, objects, erased_at, event_id)
    values (${orderId}, ${objects}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** As an inquiry compares and gives, for many at once: by code, by person, or by whole name and birthday. */
export interface BulkSubject {
  readonly personId: string;
  readonly numberRef: string;
  readonly residentRecordCode: string;
  readonly name: string;
  readonly nameKana: string;
  readonly nameKey: string;
  readonly kanaKey: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly changeReason: string;
  readonly changedOn: string;
  readonly isRemoved: boolean;
  readonly formerAddresses: readonly string[];
  readonly stops: readonly string[];
}

export async function bulkSubjects(
  tx: Tx,
  keys: {
    readonly codes: readonly string[];
    readonly personIds: readonly string[];
    readonly nameKeys: readonly string[];
    readonly kanaKeys: readonly string[];
    /** One for each name key, then one for each kana key. */
    readonly nameDays: readonly string[];
    readonly kanaDays: readonly string[];
    /** Persons whose earlier addresses matter: an address was stated for them. */
    readonly withFormer: boolean;
  },
): Promise<BulkSubject[]> {
  return tx<BulkSubject & object>`
    with stops as materialized (
      select person_id, array_agg(word) as words from disclosure.use_stop_now group by person_id),
    wanted as (
      select person_id from unnest(${keys.personIds}::uuid[]) as p(person_id)
      union select i.person_id from unnest(${keys.codes}::bigint[]) as k(code)
              join prefectural_juki.identification i on i.resident_record_code = k.code
      union select i.person_id from unnest(${keys.nameKeys}::text[], ${keys.nameDays}::date[]) as k(name_key, day)
              join prefectural_juki.identification i on i.birth_date = k.day and i.name_key = k.name_key
      union select i.person_id from unnest(${keys.kanaKeys}::text[], ${keys.kanaDays}::date[]) as k(kana_key, day)
              join prefectural_juki.identification i on i.birth_date = k.day and i.name_kana_normalised = k.kana_key)
    select i.person_id as "personId", i.number_ref as "numberRef", lpad(i.resident_record_code::text, 11, '0') as "residentRecordCode",
           i.name_kanji as name, i.name_furigana as "nameKana", i.name_key as "nameKey", i.name_kana_normalised as "kanaKey",
           i.birth_date::text as "birthDate", i.sex::text as sex, i.address, i.change_reason::text as "changeReason",
           i.change_date::text as "changedOn", i.deleted_flag as "isRemoved",
           coalesce(stops.words, '{}') as stops,
           case when ${keys.withFormer}::boolean then array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id)
           else '{}'::text[] end as "formerAddresses"
      from wanted join prefectural_juki.identification i using (person_id) left join stops on stops.person_id = i.person_id::text`;
}
