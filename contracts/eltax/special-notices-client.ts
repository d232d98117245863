import { X509Certificate } from 'node:crypto';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { readSigned, signMessage } from '../exchange/signed.ts';
import type { BodiesLine } from './between-bodies-client.ts';
import {
  fetchNotice,
  listNotices,
  type NoticeCover,
  type NoticePart,
  noticeCover,
  noticeCoverType,
  noticePartMembers,
  noticePartType,
  noticeStatus,
  recallNotice,
  sendNotice,
} from './special-notices.ts';
import { payerParty } from './submission.ts';

/** A sender's end of the line: a municipality's own, as between bodies. */
export type SendingLine = BodiesLine;
/** Either end, a payer's too. Nothing here is kept. */
export type NoticeLine = Omit<SendingLine, 'certificateOf'>;

export interface NoticeToSend {
  readonly cover: Omit<NoticeCover, 'v' | 'payerPart' | 'employeesPart'>;
  readonly payer: { readonly content: Uint8Array; readonly persons: number };
  readonly employees: { readonly content: Uint8Array; readonly persons: number } | null;
}

/** Sends a notice, each part encrypted to the payer's own certificate; safe to repeat under the same id. */
export async function sendToPayer(
  line: SendingLine,
  { cover, payer, employees }: NoticeToSend,
): Promise<Result<ResponseOf<typeof sendNotice>, string>> {
  const chain = await line.certificateOf(payerParty(cover.payer), 'encryption').catch(() => []);
  const [leaf] = chain;
  if (leaf === undefined) return err('no-certificate');
  const recipient = new X509Certificate(leaf).publicKey;
  const factsOf = ({ content, persons }: NoticeToSend['payer']) => ({ sha256: sha256Hex(content), persons });
  const sealed = (part: NoticePart, content: Uint8Array): string =>
    sealJwe({
      recipient,
      typ: noticePartType,
      plaintext: content,
      members: { noticeId: cover.noticeId, part, sha256: sha256Hex(content) },
    });
  const payload = noticeCover.parse({
    v: 1,
    ...cover,
    payerPart: factsOf(payer),
    employeesPart: employees === null ? null : factsOf(employees),
  });
  return line.peers.call(
    sendNotice,
    line.eltax,
    {},
    {
      cover: signMessage(line.identity, noticeCoverType, payload),
      payer: sealed('payer', payer.content),
      employees: employees === null ? null : sealed('employees', employees.content),
    },
    { timeoutMs: 60_000 },
  );
}

export const recallAtPortal = (
  { peers, eltax }: Pick<NoticeLine, 'peers' | 'eltax'>,
  noticeId: string,
): Promise<Result<ResponseOf<typeof recallNotice>, string>> => peers.call(recallNotice, eltax, { noticeId }, {});

export const statusAtPortal = (
  { peers, eltax }: Pick<NoticeLine, 'peers' | 'eltax'>,
  noticeId: string,
): Promise<Result<ResponseOf<typeof noticeStatus>, string>> => peers.call(noticeStatus, eltax, { noticeId }, {});

export interface WaitingNotice {
  readonly noticeId: string;
  readonly cover: NoticeCover;
  readonly fetchUntil: string;
  readonly fetched: readonly NoticePart[];
}

/** A payer's notices that can be fetched, the oldest first, their covers verified. */
export async function noticesForPayer(line: NoticeLine): Promise<Result<readonly WaitingNotice[], string>> {
  const listed = await line.peers.call(listNotices, line.eltax, {}, {});
  if (!listed.ok) return listed;
  const notices: WaitingNotice[] = [];
  for (const { cover, ...rest } of listed.value.notices) {
    const read = coverOf(line, rest.noticeId, cover);
    if (!read.ok) return read;
    notices.push({ ...rest, cover: read.value });
  }
  return ok(notices);
}

/** A cover counts with the signature of a municipality's tax system. */
function coverOf(line: NoticeLine, noticeId: string, text: string): Result<NoticeCover, 'cover-not-signed'> {
  const read = readSigned(text, noticeCoverType, noticeCover, line.trust, line.now());
  if (!read.ok || read.value.signer.system !== 'resident-tax') return err('cover-not-signed');
  return read.value.payload.noticeId === noticeId ? ok(read.value.payload) : err('cover-not-signed');
}

/** One part, opened with the payer's own key and compared with what the municipality signed. */
export async function fetchPartOf(
  line: NoticeLine,
  { noticeId, part }: { readonly noticeId: string; readonly part: NoticePart },
): Promise<Result<{ readonly cover: NoticeCover; readonly content: Buffer }, string>> {
  const fetched = await line.peers.call(fetchNotice, line.eltax, { noticeId }, { part }, { timeoutMs: 60_000 });
  if (!fetched.ok) return fetched;
  const cover = coverOf(line, noticeId, fetched.value.cover);
  if (!cover.ok) return cover;
  const opened = openJwe(fetched.value.content, {
    privateKey: line.identity.encryption.key,
    typ: noticePartType,
    members: noticePartMembers,
    maxLength: 24_000_000,
  });
  if (!opened.ok) return err('notice-unreadable');
  const { members, plaintext } = opened.value;
  const stated = part === 'payer' ? cover.value.payerPart : cover.value.employeesPart;
  const isThis = members.noticeId === noticeId && members.part === part && sha256Hex(plaintext) === stated?.sha256;
  return isThis ? ok({ cover: cover.value, content: plaintext }) : err('other-notice');
}
