import { orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { writeLinkageFile } from '@musubi/contracts/platform/file-linkage.ts';
import { checkApproval, decideApproval, requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { checkDestination } from '@musubi/kernel/media/destination.ts';
import { receiverKeyOf } from '@musubi/kernel/media/keys.ts';
import { type LentError, recordWritten } from '@musubi/kernel/media/ledger.ts';
import { type PrepareError, prepareHandOver, requestHandOver } from '@musubi/kernel/media/media.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import { unitOf } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { passToServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import {
  insertResultsAsked,
  insertResultsWritten,
  intakes,
  passedOrder,
  type ResultsStanding,
  resultsByMedium,
} from '../store/file-linkage.ts';

/*
 * 媒体によるファイル連携, the way back: the results of an order that came on a medium, fetched when they are written, encrypted to the key of the office
 * that asked, approved by a second person, written at the media station. Here they stand in no table: the file is sealed, encrypted and
 * ordered to be erased in one transaction.
 * @source design §4.6; 001 LNK-X4, LNK-X5, LNK-X8
 */

/** The approval's kind; rights of approvers are granted on it. */
export const RESULTS_APPROVAL = 'platform.results-by-medium';
const sealedAs = { kind: 'linkage-results', retentionClass: 'exchange-7y', keyUnit: 'object' } as const;

const staffOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

const approvable = (r: Pick<ResultsStanding, 'orderId' | 'receiver' | 'recipientKey' | 'persons' | 'settleByOn'>) => ({
  orderId: r.orderId,
  receiver: r.receiver,
  recipientKey: r.recipientKey,
  persons: r.persons,
  settleByOn: r.settleByOn,
});

const request = act('common-platform.ask-results-by-medium', {
  right: ['common-platform', 'media-station', 'update'],
  async run(
    tx,
    deps: Deps,
    { orderId, settleByOn }: { readonly orderId: string; readonly settleByOn: Temporal.PlainDate },
    actor,
  ): Promise<Result<{ carryId: string }, 'no-such-order' | 'receiver-without-key' | 'due-in-the-past'>> {
    const order = await passedOrder(tx, orderId);
    if (order === undefined) return err('no-such-order');
    if (Temporal.PlainDate.compare(settleByOn, deps.civilClock.today()) < 0) return err('due-in-the-past');
    const { system, persons, department: receiver } = order;
    const recipientKey = await receiverKeyOf(tx, receiver);
    if (recipientKey === undefined) return err('receiver-without-key');
    const carryId = deps.newId();
    const by = staffOf(actor);
    const asked = { orderId, receiver, recipientKey, persons, settleByOn: settleByOn.toString() };
    const payload = approvable(asked);
    const approvalId = await requestApproval(tx, deps, { kind: RESULTS_APPROVAL, subject: carryId, payload, by });
    await insertResultsAsked(tx, { carryId, approvalId, system, by, ...asked }, deps.machineClock.now());
    tx.record({
      event: 'linkage-results.asked',
      facts: ['approvals.request', 'common_platform.results_by_medium'],
      detail: { carry: carryId, order: orderId, receiver, persons },
    });
    return ok({ carryId });
  },
});

/** Asks that the results of an order go back on a medium; only once every person of it has one. */
export async function askResultsByMedium(
  deps: Deps,
  actor: Actor,
  command: { readonly orderId: string; readonly settleByOn: Temporal.PlainDate },
) {
  const standing = await passToServer(deps.peers, deps.settings.intermediateServer, orderResults, {
    orderId: command.orderId,
    after: 0,
    limit: 1,
  });
  if (standing.ok && standing.value.state !== 'done') return err('not-done-yet');
  return request(deps, actor, command);
}

/** A second person says whether they may leave. */
export const decideResultsByMedium = act('common-platform.decide-results-by-medium', {
  right: ['common-platform', 'media-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    { carryId, approve }: { readonly carryId: string; readonly approve: boolean },
    actor,
  ): Promise<Result<null, 'no-such-request' | DecideError>> {
    const [asked] = await resultsByMedium(tx, { carryId, limit: 1 });
    if (asked === undefined) return err('no-such-request');
    const decision = approve ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId: asked.approvalId, decision, by: staffOf(actor) });
    if (!decided.ok) return decided;
    tx.record({
      event: `linkage-results.${decision}`,
      facts: ['approvals.decision'],
      detail: { carry: carryId, order: asked.orderId, persons: asked.persons },
    });
    return ok(null);
  },
});

