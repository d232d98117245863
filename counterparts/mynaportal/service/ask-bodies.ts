import type { KeyObject } from 'node:crypto';
import { messageTypes, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { askOwnRecords, type PersonRequest } from '@musubi/contracts/portal/records.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';

/** What a body's answer bears, whatever it tells. */
interface BodyAnswer {
  readonly requestId: string;
  readonly organisation: string;
}

export interface Told<T> {
  readonly answers: readonly T[];
  /** Bodies that answered, those that know nobody under the code among them. */
  readonly answered: ReadonlySet<string>;
  /** Bodies that did not answer, or whose answer could not be read or believed. */
  readonly silent: readonly string[];
  readonly askedAt: Temporal.Instant;
}

/**
 * Asks every body through the network, under the portal's own code of the person and with a key of this request alone.
 *
 * @param believed whether a body may say this; it speaks for itself alone
 */
export async function askBodies<T extends BodyAnswer>(
  deps: Deps,
  asked: {
    readonly requestId: string;
    readonly linkageCode: string;
    readonly question: Pick<PersonRequest, 'kind' | 'from' | 'until' | 'opened'>;
  },
  schema: z.ZodType<T>,
  believed: (answer: T) => boolean = () => true,
): Promise<Result<Told<T>, 'network-unavailable'>> {
  const { requestId, linkageCode, question } = asked;
  const { privateKey, publicKey } = generateP256();
  const { host } = deps;
  const askedAt = deps.machineClock.now();
  const request = signMessage(host.identity, messageTypes.personRequest, {
    v: 1,
    requestId,
    ...question,
    answerKey: exportP256(publicKey),
    at: askedAt.toString(),
  } satisfies PersonRequest);
  const came = await host.peers.call(askOwnRecords, deps.informationProvidingNetwork, {}, { request, linkageCode });
  if (!came.ok) return err('network-unavailable');
  const answers: T[] = [];
  const answered = new Set<string>();
  const silent = new Set<string>();
  for (const { organisation, answer, state } of came.value.answers) {
    // A body that knows nobody under this code has said so: it has nothing to tell.
    if (state === 'unknown') answered.add(organisation);
    else {
      const told = state === 'answered' ? open(answer, privateKey, { requestId, organisation }, schema) : undefined;
      if (told === undefined || !believed(told)) silent.add(organisation);
      else {
        answered.add(organisation);
        answers.push(told);
      }
    }
  }
  return ok({ answers, answered, silent: [...silent].sort(), askedAt });
}

/** The answer of one body; undefined where it is not exactly one to this request from this body. */
function open<T extends BodyAnswer>(
  sealed: string,
  privateKey: KeyObject,
  { requestId, organisation }: BodyAnswer,
  schema: z.ZodType<T>,
): T | undefined {
  const opened = openJwe(sealed, {
    privateKey,
    typ: sealedTypes.personAnswer,
    members: ['req', 'org'],
  });
  if (!opened.ok || opened.value.members.req !== requestId || opened.value.members.org !== organisation)
    return undefined;
  const json = parseCanonicalJsonBytes(opened.value.plaintext);
  const read = schema.safeParse(json.ok ? json.value : undefined);
  if (!read.success || read.data.requestId !== requestId || read.data.organisation !== organisation) return undefined;
  return read.data;
}
