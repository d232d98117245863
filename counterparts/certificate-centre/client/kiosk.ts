import { kioskChallenge, kioskOutcome, kioskRequest } from '@musubi/contracts/certificates/kofu.ts';
import type { CallError, PeerClient } from '@musubi/kernel/http/client.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';

/** A multi-copy machine. The card signs inside the session; nothing of it stays when the session ends (INC-07). */
export interface Kiosk {
  readonly peers: PeerClient;
  readonly centre: string;
  readonly kioskId: string;
}

export interface KioskChoice {
  /** ULID; made when the person begins. */
  readonly requestId: string;
  readonly municipality: string;
  readonly certType: RequestOf<typeof kioskRequest>['certType'];
  readonly taxYear: string;
  readonly copies: number;
  /** DER certificate as base64, and the card's signature over a text. */
  readonly certificate: string;
  sign(challenge: string): Promise<string>;
}

type Fault = CallError<typeof kioskChallenge> | CallError<typeof kioskRequest>;

/** The order of the machine: card and choice, certificate, fee, print. What it prints is this answer and nothing kept. */
export async function askForCertificate(
  kiosk: Kiosk,
  choice: KioskChoice,
): Promise<Result<ResponseOf<typeof kioskRequest>, Fault>> {
  const given = await kiosk.peers.call(kioskChallenge, kiosk.centre, {}, {});
  if (!given.ok) return given;
  const { challenge } = given.value;
  const { certificate, sign, ...request } = choice;
  const signature = await sign(challenge);
  const answer = await kiosk.peers.call(
    kioskRequest,
    kiosk.centre,
    {},
    { ...request, kioskId: kiosk.kioskId, assertion: { certificate, challenge, signature } },
    { timeoutMs: 20_000 },
  );
  return answer.ok ? ok(answer.value) : answer;
}

/** After the fee was paid and the sheet printed, or not. */
export const stateOutcome = (
  kiosk: Kiosk,
  requestId: string,
  outcome: RequestOf<typeof kioskOutcome>,
): Promise<Result<{ recorded: true }, CallError<typeof kioskOutcome>>> =>
  kiosk.peers.call(kioskOutcome, kiosk.centre, { requestId }, outcome);
