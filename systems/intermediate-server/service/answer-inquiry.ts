import { createPublicKey } from 'node:crypto';
import { permittingRow } from '@musubi/contracts/exchange/list.ts';
import {
  type InquiryRefusal,
  type InquiryStatement,
  inquiryStatement,
  type PermissionRow,
  type Permit,
  type ProvisionAnswer,
  type ProvisionResult,
  permit as permitSchema,
} from '@musubi/contracts/exchange/messages.ts';
import {
  claimedCertificate,
  messageTypes,
  type Signed,
  sealedTypes,
  signMessage,
} from '@musubi/contracts/exchange/signed.ts';
import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws } from '@musubi/kernel/crypto/jws.ts';
import { importP256 } from '@musubi/kernel/crypto/p256.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { conditionKey } from '../domain/check-copy.ts';
import { selectItems } from '../domain/select-items.ts';
import { copyBehind, copyOn, type StoredCopy } from '../store/copies.ts';
import { insertHeldProvision } from '../store/held.ts';
import { ownListOn } from '../store/lists.ts';
import {
  acceptPermit,
  findAccepted,
  findCollectable,
  insertProvision,
  insertSealedAnswer,
  withdrawPermit,
} from '../store/permits.ts';
import { insertRecord } from '../store/records.ts';
import { type CopyItems, readCopyOn } from './copy-pages.ts';
import { verifyPermit, verifyStatement } from './verify-chain.ts';

export interface ProvideCommand {
  readonly statement: string;
  readonly permit: string;
  readonly linkageCode: string;
  readonly nonce: string;
  /** Nobody could say for days which version of the list counts. */
  readonly listIsStale?: boolean;
  /** The authority says at this moment that a certificate of permit or statement ended; no list tells of it yet. */
  readonly signerEnded?: boolean;
}
export interface Provided {
  readonly evidence: string;
  readonly answer: string;
}
export type ProvideOutcome = Provided | { readonly refusal: InquiryRefusal };

/** Open days that a clerk has where the list row speaks of minutes only (design §4.3). */
const clerkOpenDays = 10;
/** How long the sealed answer of a decided inquiry may be collected after the decision. */
const collectDays = 30;

/** Asked before the act, for nothing outside is called inside a transaction; answers stand for some seconds. */
export async function isSignerEnded(
  { statuses }: Pick<Deps, 'statuses'>,
  { statement, permit }: Pick<ProvideCommand, 'statement' | 'permit'>,
): Promise<boolean> {
  const certificates = [statement, permit].flatMap((text) => claimedCertificate(text) ?? []);
  const standings = await Promise.all(certificates.map((certificate) => statuses.standingOf(certificate)));
  return standings.some((standing) => standing === 'revoked' || standing === 'unknown');
}

/**
 * 情報提供. Verifies all by itself, takes the permit, reads the lodged copy, answers: one transaction, so that a crash
 * leaves either nothing taken or an answer that can be collected. A refusal of a verified statement is an outcome with a
 * record of its own; what nobody can be held to is refused and stands in the log alone.
 */
