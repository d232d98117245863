import { decideApproval } from '../access/approvals/approvals.ts';
import { type Actor, act, type Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { receiverKeyOf } from '../media/keys.ts';
import { type LentError, recordWritten } from '../media/ledger.ts';
import { type PrepareError, prepareHandOver, requestHandOver } from '../media/media.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { SealedId } from '../vault/sealed/sealed-store.ts';
import type { EucDeps } from './euc.ts';
import { readCsvCells, rowsApart, toCsv } from './output.ts';
import type { Column, QueryFault, Row } from './source.ts';
import { type Carried, carriedOf, type Extraction, extractions, insertCarried } from './store.ts';

export interface Leaving<D extends EucDeps> {
  readonly system: string;
  /** The approved query, run once more. */
  fresh(
    tx: Tx,
    deps: D,
    actor: Actor,
    found: Extraction,
  ): Promise<
    Result<{ rows: readonly Row[]; columns: readonly Column[] }, QueryFault | 'unknown-source' | 'more-than-approved'>
  >;
  subjectsOf(rows: readonly Row[]): string[];
  voidFrom(madeOn: string): Temporal.PlainDate;
}

export interface SeenPage {
  readonly labels: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
}

type ListFault = 'not-staff' | 'no-such-request' | 'not-made' | 'list-expired' | 'erased';

/**
 * How a list about persons is used. It stays on the server: the one who asked reads it page by page until it is void. Where
 * paper or another body's machine needs it, it is made anew on that day, so that who died or moved since is not in it (INC-73),
 * approved with the difference told, and written at the media station, encrypted, on a lent medium (§4.6). Rights of the system:
 * `euc update` to ask, `euc-approval update` to approve, `media-station update` to write, which its table opens at such terminals alone.
 */
export function leavingActs<D extends EucDeps>({ system, fresh, subjectsOf, voidFrom }: Leaving<D>) {
  const right: Right = [system, 'euc', 'update'];

  async function own(
    tx: Tx,
    deps: D,
    actor: Actor,
    extractionId: string,
  ): Promise<Result<{ found: Extraction; sealedRef: SealedId; by: string }, Exclude<ListFault, 'erased'>>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await extractions(tx, { extractionId, offset: 0, limit: 1 });
    if (!found || found.askedBy !== actor.staffId) return err('no-such-request');
    if (found.sealedRef === null || found.madeOn === null) return err('not-made');
    if (Temporal.PlainDate.compare(deps.civilClock.today(), voidFrom(found.madeOn)) > 0) return err('list-expired');
    return ok({ found, sealedRef: found.sealedRef as SealedId, by: actor.staffId });
  }

  /** One page of the list, on the screen. */
  const view = act<
    D,
    { readonly extractionId: string; readonly offset: number; readonly limit: number },
    SeenPage,
    ListFault
  >(`${system}.view-extraction`, {
    right,
    async run(tx, deps, { extractionId, offset, limit }, actor) {
      const list = await own(tx, deps, actor, extractionId);
      if (!list.ok) return list;
      const opened = await deps.sealed.open(tx, list.value.sealedRef, 'view-extraction');
      if (!opened.ok) return opened;
      const [, labels = [], ...all] = readCsvCells(opened.value)!;
      const rows = all.slice(offset, offset + Math.min(limit, 100));
      tx.record({
        event: 'extraction.viewed',
        items: [...list.value.found.query.columns],
        detail: { extraction: extractionId, from: offset + 1, rows: rows.length },
      });
      return ok({ labels, rows, total: all.length });
    },
  });

  /** Asks that the list leaves for a receiver whose key is registered: made anew, with what changed since counted. */
  const carry = act<
    D,
    { readonly extractionId: string; readonly receiver: string; readonly settleByOn: Temporal.PlainDate },
    { handOverId: string; rows: number; gone: number; come: number },
    | ListFault
    | QueryFault
    | 'unknown-source'
    | 'more-than-approved'
    | 'receiver-without-key'
    | 'no-files'
    | 'file-name-twice'
  >(`${system}.carry-extraction`, {
    right,
    async run(tx, deps, { extractionId, receiver, settleByOn }, actor) {
      const list = await own(tx, deps, actor, extractionId);
      if (!list.ok) return list;
      const { found, sealedRef, by } = list.value;
      const recipientKey = await receiverKeyOf(tx, receiver);
      if (recipientKey === undefined) return err('receiver-without-key');
      const opened = await deps.sealed.open(tx, sealedRef, 'compare-extraction');
      if (!opened.ok) return opened;
      const again = await fresh(tx, deps, actor, found);
      if (!again.ok) return again;
      const { rows, columns } = again.value;
      const asOf = deps.civilClock.today().toString();
      const bytes = toCsv({ extractionId, title: found.title, asOf, rows: rows.length }, columns, rows);
      const { gone, come } = rowsApart(readCsvCells(opened.value)!, readCsvCells(bytes)!);
      const { ref } = await deps.sealed.seal(tx, bytes, { kind: 'extraction', retentionClass: 'log-7y' });
      const file = { fileName: `${extractionId}.csv`, ref, length: bytes.length, records: rows.length, totals: {} };
      const asked = await requestHandOver(tx, deps, {
        kind: 'extraction',
        receiver,
        recipientKey,
        ground: `${found.title}（${found.purpose}）`,
        by,
        settleByOn,
        files: [file],
      });
      if (!asked.ok) return asked;
      const { handOverId, approvalId } = asked.value;
      const counts = { rows: rows.length, gone, come };
      const at = deps.machineClock.now();
      await insertCarried(tx, { handOverId, extractionId, receiver, approvalId, asOf, askedBy: by, at, ...counts });
      tx.record({
        event: 'extraction.carry-asked',
        subjects: subjectsOf(rows),
        items: [...found.query.columns],
        facts: ['approvals.request', 'euc.carried', 'media.file', 'media.hand_over'],
        detail: { extraction: extractionId, handOver: handOverId, receiver, ...counts },
      });
      return ok({ handOverId, ...counts });
    },
  });

  /** A second person says whether it may leave. */
  const decideCarry = act<
    D,
    { readonly extractionId: string; readonly handOverId: string; readonly approve: boolean },
    null,
    'not-staff' | 'no-such-request' | 'already-decided' | 'expired' | 'approver-is-requester'
  >(`${system}.decide-carried-extraction`, {
    right: [system, 'euc-approval', 'update'],
    async run(tx, deps, { approve, ...command }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [found] = await carriedOf(tx, command);
      if (!found) return err('no-such-request');
      const decision = approve ? 'approved' : 'rejected';
      const decided = await decideApproval(tx, deps, { approvalId: found.approvalId, decision, by: actor.staffId });
      if (!decided.ok) return decided;
      const { handOverId, rows } = found;
      const detail = { extraction: found.extractionId, handOver: handOverId, rows };
      tx.record({ event: `extraction.carry-${decision}`, facts: ['approvals.decision'], detail });
      return ok(null);
    },
  });

  /** Writes it at the media station: encrypted, on a medium that is registered and lent to that office, with its output record. */
  const writeOut = act<
    D,
    {
      readonly extractionId: string;
      readonly handOverId: string;
      readonly serial: string;
      readonly department: string;
    },
    { fileName: string; bytes: Uint8Array },
    'not-staff' | 'no-such-request' | 'not-at-a-station' | 'list-expired' | PrepareError | LentError
  >(`${system}.write-extraction`, {
    right: [system, 'media-station', 'update'],
    async run(tx, deps, { serial, department, ...command }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const { terminalId } = actor;
      if (terminalId === undefined) return err('not-at-a-station');
      const [found] = await carriedOf(tx, command);
      if (!found) return err('no-such-request');
      // Dead and moved are out of it as of this day alone.
      if (found.asOf !== deps.civilClock.today().toString()) return err('list-expired');
      const { handOverId } = found;
      const prepared = await prepareHandOver(tx, deps, { handOverId, by: actor.staffId });
      if (!prepared.ok) return prepared;
      const [file] = prepared.value.slip.files;
      const [container] = prepared.value.files;
      const by = actor.staffId;
      const written = await recordWritten(tx, deps, {
        serial,
        department,
        terminal: terminalId,
        handOverId,
        by,
        file: file!,
      });
      if (!written.ok) return written;
      tx.record({
        event: 'extraction.written',
        facts: ['approvals.execution', 'media.medium_step', 'media.output', 'media.step'],
        detail: { extraction: found.extractionId, handOver: handOverId, serial, rows: found.rows },
      });
      return ok(container!);
    },
  });

  const listCarried = act(`${system}.list-carried-extractions`, {
    right: [system, 'euc', 'read'],
    async run(tx: Tx, _deps: D, query: { extractionId: string }): Promise<Result<Carried[], never>> {
      const rows = await carriedOf(tx, query);
      tx.record({ event: 'extraction.carried-listed', detail: { count: rows.length } });
      return ok(rows);
    },
  });

  return { view, carry, decideCarry, writeOut, listCarried };
}
