import { X509Certificate } from 'node:crypto';
import { checkApplicationSignature, type SignatureRefusal } from '@musubi/contracts/portal/application-signature.ts';
import {
  type ApplicationContent,
  applicationContent,
  applicationEnvelope,
  type endApplication,
  type fetchApplication,
  type listApplications,
  type listErasedApplications,
  type SignedApplication,
  type takeOverApplication,
} from '@musubi/contracts/portal/applications.ts';
import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { signatureAuthority, statusOf } from '../clients/jpki.ts';
import type { Deps, Procedure } from '../deps.ts';
import {
  type ApplicationLine,
  applications,
  eraseEnvelopes,
  findEnvelope,
  incidentsOf,
  insertAlerts,
  insertApplication,
  insertIncidents,
  insertStatus,
  isFor,
  lockStatuses,
  type Overdue,
  overdueApplications,
  waitingApplications,
} from '../store/applications.ts';
import type { Resident } from './session.ts';

export type { ApplicationLine };

/** Open days within which a body takes an application over; at the end of the fifth it is erased. @source 002 L634 */
export const keptOpenDays = 5;

export type SubmitRefusal =
  | SignatureRefusal
  | 'unreadable'
  | 'unknown-procedure'
  | 'field-missing'
  | 'particulars-differ'
  | 'certificate-revoked'
  | 'status-unavailable'
  | 'receipt-number-used'
  | 'not-yours'
  | 'not-authorised';

/** What a form asks the card to sign. The receipt number is ours, so that a signature serves one application. */
export const draftText = (content: ApplicationContent): string => canonicalJson(content);

type Checked =
  | { readonly state: 'signed'; readonly content: ApplicationContent; readonly procedure: Procedure }
  | {
      readonly state: 'refused';
      readonly word: Exclude<SubmitRefusal, 'not-authorised' | 'not-yours' | 'receipt-number-used'>;
    };

const acceptApplication = act('mynaportal.accept-application', {
  right: ['mynaportal', 'own-application', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { accountId: string; signed: SignedApplication; checked: Checked; certificate: readonly Buffer[] },
    actor,
  ): Promise<Result<{ receiptNumber: string }, Exclude<SubmitRefusal, 'not-authorised'>>> {
    if (actor.kind !== 'resident' || actor.subject !== command.accountId) return err('not-yours');
    const { checked, signed } = command;
    if (checked.state === 'refused') return err(checked.word);
    const { content, procedure } = checked;
    const on = deps.civilClock.today();
    const envelope = sealJwe({
      recipient: new X509Certificate(command.certificate[0]!).publicKey,
      typ: applicationEnvelope,
      plaintext: Buffer.from(JSON.stringify(signed), 'utf8'),
      members: { rcp: content.receiptNumber },
    });
    const made = await insertApplication(tx, {
      receiptNumber: content.receiptNumber,
      accountId: command.accountId,
      organisation: content.organisation,
      platform: procedure.platform,
      procedure: content.procedure,
      formVersion: content.formVersion,
      sha256: sha256(signed.content),
      envelope,
      on,
      at: deps.machineClock.now(),
      eraseAfter: addOpenDays(on, keptOpenDays),
    });
    if (!made) return err('receipt-number-used');
    tx.record({
      event: 'application.accepted',
      subject: command.accountId,
      recipient: procedure.platform,
      facts: ['mynaportal.application'],
      detail: { receipt: content.receiptNumber, procedure: content.procedure },
    });
    return ok({ receiptNumber: content.receiptNumber });
  },
});

/**
 * 電子申請の受付: signature, chain, revocation; the applicant's particulars must be those of the card, and only what the form
 * asks for comes in. What is stored is sealed to the body's platform.
 * @law 公的個人認証法 第17条 (署名検証者); @source 004 MNP-F2, MNP-F3; 002 MNP-F1, MNP-F4
 */
export async function submitApplication(
  deps: Deps,
  resident: Resident,
  signed: SignedApplication,
): Promise<Result<{ receiptNumber: string }, SubmitRefusal>> {
  const checked = await check(deps, signed);
  const procedure = checked.state === 'signed' ? checked.procedure : undefined;
  const [organisation = '', system = ''] = procedure?.platform.split('/') ?? [];
  const certificate = procedure ? await deps.host.certificateOf({ organisation, system }, 'encryption') : [];
  return acceptApplication(deps, resident, { accountId: resident.subject, signed, checked, certificate });
}

