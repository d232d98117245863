import { X509Certificate } from 'node:crypto';
import { backupDaysLate } from '../backup/book.ts';
import { type ActDeps, type Actor, act, look, type Right } from '../db/act.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import type { Tx } from '../db/sql.ts';
import type { Identity } from '../pki/identity.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { Alarms } from '../streams/ports.ts';
import {
  type CertificateState,
  findingsOf,
  type Limits,
  type Matter,
  type OperationsState,
  type Service,
  usualLimits,
} from './state.ts';
import { type AlertRow, alerts, insertAlert, insertStep, lockAlerts, readQueues, readRuns } from './store.ts';

export type { AlertRow };

export interface OperationsDeps extends ActDeps {
  readonly identity: Identity;
}

export interface OperationsOptions<D extends OperationsDeps> {
  readonly system: string;
  /** Role to which an alert goes that nobody took up. */
  readonly escalateTo: string;
  readonly limits?: Partial<Limits>;
  /** What stands until somebody has seen to it: an alert as long as its count is not 0. */
  readonly matters?: (tx: Tx, deps: D) => Promise<readonly Matter[]>;
  /** What the system does for others, since `from`. */
  readonly services?: (tx: Tx, deps: D, from: Temporal.Instant) => Promise<readonly Service[]>;
}

/** Minutes that counts and latencies look back. */
const windowMinutes = 60;
/** Hours for which a run that failed is shown, where nobody starts it again. */
const failedHours = 7 * 24;
/** Minutes without a sign of life after which a run is taken for dead. */
const silentMinutes = 5;
/** Of the job that watches; the kernel's own. */
const watching: Right = ['operations', 'watch', 'update'];

/**
 * The operators' view of an instance: queues, latencies, errors, certificates; and alerts made from them, which somebody
 * takes up, or which go to a named role.
 */