export const answerInquiry = act('provision.answer', {
  right: ['intermediate-server', 'provision', 'update'],
  // One permit twice in one transaction meets on its key as it would in two: the second is refused.
  shares: () => true,
  async run(tx, deps: Deps, command: ProvideCommand): Promise<Result<ProvideOutcome, InquiryRefusal>> {
    const at = deps.machineClock.now();
    const signed = verifyStatement(deps, command.statement, at);
    if (!signed.ok) return signed;
    if (enforced('transport.revoked-certificate') && command.signerEnded === true) return err('bad-signature');
    const { payload: statement } = signed.value;
    const refuse = (refusal: InquiryRefusal) => recordRefusal(tx, deps, statement, refusal, at);

    // A body that is connected to ask only has nothing to give, whatever is permitted.
    if (enforced('exchange.inquiry-only') && deps.inquiryOnly) return refuse('provider-unknown');

    const permit = verifyPermit(deps, signed.value, command, at);
    if (!permit.ok) return refuse(permit.error);
    const { permitNumber } = permit.value.payload;
    const key = importP256(statement.answerKey);
    if (enforced('exchange.encrypted-to-asker') && !key.ok) return refuse('not-canonical');
    const recipient = key.ok ? key.value : createPublicKey(deps.identity.encryption.key);
    const texts = { permit: command.permit, statement: command.statement };
    // One way to the database. A permit that comes counts as used, whatever is decided on it.
    const [{ row, version }, isFirst, found] = await Promise.all([
      ownListing(tx, deps, statement),
      acceptPermit(tx, { permitNumber, inquiryNumber: statement.inquiryNumber, ...texts, at }),
      copyBehind(tx, { linkageCode: command.linkageCode, ...copyKey(deps, statement) }),
    ]);
    if (!isFirst) return refuse('permit-used');
    const refuseAccepted = (refusal: InquiryRefusal) =>
      recordRefusal(tx, deps, statement, refusal, at, ['accepted_permit']);
    if (enforced('exchange.own-list-check') && row === undefined) return refuseAccepted('own-list-refuses');
    const isAnotherVersion = command.listIsStale === true || version !== permit.value.payload.listVersion;
    if (enforced('exchange.own-list-check') && isAnotherVersion) return refuseAccepted('list-stale');
    if (found === undefined) return refuseAccepted('no-linkage-code');

    const { person } = found;
    const copy = found.copy && (await openedCopy(tx, deps, found.copy, copyKey(deps, statement).on));
    const hold = holdReason(copy);
    const granted = row?.items ?? statement.items;
    const given =
      hold !== undefined
        ? { result: '60' as const, answer: '' }
        : answerFrom(copy, statement, permit.value, granted, recipient);
    const evidence = signEvidence(deps, tx, permit.value, given, at);
    const { inquiryNumber } = statement;
    const writes = [insertProvision(tx, { inquiryNumber, step: 1, result: given.result, evidence, at })];
    if (hold !== undefined) {
      const days = row && 'openDays' in row.answerTerm ? row.answerTerm.openDays : clerkOpenDays;
      const dueOn = addOpenDays(deps.civilClock.today(), days);
      writes.push(insertHeldProvision(tx, { inquiryNumber, person, reason: hold, dueOn, at }));
    } else if (given.answer !== '') {
      const minutes = row && 'minutes' in row.answerTerm ? row.answerTerm.minutes : 1;
      writes.push(insertSealedAnswer(tx, inquiryNumber, given.answer, at.add({ minutes })));
    }
    const recorded = recordProvision(tx, deps, {
      statement,
      ground: row?.ground ?? statement.procedure,
      person,
      result: given.result,
      withheld: copy?.withheldFromPerson ?? false,
      at,
      permitNumber,
      facts: ['accepted_permit', 'provision', ...(hold === undefined ? [] : ['held_provision'])],
    });
    await Promise.all([...writes, recorded]);
    return ok({ evidence, answer: given.answer });
  },
});

const holdReason = (copy: Copy | undefined): 'auto-reply-blocked' | 'withheld-from-person' | undefined => {
  if (!enforced('exchange.withheld') || copy === undefined || copy.items === null) return undefined;
  if (copy.autoReplyBlocked) return 'auto-reply-blocked';
  return copy.withheldFromPerson ? 'withheld-from-person' : undefined;
};

/** The row of our own copy of the list; the network's word about the list is not taken. */
export const ownRow = async (tx: Tx, deps: Deps, statement: InquiryStatement): Promise<PermissionRow | undefined> =>
  (await ownListing(tx, deps, statement)).row;

async function ownListing(
  tx: Tx,
  deps: Deps,
  statement: InquiryStatement,
): Promise<{ readonly row: PermissionRow | undefined; readonly version: string | undefined }> {
  const on = deps.civilClock.today();
  const askerKind = deps.kinds.get(statement.asker);
  const providerKind = deps.kinds.get(statement.provider);
  const list = await ownListOn(tx, on, deps.lists);
  const version = list?.version;
  if (askerKind === undefined || providerKind === undefined || list === undefined) return { row: undefined, version };
  const row = permittingRow(list.rows, { ...statement, askerKind, providerKind, on });
  return { row: row.ok ? row.value : undefined, version };
}

