import { createHash } from 'node:crypto';
import type { InquiryRequest } from '@musubi/contracts/fuhyo/inquiry.ts';
import { emigrantTaskFor } from '@musubi/contracts/fuhyo/tasks.ts';
import { type AuditSink, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { isAbroad, isInInquiry, type LinkRecord } from '../domain/number-link.ts';
import { codeText, type IdentificationRow, lockByCode } from '../store/identification.ts';
import {
  insertNumberInquiry,
  insertNumberStep,
  lockNumberInquiry,
  type NumberInquiry,
  numberOf,
  queuedLinks,
} from '../store/number-link.ts';
import { insertProvision, type ProvisionEntry } from '../store/provisions.ts';

export interface ObtainNumber {
  /** The asker's inquiry, its signature verified, its asker the signer. */
  readonly request: InquiryRequest;
  /** SHA-256 of the signed payload. */
  readonly digest: Uint8Array;
  readonly residentRecordCode: string;
}

export type LinkRefusal = 'not-in-open-inquiry' | 'not-abroad' | 'no-number-basis';
export type Obtained = { readonly kind: 'answered'; readonly number: IndividualNumber } | { readonly kind: 'queued' };

const inquiryFacts = ['prefectural_juki.number_inquiry', 'prefectural_juki.number_inquiry_step'];

/**
 * 取得 (JPS-X9 a): the number of one person abroad, for an inquiry that its asker signed, with a ground in the Number Act.
 * From its first sight on an inquiry belongs to that person alone. With `linksNumbers` the number is not answered but pushed
 * into the open inquiry (A20).
 *
 * @law 住民基本台帳法 第30条の44の6第3項; 番号利用法 第9条
 */
const obtain = act('prefectural-juki.obtain-emigrant-number', {
  right: ['prefectural-juki', 'emigrant-number', 'update'],
  async run(
    tx,
    deps: Deps,
    { request, digest, residentRecordCode }: ObtainNumber,
  ): Promise<Result<Obtained, LinkRefusal>> {
    const today = deps.civilClock.today().toString();
    const task = emigrantTaskFor(request.task, request.asker, today);
    const ground = request.wantsNumber ? (task?.numberGround ?? null) : null;
    if (enforced('juki.legal-basis') && ground === null) return err('no-number-basis');
    const known = await lockNumberInquiry(tx, request.inquiryId);
    const row = (await lockByCode(tx, [residentRecordCode])).get(residentRecordCode);
    if (row === undefined) return err('not-in-open-inquiry');
    const record = recordOf(row);
    const isSame =
      known === undefined || (known.personId === row.person_id && Buffer.from(known.requestDigest).equals(digest));
    if (enforced('juki.fuhyo-two-operations')) {
      if (!isSame || !isInInquiry(record, request.key)) return err('not-in-open-inquiry');
      if (!isAbroad(record)) return err('not-abroad');
    }
    const inquiry: NumberInquiry = {
      inquiryId: request.inquiryId,
      personId: row.person_id,
      requestDigest: digest,
      asker: request.asker,
      requester: request.requester,
      task: request.task,
      ground: ground ?? '',
      document: request.document,
    };
    const at = deps.machineClock.now();
    if (known === undefined) await insertNumberInquiry(tx, inquiry, at);
    const pushes = deps.linksNumbers === true;
    await insertNumberStep(
      tx,
      { stepId: deps.newId(), inquiryId: inquiry.inquiryId, step: pushes ? 'queued' : 'answered' },
      at,
    );
    const event = {
      subject: row.person_id,
      ground: inquiry.ground,
      items: ['individualNumber'],
      recipient: deps.fuhyoLink ?? '',
      detail: { inquiryId: inquiry.inquiryId, asker: inquiry.asker, document: inquiry.document },
    };
    if (pushes) {
      tx.record({ ...event, event: 'emigrant-number.queued', facts: inquiryFacts });
      return ok({ kind: 'queued' });
    }
    const number = await give(tx, deps, inquiry, row.number_ref);
    const facts = [...inquiryFacts, 'prefectural_juki.provision_record'];
    tx.record({ ...event, event: 'emigrant-number.obtained', facts });
    return ok({ kind: 'answered', number });
  },
});

/** As `obtain`; a refusal stands in the record of provision too, written by the hand that writes its event. */
export const obtainNumber: typeof obtain = Object.assign(
  (async (deps, actor, command) => {
    const audit: AuditSink = {
      async write(tx, entry) {
        // Whoever may not ask at all has asked about nobody: the event alone.
        if (entry.refusal === undefined || entry.refusal === 'not-authorised') return deps.audit.write(tx, entry);
        const { request } = command;
        const about = { ...request, personId: null, ground: '', task: request.task };
        const refused = { ...provisionOf(deps, about), inquiryId: null, refusal: entry.refusal };
        await insertProvision(tx, { entry: refused, at: entry.at });
        await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), 'prefectural_juki.provision_record'] });
      },
    };
    return obtain({ ...deps, audit }, actor, command);
  }) as typeof obtain,
  { actName: obtain.actName, right: obtain.right },
);

