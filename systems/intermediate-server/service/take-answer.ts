import { createPrivateKey } from 'node:crypto';
import {
  type InquiryRefusal,
  type InquiryStatement,
  inquiryStatement,
  type ProvisionAnswer,
  provisionAnswer,
} from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { openGcm } from '@musubi/kernel/crypto/aead.ts';
import { canonicalJson, parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws } from '@musubi/kernel/crypto/jws.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  deleteKey,
  type InquiryState,
  insertHeld,
  insertRefused,
  lockInquiry,
  type OwnInquiry,
} from '../store/inquiries.ts';
import { type OwnList, ownListOn } from '../store/lists.ts';
import { insertRecord } from '../store/records.ts';
import { insertResult } from '../store/results.ts';
import { personOf } from './send-inquiry.ts';
import { verifyAnswer } from './verify-chain.ts';

interface Command {
  readonly inquiryNumber: string;
  readonly said:
    | { readonly permit: string; readonly evidence: string; readonly answer: string }
    | { readonly refusal: InquiryRefusal };
}

/**
 * 照会結果の受領. Verifies the whole chain against our own statement, opens the answer, keeps it once and destroys the key.
 * Gives where the inquiry stands afterwards; what does not verify ends it as `answer-not-verified`.
 */
export const takeAnswer = act('inquiry.take-answer', {
  right: ['intermediate-server', 'ask', 'update'],
  // Two answers to one inquiry in one transaction fail on its result's key; each is then taken alone, and the second finds the first.
  shares: () => true,
  async run(tx, deps: Deps, { inquiryNumber, said }: Command): Promise<Result<InquiryState, never>> {
    const [inquiry, list] = await Promise.all([
      lockInquiry(tx, inquiryNumber),
      ownListOn(tx, deps.civilClock.today(), deps.lists),
    ]);
    if (inquiry === undefined) throw new Error('an answer to no inquiry of ours');
    const { state, key } = inquiry;
    if (key === undefined || state.state === 'answered' || state.state === 'refused') {
      tx.record({ event: 'inquiry.answered-already', subject: inquiry.orgPersonNumber, detail: { inquiryNumber } });
      return ok(state);
    }
    // As the database keeps it, so that a repeat tells the same moment.
    const at = deps.machineClock.now().round('microsecond');
    const statement = ownStatement(inquiry);
    const close = (refusal: InquiryRefusal) => closeRefused(tx, deps, inquiry, statement, refusal, at);
    if ('refusal' in said) return close(said.refusal);

    const own = { inquiryNumber, provider: statement.provider, statement: inquiry.statement };
    const verified = verifyAnswer(deps, own, said, at);
    if (!verified.ok) return close(verified.error);
    const { permit, evidence } = verified.value;
    const kept = { permitNumber: permit.payload.permitNumber, permit: said.permit, evidence: said.evidence };
    const ground = groundOf(list, permit.payload.listVersion, permit.payload.listRow);
    const record = { inquiry, statement, ground, at };
    if (evidence.result === '60') {
      const isNew = state.state !== 'held' && (await insertHeld(tx, { inquiryNumber, ...kept, at }));
      await noteRecord(tx, deps, { ...record, result: '60' }, isNew ? ['inquiry_held'] : []);
      return ok(isNew ? { state: 'held', ...kept, at: at.toString() } : state);
    }

    const wrapping = await deps.dayKeys.find(Temporal.PlainDate.from(key.day));
    const privateKey = wrapping && openGcm(wrapping, key.sealed, Buffer.from(inquiryNumber));
    const opened =
      evidence.result === '00' && privateKey?.ok
        ? openAnswer(said.answer, privateKey.value, statement, permit.digest)
        : undefined;
    if (evidence.result === '00' && opened === undefined) return close('answer-not-verified');
    if (evidence.result !== '00' && said.answer !== '') return close('answer-not-verified');
    const stored = {
      ...kept,
      result: evidence.result,
      validFrom: opened?.validFrom ?? null,
      items: opened?.items ?? {},
    };
    const digest = sha256(canonicalJson(stored.items));
    await Promise.all([
      insertResult(tx, { inquiryNumber, ...stored, digest, at, on: deps.civilClock.today() }),
      deleteKey(tx, inquiryNumber),
      noteRecord(tx, deps, { ...record, result: evidence.result }, ['inquiry_result']),
    ]);
    return ok({ state: 'answered', ...stored, at: at.toString() });
  },
});

