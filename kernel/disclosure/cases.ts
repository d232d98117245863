import { type Actor, act } from '../db/act.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import {
  type Decision,
  type Finding,
  type IdentityDocument,
  mayPropose,
  mayTake,
  type NotNow,
  type ProxyProof,
  provesProxy,
  type RequesterRole,
  type RequestKind,
  type Step,
  type Stop,
  showsIdentity,
} from './case.ts';
import { type Claim, type Claimed, type DisclosureDeps, type DisclosureSetup, levels } from './setup.ts';
import { stopWords } from './stop-words.ts';
import { endStop, insertStop } from './stops.ts';
import {
  type Case,
  type CaseFilter,
  type CaseLine,
  type FormRow,
  insertForm,
  insertFormStep,
  insertRequest,
  insertStep,
  listCases,
  nextNumber,
  readCase,
  readForms,
  requestUnder,
  type Taken,
} from './store.ts';
import { dueOn, reminderOn } from './terms.ts';

export const staffOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);
export const takenNow = (deps: DisclosureDeps, actor: Actor): Taken => ({
  by: staffOf(actor),
  on: deps.civilClock.today(),
  at: deps.machineClock.now(),
});

export interface Receive extends Claimed {
  readonly kind: RequestKind;
  readonly channel: 'counter' | 'post';
  readonly role: RequesterRole;
  readonly requesterName: string;
  readonly requesterAddress: string;
  readonly scope: string;
  /** 訂正等: the receipt number of the disclosure that it follows. */
  readonly followsReceiptNo?: string | undefined;
  readonly claims?: readonly Claim[] | undefined;
  /** Where the paper is kept until it is shredded: 金庫A-1. */
  readonly keptAt: string;
}
export type ReceiveError = 'incomplete' | 'claims-missing' | 'unknown-item' | 'no-such-disclosure';

