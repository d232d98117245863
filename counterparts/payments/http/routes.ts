import { cancelAtTill, payAtTill, readPaymentFiles } from '@musubi/contracts/payments/till.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { readFiles } from '../service/files.ts';
import { type Answer, cancel, pay } from '../service/pay.ts';

/** The tills, and what became of their files. */
export const routes = (deps: Deps): readonly Route[] => [
  route(payAtTill, async ({ body, actor }) => {
    const results: Answer[] = [];
    for (const payment of body.payments) {
      const done = await pay(deps, actor, payment);
      if (!done.ok) return done;
      results.push(done.value);
    }
    return ok({ results });
  }),
  route(cancelAtTill, ({ body, actor }) => cancel(deps, actor, body)),
  route(readPaymentFiles, async ({ body, actor }) => {
    const found = await readFiles(deps, actor, body);
    return found.ok ? ok({ files: [...found.value] }) : found;
  }),
];
