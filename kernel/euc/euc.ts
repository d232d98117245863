import { decideApproval, requestApproval, useApproval } from '../access/approvals/approvals.ts';
import { sha256 } from '../crypto/digest.ts';
import { type ActDeps, act, type Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';
import { leavingActs } from './leaving.ts';
import { differingRows, readCsvCells, toCsv, toXlsx } from './output.ts';
import { type Column, checkQuery, compareBy, matches, type Query, type QueryFault, type Row } from './source.ts';
import {
  countExtractions,
  type Extraction,
  extractions,
  insertCameBack,
  insertExtraction,
  insertHandedOut,
  insertOutput,
  insertSaved,
  lockExtraction,
  savedQueries,
} from './store.ts';

export interface EucDeps extends ActDeps {
  readonly sealed: SealedStore;
}

/** What a system offers for extraction. An Individual Number is never a column. */
export interface EucSource<D extends EucDeps> {
  readonly id: string;
  readonly label: string;
  readonly gloss: string;
  readonly columns: readonly Column[];
  /** Each row is about a person: such a list always needs approval, and stays on the server (decision 0008). */
  readonly aboutPersons: boolean;
  /** Cells by column key; `_person` names the person for the log, where a row is about one. */
  rows(tx: Tx, deps: D): AsyncIterable<readonly Row[]>;
  /** What the reader must be told of the rows found: how many are of which kind (消除者, …). */
  readonly cautions?: readonly { readonly text: string; counts(row: Row): boolean }[];
}

export interface EucOptions<D extends EucDeps> {
  readonly system: string;
  readonly sources: readonly EucSource<D>[];
  /** Who holds it chooses and searches personal columns. */
  readonly personal: Right;
  /** Lists that are about no person need approval above so many rows. Default 100. */
  readonly freeRows?: number;
  /** More are never given out in one extraction. Default 200,000. */
  readonly maxRows?: number;
  /** Days after which a list is older than the facts and void (INC-73). Default 30. */
  readonly validDays?: number;
}

export interface Counted {
  readonly rows: number;
  readonly needsApproval: boolean;
  readonly cautions: readonly string[];
}

type AskFault = QueryFault | 'unknown-source' | 'not-staff' | 'too-many-rows';

/**
 * Extraction by clicking: a query names columns and conditions that its source declares; who may not see a column may not
 * search by it; a second person approves exactly that query; what comes out is kept sealed, under the number that stands in the
 * file. A list about persons is read here and leaves on a registered medium alone (`leaving.ts`).
 */
export function createEuc<D extends EucDeps>(options: EucOptions<D>) {
  const { system, sources, personal, freeRows = 100, maxRows = 200_000, validDays = 30 } = options;
  const kind = `${system}.extraction`;
  const right: Right = [system, 'euc', 'update'];
  const sourceOf = (id: string): EucSource<D> | undefined => sources.find((s) => s.id === id);
  const asksApproval = (source: EucSource<D>, rows: number): boolean => source.aboutPersons || rows > freeRows;
  const voidFrom = (madeOn: string): Temporal.PlainDate => Temporal.PlainDate.from(madeOn).add({ days: validDays });

  async function checked(
    tx: Tx,
    deps: D,
    actor: Parameters<D['rights']['allows']>[1],
    query: Query,
  ): Promise<Result<{ source: EucSource<D>; query: Query }, QueryFault | 'unknown-source'>> {
    const source = sourceOf(query.source);
    if (!source) return err('unknown-source');
    const sees = await deps.rights.allows(tx, actor, personal);
    const good = checkQuery(source.columns, query, sees);
    return good.ok ? ok({ source, query: good.value }) : err(good.error.fault);
  }

  async function read(tx: Tx, deps: D, source: EucSource<D>, query: Query): Promise<Row[]> {
    const found: Row[] = [];
    for await (const chunk of source.rows(tx, deps)) {
      for (const row of chunk) if (matches(source.columns, query.conditions, row)) found.push(row);
      if (found.length > maxRows) break;
    }
    const sortBy = source.columns.find((c) => c.key === query.sortBy);
    return sortBy ? found.sort(compareBy(sortBy)) : found;
  }

  /** The approver's bound: what came since may not make another list of it. */
  const isBeyondApproval = ({ counted }: Extraction, rows: number): boolean => rows > counted * 2 && rows > freeRows;

  const subjectsOf = (rows: readonly Row[]): string[] => [
    ...new Set(rows.flatMap((r) => (typeof r._person === 'string' ? [r._person] : []))),
  ];

  /** How many rows a query finds and of what kinds; no row is shown. */
  const count = act<D, { readonly query: Query }, Counted, AskFault>(`${system}.count-extraction`, {
    right,
    async run(tx, deps, command, actor) {
      const good = await checked(tx, deps, actor, command.query);
      if (!good.ok) return good;
      const { source, query } = good.value;
      const rows = await read(tx, deps, source, query);
      if (rows.length > maxRows) return err('too-many-rows');
      tx.record({
        event: 'extraction.counted',
        items: [...query.columns],
        detail: { source: source.id, rows: rows.length },
      });
      const cautions = (source.cautions ?? []).flatMap(({ text, counts }) => {
        const n = rows.filter(counts).length;
        return n === 0 ? [] : [`${text}: ${n}件`];
      });
      return ok({ rows: rows.length, needsApproval: asksApproval(source, rows.length), cautions });
    },
  });

  const save = act<D, { readonly name: string; readonly query: Query }, { queryId: string }, AskFault>(
    `${system}.save-query`,
    {
      right,
      async run(tx, deps, command, actor) {
        if (actor.kind !== 'staff') return err('not-staff');
        const good = await checked(tx, deps, actor, command.query);
        if (!good.ok) return good;
        const queryId = deps.newId();
        const row = { queryId, name: command.name, query: good.value.query, savedBy: actor.staffId };
        await insertSaved(tx, { ...row, at: deps.machineClock.now() });
        tx.record({ event: 'extraction.query-saved', facts: ['euc.saved_query'], detail: { query: queryId } });
        return ok({ queryId });
      },
    },
  );

  const listSaved = act(`${system}.list-queries`, {
    right,
    async run(tx: Tx, _deps: D, query: { queryId?: string }) {
      const rows = await savedQueries(tx, query);
      tx.record({ event: 'extraction.queries-listed', detail: { count: rows.length } });
      return ok(rows);
    },
  });

  const payloadOf = ({ extractionId, query, counted }: Pick<Extraction, 'extractionId' | 'query' | 'counted'>) => ({
    extractionId,
    query: {
      source: query.source,
      columns: [...query.columns],
      conditions: query.conditions.map(({ column, operator, value }) => ({ column, operator, value })),
      sortBy: query.sortBy,
    },
    counted,
  });

  /** Asks for an extraction; `approvalId` is null where it may be made at once. */
  const ask = act<
    D,
    { readonly title: string; readonly purpose: string; readonly query: Query },
    { extractionId: string; approvalId: string | null },
    AskFault
  >(`${system}.ask-extraction`, {
    right,
    async run(tx, deps, command, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const good = await checked(tx, deps, actor, command.query);
      if (!good.ok) return good;
      const { source, query } = good.value;
      const counted = (await read(tx, deps, source, query)).length;
      if (counted > maxRows) return err('too-many-rows');
      const extractionId = deps.newId();
      const needsApproval = asksApproval(source, counted);
      const payload = payloadOf({ extractionId, query, counted });
      const approvalId = needsApproval
        ? await requestApproval(tx, deps, { kind, subject: extractionId, payload, by: actor.staffId })
        : null;
      const { title, purpose } = command;
      const asked = { askedBy: actor.staffId, on: deps.civilClock.today(), at: deps.machineClock.now() };
      await insertExtraction(tx, { extractionId, title, purpose, query, counted, approvalId, ...asked });
      tx.record({
        event: 'extraction.asked',
        items: [...query.columns],
        facts: ['euc.extraction', ...(needsApproval ? ['approvals.request'] : [])],
        detail: { extraction: extractionId, source: source.id, rows: counted, approval: needsApproval },
      });
      return ok({ extractionId, approvalId });
    },
  });

  /** A second person says whether the list may come into being. */
  const approve = act<
    D,
    { readonly extractionId: string; readonly approve: boolean },
    null,
    'not-staff' | 'no-such-request' | 'already-decided' | 'expired' | 'approver-is-requester'
  >(`${system}.approve-extraction`, {
    right: [system, 'euc-approval', 'update'],
    async run(tx, deps, command, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [found] = await extractions(tx, { extractionId: command.extractionId, offset: 0, limit: 1 });
      if (!found || found.approvalId === null) return err('no-such-request');
      const decision = command.approve ? 'approved' : 'rejected';
      const decided = await decideApproval(tx, deps, { approvalId: found.approvalId, decision, by: actor.staffId });
      if (!decided.ok) return decided;
      const detail = { extraction: found.extractionId, rows: found.counted };
      tx.record({ event: `extraction.${decision}`, facts: ['approvals.decision'], detail });
      return ok(null);
    },
  });

  /** Makes the list, once, and keeps it sealed. What was counted differs by what changed since: the approver's bound holds. */
  const make = act<
    D,
    { readonly extractionId: string },
    { rows: number },
    AskFault | 'no-such-request' | 'already-made' | 'not-approved' | 'more-than-approved'
  >(`${system}.make-extraction`, {
    right,
    async run(tx, deps, command, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      await lockExtraction(tx, command.extractionId);
      const [found] = await extractions(tx, { extractionId: command.extractionId, offset: 0, limit: 1 });
      if (!found || found.askedBy !== actor.staffId) return err('no-such-request');
      if (found.rows !== null) return err('already-made');
      const good = await checked(tx, deps, actor, found.query);
      if (!good.ok) return good;
      const { source, query } = good.value;
      const rows = await read(tx, deps, source, query);
      const facts = ['euc.output'];
      if (found.approvalId === null) {
        if (enforced('access.bulk-extraction') && asksApproval(source, rows.length)) return err('not-approved');
      } else {
        const { approvalId } = found;
        const used = await useApproval(tx, deps, { approvalId, kind, payload: payloadOf(found), by: actor.staffId });
        if (enforced('access.bulk-extraction') && !used.ok) return err('not-approved');
        if (used.ok) facts.push('approvals.execution');
        if (isBeyondApproval(found, rows.length)) return err('more-than-approved');
      }
      const columns = source.columns.filter((c) => query.columns.includes(c.key));
      const asOf = deps.civilClock.today();
      const head = { extractionId: found.extractionId, title: found.title, asOf: asOf.toString(), rows: rows.length };
      const bytes = toCsv(head, columns, rows);
      const { ref } = await deps.sealed.seal(tx, bytes, { kind: 'extraction', retentionClass: 'log-7y' });
      await insertOutput(tx, {
        extractionId: found.extractionId,
        sealedRef: ref,
        rows: rows.length,
        sha256: sha256(bytes),
        by: actor.staffId,
        on: asOf,
        at: deps.machineClock.now(),
      });
      tx.record({
        event: 'extraction.made',
        subjects: subjectsOf(rows),
        items: [...query.columns],
        facts,
        detail: { extraction: found.extractionId, source: source.id, rows: rows.length },
      });
      return ok({ rows: rows.length });
    },
  });

  /** A list about no person, for the one who asked for it, while it is not older than the facts allow. */
  const handOut = act<
    D,
    { readonly extractionId: string; readonly form: 'csv' | 'xlsx' },
    { bytes: Uint8Array; name: string },
    'not-staff' | 'no-such-request' | 'stays-on-server' | 'not-made' | 'list-expired' | 'erased'
  >(`${system}.hand-out-extraction`, {
    right,
    async run(tx, deps, { extractionId, form }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [found] = await extractions(tx, { extractionId, offset: 0, limit: 1 });
      if (!found || found.askedBy !== actor.staffId) return err('no-such-request');
      const source = sourceOf(found.query.source);
      if (enforced('access.no-client-copy') && source?.aboutPersons !== false) return err('stays-on-server');
      if (found.sealedRef === null || found.madeOn === null) return err('not-made');
      if (Temporal.PlainDate.compare(deps.civilClock.today(), voidFrom(found.madeOn)) > 0) return err('list-expired');
      const opened = await deps.sealed.open(tx, found.sealedRef as SealedId, 'hand-out-extraction');
      if (!opened.ok) return opened;
      const columns = (source?.columns ?? []).filter((c) => found.query.columns.includes(c.key));
      await insertHandedOut(tx, {
        handedId: deps.newId(),
        extractionId,
        form,
        to: actor.staffId,
        at: deps.machineClock.now(),
      });
      tx.record({
        event: 'extraction.handed-out',
        items: [...found.query.columns],
        facts: ['euc.handed_out'],
        detail: { extraction: extractionId, form, rows: found.rows ?? 0 },
      });
      const bytes = form === 'csv' ? opened.value : workbookOf(found, columns, opened.value);
      return ok({ bytes, name: `${extractionId}.${form}` });
    },
  });

  /** A list that was worked on elsewhere and comes back: taken only if everything that went out is unchanged in it (INC-21). */
  const bringBack = act<
    D,
    { readonly extractionId: string; readonly bytes: Uint8Array },
    { differing: number },
    'not-staff' | 'no-such-request' | 'not-made' | 'list-expired' | 'erased' | 'unreadable' | 'other-extraction'
  >(`${system}.bring-back-extraction`, {
    right,
    async run(tx, deps, { extractionId, bytes }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [found] = await extractions(tx, { extractionId, offset: 0, limit: 1 });
      if (!found) return err('no-such-request');
      if (found.sealedRef === null || found.madeOn === null) return err('not-made');
      if (Temporal.PlainDate.compare(deps.civilClock.today(), voidFrom(found.madeOn)) > 0) return err('list-expired');
      const returned = readCsvCells(bytes);
      if (returned === undefined) return err('unreadable');
      if (returned[0]?.[1] !== extractionId) return err('other-extraction');
      const opened = await deps.sealed.open(tx, found.sealedRef as SealedId, 'compare-extraction');
      if (!opened.ok) return opened;
      const { differing } = differingRows(readCsvCells(opened.value)!, returned);
      await insertCameBack(tx, {
        returnId: deps.newId(),
        extractionId,
        differing,
        by: actor.staffId,
        at: deps.machineClock.now(),
      });
      tx.record({
        event: differing === 0 ? 'extraction.came-back' : 'reimport.refused',
        facts: ['euc.came_back'],
        detail: { extraction: extractionId, differing },
      });
      return ok({ differing });
    },
  });

  /** What was extracted, by whom, for what; for clerks and approvers. */
  const list = act(`${system}.list-extractions`, {
    right: [system, 'euc', 'read'],
    async run(tx: Tx, _deps: D, query: { extractionId?: string; offset: number; limit: number }) {
      const rows = await extractions(tx, query);
      tx.record({ event: 'extractions.listed', detail: { count: rows.length } });
      return ok({ rows, total: await countExtractions(tx) });
    },
  });

  const leaving = leavingActs<D>({
    system,
    async fresh(tx, deps, actor, found) {
      const good = await checked(tx, deps, actor, found.query);
      if (!good.ok) return good;
      const { source, query } = good.value;
      const rows = await read(tx, deps, source, query);
      if (isBeyondApproval(found, rows.length)) return err('more-than-approved');
      return ok({ rows, columns: source.columns.filter((c) => query.columns.includes(c.key)) });
    },
    subjectsOf,
    voidFrom,
  });

  return {
    system,
    sources: sources as readonly Pick<EucSource<D>, 'id' | 'label' | 'gloss' | 'columns' | 'aboutPersons'>[],
    freeRows,
    voidFrom,
    rights: {
      use: right,
      personal,
      approve: [system, 'euc-approval', 'update'] as Right,
      read: [system, 'euc', 'read'] as Right,
      station: [system, 'media-station', 'update'] as Right,
    },
    count,
    save,
    listSaved,
    ask,
    approve,
    make,
    handOut,
    bringBack,
    list,
    ...leaving,
  };
}
export type Euc<D extends EucDeps> = ReturnType<typeof createEuc<D>>;
export type { Extraction };

/** The workbook of a kept list, from its text: the same cells, so that both forms say the same. */
function workbookOf(found: Extraction, columns: readonly Column[], csv: Uint8Array): Uint8Array {
  const [, , ...lines] = readCsvCells(csv)!;
  const texts = columns.map(
    (c): Column => (c.kind === 'number' ? c : { key: c.key, label: c.label, kind: 'text', personal: c.personal }),
  );
  const rows = lines.map((cells) =>
    Object.fromEntries(columns.map((c, i) => [c.key, cells[i + 1] === '' ? null : (cells[i + 1] ?? null)])),
  );
  const head = {
    extractionId: found.extractionId,
    title: found.title,
    asOf: found.madeOn!,
    rows: found.rows ?? 0,
  };
  return toXlsx(head, texts, rows);
}
