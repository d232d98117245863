import type { CardAssertion } from '@musubi/contracts/portal/card.ts';
import { type CardCertificate, checkCard } from '@musubi/contracts/portal/card-authentication.ts';
import type { CardRefusal } from '@musubi/contracts/portal/card-signature.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { statusOf, userAuthority } from '../clients/jpki.ts';
import type { Deps } from '../deps.ts';
import { accountOfCard, useChallenge } from '../store/accounts.ts';
import { type ChallengeRefusal, checkChallenge } from './challenge.ts';
import { obtainLinkage } from './linkage.ts';
import { openSession, type Resident, starter } from './session.ts';

export type SignInRefusal =
  | 'not-a-town'
  | ChallengeRefusal
  | 'challenge-replayed'
  | CardRefusal
  | 'certificate-revoked'
  | 'status-unavailable'
  | 'no-such-person'
  | 'linkage-unavailable'
  | 'not-authorised';

export interface SignIn {
  readonly assertion: CardAssertion;
  /** This portal's seal on the challenge. */
  readonly seal: string;
}

/** What is known of an assertion before anything is written: who it is, or why it is nobody. */
interface Checked {
  readonly card: Result<CardCertificate, CardRefusal | 'status-unavailable'>;
  readonly status: 'good' | 'revoked' | 'unknown' | 'unavailable';
}

const acceptCard = act('mynaportal.accept-card', {
  right: ['mynaportal', 'session', 'update'],
  async run(
    tx,
    deps: Deps,
    { assertion, seal, card, status }: SignIn & Checked,
  ): Promise<Result<CardCertificate & { accountId: string | undefined }, SignInRefusal>> {
    if (!deps.town) return err('not-a-town');
    const at = deps.machineClock.now();
    const challenge = checkChallenge(deps, { text: assertion.challenge, seal }, at);
    if (!challenge.ok) return challenge;
    if (!card.ok) return card;
    if (enforced('auth.resident-card') && status !== 'good')
      return err(status === 'unavailable' ? 'status-unavailable' : 'certificate-revoked');
    if (!(await useChallenge(tx, challenge.value, at))) return err('challenge-replayed');
    const accountId = await accountOfCard(tx, card.value.fingerprint);
    tx.record({
      event: 'card.accepted',
      ...(accountId === undefined ? {} : { subject: accountId }),
      facts: ['mynaportal.challenge_use'],
      detail: { card: card.value.fingerprint, known: accountId !== undefined },
    });
    return ok({ ...card.value, accountId });
  },
});

const accountOf = act('mynaportal.account-of-card', {
  right: ['mynaportal', 'session', 'update'],
  async run(tx, _deps: Deps, { fingerprint }: { fingerprint: string }): Promise<Result<string, 'linkage-unavailable'>> {
    const accountId = await accountOfCard(tx, fingerprint);
    if (accountId === undefined) return err('linkage-unavailable');
    tx.record({ event: 'card.linked', subject: accountId, detail: { card: fingerprint } });
    return ok(accountId);
  },
});

/**
 * カードによるサインイン: challenge, certificate, revocation, then the holder's account; at the first sign-in the linkage code
 * that leads to it. A renewed card leads to the same account, because the code is the person's and not the card's.
 *
 * @law 公的個人認証法 第37条 (利用者証明検証者)
 */
export async function signInWithCard(
  deps: Deps,
  command: SignIn,
): Promise<Result<{ token: string; resident: Resident }, SignInRefusal>> {
  const { assertion } = command;
  const accepted = await acceptCard(deps, starter, { ...command, ...(await check(deps, command)) });
  if (!accepted.ok) return accepted;
  const { fingerprint } = accepted.value;
  let { accountId } = accepted.value;
  if (accountId === undefined) {
    const linked = await obtainLinkage(deps, starter, { assertion, fingerprint });
    if (!linked.ok) return linked;
    const found = await accountOf(deps, starter, { fingerprint });
    if (!found.ok) return found;
    accountId = found.value;
  }
  return openSession(deps, starter, { accountId, fingerprint });
}

async function check(deps: Deps, { assertion, seal }: SignIn): Promise<Checked> {
  const { peers } = deps.host;
  const at = deps.machineClock.now();
  // Nothing is asked of anybody for an answer to a challenge that is not ours.
  const answersUs = deps.town && checkChallenge(deps, { text: assertion.challenge, seal }, at).ok;
  const authority = answersUs ? await userAuthority(peers, deps.jpki) : undefined;
  if (authority === undefined) return { card: err('status-unavailable'), status: 'unavailable' };
  const card = checkCard(assertion, assertion.challenge, authority, at);
  // A serial is asked about only once its holder has shown to be there.
  const status = card.ok ? await statusOf(peers, deps.jpki, card.value.serial) : 'unknown';
  return { card, status };
}
