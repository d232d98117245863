import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { linkageTaskFor } from '../domain/linkage-tasks.ts';

/**
 * May this linkage request pass? Only for a registered task in force today; neither its content nor the person is known
 * here, and nothing of the register goes back (design §4.2).
 */
export const permitLinkageRelay = act('prefectural-juki.relay-linkage', {
  right: ['prefectural-juki', 'linkage', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly requestId: string; readonly asker: { readonly organisation: string; readonly system: string } },
  ): Promise<Result<undefined, 'not-registered-task'>> {
    const [ownOrganisation = ''] = deps.self.split('/');
    const task = linkageTaskFor(command.asker, ownOrganisation, deps.civilClock.today().toString());
    if (enforced('juki.legal-basis') && task === undefined) return err('not-registered-task');
    const asker = `${command.asker.organisation}/${command.asker.system}`;
    await tx`
      insert into prefectural_juki.linkage_relay (relay_id, request_id, asker, task, relayed_at, event_id)
      values (${deps.newId()}, ${command.requestId}, ${asker}, ${task?.task ?? ''}, ${deps.machineClock.now()}, ${tx.eventId})`;
    tx.record({
      event: 'linkage.relayed',
      facts: ['prefectural_juki.linkage_relay'],
      ground: task?.ground ?? '',
      recipient: deps.nationalJuki,
      detail: { requestId: command.requestId, asker },
    });
    return ok(undefined);
  },
});

/** A request for new codes passes: neither the request's person nor the answer can be read here. */
export const permitAssignmentRelay = act('prefectural-juki.relay-assignment', {
  right: ['prefectural-juki', 'assignment', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly requestId: string; readonly from: string },
  ): Promise<Result<undefined, 'not-your-register'>> {
    if (!Object.values(deps.municipalities).includes(command.from)) return err('not-your-register');
    tx.record({
      event: 'assignment.relayed',
      recipient: deps.nationalJuki,
      detail: { requestId: command.requestId, from: command.from },
    });
    return ok(undefined);
  },
});