async function check(deps: Deps, signed: SignedApplication): Promise<Checked> {
  const refused = (word: Extract<Checked, { state: 'refused' }>['word']): Checked => ({ state: 'refused', word });
  const content = readContent(signed.content);
  if (content === undefined) return refused('unreadable');
  const procedure = deps.procedures.find(
    (p) =>
      p.organisation === content.organisation &&
      p.procedure === content.procedure &&
      p.formVersion === content.formVersion,
  );
  if (!procedure) return refused('unknown-procedure');
  const names = procedure.fields.map((f) => f.name);
  const fits =
    Object.keys(content.fields).every((name) => names.includes(name)) &&
    procedure.fields.every((f) => !f.required || (content.fields[f.name] ?? '') !== '');
  if (!fits) return refused('field-missing');
  const { peers } = deps.host;
  const authority = await signatureAuthority(peers, deps.jpki);
  if (authority === undefined) return refused('status-unavailable');
  const by = checkApplicationSignature(
    signed,
    signed.content,
    authority,
    deps.machineClock.now(),
    deps.town ? 'training' : 'production',
  );
  if (!by.ok) return refused(by.error);
  const same = canonicalJson(by.value.particulars) === canonicalJson(content.applicant);
  if (enforced('input.card-read-number') && !same) return refused('particulars-differ');
  const status = await statusOf(peers, deps.jpki, by.value.serial, 'signature');
  if (status === 'unavailable') return refused('status-unavailable');
  return status === 'good' ? { state: 'signed', content, procedure } : refused('certificate-revoked');
}

/** Only the canonical text of a content is one: what is signed has one form. */
function readContent(text: string): ApplicationContent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = applicationContent.safeParse(value);
  return read.success && canonicalJson(read.data) === text ? read.data : undefined;
}

/** The card holder's own applications; another account's are none. */
export const ownApplications = act('mynaportal.own-applications', {
  right: ['mynaportal', 'own-application', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { accountId: string },
    actor,
  ): Promise<Result<readonly ApplicationLine[], 'not-yours'>> {
    if (actor.kind !== 'resident' || actor.subject !== query.accountId) return err('not-yours');
    const rows = await applications(tx, { accountId: query.accountId, limit: 100 });
    tx.record({ event: 'applications.shown', subject: query.accountId, detail: { count: rows.length } });
    return ok(rows);
  },
});

/* ---- the bodies' platforms: a machine's certificate, never a person's sign-in (002 III.3) ---- */

const platformOf = (actor: Actor): string => (actor.kind === 'system' ? `${actor.organisation}/${actor.system}` : '');

export const listWaiting = look('mynaportal.list-applications', {
  right: ['mynaportal', 'application', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: RequestOf<typeof listApplications>,
    actor,
  ): Promise<ResponseOf<typeof listApplications>> {
    const rows = await applications(tx, { waitingFor: platformOf(actor), limit: query.limit });
    return {
      applications: rows.map(({ receiptNumber, procedure, formVersion, acceptedAt, sha256: digest }) => ({
        receiptNumber,
        procedure,
        formVersion,
        acceptedAt,
        sha256: digest,
      })),
    };
  },
});

/** What a body did not fetch in time: receipt number, procedure and days. */
export const listErased = look('mynaportal.list-erased-applications', {
  right: ['mynaportal', 'application', 'read'],
  run: async (
    tx,
    _deps: Deps,
    { after, limit }: RequestOf<typeof listErasedApplications>,
    actor,
  ): Promise<ResponseOf<typeof listErasedApplications>> => ({
    applications: await incidentsOf(tx, { platform: platformOf(actor), after, limit }),
  }),
});

export const giveApplication = act('mynaportal.give-application', {
  right: ['mynaportal', 'application', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: RequestOf<typeof fetchApplication>,
    actor,
  ): Promise<Result<ResponseOf<typeof fetchApplication>, 'no-such-application'>> {
    const platform = platformOf(actor);
    const envelope = await findEnvelope(tx, query.receiptNumber, platform);
    if (envelope === undefined) return err('no-such-application');
    tx.record({ event: 'application.given', recipient: platform, detail: { receipt: query.receiptNumber } });
    return ok({ envelope });
  },
});

/** The body has it: what the portal holds is erased in the same act. A repeat finds it done. */
export const handOver = act('mynaportal.hand-over-application', {
  right: ['mynaportal', 'application', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RequestOf<typeof takeOverApplication>,
    actor,
  ): Promise<Result<{ erased: true }, 'no-such-application'>> {
    const { receiptNumber, status } = command;
    if (!(await isFor(tx, receiptNumber, platformOf(actor)))) return err('no-such-application');
    const erased = enforced('retention.portal-empty') ? await eraseEnvelopes(tx, [receiptNumber]) : 0;
    await insertStatus(tx, receiptNumber, status, deps.machineClock.now());
    tx.record({
      event: 'application.taken-over',
      recipient: platformOf(actor),
      facts: ['mynaportal.application_status'],
      detail: { receipt: receiptNumber, status, erased },
    });
    return ok({ erased: true });
  },
});

