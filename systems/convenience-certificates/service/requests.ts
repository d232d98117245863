import type { KofuAnswer, KofuRequest } from '@musubi/contracts/certificates/kofu.ts';
import { certificateIssues } from '@musubi/contracts/certificates/records.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, type Right } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import { judgeRequest, type Refusal, resultOfRestriction } from '../domain/requests.ts';
import * as records from '../store/records.ts';
import * as store from '../store/requests.ts';
import { type SetCertificate, setCertificate } from './set-certificate.ts';

const requestUpdate: Right = ['convenience-certificates', 'request', 'update'];
export const requestRead: Right = ['convenience-certificates', 'request', 'read'];

type Entered =
  | { readonly kind: 'answered'; readonly result: string }
  | { readonly kind: 'ended'; readonly refusal: Refusal }
  | { readonly kind: 'open'; readonly record: records.StoredRecord };

/**
 * Notes the request before anything is made of it. A repeat finds what was noted and causes nothing (N04); the same id with another
 * content is refused.
 */
const enterRequest = act('convenience-certificates.enter-request', {
  right: requestUpdate,
  async run(tx, deps: StoreDeps, request: KofuRequest): Promise<Result<Entered, 'request-key-reused'>> {
    const at = deps.machineClock.now();
    const { requestId, kioskId, certType, copies, certSerial } = request;
    const taxYear = Number(request.taxYear);
    const digest = fingerprint({ kioskId, certType, taxYear, copies, certSerial });
    const holder = await records.holderOfCard(tx, certSerial);
    const isNew = await store.insertRequest(tx, {
      requestId,
      fingerprint: digest,
      kioskId,
      certType,
      taxYear,
      copies,
      certSerial,
      orgPersonNumber: holder ?? null,
      receivedAt: at,
    });
    const about = {
      ...(holder === undefined ? {} : { subject: holder }),
      detail: { request: requestId, kiosk: kioskId },
    };
    if (!isNew) return again(tx, deps, { requestId, digest, at }, about);
    const facts = ['convenience_certificates.request'];
    const judged = judgeRequest(
      { certType, taxYear, certificateCheckedAt: Temporal.Instant.from(request.certificateCheckedAt) },
      at,
      deps.civilClock.today(),
      deps.keepsServiceHours,
    );
    const record = holder === undefined ? undefined : await records.newestRecord(tx, holder, taxYear);
    const refusal = judged.ok ? refusalOf(holder, record) : judged.error;
    if (refusal !== undefined || record === undefined) {
      const { result, reason } = refusal ?? { result: '11' as const, reason: 'no-record' };
      await store.endRequest(tx, { requestId, result, reason, tookMs: 0, at });
      tx.record({
        event: 'certificate.refused',
        ...about,
        facts: [...facts, 'convenience_certificates.request_end'],
        detail: { ...about.detail, result, reason },
      });
      return ok({ kind: 'ended', refusal: { result, reason } });
    }
    tx.record({ event: 'certificate.requested', ...about, facts });
    return ok({ kind: 'open', record });
  },
});

function refusalOf(holder: string | undefined, record: records.StoredRecord | undefined): Refusal | undefined {
  if (holder === undefined) return { result: '30', reason: 'card-not-registered' };
  if (record === undefined) return { result: '11', reason: 'no-record' };
  if (record.restriction === '0') return undefined;
  return { result: resultOfRestriction[record.restriction], reason: `restriction-${record.restriction}` };
}

async function again(
  tx: Parameters<typeof store.findRequest>[0],
  deps: StoreDeps,
  given: { readonly requestId: string; readonly digest: Uint8Array; readonly at: Temporal.Instant },
  about: { readonly subject?: string; readonly detail: Readonly<Record<string, string>> },
): Promise<Result<Entered, 'request-key-reused'>> {
  await store.lockRequest(tx, given.requestId);
  const known = await store.findRequest(tx, given.requestId);
  if (known === undefined || !Buffer.from(known.fingerprint).equals(given.digest)) return err('request-key-reused');
  const age = Temporal.Instant.from(known.receivedAt).until(given.at).total('milliseconds');
  // A process died over it: the store has shown an error long since, so nothing may come of it any more.
  const isLost = known.result === null && age > deps.limitMs;
  if (isLost)
    await store.endRequest(tx, {
      requestId: given.requestId,
      result: '90',
      reason: 'abandoned',
      tookMs: Math.trunc(age),
      at: given.at,
    });
  tx.record({
    event: isLost ? 'certificate.abandoned' : 'certificate.requested-again',
    ...about,
    ...(isLost ? { facts: ['convenience_certificates.request_end'] } : {}),
  });
  if (isLost) return ok({ kind: 'ended', refusal: { result: '90', reason: 'abandoned' } });
  if (known.result !== null) return ok({ kind: 'answered', result: known.result });
  return ok({ kind: 'ended', refusal: { result: '31', reason: 'in-progress' } });
}

