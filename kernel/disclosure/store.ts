import { fiscalYearOf } from '../calendar/fiscal-year.ts';
import { json, type Tx } from '../db/sql.ts';
import { type CaseState, type RequesterRole, type RequestKind, type Step, stateOf } from './case.ts';
import type { Claim, Claimed, FormType } from './setup.ts';

export interface RequestRow extends Claimed {
  readonly requestId: string;
  readonly receiptNo: string;
  readonly kind: RequestKind;
  readonly formName: string;
  readonly receivedOn: string;
  readonly dueOn: string;
  readonly channel: 'counter' | 'post';
  readonly role: RequesterRole;
  readonly requesterName: string;
  readonly requesterAddress: string;
  readonly scope: string;
  readonly follows: string | null;
  readonly claims: readonly Claim[];
  readonly receivedBy: string;
}

/** The next number of a series in a fiscal year, from 1 without gaps; two at once wait for each other. */
export async function nextNumber(tx: Tx, series: string, on: Temporal.PlainDate): Promise<string> {
  const year = fiscalYearOf(on);
  const [row] = await tx<{ last: number }>`
    insert into disclosure.counter (series, fiscal_year, last) values (${series}, ${year}, 1)
    on conflict (series, fiscal_year) do update set last = disclosure.counter.last + 1 returning last`;
  return `${series}-${year}-${`${row!.last}`.padStart(6, '0')}`;
}