const copyKey = (deps: Deps, { informationCode, condition }: InquiryStatement) => ({
  informationCode,
  condition: conditionKey(condition),
  on: condition.asOf ?? deps.civilClock.today().toString(),
});

/** A copy with what it says. */
export interface Copy extends Omit<StoredCopy, 'sealed' | 'commitment'> {
  /** Null where the copy ended what stood before, or had ended itself by the day asked about. */
  readonly items: CopyItems | null;
}

const openedCopy = async (tx: Tx, deps: Deps, copy: StoredCopy, on: string): Promise<Copy> => ({
  ...copy,
  items: await readCopyOn(tx, deps, copy, on),
});

export async function currentCopy(
  tx: Tx,
  deps: Deps,
  person: string,
  statement: InquiryStatement,
): Promise<Copy | undefined> {
  const key = copyKey(deps, statement);
  const copy = await copyOn(tx, { person, ...key });
  return copy && openedCopy(tx, deps, copy, key.on);
}

/** 00 with the sealed items, 10 where the copy was ended, 50 where there is none. */
export function answerFrom(
  copy: Copy | undefined,
  statement: InquiryStatement,
  permit: Signed<Permit>,
  granted: readonly string[],
  recipient: Parameters<typeof sealJwe>[0]['recipient'],
): { readonly result: ProvisionResult; readonly answer: string } {
  if (copy === undefined) return { result: '50', answer: '' };
  if (copy.items === null) return { result: '10', answer: '' };
  const { inquiryNumber, informationCode, condition } = statement;
  const items = selectItems(copy.items, statement.items, granted);
  const content: ProvisionAnswer = {
    v: 1,
    inquiryNumber,
    informationCode,
    validFrom: copy.validFrom,
    condition,
    items,
  };
  const answer = sealJwe({
    recipient,
    typ: sealedTypes.answer,
    plaintext: Buffer.from(canonicalJson(content)),
    members: { inq: inquiryNumber, prm: permit.digest },
  });
  return { result: '00', answer };
}

export function signEvidence(
  deps: Deps,
  tx: Tx,
  { payload, digest }: Signed<Permit>,
  { result, answer }: { readonly result: ProvisionResult; readonly answer: string },
  at: Temporal.Instant,
): string {
  return signMessage(deps.identity, messageTypes.provision, {
    v: 1,
    inquiryNumber: payload.inquiryNumber,
    permitNumber: payload.permitNumber,
    permit: digest,
    answer: sha256Base64url(answer),
    result,
    eventId: tx.eventId,
    at: at.toString(),
  });
}

export async function recordProvision(
  tx: Tx,
  deps: Deps,
  p: {
    readonly statement: InquiryStatement;
    readonly ground: string;
    readonly person: string;
    readonly result: ProvisionResult;
    readonly withheld: boolean;
    readonly at: Temporal.Instant;
    readonly permitNumber: string;
    readonly facts: readonly string[];
  },
): Promise<void> {
  const { statement: s, ground, result, at } = p;
  await insertRecord(tx, {
    ...s,
    recordId: deps.newId(),
    role: 'provider',
    orgPersonNumber: p.person,
    ground,
    result,
    refusal: null,
    withheldFromPerson: p.withheld,
    at,
    on: deps.civilClock.today(),
  });
  tx.record({
    event: result === '60' ? 'provision.held' : 'provision.answered',
    subject: p.person,
    ground,
    items: s.items,
    recipient: s.asker,
    facts: [...p.facts, 'exchange_record'].map((table) => `intermediate_server.${table}`),
    detail: {
      inquiryNumber: s.inquiryNumber,
      permitNumber: p.permitNumber,
      procedure: s.procedure,
      informationCode: s.informationCode,
      result,
    },
  });
}

