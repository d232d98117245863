import { createHash } from 'node:crypto';
import { readSigned, signMessage } from '@musubi/contracts/exchange/signed.ts';
import {
  type givePrintJob,
  type givePrintPart,
  maxPartLength,
  printManifest,
  printManifestType,
  printPartMembers,
  printPartType,
  printReceiptType,
} from '@musubi/contracts/printing/jobs.ts';
import { type PrintPart, readPrintPart } from '@musubi/contracts/printing/package.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import * as store from '../store/jobs.ts';

export const customerOf = (actor: Actor): string =>
  actor.kind === 'system' ? `${actor.organisation}/${actor.system}` : '';

/** 印刷依頼の受付: signed by who sends it, for a form that is in stock. The same job again brings the same receipt. */
export const takeJob = act('printing.take-job', {
  right: ['printing', 'job', 'update'],
  async run(
    tx,
    deps: Deps,
    { manifest }: { readonly manifest: string },
    actor,
  ): Promise<Result<ResponseOf<typeof givePrintJob>, WordOf<typeof givePrintJob>>> {
    const customer = customerOf(actor);
    const now = deps.machineClock.now();
    const read = readSigned(manifest, printManifestType, printManifest, deps.trust, now);
    if (!read.ok || partyId(read.value.signer) !== customer) return err('bad-signature');
    const { jobId, form, purpose, documents, parts } = read.value.payload;
    const manifestSha256 = createHash('sha256').update(manifest).digest();
    const known = await store.lockJob(tx, jobId, customer);
    if (known !== undefined) {
      if (!manifestSha256.equals(known.manifestSha256)) return err('job-differs');
      tx.record({ event: 'job.received-again', detail: { job: jobId } });
      return ok({ receipt: known.receipt });
    }
    if (deps.forms[form.id] !== form.version) return err('unknown-form');
    const receipt = signMessage(deps.identity, printReceiptType, {
      v: 1,
      jobId,
      manifestSha256: manifestSha256.toString('hex'),
      receivedAt: now.toString(),
    });
    await store.insertJob(tx, {
      jobId,
      customer,
      purpose,
      formId: form.id,
      formVersion: form.version,
      documents,
      parts,
      manifestSha256,
      receipt,
    });
    tx.record({ event: 'job.received', facts: ['printing.job'], detail: { job: jobId, purpose, documents } });
    return ok({ receipt });
  },
});

/** One part: opened and compared with the manifest, then kept as it came. */
export const takePart = act('printing.take-part', {
  right: ['printing', 'job', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly jobId: string; readonly no: number; readonly part: string },
    actor,
  ): Promise<Result<ResponseOf<typeof givePrintPart>, WordOf<typeof givePrintPart>>> {
    const job = await store.lockJob(tx, command.jobId, customerOf(actor));
    if (job === undefined) return err('no-such-job');
    const announced = job.parts.find((one) => one.no === command.no);
    if (announced === undefined) return err('part-differs');
    const opened = openPart(deps, command.part);
    if (opened === undefined || opened.jobId !== job.jobId || opened.no !== command.no) return err('cannot-open');
    const sha256 = createHash('sha256').update(opened.bytes).digest('hex');
    const part = readPrintPart(opened.bytes);
    if (sha256 !== announced.sha256 || !part.ok || part.value.documents.length !== announced.documents)
      return err('part-differs');
    const { form } = part.value;
    if (form.id !== job.formId || form.version !== job.formVersion) return err('other-form');
    const first = await store.insertPart(tx, {
      jobId: job.jobId,
      no: command.no,
      documents: announced.documents,
      content: command.part,
    });
    const received = await store.countParts(tx, job.jobId);
    tx.record({
      event: first ? 'part.received' : 'part.received-again',
      ...(first ? { facts: ['printing.part_received'] } : {}),
      detail: { job: job.jobId, part: command.no, documents: announced.documents },
    });
    return ok({ received, complete: received === job.parts.length });
  },
});

function openPart(deps: Deps, part: string) {
  const opened = openJwe(part, {
    privateKey: deps.identity.encryption.key,
    typ: printPartType,
    members: printPartMembers,
    maxLength: maxPartLength,
  });
  if (!opened.ok) return undefined;
  const { members, plaintext } = opened.value;
  return { jobId: members.jobId, no: Number(members.no), bytes: plaintext };
}

/** The parts of a job as they are printed; what was taken once opens again. */
export function openParts(deps: Deps, contents: readonly string[]): readonly PrintPart[] {
  return contents.map((content) => {
    const opened = openPart(deps, content);
    const part = opened === undefined ? undefined : readPrintPart(opened.bytes);
    if (part === undefined || !part.ok) throw new Error('a part that was taken does not open');
    return part.value;
  });
}