export async function insertRequest(tx: Tx, r: RequestRow, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into disclosure.request (request_id, receipt_no, kind, form_name, received_on, due_on, channel, name, name_kana, birth_date,
      sex, address, requester_role, requester_name, requester_address, scope, follows, claims, received_by, received_at, event_id)
    values (${r.requestId}, ${r.receiptNo}, ${r.kind}, ${r.formName}, ${r.receivedOn}, ${r.dueOn}, ${r.channel}, ${r.name},
      ${r.nameKana}, ${r.birthDate}, ${r.sex}, ${r.address}, ${r.role}, ${r.requesterName}, ${r.requesterAddress}, ${r.scope},
      ${r.follows}, ${json(r.claims)}, ${r.receivedBy}, ${at}, ${tx.eventId})`;
}

export interface StepLine {
  readonly no: number;
  readonly step: Step;
  readonly takenOn: string;
  readonly takenBy: string;
  readonly takenAt: Temporal.Instant;
}

export interface Case {
  readonly request: RequestRow;
  readonly steps: readonly StepLine[];
  readonly state: CaseState;
}

/** The request and where it stands. `lock`: others who would take a step wait until this transaction ends. */
export async function readCase(tx: Tx, requestId: string, lock = false): Promise<Case | undefined> {
  // An advisory lock: a row lock would need the right to update, and facts are never updated.
  if (lock) await tx`select pg_advisory_xact_lock(hashtextextended(${`disclosure ${requestId}`}, 0))`;
  const [request] = await tx<RequestRow>`
    select r.request_id as "requestId", r.receipt_no as "receiptNo", r.kind, r.form_name as "formName",
           r.received_on::text as "receivedOn", r.due_on::text as "dueOn", r.channel, r.name, r.name_kana as "nameKana",
           r.birth_date::text as "birthDate", r.sex, r.address, r.requester_role as role, r.requester_name as "requesterName",
           r.requester_address as "requesterAddress", r.scope, r.follows, r.claims, r.received_by as "receivedBy"
      from disclosure.request r where r.request_id = ${requestId}::uuid`;
  if (!request) return undefined;
  const rows = await tx<{
    no: number;
    kind: string;
    detail: object;
    takenOn: string;
    takenBy: string;
    takenAt: string;
  }>`
    select no, kind, detail, taken_on::text as "takenOn", taken_by as "takenBy", to_json(taken_at)#>>'{}' as "takenAt"
      from disclosure.step where request_id = ${requestId}::uuid order by no`;
  const steps = rows.map(({ no, kind, detail, takenOn, takenBy, takenAt }) => ({
    no,
    step: { kind, ...detail } as Step,
    takenOn,
    takenBy,
    takenAt: Temporal.Instant.from(takenAt),
  }));
  const state = stateOf(
    request.kind,
    request.role,
    steps.map((s) => s.step),
  );
  return { request, steps, state };
}

export interface Taken {
  readonly by: string;
  readonly on: Temporal.PlainDate;
  readonly at: Temporal.Instant;
}

/** Call with the case locked. */
export async function insertStep(
  tx: Tx,
  requestId: string,
  step: Step,
  taken: Taken,
  newId: () => string,
): Promise<void> {
  const { kind, ...detail } = step;
  await tx`
    insert into disclosure.step (step_id, request_id, no, kind, detail, taken_on, taken_by, taken_at, event_id)
    select ${newId()}::uuid, ${requestId}::uuid, count(*) + 1, ${kind}, ${json(detail)}, ${taken.on}::date, ${taken.by},
           ${taken.at}::timestamptz, ${tx.eventId}::uuid
      from disclosure.step where request_id = ${requestId}::uuid`;
}

/** The request under a receipt number. */
export async function requestUnder(
  tx: Tx,
  receiptNo: string,
): Promise<{ requestId: string; handedOver: boolean; kind: RequestKind; name: string; birthDate: string } | undefined> {
  const [row] = await tx<{
    requestId: string;
    handedOver: boolean;
    kind: RequestKind;
    name: string;
    birthDate: string;
  }>`
    select request_id as "requestId", kind, name, birth_date::text as "birthDate",
           exists (select 1 from disclosure.step s where s.request_id = r.request_id and s.kind = 'handed-over') as "handedOver"
      from disclosure.request r where receipt_no = ${receiptNo}`;
  return row;
}

export interface CaseLine {
  readonly requestId: string;
  readonly receiptNo: string;
  readonly kind: RequestKind;
  readonly receivedOn: string;
  readonly dueOn: string;
  readonly name: string;
  readonly steps: readonly string[];
  readonly answered: boolean;
  readonly closed: boolean;
}

/** `open`: not closed; `due`: not decided and due up to `until`; `stopped`: a stop of use in force. */
export type CaseFilter = 'open' | 'due' | 'stopped' | 'closed' | 'all';

/** The earliest due date first. */
export async function listCases(
  tx: Tx,
  q: {
    readonly which: CaseFilter;
    readonly kind: string | null;
    readonly until: Temporal.PlainDate;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ rows: CaseLine[]; total: number }> {
  const rows = await tx<CaseLine & { total: number }>`
    with cases as (
      select r.request_id as "requestId", r.receipt_no as "receiptNo", r.kind, r.received_on::text as "receivedOn", r.name,
             coalesce((select max(s.detail->>'untilOn') from disclosure.step s where s.request_id = r.request_id and s.kind = 'extended'),
                      r.due_on::text) as "dueOn",
             array(select s.kind from disclosure.step s where s.request_id = r.request_id order by s.no) as steps,
             exists (select 1 from disclosure.step s where s.request_id = r.request_id and s.kind in ('decided', 'closed')) as answered,
             exists (select 1 from disclosure.step s where s.request_id = r.request_id and s.kind = 'closed') as closed
        from disclosure.request r where ${q.kind}::text is null or r.kind = ${q.kind}::text),
    chosen as (
      select * from cases where case ${q.which}::text when 'open' then not closed when 'closed' then closed
        when 'due' then not answered and "dueOn" <= ${q.until.toString()}::text
        when 'stopped' then exists (select 1 from disclosure.use_stop_now n where n.request_id = "requestId") else true end)
    select *, count(*) over ()::int as total from chosen order by "dueOn", "receiptNo" offset ${q.offset} limit ${q.limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}

export interface FormRow {
  readonly serial: string;
  readonly formType: FormType;
  readonly requestId: string | null;
  readonly carriesNumber: string | null;
  readonly orderedBy: string;
  readonly orderedOn: string;
  readonly steps: readonly FormStep[];
}
export interface FormStep {
  readonly kind: 'made' | 'handed-over' | 'kept' | 'disposed' | 'spoiled' | 'copy-erased';
  readonly detail: Readonly<Record<string, string | number>>;
  readonly sealedRef: string | null;
  readonly takenOn: string;
  readonly takenBy: string;
}

export async function insertForm(
  tx: Tx,
  form: {
    readonly serial: string;
    readonly formType: FormType;
    readonly requestId: string | null;
    readonly carriesNumber: string | null;
  },
  taken: Taken,
): Promise<void> {
  await tx`
    insert into disclosure.form (serial, form_type, request_id, carries_number, ordered_by, ordered_on, ordered_at, event_id)
    values (${form.serial}, ${form.formType}, ${form.requestId}, ${form.carriesNumber}, ${taken.by}, ${taken.on}, ${taken.at}, ${tx.eventId})`;
}

export async function insertFormStep(
  tx: Tx,
  serial: string,
  step: { readonly kind: FormStep['kind']; readonly detail: FormStep['detail']; readonly sealedRef?: string },
  taken: Taken,
): Promise<void> {
  await tx`
    insert into disclosure.form_step (serial, no, kind, detail, sealed_ref, taken_on, taken_by, taken_at, event_id)
    select ${serial}, count(*) + 1, ${step.kind}, ${json(step.detail)}, ${step.sealedRef ?? null}::uuid, ${taken.on}::date, ${taken.by},
           ${taken.at}::timestamptz, ${tx.eventId}::uuid
      from disclosure.form_step where serial = ${serial}`;
}

/** Forms of a request, or one by its serial, with their steps. */
export async function readForms(
  tx: Tx,
  which: { readonly requestId?: string; readonly serial?: string },
  lock = false,
): Promise<FormRow[]> {
  if (lock && which.serial) await tx`select pg_advisory_xact_lock(hashtextextended(${`form ${which.serial}`}, 0))`;
  return tx<FormRow>`
    select f.serial, f.form_type as "formType", f.request_id as "requestId", f.carries_number as "carriesNumber",
           f.ordered_by as "orderedBy", f.ordered_on::text as "orderedOn",
           coalesce((select jsonb_agg(jsonb_build_object('kind', s.kind, 'detail', s.detail, 'sealedRef', s.sealed_ref, 'takenOn', s.taken_on,
             'takenBy', s.taken_by) order by s.no) from disclosure.form_step s where s.serial = f.serial), '[]') as steps
      from disclosure.form f
     where (${which.requestId ?? null}::uuid is null or f.request_id = ${which.requestId ?? null}::uuid)
       and (${which.serial ?? null}::text is null or f.serial = ${which.serial ?? null}::text)
     order by f.ordered_at, f.serial`;
}

/** The ledger: `open` are sheets that exist here, neither handed over nor disposed of. */
export async function listForms(
  tx: Tx,
  q: {
    readonly which: 'open' | 'all';
    readonly formType: string | null;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ rows: FormRow[]; total: number }> {
  const rows = await tx<FormRow & { total: number }>`
    select f.serial, f.form_type as "formType", f.request_id as "requestId", f.carries_number as "carriesNumber",
           f.ordered_by as "orderedBy", f.ordered_on::text as "orderedOn", count(*) over ()::int as total,
           coalesce((select jsonb_agg(jsonb_build_object('kind', s.kind, 'detail', s.detail, 'sealedRef', s.sealed_ref, 'takenOn', s.taken_on,
             'takenBy', s.taken_by) order by s.no) from disclosure.form_step s where s.serial = f.serial), '[]') as steps
      from disclosure.form f
     where (${q.formType}::text is null or f.form_type = ${q.formType}::text)
       and (${q.which}::text = 'all' or (
         exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.kind in ('made', 'kept')) and
         not exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.kind in ('handed-over', 'disposed', 'spoiled'))))
     order by f.serial offset ${q.offset} limit ${q.limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}

/** Serials that should be found at a check: made or kept, and not ended. */
export async function openSerials(tx: Tx): Promise<string[]> {
  const rows = await tx<{ serial: string }>`
    select f.serial from disclosure.form f
     where exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.kind in ('made', 'kept'))
       and not exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.kind in ('handed-over', 'disposed', 'spoiled'))
     order by f.serial`;
  return rows.map((r) => r.serial);
}
