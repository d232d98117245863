import type { EmigrantNumber } from '@musubi/contracts/fuhyo/number-link.ts';
import { linkNumber } from '@musubi/contracts/fuhyo/number-link.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { keepLinked } from '../service/number-keeping.ts';

/** 紐付け: the only route on which the prefecture's register is heard, and the only one that writes what it says. */
export const numberLinkRoute = (
  deps: Deps,
  openNumber: (sealed: string) => Result<EmigrantNumber, 'unusable-answer'>,
): Route =>
  route(linkNumber, async ({ body, actor }) => {
    const answer = openNumber(body.sealed);
    if (!answer.ok) return err('unusable-answer');
    const kept = await keepLinked(deps, actor, { inquiryId: body.inquiryId, answer: answer.value });
    return kept.ok ? ok({ held: true }) : kept;
  });