/** Nothing is fetched before the approval stands. */
const begin = act('common-platform.fetch-results-by-medium', {
  right: ['common-platform', 'media-station', 'update'],
  async run(
    tx,
    deps: Deps,
    { carryId }: { readonly carryId: string },
    actor,
  ): Promise<Result<ResultsStanding, 'not-at-a-station' | 'no-such-request' | ExecuteError>> {
    if (actor.kind !== 'staff' || actor.terminalId === undefined) return err('not-at-a-station');
    const [asked] = await resultsByMedium(tx, { carryId, limit: 1 });
    if (asked === undefined) return err('no-such-request');
    const { approvalId } = asked;
    const stands = await checkApproval(tx, deps, { approvalId, kind: RESULTS_APPROVAL, payload: approvable(asked) });
    if (!stands.ok) return stands;
    tx.record({ event: 'linkage-results.fetched', detail: { carry: carryId, order: asked.orderId } });
    return ok(asked);
  },
});

type Page = ResponseOf<typeof orderResults>;
const pageRows = 500;

/** Every row of the order, once, in its order; anything else blocks the whole. */
async function fetchResults(deps: Deps, asked: ResultsStanding): Promise<Result<Page[], string>> {
  const { orderId, persons } = asked;
  const pages: Page[] = [];
  for (let after = 0; after < persons; after += pageRows) {
    const query = { orderId, after, limit: pageRows };
    const page = await passToServer(deps.peers, deps.settings.intermediateServer, orderResults, query);
    if (!page.ok) return page;
    if (page.value.state !== 'done') return err('not-done-yet');
    pages.push(page.value);
  }
  const rows = pages.flatMap((page) => page.rows);
  const expected = Array.from({ length: persons }, (_, i) => ({ rowId: `${i + 1}` }));
  const checked = checkDestination(
    orderId,
    expected,
    rows.map((row) => ({ row, destination: orderId, rowId: `${row.row}` })),
  );
  return checked.ok ? ok(pages) : checked;
}

interface Write {
  readonly carryId: string;
  readonly serial: string;
}

const write = act('common-platform.write-results-by-medium', {
  right: ['common-platform', 'media-station', 'update'],
  async run(
    tx,
    deps: Deps,
    {
      asked,
      serial,
      content,
    }: { readonly asked: ResultsStanding; readonly serial: string; readonly content: Uint8Array },
    actor,
  ): Promise<
    Result<
      { fileName: string; bytes: Uint8Array },
      'not-at-a-station' | 'no-files' | 'file-name-twice' | PrepareError | LentError
    >
  > {
    if (actor.kind !== 'staff' || actor.terminalId === undefined) return err('not-at-a-station');
    const { carryId, orderId, receiver, recipientKey, persons, approvalId } = asked;
    const by = actor.staffId;
    const standing = { approvalId, kind: RESULTS_APPROVAL, payload: approvable(asked) };
    const { ref } = await deps.sealed.seal(tx, content, sealedAs);
    const ordered = await requestHandOver(
      tx,
      deps,
      {
        kind: 'linkage-results',
        ...{ receiver, recipientKey, by },
        ground: `一括照会の結果 ${orderId}`,
        settleByOn: Temporal.PlainDate.from(asked.settleByOn),
        files: [{ fileName: `${orderId}.jsonl`, ref, length: content.length, records: persons, totals: {} }],
      },
      standing,
    );
    if (!ordered.ok) return ordered;
    const { handOverId } = ordered.value;
    const prepared = await prepareHandOver(tx, deps, { handOverId, by, standing });
    if (!prepared.ok) return prepared;
    const written = await recordWritten(tx, deps, {
      ...{ serial, handOverId, by },
      department: receiver,
      terminal: actor.terminalId,
      file: prepared.value.slip.files[0]!,
    });
    if (!written.ok) return written;
    await orderErasure(tx, deps, unitOf(ref, sealedAs), 'linkage-results-written');
    await insertResultsWritten(tx, { carryId, handOverId, serial, by }, deps.machineClock.now());
    tx.record({
      event: 'linkage-results.written',
      recipient: receiver,
      facts: [
        'approvals.execution',
        'common_platform.results_written',
        'media.file',
        'media.hand_over',
        'media.medium_step',
        'media.output',
        'media.step',
      ],
      detail: { carry: carryId, order: orderId, handOver: handOverId, serial, persons },
    });
    return ok(prepared.value.files[0]!);
  },
});

/** Fetches the results and gives the encrypted file for the medium, once. */
export async function writeResultsByMedium(deps: Deps, actor: Actor, { carryId, serial }: Write) {
  const begun = await begin(deps, actor, { carryId });
  if (!begun.ok) return begun;
  const asked = begun.value;
  const pages = await fetchResults(deps, asked);
  if (!pages.ok) return pages;
  const content = writeLinkageFile(pages.value.map((body) => ({ message: 'exchange.order-results' as const, body })));
  return write(deps, actor, { asked, serial, content });
}

/** What came and what went, newest first; nothing personal. */
export const lookFileLinkage = look('common-platform.look-file-linkage', {
  right: ['common-platform', 'media', 'read'],
  run: async (tx, _deps: Deps, q: { readonly limit: number; readonly offset: number }) => ({
    intakes: await intakes(tx, q),
    results: await resultsByMedium(tx, { limit: 50 }),
  }),
});
