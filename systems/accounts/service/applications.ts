import { applicationOutcomes, type ReceivedApplication } from '@musubi/contracts/platform/applications.ts';
import { readAccountApplication } from '@musubi/contracts/portal/account-form.ts';
import { applicationContent } from '@musubi/contracts/portal/applications.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import {
  type Application,
  applications,
  insertApplication,
  insertDecision,
  lockApplication,
} from '../store/applications.ts';
import { type RegisterMandate, type RegisterRefusal, registerMandate } from './mandates.ts';

export type { Application } from '../store/applications.ts';

/**
 * 口座の登録の電子申請 (W19): kept as it was applied for, also where the form cannot be read, so that nobody's application is lost. It registers
 * nothing: a clerk holds the holder's reading against the person's.
 */
export const takeApplication = act('accounts.take-application', {
  right: ['accounts', 'application', 'update'],
  async run(
    tx,
    _deps: Deps,
    { message }: Received<ReceivedApplication>,
  ): Promise<Result<{ repeated: boolean }, 'unreadable-content'>> {
    const content = applicationContent.safeParse(parsed(message.content));
    if (!content.success || content.data.receiptNumber !== message.receiptNumber) return err('unreadable-content');
    const read = readAccountApplication(content.data);
    const fault = read.ok ? null : 'field' in read.error ? `${read.error.word}:${read.error.field}` : read.error.word;
    const none = { purpose: null, bank: null, branch: null, accountKind: null, accountNumber: null, holderKana: null };
    const taken = await insertApplication(tx, {
      receiptNumber: message.receiptNumber,
      personNumber: message.orgPersonNumber,
      applicant: content.data.applicant.name,
      acceptedAt: message.acceptedAt,
      ...(read.ok ? read.value : none),
      fault,
    });
    tx.record({
      event: taken ? 'application.taken' : 'application.repeated',
      ...(message.orgPersonNumber === null ? {} : { subject: message.orgPersonNumber }),
      facts: taken ? ['accounts.application'] : [],
      detail: { receipt: message.receiptNumber },
    });
    return ok({ repeated: !taken });
  },
});
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const readApplications = act('accounts.read-applications', {
  right: ['accounts', 'application', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly receiptNumber?: string },
  ): Promise<Result<readonly Application[], never>> {
    const found = await applications(tx, query);
    tx.record({
      event: 'application.listed',
      subjects: found.flatMap((a) => (a.personNumber === null ? [] : [a.personNumber])),
      detail: { applications: found.length },
    });
    return ok(found);
  },
});

const decide = act('accounts.decide-application', {
  right: ['accounts', 'application', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly receiptNumber: string; readonly mandateId: string | null; readonly reason: string | null },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-application' | 'reason-missing' | 'already-decided'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.mandateId === null && (command.reason ?? '').trim() === '') return err('reason-missing');
    await lockApplication(tx, command.receiptNumber);
    const [application] = await applications(tx, { receiptNumber: command.receiptNumber });
    if (application === undefined) return err('no-such-application');
    const on = deps.civilClock.today().toString();
    const reason = command.reason === null ? null : command.reason.trim().slice(0, 500);
    if (!(await insertDecision(tx, { ...command, reason, by: actor.staffId, on }))) return err('already-decided');
    // In the same transaction: whoever applied sees at the portal how it ended, once.
    await deps.outbox.enqueue(tx, {
      receiver: deps.platform,
      family: applicationOutcomes,
      subject: command.receiptNumber,
      message: {
        receiptNumber: command.receiptNumber,
        outcome: command.mandateId === null ? 'declined' : 'completed',
      },
    });
    tx.record({
      event: command.mandateId === null ? 'application.declined' : 'application.registered',
      recipient: deps.platform,
      ...(application.personNumber === null ? {} : { subject: application.personNumber }),
      facts: ['accounts.application_decision'],
      detail: { receipt: command.receiptNumber },
    });
    return ok(null);
  },
});

type DecideRefusal = 'not-staff' | 'not-authorised' | 'no-such-application' | 'already-decided' | 'reason-missing';

/** 却下, with the reason. */
export const declineApplication = (
  deps: Deps,
  actor: Actor,
  command: { readonly receiptNumber: string; readonly reason: string },
): Promise<Result<null, DecideRefusal>> => decide(deps, actor, { ...command, mandateId: null });

/**
 * 登録: under the checks of any account. The person is the platform's where it was sure of one, else whom the clerk found. The application is
 * the key of the registration: a repeat after a crash registers nothing twice.
 */
export async function registerApplication(
  deps: Deps,
  actor: Actor,
  command: { readonly receiptNumber: string; readonly personNumber: string; readonly personKana: string },
): Promise<
  Result<{ mandateId: string }, DecideRefusal | RegisterRefusal | 'unreadable-form' | 'other-person' | 'person-missing'>
> {
  const found = await readApplications(deps, actor, { receiptNumber: command.receiptNumber });
  if (!found.ok) return found;
  const [application] = found.value;
  if (application === undefined) return err('no-such-application');
  if (application.outcome !== null) return err('already-decided');
  const { receiptNumber, purpose, bank, branch, accountKind, accountNumber, holderKana } = application;
  if (purpose === null) return err('unreadable-form');
  const personNumber = application.personNumber ?? command.personNumber.trim();
  if (!/^[0-9]{15}$/.test(personNumber)) return err('person-missing');
  if (command.personNumber.trim() !== '' && command.personNumber.trim() !== personNumber) return err('other-person');
  const registered = await registerMandate(deps, actor, {
    requestId: receiptNumber,
    personNumber,
    purpose,
    bank: bank!,
    branch: branch!,
    accountKind: accountKind as RegisterMandate['accountKind'],
    accountNumber: accountNumber!,
    holderKana: holderKana!,
    personKana: command.personKana,
    holderConfirmed: false,
    source: 'portal',
    fromOn: deps.civilClock.today().toString(),
  });
  if (!registered.ok) return registered;
  const decided = await decide(deps, actor, { receiptNumber, mandateId: registered.value.mandateId, reason: null });
  return decided.ok ? registered : decided;
}
