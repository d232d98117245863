import type { revokeCard } from '@musubi/contracts/portal/card.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findCard, revokeStanding } from '../store/cards.ts';

/** 失効. Both certificates of the card end now; a repeat changes nothing. */
export const revoke = act('jpki.revoke-card', {
  right: ['jpki', 'card', 'update'],
  async run(
    tx,
    deps: Deps,
    { cardNumber, reason }: RequestOf<typeof revokeCard>,
  ): Promise<Result<ResponseOf<typeof revokeCard>, 'no-such-card'>> {
    const card = await findCard(tx, cardNumber);
    if (card === undefined) return err('no-such-card');
    const revoked = await revokeStanding(tx, { cardNumber }, reason, deps.machineClock.now());
    tx.record({
      event: revoked > 0 ? 'card.revoked' : 'card.revoked-again',
      subject: card.holderId,
      ...(revoked > 0 ? { facts: ['jpki.revocation'] } : {}),
      ground: '公的個人認証法第11条・第30条',
      detail: { cardNumber, reason, revoked },
    });
    return ok({ revoked });
  },
});
