import { giveSpecialNotice, readPayerMonths } from '@musubi/contracts/special-collection/line.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { readMonths } from '../service/pay-months.ts';
import { takeNotice } from '../service/take-notice.ts';

/** Notices in; what was paid, for whoever looks. */
export const routes = (deps: Deps): readonly Route[] => [
  route(giveSpecialNotice, ({ body, actor }) =>
    takeNotice(deps, actor, { content: Buffer.from(body.content, 'base64'), withdrawn: body.withdrawn ?? [] }),
  ),
  route(readPayerMonths, async ({ body, actor }) => {
    const found = await readMonths(deps, actor, body);
    return found.ok ? ok({ months: [...found.value] }) : found;
  }),
];
