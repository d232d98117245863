import type { Charge } from '@musubi/contracts/collections/charge.ts';
import { writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { type PaymentChannel, type WrittenPayment, writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { accessSchema } from '@musubi/kernel/access/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { FileSchedule } from '../domain/files-due.ts';
import { collectionsSchema } from '../schema-set.ts';
import { applyCharge, applyChargeBatch } from '../service/charges/apply-charge.ts';
import { takeFile } from '../service/files/take-file.ts';

export const schemas = [auditSchema, accessSchema, approvalsSchema, collectionsSchema];
export const bodyCode = '131105';

export const schedules: readonly FileSchedule[] = [
  {
    channel: 'convenience',
    sender: 'agency-1',
    name: 'コンビニ収納',
    from: '2026-06-25',
    days: 'every-day',
    arrivesAfter: 1,
    lagDays: 3,
  },
  {
    channel: 'common-tax',
    sender: 'eltax',
    name: 'eL-QR',
    from: '2026-06-25',
    days: 'every-day',
    arrivesAfter: 1,
    lagDays: 2,
  },
  {
    channel: 'counter',
    sender: 'bank-9999',
    name: '窓口納付',
    from: '2026-06-25',
    days: 'open-days',
    arrivesAfter: 2,
    lagDays: 4,
  },
];

export const clerk: Actor = { kind: 'staff', organisation: 'meguro', staffId: 'collection-clerk-01', sessionId: 's1' };
export const chief: Actor = { kind: 'staff', organisation: 'meguro', staffId: 'collection-chief-01', sessionId: 's2' };
export const approver: Actor = {
  kind: 'staff',
  organisation: 'meguro',
  staffId: 'collection-approver-01',
  sessionId: 's3',
};
export const agency: Actor = { kind: 'system', organisation: 'payments', system: 'payments', certificate: 'c' };

export interface Town extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
  at(day: string): void;
  charge(of?: Partial<ChargeOf>): Promise<Charge>;
  /** Many in one message, as a run sends them. */
  charges(of: readonly Partial<ChargeOf>[]): Promise<readonly Charge[]>;
  change(charge: Charge, total: number): Promise<Charge>;
  pay(channel: PaymentChannel, day: string, payments: readonly WrittenPayment[], sequence?: number): Promise<Taken>;
  /** Empty files of every channel from `from` to `to`, but of what is left out. */
  quiet(from: string, to: string, leaveOut?: (channel: string, day: string) => boolean): Promise<void>;
}
type Taken = Awaited<ReturnType<typeof takeFile>>;

export interface ChargeOf {
  readonly person: number;
  readonly total: number;
  readonly instalment: number;
  readonly dueOn: string;
  readonly fiscalYear: number;
  readonly method: Charge['method'];
  readonly collector: string;
  readonly collectorAddress: { readonly postalCode: string | null; readonly text: string };
}

const digits = (n: number, length: number): string => String(n).padStart(length, '0');

/** A database with the system's acts and helpers that pay, change and wait as payers do. */
export async function aTown(options: { audit?: boolean } = {}): Promise<Town> {
  const t = await testDatabase(schemas, {
    today: '2026-06-10',
    ...(options.audit ? { audit: auditSink({ instance: 'meguro/collections', random: systemRandom }) } : {}),
  });
  const deps: Deps = { ...t.deps, bodyCode, schedules, reminderFeeYen: 0, refundLimitYen: 1_000_000 };
  let made = 0;
  const received = <M>(message: M) => ({ message }) as never;
  const newCharge = (of: Partial<ChargeOf>): Charge => {
    const n = ++made;
    const {
      person = n,
      total = 48_700,
      instalment = 1,
      dueOn = '2026-06-30',
      fiscalYear = 2026,
      method = 'ordinary',
    } = of;
    const key = `13110${digits(fiscalYear, 4)}${digits(n, 11)}`;
    return {
      chargeId: deps.newId(),
      revision: 1,
      tax: 'inhabitant-tax',
      taxYear: fiscalYear,
      fiscalYear,
      method,
      instalment,
      noticeNumber: digits(person, 10),
      dueOn,
      legalDueOn: dueOn,
      items: itemsOf(total),
      slip:
        method === 'ordinary'
          ? {
              caseKey: key,
              confirmationNumber: digits(n, 6),
              convenienceReference: `${key}0`,
              payableUntil: '2027-03-31',
            }
          : null,
      collector:
        method === 'ordinary'
          ? null
          : {
              designationNumber: of.collector ?? '1234567',
              name: '株式会社目黒製作所',
              ...(of.collectorAddress === undefined ? {} : { address: of.collectorAddress }),
            },
      payer: {
        orgPersonNumber: digits(person, 15),
        name: `目黒 ${person}郎`,
        nameKana: 'メグロ タロウ',
        postalCode: '1530051',
        address: '東京都目黒区上目黒二丁目19番15号',
      },
      decision: { assessmentId: deps.newId(), decidedOn: '2026-06-01', reason: 'levy' },
    };
  };
  const town: Town = {
    t,
    deps,
    at: (day) => t.deps.civilClock.set(day),
    async charge(of = {}) {
      const charge = newCharge(of);
      await mustBeOk(applyCharge(deps, clerk, received(charge)));
      return charge;
    },
    async charges(of) {
      const charges = of.map(newCharge);
      for (let from = 0; from < charges.length; from += 500)
        await mustBeOk(
          applyChargeBatch(deps, clerk, received({ batchId: deps.newId(), charges: charges.slice(from, from + 500) })),
        );
      return charges;
    },
    async change(charge, total) {
      const next: Charge = {
        ...charge,
        revision: charge.revision + 1,
        items: itemsOf(total),
        slip: charge.slip && total > 0 ? { ...charge.slip, ...freshKeys(charge.slip, charge.revision) } : null,
        decision: { assessmentId: deps.newId(), decidedOn: t.deps.civilClock.today().toString(), reason: 'change' },
      };
      await mustBeOk(applyCharge(deps, clerk, received(next)));
      return next;
    },
    async pay(channel, businessOn, payments, sequence = 1) {
      const sender = schedules.find((s) => s.channel === channel)?.sender ?? 'agency-1';
      const content = writePaymentFile({ channel, sender, bodyCode, businessOn, sequence, payments });
      return takeFile(deps, agency, { channel, content });
    },
    async quiet(from, to, leaveOut = () => false) {
      for (let d = Temporal.PlainDate.from(from); d.toString() <= to; d = d.add({ days: 1 }))
        for (const { channel } of schedules)
          if (!leaveOut(channel, d.toString())) await town.pay(channel as PaymentChannel, d.toString(), []);
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
  return town;
}

/** 6 : 4 between ward and metropolis after 250 yen of forest tax. */
const itemsOf = (total: number): Charge['items'] => {
  const forestTax = Math.min(250, total);
  const wardTax = Math.ceil(((total - forestTax) * 6) / 10);
  return { wardTax, metropolitanTax: total - forestTax - wardTax, forestTax };
};
const freshKeys = (slip: NonNullable<Charge['slip']>, n: number) => ({
  caseKey: `${slip.caseKey.slice(0, 9)}9${digits(n, 2)}${slip.caseKey.slice(12)}`,
  convenienceReference: `${slip.convenienceReference.slice(0, 9)}9${digits(n, 2)}${slip.convenienceReference.slice(12)}`,
});

export async function mustBeOk<T, E>(result: Promise<{ ok: true; value: T } | { ok: false; error: E }>): Promise<T> {
  const done = await result;
  if (!done.ok) throw new Error(`refused: ${String(done.error)}`);
  return done.value;
}

export const totalOfCharge = (c: Charge): number => c.items.wardTax + c.items.metropolitanTax + c.items.forestTax;

/** The payment of a charge's slip by eL-QR. */
export const byQr = (c: Charge, paidOn: string, amount = totalOfCharge(c)): WrittenPayment => ({
  paidOn,
  amount,
  key: c.slip!.caseKey,
  second: c.slip!.confirmationNumber,
});
/** The payment of a charge's slip at a convenience store. */
export const atStore = (c: Charge, paidOn: string, stage: WrittenPayment['stage'] = 'final'): WrittenPayment => ({
  stage: stage ?? 'final',
  paidOn,
  amount: totalOfCharge(c),
  key: unwrap(
    writeConvenienceCode({
      company: '912345',
      reference: c.slip!.convenienceReference,
      reissue: 0,
      payableUntil: Temporal.PlainDate.from(c.slip!.payableUntil),
      amountYen: totalOfCharge(c),
    }),
  ),
});
