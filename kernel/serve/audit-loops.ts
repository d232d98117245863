import { createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { LogSigner } from '../audit/note.ts';
import { logOrigin, Sequencer } from '../audit/sequencer.ts';
import { runSubmitter, type Witness } from '../audit/submitter.ts';
import { cosign } from '../audit/witness.ts';
import { addCheckpointRequest, addCheckpointResponse } from '../audit/witness-endpoint.ts';
import type { ActDeps } from '../db/act.ts';
import type { Notifications } from '../db/listen.ts';
import type { PeerClient } from '../http/client.ts';
import { defineEndpoint } from '../http/endpoint.ts';
import { type Route, route } from '../http/server.ts';
import type { Identity } from '../pki/identity.ts';
import { type Party, type PartyId, type Purpose, partyId } from '../pki/party.ts';
import { ok } from '../result/result.ts';
import type { Alarms } from '../streams/ports.ts';
import { partyOf } from './certificates.ts';

/** A log → its witness, asynchronously: acts never wait for it (design §4.7). */
export const addCheckpoint = defineEndpoint({
  id: 'audit.add-checkpoint',
  method: 'POST',
  path: '/audit/checkpoints',
  right: ['audit', 'witness', 'update'],
  request: addCheckpointRequest,
  response: addCheckpointResponse,
});

/** Raw Ed25519 public key, 32 bytes. */
export const rawPublicKey = (key: KeyObject): Buffer =>
  Buffer.from((key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' }).x!, 'base64url');

const signerOf = (name: string, key: KeyObject): LogSigner => ({
  name,
  publicKey: rawPublicKey(key),
  sign: (bytes) => sign(null, bytes, key),
});

export const logSigner = (identity: Identity): LogSigner => signerOf(logOrigin(partyId(identity)), identity.log.key);

/** A witness signs with a key name of its own, so that a cosignature never passes for a log's own signature. */
export const witnessName = (id: PartyId): string => `musubi-witness/${id}`;

type CertificateOf = (peer: Party, purpose: Purpose) => Promise<readonly Buffer[]>;

const publicKeyOf = async (certificateOf: CertificateOf, id: PartyId): Promise<Buffer> => {
  const [leaf] = await certificateOf(partyOf(id), 'log');
  return rawPublicKey(new X509Certificate(leaf!).publicKey);
};

/** The log of one instance at work: sequencing, signing, witnessing others and being witnessed. */
export function startAudit(options: {
  readonly deps: ActDeps;
  readonly identity: Identity;
  readonly witnesses: readonly PartyId[];
  readonly certificateOf: CertificateOf;
  readonly peers: PeerClient;
  readonly notifications: Notifications;
  readonly alarms: Alarms;
  readonly onError: (error: unknown, where: string) => void;
}): { readonly routes: readonly Route[]; readonly loops: readonly ((signal: AbortSignal) => Promise<void>)[] } {
  const { deps, identity, certificateOf, peers, alarms } = options;
  const own = partyId(identity);
  const sequencer = new Sequencer({ db: deps.db, machineClock: deps.machineClock, signer: logSigner(identity) });

  const routes = [
    route(addCheckpoint, async ({ body, actor }) => {
      const sender = `${actor.organisation}/${actor.system}`;
      // A log is brought by its own instance; its key is that of the certificate for purpose `log`.
      const publicKey = await publicKeyOf(certificateOf, sender).catch(() => undefined);
      return ok(
        await cosign(
          {
            ...deps,
            signer: signerOf(witnessName(own), identity.log.key),
            logKey: (origin) => (origin === logOrigin(sender) ? publicKey : undefined),
          },
          actor,
          body,
        ),
      );
    }),
  ];

  const beWitnessed = async (signal: AbortSignal): Promise<void> => {
    const witnesses: Witness[] = options.witnesses.map((id) => {
      // The key is looked up when the witness is first reached: at our start it may not have enrolled yet.
      let publicKey: Buffer = Buffer.alloc(32);
      return {
        name: witnessName(id),
        organisation: partyOf(id).organisation,
        get publicKey() {
          return publicKey;
        },
        async send(request) {
          publicKey = await publicKeyOf(certificateOf, id);
          const answer = await peers.call(addCheckpoint, id, {}, request);
          if (!answer.ok) throw new Error(`witness: ${answer.error}`);
          return answer.value;
        },
      };
    });
    await runSubmitter(
      { db: deps.db, machineClock: deps.machineClock, organisation: identity.organisation, witnesses },
      signal,
      (event) => {
        if ('quorum' in event) {
          if (event.quorum.state === 'alarm') alarms.raise('audit-no-quorum', { sealedSize: event.quorum.sealedSize });
        } else if (!['cosigned', 'nothing-new', 'unreachable'].includes(event.outcome)) {
          alarms.raise('audit-witness-refused', { witness: event.witness, outcome: event.outcome });
        }
      },
    );
  };

  return {
    routes,
    loops: [
      (signal) => sequencer.run(options.notifications, signal, (error) => options.onError(error, 'audit-sequencer')),
      ...(options.witnesses.length > 0 ? [beWitnessed] : []),
    ],
  };
}
