import { writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { writeCounterLine } from '@musubi/contracts/payments/counter-line.ts';
import type { PaymentChannel, WrittenPayment } from '@musubi/contracts/payments/files.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';

/** Charge n of the bench: its keys are made from its number, so that files and books need no look-up. */
export const caseKeyOf = (n: number): string => `131102026${String(n).padStart(11, '0')}`;
const confirmation = '123456';
export const amountOf = (n: number): number => 20_000 + (n % 400) * 100;
const payableUntil = '2027-03-31';

/**
 * Charges 1 … count for the fiscal year with slips, states and entries, straight by SQL: what is measured is what comes after.
 * Statements run as the owner of the database.
 */
export const loadStatements = (count: number, year: number, firstNo: number): readonly string[] => {
  const charge = `('00000000-0000-7000-8000-' || lpad(to_hex(${firstNo} + n), 12, '0'))::uuid`;
  const event = `'00000000-0000-7000-9000-000000000001'::uuid`;
  const all = `from generate_series(1, ${count}) as n`;
  const total = '(20000 + (n % 400) * 100)';
  const ward = `(((${total} - 250) * 6 + 9) / 10)`;
  const rest = `(${total} - 250 - ${ward})`;
  return [
    `insert into collections.charge select ${charge}, lpad(((n - 1) / 4 + ${firstNo})::text, 15, '0'), 'inhabitant-tax', ${year}, ${year},
       'ordinary', (n - 1) % 4 + 1, lpad(((n - 1) / 4 + ${firstNo})::text, 10, '0'), '${year}-06-30', null, null, ${event} ${all}`,
    `insert into collections.charge_revision select ${charge}, 1, '${year}-06-30', ${ward}, ${rest}, 250, 'levy', ${event}, '${year}-06-01', now(),
       ${event} ${all}`,
    `insert into collections.slip select ${firstNo} + n, 'slip', ${charge}, 0, '13110${year}' || lpad((${firstNo} + n)::text, 11, '0'), '${confirmation}',
       '13110${year}' || lpad((${firstNo} + n)::text, 11, '0') || '0', ${total}, '${payableUntil}', '${year}-06-01', 'levy', ${event} ${all}`,
    `insert into collections.entry select ${firstNo} + n, 'charge', '${year}-06-01', now(), null, 'bench', null, ${event} ${all}`,
    `insert into collections.posting (entry_no, line, ledger, book_year, charge_id, ward_yen, metropolitan_yen, forest_yen, event_id)
       select ${firstNo} + n, l.line, l.ledger, ${year}, ${charge}, l.sign * ${ward}, l.sign * ${rest}, l.sign * 250, ${event} ${all}
         cross join (values (1::smallint, 'receivable', 1), (2::smallint, 'levy', -1)) as l (line, ledger, sign)`,
    `insert into collections.charge_state (charge_id, person_number, method, due_on, book_year, tax_yen, ward_open, metropolitan_open, forest_open)
       select ${charge}, lpad(((n - 1) / 4 + ${firstNo})::text, 15, '0'), 'ordinary', '${year}-06-30', ${year}, ${total}, ${ward}, ${rest}, 250 ${all}`,
    `select setval('collections.entry_no', greatest((select max(entry_no) from collections.entry), 1)),
            setval('collections.slip_no', greatest((select max(slip_no) from collections.slip), 1))`,
  ];
};

export const mix: readonly PaymentChannel[] = [
  'convenience',
  'convenience',
  'common-tax',
  'common-tax',
  'counter',
  'pay-easy',
];

/** The payment of charge n by a channel; each 50th is paid under a key that leads nowhere, each 53rd with a wrong confirmation. */
export function paymentOf(n: number, channel: PaymentChannel, paidOn: string): WrittenPayment {
  const amount = amountOf(n);
  const lost = n % 50 === 0;
  const caseKey = lost ? caseKeyOf(90_000_000_000 + n) : caseKeyOf(n);
  switch (channel) {
    case 'convenience':
      return {
        paidOn,
        amount,
        key: unwrap(
          writeConvenienceCode({
            company: '912345',
            reference: `${caseKey}0`,
            reissue: 0,
            payableUntil: Temporal.PlainDate.from(payableUntil),
            amountYen: amount,
          }),
        ),
      };
    case 'counter': {
      const [key, second] = writeCounterLine({
        bodyCode: '13110',
        taxCode: '01',
        fiscalYear: lost ? 1999 : 2026,
        instalment: ((n - 1) % 4) + 1,
        noticeNumber: String(Math.floor((n - 1) / 4)).padStart(10, '0'),
        issue: 0,
        tax: amount,
        interest: 0,
        fee: 0,
      });
      return { paidOn, amount, key, second };
    }
    default:
      return { paidOn, amount, key: caseKey, second: n % 53 === 0 ? '999999' : confirmation };
  }
}
