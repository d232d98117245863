import { decideApproval } from '../access/approvals/approvals.ts';
import type { Decision } from '../access/approvals/domain.ts';
import { type ActDeps, type Actor, act, look, type Right } from '../db/act.ts';
import type { ActEvent, Tx } from '../db/sql.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { FileCount } from './domain.ts';
import { makeReceivingKey, receivingKey, registerReceiverKey } from './keys.ts';
import {
  confirmReceipt,
  type Destruction,
  destroyMedium,
  eraseMedium,
  handOverMedium,
  LENDING_APPROVAL,
  type LendingRequest,
  lendMedium,
  moveMedium,
  registerMedium,
  remindOverdue,
  requestLending,
  returnMedium,
} from './ledger.ts';
import type { MediaDeps } from './media.ts';
import type { MediumKind } from './medium.ts';
import { listPapers, type Move, movePaper, type PaperQuery, registerPaper } from './papers.ts';
import { readLendings, readMedium, readReceiverKeys, readRegister, readStep, slipOf } from './register.ts';
import {
  closeStockTaking,
  countStock,
  explainDifference,
  openStockTaking,
  stockDifferences,
  stockWeeks,
} from './stock-taking.ts';

type Deps = ActDeps & MediaDeps;
/** A command without who does it: that is the actor of the act. */
type Said<C> = Omit<C, 'by'>;

const staffOf = (actor: Actor): string =>
  actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? actor.name : actor.kind;

/**
 * The media office's use cases with one system's rights: [system, 'media', read | update] and, for the second person,
 * [system, 'media-approval', 'update']. Each records one event with serials, numbers and offices, never a person of a register.
 */
