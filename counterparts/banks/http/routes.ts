import {
  giveDebitFile,
  giveTransferFile,
  readDebitResult,
  readTransferOutcomes,
} from '@musubi/contracts/zengin/line.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Accepted, giveDebitResult, takeDebitFile } from '../service/debits.ts';
import { giveTransferOutcomes, takeTransferFile } from '../service/transfers.ts';

const answer = (accepted: Accepted) =>
  accepted.taken ? accepted : { taken: false as const, faults: accepted.faults.slice(0, 100) };

/** データ伝送. */
export const routes = (deps: Deps): readonly Route[] => [
  route(giveDebitFile, async ({ body, actor }) => {
    const done = await takeDebitFile(deps, actor, { content: Buffer.from(body.content, 'base64') });
    return done.ok ? ok(answer(done.value)) : done;
  }),
  route(readDebitResult, async ({ body, actor }) => {
    const found = await giveDebitResult(deps, actor, body);
    return found.ok ? ok({ content: Buffer.from(found.value.content).toString('base64') }) : found;
  }),
  route(giveTransferFile, async ({ body, actor }) => {
    const content = Buffer.from(body.content, 'base64');
    const done = await takeTransferFile(deps, actor, { content, year: body.year });
    return done.ok ? ok(answer(done.value)) : done;
  }),
  route(readTransferOutcomes, async ({ body, actor }) => {
    const found = await giveTransferOutcomes(deps, actor, body);
    return found.ok
      ? ok({ outcomes: found.value.map(({ amountYen: amount, ...rest }) => ({ ...rest, amount })) })
      : found;
  }),
];
