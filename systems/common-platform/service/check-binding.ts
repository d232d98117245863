import type { Actor } from '@musubi/kernel/db/act.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { bindingsInForce, insertTaskBinding, insertUserBinding, userBindingOf } from '../store/relay.ts';

/**
 * Whether this system may act under these codes today: the caller's certificate must be that of the system named in the
 * message, and the dated table 業務 × 事務 must have a row for each code (LNK-X1, LNK-X2; 001 scenario 12).
 * @returns the grounds of the rows, by code
 */
export async function checkBinding(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  asked: { readonly system: string; readonly kind: 'ask' | 'lodge'; readonly codes: readonly string[] },
): Promise<Result<ReadonlyMap<string, string>, 'not-registered'>> {
  const own = actor.kind === 'system' && actor.system === asked.system;
  const grounds = await boundToday(tx, deps, asked);
  const bound = own && asked.codes.every((code) => grounds.has(code));
  return enforced('access.task-binding') && !bound ? err('not-registered') : ok(grounds);
}

/** The rows of 業務 × 事務 in force today: their grounds, by code. For what comes by medium, whose office stands for the certificate. */
export async function boundToday(
  tx: Tx,
  deps: Pick<Deps, 'civilClock'>,
  asked: { readonly system: string; readonly kind: 'ask' | 'lodge'; readonly codes: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  const rows = await bindingsInForce(tx, { ...asked, on: deps.civilClock.today() });
  return new Map(rows.map((row) => [row.code, row.ground]));
}

/**
 * Whether the clerk who asks may ask under this code today. A business that is bound by its clerks asks for nobody unnamed.
 * @source 001 LNK-X1, scenario 12
 */
export async function userMay(
  tx: Tx,
  deps: Pick<Deps, 'civilClock'>,
  asked: { readonly system: string; readonly staffId?: string | undefined; readonly code: string },
): Promise<boolean> {
  const { system, staffId, code } = asked;
  const { bound, may } = await userBindingOf(tx, { system, staffId, code, on: deps.civilClock.today() });
  return !enforced('access.task-binding') || !bound || may;
}

/** Takes the configured rows into the tables, once each. Runs at every start. */
export const registerTaskBindings = act('common-platform.register-task-bindings', {
  right: ['common-platform', 'task-binding', 'update'],
  async run(tx, deps: Deps, _command: object) {
    let made = 0;
    for (const row of deps.settings.taskBindings) if (await insertTaskBinding(tx, { id: deps.newId(), ...row })) made++;
    let users = 0;
    for (const row of deps.settings.userBindings)
      if (await insertUserBinding(tx, { id: deps.newId(), ...row })) users++;
    const facts = [
      ...(made > 0 ? ['common_platform.task_binding'] : []),
      ...(users > 0 ? ['common_platform.user_binding'] : []),
    ];
    tx.record({
      event: 'task-bindings.registered',
      detail: { made, configured: deps.settings.taskBindings.length, users },
      ...(facts.length > 0 ? { facts } : {}),
    });
    return ok({ made });
  },
});
