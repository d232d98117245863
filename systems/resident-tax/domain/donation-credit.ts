import { yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { type Ratio, upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { Bases, Warning } from './assessment-result.ts';
import { incomeTaxBasicOf, none, type Sides, type Subject, within } from './levy-sides.ts';
import { cutAt, lesser, raisedAt, raisedAtBoth, remaining } from './ratio.ts';
import type { Trace } from './trace.ts';

type Donations = AssessmentInput['donations'];

/** Gifts that count: those of a return, or without one those of 申告特例 to at most five recipients. */
function countedDonations({ donations, returnFiled }: AssessmentInput, rates: RatesForYear): Donations {
  if (returnFiled) return donations.filter((gift) => gift.declared);
  const oneStop = donations.filter((gift) => gift.oneStop);
  return tooManyRecipients(oneStop, rates) ? [] : oneStop;
}

const tooManyRecipients = (gifts: Donations, { donation: { oneStopRecipients: most } }: RatesForYear): boolean =>
  gifts.length > most && new Set(gifts.map((gift) => gift.recipient)).size > most;

/** What the ward must tell the person about gifts that did not count. @law 地方税法 附則第7条の2第11項・第12項 */
export function donationWarnings({ donations, returnFiled }: AssessmentInput, rates: RatesForYear): Warning[] {
  if (donations.length === 0) return [];
  const oneStop = donations.filter((gift) => gift.oneStop);
  const warnings: Warning[] = [];
  if (returnFiled) {
    if (oneStop.length > 0) warnings.push('one-stop-void-by-return');
    return warnings;
  }
  if (oneStop.length < donations.length) warnings.push('gift-not-declared');
  if (tooManyRecipients(oneStop, rates)) warnings.push('one-stop-over-five-recipients');
  return warnings;
}

export interface DonationCredits {
  readonly basic: Sides;
  readonly special: Sides;
  readonly oneStop: Sides;
  readonly applied: Sides;
  /** 特例控除の割合; null without a gift that it applies to. */
  readonly specialRate: Ratio | null;
}
const noDonation: DonationCredits = { basic: none, special: none, oneStop: none, applied: none, specialRate: null };

/**
 * 寄附金税額控除 and 申告特例控除.
 *
 * @param capBase the levy after 調整控除 and 調整措置, a fifth of which 特例控除 may take
 * @law 地方税法 第37条の2, 第314条の7, 附則第5条の6, 第7条の2
 */
export function donationCreditOf(
  subject: Subject,
  capBase: Sides,
  left: Sides,
  rates: RatesForYear,
  trace: Trace | null,
): DonationCredits {
  const { input, totalIncomeAfterLosses, deducted, bases } = subject;
  if (input.donations.length === 0) return noDonation;
  const gifts = countedDonations(input, rates);
  const { donation: rule } = rates;
  const hometown = givenAs('hometown', gifts);
  const bothSides = hometown + givenAs('both-sides', gifts);
  const wardGifts = bothSides + givenAs('ward', gifts);
  const metropolisGifts = bothSides + givenAs('metropolis', gifts);

  const cap = cutAt(totalIncomeAfterLosses, rule.incomeShare);
  const basic = {
    ward: raisedAt(remaining(Math.min(wardGifts, cap), rule.floor), rule.ward),
    metropolis: raisedAt(remaining(Math.min(metropolisGifts, cap), rule.floor), rule.metropolis),
  };

  const addBack = rule.basicOver === null ? 0 : Math.max(0, incomeTaxBasicOf(subject, rates) - rule.basicOver);
  const bracketIncome = bases.aggregate - deducted.personalDifference - addBack;
  const bracket = bases.aggregate > 0 && bracketIncome >= 0 ? upTo(rule.special, bracketIncome) : null;
  const share = bracket?.share ?? shareWithoutAggregate(bases, rates);
  const overFloor = remaining(hometown, rule.floor);
  const special = {
    ward: lesser(raisedAtBoth(overFloor, share, rule.wardShare), raisedAt(capBase.ward, rule.levyCap)),
    metropolis: lesser(
      raisedAtBoth(overFloor, share, rule.metropolisShare),
      raisedAt(capBase.metropolis, rule.levyCap),
    ),
  };
  const oneStop =
    input.returnFiled || bracket === null
      ? none
      : { ward: raisedAt(special.ward, bracket.oneStop), metropolis: raisedAt(special.metropolis, bracket.oneStop) };
  const applied = within(
    {
      ward: yen(basic.ward + special.ward + oneStop.ward),
      metropolis: yen(basic.metropolis + special.metropolis + oneStop.metropolis),
    },
    left,
  );
  if (trace !== null) {
    const specialInputs = [
      hometown,
      bases.aggregate,
      deducted.personalDifference,
      addBack,
      bases.forestry,
      bases.retirement,
      shortOf(bases),
      otherOf(bases),
    ];
    const oneStopInputs = [input.returnFiled ? 1 : 0, bases.aggregate, deducted.personalDifference, addBack];
    for (const [side, ofGifts, laws] of [
      [
        'ward',
        wardGifts,
        ['地方税法 第314条の7第1項', '地方税法 第314条の7第11項', '地方税法 附則第7条の2第4項', '地方税法 第314条の7'],
      ],
      [
        'metropolis',
        metropolisGifts,
        ['地方税法 第37条の2第1項', '地方税法 第37条の2第11項', '地方税法 附則第7条の2第1項', '地方税法 第37条の2'],
      ],
    ] as const) {
      trace.step(`${side}-donation-basic`, laws[0], basic[side], [ofGifts, totalIncomeAfterLosses]);
      trace.step(`${side}-donation-special`, laws[1], special[side], [...specialInputs, capBase[side]]);
      trace.step(`${side}-donation-one-stop`, laws[2], oneStop[side], [special[side], ...oneStopInputs]);
      trace.step(`${side}-donation-credit`, laws[3], applied[side], [
        basic[side],
        special[side],
        oneStop[side],
        left[side],
      ]);
    }
  }
  return { basic, special, oneStop, applied, specialRate: hometown > rule.floor ? share : null };
}

function givenAs(kind: Donations[number]['kind'], gifts: Donations): number {
  let total = 0;
  for (const gift of gifts) if (gift.kind === kind) total += gift.amount;
  return total;
}

const shortOf = (bases: Bases): number => bases.shortGeneral + bases.shortReduced;
const otherOf = (bases: Bases): number =>
  bases.longGeneral +
  bases.longSpecified +
  bases.longReduced +
  bases.listedDividends +
  bases.generalStocks +
  bases.listedStocks +
  bases.futures;

/** Where 課税総所得金額 does not reach the differences: by the other bases, of several the lowest share. @law 地方税法 第314条の7第11項第2号・第3号, 附則第5条の6 */
function shareWithoutAggregate(bases: Bases, rates: RatesForYear): Ratio {
  const { donation: rule, separate } = rates;
  const shares: Ratio[] = [];
  if (bases.forestry > 0) shares.push(upTo(rule.special, bases.forestry / 5).share);
  if (bases.retirement > 0) shares.push(upTo(rule.special, bases.retirement).share);
  if (shortOf(bases) > 0) shares.push(separate.donationShort);
  if (otherOf(bases) > 0) shares.push(separate.donationOther);
  return shares.reduce((lowest, share) => (share[0] / share[1] < lowest[0] / lowest[1] ? share : lowest), rule.without);
}
