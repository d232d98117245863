import type { InquiryAnswerItems, InquiryKey } from '@musubi/contracts/juki/inquiry.ts';
import {
  decideProvision,
  groundOf,
  type Permitted,
  type ProvidedItem,
  providedItemWords,
  type Task,
  type TaskRefusal,
} from '@musubi/contracts/juki/tasks.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { type NotIdentified, recheckAnswer } from '../domain/recheck-answer.ts';
import { insertNationalInquiry, insertProvision, type ProvisionEntry } from '../store/provisions.ts';
import type { Subject } from '../store/subjects.ts';
import { taskForInquiry } from '../store/tasks.ts';
import { findSubjects, type ParsedKey, parseKey } from './find-subject.ts';
import { taskOf } from './task-of.ts';
import { mayUseNumbers, type UseRefusal } from './use-ledger.ts';
import { isStoppedFor } from './use-stop.ts';

export interface Inquiry {
  /** The asker's own number of this inquiry; a repeat is refused. */
  readonly inquiryId: string;
  readonly taskCode: string;
  /** 受付番号 or document number that the inquiry belongs to. */
  readonly document: string;
  /** Named by an asking system; at a terminal the signed-in operator counts. */
  readonly operator: string;
  readonly key: InquiryKey | { readonly kind: 'selected'; readonly personId: string };
  /** Null: all that the task may have. */
  readonly items: readonly ProvidedItem[] | null;
  /** 使用簿 within which a terminal asks for a number. */
  readonly useEntryId: string | null;
}

export type InquiryRefusal =
  | TaskRefusal
  | UseRefusal
  | 'former-ordinance-route'
  | 'purpose-missing'
  | 'wrong-key'
  | 'too-few-items'
  | 'national-unavailable';

export type Answered =
  | {
      readonly kind: 'given';
      readonly provisionId: string;
      readonly source: 'prefecture' | 'national';
      readonly items: InquiryAnswerItems;
      readonly withheld: readonly ProvidedItem[];
    }
  | { readonly kind: 'not-identified'; readonly provisionId: string; readonly source: 'prefecture' | 'national' }
  | { readonly kind: 'refused'; readonly refusal: InquiryRefusal };
/** Nobody here whom it could mean: the national server is to be asked, and the answer brought to an end. */
export interface Forwarded {
  readonly kind: 'forwarded';
  readonly nationalId: string;
  readonly task: Task;
  readonly permitted: Permitted;
}

/** Who asks, as the record of provision names it. The answer goes to this one and nobody else. */
export interface Asker {
  readonly asker: string;
  readonly operatorId: string;
  readonly terminalId: string | null;
  readonly method: 'network' | 'terminal';
}

export function askerOf(actor: Actor, operator: string): Asker {
  if (actor.kind === 'system')
    return {
      asker: `${actor.organisation}/${actor.system}`,
      operatorId: operator,
      terminalId: null,
      method: 'network',
    };
  if (actor.kind === 'staff') {
    const { organisation, staffId, terminalId = null } = actor;
    return { asker: `${organisation}/${staffId}`, operatorId: staffId, terminalId, method: 'terminal' };
  }
  throw new Error('an inquiry is made by a system or at a terminal');
}

/**
 * 照会への提供・移転 (JPS-F2): for a registered, permitted task in force, of the recipient who asks, exactly the permitted items of
 * the one person who is meant. Refused or given, its record of provision stands in the same transaction.
 *
 * @law 住民基本台帳法 第30条の15, 番号利用法 第9条
 */
export const answerInquiry = act('prefectural-juki.answer-inquiry', {
  right: ['prefectural-juki', 'inquiry', 'read'],
  // Systems ask by the thousand. At a terminal the use ledger is locked, and a case must wait for the one before.
  shares: (actor) => actor.kind === 'system',
  async run(tx, deps: Deps, inquiry: Inquiry, actor): Promise<Result<Answered | Forwarded, 'inquiry-repeated'>> {
    const by = askerOf(actor, inquiry.operator);
    const at: Case = { tx, deps, inquiry, by, provisionId: deps.newId() };
    const key = parseKey(inquiry.key);
    const [row, found] = await Promise.all([
      taskForInquiry(tx, {
        code: inquiry.taskCode,
        staffId: by.method === 'terminal' ? by.operatorId : null,
        onDate: deps.civilClock.today().toString(),
      }),
      // Travels with the question for the task; a number waits until it is known to be allowed.
      key.ok && key.value.kind !== 'number' ? findSubjects(tx, deps, key.value) : undefined,
    ]);
    const task = row && taskOf(row);
    const allowed = await mayAsk(at, actor, task, row?.isHeld === true);
    if (!allowed.ok) return refuse(at, task, allowed.error);
    if (!key.ok) return refuse(at, task, key.error);
    const subjects = found ?? (await findSubjects(tx, deps, key.value));
    const who = recheckAnswer(subjects, key.value.stated, { includesRemoved: task?.includesRemoved ?? false });
    const isElsewhere = !who.ok && (who.error === 'nobody' || who.error === 'removed') && key.value.kind !== 'selected';
    if (isElsewhere && task?.includesOtherPrefectures) return forward(at, task, allowed.value);
    if (!who.ok) return notIdentified(at, task, subjects, who.error);
    // Never forwarded either: what is stopped here is not fetched elsewhere.
    if (task !== undefined && isStoppedFor(who.value, task)) return notIdentified(at, task, [who.value], 'stopped');
    return give(at, task, allowed.value, key.value, who.value, subjects.length);
  },
});

