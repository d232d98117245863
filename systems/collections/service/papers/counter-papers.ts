import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { delinquencyCharge } from '../../domain/interest.ts';
import { hasRates } from '../../domain/interest-rates.ts';
import { arrivedFiles } from '../../store/files.ts';
import { taxPayments } from '../../store/office.ts';
import { chargesOfPaper, payersOf } from '../../store/papers.ts';
import { slipsOfCharges } from '../../store/slips.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { dayText, headOf, openLine, periodOf, printedSlip, reiwa } from './paper-data.ts';
import type { PaperDeps } from './paper-deps.ts';

type Made<E extends string> = Result<Paper, E | 'unprintable-character' | 'not-authorised' | 'protections-unavailable'>;

const readSlip = act('collections.read-slip-to-print', {
  right: ['collections', 'slip', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    query: { readonly chargeId: string; readonly slipNo: number },
  ): Promise<Result<PaperRequest, 'no-such-charge' | 'no-such-slip' | 'nothing-open' | 'amount-changed'>> {
    const [charge] = await chargesOfPaper(tx, { chargeIds: [query.chargeId] });
    if (charge === undefined) return err('no-such-charge');
    const slip = (await slipsOfCharges(tx, [query.chargeId])).find(
      (s) => s.slipNo === query.slipNo && s.kind === 'slip',
    );
    if (slip === undefined) return err('no-such-slip');
    const open = charge.openTaxYen + charge.feeYen + charge.interestYen;
    if (open === 0) return err('nothing-open');
    // A slip that asks for another amount than is open is not handed out any more; what was handed out stays payable.
    if (open !== slip.amountYen) return err('amount-changed');
    const payer = (await payersOf(tx, [charge.personNumber])).get(charge.personNumber)!;
    tx.record({ event: 'slip.read-to-print', subject: charge.personNumber, detail: { slip: slip.slipNo } });
    const title = '特別区民税・都民税・森林環境税 納付書（再発行）';
    return ok({
      kind: 'slip',
      title,
      about: `slip ${slip.slipNo}`,
      personNumber: charge.personNumber,
      addressees: [charge.personNumber],
      name: `nofusho-${slip.slipNo}.pdf`,
      data: {
        ...headOf(payer, deps.office, title, deps.civilClock.today().toString()),
        slip: printedSlip(slip, charge, deps),
      },
    });
  },
});
const noteSlip = noteOf(['collections', 'slip', 'update']);

/** 再発行納付書 as paper (COL-F4): symbols, numbers and lines all of the one slip, each read back before it is printed. */
export async function printSlip(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly chargeId: string; readonly slipNo: number },
): Promise<Made<'no-such-charge' | 'no-such-slip' | 'nothing-open' | 'amount-changed'>> {
  const read = await readSlip(deps, actor, query);
  return read.ok ? makePaper(deps, actor, read.value, noteSlip) : read;
}

const readDemand = act('collections.read-demand', {
  right: ['collections', 'reminder', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    { chargeId }: { readonly chargeId: string },
  ): Promise<Result<PaperRequest, 'no-such-charge' | 'nothing-open' | 'rates-missing'>> {
    const [one] = await chargesOfPaper(tx, { chargeIds: [chargeId] });
    if (one === undefined) return err('no-such-charge');
    const today = deps.civilClock.today().toString();
    const overdue = (await chargesOfPaper(tx, { personNumber: one.personNumber })).filter(
      (c) =>
        c.dueOn < today && c.method === 'ordinary' && !c.preliminary && c.openTaxYen + c.feeYen + c.interestYen > 0,
    );
    if (overdue.length === 0) return err('nothing-open');
    if (!hasRates(today)) return err('rates-missing');
    const ids = overdue.map((c) => c.chargeId);
    const payments = Map.groupBy(await taxPayments(tx, ids), (p) => p.chargeId);
    const open = overdue.map((c) =>
      openLine(
        c,
        c.openTaxYen === 0
          ? c.interestYen
          : delinquencyCharge(c.taxYen, c.dueOn, payments.get(c.chargeId) ?? [], today).yen,
      ),
    );
    const payer = (await payersOf(tx, [one.personNumber])).get(one.personNumber)!;
    const files = await arrivedFiles(tx, Temporal.PlainDate.from(today).subtract({ days: 60 }).toString());
    const until =
      files
        .map((f) => f.businessOn)
        .sort()
        .at(-1) ?? today;
    tx.record({ event: 'demand.read', subject: one.personNumber, detail: { charges: overdue.length } });
    return ok({
      kind: 'demand',
      title: '催告書',
      about: `demand ${chargeId}`,
      personNumber: one.personNumber,
      addressees: [one.personNumber],
      name: `saikoku-${today}.pdf`,
      data: {
        ...headOf(payer, deps.office, '催告書', today),
        open,
        totalYen: open.reduce((all, o) => all + o.taxYen + o.feeYen + o.interestYen, 0),
        checkedUntil: dayText(until),
      },
    });
  },
});
const noteDemand = noteOf(['collections', 'reminder', 'update']);