function ownStatement(inquiry: OwnInquiry): InquiryStatement {
  const jws = readJws(inquiry.statement, { typ: messageTypes.inquiry });
  if (!jws.ok) throw new Error('our own statement cannot be read');
  return inquiryStatement.parse(jws.value.payload);
}

/** Undefined where anything of it is not what we asked: header, number, information, condition, or an item too many. */
function openAnswer(
  answer: string,
  der: Buffer,
  statement: InquiryStatement,
  permitDigest: string,
): ProvisionAnswer | undefined {
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const opened = openJwe(answer, { privateKey, typ: sealedTypes.answer, members: ['inq', 'prm'] });
  if (!opened.ok) return undefined;
  const { inq, prm } = opened.value.members;
  const json = parseCanonicalJsonBytes(opened.value.plaintext);
  const content = provisionAnswer.safeParse(json.ok ? json.value : undefined);
  if (!content.success) return undefined;
  const { data } = content;
  const bound =
    inq === statement.inquiryNumber &&
    prm === permitDigest &&
    data.inquiryNumber === statement.inquiryNumber &&
    data.informationCode === statement.informationCode &&
    canonicalJson(data.condition) === canonicalJson(statement.condition) &&
    Object.keys(data.items).every((item) => statement.items.includes(item));
  return enforced('exchange.answer-binding') && !bound ? undefined : data;
}

/** The row's own words from our copy of the list; its number where we do not have that version. */
const groundOf = (list: OwnList | undefined, version: string, row: string): string =>
  list?.rows.find((each) => each.row === row)?.ground ?? `照合リスト ${version} ${row}`;

async function closeRefused(
  tx: Tx,
  deps: Deps,
  inquiry: OwnInquiry,
  statement: InquiryStatement,
  refusal: InquiryRefusal,
  at: Temporal.Instant,
): Promise<Result<InquiryState, never>> {
  await insertRefused(tx, inquiry.inquiryNumber, refusal, at);
  await deleteKey(tx, inquiry.inquiryNumber);
  await noteRecord(tx, deps, { inquiry, statement, ground: statement.procedure, at, refusal }, ['inquiry_refused']);
  return ok({ state: 'refused', refusal });
}

async function noteRecord(
  tx: Tx,
  deps: Deps,
  r: {
    readonly inquiry: OwnInquiry;
    readonly statement: InquiryStatement;
    readonly ground: string;
    readonly at: Temporal.Instant;
    readonly result?: string;
    readonly refusal?: InquiryRefusal;
  },
  facts: readonly string[],
): Promise<void> {
  const { statement: s, inquiry, ground, at, result = null, refusal = null } = r;
  await insertRecord(tx, {
    ...s,
    recordId: deps.newId(),
    role: 'asker',
    orgPersonNumber: inquiry.orgPersonNumber,
    ground,
    result,
    refusal,
    withheldFromPerson: false,
    at,
    on: deps.civilClock.today(),
  });
  tx.record({
    event: refusal === null ? 'inquiry.answer-taken' : 'inquiry.ended',
    subject: inquiry.orgPersonNumber,
    ground,
    items: s.items,
    recipient: s.provider,
    facts: [...facts, 'exchange_record'].map((table) => `intermediate_server.${table}`),
    detail: {
      inquiryNumber: s.inquiryNumber,
      procedure: s.procedure,
      informationCode: s.informationCode,
      ...(refusal === null ? { result: result ?? '-' } : { refusal, ...personOf(inquiry) }),
    },
  });
}
