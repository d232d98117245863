import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { PayingDeps } from '../deps.ts';
import { wellBehaved } from '../domain/manners.ts';
import { withholdingJob } from '../jobs/withholding-loop.ts';
import { payOver, payPensions } from '../service/pay-pensions.ts';
import { register } from '../service/register.ts';
import type { Recipient } from '../store/books.ts';
import { pensionSchema } from '../store/schema-set.ts';

export const schemas = [auditSchema, pensionSchema];
export const ward: Actor = { kind: 'system', organisation: 'meguro', system: 'resident-tax', certificate: 'c' };

/** What an agency was asked to take, by payment id. */
export type Paid = Map<string, { readonly noticeNumber: string; readonly month: string; readonly amount: number }>;

export interface Insurer extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: PayingDeps;
  readonly trust: Trust;
  readonly paid: Paid;
  register(recipients: readonly Recipient[]): Promise<void>;
  /** Pays what is due on the day, keeps back, pays over. */
  work(day: string): Promise<void>;
}

export const aRecipient = (n: number, more: Partial<Recipient> = {}): Recipient => ({
  pensionNumber: `${n}`.padStart(10, '0'),
  pensionCode: '1150',
  municipality: '131105',
  kana: 'ヤマダ イチロウ',
  name: '山田 一郎',
  bornOn: '1955-03-01',
  sex: 'male',
  address: '東京都目黒区上目黒二丁目19番15号',
  annualYen: 2_400_000,
  careWithheld: true,
  ...more,
});

/** An insurer that serves the ward of the tests; money goes to an agency that remembers it. */
export async function anInsurer(today = '2026-05-25'): Promise<Insurer> {
  const t = await testDatabase(schemas, { today });
  const now = Temporal.Instant.from('2026-06-01T00:00:00Z');
  const ceremony = await holdCeremony(now);
  const validity = { from: now.subtract({ hours: 24 }), until: now.add({ hours: 24 * 300 }) };
  const identity = await issueIdentity(ceremony.issuing, { organisation: 'finance', system: 'pension' }, validity);
  const trust = await trustWithCrl(ceremony, now);
  const paid: Paid = new Map();
  const call = async (_endpoint: unknown, _peer: string, _params: unknown, body: unknown) => {
    const { payments } = body as {
      payments: readonly { paymentId: string; presented: { noticeNumber: string; month: string; amount: number } }[];
    };
    for (const { paymentId, presented } of payments) paid.set(paymentId, presented);
    return ok({ results: payments.map(({ paymentId }) => ({ paymentId, taken: true, yen: 1, paidOn: '2026-10-15' })) });
  };
  const deps: PayingDeps = {
    ...t.deps,
    insurer: 'nenkin',
    municipalities: { 'meguro/resident-tax': '131105' },
    identity,
    peers: { call: call as unknown as PeerClient['call'] },
    payments: 'finance/payments',
    seed: '',
    manners: wellBehaved,
    given: new Set(),
  };
  return {
    t,
    deps,
    trust,
    paid,
    register: async (recipients) => {
      unwrap(await register(deps, withholdingJob, { recipients }));
    },
    async work(day) {
      t.deps.civilClock.set(day);
      unwrap(await payPensions(deps, withholdingJob, undefined));
      await payOver(deps, withholdingJob);
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