/** The body's own end of an application that it has: from then on it is what the applicant sees. */
export const noteEnd = act('mynaportal.end-application', {
  right: ['mynaportal', 'application', 'update'],
  async run(
    tx,
    deps: Deps,
    { receiptNumber, status }: RequestOf<typeof endApplication>,
    actor,
  ): Promise<Result<{ noted: true }, 'no-such-application' | 'not-taken-over' | 'ended-before'>> {
    if (!(await isFor(tx, receiptNumber, platformOf(actor)))) return err('no-such-application');
    const before = await lockStatuses(tx, receiptNumber);
    if (!before.includes('20')) return err('not-taken-over');
    const end = before.find((s) => s === '40' || s === '50');
    if (end !== undefined && end !== status) return err('ended-before');
    if (end === undefined) await insertStatus(tx, receiptNumber, status, deps.machineClock.now());
    tx.record({
      event: end === undefined ? 'application.ended' : 'application.end-repeated',
      recipient: platformOf(actor),
      ...(end === undefined ? { facts: ['mynaportal.application_status'] } : {}),
      detail: { receipt: receiptNumber, status },
    });
    return ok({ noted: true });
  },
});

const listOverdue = look('mynaportal.list-overdue-applications', {
  right: ['mynaportal', 'application-expiry', 'update'],
  run: (tx, deps: Deps, _query: object) => overdueApplications(tx, deps.civilClock.today()),
});

const expire = act('mynaportal.erase-applications', {
  right: ['mynaportal', 'application-expiry', 'update'],
  async run(tx, deps: Deps, { overdue }: { overdue: readonly Overdue[] }): Promise<Result<null, never>> {
    const receiptNumbers = overdue.map((o) => o.receiptNumber);
    const at = deps.machineClock.now();
    const erased = enforced('retention.portal-empty') ? await eraseEnvelopes(tx, receiptNumbers) : 0;
    for (const receiptNumber of receiptNumbers) await insertStatus(tx, receiptNumber, '90', at);
    await insertIncidents(tx, overdue, deps.civilClock.today(), at);
    tx.record({
      event: 'applications.expired',
      facts: ['mynaportal.application_incident', 'mynaportal.application_status'],
      detail: { applications: receiptNumbers.length, erased },
    });
    return ok(null);
  },
});

/**
 * 5開庁日目: what no body took over by the end of the fifth open day goes, and each is an incident with its receipt number.
 * @returns what went
 * @source 002 AC-11
 */
export async function expireApplications(
  deps: Deps,
  actor: Actor,
): Promise<Result<readonly Overdue[], 'not-authorised'>> {
  const overdue = await listOverdue(deps, actor, {});
  if (!overdue.ok) return overdue;
  if (overdue.value.length === 0) return ok([]);
  const expired = await expire(deps, actor, { overdue: overdue.value });
  return expired.ok ? overdue : expired;
}

/** Applications of one platform that nobody fetched, on their third or fourth open day. */
export interface Unfetched {
  readonly platform: string;
  readonly openDay: 3 | 4;
  readonly applications: number;
}

interface DueAlert {
  readonly receiptNumber: string;
  readonly platform: string;
  readonly openDay: 3 | 4;
}

const listDueAlerts = look('mynaportal.list-due-application-alerts', {
  right: ['mynaportal', 'application-expiry', 'update'],
  async run(tx, deps: Deps, _query: object): Promise<DueAlert[]> {
    const today = deps.civilClock.today();
    return (await waitingApplications(tx)).flatMap(({ receiptNumber, platform, acceptedOn, alerted }) => {
      const openDay = ([4, 3] as const).find(
        (n) => Temporal.PlainDate.compare(addOpenDays(Temporal.PlainDate.from(acceptedOn), n), today) <= 0,
      );
      return openDay === undefined || alerted.includes(openDay) ? [] : [{ receiptNumber, platform, openDay }];
    });
  },
});

const noteAlerts = act('mynaportal.note-application-alerts', {
  right: ['mynaportal', 'application-expiry', 'update'],
  async run(tx, deps: Deps, { due }: { due: readonly DueAlert[] }): Promise<Result<number, never>> {
    const noted = await insertAlerts(tx, due, deps.civilClock.today());
    tx.record({
      event: 'applications.not-fetched',
      facts: noted > 0 ? ['mynaportal.application_alert'] : [],
      detail: { applications: noted },
    });
    return ok(noted);
  },
});

/**
 * 引き取られない申請の警報: on the third and on the fourth open day, once each; after the fifth the content is erased and the status of
 * the application, with its receipt number, is what stays.
 *
 * @source 002 AC-11
 */
export async function findUnfetched(deps: Deps, actor: Actor): Promise<Result<readonly Unfetched[], 'not-authorised'>> {
  const due = await listDueAlerts(deps, actor, {});
  if (!due.ok) return due;
  if (due.value.length === 0) return ok([]);
  const noted = await noteAlerts(deps, actor, { due: due.value });
  if (!noted.ok) return noted;
  const told = new Map<string, Unfetched>();
  for (const { platform, openDay } of due.value) {
    const key = `${platform} ${openDay}`;
    told.set(key, { platform, openDay, applications: (told.get(key)?.applications ?? 0) + 1 });
  }
  return ok([...told.values()]);
}
