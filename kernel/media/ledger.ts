import { requestApproval, useApproval } from '../access/approvals/approvals.ts';
import type { ExecuteError } from '../access/approvals/domain.ts';
import { json, type Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { Difference, FileCount } from './domain.ts';
import { type MediaDeps, recordCounts, recordErased, recordHandedOver, recordReturned } from './media.ts';
import { afterStep, isOverdue, lentStates, type MediumKind, type MediumState, type MediumStep } from './medium.ts';

/*
 * 磁気ディスク管理簿・授受簿: what may be done with a medium and what was done. All functions run inside the calling system's acts; each
 * waits for its turn on the medium first. Facts: media.medium, media.lending, media.medium_step.
 */

/** The approval's kind for a lending; rights of approvers are granted on it. */
export const LENDING_APPROVAL = 'media.lending';

export interface Medium {
  readonly mediumId: string;
  readonly serial: string;
  readonly kind: MediumKind;
  readonly registeredOn: Temporal.PlainDate;
  readonly state: MediumState;
  readonly place: string;
  readonly lendingId: string | undefined;
  readonly department: string | undefined;
  readonly purpose: string | undefined;
  readonly dueOn: Temporal.PlainDate | undefined;
  /** Civil day of its last step. */
  readonly since: Temporal.PlainDate;
  readonly steps: number;
}

interface ByStaff {
  readonly serial: string;
  /** Staff id. */
  readonly by: string;
}
export type MediumError = 'no-such-medium' | 'not-in-this-state';

/** 登録. A serial stands for one medium for ever, also when it is destroyed. */
export async function registerMedium(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & { readonly kind: MediumKind; readonly place: string },
): Promise<Result<{ readonly mediumId: string }, 'serial-not-a-serial' | 'serial-taken'>> {
  if (!/^[A-Z0-9][A-Z0-9-]{2,39}$/.test(command.serial)) return err('serial-not-a-serial');
  const mediumId = deps.newId();
  const made = await tx`
    insert into media.medium (medium_id, serial, kind, registered_by, registered_at, registered_on, event_id)
    values (${mediumId}, ${command.serial}, ${command.kind}, ${command.by}, ${deps.machineClock.now()}, ${deps.civilClock.today()}, ${tx.eventId})
    on conflict (serial) do nothing returning 1`;
  if (made.length === 0) return err('serial-taken');
  await insertStep(tx, deps, { mediumId, steps: 0, lendingId: undefined }, 'registered', 'in-store', command, {
    place: command.place,
  });
  return ok({ mediumId });
}

export interface LendingRequest extends ByStaff {
  readonly department: string;
  readonly purpose: string;
  /** 貸出申請書 */
  readonly document: string;
  readonly dueOn: Temporal.PlainDate;
}
export type LendingError = MediumError | 'not-designated' | 'due-in-the-past' | 'department-has-overdue';

/** 貸出しの申請; a second person approves exactly this. */
export async function requestLending(
  tx: Tx,
  deps: MediaDeps,
  request: LendingRequest,
): Promise<Result<{ readonly lendingId: string; readonly approvalId: string }, LendingError>> {
  const medium = await lockMedium(tx, request.serial);
  if (!medium) return err('no-such-medium');
  const free = await mayLend(tx, deps, medium, request);
  if (!free.ok) return free;
  const lendingId = deps.newId();
  const approvalId = await requestApproval(tx, deps, {
    kind: LENDING_APPROVAL,
    subject: lendingId,
    payload: lendable(lendingId, request),
    by: request.by,
  });
  await tx`
    insert into media.lending (lending_id, medium_id, department, purpose, document, due_on, approval_id, requested_by, requested_at, event_id)
    values (${lendingId}, ${medium.mediumId}, ${request.department}, ${request.purpose}, ${request.document}, ${request.dueOn},
      ${approvalId}, ${request.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok({ lendingId, approvalId });
}

/** 貸出し, under the approval. A medium that is not erased or not designated does not go out. */
export async function lendMedium(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly lendingId: string; readonly by: string },
): Promise<Result<{ readonly serial: string }, 'no-such-lending' | LendingError | ExecuteError | 'no-such-request'>> {
  const [asked] = await tx<Omit<LendingRequest, 'dueOn'> & { dueOn: string; approvalId: string }>`
    select m.serial, l.department, l.purpose, l.document, l.due_on::text as "dueOn", l.approval_id as "approvalId", l.requested_by as "by"
      from media.lending l join media.medium m using (medium_id) where l.lending_id = ${command.lendingId}`;
  if (!asked) return err('no-such-lending');
  const request: LendingRequest = { ...asked, dueOn: Temporal.PlainDate.from(asked.dueOn) };
  const medium = (await lockMedium(tx, request.serial))!;
  const free = await mayLend(tx, deps, medium, request);
  if (!free.ok) return free;
  const approved = await useApproval(tx, deps, {
    approvalId: asked.approvalId,
    kind: LENDING_APPROVAL,
    payload: lendable(command.lendingId, request),
    by: command.by,
  });
  if (!approved.ok) return approved;
  await insertStep(tx, deps, { ...medium, lendingId: command.lendingId }, 'lent', 'lent', command, {
    place: request.department,
    document: request.document,
  });
  return ok({ serial: request.serial });
}

async function mayLend(
  tx: Tx,
  deps: MediaDeps,
  medium: Medium,
  request: LendingRequest,
): Promise<Result<undefined, LendingError>> {
  const today = deps.civilClock.today();
  if (enforced('media.registered-only') && medium.kind !== 'designated-dvd-rw') return err('not-designated');
  if (Temporal.PlainDate.compare(request.dueOn, today) < 0) return err('due-in-the-past');
  const state = afterStep(medium.state, 'lent');
  if (!state.ok && (medium.state !== 'to-erase' || enforced('media.erasure-before-reissue'))) return state;
  const late = await tx`
    select 1 from media.current_medium() c where c.department = ${request.department} and c.due_on < ${today}::date
       and c.state = any(${lentStates as readonly string[]}::text[]) limit 1`;
  return late.length > 0 ? err('department-has-overdue') : ok(undefined);
}
const lendable = (lendingId: string, r: LendingRequest): unknown => ({
  lendingId,
  serial: r.serial,
  department: r.department,
  purpose: r.purpose,
  document: r.document,
  dueOn: r.dueOn.toString(),
});

export type LentError = MediumError | 'not-lent-to-this-department';

/** The medium that this department may use now: registered and lent to it. The gate before anything is read from or written to a medium. */
export async function lentMedium(
  tx: Tx,
  query: { readonly serial: string; readonly department: string },
): Promise<Result<Medium, LentError>> {
  const medium = await lockMedium(tx, query.serial);
  if (!medium) return err('no-such-medium');
  const isTheirs = lentStates.includes(medium.state) && medium.department === query.department;
  if (enforced('media.registered-only') && !isTheirs) return err('not-lent-to-this-department');
  return ok(medium);
}

/** 読込み: data of the department was read from the medium, which holds them from now on until they are erased. */
export async function recordLoaded(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & { readonly department: string; readonly sha256: string },
): Promise<Result<Medium, LentError>> {
  const medium = await lentMedium(tx, command);
  if (!medium.ok) return medium;
  return take(tx, deps, medium.value, 'loaded', command, { sha256: command.sha256 });
}

/**
 * 書込み with its output record (serial, digest, count). `handOver` was prepared in the same act: it is what lies on the medium.
 * Fact besides: media.output.
 */
export async function recordWritten(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & {
    readonly department: string;
    readonly terminal: string;
    readonly handOverId: string;
    readonly file: { readonly sha256: string; readonly length: number; readonly records: number };
  },
): Promise<Result<Medium, LentError>> {
  const found = await lentMedium(tx, command);
  if (!found.ok) return found;
  const medium = found.value;
  if (medium.lendingId === undefined) return err('not-lent-to-this-department');
  const { file, handOverId } = command;
  const written = await take(tx, deps, medium, 'written', command, {
    handOver: handOverId,
    sha256: file.sha256,
    records: file.records,
  });
  if (!written.ok) return written;
  await tx`
    insert into media.output (output_id, hand_over_id, medium_id, lending_id, department, sha256, bytes, records, terminal, written_by, written_at, event_id)
    values (${deps.newId()}, ${handOverId}, ${medium.mediumId}, ${medium.lendingId}, ${command.department}, ${file.sha256},
      ${file.length}, ${file.records}, ${command.terminal}, ${command.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return written;
}

/** 引渡し: giver's half of the hand-over. `handedTo`: the receiver's staff number. */
export async function handOverMedium(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & { readonly handedTo: string },
): Promise<Result<Medium, MediumError>> {
  const medium = await lockMedium(tx, command.serial);
  if (!medium) return err('no-such-medium');
  const handOverId = await handOverOn(tx, medium);
  if (handOverId) {
    const handed = await recordHandedOver(tx, deps, { handOverId, by: command.by, handedTo: command.handedTo });
    if (!handed.ok) return err('not-in-this-state');
  }
  return take(tx, deps, medium, 'handed-over', command, {
    handedTo: command.handedTo,
    ...(handOverId ? { handOver: handOverId } : {}),
  });
}

export type ReceiptError = MediumError | 'receiver-is-giver' | 'not-handed-to-them' | 'confirmation-missing';

/**
 * 受領確認, in writing: the receiver's half. They are who the giver named, they counted, and their paper has a number. A difference
 * from the slip is recorded with the hand-over and keeps the medium where it is.
 */
export async function confirmReceipt(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & {
    readonly receivedBy: string;
    /** 受領書 */
    readonly confirmation: string;
    readonly counted: readonly FileCount[];
  },
): Promise<Result<{ readonly differences: readonly Difference[] }, ReceiptError>> {
  const medium = await lockMedium(tx, command.serial);
  if (!medium) return err('no-such-medium');
  const state = afterStep(medium.state, 'received');
  if (!state.ok) return state;
  const given = await lastStep(tx, medium.mediumId, 'handed-over');
  if (enforced('media.handover-ledger')) {
    if (command.confirmation.trim() === '') return err('confirmation-missing');
    if (given?.by === command.receivedBy) return err('receiver-is-giver');
    if (given?.detail.handedTo !== command.receivedBy) return err('not-handed-to-them');
  }
  const handOverId = await handOverOn(tx, medium);
  if (handOverId) {
    const compared = await recordCounts(tx, deps, { handOverId, by: command.by, counted: command.counted });
    if (!compared.ok) return err('not-in-this-state');
    if (compared.value.differences.length > 0) return compared;
  }
  await insertStep(tx, deps, medium, 'received', 'received', command, {
    place: medium.department ?? medium.place,
    receivedBy: command.receivedBy,
    confirmation: command.confirmation,
    ...(handOverId ? { handOver: handOverId } : {}),
  });
  return ok({ differences: [] });
}

/** 消去: who erased, how, and the report's or certificate's number. Without it the medium is never lent again. */
export async function eraseMedium(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & { readonly erasedBy: string; readonly method: string; readonly certificate: string },
): Promise<Result<Medium, MediumError | 'erasure-incomplete'>> {
  const medium = await lockMedium(tx, command.serial);
  if (!medium) return err('no-such-medium');
  const state = afterStep(medium.state, 'erased');
  if (!state.ok) return state;
  const isWhole = [command.erasedBy, command.method, command.certificate].every((text) => text.trim() !== '');
  if (enforced('media.erasure-before-reissue') && !isWhole) return err('erasure-incomplete');
  const handOverId = await handOverOn(tx, medium);
  if (handOverId) await recordErased(tx, deps, { handOverId, by: command.by, certificate: command.certificate });
  return take(tx, deps, medium, 'erased', command, {
    erasedBy: command.erasedBy,
    method: command.method,
    certificate: command.certificate,
  });
}

/** 返却 by the department, or 回収 by us. With data still on it the medium waits for its erasure and cannot be lent. */
export async function returnMedium(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & { readonly how: 'returned' | 'collected'; readonly returnedBy: string; readonly place: string },
): Promise<Result<Medium, MediumError>> {
  const medium = await lockMedium(tx, command.serial);
  if (!medium) return err('no-such-medium');
  const handOverId = medium.state === 'received' ? await handOverOn(tx, medium) : undefined;
  if (handOverId) await recordReturned(tx, deps, { handOverId, by: command.by });
  return take(tx, deps, medium, command.how, command, { returnedBy: command.returnedBy, place: command.place });
}

/** 保管場所の変更, 所在不明, 発見. */
export async function moveMedium(
  tx: Tx,
  deps: MediaDeps,
  command: ByStaff & { readonly step: 'moved' | 'missing' | 'found'; readonly place: string; readonly reason: string },
): Promise<Result<Medium, MediumError>> {
  const medium = await lockMedium(tx, command.serial);
  if (!medium) return err('no-such-medium');
  return take(tx, deps, medium, command.step, command, { place: command.place, reason: command.reason });
}

export interface Destruction extends ByStaff {
  /** 廃棄の指示 */
  readonly instruction: string;
  readonly reason: string;
  readonly method: string;
  readonly person: string;
  readonly witness: string;
  /** Certificate of the destroyer; where we destroy ourselves, the disposal record's own number. */
  readonly certificate: string;
}

/** 廃棄 with witness. A destroyed serial never comes back. */
export async function destroyMedium(
  tx: Tx,
  deps: MediaDeps,
  command: Destruction,
): Promise<Result<Medium, MediumError | 'destruction-incomplete' | 'witness-is-person'>> {
  const medium = await lockMedium(tx, command.serial);
  if (!medium) return err('no-such-medium');
  const { instruction, reason, method, person, witness, certificate } = command;
  if (enforced('media.disposal')) {
    if ([instruction, reason, method, person, witness, certificate].some((text) => text.trim() === ''))
      return err('destruction-incomplete');
    if (person.trim() === witness.trim()) return err('witness-is-person');
  }
  return take(tx, deps, medium, 'destroyed', command, { instruction, reason, method, person, witness, certificate });
}

async function take(
  tx: Tx,
  deps: MediaDeps,
  medium: Medium,
  step: Exclude<MediumStep, 'registered'>,
  { by }: { readonly by: string },
  detail: Readonly<Record<string, string | number>>,
): Promise<Result<Medium, 'not-in-this-state'>> {
  const state = afterStep(medium.state, step);
  if (!state.ok) return state;
  await insertStep(tx, deps, medium, step, state.value, { by }, detail);
  return ok({ ...medium, state: state.value, steps: medium.steps + 1, since: deps.civilClock.today() });
}

async function insertStep(
  tx: Tx,
  deps: MediaDeps,
  medium: {
    readonly mediumId: string;
    readonly steps: number;
    readonly lendingId: string | undefined;
    readonly place?: string;
  },
  step: MediumStep,
  state: MediumState,
  { by }: { readonly by: string },
  { place, ...detail }: Readonly<Record<string, string | number>>,
): Promise<void> {
  await tx`
    insert into media.medium_step (medium_id, step_no, step, state, place, lending_id, by_staff, at, civil_on, detail, event_id)
    values (${medium.mediumId}, ${medium.steps + 1}, ${step}, ${state}, ${`${place ?? medium.place ?? ''}`},
      ${lentStates.includes(state) || state === 'missing' ? (medium.lendingId ?? null) : null},
      ${by}, ${deps.machineClock.now()}, ${deps.civilClock.today()}, ${json(detail)}, ${tx.eventId})`;
}

/** Waits for its turn on the medium, then reads it in a statement of its own. */
export async function lockMedium(tx: Tx, serial: string): Promise<Medium | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media:medium:${serial}`}, 0))`;
  const [row] = await tx<MediumRow>`
    select medium_id as "mediumId", serial, kind, registered_on::text as "registeredOn", state, place, lending_id as "lendingId", department,
           purpose, due_on::text as "dueOn", since::text as since, step_no as steps
      from media.current_medium() where serial = ${serial}`;
  return row && toMedium(row);
}

export type MediumRow = Record<'mediumId' | 'serial' | 'registeredOn' | 'place' | 'since', string> &
  Record<'lendingId' | 'department' | 'purpose' | 'dueOn', string | null> & {
    readonly kind: MediumKind;
    readonly state: MediumState;
    readonly steps: number;
  };
export const toMedium = (row: MediumRow): Medium => ({
  ...row,
  lendingId: row.lendingId ?? undefined,
  department: row.department ?? undefined,
  purpose: row.purpose ?? undefined,
  dueOn: row.dueOn === null ? undefined : Temporal.PlainDate.from(row.dueOn),
  registeredOn: Temporal.PlainDate.from(row.registeredOn),
  since: Temporal.PlainDate.from(row.since),
});

/** The hand-over whose files lie on the medium: that of its last writing in this lending. */
async function handOverOn(tx: Tx, medium: Medium): Promise<string | undefined> {
  if (!['written', 'handed-over', 'received'].includes(medium.state)) return undefined;
  const [row] = await tx<{ id: string }>`
    select detail ->> 'handOver' as id from media.medium_step
     where medium_id = ${medium.mediumId} and step = 'written' order by step_no desc limit 1`;
  return row?.id;
}

async function lastStep(
  tx: Tx,
  mediumId: string,
  step: MediumStep,
): Promise<{ by: string; detail: Record<string, string> } | undefined> {
  const [row] = await tx<{ by: string; detail: Record<string, string> }>`
    select by_staff as "by", detail from media.medium_step where medium_id = ${mediumId} and step = ${step} order by step_no desc limit 1`;
  return row;
}

/** 期限超過と未消去の媒体. Each is told once a day: `reminded` are those that were not told today yet. Fact: media.reminder. */
export async function remindOverdue(
  tx: Tx,
  deps: MediaDeps,
): Promise<{ overdue: readonly Medium[]; reminded: readonly Medium[] }> {
  const today = deps.civilClock.today();
  const rows = await tx<MediumRow>`
    select medium_id as "mediumId", serial, kind, registered_on::text as "registeredOn", state, place, lending_id as "lendingId", department,
           purpose, due_on::text as "dueOn", since::text as since, step_no as steps
      from media.current_medium() order by serial`;
  const overdue = rows.map(toMedium).filter((m) => isOverdue(m, today));
  const reminded: Medium[] = [];
  for (const medium of overdue) {
    const first = await tx`
      insert into media.reminder (medium_id, reminded_on, event_id) values (${medium.mediumId}, ${today}, ${tx.eventId})
      on conflict do nothing returning 1`;
    if (first.length > 0) reminded.push(medium);
  }
  return { overdue, reminded };
}
