import type { PaymentChannel } from '@musubi/contracts/payments/files.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import type { Deps } from '../deps.ts';
import { type Manners, wellBehaved } from '../service/manners.ts';
import { paymentsSchema } from '../store/schema-set.ts';

export const schemas = [auditSchema, paymentsSchema];
export const conductor: Actor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' };
export const ward = '131105';
export const companyCode = '912345';

export interface Agency extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
  /** What reached the ward, in order. */
  readonly arrived: { readonly channel: PaymentChannel; readonly content: Uint8Array }[];
  /** The ward answers nothing while it is away. */
  readonly away: { now: boolean };
  at(day: string): void;
}

/** An agency with tills of every channel; the ward takes each file once and knows a whole one from a cut one by its end. */
export async function anAgency(manners: Partial<Manners> = {}, seed = 'test'): Promise<Agency> {
  const t = await testDatabase(schemas, { today: '2026-06-25' });
  const arrived: Agency['arrived'] = [];
  const away = { now: false };
  const seen = new Set<string>();
  const plan = (
    channel: PaymentChannel,
    confirmAfter: number,
    days: 'every-day' | { dayOfMonth: number } = 'every-day',
  ) => ({
    channel,
    sender: 'agency-1',
    from: '2026-06-25',
    days,
    confirmAfter,
  });
  const deps: Deps = {
    ...t.deps,
    bodies: [{ code: ward, companyCode, collections: 'meguro/collections' }],
    contracts: { bodyCodes: [ward], companies: { [companyCode]: ward } },
    tills: [
      plan('convenience', 2),
      plan('common-tax', 1),
      plan('pay-easy', 1),
      plan('counter', 0),
      plan('special-collection', 0),
      plan('pension', 0, { dayOfMonth: 10 }),
    ],
    seed,
    manners: { ...wellBehaved, ...manners },
    wards: {
      tell: async () => (away.now ? Promise.reject(new Error('away')) : 'taken'),
      async deliver(_body, file) {
        if (away.now) throw new Error('away');
        arrived.push(file);
        const text = Buffer.from(file.content).toString();
        if (!/\r\nT,\d+,\d+\r\n$/.test(text)) return 'refused';
        if (seen.has(text)) return 'repeated';
        seen.add(text);
        return 'taken';
      },
    },
  };
  return {
    t,
    deps,
    arrived,
    away,
    at: (day) => t.deps.civilClock.set(day),
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