interface Case {
  readonly tx: Tx;
  readonly deps: Deps;
  readonly inquiry: Inquiry;
  readonly by: Asker;
  readonly provisionId: string;
}

/** Purpose, task, recipient, items and use ledger, before anybody is named. */
async function mayAsk(
  at: Case,
  actor: Actor,
  task: Task | undefined,
  isHeld: boolean,
): Promise<Result<Permitted, InquiryRefusal>> {
  const { tx, deps, inquiry, by } = at;
  if (enforced('access.purpose-stated') && (inquiry.document.trim() === '' || inquiry.taskCode === ''))
    return err('purpose-missing');
  if (actor.kind === 'system') {
    if (isMunicipal(deps, actor.organisation)) return err('former-ordinance-route');
    // By certificate: a task is answered to its own recipient's system, whatever a message says.
    if (enforced('exchange.answer-to-asker-only') && task?.recipient.peer !== by.asker) return err('no-active-task');
  } else if (enforced('access.purpose-stated') && !isHeld) return err('no-active-task');
  const asked = { key: inquiry.key.kind, items: inquiry.items };
  const decided = enforced('juki.legal-basis')
    ? decideProvision(task, asked, deps.civilClock.today().toString())
    : ok({ given: inquiry.items ?? providedItemWords, withheld: [] });
  if (!decided.ok) return decided;
  const opensNumbers = inquiry.key.kind === 'number' || decided.value.given.includes('individualNumber');
  if (by.method === 'terminal' && opensNumbers) {
    const use = await mayUseNumbers(tx, deps, { ...inquiry, staffId: by.operatorId, taskId: task?.taskId ?? '' });
    if (!use.ok) return use;
  }
  return decided;
}

/** The former route to municipalities' agencies (requirement 003 §3.4). */
function isMunicipal(deps: Deps, organisation: string): boolean {
  const own = `${organisation}/`;
  return Object.values(deps.municipalities).some((peer) => peer.startsWith(own));
}

const entryOf = (
  { inquiry, by, provisionId }: Case,
  task: Task | undefined,
  more: Pick<ProvisionEntry, 'personId' | 'hitCount' | 'items' | 'withheld' | 'refusal' | 'keyDigest'>,
): ProvisionEntry => ({
  provisionId,
  taskId: task?.taskId ?? null,
  inquiryId: inquiry.inquiryId,
  useEntryId: inquiry.useEntryId,
  ...by,
  recipient: task?.recipient.name ?? by.asker,
  ground: task === undefined ? '' : groundOf(task),
  document: inquiry.document,
  keyKind: inquiry.key.kind,
  source: 'prefecture',
  ...more,
});

/** Binds the record to what was asked with, without keeping it. A number is not digested: twelve digits are soon tried out. */
export const keyDigestOf = (provisionId: string, key: Inquiry['key']): Buffer | null =>
  key.kind === 'number' || key.kind === 'selected' ? null : fingerprint({ provisionId, key });

async function write({ tx, deps }: Case, entry: ProvisionEntry): Promise<Result<undefined, 'inquiry-repeated'>> {
  if (!enforced('transfer.record')) return ok(undefined);
  return (await insertProvision(tx, { entry, at: deps.machineClock.now() })) ? ok(undefined) : err('inquiry-repeated');
}