const provisionOf = (
  deps: Deps,
  about: Omit<NumberInquiry, 'requestDigest' | 'personId'> & { readonly personId: string | null },
): Omit<ProvisionEntry, 'refusal'> => ({
  provisionId: deps.newId(),
  personId: about.personId,
  taskId: null,
  inquiryId: about.inquiryId,
  useEntryId: null,
  keyDigest: null,
  hitCount: null,
  asker: about.asker,
  operatorId: about.requester,
  terminalId: null,
  recipient: deps.fuhyoLink ?? '',
  ground: about.ground,
  document: about.document,
  method: 'network',
  keyKind: 'code',
  source: 'prefecture',
  items: [],
  withheld: ['individualNumber'],
});

/** Reveals the number with its record of provision; asked again for the same inquiry, the first record stands. */
async function give(tx: Tx, deps: Deps, inquiry: NumberInquiry, ref: string): Promise<IndividualNumber> {
  const given = { ...provisionOf(deps, inquiry), items: ['individualNumber'], withheld: [], refusal: null };
  await insertProvision(tx, { entry: given, at: deps.machineClock.now() });
  return deps.vault.reveal(tx, numberRef(ref), 'prefectural-juki/emigrant-number');
}

const recordOf = (row: IdentificationRow): LinkRecord => ({
  residentRecordCode: row.resident_record_code,
  nameKey: row.name_key,
  kanaKey: row.name_kana_normalised,
  birthDate: row.birth_date,
  sex: row.sex,
  status: row.status,
  lastReason: row.change_reason,
});

/** 紐付け (JPS-X9 b): the number for an inquiry that was queued. Revealed anew at each try. */
export const prepareLink = act('prefectural-juki.prepare-number-link', {
  right: ['prefectural-juki', 'number-link', 'update'],
  async run(
    tx,
    deps: Deps,
    { inquiryId }: { readonly inquiryId: string },
  ): Promise<Result<{ readonly residentRecordCode: string; readonly number: IndividualNumber }, 'not-queued'>> {
    const inquiry = await lockNumberInquiry(tx, inquiryId);
    const person = inquiry && (await numberOf(tx, inquiry.personId));
    if (!inquiry || !person) return err('not-queued');
    const number = await give(tx, deps, inquiry, person.numberRef);
    tx.record({
      event: 'emigrant-number.linked',
      subject: inquiry.personId,
      facts: ['prefectural_juki.provision_record'],
      ground: inquiry.ground,
      items: ['individualNumber'],
      recipient: deps.fuhyoLink ?? '',
      detail: { inquiryId, asker: inquiry.asker },
    });
    return ok({ residentRecordCode: codeText(person.code), number });
  },
});

/** What the supplement's server said to a link. */
export const noteLink = act('prefectural-juki.note-number-link', {
  right: ['prefectural-juki', 'number-link', 'update'],
  async run(
    tx,
    deps: Deps,
    { inquiryId, refused }: { readonly inquiryId: string; readonly refused: string | undefined },
  ): Promise<Result<undefined, never>> {
    const step = refused === undefined ? 'linked' : 'not-linked';
    const row = { stepId: deps.newId(), inquiryId, step, ...(refused === undefined ? {} : { word: refused }) } as const;
    await insertNumberStep(tx, row, deps.machineClock.now());
    tx.record({
      event: `emigrant-number.${step}-noted`,
      facts: ['prefectural_juki.number_inquiry_step'],
      recipient: deps.fuhyoLink ?? '',
      detail: { inquiryId, word: refused ?? '' },
    });
    return ok(undefined);
  },
});

/** Ids of inquiries, nothing of a person. */
export const findQueuedLinks = look('prefectural-juki.find-queued-links', {
  right: ['prefectural-juki', 'number-link', 'update'],
  run: (tx, _deps: Deps, { limit }: { readonly limit: number }): Promise<readonly string[]> => queuedLinks(tx, limit),
});

export const digestOfRequest = (payload: Uint8Array): Buffer => createHash('sha256').update(payload).digest();
