import {
  readableConvenienceCode,
  readConvenienceCode,
  writeConvenienceCode,
} from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readableElNumber, readElQr, writeElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { convenienceBars, qrModules } from '@musubi/contracts/payment-slip/symbols.ts';
import { readCounterLine, writeCounterLine } from '@musubi/contracts/payments/counter-line.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import type { Particulars } from '../../store/charges.ts';
import type { ChargeOfPaper } from '../../store/papers.ts';
import type { Slip } from '../../store/slips.ts';
import type { PaperOffice } from './paper-deps.ts';

export const reiwa = (fiscalYear: number): string => `令和${fiscalYear - 2018}年度`;
export const dayText = (iso: string): string => {
  const { year, month, day } = Temporal.PlainDate.from(iso);
  return `令和${year - 2018}年${month}月${day}日`;
};
export const periodOf = (c: Pick<ChargeOfPaper, 'method' | 'instalment'>): string =>
  c.method === 'ordinary'
    ? c.instalment <= 4
      ? `第${c.instalment}期`
      : `随時（${c.instalment}）`
    : `${c.instalment}月分`;
export const yearAndPeriod = (c: Pick<ChargeOfPaper, 'method' | 'instalment' | 'fiscalYear'>): string =>
  `${reiwa(c.fiscalYear)} ${periodOf(c)}`;

/** Addressee, issuer and title: the head of every paper. */
export const headOf = (payer: Particulars, office: PaperOffice, title: string, issuedOn: string) => ({
  title,
  issuedOn: dayText(issuedOn),
  addressee: {
    postalCode: (payer.postalCode ?? '').replace(/^(\d{3})(\d{4})$/, '$1-$2'),
    address: registered(payer.address),
    name: registered(payer.name),
  },
  issuer: { office: office.ward, title: office.issuer.title, name: registered(office.issuer.name) },
  contact: office.contact,
});

export const appealText = (office: PaperOffice): string =>
  `この処分に不服がある場合は、この書面を受け取った日の翌日から起算して3か月以内に、${office.issuer.title}に対して審査請求をすることができます。処分の取消しの訴えは、審査請求に対する裁決を経た後に、裁決があったことを知った日の翌日から起算して6か月以内に、${office.ward}を被告として提起することができます。`;

/** One line of what is open of a charge. */
export const openLine = (c: ChargeOfPaper, interestYen: number) => ({
  period: yearAndPeriod(c),
  dueOn: dayText(c.dueOn),
  taxYen: c.openTaxYen,
  feeYen: c.feeYen,
  interestYen,
});

/**
 * A slip as it is printed: symbols, numbers and lines all from the one slip. Each is read again here and must say what the slip says;
 * a slip that differs is never printed (INC-33).
 */
export function printedSlip(
  slip: Slip,
  charge: ChargeOfPaper,
  about: { readonly office: PaperOffice; readonly bodyCode: string },
) {
  const { storeCompany, taxItem, taxOffice } = about.office.slips;
  const body = about.bodyCode.slice(0, 5);
  const until = Temporal.PlainDate.from(slip.payableUntil);
  const { caseKey, confirmation: confirmationNumber, amountYen } = slip;
  const text = writeElQr({
    taxItem,
    caseKey,
    confirmationNumber,
    body,
    office: taxOffice,
    amountYen,
    taxYear: charge.taxYear,
    fiscalYear: charge.fiscalYear,
    instalment: charge.instalment,
    dueOn: Temporal.PlainDate.from(charge.dueOn),
    payableUntil: until,
  });
  const qr = readElQr(text);
  const bar =
    storeCompany === null || slip.convenienceReference === null
      ? undefined
      : writeConvenienceCode({
          company: storeCompany,
          reference: slip.convenienceReference,
          reissue: Math.min(slip.issue, 9),
          payableUntil: until,
          amountYen,
        });
  const store = bar?.ok ? readConvenienceCode(bar.value) : undefined;
  const extra = Math.max(0, amountYen - charge.openTaxYen - charge.feeYen - charge.interestYen);
  const lines = writeCounterLine({
    bodyCode: body,
    taxCode: '01',
    fiscalYear: charge.fiscalYear,
    instalment: charge.instalment,
    noticeNumber: charge.noticeNumber,
    issue: slip.issue,
    tax: amountYen - charge.interestYen - charge.feeYen - extra,
    interest: charge.interestYen,
    fee: charge.feeYen + extra,
  });
  const counter = readCounterLine(...lines);
  const agrees =
    qr.ok &&
    qr.value.caseKey === caseKey &&
    qr.value.amountYen === amountYen &&
    qr.value.instalment === charge.instalment &&
    qr.value.payableUntil.equals(until) &&
    (store === undefined ||
      (store.ok && store.value.reference === slip.convenienceReference && store.value.amountYen === amountYen)) &&
    counter.ok &&
    counter.value.noticeNumber === charge.noticeNumber &&
    counter.value.tax + counter.value.interest + counter.value.fee === amountYen;
  if (!agrees) throw new Error('a slip reads otherwise than it was made');
  return {
    fiscalYear: reiwa(charge.fiscalYear),
    period: periodOf(charge),
    noticeNumber: charge.noticeNumber,
    taxYen: counter.value.tax,
    feeYen: counter.value.fee,
    interestYen: counter.value.interest,
    amountYen,
    dueOn: dayText(charge.dueOn),
    payableUntil: dayText(slip.payableUntil),
    issue: slip.issue,
    qr: qrModules(text),
    elNumber: readableElNumber({ caseKey, confirmationNumber }),
    store: bar?.ok ? { bars: convenienceBars(bar.value), lines: readableConvenienceCode(bar.value) } : null,
    counterLines: lines,
  };
}
