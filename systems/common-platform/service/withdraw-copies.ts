import type { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import type { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { lodgeAtServer, provisionsAtServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { retrySeconds } from '../domain/linkage.ts';
import {
  type CopyKey,
  lodgedKeys,
  noteEnded,
  settleWithdrawal,
  type Withdrawal,
  withdrawals,
} from '../store/corrections.ts';
import { findPerson } from '../store/persons.ts';
import { showCorrection } from './corrections.ts';

export { withdrawalChannel } from '../store/corrections.ts';

const right = ['common-platform', 'withdrawal', 'update'] as const;

const listDueWithdrawals = look('common-platform.list-due-withdrawals', {
  right,
  run: async (tx, deps: Deps, _query: object) => {
    const due = await withdrawals(tx, { dueAt: deps.machineClock.now() });
    const work: { readonly due: Withdrawal; readonly keys: readonly CopyKey[] }[] = [];
    for (const one of due) work.push({ due: one, keys: await lodgedKeys(tx, one.personId, one.system) });
    return work;
  },
});

const noteWithdrawal = act('common-platform.note-withdrawal', {
  right,
  async run(
    tx,
    deps: Deps,
    command: { due: Withdrawal; keys: readonly CopyKey[]; word: string | null },
  ): Promise<Result<null, never>> {
    const { due, keys, word } = command;
    const at = deps.machineClock.now();
    if (word === null) await noteEnded(tx, due.personId, due.system, keys);
    // What one round cannot carry follows in the next.
    const more = word !== null || (await lodgedKeys(tx, due.personId, due.system)).length > 0;
    await settleWithdrawal(tx, {
      withdrawalId: due.withdrawalId,
      state: more ? 'due' : 'done',
      copies: word === null ? keys.length : 0,
      word,
      nextTryAt: word === null ? at : at.add({ seconds: retrySeconds(due.tries) }),
      at,
    });
    tx.record({
      event: word === null ? 'copies.withdrawn' : 'copies.withdrawal-postponed',
      subject: due.personId,
      items: [...new Set(keys.map((k) => k.informationCode))],
      recipient: deps.settings.intermediateServer,
      detail: {
        withdrawal: due.withdrawalId,
        correction: due.correctionId,
        system: due.system,
        copies: keys.length,
        ...(word === null ? {} : { word }),
      },
    });
    return ok(null);
  },
});

/**
 * One round: for every correction that ended a link, the copies lodged under it are ended at the intermediate server, each
 * version from the day on which it began, so that no question about any day is answered with them any more. A round that
 * broke off sends the same batch again.
 * @source incidents INC-53
 * @returns how many orders had their turn
 */
export async function withdrawCopies(deps: Deps, actor: Actor): Promise<Result<number, 'not-authorised'>> {
  const listed = await listDueWithdrawals(deps, actor, {});
  if (!listed.ok) return listed;
  for (const { due, keys } of listed.value) {
    const word = keys.length === 0 ? null : await sendEnds(deps, due, keys);
    const noted = await noteWithdrawal(deps, actor, { due, keys, word });
    if (!noted.ok) return noted;
  }
  return ok(listed.value.length);
}

async function sendEnds(deps: Deps, due: Withdrawal, keys: readonly CopyKey[]): Promise<string | null> {
  const body: RequestOf<typeof lodgeCopies> = {
    batchId: deps.newId(),
    system: due.system,
    kind: 'difference',
    copies: keys.map((key, i) => ({
      row: i + 1,
      orgPersonNumber: due.orgPersonNumber,
      informationCode: key.informationCode,
      condition: key.condition as RequestOf<typeof lodgeCopies>['copies'][number]['condition'],
      validFrom: key.validFrom,
      items: null,
      autoReplyBlocked: true,
      withheldFromPerson: true,
    })),
  };
  const sent = await lodgeAtServer(deps.peers, deps.settings.intermediateServer, body);
  if (!sent.ok) return sent.error;
  return sent.value.accepted === keys.length ? null : 'copies-not-ended';
}

const codesLodged = act('common-platform.prepare-provision-history', {
  right: ['common-platform', 'held-record', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { personId: string; systems: readonly string[] },
  ): Promise<Result<{ orgPersonNumber: string; informationCodes: string[] }, never>> {
    const codes = deps.settings.taskBindings.filter((b) => b.kind === 'lodge' && query.systems.includes(b.system));
    const person = await findPerson(tx, query.personId);
    const informationCodes = [...new Set(codes.map((b) => b.code))];
    tx.record({
      event: 'provision-history.asked',
      subject: query.personId,
      items: informationCodes,
      recipient: deps.settings.intermediateServer,
    });
    return ok({ orgPersonNumber: person!.orgPersonNumber, informationCodes });
  },
});

export type Provision = ResponseOf<typeof provisionsOfPerson>['provisions'][number];
export type ProvisionsFound =
  | { readonly kind: 'found'; readonly provisions: readonly Provision[] }
  | { readonly kind: 'none-lodged' }
  | { readonly kind: 'unavailable'; readonly word: string };

/** To whom data of a wrong link was provided, from the records of provision at the intermediate server (INC-53). */
export async function provisionsUnder(
  deps: Deps,
  actor: Actor,
  query: { readonly correctionId: string },
): Promise<Result<ProvisionsFound, 'no-such-correction' | 'not-authorised'>> {
  const view = await showCorrection(deps, actor, query);
  if (!view.ok) return view;
  const { correction, systems } = view.value;
  const personId = correction.kind === 'merge' ? correction.targetId : correction.personId;
  const asked = await codesLodged(deps, actor, { personId, systems });
  if (!asked.ok) return asked;
  if (asked.value.informationCodes.length === 0) return ok({ kind: 'none-lodged' });
  const answered = await provisionsAtServer(deps.peers, deps.settings.intermediateServer, {
    ...asked.value,
    from: deps.civilClock.today().subtract({ years: 7 }).toString(),
  });
  return ok(
    answered.ok
      ? { kind: 'found', provisions: answered.value.provisions }
      : { kind: 'unavailable', word: answered.error },
  );
}
