import { formatEra } from '../calendar/eras.ts';
import { type Actor, act } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { subjectCheckCode, type UnprintableCharacters } from '../documents/typesetter.ts';
import { registered } from '../documents/unprintable.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { SealedId } from '../vault/sealed/sealed-store.ts';
import { findings, type HandOver, mayTake, type NotNow, refusalReasons, requestKinds, type Stop } from './case.ts';
import { staffOf, takenNow } from './cases.ts';
import {
  type DisclosureDeps,
  type DisclosureSetup,
  type ExtractPart,
  type FormType,
  formNames,
  levels,
} from './setup.ts';
import type { StopScope } from './stop-words.ts';
import { type Case, insertForm, insertFormStep, insertStep, nextNumber, readCase, readForms } from './store.ts';
import { feeFor, feeRateOn } from './terms.ts';

/** Sheets that answer; the fee is for these. */
const recordTypes: readonly FormType[] = ['record-disclosure', 'provision-history'];
/** Sheets that leave the moment they are made. */
const leavesAtOnce: readonly FormType[] = ['payment-slip', 'extension-notice'];

export type OrderError = 'no-such-request' | NotNow | 'not-for-this-kind' | 'already-made' | 'foreign-row';
export type PrintError = OrderError | 'not-authorised' | UnprintableCharacters['word'];

/** Which sheets a request may get now; the pages offer these. */
export function sheetsFor({ request, state }: Case): FormType[] {
  const offered: FormType[] = [];
  if (state.closed) return offered;
  if (state.extendedTo !== undefined && state.decision === undefined) offered.push('extension-notice');
  if (state.decision?.word === 'refused')
    return [...offered, request.kind === 'correction' ? 'correction-result' : 'refusal-notice'];
  if (state.decision === undefined) return offered;
  switch (request.kind) {
    case 'disclosure':
      offered.push('decision-notice', 'record-disclosure');
      break;
    case 'provision-history':
      offered.push('decision-notice', 'provision-history');
      break;
    case 'correction':
      offered.push('correction-result');
      break;
    case 'stop-of-use':
      offered.push('stop-decision');
  }
  if ((state.feeYen ?? 0) > 0 && state.paidYen === undefined) offered.push('payment-slip');
  return offered;
}