interface Finish {
  readonly requestId: string;
  readonly documentNo: string;
  readonly record: records.StoredRecord;
  readonly issuedAt: Temporal.Instant;
  readonly made: SetCertificate | Refusal;
}

/** Keeps what was made, unless it is too late or the record changed meanwhile; what is not kept is given to nobody. */
const finishRequest = act('convenience-certificates.finish-request', {
  right: requestUpdate,
  async run(
    tx,
    deps: StoreDeps,
    { requestId, documentNo, record, issuedAt, made }: Finish,
  ): Promise<Result<{ readonly result: string }, 'no-such-request'>> {
    await store.lockRequest(tx, requestId);
    const known = await store.findRequest(tx, requestId);
    if (known === undefined) return err('no-such-request');
    const at = deps.machineClock.now();
    const tookMs = Math.max(0, Math.trunc(Temporal.Instant.from(known.receivedAt).until(at).total('milliseconds')));
    const about = { subject: record.orgPersonNumber, detail: { request: requestId } };
    if (known.result !== null) {
      tx.record({ event: 'certificate.abandoned', ...about });
      return ok({ result: known.result });
    }
    const newest = await records.newestRecord(tx, record.orgPersonNumber, record.fiscalYear);
    const refusal: Refusal | undefined =
      tookMs > deps.limitMs
        ? { result: '90', reason: 'abandoned' }
        : 'reason' in made
          ? made
          : newest?.recordId !== record.recordId
            ? { result: '31', reason: 'record-changed' }
            : undefined;
    const end = { requestId, tookMs, at };
    if (refusal !== undefined || 'reason' in made) {
      const { result, reason } = refusal ?? (made as Refusal);
      await store.endRequest(tx, { ...end, result, reason });
      tx.record({
        event: reason === 'abandoned' ? 'certificate.abandoned' : 'certificate.refused',
        ...about,
        facts: ['convenience_certificates.request_end'],
        detail: { ...about.detail, result, reason },
      });
      return ok({ result });
    }
    await store.endRequest(tx, { ...end, result: '00', reason: 'made' });
    const { ref } = await deps.sealed.seal(tx, made.pdf, {
      kind: 'certificate',
      retentionClass: 'tax-7y',
      purpose: 'convenience-certificates/answer-request',
    });
    await store.insertDocument(tx, {
      requestId,
      documentNo,
      orgPersonNumber: record.orgPersonNumber,
      recordId: record.recordId,
      pages: made.pages,
      feeYen: known.copies * deps.feeYen,
      subjectCheck: made.subjectCheck,
      sha256: made.sha256,
      sealedRef: ref,
      issuedAt: issuedAt.toString(),
    });
    tx.record({
      event: 'certificate.made',
      ...about,
      items: ['地方税関係情報'],
      facts: ['convenience_certificates.request_end', 'convenience_certificates.document'],
      detail: { ...about.detail, document: documentNo, version: record.version },
    });
    return ok({ result: '00' });
  },
});

