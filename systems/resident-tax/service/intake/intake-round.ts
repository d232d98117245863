import type { Actor } from '@musubi/kernel/db/act.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { acknowledge, fetchPackage, waitingDeliveries } from '../../clients/eltax.ts';
import type { PeerDeps } from '../../deps.ts';
import { announceDeliveries } from './announce-deliveries.ts';
import { noteAcknowledged } from './note-acknowledged.ts';
import { readOpenIntakes } from './read-intakes.ts';
import { receiveDelivery } from './receive-delivery.ts';
import { takeIn } from './take-in.ts';

export interface IntakeRound {
  readonly listed: number;
  readonly received: number;
  readonly takenIn: number;
  readonly acknowledged: number;
  /** What did not work this time, as words; the next round tries again. */
  readonly faults: readonly string[];
}

interface RoundOptions {
  readonly signal?: AbortSignal;
  readonly onError?: (error: unknown) => void;
}

/**
 * One round of the intake: what waits at the portal is noted, fetched, received, taken in and answered for. Each step is an act of
 * its own and finds by itself what is left to do, so a round that broke off anywhere is simply done again.
 */
export async function intakeRound(
  deps: PeerDeps,
  actor: Actor,
  options: RoundOptions = {},
): Promise<Result<IntakeRound, string>> {
  const received = await receiveWaiting(deps, actor, options);
  if (!received.ok) return received;
  const rest = await finishIntakes(deps, actor, options);
  return ok({ ...received.value, ...rest, faults: [...received.value.faults, ...rest.faults] });
}

/** The first half: notes what the portal lists, fetches each package and receives it. */
export async function receiveWaiting(
  deps: PeerDeps,
  actor: Actor,
  options: RoundOptions = {},
): Promise<Result<Pick<IntakeRound, 'listed' | 'received' | 'faults'>, string>> {
  const faults: string[] = [];
  const listed = await waitingDeliveries(deps);
  if (!listed.ok) return err(listed.error);
  if (listed.value.length === 0) return ok({ listed: 0, received: 0, faults });
  const announced = await announceDeliveries(deps, actor, {
    deliveries: listed.value.map((d) => ({
      deliveryId: d.deliveryId,
      receptionNumber: d.receptionNumber,
      procedure: d.procedure,
      incomeYear: d.incomeYear,
      records: d.records,
      payerNumber: d.payer.corporateNumber,
      payerName: d.payer.name,
    })),
  });
  if (!announced.ok) return announced;
  let received = 0;
  for (const { deliveryId } of listed.value) {
    if (options.signal?.aborted) break;
    const fetched = await fetchPackage(deps, deliveryId);
    if (!fetched.ok) {
      faults.push(`${deliveryId}: ${fetched.error}`);
      continue;
    }
    const intake = await receiveDelivery(deps, actor, fetched.value);
    if (!intake.ok) faults.push(`${deliveryId}: ${intake.error}`);
    else if (intake.value.isNew) received += 1;
  }
  return ok({ listed: listed.value.length, received, faults });
}

/** Takes in what was received and answers for what has its outcome. */
export async function finishIntakes(
  deps: PeerDeps,
  actor: Actor,
  options: RoundOptions = {},
): Promise<Pick<IntakeRound, 'takenIn' | 'acknowledged' | 'faults'>> {
  const faults: string[] = [];
  let takenIn = 0;
  const before = await readOpenIntakes(deps, actor, undefined);
  for (const intakeId of before.ok ? before.value.open : []) {
    const end = await runBatch(deps, actor, takeIn, { intakeId }, options);
    if (end.ok && end.value.state === 'done') takenIn += 1;
    else faults.push(`${intakeId}: ${end.ok ? (end.value.why ?? end.value.state) : end.error}`);
  }
  let acknowledged = 0;
  const after = await readOpenIntakes(deps, actor, undefined);
  for (const file of after.ok ? after.value.unacknowledged : []) {
    const stated = await acknowledge(deps, file.deliveryId, {
      fileSha256: file.fileSha256,
      outcome:
        file.outcome === 'refused'
          ? { outcome: 'returned', reason: file.returned }
          : { outcome: 'taken-in', accepted: file.accepted!, rejected: file.rejected! },
    });
    if (!stated.ok) {
      faults.push(`${file.deliveryId}: ${stated.error}`);
      continue;
    }
    const noted = await noteAcknowledged(deps, actor, { intakeId: file.intakeId });
    if (noted.ok) acknowledged += 1;
  }
  return { takenIn, acknowledged, faults };
}
