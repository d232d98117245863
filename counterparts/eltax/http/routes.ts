import { X509Certificate } from 'node:crypto';
import {
  acknowledgeDelivery,
  coverType,
  deliveryBalance,
  fetchDelivery,
  listDeliveries,
  packageType,
} from '@musubi/contracts/eltax/delivery.ts';
import {
  encryptionCertificate,
  maxFileLength,
  submissionManifest,
  submissionStatus,
  submissionType,
  submitReports,
  submittedFileMembers,
  submittedFileType,
} from '@musubi/contracts/eltax/submission.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands, signJws } from '@musubi/kernel/crypto/jws.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { PeerDeps } from '../deps.ts';
import { acknowledge, balance, listForMunicipality, openForMunicipality } from '../service/deliver.ts';
import { receiveSubmission, type Submission } from '../service/receive.ts';
import { showSubmission } from '../service/status.ts';
import { specialNoticeRoutes } from './special-notices.ts';
import { transferRoutes } from './transfers.ts';

export const routes = (deps: PeerDeps): Route[] => [
  route(submitReports, async ({ body, actor }) => {
    const submission = readSubmission(deps, body);
    return submission.ok ? receiveSubmission(deps, actor, submission.value) : submission;
  }),
  route(submissionStatus, ({ body, actor }) => showSubmission(deps, actor, body)),
  route(encryptionCertificate, async () =>
    ok({ chain: deps.identity.encryption.chain.map((der) => der.toString('base64')) }),
  ),
  route(listDeliveries, ({ body, actor }) => listForMunicipality(deps, actor, body)),
  route(fetchDelivery, async ({ params, actor, peer }) => {
    // Before anything is opened: without the receiver's certificate nobody could read it.
    const [leaf] = await deps.certificateOf(peer!, 'encryption');
    const opened = await openForMunicipality(deps, actor, params);
    if (!opened.ok) return opened;
    const { cover, file } = opened.value;
    const { key, chain } = deps.identity.signing;
    return ok({
      cover: signJws({ key, typ: coverType, signer: { x5c: chain }, payload: cover }),
      package: sealJwe({
        recipient: new X509Certificate(leaf!).publicKey,
        typ: packageType,
        plaintext: file,
        members: { deliveryId: cover.deliveryId, fileSha256: cover.fileSha256 },
      }),
    });
  }),
  route(acknowledgeDelivery, ({ params, body, actor }) => acknowledge(deps, actor, { ...params, ...body })),
  route(deliveryBalance, ({ body, actor }) => balance(deps, actor, body)),
  ...transferRoutes(deps),
  ...specialNoticeRoutes(deps),
];

/** Signature and encryption, before anything is looked up. The signature is the payer's own, whoever holds the connection. */
function readSubmission(
  deps: PeerDeps,
  { manifest, file }: { manifest: string; file: string },
): Result<Submission, 'bad-signature' | 'cannot-open'> {
  const jws = readJws(manifest, { typ: submissionType });
  if (!jws.ok || !('x5c' in jws.value.signer)) return err('bad-signature');
  const signer = deps.trust.verifyChain(jws.value.signer.x5c, 'signing', deps.machineClock.now());
  if (!signer.ok || signer.value.system !== 'payer') return err('bad-signature');
  if (enforced('transport.signed-message') && !signatureStands(jws.value, signer.value.certificate.publicKey))
    return err('bad-signature');
  const read = submissionManifest.safeParse(jws.value.payload);
  if (!read.success) return err('bad-signature');
  const opened = openJwe(file, {
    privateKey: deps.identity.encryption.key,
    typ: submittedFileType,
    members: submittedFileMembers,
    maxLength: maxFileLength,
  });
  if (!opened.ok || opened.value.members.submissionId !== read.data.submissionId) return err('cannot-open');
  return ok({
    manifestText: manifest,
    manifest: read.data,
    signedBy: signer.value.organisation,
    file: opened.value.plaintext,
  });
}