/** The answer as it was kept: read by the request's own id, card and paper of one person, bytes as they were made. */
const readAnswer = act('convenience-certificates.read-answer', {
  right: requestUpdate,
  async run(
    tx,
    deps: StoreDeps,
    { requestId }: { readonly requestId: string },
    actor,
  ): Promise<Result<KofuAnswer, 'document-altered'>> {
    const [known, document] = [await store.findRequest(tx, requestId), await store.findDocument(tx, requestId)];
    if (known === undefined || document === undefined || document.orgPersonNumber !== known.orgPersonNumber)
      return err('document-altered');
    const opened = await deps.sealed.open(
      tx,
      document.sealedRef as SealedId,
      'convenience-certificates/answer-request',
    );
    if (!opened.ok) return err('document-altered');
    tx.record({
      event: 'certificate.given',
      subject: document.orgPersonNumber,
      items: ['課税証明書'],
      ...(actor.kind === 'system' ? { recipient: `${actor.organisation}/${actor.system}` } : {}),
      detail: { request: requestId, document: document.documentNo },
    });
    return ok({
      requestId,
      result: '00',
      pages: document.pages,
      fee: document.feeYen,
      documentNo: document.documentNo,
      issuedAt: Temporal.Instant.from(document.issuedAt)
        .toZonedDateTimeISO('Asia/Tokyo')
        .toString({ timeZoneName: 'never' }),
      certSerial: known.certSerial,
      pdfBase64: Buffer.from(opened.value).toString('base64'),
    });
  },
});

const refused = (requestId: string, result: string): KofuAnswer =>
  ({ requestId, result: result as Refusal['result'] }) satisfies KofuAnswer;

/**
 * 証明書の交付 (002-CVS-F2, F3). Each step finds by the request's id what it needs; no state is kept between requests in this process,
 * so that any number of processes may answer. The tax system is asked whether the record still counts after the request is noted
 * and before anything is set.
 */
export async function answerRequest(
  deps: StoreDeps,
  actor: Actor,
  request: KofuRequest,
): Promise<Result<KofuAnswer, 'not-authorised'>> {
  const { requestId } = request;
  const entered = await enterRequest(deps, actor, request);
  if (!entered.ok) return entered.error === 'not-authorised' ? err(entered.error) : ok(refused(requestId, '90'));
  if (entered.value.kind === 'ended') return ok(refused(requestId, entered.value.refusal.result));
  if (entered.value.kind === 'answered')
    return entered.value.result === '00' ? give(deps, actor, requestId) : ok(refused(requestId, entered.value.result));

  const { record } = entered.value;
  const issuedAt = deps.machineClock.now();
  const taken = await takeNumber(deps, actor, { fiscalYear: record.fiscalYear });
  if (!taken.ok) return taken;
  const { documentNo } = taken.value;
  const made = await makeIfItCounts(deps, record, documentNo, issuedAt);
  const done = await finishRequest(deps, actor, { requestId, documentNo, record, issuedAt, made });
  if (!done.ok) return done.error === 'not-authorised' ? err(done.error) : ok(refused(requestId, '90'));
  return done.value.result === '00' ? give(deps, actor, requestId) : ok(refused(requestId, done.value.result));
}

const takeNumber = act('convenience-certificates.take-number', {
  right: requestUpdate,
  async run(
    tx,
    _deps: StoreDeps,
    { fiscalYear }: { readonly fiscalYear: number },
  ): Promise<Result<{ readonly documentNo: string }, never>> {
    const serial = await store.nextSerial(tx);
    const documentNo = `KS-${fiscalYear}-${`${serial}`.padStart(8, '0')}`;
    tx.record({ event: 'certificate.number-taken', detail: { document: documentNo } });
    return ok({ documentNo });
  },
});

async function makeIfItCounts(
  deps: StoreDeps,
  record: records.StoredRecord,
  documentNo: string,
  issuedAt: Temporal.Instant,
): Promise<SetCertificate | Refusal> {
  const { orgPersonNumber, fiscalYear, version } = record;
  const answer = await deps.confirm({ orgPersonNumber, fiscalYear, version });
  if (answer !== 'counts') {
    // Whoever runs the service and whoever assesses must hear of it before the next holder stands at a machine (INC-05).
    deps.alarms.raise(answer === 'stale' ? 'certificates.record-behind' : 'certificates.tax-system-unreachable', {
      fiscalYear,
    });
    return { result: '31', reason: answer };
  }
  const set = await setCertificate(deps, record, {
    documentNo,
    issuedOn: deps.civilClock.today(),
    issuedAt,
    isDegraded: false,
  });
  const tookMs = issuedAt.until(deps.machineClock.now()).total('milliseconds');
  if (tookMs > deps.limitMs / 2)
    deps.alarms.raise('certificates.slow', { tookMs: Math.trunc(tookMs), limitMs: deps.limitMs });
  return set.ok ? set.value : { result: '90', reason: set.error };
}

