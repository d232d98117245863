import {
  type AssignmentRequest,
  assignCodes,
  assignmentAnswer,
  assignmentAnswerType,
  assignmentRequestType,
} from '@musubi/contracts/juki/assignment.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

export interface ObtainedCodes {
  readonly residentRecordCode: string;
  readonly individualNumber: IndividualNumber;
}

/** Asks for a new code and number; the same request id gets the same ones. `refused` words are the endpoint's. */
export async function obtainCodes(
  { identity, peers }: Pick<Host, 'identity' | 'peers'>,
  municipalJuki: string,
  asked: {
    readonly requestId: string;
    readonly municipalityCode: string;
    readonly ground: AssignmentRequest['ground'];
    /** The person's code as it stands, for a change of code or number. */
    readonly residentRecordCode?: string;
  },
): Promise<Result<ObtainedCodes, string>> {
  const { requestId } = asked;
  const payload: AssignmentRequest = { v: 1, register: partyId(identity), ...asked };
  const { key, chain } = identity.signing;
  const request = signJws({ key, typ: assignmentRequestType, signer: { x5c: chain }, payload });
  const answered = await peers.call(assignCodes, municipalJuki, {}, { requestId, request });
  if (!answered.ok) return answered;
  const opened = openJwe(answered.value.sealed, {
    privateKey: identity.encryption.key,
    typ: assignmentAnswerType,
    members: ['req'],
  });
  if (!opened.ok || opened.value.members.req !== requestId) return err('unreadable-answer');
  const text = parseCanonicalJsonBytes(opened.value.plaintext);
  const answer = assignmentAnswer.safeParse(text.ok ? text.value : undefined);
  if (!answer.success || answer.data.requestId !== requestId) return err('unreadable-answer');
  const number = IndividualNumber.parse(answer.data.individualNumber);
  if (!number.ok) return err('unreadable-answer');
  return ok({ residentRecordCode: answer.data.residentRecordCode, individualNumber: number.value });
}