/** The steps of a request, from the paper that is handed in to the sheets that go out. */
export function caseUseCases<D extends DisclosureDeps>(setup: DisclosureSetup<D>) {
  const { system } = setup;
  const name = (word: string): string => `${system}.disclosure.${word}`;
  const handle = levels.handle(system);

  /** 受付: number, term and the paper's own place in the ledger. The paper has no field for a number. */
  const receive = act(name('receive'), {
    right: handle,
    async run(
      tx,
      deps: D,
      command: Receive,
      actor,
    ): Promise<Result<{ requestId: string; receiptNo: string; dueOn: string }, ReceiveError>> {
      const texts = [command.name, command.birthDate, command.address, command.requesterName, command.requesterAddress];
      if (texts.some((text) => text.trim() === '') || command.keptAt.trim() === '') return err('incomplete');
      const isCorrection = command.kind === 'correction';
      const claims = isCorrection ? (command.claims ?? []) : [];
      if (isCorrection && claims.length === 0) return err('claims-missing');
      if (claims.some((c) => setup.items[c.item] === undefined || c.claimed.trim() === '')) return err('unknown-item');
      let follows: string | null = null;
      if (isCorrection) {
        const earlier = await requestUnder(tx, command.followsReceiptNo ?? '');
        const isTheirs = earlier?.name === command.name && earlier.birthDate === command.birthDate;
        if (earlier?.kind !== 'disclosure' || !earlier.handedOver || !isTheirs) return err('no-such-disclosure');
        follows = earlier.requestId;
      }
      const taken = takenNow(deps, actor);
      const requestId = deps.newId();
      const receiptNo = await nextNumber(tx, `${setup.prefix}受`, taken.on);
      const rule = setup.kinds[command.kind];
      const due = dueOn(taken.on, rule.termDays).toString();
      await insertRequest(
        tx,
        {
          ...command,
          requestId,
          receiptNo,
          formName: rule.formName,
          receivedOn: taken.on.toString(),
          dueOn: due,
          follows,
          claims,
          receivedBy: taken.by,
        },
        taken.at,
      );
      const serial = await nextNumber(tx, `${setup.prefix}書`, taken.on);
      await insertForm(tx, { serial, formType: 'request-paper', requestId, carriesNumber: null }, taken);
      await insertFormStep(tx, serial, { kind: 'kept', detail: { place: command.keptAt } }, taken);
      tx.record({
        event: 'disclosure.received',
        facts: ['disclosure.request', 'disclosure.form', 'disclosure.form_step'],
        ground: rule.ground,
        detail: { receiptNo, kind: command.kind, role: command.role, dueOn: due },
      });
      return ok({ requestId, receiptNo, dueOn: due });
    },
  });

  type StepError<E extends string> = 'no-such-request' | NotNow | E;

  /** One step of one request: waits for its turn, asks the state, writes the fact, records. */
  const stepAct = <C extends { readonly requestId: string }, E extends string = never>(
    word: string,
    right: ReturnType<typeof levels.handle> | ReturnType<typeof levels.decide>,
    kind: Step['kind'],
    decide: (given: {
      tx: Parameters<typeof readCase>[0];
      deps: D;
      command: C;
      found: Case;
      actor: Actor;
    }) => Promise<Result<readonly Step[], E | NotNow>>,
    facts: readonly string[] = [],
  ) =>
    act(name(word), {
      right,
      async run(tx, deps: D, command: C, actor): Promise<Result<undefined, StepError<E>>> {
        const found = await readCase(tx, command.requestId, true);
        if (!found) return err('no-such-request');
        const may = mayTake(found.state, kind);
        if (!may.ok) return may;
        const steps = await decide({ tx, deps, command, found, actor });
        if (!steps.ok) return steps;
        for (const step of steps.value)
          await insertStep(tx, command.requestId, step, takenNow(deps, actor), deps.newId);
        const personId =
          steps.value.flatMap((s) => (s.kind === 'matched' ? [s.personId] : []))[0] ?? found.state.personId;
        tx.record({
          event: `disclosure.${steps.value[0]!.kind}`,
          ...(personId === undefined ? {} : { subject: personId }),
          facts: ['disclosure.step', ...facts],
          ground: setup.kinds[found.request.kind].ground,
          detail: { receiptNo: found.request.receiptNo },
        });
        return ok(undefined);
      },
    });

  /** 本人確認・代理権の確認. Which documents were shown, never their numbers. */
  const checkIdentity = stepAct<
    { requestId: string; documents: readonly IdentityDocument[]; proxyProof: ProxyProof | null },
    'identity-not-shown' | 'proxy-not-proved'
  >('check-identity', handle, 'identity-checked', async ({ command, found }) => {
    if (!showsIdentity(command.documents)) return err('identity-not-shown');
    if (!provesProxy(found.state.role, command.proxyProof)) return err('proxy-not-proved');
    const { documents, proxyProof } = command;
    return ok([{ kind: 'identity-checked', documents, proxyProof }]);
  });

  /** 突合: the one person whose present record agrees with what the form says. */
  const match = stepAct<{ requestId: string }, 'no-match' | 'ambiguous'>(
    'match',
    handle,
    'matched',
    async ({ tx, deps, found }) => {
      const person = await setup.find(tx, deps, found.request);
      return person.ok ? ok([{ kind: 'matched', personId: person.value.personId }]) : person;
    },
  );

  /** 調査: asks whoever keeps the source. @law 住民基本台帳法 第30条の35 (遅滞なく調査) */
  const investigate = stepAct<{ requestId: string }, 'source-unknown'>(
    'investigate',
    handle,
    'investigation-sent',
    async ({ tx, deps, found }) => {
      const investigationId = deps.newId();
      const sent = await setup.investigate(tx, deps, {
        investigationId,
        personId: found.state.personId!,
        claims: found.request.claims,
        answerBy: reminderOn(Temporal.PlainDate.from(found.request.dueOn), setup.remindOpenDays),
      });
      return sent.ok ? ok([{ kind: 'investigation-sent', investigationId, to: sent.value.to }]) : sent;
    },
  );

  /** 起案 */
  const propose = stepAct<{ requestId: string; decision: Decision }, 'unknown-scope' | 'no-such-task'>(
    'propose',
    handle,
    'proposed',
    async ({ tx, deps, command: { decision }, found, actor }) => {
      const may = mayPropose(found.state, decision);
      if (!may.ok) return may;
      if (decision.word === 'granted' && decision.stop !== undefined) {
        if (setup.stops.scopes[decision.stop.scope] === undefined) return err('unknown-scope');
        for (const task of decision.stop.tasks)
          if (!(await setup.stops.hasTask(tx, deps, task))) return err('no-such-task');
      }
      return ok([{ kind: 'proposed', decision, by: staffOf(actor) }]);
    },
  );

  const wordsOf = (stop: Stop): string[] => stopWords(setup.stops.scopes[stop.scope]!, stop);

  /** 決裁, by another person than the one who proposed. A stop of use is in force with this very act. */
  const decide = stepAct<{ requestId: string }, 'approver-is-proposer'>(
    'decide',
    levels.decide(system),
    'decided',
    async ({ tx, deps, found, actor }) => {
      const { decision, by } = found.state.proposal!;
      if (enforced('access.second-person') && by === staffOf(actor)) return err('approver-is-proposer');
      if (decision.word === 'granted' && decision.stop !== undefined) {
        const stop = { ...found.request, personId: found.state.personId!, words: wordsOf(decision.stop) };
        await insertStop(tx, stop, deps.civilClock.today());
      }
      return ok([{ kind: 'decided', decision, proposedBy: by }]);
    },
    ['disclosure.use_stop'],
  );

  /** 利用停止の解除の起案: the person asks for it, or why it was stopped is gone. Possible after the request is closed. */
  const proposeLift = stepAct<{ requestId: string; reason: string }, 'reason-missing'>(
    'propose-lift',
    handle,
    'lift-proposed',
    async ({ command: { reason }, actor }) =>
      reason.trim() === '' ? err('reason-missing') : ok([{ kind: 'lift-proposed', reason, by: staffOf(actor) }]),
  );
  const sendLiftBack = stepAct<{ requestId: string; reason: string }, 'reason-missing'>(
    'send-lift-back',
    levels.decide(system),
    'lift-sent-back',
    async ({ command: { reason } }) =>
      reason.trim() === '' ? err('reason-missing') : ok([{ kind: 'lift-sent-back', reason }]),
  );
  /** 解除の決裁, by another person; other stops about the same person stay. */
  const lift = stepAct<{ requestId: string }, 'approver-is-proposer'>(
    'lift',
    levels.decide(system),
    'lifted',
    async ({ tx, deps, found, actor }) => {
      const { reason, by } = found.state.liftProposal!;
      if (enforced('access.second-person') && by === staffOf(actor)) return err('approver-is-proposer');
      await endStop(tx, found.request.requestId, deps.civilClock.today());
      return ok([{ kind: 'lifted', reason, proposedBy: by }]);
    },
    ['disclosure.use_stop_end'],
  );
  const sendBack = stepAct<{ requestId: string; reason: string }, 'reason-missing'>(
    'send-back',
    levels.decide(system),
    'sent-back',
    async ({ command }) =>
      command.reason.trim() === '' ? err('reason-missing') : ok([{ kind: 'sent-back', reason: command.reason }]),
  );

  /** 期限の延長, once and before the term ends. @law 住民基本台帳法 第30条の33第2項 */
  const extend = stepAct<{ requestId: string; reason: string }, 'reason-missing' | 'term-over'>(
    'extend',
    handle,
    'extended',
    async ({ command, found, deps }) => {
      if (command.reason.trim() === '') return err('reason-missing');
      const due = Temporal.PlainDate.from(found.request.dueOn);
      if (Temporal.PlainDate.compare(deps.civilClock.today(), due) > 0) return err('term-over');
      const days = setup.kinds[found.request.kind].extensionDays;
      return ok([{ kind: 'extended', untilOn: dueOn(due, days + 1).toString(), reason: command.reason }]);
    },
  );

  /** 納付の記録. The amount on the slip and no other. */
  const recordPayment = stepAct<{ requestId: string; yen: number; slip: string }, 'wrong-amount' | 'no-such-slip'>(
    'record-payment',
    handle,
    'paid',
    async ({ tx, deps, command, found }) => {
      const slips = await readForms(tx, { requestId: command.requestId });
      if (!slips.some((f) => f.serial === command.slip && f.formType === 'payment-slip')) return err('no-such-slip');
      if (command.yen !== found.state.feeYen) return err('wrong-amount');
      return ok([{ kind: 'paid', yen: command.yen, slip: command.slip, paidOn: deps.civilClock.today().toString() }]);
    },
  );

  /** 取下げ */
  const withdraw = stepAct<{ requestId: string }>('withdraw', handle, 'closed', async () =>
    ok([{ kind: 'closed', why: 'withdrawn' }]),
  );

  /** 一覧; nothing of a record is read. */
  const list = act(name('list'), {
    right: levels.see(system),
    async run(
      tx,
      deps: D,
      q: { which: CaseFilter; kind: string | null; offset: number; limit: number },
    ): Promise<Result<{ rows: CaseLine[]; total: number; remindUntil: Temporal.PlainDate }, never>> {
      let remindUntil = deps.civilClock.today();
      // The last due date whose reminder has begun.
      for (let day = remindUntil.add({ days: 1 }), n = 0; n < 60; day = day.add({ days: 1 }), n++)
        if (Temporal.PlainDate.compare(reminderOn(day, setup.remindOpenDays), deps.civilClock.today()) <= 0)
          remindUntil = day;
      const found = await listCases(tx, { ...q, until: remindUntil });
      tx.record({ event: 'disclosure.listed', detail: { count: found.rows.length } });
      return ok({ ...found, remindUntil });
    },
  });

  const read = act(name('read'), {
    right: levels.see(system),
    async run(
      tx,
      _deps: D,
      { requestId }: { requestId: string },
    ): Promise<Result<{ found: Case; forms: FormRow[] }, 'no-such-request'>> {
      const found = await readCase(tx, requestId);
      if (!found) return err('no-such-request');
      const forms = await readForms(tx, { requestId });
      tx.record({
        event: 'disclosure.read',
        ...(found.state.personId === undefined ? {} : { subject: found.state.personId }),
        detail: { receiptNo: found.request.receiptNo },
      });
      return ok({ found, forms });
    },
  });

  /**
   * 調査の結果, called inside the act that takes the source's answer. Not an act of its own: it belongs to the message.
   */
  async function noteFinding(
    tx: Parameters<typeof readCase>[0],
    deps: D,
    answer: { readonly investigationId: string; readonly finding: Finding; readonly note: string; readonly by: string },
  ): Promise<Result<{ personId: string; receiptNo: string }, 'no-such-investigation' | NotNow>> {
    const [row] = await tx<{ requestId: string }>`
      select request_id as "requestId" from disclosure.step
       where kind = 'investigation-sent' and detail->>'investigationId' = ${answer.investigationId}::text`;
    const found = row && (await readCase(tx, row.requestId, true));
    if (!found) return err('no-such-investigation');
    const may = mayTake(found.state, 'finding-received');
    if (!may.ok) return may;
    const { by, ...step } = answer;
    const taken = { by, on: deps.civilClock.today(), at: deps.machineClock.now() };
    await insertStep(tx, found.request.requestId, { kind: 'finding-received', ...step }, taken, deps.newId);
    return ok({ personId: found.state.personId!, receiptNo: found.request.receiptNo });
  }

  return {
    receive,
    checkIdentity,
    match,
    investigate,
    propose,
    decide,
    sendBack,
    proposeLift,
    sendLiftBack,
    lift,
    extend,
    recordPayment,
    withdraw,
    list,
    read,
    noteFinding,
  };
}
