import {
  checkApproval,
  decideApproval,
  requestApproval,
  useApproval,
} from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, Decision, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import { withinScope } from '@musubi/kernel/access/scope.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, searchKeys } from '../domain/search.ts';
import { type Hit, searchRows } from '../store/identification.ts';
import { insertMassOutput, type MassOutput, massOutputById, openMassOutputs } from '../store/mass-output.ts';
import { staffOf } from './bulk-orders.ts';
import { type PersonScope, type Purpose, type PurposeFault, type SeenHit, scopeOfTask } from './search-scope.ts';

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
  readonly purpose: Purpose;
}
export type Outputted =
  | { readonly kind: 'rows'; readonly rows: readonly SeenHit[] }
  | { readonly kind: 'awaiting-approval'; readonly outputId: string; readonly records: number };

/** A list output by the four items, for a task that its operator holds and with that task's items. Up to the threshold it comes at once; above it, nothing but a request comes into being. */
export const requestOutput = act('prefectural-juki.request-output', {
  right: output,
  async run(
    tx,
    deps: Deps,
    request: OutputRequest,
    actor,
  ): Promise<Result<Outputted, PurposeFault | 'too-few-items' | 'too-many' | 'too-long'>> {
    const found = await find(tx, deps, request, actor);
    if (!found.ok) return found;
    const { rows, scope } = found.value;
    if (enforced('access.bulk-extraction') && rows.length > outputThreshold)
      return ok(await ask(tx, deps, request, rows.length, staffOf(actor)));
    recordOutput(tx, { request, rows, scope });
    return ok({ kind: 'rows', rows });
  },
});

interface FoundRows {
  readonly rows: readonly SeenHit[];
  readonly scope: PersonScope;
}

async function find(
  tx: Tx,
  deps: Deps,
  { items, purpose }: OutputRequest,
  actor: Actor,
): Promise<Result<FoundRows, PurposeFault | 'too-few-items' | 'too-many' | 'too-long'>> {
  const scope = await scopeOfTask(tx, deps, actor, purpose);
  if (!scope.ok) return scope;
  const keys = searchKeys(items);
  if (!keys.ok) return err('too-few-items');
  const rows = await searchRows(tx, keys.value, { limit: outputLimit, withRemoved: false });
  if (typeof rows === 'string') return err(rows);
  return ok({ rows: withinScope<Hit>(scope.value.hit, rows).seen as readonly SeenHit[], scope: scope.value });
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
  | 'too-long'
  | PurposeFault
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
  ): Promise<Result<{ readonly rows: readonly SeenHit[] }, TakeOutputError>> {
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
    const again = await find(tx, deps, request, actor);
    if (!again.ok) return err(again.error === 'too-many' ? 'more-than-approved' : again.error);
    const { rows, scope } = again.value;
    if (rows.length > found.records) return err('more-than-approved');
    recordOutput(tx, { request, rows, scope, outputId: found.outputId });
    return ok({ rows });
  },
});

function recordOutput(
  tx: Tx,
  given: FoundRows & { readonly request: OutputRequest; readonly outputId?: string },
): void {
  const { rows, scope, outputId } = given;
  const { task, document } = given.request.purpose;
  tx.record({
    event: 'output.given',
    subjects: rows.map((r) => r.personId),
    ground: scope.ground,
    items: scope.hit.items.filter((item) => item !== 'personId' && item !== 'removed'),
    ...(outputId ? { facts: ['approvals.execution'] } : {}),
    detail: { records: rows.length, task, document, ...(outputId ? { output: outputId } : {}) },
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