const eventOf = (entry: ProvisionEntry, inquiry: Inquiry) => ({
  event: entry.refusal === null ? 'inquiry.answered' : 'inquiry.refused',
  ...(entry.personId === null ? {} : { subject: entry.personId }),
  facts: ['prefectural_juki.provision_record'],
  ground: entry.ground,
  items: entry.items,
  recipient: entry.asker,
  detail: {
    inquiryId: inquiry.inquiryId,
    task: entry.taskId === null ? '' : inquiry.taskCode,
    key: entry.keyKind,
    hits: entry.hitCount ?? 0,
    ...(entry.refusal === null ? {} : { refusal: entry.refusal }),
  },
});

async function refuse(
  at: Case,
  task: Task | undefined,
  refusal: InquiryRefusal,
): Promise<Result<Answered, 'inquiry-repeated'>> {
  const none = { personId: null, hitCount: null, items: [], keyDigest: keyDigestOf(at.provisionId, at.inquiry.key) };
  // Not counted in a ledger entry that may be somebody else's.
  const entry = { ...entryOf(at, task, { ...none, withheld: at.inquiry.items ?? [], refusal }), useEntryId: null };
  const written = await write(at, entry);
  if (!written.ok) return written;
  at.tx.record(eventOf(entry, at.inquiry));
  return ok({ kind: 'refused', refusal });
}

async function notIdentified(
  at: Case,
  task: Task | undefined,
  subjects: readonly Subject[],
  why: NotIdentified | 'stopped',
): Promise<Result<Answered, 'inquiry-repeated'>> {
  // Tied to a person only where the key was theirs alone; of several namesakes none was meant.
  const [only] = subjects;
  const personId = subjects.length === 1 && only !== undefined ? only.personId : null;
  const keyDigest = keyDigestOf(at.provisionId, at.inquiry.key);
  const refusal = `not-identified:${why}`;
  const entry = entryOf(at, task, { personId, hitCount: subjects.length, items: [], withheld: [], refusal, keyDigest });
  const written = await write(at, entry);
  if (!written.ok) return written;
  at.tx.record(eventOf(entry, at.inquiry));
  return ok({ kind: 'not-identified', provisionId: at.provisionId, source: 'prefecture' });
}

async function give(
  at: Case,
  task: Task | undefined,
  { given, withheld }: Permitted,
  key: ParsedKey,
  subject: Subject,
  hitCount: number,
): Promise<Result<Answered, 'inquiry-repeated'>> {
  const { tx, inquiry, provisionId } = at;
  const keyDigest = keyDigestOf(provisionId, inquiry.key);
  const entry = entryOf(at, task, {
    personId: subject.personId,
    hitCount,
    items: given,
    withheld,
    refusal: null,
    keyDigest,
  });
  const [written, number] = await Promise.all([write(at, entry), numberOf(at, given, key, subject)]);
  if (!written.ok) return written;
  tx.record(eventOf(entry, inquiry));
  return ok({ kind: 'given', provisionId, source: 'prefecture', items: itemsOf(subject, given, number), withheld });
}

async function numberOf(
  { tx, deps }: Case,
  given: readonly ProvidedItem[],
  key: ParsedKey,
  subject: Subject,
): Promise<string | undefined> {
  if (!given.includes('individualNumber')) return undefined;
  // Whoever asked by the number holds it already: nothing is opened for that.
  if (key.kind === 'number') return key.number.digits();
  return (await deps.vault.reveal(tx, numberRef(subject.numberRef), 'prefectural-juki/provision')).digits();
}

/** Exactly the items that are given, and no other. */
export function itemsOf(
  subject: Subject,
  given: readonly ProvidedItem[],
  number: string | undefined,
): InquiryAnswerItems {
  const all = { ...subject, individualNumber: number };
  return Object.fromEntries(given.map((item) => [item, all[item]])) as InquiryAnswerItems;
}

async function forward(
  { tx, deps, inquiry, by }: Case,
  task: Task,
  permitted: Permitted,
): Promise<Result<Forwarded, 'inquiry-repeated'>> {
  const nationalId = deps.newId();
  const row = {
    inquiryId: inquiry.inquiryId,
    asker: by.asker,
    nationalId,
    peer: deps.nationalJuki,
    taskId: task.taskId,
  };
  const isNew = await insertNationalInquiry(tx, { ...row, keyKind: inquiry.key.kind }, deps.machineClock.now());
  if (!isNew) return err('inquiry-repeated');
  tx.record({
    event: 'inquiry.forwarded',
    facts: ['prefectural_juki.national_inquiry'],
    ground: groundOf(task),
    items: permitted.given,
    recipient: deps.nationalJuki,
    detail: { inquiryId: inquiry.inquiryId, nationalId, asker: by.asker, task: task.code, key: inquiry.key.kind },
  });
  return ok({ kind: 'forwarded', nationalId, task, permitted });
}
