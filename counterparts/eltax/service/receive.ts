import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type Receipt,
  receiptType,
  type SubmissionManifest,
  submissionManifest,
  submissionType,
} from '@musubi/contracts/eltax/submission.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { readJws, signJws } from '@musubi/kernel/crypto/jws.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  filesOfLength,
  findSubmission,
  insertReception,
  lockPayer,
  nextReceptionNumber,
  type Reception,
} from '../store/receptions.ts';
import { payerOf, sameFiler, storedNow } from './payer.ts';

export interface Submission {
  /** As it came; its signature stands. */
  readonly manifestText: string;
  readonly manifest: SubmissionManifest;
  /** Organisation of the certificate that signed. */
  readonly signedBy: string;
  readonly file: Buffer;
}

export type ReceiveError =
  | 'not-a-payer'
  | 'other-payer'
  | 'file-incomplete'
  | 'submission-id-reused'
  | 'duplicate-file';

/**
 * 受付. The same submission again gets the receipt of the first, at whatever moment it comes; the examination follows later, so
 * that the last days of the filing season cost no payer more than this.
 *
 * @law 地方税法 第317条の6第1項, 第747条の2; 番号利用法 第19条第1号
 */
export const receiveSubmission = act('eltax.receive', {
  right: ['eltax', 'submission', 'update'],
  async run(tx, deps: Deps, command: Submission, actor): Promise<Result<{ receipt: string }, ReceiveError>> {
    const { manifest, file } = command;
    const caller = payerOf(actor);
    if (!caller.ok) return caller;
    const sentBy = actor.kind === 'system' ? actor.organisation : '';
    if (!sameFiler(`corp-${manifest.payer.corporateNumber}`, command.signedBy, sentBy)) return err('other-payer');
    if (file.length !== manifest.fileLength || sha256Hex(file) !== manifest.fileSha256) return err('file-incomplete');

    const payerNumber = manifest.payer.corporateNumber;
    await lockPayer(tx, payerNumber);
    const former = await findSubmission(tx, payerNumber, manifest.submissionId);
    if (former !== undefined) {
      if (!(await saysTheSame(tx, deps, former, manifest))) return err('submission-id-reused');
      tx.record({ event: 'reception.repeated', detail: { reception: former.receptionNumber } });
      return ok({ receipt: former.receipt });
    }
    if (enforced('input.duplicate-file') && (await isDouble(tx, deps, manifest, file))) return err('duplicate-file');

    const reception = await take(tx, deps, command);
    tx.record({
      event: 'reception.received',
      facts: ['eltax.reception'],
      ground: '地方税法第317条の6第1項',
      recipient: 'eltax/eltax',
      detail: {
        reception: reception.receptionNumber,
        payer: payerNumber,
        procedure: reception.procedure,
        incomeYear: reception.incomeYear,
        records: reception.statedRecords,
        bytes: file.length,
      },
    });
    await tx`select pg_notify('eltax_received', '')`;
    return ok({ receipt: reception.receipt });
  },
});

async function take(tx: Tx, deps: Deps, { manifest, manifestText, file }: Submission): Promise<Reception> {
  const receivedOn = deps.civilClock.today();
  const at = storedNow(deps);
  const receptionNumber = await nextReceptionNumber(tx, receivedOn);
  const options = { retentionClass: 'filing-7y', purpose: 'eltax/receive' } as const;
  const sealedManifest = await deps.sealed.seal(tx, Buffer.from(manifestText), { ...options, kind: 'eltax-manifest' });
  const sealedFile = await deps.sealed.seal(tx, file, { ...options, kind: 'eltax-file' });
  const payload: Receipt = {
    v: 1,
    submissionId: manifest.submissionId,
    receptionNumber,
    receivedAt: at.toString(),
    receivedOn: receivedOn.toString(),
    payerNumber: manifest.payer.corporateNumber,
    procedure: manifest.procedure,
    incomeYear: manifest.incomeYear,
    records: manifest.records,
    manifestSha256: sha256Hex(manifestText),
  };
  const { key, chain } = deps.identity.signing;
  const reception: Reception = {
    receptionId: deps.newId(),
    receptionNumber,
    submissionId: manifest.submissionId,
    payerNumber: manifest.payer.corporateNumber,
    payerName: manifest.payer.name,
    procedure: manifest.procedure,
    incomeYear: manifest.incomeYear,
    statedRecords: manifest.records,
    summaries: manifest.summaries,
    manifestRef: sealedManifest.ref,
    fileRef: sealedFile.ref,
    fileLength: file.length,
    receipt: signJws({ key, typ: receiptType, signer: { x5c: chain }, payload }),
    receivedAt: at.toString(),
  };
  await insertReception(tx, reception, receivedOn);
  return reception;
}

/** A repeat is encrypted and perhaps signed anew; what it says must be the same to the letter. */
async function saysTheSame(tx: Tx, deps: Deps, former: Reception, manifest: SubmissionManifest): Promise<boolean> {
  const stored = await deps.sealed.open(tx, former.manifestRef, 'eltax/compare-repeat');
  // Erased after its time: the submission id alone names it, and its receipt is all that is given.
  if (!stored.ok) return true;
  const read = readJws(stored.value.toString(), { typ: submissionType });
  assert(read.ok, 'a stored manifest was read when it came');
  return canonicalJson(submissionManifest.parse(read.value.payload)) === canonicalJson(manifest);
}

/** The contents are compared, because no digest of a filed document is kept. */
async function isDouble(tx: Tx, deps: Deps, manifest: SubmissionManifest, file: Buffer): Promise<boolean> {
  const { corporateNumber } = manifest.payer;
  for (const ref of await filesOfLength(tx, corporateNumber, manifest.incomeYear, file.length)) {
    const stored = await deps.sealed.open(tx, ref, 'eltax/compare-double');
    if (stored.ok && stored.value.equals(file)) return true;
  }
  return false;
}

export const sha256Hex = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
