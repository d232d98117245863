import { receivedApplications } from '@musubi/contracts/platform/applications.ts';
import { checkApplicationSignature, type SignedBy } from '@musubi/contracts/portal/application-signature.ts';
import {
  type ApplicationContent,
  applicationContent,
  applicationEnvelope,
  type listApplications,
  type SignedApplication,
  signedApplication,
} from '@musubi/contracts/portal/applications.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import {
  acknowledgeAtPortal,
  applicationAtPortal,
  cardAuthority,
  cardStatus,
  waitingAtPortal,
} from '../clients/portal.ts';
import type { Deps } from '../deps.ts';
import { differences } from '../domain/particulars.ts';
import {
  type ApplicationLine,
  applications,
  countApplications,
  insertAcknowledged,
  insertApplication,
} from '../store/applications.ts';
import { candidatesByName, findPerson } from '../store/persons.ts';

export type { ApplicationLine };

type Waiting = ResponseOf<typeof listApplications>['applications'][number];

/** What a fetched application turned out to be. */
type Judged =
  | {
      readonly kind: 'stands';
      readonly content: ApplicationContent;
      readonly by: SignedBy;
      readonly signed: SignedApplication;
    }
  | { readonly kind: 'quarantine'; readonly why: string; readonly signed: SignedApplication };

/**
 * Takes one application: whatever its signature is worth, it lies with us from here; only one that stands goes on. Runs under
 * the platform's own identity: no person's role fetches, makes or pulls one.
 */