export function sheetUseCases<D extends DisclosureDeps>(setup: DisclosureSetup<D>) {
  const { system } = setup;
  const handle = levels.handle(system);

  /** Gives the sheet its serial and reads what it will show. An order that was not made into a sheet is taken up again. */
  const order = act(`${system}.disclosure.order-sheet`, {
    right: handle,
    async run(
      tx,
      deps: D,
      command: { readonly requestId: string; readonly formType: FormType },
      actor,
    ): Promise<Result<{ serial: string; template: string; data: object; subject: string }, OrderError>> {
      const { requestId, formType } = command;
      const found = await readCase(tx, requestId, true);
      if (!found) return err('no-such-request');
      const isRecord = recordTypes.includes(formType);
      if (enforced('disclosure.request-register') && isRecord) {
        const may = mayTake(found.state, 'print-record');
        if (!may.ok) return may;
      }
      if (!isRecord && !sheetsFor(found).includes(formType)) return err('not-for-this-kind');
      if (isRecord && (formType === 'record-disclosure') !== (found.request.kind === 'disclosure'))
        return err('not-for-this-kind');
      const earlier = (await readForms(tx, { requestId })).filter((f) => f.formType === formType);
      const standing = earlier.filter((f) => !f.steps.some((s) => s.kind === 'spoiled'));
      if (standing.some((f) => f.steps.some((s) => s.kind === 'made'))) return err('already-made');

      const personId = found.state.personId;
      const carriesNumber = setup.carriesNumber[formType];
      const parts = isRecord ? await partsOf(tx, deps, formType, personId!, carriesNumber) : undefined;
      if (parts && enforced('disclosure.extract') && parts.some((p) => p.about.some((id) => id !== personId)))
        return err('foreign-row');

      const taken = takenNow(deps, actor);
      const ordered = standing[0]?.serial;
      const serial = ordered ?? (await nextNumber(tx, `${setup.prefix}帳`, taken.on));
      if (ordered === undefined)
        await insertForm(tx, { serial, formType, requestId, carriesNumber: carriesNumber ?? null }, taken);
      const data = parts ? recordData(found, parts, taken.on) : noticeData(found, formType, serial, taken.on);
      tx.record({
        event: isRecord ? 'disclosure.extracted' : 'disclosure.sheet-ordered',
        ...(personId === undefined ? {} : { subject: personId }),
        ...(ordered === undefined ? { facts: ['disclosure.form'] } : {}),
        ground: carriesNumber ?? setup.kinds[found.request.kind].ground,
        ...(parts ? { items: parts.map((p) => p.heading), recipient: 'requester' } : {}),
        detail: { receiptNo: found.request.receiptNo, serial, formType },
      });
      const template = parts ? 'record.typ' : formType === 'payment-slip' ? 'slip.typ' : 'notice.typ';
      return ok({ serial, template, data, subject: personId ?? requestId });
    },
  });

  const partsOf = async (
    tx: Tx,
    deps: D,
    formType: FormType,
    personId: string,
    withNumber: string | undefined,
  ): Promise<readonly ExtractPart[]> =>
    formType === 'record-disclosure'
      ? setup.extract(tx, deps, personId, withNumber)
      : setup.provisionHistory(tx, deps, personId);

  /** The sheet exists: its copy is sealed, its sheets counted, its fee fixed by the rate of the day of receipt. */
  const noteMade = act(`${system}.disclosure.sheet-made`, {
    right: handle,
    async run(
      tx,
      deps: D,
      command: {
        readonly requestId: string;
        readonly serial: string;
        readonly pdf: Uint8Array;
        readonly sheets: number;
        readonly otherShapes: number;
      },
      actor,
    ): Promise<Result<undefined, 'no-such-request' | 'already-made'>> {
      const found = await readCase(tx, command.requestId, true);
      const [form] = await readForms(tx, { serial: command.serial }, true);
      if (!found || !form) return err('no-such-request');
      if (form.steps.some((s) => s.kind === 'made')) return err('already-made');
      const taken = takenNow(deps, actor);
      const sealed = await deps.sealed.seal(tx, command.pdf, {
        kind: 'disclosure-sheet',
        retentionClass: 'disclosure-case',
        purpose: 'disclosure/print',
      });
      const detail = { sheets: command.sheets, sha256: sealed.sha256, otherShapes: command.otherShapes };
      await insertFormStep(tx, form.serial, { kind: 'made', detail, sealedRef: sealed.ref }, taken);
      if (leavesAtOnce.includes(form.formType))
        await insertFormStep(
          tx,
          form.serial,
          { kind: 'handed-over', detail: { method: found.request.channel } },
          taken,
        );
      const facts = ['disclosure.form_step'];
      if (recordTypes.includes(form.formType) && found.state.feeYen === undefined) {
        const rate = feeRateOn(setup.fees, Temporal.PlainDate.from(found.request.receivedOn));
        const fee = {
          kind: 'fee-fixed',
          sheets: command.sheets,
          yenPerSheet: rate.yenPerSheet,
          yen: feeFor(command.sheets, rate),
          rateSource: rate.source,
        } as const;
        await insertStep(tx, command.requestId, fee, taken, deps.newId);
        facts.push('disclosure.step');
      }
      tx.record({
        event: 'disclosure.sheet-made',
        ...(found.state.personId === undefined ? {} : { subject: found.state.personId }),
        facts,
        detail: { serial: form.serial, sheets: command.sheets },
      });
      return ok(undefined);
    },
  });

  /** Orders, sets and notes one sheet. After a crash between these the same serial is set again. */
  async function print(
    deps: D,
    actor: Actor,
    command: { readonly requestId: string; readonly formType: FormType },
  ): Promise<Result<{ serial: string; sheets: number }, PrintError>> {
    const ordered = await order(deps, actor, command);
    if (!ordered.ok) return ordered;
    const { serial, template, data, subject } = ordered.value;
    const set = await deps.typesetter.render({
      template,
      data,
      documentId: serial,
      subjectCheck: subjectCheckCode(deps.subjectCheckKey, serial, subject),
      title: formNames(setup)[command.formType],
      issuedAt: deps.machineClock.now(),
      otherShapes: 'flag',
    });
    if (!set.ok) return err(set.error.word);
    const { pdf, pages: sheets, otherShapes } = set.value;
    const made = await noteMade(deps, actor, {
      requestId: command.requestId,
      serial,
      pdf,
      sheets,
      otherShapes: otherShapes.length,
    });
    return made.ok ? ok({ serial, sheets }) : made;
  }

  /** The copy of a sheet, to print it. A reveal with purpose, where it carries the number. */
  const openSheet = act(`${system}.disclosure.open-sheet`, {
    right: handle,
    async run(
      tx,
      deps: D,
      { serial }: { readonly serial: string },
    ): Promise<Result<{ pdf: Uint8Array; formType: FormType }, 'no-such-sheet' | 'erased'>> {
      const [form] = await readForms(tx, { serial });
      const made = form?.steps.find((s) => s.kind === 'made');
      if (!form || !made?.sealedRef) return err('no-such-sheet');
      const opened = await deps.sealed.open(tx, made.sealedRef as SealedId, 'disclosure/print');
      if (!opened.ok) return opened;
      const found = form.requestId === null ? undefined : await readCase(tx, form.requestId);
      tx.record({
        event: 'disclosure.sheet-opened',
        ...(found?.state.personId === undefined ? {} : { subject: found.state.personId }),
        ...(form.carriesNumber === null ? {} : { ground: form.carriesNumber }),
        detail: { serial },
      });
      return ok({ pdf: opened.value, formType: form.formType });
    },
  });

  /** 交付: what was made goes out, after the fee is paid; the request is closed. Notices of a refusal go the same way. */
  const handOver = act(`${system}.disclosure.hand-over`, {
    right: handle,
    async run(
      tx,
      deps: D,
      command: { readonly requestId: string; readonly method: HandOver },
      actor,
    ): Promise<
      Result<
        { serials: readonly string[] },
        'no-such-request' | NotNow | 'nothing-printed' | 'fee-not-paid' | 'no-inspection'
      >
    > {
      const found = await readCase(tx, command.requestId, true);
      if (!found) return err('no-such-request');
      const may = mayTake(found.state, 'handed-over');
      if (!may.ok) return may;
      const going = (await readForms(tx, { requestId: command.requestId })).filter(
        (f) =>
          f.steps.some((s) => s.kind === 'made') &&
          !f.steps.some((s) => s.kind === 'handed-over' || s.kind === 'spoiled' || s.kind === 'disposed'),
      );
      const granted = found.state.decision?.word === 'granted';
      const asksForRecord = found.request.kind === 'disclosure' || found.request.kind === 'provision-history';
      if (going.length === 0 || (granted && asksForRecord && found.state.feeYen === undefined))
        return err('nothing-printed');
      const inspected = command.method === 'inspection';
      if (inspected && !(setup.inspection && granted && asksForRecord && found.state.paidYen === undefined))
        return err('no-inspection');
      if (
        enforced('disclosure.fee') &&
        !inspected &&
        (found.state.feeYen ?? 0) > 0 &&
        found.state.paidYen === undefined
      )
        return err('fee-not-paid');
      const taken = takenNow(deps, actor);
      const serials = going.map((f) => f.serial);
      // What was only shown stays here, in the ledger, until it is shredded; and no copy is paid for.
      if (inspected) {
        const fee = {
          kind: 'fee-fixed',
          sheets: 0,
          yenPerSheet: 0,
          yen: 0,
          rateSource: '閲覧（写しの交付なし）',
        } as const;
        await insertStep(tx, command.requestId, fee, taken, deps.newId);
      } else
        for (const serial of serials)
          await insertFormStep(tx, serial, { kind: 'handed-over', detail: { method: command.method } }, taken);
      await insertStep(
        tx,
        command.requestId,
        { kind: 'handed-over', serials, method: command.method },
        taken,
        deps.newId,
      );
      const why = asksForRecord && granted ? 'handed-over' : 'notified';
      await insertStep(tx, command.requestId, { kind: 'closed', why }, taken, deps.newId);
      tx.record({
        event: 'disclosure.handed-over',
        ...(found.state.personId === undefined ? {} : { subject: found.state.personId }),
        facts: ['disclosure.step', 'disclosure.form_step'],
        ground: setup.kinds[found.request.kind].ground,
        recipient: 'requester',
        detail: { receiptNo: found.request.receiptNo, sheets: serials.length, by: staffOf(actor) },
      });
      return ok({ serials });
    },
  });

  const addressee = (found: Case) => ({
    name: registered(found.request.requesterName),
    address: registered(found.request.requesterAddress),
  });
  const letterHead = (found: Case, on: Temporal.PlainDate) => ({
    addressee: addressee(found),
    issuedOn: formatEra(on),
    receiptNo: found.request.receiptNo,
    authority: setup.authority,
    office: setup.office,
  });

  const recordData = (found: Case, parts: readonly ExtractPart[], on: Temporal.PlainDate): object => ({
    ...letterHead(found, on),
    title: `${setup.information}${found.request.kind === 'disclosure' ? '' : '提供状況'}開示書`,
    preamble: `${setup.kinds[found.request.kind].ground}に基づき、${formatEra(on)}現在の記録を開示します。`,
    parts: parts.map(({ heading, facts = [], table = null, none = '' }) => ({ heading, facts, table, none })),
  });

  function noticeData(found: Case, formType: FormType, serial: string, on: Temporal.PlainDate): object {
    const { request, state } = found;
    const head = { ...letterHead(found, on), title: titleOf(found, formType) };
    if (formType === 'payment-slip') {
      const fee = found.steps.flatMap(({ step }) => (step.kind === 'fee-fixed' ? [step] : []))[0]!;
      return {
        ...head,
        slip: serial,
        sheets: fee.sheets,
        yenPerSheet: fee.yenPerSheet,
        yen: fee.yen,
        source: fee.rateSource,
      };
    }
    const received = formatEra(Temporal.PlainDate.from(request.receivedOn));
    const facts: { label: string; value: string | ReturnType<typeof registered> }[] = [
      { label: '請求の種類', value: requestKinds[request.kind] },
      { label: '請求のあった日', value: received },
      { label: '請求に係る記録', value: registered(`${request.name}に係る${setup.information}`) },
      { label: '請求の内容', value: registered(request.scope) },
      { label: '根拠', value: setup.kinds[request.kind].ground },
      ...whatWasDecided(found, formType),
    ];
    return {
      ...head,
      lead: leadOf(found, formType, received),
      facts,
      appeal: state.decision === undefined ? [] : appeal(setup.authority.title),
    };
  }

  const titleOf = ({ request, state }: Case, formType: FormType): string =>
    formType === 'refusal-notice' && request.kind === 'stop-of-use'
      ? '利用停止をしない旨の決定通知書'
      : formType === 'decision-notice' && request.kind === 'provision-history'
        ? '提供状況開示決定通知書'
        : formType === 'correction-result' && state.decision?.word === 'refused'
          ? '訂正等をしない旨の調査結果通知書'
          : formNames(setup)[formType];

  const leadOf = ({ request, state }: Case, formType: FormType, received: string): string =>
    formType === 'extension-notice'
      ? `${received}付けの請求について、次のとおり期限を延長しますので通知します。`
      : `${received}付けの${requestKinds[request.kind]}の${request.kind === 'correction' ? '申出' : '請求'}について、次のとおり${state.decision?.word === 'refused' ? '応じないことと' : ''}決定しましたので通知します。`;

  function whatWasDecided(
    { request, state }: Case,
    formType: FormType,
  ): { label: string; value: string | ReturnType<typeof registered> }[] {
    if (formType === 'extension-notice')
      return [{ label: '延長後の期限', value: formatEra(Temporal.PlainDate.from(state.extendedTo!)) }];
    const lines: { label: string; value: string | ReturnType<typeof registered> }[] = [];
    for (const c of request.claims)
      lines.push({ label: `申出の内容（${setup.items[c.item]}）`, value: registered(c.claimed) });
    if (state.finding) lines.push({ label: '調査の結果', value: findings[state.finding] });
    if (state.decision?.word === 'refused') {
      lines.push({ label: '応じない理由', value: refusalReasons[state.decision.reason] });
      if (state.decision.note !== '') lines.push({ label: '理由の説明', value: registered(state.decision.note) });
    }
    if (state.stop !== undefined) lines.push(...stopFacts(setup.stops.scopes, state.stop));
    if (formType === 'decision-notice') lines.push({ label: '開示の方法', value: '書面の交付（手数料は実費相当分）' });
    return lines;
  }

  return { order, noteMade, print, openSheet, handOver };
}

/** What is stopped, as the notice and the page say it. */
export const stopFacts = (
  scopes: Readonly<Record<string, StopScope>>,
  stop: Stop,
): { label: string; value: string }[] => [
  { label: '停止する利用・提供', value: scopes[stop.scope]?.label ?? stop.scope },
  { label: '停止する事務', value: stop.tasks.length === 0 ? 'すべての事務' : stop.tasks.join('、') },
];

/**
 * 教示.
 * @law 行政不服審査法 第82条第1項, 第18条; 行政事件訴訟法 第46条第1項, 第14条
 */
const appeal = (authority: string): readonly string[] => [
  `この決定に不服があるときは、この決定があったことを知った日の翌日から起算して3か月以内に、${authority}に対して審査請求をすることができます。ただし、決定の日の翌日から起算して1年を経過したときは、審査請求をすることができません。`,
  `この決定については、この決定があったことを知った日の翌日から起算して6か月以内に、この地方公共団体を被告として（代表する者は${authority}）、処分の取消しの訴えを提起することができます。ただし、決定の日の翌日から起算して1年を経過したときは、提起することができません。審査請求をしたときは、その裁決があったことを知った日の翌日から起算して6か月以内に提起することができます。`,
];