/** 催告書 of a person: all that is overdue with its interest as of today. A charge with a 速報 does not stand on it. */
export async function printDemand(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly chargeId: string },
): Promise<Made<'no-such-charge' | 'nothing-open' | 'rates-missing'>> {
  const read = await readDemand(deps, actor, query);
  return read.ok ? makePaper(deps, actor, read.value, noteDemand) : read;
}

const readCertificate = act('collections.read-tax-certificate', {
  right: ['collections', 'slip', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    query: { readonly chargeId: string },
  ): Promise<Result<PaperRequest, 'no-such-charge' | 'nothing-charged'>> {
    const [one] = await chargesOfPaper(tx, { chargeIds: [query.chargeId] });
    if (one === undefined) return err('no-such-charge');
    const charges = (await chargesOfPaper(tx, { personNumber: one.personNumber })).filter(
      (c) => c.fiscalYear === one.fiscalYear,
    );
    const sum = (of: (c: (typeof charges)[number]) => number): number => charges.reduce((all, c) => all + of(c), 0);
    if (sum((c) => c.taxYen) === 0) return err('nothing-charged');
    const payer = (await payersOf(tx, [one.personNumber])).get(one.personNumber)!;
    const today = deps.civilClock.today().toString();
    tx.record({
      event: 'tax-certificate.read',
      subject: one.personNumber,
      ground: '地方税法 第20条の10',
      items: ['納付すべき額', '納付済額', '未納額'],
      detail: { fiscalYear: one.fiscalYear },
    });
    const { addressee, issuer, issuedOn } = headOf(payer, deps.office, '納税証明書', today);
    return ok({
      kind: 'tax-certificate',
      title: '納税証明書',
      about: `certificate ${one.fiscalYear} ${query.chargeId}`,
      personNumber: one.personNumber,
      addressees: [one.personNumber],
      name: `nozei-shomei-${one.fiscalYear}.pdf`,
      data: {
        addressee,
        issuer,
        issuedOn,
        fiscalYear: reiwa(one.fiscalYear),
        rows: charges.map((c) => ({
          period: periodOf(c),
          dueOn: dayText(c.dueOn),
          taxYen: c.taxYen,
          paidYen: c.taxYen - c.openTaxYen,
          openYen: c.openTaxYen,
          settledOn: c.settledOn === null ? '' : dayText(c.settledOn),
        })),
        taxYen: sum((c) => c.taxYen),
        paidYen: sum((c) => c.taxYen - c.openTaxYen),
        openYen: sum((c) => c.openTaxYen),
        interestYen: sum((c) => c.interestYen),
        awaited: charges.some((c) => c.preliminary),
      },
    });
  },
});

/** 納税証明書 of a person's fiscal year. @law 地方税法 第20条の10 */
export async function printTaxCertificate(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly chargeId: string },
): Promise<Made<'no-such-charge' | 'nothing-charged'>> {
  const read = await readCertificate(deps, actor, query);
  return read.ok ? makePaper(deps, actor, read.value, noteSlip) : read;
}
