import type { Deps } from '@musubi/collections/deps.ts';
import type { FileSchedule } from '@musubi/collections/domain/files-due.ts';
import { orderDebits, takeDebitResults } from '@musubi/collections/service/files/debits.ts';
import { takeFile } from '@musubi/collections/service/files/take-file.ts';
import { fixInterest } from '@musubi/collections/service/office/fix-interest.ts';
import { listSuspense, matchSuspense } from '@musubi/collections/service/office/match-suspense.ts';
import { decideRefund, listRefunds, proposeRefund } from '@musubi/collections/service/office/refunds.ts';
import { makeReminders, postReminders, releaseReminders } from '@musubi/collections/service/office/reminders.ts';
import {
  agency,
  atStore,
  bodyCode,
  byQr,
  chief,
  clerk,
  type Town,
  totalOfCharge,
} from '@musubi/collections/test/a-town.ts';
import type { Charge } from '@musubi/contracts/collections/charge.ts';
import { writeCounterLine } from '@musubi/contracts/payments/counter-line.ts';
import { type PaymentChannel, type WrittenPayment, writePaymentFile } from '@musubi/contracts/payments/files.ts';
import type { Random } from '@musubi/kernel/random/random.ts';

/** What really happened, kept apart from the books. */
export interface Truth {
  /** Money that arrived in a final record or a debit, yen. */
  cashYen: number;
  /** Charges that were paid in full by their slip, with the day. */
  readonly paid: Map<string, string>;
  /** Charges whose payer keyed wrongly or paid partly: money in suspense until a clerk looks. */
  readonly unclear: Set<string>;
  paidUntil: string;
  /** Debits that the bank made, by key. */
  readonly debited: Map<string, number>;
}

interface Delivery {
  readonly channel: PaymentChannel;
  readonly on: string;
  readonly content: Uint8Array;
}

const senders: Readonly<Record<string, string>> = {
  convenience: 'agency-1',
  'common-tax': 'eltax',
  counter: 'bank-9999',
  'pay-easy': 'agency-1',
};

/** The payment of a charge's slip at a bank's counter, as its reader passes it on. */
function atCounter(c: Charge, paidOn: string): WrittenPayment {
  const [key, second] = writeCounterLine({
    bodyCode: bodyCode.slice(0, 5),
    taxCode: '01',
    fiscalYear: c.fiscalYear,
    instalment: c.instalment,
    noticeNumber: c.noticeNumber,
    issue: 0,
    tax: totalOfCharge(c),
    interest: 0,
    fee: 0,
  });
  return { paidOn, amount: totalOfCharge(c), key, second };
}

/** Days around the due date: payments, and the files that could hold them. */
const firstDay = -3;
const lastPaidDay = 4;
const lagDays = 2;
const lastDay = lastPaidDay + lagDays;

/** One month: `live` goes through it from the charges to the post, with faults drawn by the seed. */
export class Month {
  readonly truth: Truth = {
    cashYen: 0,
    paid: new Map(),
    unclear: new Set(),
    paidUntil: '',
    debited: new Map(),
  };
  readonly #town: Town;
  readonly #random: Random;
  readonly #faults: Record<string, number>;
  readonly #due: Temporal.PlainDate;
  readonly #deps: Deps;

  constructor(town: Town, random: Random, index: number, faults: Record<string, number>) {
    this.#town = town;
    this.#random = random;
    this.#faults = faults;
    this.#due = Temporal.PlainDate.from('2025-01-30').add({ months: index });
    const from = this.#day(firstDay);
    const schedules = Object.keys(senders).map(
      (channel): FileSchedule => ({
        channel,
        sender: senders[channel]!,
        name: channel,
        from,
        days: 'every-day',
        arrivesAfter: 1,
        lagDays,
      }),
    );
    this.#deps = { ...town.deps, schedules };
    this.truth.paidUntil = this.#day(lastPaidDay);
  }

