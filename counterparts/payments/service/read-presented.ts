import { readConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { readCounterLine } from '@musubi/contracts/payments/counter-line.ts';
import type { PaymentChannel } from '@musubi/contracts/payments/files.ts';
import type { Presented, TillRefusal } from '@musubi/contracts/payments/till.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

import type { Told } from '../store/remittances.ts';

/** A payment as the till read it: to which body, with what number, how much. */
export interface ReadPayment {
  readonly bodyCode: string;
  readonly channel: PaymentChannel;
  /** As the channel's file has it: 44 digits, 案件特定キー, OCR line, 指定番号 or 通知書番号. */
  readonly key: string;
  readonly second: string;
  readonly amount: number;
  /** 納入内訳 of an employer. */
  readonly lines?: Told['lines'];
}

/** Who takes what: bodies with a contract, by code and by the company code of their bars. */
export interface Contracts {
  readonly bodyCodes: readonly string[];
  /** 請求書発行企業コード → body. */
  readonly companies: Readonly<Record<string, string>>;
}

/**
 * What a till makes of what is held before it. A scanner checks digits and dates; typed numbers are taken as they are typed, as the
 * payer's bank does that has no list of the ward's slips.
 */
export function readPresented(p: Presented, contracts: Contracts, today: string): Result<ReadPayment, TillRefusal> {
  const bodyOf = (code: string): string | undefined =>
    contracts.bodyCodes.find((known) => known === code || known.slice(0, 5) === code);
  const read = readOf(p, contracts);
  if (!read.ok) return read;
  const bodyCode = bodyOf(read.value.bodyCode);
  if (bodyCode === undefined) return err('unknown-body');
  const { until, ...payment } = read.value;
  return until !== null && until < today ? err('expired') : ok({ ...payment, bodyCode });
}

type Read = ReadPayment & { readonly until: string | null };

function readOf(p: Presented, contracts: Contracts): Result<Read, TillRefusal> {
  switch (p.kind) {
    case 'el-qr': {
      const qr = readElQr(p.text);
      if (!qr.ok) return err('unreadable');
      const { body, caseKey: key, confirmationNumber: second, amountYen: amount, payableUntil } = qr.value;
      return ok({ bodyCode: body, channel: 'common-tax', key, second, amount, until: payableUntil.toString() });
    }
    case 'convenience-bar': {
      const bar = readConvenienceCode(p.text);
      if (!bar.ok) return err('unreadable');
      const { company, amountYen: amount, payableUntil } = bar.value;
      const bodyCode = contracts.companies[company] ?? '';
      const until = payableUntil?.toString() ?? null;
      return ok({ bodyCode, channel: 'convenience', key: p.text, second: '', amount, until });
    }
    case 'typed': {
      const { channel, bodyCode, caseKey: key, confirmation: second, amount } = p;
      return /^[0-9]{20}$/.test(key) && /^[0-9]{6}$/.test(second)
        ? ok({ bodyCode, channel, key, second, amount, until: null })
        : err('unreadable');
    }
    case 'counter-lines': {
      const line = readCounterLine(p.one, p.two);
      if (!line.ok) return err('unreadable');
      const { bodyCode, tax, interest, fee } = line.value;
      const amount = tax + interest + fee;
      return amount === 0
        ? err('unreadable')
        : ok({ bodyCode, channel: 'counter', key: p.one, second: p.two, amount, until: null });
    }
    case 'collector': {
      const { bodyCode, designationNumber: key, month: second, amount, lines } = p;
      if (lines !== undefined && lines.reduce((all, l) => all + l.amount, 0) !== amount) return err('unreadable');
      const payment = { bodyCode, channel: 'special-collection', key, second, amount, until: null } as const;
      return ok(lines === undefined ? payment : { ...payment, lines });
    }
    case 'withheld': {
      const { bodyCode, noticeNumber: key, month: second, amount } = p;
      return ok({ bodyCode, channel: 'pension', key, second, amount, until: null });
    }
  }
}