export function mediaUseCases(system: string) {
  const update: Right = [system, 'media', 'update'];
  const read: Right = [system, 'media', 'read'];
  const approval: Right = [system, 'media-approval', 'update'];
  const doing = <C extends object, V, E extends string>(
    name: string,
    facts: readonly string[],
    body: (tx: Tx, deps: Deps, command: C & { readonly by: string }) => Promise<Result<V, E>>,
    tell: (command: C) => NonNullable<ActEvent['detail']>,
    right = update,
  ) =>
    act<Deps, C, V, E>(`media.${name}`, {
      right,
      async run(tx, deps, command, actor) {
        const done = await body(tx, deps, { ...command, by: staffOf(actor) });
        if (done.ok)
          tx.record({
            event: `media.${name}`,
            facts: facts.map((fact) => (fact.includes('.') ? fact : `media.${fact}`)).sort(),
            detail: tell(command),
          });
        return done;
      },
    });
  const serialOf = ({ serial }: { readonly serial: string }) => ({ serial });
  const takingOf = ({ takingId }: { readonly takingId: string }) => ({ taking: takingId });

  return {
    read,
    update,
    approval,
    register: doing<
      Said<Parameters<typeof registerMedium>[2]>,
      { mediumId: string },
      'serial-not-a-serial' | 'serial-taken'
    >('register', ['medium', 'medium_step'], registerMedium, (c: { serial: string; kind: MediumKind }) => ({
      serial: c.serial,
      kind: c.kind,
    })),
    requestLending: doing(
      'request-lending',
      ['lending', 'approvals.request'],
      requestLending,
      (c: Said<LendingRequest>) => ({
        serial: c.serial,
        department: c.department,
        document: c.document,
      }),
    ),
    /** 承認 or 却下 of a lending. */
    decideLending: act('media.decide-lending', {
      right: approval,
      async run(tx, deps: Deps, command: { readonly lendingId: string; readonly decision: Decision }, actor) {
        const [row] = await tx<{ approvalId: string }>`
          select approval_id as "approvalId" from media.lending where lending_id = ${command.lendingId}`;
        if (!row) return err('no-such-lending');
        const decided = await decideApproval(tx, deps, { ...row, decision: command.decision, by: staffOf(actor) });
        if (!decided.ok) return decided;
        tx.record({
          event: 'media.lending-decided',
          facts: ['approvals.decision'],
          detail: { lending: command.lendingId, decision: command.decision, kind: LENDING_APPROVAL },
        });
        return ok(undefined);
      },
    }),
    lend: doing('lend', ['medium_step', 'approvals.execution'], lendMedium, (c: { readonly lendingId: string }) => ({
      lending: c.lendingId,
    })),
    registerKey: doing(
      'register-key',
      ['receiver_key'],
      registerReceiverKey,
      (c: { receiver: string; recipientKey: string; document: string }) => ({
        receiver: c.receiver,
        document: c.document,
      }),
    ),
    makeKey: doing(
      'make-key',
      ['receiving_key'],
      async (tx, deps, { by }: object & { readonly by: string }) => ok(await makeReceivingKey(tx, deps, { by })),
      () => ({}),
    ),
    handOver: doing('hand-over', ['medium_step', 'step'], handOverMedium, (c: { serial: string; handedTo: string }) =>
      serialOf(c),
    ),
    confirm: doing(
      'confirm-receipt',
      ['medium_step', 'step'],
      confirmReceipt,
      (c: { serial: string; receivedBy: string; confirmation: string; counted: readonly FileCount[] }) => ({
        serial: c.serial,
        confirmation: c.confirmation,
      }),
    ),
    erase: doing(
      'erase',
      ['medium_step', 'step'],
      eraseMedium,
      (c: { serial: string; erasedBy: string; method: string; certificate: string }) => ({
        serial: c.serial,
        certificate: c.certificate,
      }),
    ),
    giveBack: doing(
      'return',
      ['medium_step', 'step'],
      returnMedium,
      (c: { serial: string; how: 'returned' | 'collected'; returnedBy: string; place: string }) => ({
        serial: c.serial,
        how: c.how,
      }),
    ),
    move: doing(
      'move',
      ['medium_step'],
      moveMedium,
      (c: { serial: string; step: 'moved' | 'missing' | 'found'; place: string; reason: string }) => ({
        serial: c.serial,
        step: c.step,
      }),
    ),
    destroy: doing('destroy', ['medium_step'], destroyMedium, (c: Said<Destruction>) => ({
      serial: c.serial,
      certificate: c.certificate,
      witness: c.witness,
    })),
    /** 期限超過の督促: for a job and for the page; says whom to tell today. */
    remind: act('media.remind', {
      right: update,
      async run(tx, deps: Deps) {
        const told = await remindOverdue(tx, deps);
        tx.record({
          event: 'media.reminded',
          facts: ['media.reminder'],
          detail: { overdue: told.overdue.length, reminded: told.reminded.length },
        });
        return ok(told);
      },
    }),

    openTaking: doing('open-stock-taking', ['stock_taking', 'stock_expected'], openStockTaking, () => ({})),
    count: doing(
      'count-stock',
      ['stock_counted'],
      countStock,
      (c: { takingId: string; serials: readonly string[] }) => ({
        ...takingOf(c),
        counted: c.serials.length,
      }),
    ),
    explain: doing(
      'explain-difference',
      ['stock_explanation'],
      explainDifference,
      (c: { takingId: string; serial: string; explanation: string }) => ({
        ...takingOf(c),
        serial: c.serial,
      }),
    ),
    closeTaking: doing('close-stock-taking', ['stock_closing'], closeStockTaking, takingOf),

    registerPaper: doing(
      'register-paper',
      ['paper', 'paper_move'],
      registerPaper,
      (c: Said<Parameters<typeof registerPaper>[2]>) => ({
        number: c.number,
      }),
    ),
    movePaper: doing('move-paper', ['paper_move'], movePaper, (c: Said<Move>) => ({
      number: c.number,
      state: c.state,
    })),

    list: look('media.list', {
      right: read,
      run: (tx, deps: Deps, q: Parameters<typeof readRegister>[2]) => readRegister(tx, deps.civilClock.today(), q),
    }),
    show: look('media.show', {
      right: read,
      run: (tx, _deps: Deps, { serial }: { serial: string }) => readMedium(tx, serial),
    }),
    lendings: look('media.lendings', { right: read, run: (tx) => readLendings(tx) }),
    keys: look('media.keys', {
      right: read,
      run: async (tx) => ({ receivers: await readReceiverKeys(tx), own: await receivingKey(tx) }),
    }),
    weeks: look('media.weeks', {
      right: read,
      run: (tx, deps: Deps, q: { from?: Temporal.PlainDate; until?: Temporal.PlainDate; limit: number }) =>
        stockWeeks(tx, deps.civilClock.today(), q),
    }),
    differences: look('media.differences', {
      right: read,
      run: (tx, _deps: Deps, { takingId }: { takingId: string }) => stockDifferences(tx, takingId),
    }),
    papers: look('media.papers', {
      right: read,
      run: (tx, deps: Deps, q: PaperQuery) => listPapers(tx, deps.civilClock.today(), q),
    }),
    slip: look('media.slip', {
      right: read,
      run: (tx, _deps: Deps, { handOverId }: { handOverId: string }) => slipOf(tx, handOverId),
    }),
    step: look('media.handed-to', {
      right: read,
      run: (tx, _deps: Deps, { serial }: { serial: string }) => readStep(tx, serial),
    }),
  };
}
export type MediaUseCases = ReturnType<typeof mediaUseCases>;
