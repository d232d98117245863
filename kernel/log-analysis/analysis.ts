import { createHash } from 'node:crypto';
import { decideApproval, requestApproval, useApproval } from '../access/approvals/approvals.ts';
import { addOpenDays, isOpenDay, nthOpenDay } from '../calendar/open-days.ts';
import { type ActDeps, type Actor, act, look } from '../db/act.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { type Comparison, type RuleSettings, ruleSettings, type Verdict } from './rules.ts';
import {
  type CaseRow,
  type ContractorFigure,
  contractorFigure,
  daysOf,
  drawAffected,
  drawUses,
  insertAffected,
  insertOverdue,
  insertReview,
  insertScan,
  insertSigned,
  insertSuspicion,
  insertVerdict,
  insertWatched,
  type LogLine,
  listCases,
  listReviews,
  listWatched,
  type Range,
  type ReviewRow,
  readLogLines,
  scanned,
  staffActedSince,
  suspicions,
  type Use,
  type UseLine,
  usesOfEvents,
  type Watched,
  waitingEvents,
} from './store.ts';

export interface LogAnalysisOptions {
  /** First word of the system's rights; its table names the functions `log-analysis`, `log-review`, `log`. */
  readonly system: string;
  /** Which acts use persons' data, and how: `{ 'prefectural-juki.search': 'search', … }`. */
  readonly uses: Readonly<Record<string, Use>>;
  readonly settings?: Partial<RuleSettings>;
}

export const analysisActor: Actor = { kind: 'job', name: 'log-analysis' };
/** Events looked through in one act. */
const atOnce = 20_000;

export interface Judgement {
  readonly caseId: string;
  readonly verdict: Verdict;
  /** 受付番号 of the application that was looked at; empty where there is none. */
  readonly document: string;
  readonly comparison: Comparison;
  readonly note: string;
  /** Number of the incident in the organisation's register, for what was improper. */
  readonly incident?: string | undefined;
}
export type JudgeError =
  | 'no-such-case'
  | 'own-case'
  | 'already-judged'
  | 'document-missing'
  | 'incident-missing'
  | 'comparison-differs';

const nameOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

/**
 * Analysis of an instance's own log: uses are drawn from it, rules raise cases, an analyst compares each with the
 * application documents, and an officer signs the month. Made once by a system; every act asks with the system's rights.
 */