const receiveApplication = act('common-platform.receive-application', {
  right: ['common-platform', 'application-intake', 'update'],
  async run(
    tx,
    deps: Deps,
    { waiting, judged }: { waiting: Waiting; judged: Judged },
    actor,
  ): Promise<Result<'accepted' | 'quarantined' | 'repeated', 'not-a-machine'>> {
    if (enforced('input.machine-only') && actor.kind !== 'job') return err('not-a-machine');
    const { receiptNumber, procedure, formVersion } = waiting;
    const [before] = await applications(tx, { receiptNumber, offset: 0, limit: 1 });
    if (before) {
      tx.record({ event: 'application.repeated', detail: { receipt: receiptNumber } });
      return ok('repeated');
    }
    const { signed } = judged;
    const { ref } = await deps.sealed.seal(tx, Buffer.from(JSON.stringify(signed), 'utf8'), {
      kind: 'application',
      retentionClass: 'applications-7y',
    });
    const stands = judged.kind === 'stands' ? judged : undefined;
    const personId = stands && (await onlyPerson(tx, stands.content));
    const receiver = stands && deps.settings.procedures.find((p) => p.procedure === procedure)?.receiver;
    const messageId =
      stands && receiver !== undefined
        ? await deps.outbox.enqueue(tx, {
            receiver,
            family: receivedApplications,
            subject: receiptNumber,
            message: {
              receiptNumber,
              procedure,
              formVersion,
              content: signed.content,
              certificateSerial: stands.by.serial,
              orgPersonNumber: personId === undefined ? null : (await findPerson(tx, personId))!.orgPersonNumber,
              acceptedAt: waiting.acceptedAt,
            },
          })
        : null;
    await insertApplication(tx, {
      receiptNumber,
      procedure,
      formVersion,
      sealedRef: ref,
      sha256: sha256(signed.content),
      why: judged.kind === 'quarantine' ? judged.why : null,
      serial: stands?.by.serial ?? null,
      personId: personId ?? null,
      receiver: receiver ?? null,
      messageId: messageId ?? null,
      portalAcceptedAt: waiting.acceptedAt,
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    tx.record({
      event: stands ? 'application.accepted' : 'application.quarantined',
      ...(personId === undefined ? {} : { subject: personId }),
      facts: ['common_platform.application'],
      ...(receiver === undefined ? {} : { recipient: receiver }),
      detail: { receipt: receiptNumber, procedure, ...(judged.kind === 'quarantine' ? { why: judged.why } : {}) },
    });
    return ok(stands ? 'accepted' : 'quarantined');
  },
});

/** The one person of the organisation with all the card's particulars; of several or none, nobody. */
async function onlyPerson(tx: Tx, { applicant }: ApplicationContent): Promise<string | undefined> {
  const found = await candidatesByName(tx, kanjiSearchKey(applicant.name), applicant.birthDate);
  const same = found.filter(
    ({ particulars }) =>
      differences(particulars, { ...applicant, nameKana: particulars.nameKana, birthOn: applicant.birthDate })
        .length === 0,
  );
  return same.length === 1 ? same[0]!.personId : undefined;
}

const noteAcknowledged = act('common-platform.note-application-acknowledged', {
  right: ['common-platform', 'application-intake', 'update'],
  async run(tx, deps: Deps, { receiptNumber }: { receiptNumber: string }): Promise<Result<null, never>> {
    await insertAcknowledged(tx, receiptNumber, deps.machineClock.now());
    tx.record({
      event: 'application.portal-erased',
      facts: ['common_platform.application_acknowledged'],
      detail: { receipt: receiptNumber },
    });
    return ok(null);
  },
});

/**
 * One round: what waits at the portal is fetched, checked, taken and acknowledged, whereupon the portal erases it. A round that
 * breaks off is gone on with: what was taken is only acknowledged.
 * @source requirements 002 CIP-F1, MNP-F2, MNP-F3; formats: 公的個人認証 §6 J01, J02, J05, J06, J08
 * @returns how many were taken; undefined while the portal cannot be reached
 */
export async function receiveApplications(
  deps: Deps,
  actor: Actor,
): Promise<Result<number | undefined, 'not-authorised' | 'not-a-machine'>> {
  const { portal } = deps.settings;
  if (portal === undefined) return ok(0);
  const listed = await waitingAtPortal(deps.peers, portal);
  if (listed === undefined) return ok(undefined);
  let taken = 0;
  for (const waiting of listed) {
    const envelope = await applicationAtPortal(deps.peers, portal, waiting.receiptNumber);
    if (envelope === undefined) continue;
    const judged = await judge(deps, waiting, envelope);
    // Revocation unknown: it stays at the portal and is looked at again in the next round.
    if (judged === undefined) continue;
    const received = await receiveApplication(deps, actor, { waiting, judged });
    if (!received.ok) return received;
    if (received.value !== 'repeated') taken++;
    const status = judged.kind === 'stands' ? '20' : '50';
    if (!(await acknowledgeAtPortal(deps.peers, portal, waiting.receiptNumber, status))) continue;
    const noted = await noteAcknowledged(deps, actor, { receiptNumber: waiting.receiptNumber });
    if (!noted.ok) return noted;
  }
  return ok(taken);
}

async function judge(deps: Deps, waiting: Waiting, envelope: string): Promise<Judged | undefined> {
  const unread: SignedApplication = { content: '', certificate: '', signature: '' };
  const opened = openJwe(envelope, {
    privateKey: deps.identity.encryption.key,
    typ: applicationEnvelope,
    members: ['rcp'],
    maxLength: 200_000,
  });
  if (!opened.ok || opened.value.members.rcp !== waiting.receiptNumber)
    return { kind: 'quarantine', why: 'envelope-unreadable', signed: unread };
  const signed = readSignedApplication(opened.value.plaintext);
  if (signed === undefined) return { kind: 'quarantine', why: 'envelope-unreadable', signed: unread };
  const quarantine = (why: string): Judged => ({ kind: 'quarantine', why, signed });
  if (sha256(signed.content).toString('hex') !== waiting.sha256) return quarantine('content-differs');
  const content = readContent(signed.content);
  if (
    content?.receiptNumber !== waiting.receiptNumber ||
    content.procedure !== waiting.procedure ||
    content.formVersion !== waiting.formVersion ||
    content.organisation !== deps.identity.organisation
  )
    return quarantine('content-differs');
  const taken = isFormTaken(deps, content);
  if (enforced('input.form-version') && !taken) return quarantine('unknown-form');
  const authority = await cardAuthority(deps.peers, deps.settings.jpki);
  if (authority === undefined) return undefined;
  const at = Temporal.Instant.from(waiting.acceptedAt);
  const by = checkApplicationSignature(signed, signed.content, authority, at, deps.town ? 'training' : 'production');
  if (!by.ok) {
    if (enforced('input.application-signature')) return quarantine(by.error);
    return { kind: 'stands', content, signed, by: { fingerprint: '', serial: '', particulars: content.applicant } };
  }
  const status = await cardStatus(deps.peers, deps.settings.jpki, by.value.serial);
  if (status === undefined) return undefined;
  if (status !== 'good') return quarantine('certificate-revoked');
  if (canonicalJson(by.value.particulars) !== canonicalJson(content.applicant))
    return quarantine('signer-is-not-applicant');
  return { kind: 'stands', content, by: by.value, signed };
}

/** Whether the procedure is taken on line, on this version of its form, today. A form that was replaced is not entered by mistake. */
function isFormTaken({ settings, civilClock }: Deps, content: ApplicationContent): boolean {
  const today = civilClock.today().toString();
  const forms = settings.procedures.find((p) => p.procedure === content.procedure)?.forms ?? [];
  return forms.some(
    (f) =>
      f.version === content.formVersion && f.validFrom <= today && (f.validUntil === null || today <= f.validUntil),
  );
}

function readSignedApplication(bytes: Uint8Array): SignedApplication | undefined {
  try {
    const read = signedApplication.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

function readContent(text: string): ApplicationContent | undefined {
  try {
    const read = applicationContent.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** Receipt numbers, states and days; what was applied for is read by the business. */
export const readApplications = act('common-platform.list-applications', {
  right: ['common-platform', 'application', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { state?: 'accepted' | 'quarantined'; offset: number; limit: number },
  ): Promise<Result<{ rows: readonly ApplicationLine[]; total: number }, never>> {
    const rows = await applications(tx, query);
    tx.record({
      event: 'applications.listed',
      subjects: [...new Set(rows.flatMap((r) => (r.personId === null ? [] : [r.personId])))],
      detail: { count: rows.length },
    });
    return ok({ rows, total: await countApplications(tx, query.state) });
  },
});