export function createOperations<D extends OperationsDeps>(options: OperationsOptions<D>) {
  const { system, escalateTo, services, matters } = options;
  const limits: Limits = { ...usualLimits, ...options.limits };
  const may = (fn: string, level: 'read' | 'update'): Right => [system, fn, level];

  /** `times`: also how long messages took, which no alert is made from. */
  async function stateOf(tx: Tx, deps: D, { times }: { times: boolean }): Promise<OperationsState> {
    const now = deps.machineClock.now();
    const from = now.subtract({ minutes: windowMinutes });
    return {
      queues: await readQueues(tx, now, times ? from : null),
      runs: await readRuns(tx, {
        from,
        failedFrom: now.subtract({ hours: failedHours }),
        silentFrom: now.subtract({ minutes: silentMinutes }),
      }),
      services: (await services?.(tx, deps, from)) ?? [],
      matters: [
        ...((await matters?.(tx, deps)) ?? []),
        { label: '控えが遅れています（最後の控えからの日数）', count: await backupDaysLate(tx, deps) },
      ],
      certificates: certificatesOf(deps.identity),
    };
  }

  /** Counts and ages only: nothing personal. */
  const read = look(`${system}.read-operations`, {
    right: may('operations', 'read'),
    run: async (tx: Tx, deps: D, _query: object) => ({
      state: await stateOf(tx, deps, { times: true }),
      alerts: await alerts(tx, { limit: 100 }),
      limits,
      escalateTo,
    }),
  });

  const needed = look(`${system}.find-alerts`, {
    right: watching,
    run: async (tx: Tx, deps: D, _query: object) => {
      const now = deps.machineClock.now();
      const found = findingsOf(await stateOf(tx, deps, { times: false }), limits, now);
      const open = await alerts(tx, { open: true, limit: 1_000 });
      return { ...compare(found, open), late: open.filter((a) => isLate(a, now)) };
    },
  });
  const isLate = (a: AlertRow, now: Temporal.Instant): boolean =>
    a.acknowledgedAt === null &&
    a.escalatedAt === null &&
    now.since(Temporal.Instant.from(a.openedAt)).total('minutes') >= limits.escalateMinutes;

  const change = act<D, object, { escalated: number; opened: number; closed: number }, never>(`${system}.watch`, {
    right: watching,
    async run(tx, deps) {
      await lockAlerts(tx);
      const at = deps.machineClock.now();
      const open = await alerts(tx, { open: true, limit: 1_000 });
      const { opened, closed } = compare(findingsOf(await stateOf(tx, deps, { times: false }), limits, at), open);
      for (const finding of opened) await insertAlert(tx, { alertId: deps.newId(), ...finding, at });
      for (const { alertId } of closed) await insertStep(tx, { alertId, step: 'closed', by: 'watch', note: null, at });
      const late = open.filter((a) => isLate(a, at) && !closed.includes(a));
      for (const { alertId } of late)
        await insertStep(tx, { alertId, step: 'escalated', by: escalateTo, note: null, at });
      tx.record({
        event: 'operations.watched',
        facts: [
          ...(opened.length > 0 ? ['operations.alert'] : []),
          ...(closed.length + late.length > 0 ? ['operations.alert_step'] : []),
        ],
        detail: { opened: opened.length, closed: closed.length, escalated: late.length },
      });
      return ok({ escalated: late.length, opened: opened.length, closed: closed.length });
    },
  });

  /** Looks; where something must be opened, closed or escalated, does it, on record. */
  async function watch(
    deps: D,
    actor: Actor,
  ): Promise<Result<{ escalated: number; opened: number; closed: number }, 'not-authorised'>> {
    const found = await needed(deps, actor, {});
    if (!found.ok) return found;
    const { opened, closed, late } = found.value;
    if (opened.length + closed.length + late.length === 0) return ok({ escalated: 0, opened: 0, closed: 0 });
    return change(deps, actor, {});
  }

  /** Somebody takes an alert up and says what is being done; from then it does not escalate. */
  const acknowledge = act<
    D,
    { readonly alertId: string; readonly note: string },
    null,
    'not-staff' | 'no-such-alert' | 'already-closed' | 'already-acknowledged'
  >(`${system}.acknowledge-alert`, {
    right: may('alert', 'update'),
    async run(tx, deps, { alertId, note }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [alert] = await alerts(tx, { alertId, limit: 1 });
      if (!alert) return err('no-such-alert');
      if (alert.closedAt !== null) return err('already-closed');
      const at = deps.machineClock.now();
      if (!(await insertStep(tx, { alertId, step: 'acknowledged', by: actor.staffId, note, at })))
        return err('already-acknowledged');
      const detail = { alert: alertId, code: alert.code };
      tx.record({ event: 'alert.acknowledged', facts: ['operations.alert_step'], detail });
      return ok(null);
    },
  });

  /** Watches as long as the instance runs. */
  async function loop(
    deps: D,
    running: {
      readonly notifications: Notifications;
      readonly alarms: Alarms;
      readonly signal: AbortSignal;
      readonly onError: (error: unknown) => void;
    },
  ): Promise<void> {
    const { alarms, ...rest } = running;
    await runLoop({
      ...rest,
      channel: `${system.replaceAll('-', '_')}_operations`,
      idleMs: 30_000,
      async step() {
        const done = await watch(deps, { kind: 'job', name: 'operations' });
        if (!done.ok) throw new Error(`operations: ${done.error}`);
        if (done.value.escalated > 0)
          alarms.raise('alert-escalated', { alerts: done.value.escalated, role: escalateTo });
        return 'idle';
      },
    });
  }

  return {
    system,
    rights: { read: may('operations', 'read'), act: may('alert', 'update') },
    read,
    watch,
    acknowledge,
    loop,
  };
}
export type Operations<D extends OperationsDeps> = ReturnType<typeof createOperations<D>>;

/** An alert stands while its finding does: new findings open one, findings that are gone close theirs. */
function compare<F extends { code: string; about: string }, A extends { code: string; about: string }>(
  found: readonly F[],
  open: readonly A[],
): { readonly opened: F[]; readonly closed: A[] } {
  const key = (x: { code: string; about: string }): string => `${x.code} ${x.about}`;
  const [now, before] = [new Set(found.map(key)), new Set(open.map(key))];
  return { opened: found.filter((f) => !before.has(key(f))), closed: open.filter((a) => !now.has(key(a))) };
}

const purposes = { tls: '通信（TLS）', signing: '署名', encryption: '暗号', log: '監査ログ' } as const;

function certificatesOf(identity: Identity): CertificateState[] {
  return (Object.keys(purposes) as (keyof typeof purposes)[]).flatMap((purpose) => {
    const [leaf] = identity[purpose]?.chain ?? [];
    if (!leaf) return [];
    const { validToDate } = new X509Certificate(leaf);
    return [{ purpose: purposes[purpose], validUntil: Temporal.Instant.fromEpochMilliseconds(validToDate.getTime()) }];
  });
}