export function createLogAnalysis({ system, uses, settings: given }: LogAnalysisOptions) {
  const settings = { ...ruleSettings, ...given };
  const work = [system, 'log-analysis', 'update'] as const;
  const read = [system, 'log-analysis', 'read'] as const;
  const sign = [system, 'log-review', 'update'] as const;
  const log = [system, 'log', 'read'] as const;
  const approve = [system, 'log-export', 'update'] as const;

  /** Looks through what the log holds since the last time. Safe to repeat and to run twice at once. */
  const scan = act(`${system}.analyse-log`, {
    right: work,
    async run(
      tx,
      deps: ActDeps,
      _command: null,
    ): Promise<Result<{ uses: number; cases: number; left: number }, never>> {
      const { from, upTo: size } = await scanned(tx);
      const upTo = Math.min(size, from + atOnce);
      const today = deps.civilClock.today();
      const range = { from, upTo };
      const drawn = await drawUses(tx, range, uses);
      const closed = (await daysOf(tx, range)).filter((d) => !isOpenDay(Temporal.PlainDate.from(d)));
      let cases = 0;
      const found = enforced('audit.unusual-use-alarm') ? await suspicions(tx, range, settings, closed) : [];
      for (const suspicion of found) {
        const dueOn = addOpenDays(today, settings.verdictDays).toString();
        if (await insertSuspicion(tx, { ...suspicion, caseId: deps.newId(), openedOn: today.toString(), dueOn }))
          cases++;
      }
      if (upTo > from)
        await insertScan(tx, { scanId: deps.newId(), from, upTo, uses: drawn, cases, at: deps.machineClock.now() });
      tx.record({
        event: 'log.analysed',
        facts: ['log_analysis.scan', 'log_analysis.suspicion'],
        detail: { from, upTo, uses: drawn, cases },
      });
      return ok({ uses: drawn, cases, left: size - upTo });
    },
  });

  /** Whether staff did anything since the last time; the analysis' own events do not call for another. */
  const pending = look(`${system}.log-pending`, {
    right: read,
    run: (tx, _deps: ActDeps, _query: null): Promise<boolean> => staffActedSince(tx),
  });

  const cases = act(`${system}.list-log-cases`, {
    right: read,
    async run(tx, _deps: ActDeps, query: Omit<Parameters<typeof listCases>[1], 'caseId'>) {
      const found = await listCases(tx, { ...query, caseId: null });
      tx.record({ event: 'log-cases.listed', detail: { count: found.rows.length } });
      return ok(found);
    },
  });

  const readCase = act(`${system}.read-log-case`, {
    right: read,
    async run(
      tx,
      _deps: ActDeps,
      { caseId }: { readonly caseId: string },
    ): Promise<Result<{ found: CaseRow; lines: readonly UseLine[] }, 'no-such-case'>> {
      const found = (await listCases(tx, { caseId, rule: null, staffId: null, open: null, offset: 0, limit: 1 }))
        .rows[0];
      if (found === undefined) return err('no-such-case');
      const lines = await usesOfEvents(tx, found.events);
      tx.record({ event: 'log-case.read', detail: { caseId, rule: found.rule } });
      return ok({ found, lines });
    },
  });

  const judge = act(`${system}.judge-log-case`, {
    right: work,
    async run(tx, deps: ActDeps, command: Judgement, actor): Promise<Result<null, JudgeError>> {
      const by = nameOf(actor);
      const { caseId, verdict, document, comparison } = command;
      const found = (await listCases(tx, { caseId, rule: null, staffId: null, open: null, offset: 0, limit: 1 }))
        .rows[0];
      if (found === undefined) return err('no-such-case');
      if (found.staffId === by) return err('own-case');
      if (found.verdict !== null) return err('already-judged');
      if (enforced('audit.review')) {
        if (comparison !== 'no-document' && document === '') return err('document-missing');
        // 正当 needs a document that agrees: a search that no application explains is not explained by words.
        if (verdict === 'justified' && comparison !== 'agrees') return err('comparison-differs');
      }
      if (verdict === 'improper' && command.incident === undefined) return err('incident-missing');
      const stamp = { by, on: deps.civilClock.today().toString(), at: deps.machineClock.now() };
      const judged = { ...command, staffId: found.staffId, incident: command.incident ?? null, ...stamp };
      if (!(await insertVerdict(tx, judged))) return err('already-judged');
      tx.record({
        event: 'log-case.judged',
        facts: ['log_analysis.verdict'],
        detail: { caseId, rule: found.rule, verdict, comparison },
      });
      return ok(null);
    },
  });

  /** The month before: opened once, due on the tenth open day. Tells of reviews that nobody signed in time. */
  const openReviews = act(`${system}.open-log-review`, {
    right: work,
    async run(tx, deps: ActDeps, _command: null): Promise<Result<{ opened: boolean; overdue: number }, never>> {
      const today = deps.civilClock.today();
      const month = today.toPlainYearMonth().subtract({ months: 1 });
      const opened = await insertReview(tx, {
        reviewId: deps.newId(),
        fromOn: month.toPlainDate({ day: 1 }).toString(),
        untilOn: month.toPlainDate({ day: month.daysInMonth }).toString(),
        dueOn: nthOpenDay(today.toPlainYearMonth(), 10).toString(),
        openedOn: today.toString(),
      });
      const overdue = await insertOverdue(tx, today.toString());
      const facts = [
        ...(opened ? ['log_analysis.review'] : []),
        ...(overdue > 0 ? ['log_analysis.review_overdue'] : []),
      ];
      tx.record({ event: 'log-review.due', ...(facts.length > 0 ? { facts } : {}), detail: { opened, overdue } });
      return ok({ opened, overdue });
    },
  });

  const reviews = act(`${system}.list-log-reviews`, {
    right: read,
    async run(tx, _deps: ActDeps, query: { readonly limit: number }): Promise<Result<ReviewRow[], never>> {
      const found = await listReviews(tx, null, query.limit);
      tx.record({ event: 'log-reviews.listed', detail: { count: found.length } });
      return ok(found);
    },
  });

  /** The officer's sign-off of a month: only when every case of its days has a verdict, and not on cases of one's own. */
  const signReview = act(`${system}.sign-log-review`, {
    right: sign,
    async run(
      tx,
      deps: ActDeps,
      command: { readonly reviewId: string; readonly note: string },
      actor,
    ): Promise<Result<null, 'no-such-review' | 'already-signed' | 'cases-open' | 'own-case'>> {
      const by = nameOf(actor);
      await tx`select pg_advisory_xact_lock(hashtextextended('log_analysis.scan', 0))`;
      const review = (await listReviews(tx, command.reviewId, 1))[0];
      if (review === undefined) return err('no-such-review');
      if (review.signedBy !== null) return err('already-signed');
      if (enforced('audit.review') && review.open > 0) return err('cases-open');
      const own = await tx`select 1 from log_analysis.suspicion where staff_id = ${by}
        and local_on between ${review.fromOn}::date and ${review.untilOn}::date limit 1`;
      if (own.length > 0) return err('own-case');
      const { reviewId, uses: used, cases: raised, improper } = review;
      const stamp = { by, on: deps.civilClock.today().toString(), at: deps.machineClock.now() };
      await insertSigned(tx, { reviewId, uses: used, cases: raised, improper, note: command.note, ...stamp });
      tx.record({
        event: 'log-review.signed',
        facts: ['log_analysis.review_signed'],
        detail: { reviewId, uses: used, cases: raised, improper },
      });
      return ok(null);
    },
  });

  const watch = act(`${system}.watch-person`, {
    right: work,
    subjectOf: (command: {
      readonly subject: string;
      readonly staffId: string | null;
      readonly reason: string;
      readonly untilOn: string;
    }) => command.subject,
    async run(tx, deps: ActDeps, command, actor): Promise<Result<null, 'already-past'>> {
      const on = deps.civilClock.today().toString();
      if (command.untilOn < on) return err('already-past');
      await insertWatched(tx, { watchId: deps.newId(), ...command, by: nameOf(actor), on });
      tx.record({ event: 'person.watched', subject: command.subject, facts: ['log_analysis.watched'] });
      return ok(null);
    },
  });
  const watched = act(`${system}.list-watched`, {
    right: read,
    async run(tx, deps: ActDeps, query: { readonly limit: number }): Promise<Result<Watched[], never>> {
      const found = await listWatched(tx, deps.civilClock.today().toString(), query.limit);
      tx.record({ event: 'watched.listed', subjects: found.map((w) => w.subject) });
      return ok(found);
    },
  });

  /**
   * 影響範囲: every person whom the log's events of a range name, complete or not at all. The list stays here; its number,
   * count and digest go into the incident.
   */
  const listAffected = act(`${system}.list-affected`, {
    right: work,
    async run(
      tx,
      deps: ActDeps,
      command: Range & { readonly incident: string },
      actor,
    ): Promise<Result<{ listId: string; persons: number; digest: string }, 'log-not-complete' | 'range-reversed'>> {
      if (Temporal.Instant.compare(command.fromAt, command.untilAt) >= 0) return err('range-reversed');
      if (enforced('incident.affected-persons') && (await waitingEvents(tx)) > 0) return err('log-not-complete');
      const persons = await drawAffected(tx, command);
      const digest = createHash('sha256')
        .update(persons.map((p) => `${p.subject}\n`).join(''))
        .digest();
      const listId = deps.newId();
      const on = deps.civilClock.today().toString();
      const list = { ...command, listId, events: persons[0]?.events ?? 0, digest, by: nameOf(actor), on };
      await insertAffected(tx, list, persons);
      tx.record({
        event: 'affected.listed',
        subjects: persons.map((p) => p.subject),
        facts: ['log_analysis.affected_list'],
        detail: { listId, incident: command.incident, persons: persons.length },
      });
      return ok({ listId, persons: persons.length, digest: digest.toString('hex') });
    },
  });

  /** What people of contractors did here in a month; counts alone. */
  const contractorFigures = look(`${system}.contractor-figures`, {
    right: read,
    run: (tx, _deps: ActDeps, { month }: { readonly month: string }): Promise<ContractorFigure> =>
      contractorFigure(tx, month),
  });

  type LogQuery = {
    readonly staffId: string | null;
    readonly fromAt: Temporal.Instant;
    readonly untilAt: Temporal.Instant;
    readonly offset: number;
    readonly limit: number;
  };
  /** The log for auditors; the reading is an event of the same log. */
  const readLog = act(`${system}.read-log`, {
    right: log,
    async run(tx, _deps: ActDeps, query: LogQuery): Promise<Result<LogLine[], never>> {
      const lines = await readLogLines(tx, query);
      tx.record({
        event: 'log.read',
        detail: {
          count: lines.length,
          offset: query.offset,
          from: query.fromAt.toString(),
          until: query.untilAt.toString(),
        },
      });
      return ok(lines);
    },
  });

  type Export = {
    readonly staffId: string | null;
    readonly fromAt: string;
    readonly untilAt: string;
    readonly purpose: string;
  };
  /** Taking the log away needs a second person, for exactly this range and purpose. */
  const requestExport = act(`${system}.request-log-export`, {
    right: log,
    async run(tx, deps: ActDeps, command: Export, actor): Promise<Result<{ approvalId: string }, never>> {
      const approvalId = await requestApproval(tx, deps, {
        kind: 'log.export',
        subject: system,
        payload: command,
        by: nameOf(actor),
      });
      tx.record({
        event: 'log-export.requested',
        facts: ['approvals.request'],
        detail: { approvalId, purpose: command.purpose },
      });
      return ok({ approvalId });
    },
  });
  const decideExport = act(`${system}.decide-log-export`, {
    right: approve,
    async run(
      tx,
      deps: ActDeps,
      command: { readonly approvalId: string; readonly decision: 'approved' | 'rejected' },
      actor,
    ) {
      const decided = await decideApproval(tx, deps, { ...command, by: nameOf(actor) });
      if (!decided.ok) return decided;
      tx.record({
        event: `log-export.${command.decision}`,
        facts: ['approvals.decision'],
        detail: { approvalId: command.approvalId },
      });
      return ok(null);
    },
  });
  const exportLog = act(`${system}.export-log`, {
    right: log,
    async run(
      tx,
      deps: ActDeps,
      command: Export & { readonly approvalId: string },
      actor,
    ): Promise<Result<LogLine[], 'not-approved'>> {
      const { approvalId, ...payload } = command;
      const used = await useApproval(tx, deps, { approvalId, kind: 'log.export', payload, by: nameOf(actor) });
      if (enforced('audit.reader-role') && !used.ok) return err('not-approved');
      const lines = await readLogLines(tx, {
        staffId: command.staffId,
        fromAt: Temporal.Instant.from(command.fromAt),
        untilAt: Temporal.Instant.from(command.untilAt),
        offset: 0,
        limit: 100_000,
      });
      tx.record({
        event: 'log.exported',
        ...(used.ok ? { facts: ['approvals.execution'] } : {}),
        detail: { approvalId, count: lines.length, purpose: command.purpose },
      });
      return ok(lines);
    },
  });

  return {
    system,
    settings,
    scan,
    pending,
    cases,
    readCase,
    judge,
    openReviews,
    reviews,
    signReview,
    watch,
    watched,
    listAffected,
    contractorFigures,
    readLog,
    requestExport,
    decideExport,
    exportLog,
  };
}
export type LogAnalysis = ReturnType<typeof createLogAnalysis>;

/** Looks through all that is new, act by act; once a civil day also opens the month's review. `done.on`: last day done. */
export async function analyseLog(
  analysis: LogAnalysis,
  deps: ActDeps,
  done: { on: string },
): Promise<{ cases: number; overdue: number }> {
  let cases = 0;
  const pending = await analysis.pending(deps, analysisActor, null);
  for (let left = pending.ok && pending.value ? 1 : 0; left > 0; ) {
    const scanned = await analysis.scan(deps, analysisActor, null);
    if (!scanned.ok) throw new Error(scanned.error);
    cases += scanned.value.cases;
    left = scanned.value.left;
  }
  const today = deps.civilClock.today().toString();
  if (done.on === today) return { cases, overdue: 0 };
  const opened = await analysis.openReviews(deps, analysisActor, null);
  if (!opened.ok) throw new Error(opened.error);
  done.on = today;
  return { cases, overdue: opened.value.overdue };
}