async function recordRefusal(
  tx: Tx,
  deps: Deps,
  s: InquiryStatement,
  refusal: InquiryRefusal,
  at: Temporal.Instant,
  facts: readonly string[] = [],
): Promise<Result<ProvideOutcome, never>> {
  await insertRecord(tx, {
    ...s,
    recordId: deps.newId(),
    role: 'provider',
    orgPersonNumber: null,
    ground: s.procedure,
    result: null,
    refusal,
    withheldFromPerson: false,
    at,
    on: deps.civilClock.today(),
  });
  tx.record({
    event: 'provision.refused',
    items: s.items,
    recipient: s.asker,
    facts: [...facts, 'exchange_record'].map((table) => `intermediate_server.${table}`),
    detail: { inquiryNumber: s.inquiryNumber, procedure: s.procedure, informationCode: s.informationCode, refusal },
  });
  return ok({ refusal });
}

/** An accepted permit with its statement, read again from what was kept; both were verified when they were taken. */
export async function acceptedInquiry(
  tx: Tx,
  inquiryNumber: string,
): Promise<{ readonly statement: InquiryStatement; readonly permit: Signed<Permit> } | undefined> {
  const kept = await findAccepted(tx, inquiryNumber);
  if (kept === undefined) return undefined;
  const statement = readJws(kept.statement, { typ: messageTypes.inquiry });
  const permit = readJws(kept.permit, { typ: messageTypes.permit });
  if (!statement.ok || !permit.ok) throw new Error('a kept permit or statement cannot be read');
  return {
    statement: inquiryStatement.parse(statement.value.payload),
    permit: {
      payload: permitSchema.parse(permit.value.payload),
      digest: sha256Base64url(kept.permit),
    } as Signed<Permit>,
  };
}

interface Collecting {
  readonly inquiryNumber: string;
  readonly permitNumber: string;
}

const collectOrWithdraw = act('provision.collect', {
  right: ['intermediate-server', 'provision', 'update'],
  async run(
    tx,
    deps: Deps,
    { inquiryNumber, permitNumber }: Collecting,
  ): Promise<Result<Provided | 'withdrawn', 'not-ready' | 'no-such-inquiry' | 'answer-term-over'>> {
    const at = deps.machineClock.now();
    if (await withdrawPermit(tx, { permitNumber, inquiryNumber, at })) {
      tx.record({
        event: 'provision.permit-withdrawn',
        facts: ['intermediate_server.accepted_permit'],
        detail: { inquiryNumber, permitNumber },
      });
      return ok('withdrawn');
    }
    const accepted = await findAccepted(tx, inquiryNumber);
    const found = await findCollectable(tx, inquiryNumber);
    if (accepted?.permitNumber !== permitNumber || found === undefined) return err('no-such-inquiry');
    if (found.result === '60') return err('not-ready');
    const over =
      found.result === '00' && (found.until === null || Temporal.Instant.compare(at, instantOf(found.until)) > 0);
    if (enforced('exchange.permit-in-time') && over) return err('answer-term-over');
    tx.record({ event: 'provision.collected', detail: { inquiryNumber, permitNumber, result: found.result } });
    return ok({ evidence: found.evidence, answer: found.answer ?? '' });
  },
});

/**
 * For the network: the answer to an accepted permit, once more or after a clerk's decision; only inside its term. A permit that was not
 * brought here is withdrawn: one that comes late finds nobody waiting, and is refused as used.
 */
export async function collectProvided(
  deps: Deps,
  actor: Actor,
  collecting: Collecting,
): Promise<Result<Provided, 'not-ready' | 'no-such-inquiry' | 'answer-term-over' | 'not-authorised'>> {
  const collected = await collectOrWithdraw(deps, actor, collecting);
  if (!collected.ok) return collected;
  return collected.value === 'withdrawn' ? err('no-such-inquiry') : ok(collected.value);
}

/** PostgreSQL writes `2026-06-01 00:00:00+00`. */
export const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));
export const collectableFor = collectDays;
