import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { countTransfers, insertTransferApproval, listTransfers, type TransferHead } from '../store/transfers.ts';

export type { TransferHead };

/** Requests of the organisation's businesses; `held` alone: those that wait for a person of the source. Nobody is named. */
export const readTransfers = act('common-platform.list-transfers', {
  right: ['common-platform', 'transfer-approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { requestId?: string; held?: boolean; offset: number; limit: number },
  ): Promise<Result<{ rows: readonly TransferHead[]; total: number }, never>> {
    const rows = await listTransfers(tx, query);
    tx.record({ event: 'transfers.listed', detail: { count: rows.length } });
    return ok({ rows, total: await countTransfers(tx, query.held ?? false) });
  },
});

/** A person of the source expressly lets the answer out, or not; never the one who asked. */
export const approveTransfer = act('common-platform.approve-transfer', {
  right: ['common-platform', 'transfer-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { requestId: string; approved: boolean; reason: string | null },
    actor,
  ): Promise<
    Result<null, 'not-staff' | 'no-such-request' | 'already-decided' | 'asker-cannot-approve' | 'reason-missing'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [head] = await listTransfers(tx, { requestId: command.requestId, offset: 0, limit: 1 });
    if (!head) return err('no-such-request');
    if (enforced('transfer.source-approval') && head.staffId === actor.staffId) return err('asker-cannot-approve');
    if (!command.approved && command.reason === null) return err('reason-missing');
    const made = await insertTransferApproval(tx, {
      ...command,
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    if (!made) return err('already-decided');
    tx.record({
      event: command.approved ? 'transfer.approved' : 'transfer.refused-by-source',
      ground: head.ground,
      items: [head.information, ...head.items],
      recipient: head.asker,
      facts: ['common_platform.transfer_approval'],
      detail: { request: head.requestId, source: head.source },
    });
    return ok(null);
  },
});
