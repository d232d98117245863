import { createHash } from 'node:crypto';
import { certificateForm } from '@musubi/contracts/certificates/content.ts';
import { type CertificateIssued, certificateRecords } from '@musubi/contracts/certificates/records.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Peer } from '@musubi/kernel/streams/ports.ts';
import * as store from '../../store/certificates.ts';
import { guardedOf } from '../persons/guarded.ts';
import { type CertificateDeps, contentOf, issuerOf, statesFor } from './content.ts';
import { elsewhereUpdate, publisher, recordRead, recordUpdate } from './functions.ts';

export interface RecordDeps extends CertificateDeps {
  readonly outbox: Outbox;
  /** Instance id of the ward's system of the convenience stores; without it nothing is published. */
  readonly convenienceCertificates: Peer | undefined;
}

/** 証明年度: the present one and the four before (N02). */
const yearsBack = 4;
const recordsAtOnce = 100;

const versionOf = (facts: store.RecordFacts): string =>
  createHash('sha256')
    .update(JSON.stringify([certificateForm, facts.assessmentId, facts.personVersion, facts.restriction]))
    .digest('hex');

/** 日次連携 and at once: each person's year whose facts changed since it was told, as the whole record that now counts. */
export const publishRecords = act('resident-tax.publish-certificate-records', {
  right: recordUpdate,
  async run(
    tx,
    deps: RecordDeps,
    { receiver }: { readonly receiver: Peer },
  ): Promise<Result<{ readonly published: number }, never>> {
    await store.lockPublications(tx);
    const year = deps.civilClock.today().year;
    const fiscalYears = Array.from({ length: yearsBack + 1 }, (_, i) => year - i);
    const facts = await store.recordFacts(tx, { fiscalYears, personId: null, all: false, limit: recordsAtOnce });
    const at = deps.machineClock.now();
    const messages = [];
    for (const one of facts) {
      const content = one.restriction === '0' ? await contentFor(tx, deps, one) : null;
      // A levy that its reasons do not give is issued nowhere until somebody looked at it.
      const published = one.restriction === '0' && content === null ? { ...one, restriction: '5' as const } : one;
      messages.push({
        subject: one.personId,
        facts: published,
        message: {
          recordId: deps.newId(),
          orgPersonNumber: one.orgPersonNumber,
          addresseeNumber: one.addresseeNumber,
          fiscalYear: one.fiscalYear,
          version: versionOf(one),
          restriction: published.restriction,
          content,
          recordedAt: at.toString(),
        },
      });
    }
    if (messages.length > 0) {
      const ids = await deps.outbox.enqueueMany(tx, receiver, certificateRecords, messages);
      const rows = messages.map(({ message }, i) => ({
        ...(facts[i] as store.RecordFacts),
        recordId: message.recordId,
        messageId: ids[i] as string,
      }));
      await store.insertPublications(tx, rows, at);
    }
    tx.record({
      event: 'certificate-records.published',
      recipient: receiver,
      subjects: [...new Set(facts.map(({ personId }) => personId))],
      items: ['地方税関係情報'],
      ...(facts.length > 0 ? { facts: ['resident_tax.certificate_publication'] } : {}),
      detail: { records: facts.length },
    });
    return ok({ published: facts.length });
  },
});

async function contentFor(tx: Parameters<typeof contentOf>[0], deps: RecordDeps, facts: store.RecordFacts) {
  const states = await statesFor(tx, facts.personId, facts.fiscalYear);
  if (states === undefined || states.now.version !== facts.personVersion) throw new Error('a person without a state');
  const content = await contentOf(tx, {
    assessmentId: facts.assessmentId,
    personVersion: facts.personVersion,
    levyDateVersion: states.then.version,
    addressShown: true,
    issuer: issuerOf(deps),
  });
  return content.ok ? content.value : null;
}

/** One step of the loop. */
export async function publishNext(deps: RecordDeps): Promise<'more' | 'idle'> {
  if (deps.convenienceCertificates === undefined) return 'idle';
  const done = await publishRecords(deps, publisher, { receiver: deps.convenienceCertificates });
  if (!done.ok) throw new Error(done.error);
  return done.value.published === recordsAtOnce ? 'more' : 'idle';
}

interface AskedRecord {
  readonly orgPersonNumber: string;
  readonly fiscalYear: number;
  readonly version: string;
}

/**
 * Whether a record is made from the facts that count at this moment: asked before each print (INC-05). Of somebody who is protected now no
 * record counts, and without the platform's answer nobody's does (INC-49).
 */
export async function confirmRecord(deps: RecordDeps, actor: Actor, asked: AskedRecord) {
  const guarded = await guardedOf(deps, [asked.orgPersonNumber]);
  return confirm(deps, actor, { ...asked, mayLeave: guarded.ok && !guarded.value.has(asked.orgPersonNumber) });
}

const confirm = act('resident-tax.confirm-certificate-record', {
  right: recordRead,
  async run(
    tx,
    _deps: RecordDeps,
    command: AskedRecord & { readonly mayLeave: boolean },
    actor,
  ): Promise<Result<{ readonly counts: boolean }, never>> {
    const personId = await store.findPersonByOrgNumber(tx, command.orgPersonNumber);
    const counts = command.mayLeave && personId !== undefined && (await isCurrent(tx, personId, command));
    tx.record({
      event: 'certificate-record.confirmed',
      ...(personId === undefined ? {} : { subject: personId }),
      ...(actor.kind === 'system' ? { recipient: `${actor.organisation}/${actor.system}` } : {}),
      detail: { fiscalYear: command.fiscalYear, counts },
    });
    return ok({ counts });
  },
});

async function isCurrent(
  tx: Parameters<typeof contentOf>[0],
  personId: string,
  { fiscalYear, version }: { readonly fiscalYear: number; readonly version: string },
): Promise<boolean> {
  const [facts] = await store.recordFacts(tx, { fiscalYears: [fiscalYear], personId, all: true, limit: 1 });
  return facts !== undefined && facts.restriction === '0' && versionOf(facts) === version;
}

/** 証明書発行 at a store or by the degraded server enters the register of issues, each once (002 AC-27). */
export const applyIssuedElsewhere = act('resident-tax.apply-certificate-issued', {
  right: elsewhereUpdate,
  async run(tx, _deps: RecordDeps, { message }: Received<CertificateIssued>): Promise<Result<null, 'no-such-person'>> {
    const personId = await store.findPersonByOrgNumber(tx, message.orgPersonNumber);
    if (personId === undefined) return err('no-such-person');
    const counted = await isCurrent(tx, personId, message);
    const { orgPersonNumber: _, version: _version, ...issue } = message;
    const isNew = await store.insertIssuedElsewhere(tx, { ...issue, personId, counted });
    tx.record({
      event: isNew ? 'certificate.issued-elsewhere' : 'certificate.issue-repeated',
      subject: personId,
      ...(isNew ? { facts: ['resident_tax.certificate_issued_elsewhere'] } : {}),
      detail: { document: message.documentNo, channel: message.channel, counted },
    });
    return ok(null);
  },
});