async function give(deps: StoreDeps, actor: Actor, requestId: string): Promise<Result<KofuAnswer, 'not-authorised'>> {
  const read = await readAnswer(deps, actor, { requestId });
  if (read.ok) return read;
  return read.error === 'not-authorised' ? err(read.error) : ok(refused(requestId, '90'));
}

export interface StatedOutcome {
  readonly requestId: string;
  readonly outcome: 'printed' | 'printFailed' | 'cancelled';
  readonly feeReceived: number;
  readonly printedAt: string | null;
}

/** What became of the print. An issue is told to the tax system when it was printed, and only then; a fee without paper is refused. */
export const noteOutcome = act('convenience-certificates.note-outcome', {
  right: requestUpdate,
  async run(
    tx,
    deps: Deps,
    stated: StatedOutcome,
  ): Promise<
    Result<{ readonly recorded: true }, 'no-such-request' | 'no-document' | 'outcome-already-stated' | 'fee-differs'>
  > {
    await store.lockRequest(tx, stated.requestId);
    const [request, document] = [
      await store.findRequest(tx, stated.requestId),
      await store.findDocument(tx, stated.requestId),
    ];
    if (request === undefined) return err('no-such-request');
    if (document === undefined) return err('no-document');
    const before = await store.findOutcome(tx, stated.requestId);
    if (before !== undefined && (before.outcome !== stated.outcome || before.feeYen !== stated.feeReceived))
      return err('outcome-already-stated');
    const isPrinted = stated.outcome === 'printed';
    if (stated.feeReceived !== (isPrinted ? document.feeYen : 0) || isPrinted !== (stated.printedAt !== null))
      return err('fee-differs');
    const about = {
      subject: document.orgPersonNumber,
      detail: { request: stated.requestId, document: document.documentNo },
    };
    if (before !== undefined) {
      tx.record({ event: 'certificate.outcome-repeated', ...about });
      return ok({ recorded: true });
    }
    const at = deps.machineClock.now();
    await store.insertOutcome(tx, {
      requestId: stated.requestId,
      outcome: stated.outcome,
      feeYen: stated.feeReceived,
      printedAt: stated.printedAt,
      civilOn: deps.civilClock.today(),
      at,
    });
    if (isPrinted)
      await deps.outbox.enqueue(tx, {
        receiver: deps.residentTax,
        family: certificateIssues,
        subject: document.orgPersonNumber,
        message: {
          issueId: deps.newId(),
          orgPersonNumber: document.orgPersonNumber,
          fiscalYear: document.fiscalYear,
          documentNo: document.documentNo,
          version: document.version,
          channel: 'store',
          place: 'コンビニエンスストア',
          copies: request.copies,
          feeYen: document.feeYen,
          issuedAt: Temporal.Instant.from(document.issuedAt).toString(),
        },
      });
    tx.record({
      event: isPrinted ? 'certificate.issued' : 'certificate.not-printed',
      ...about,
      facts: ['convenience_certificates.outcome'],
    });
    return ok({ recorded: true });
  },
});

/** 日次の精算 (N06). */
export const readSettlement = act('convenience-certificates.read-settlement', {
  right: requestRead,
  async run(
    tx,
    _deps: Deps,
    { date }: { readonly date: string },
  ): Promise<Result<{ rows: store.SettledKind[] }, never>> {
    const rows = await store.settlementOf(tx, Temporal.PlainDate.from(date));
    tx.record({ event: 'settlement.read', detail: { date } });
    return ok({ rows });
  },
});

/** 未確定: a document without an outcome for so long is looked after by a person. */
const outcomeMinutes = 15;

export const readRequests = act('convenience-certificates.read-requests', {
  right: requestRead,
  async run(tx, deps: Deps, query: { readonly open: boolean; readonly limit: number; readonly offset: number }) {
    const now = deps.machineClock.now();
    const openSince = query.open ? now.subtract({ minutes: outcomeMinutes }) : null;
    const rows = await store.listRequests(tx, { ...query, openSince });
    const state = {
      ...(await records.recordState(tx)),
      slowestMs: await store.slowestSince(tx, now.subtract({ hours: 1 })),
    };
    tx.record({ event: 'requests.listed', detail: { shown: rows.length } });
    return ok({ rows: rows as readonly store.ListedRequest[], total: rows[0]?.total ?? 0, state });
  },
});

export type { ListedRequest } from '../store/requests.ts';