  async live(): Promise<void> {
    this.#town.at(this.#day(-6));
    // One run decides them and tells them in one message; changes come one by one.
    const charges = await this.#town.charges(
      Array.from({ length: 8 }, () => ({
        total: 20_000 + this.#random.below(500) * 100,
        dueOn: this.#day(0),
        fiscalYear: this.#due.month >= 4 ? this.#due.year : this.#due.year - 1,
      })),
    );
    const deliveries = await this.#drawPayments(charges);
    const debited = charges.slice(6);
    await this.#debit(debited);
    this.#town.at(this.#day(9));
    await this.#deliverAll(deliveries);
    await this.#remind(true);
    await this.#refund();
    await this.#insist('interest', (deps) => fixInterest(deps, clerk, { limit: 500 }));
  }

  #day(offset: number): string {
    return this.#due.add({ days: offset }).toString();
  }
  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }
  #count(fault: string): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }
  #pay(on: string, yen: number, charge?: Charge): void {
    this.truth.cashYen += yen;
    if (charge !== undefined && (this.truth.paid.get(charge.chargeId) ?? '9') > on)
      this.truth.paid.set(charge.chargeId, on);
  }

  /** Payers of all kinds; the files of each day with what they did. */
  async #drawPayments(charges: readonly Charge[]): Promise<readonly Delivery[]> {
    const stores = new Map<string, WrittenPayment[]>();
    const qr = new Map<string, WrittenPayment[]>();
    const counter = new Map<string, WrittenPayment[]>();
    const payEasy = new Map<string, WrittenPayment[]>();
    const put = (book: Map<string, WrittenPayment[]>, on: string, payment: WrittenPayment): void =>
      void book.set(on, [...(book.get(on) ?? []), payment]);
    for (const charge of charges.slice(0, 6)) {
      const on = this.#day(firstDay + this.#random.below(lastPaidDay - firstDay + 1));
      const later = Temporal.PlainDate.from(on).add({ days: 1 }).toString();
      const yen = totalOfCharge(charge);
      switch (this.#random.below(10)) {
        case 0:
          this.#count('not-paid');
          break;
        case 1:
          this.#count('mis-keyed');
          put(qr, on, {
            ...byQr(charge, on),
            key: `${charge.slip!.caseKey.slice(0, 19)}${(Number(charge.slip!.caseKey[19]) + 1) % 10}`,
          });
          this.#pay(on, yen);
          this.truth.unclear.add(charge.chargeId);
          break;
        case 2:
          this.#count('cancelled');
          put(stores, on, atStore(charge, on, 'preliminary'));
          put(stores, later, atStore(charge, on, 'cancellation'));
          break;
        case 3:
          this.#count('paid-twice');
          put(stores, on, atStore(charge, on));
          put(qr, later, byQr(charge, later));
          this.#pay(on, yen, charge);
          this.#pay(later, yen, charge);
          break;
        case 4: {
          this.#count('charge-changed');
          const next = await this.#town.change(charge, yen - 5_000);
          // The old slip is at hand; the payer pays what it says.
          put(qr, on, byQr(charge, on));
          this.#pay(on, yen, next);
          break;
        }
        case 5:
          put(stores, on, atStore(charge, on, 'preliminary'));
          put(stores, later, atStore(charge, on));
          this.#pay(on, yen, charge);
          break;
        case 6:
          put(counter, on, atCounter(charge, on));
          this.#pay(on, yen, charge);
          break;
        case 7:
          put(payEasy, on, { ...byQr(charge, on), stage: 'preliminary' });
          put(payEasy, later, byQr(charge, on));
          this.#pay(on, yen, charge);
          break;
        default:
          put(qr, on, byQr(charge, on));
          this.#pay(on, yen, charge);
      }
    }
    const days = Array.from({ length: lastDay - firstDay + 1 }, (_, i) => this.#day(firstDay + i));
    return days.flatMap((on) =>
      (
        [
          ['convenience', stores],
          ['common-tax', qr],
          ['counter', counter],
          ['pay-easy', payEasy],
        ] as const
      ).map(([channel, book]) => ({
        channel,
        on,
        content: writePaymentFile({
          channel,
          sender: senders[channel]!,
          bodyCode,
          businessOn: on,
          sequence: 1,
          payments: book.get(on) ?? [],
        }),
      })),
    );
  }

  /** Files in any order, doubled, cut, under yesterday's header; some only at the end. Reminders are tried in between. */
  async #deliverAll(deliveries: readonly Delivery[]): Promise<void> {
    const order = [...deliveries];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.#random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (const [i, delivery] of order.entries()) {
      if (this.#chance(15)) {
        this.#count('cut');
        await this.#hand(delivery.channel, delivery.content.subarray(0, this.#random.below(delivery.content.length)));
      }
      if (this.#chance(10)) {
        this.#count('yesterday-header');
        const yesterday = Temporal.PlainDate.from(delivery.on).subtract({ days: 1 }).toString().replaceAll('-', '');
        const text = Buffer.from(delivery.content).toString();
        const old = text.replace(delivery.on.replaceAll('-', ''), yesterday);
        // Only where yesterday's own file is here: else nobody could tell the two apart.
        if (order.slice(0, i).some((d) => d.channel === delivery.channel && d.on.replaceAll('-', '') === yesterday))
          await this.#hand(delivery.channel, Buffer.from(old));
      }
      for (let copies = this.#chance(20) ? 3 : 1; copies > 0; copies--) {
        await this.#insist('take-file', (deps) =>
          takeFile(deps, agency, { channel: delivery.channel, content: delivery.content }),
        );
        if (copies > 1) this.#count('doubled');
      }
      if (this.#chance(8) && i < order.length - 1) {
        this.#count('reminder-too-early');
        await this.#remind(false);
      }
    }
  }

  async #hand(channel: PaymentChannel, content: Uint8Array): Promise<void> {
    await takeFile(this.#deps, agency, { channel, content });
  }

  /** Debits go to a bank that answers twice, in one file and then in another. */
  async #debit(charges: readonly Charge[]): Promise<void> {
    const command = {
      batchId: this.#deps.newId(),
      dueOn: this.#day(0),
      debitOn: this.#day(0),
      persons: charges.map((c) => c.payer.orgPersonNumber),
    };
    const orders = await this.#insist('order-debits', (deps) => orderDebits(deps, clerk, command));
    if (!orders.ok) return;
    await this.#insist('order-debits', (deps) => orderDebits(deps, clerk, { ...command, batchId: this.#deps.newId() }));
    const results = orders.value.map((o, i) => ({
      row: i + 2,
      caseKey: o.caseKey,
      amount: o.amountYen,
      outcome: this.#chance(70) ? 'paid' : 'insufficient-funds',
    }));
    for (const [i, r] of results.entries())
      if (r.outcome === 'paid') {
        this.truth.debited.set(r.caseKey, r.amount);
        this.#pay(
          command.debitOn,
          r.amount,
          charges.find((c) => c.chargeId === orders.value[i]!.chargeId),
        );
      }
    this.#town.at(this.#day(2));
    for (const digest of ['a', 'a', 'b']) {
      const sha256 = `${digest}${command.batchId.replaceAll('-', '')}`.padEnd(64, '0');
      await this.#insist('debit-results', (deps) =>
        takeDebitResults(deps, clerk, { bank: '9999', debitOn: command.debitOn, sha256, bytes: 610, results }),
      );
      this.#count('result-doubled');
    }
  }

  /** A run, its release and its post; `all` says that every file is in, so that it must be made. */
  async #remind(all: boolean): Promise<void> {
    const runId = this.#deps.newId();
    const made = await this.#insist('reminders', (deps) =>
      makeReminders(deps, clerk, { runId, paidUntil: this.truth.paidUntil }),
    );
    if (!made.ok || !made.value.made) {
      if (all) throw new Error(`all files are in, yet no run was made: ${JSON.stringify(made)}`);
      this.#count('blocked');
      return;
    }
    await this.#insist('release', (deps) => releaseReminders(deps, chief, { runId }));
    if (all && this.#chance(50)) await this.#clearSuspense();
    await this.#insist('post', (deps) => postReminders(deps, chief, { runId }));
  }

  /** A clerk looks at what waits and puts it on the first candidate; two clerks do so at once. */
  async #clearSuspense(): Promise<void> {
    const list = await listSuspense(this.#deps, clerk, { offset: 0, limit: 20 });
    if (!list.ok) return;
    for (const { receiptNo, reference } of list.value.rows) {
      const [charge] = await this.#town.t.owner<{ id: string }>(
        'select charge_id as id from collections.slip where left(case_key, 19) = left($1, 19)',
        [reference],
      );
      if (charge === undefined) continue;
      await Promise.all(
        [clerk, chief].map((actor) =>
          matchSuspense(this.#deps, actor, { receiptNo, chargeId: charge.id, reason: '照合' }),
        ),
      );
    }
  }

  /** Every overpayment is proposed by two at once and decided by two at once. */
  async #refund(): Promise<void> {
    const found = await listRefunds(this.#deps, clerk, {});
    if (!found.ok) return;
    for (const { overpaymentNo, paidOn } of found.value.open) {
      const propose = { overpaymentNo, cause: 'mistake', factOn: paidOn, evidence: '収納データ' } as const;
      const both = await Promise.all(
        [clerk, chief].map((actor) => this.#insist('propose', (deps) => proposeRefund(deps, actor, propose))),
      );
      for (const [i, done] of both.entries()) {
        if (!done.ok) continue;
        const other = i === 0 ? chief : clerk;
        const decide = { refundId: done.value.refundId, approve: true, reason: '' };
        await Promise.all([1, 2].map(() => this.#insist('decide', (deps) => decideRefund(deps, other, decide))));
        this.#count('two-refunds');
      }
    }
  }

  /** Does a step until it ends; the process dies in it as often as the seed says, at any reading of clock, id or log. */
  async #insist<T>(step: string, act: (deps: Deps) => Promise<T>): Promise<T> {
    for (;;) {
      let left = this.#chance(40) ? 1 + this.#random.below(6) : Number.POSITIVE_INFINITY;
      const breathe = (): void => {
        if (--left <= 0) throw new Killed(step);
      };
      const deps: Deps = {
        ...this.#deps,
        machineClock: {
          now: () => {
            breathe();
            return this.#deps.machineClock.now();
          },
        },
        newId: () => {
          breathe();
          return this.#deps.newId();
        },
        audit: {
          write: async (tx, entry) => {
            breathe();
            await this.#deps.audit.write(tx, entry);
          },
        },
      };
      try {
        return await act(deps);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        this.#count('killed');
      }
    }
  }
}

class Killed extends Error {}
