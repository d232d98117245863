import {
  checkApproval,
  decideApproval,
  requestApproval,
  useApproval,
} from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, Decision, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, searchKeys } from '../domain/search.ts';
import { type Hit, searchRows } from '../store/identification.ts';
import { insertMassOutput, type MassOutput, massOutputById, openMassOutputs } from '../store/mass-output.ts';
import { staffOf } from './bulk-orders.ts';

/* 大量出力 (JPS-X12, requirement 003 A23): more than a hundred records leave the screen only after another person's approval, and once. */

export const MASS_OUTPUT_APPROVAL = 'juki.mass-output';
/** Records above which an output waits. */
export const outputThreshold = 100;
/** What no output exceeds, approved or not: beyond it stands the bulk order. */
export const outputLimit = 5_000;

const output = ['prefectural-juki', 'output', 'update'] as const;
const approve = ['prefectural-juki', 'output-approval', 'update'] as const;

interface OutputRequest {
  readonly items: FourItems;
  readonly purpose: { readonly task: string; readonly document: string };
}
export type Outputted =
  | { readonly kind: 'rows'; readonly rows: readonly Hit[] }
  | { readonly kind: 'awaiting-approval'; readonly outputId: string; readonly records: number };

/** A list output by the four items. Up to the threshold it comes at once; above it, nothing but a request comes into being. */
export const requestOutput = act('prefectural-juki.request-output', {
  right: output,
  async run(
    tx,
    deps: Deps,
    request: OutputRequest,
    actor,
  ): Promise<Result<Outputted, 'too-few-items' | 'purpose-missing' | 'too-many'>> {
    const { task, document } = request.purpose;
    if (task === '' || document === '') return err('purpose-missing');
    const found = await find(tx, request);
    if (!found.ok) return found;
    const rows = found.value;
    if (enforced('access.bulk-extraction') && rows.length > outputThreshold)
      return ok(await ask(tx, deps, request, rows.length, staffOf(actor)));
    recordOutput(tx, request.purpose, rows);
    return ok({ kind: 'rows', rows });
  },
});

async function find(tx: Tx, { items }: OutputRequest): Promise<Result<Hit[], 'too-few-items' | 'too-many'>> {
  const keys = searchKeys(items);
  if (!keys.ok) return err('too-few-items');
  const rows = await searchRows(tx, keys.value, { limit: outputLimit, withRemoved: false });
  return rows === undefined ? err('too-many') : ok(rows);
}

async function ask(tx: Tx, deps: Deps, request: OutputRequest, records: number, by: string): Promise<Outputted> {
  const outputId = deps.newId();
  const sealed = await deps.sealed.seal(tx, Buffer.from(JSON.stringify(request)), {
    kind: 'mass-output-keys',
    retentionClass: 'log-7y',
    purpose: 'juki.mass-output',
  });
  const { task, document } = request.purpose;
  const entry = { outputId, task, document, keysRef: sealed.ref, records, requestedBy: by };
  const approvalId = await requestApproval(tx, deps, {
    kind: MASS_OUTPUT_APPROVAL,
    subject: outputId,
    payload: approvable(entry),
    by,
  });
  await insertMassOutput(tx, { ...entry, approvalId }, deps.machineClock.now());
  tx.record({
    event: 'output.requested',
    ground: task,
    facts: ['approvals.request', 'prefectural_juki.mass_output'],
    detail: { output: outputId, records, document },
  });
  return { kind: 'awaiting-approval', outputId, records };
}
const approvable = (o: Omit<MassOutput, 'approvalId'>): unknown => ({
  output: o.outputId,
  task: o.task,
  document: o.document,
  keys: o.keysRef,
  records: o.records,
});

/** A manager other than the requester. A rejection ends it. */
export const decideOutput = act('prefectural-juki.decide-output', {
  right: approve,
  async run(
    tx,
    deps: Deps,
    command: { readonly outputId: string; readonly decision: Decision },
    actor,
  ): Promise<Result<undefined, 'no-such-output' | 'no-such-request' | DecideError>> {
    const found = await massOutputById(tx, command.outputId);
    if (!found) return err('no-such-output');
    const { approvalId } = found;
    const decided = await decideApproval(tx, deps, { approvalId, decision: command.decision, by: staffOf(actor) });
    if (!decided.ok) return decided;
    tx.record({
      event: 'output.decided',
      ground: found.task,
      facts: ['approvals.decision'],
      detail: { output: found.outputId, decision: command.decision, records: found.records },
    });
    return ok(undefined);
  },
});

export type TakeOutputError =
  | 'no-such-output'
  | 'not-yours'
  | 'no-such-request'
  | 'erased'
  | 'too-few-items'
  | 'more-than-approved'
  | ExecuteError;

/** The approved output, once, by who asked for it. When more persons match by now than were approved, it has to be asked for again. */
export const takeOutput = act('prefectural-juki.take-output', {
  right: output,
  async run(
    tx,
    deps: Deps,
    command: { readonly outputId: string },
    actor,
  ): Promise<Result<{ readonly rows: readonly Hit[] }, TakeOutputError>> {
    const found = await massOutputById(tx, command.outputId);
    if (!found) return err('no-such-output');
    const by = staffOf(actor);
    if (by !== found.requestedBy) return err('not-yours');
    const used = await useApproval(tx, deps, {
      approvalId: found.approvalId,
      kind: MASS_OUTPUT_APPROVAL,
      payload: approvable(found),
      by,
    });
    if (enforced('access.bulk-extraction') && !used.ok) return used;
    const content = await deps.sealed.open(tx, found.keysRef as SealedId, 'juki.mass-output');
    if (!content.ok) return content;
    const request = JSON.parse(content.value.toString()) as OutputRequest;
    const rows = await find(tx, request);
    if (!rows.ok) return err(rows.error === 'too-many' ? 'more-than-approved' : rows.error);
    if (rows.value.length > found.records) return err('more-than-approved');
    recordOutput(tx, request.purpose, rows.value, found.outputId);
    return ok({ rows: rows.value });
  },
});

function recordOutput(tx: Tx, purpose: OutputRequest['purpose'], rows: readonly Hit[], outputId?: string): void {
  tx.record({
    event: 'output.given',
    subjects: rows.map((r) => r.personId),
    ground: purpose.task,
    items: ['name', 'nameKana', 'birthDate', 'sex', 'address'],
    ...(outputId ? { facts: ['approvals.execution'] } : {}),
    detail: { records: rows.length, document: purpose.document, ...(outputId ? { output: outputId } : {}) },
  });
}

export interface OutputState extends MassOutput {
  readonly standing: 'usable' | ExecuteError | 'no-such-request';
}

/** Outputs that were asked for, newest first, with whether each may be taken. Shows no key and no person. */
export const lookOutputs = look('prefectural-juki.list-outputs', {
  right: ['prefectural-juki', 'outputs', 'read'],
  async run(tx, deps: Deps, query: { readonly limit: number }): Promise<OutputState[]> {
    const all = await openMassOutputs(tx, query.limit);
    const states: OutputState[] = [];
    for (const found of all) {
      const { approvalId } = found;
      const standing = await checkApproval(tx, deps, {
        approvalId,
        kind: MASS_OUTPUT_APPROVAL,
        payload: approvable(found),
      });
      states.push({ ...found, standing: standing.ok ? 'usable' : standing.error });
    }
    return states;
  },
});
