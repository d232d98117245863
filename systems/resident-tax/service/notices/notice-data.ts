import { readableConvenienceCode, writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readableElNumber, writeElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { convenienceBarImage, qrImage } from '@musubi/contracts/payment-slip/symbol-images.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { type ReductionGroundId, reductionGrounds } from '../../domain/reduction.ts';
import type { StepId } from '../../domain/trace.ts';
import type { Addressee } from '../../store/assessment-sources.ts';
import type { StoredAssessment } from '../../store/assessments.ts';
import type { ChargedRevision } from '../../store/charges.ts';
import type { RemittedYear } from '../../store/reductions.ts';
import { assessOne, type Explained } from '../assessment/assess-one.ts';
import { differencesOf } from '../assessment/read.ts';
import type { NoticeOffice } from './notice-deps.ts';
import { appealNotice, type NoticeLine, type NoticeSlip, type TaxNotice } from './tax-notice.ts';

/** Figures of a notice in the order of the calculation; `minus` are taken off and printed with △. Zero lines are left out. */
const lines: readonly { readonly id: StepId; readonly label: string; readonly minus?: true; readonly always?: true }[] =
  [
    { id: 'salary-revenue', label: '給与収入', always: true },
    { id: 'salary-income', label: '給与所得', always: true },
    { id: 'income-adjustment', label: '所得金額調整控除', minus: true },
    { id: 'total-income', label: '合計所得金額', always: true },
    { id: 'social-insurance', label: '社会保険料控除', minus: true },
    { id: 'mutual-aid', label: '小規模企業共済等掛金控除', minus: true },
    { id: 'life-insurance', label: '生命保険料控除', minus: true },
    { id: 'earthquake-insurance', label: '地震保険料控除', minus: true },
    { id: 'disability', label: '障害者控除', minus: true },
    { id: 'widow', label: '寡婦控除', minus: true },
    { id: 'single-parent', label: 'ひとり親控除', minus: true },
    { id: 'working-student', label: '勤労学生控除', minus: true },
    { id: 'spouse', label: '配偶者控除', minus: true },
    { id: 'spouse-special', label: '配偶者特別控除', minus: true },
    { id: 'dependants', label: '扶養控除', minus: true },
    { id: 'specific-relatives', label: '特定親族特別控除', minus: true },
    { id: 'basic', label: '基礎控除', minus: true },
    { id: 'taxable-income', label: '課税総所得金額', always: true },
    { id: 'ward-computed', label: '特別区民税 算出所得割額' },
    { id: 'ward-adjustment-credit', label: '特別区民税 調整控除', minus: true },
    { id: 'ward-adjustment-measure', label: '特別区民税 調整措置', minus: true },
    { id: 'ward-housing-loan-credit', label: '特別区民税 住宅借入金等特別税額控除', minus: true },
    { id: 'ward-donation-credit', label: '特別区民税 寄附金税額控除', minus: true },
    { id: 'ward-per-income', label: '特別区民税 所得割額', always: true },
    { id: 'metropolis-computed', label: '都民税 算出所得割額' },
    { id: 'metropolis-adjustment-credit', label: '都民税 調整控除', minus: true },
    { id: 'metropolis-adjustment-measure', label: '都民税 調整措置', minus: true },
    { id: 'metropolis-housing-loan-credit', label: '都民税 住宅借入金等特別税額控除', minus: true },
    { id: 'metropolis-donation-credit', label: '都民税 寄附金税額控除', minus: true },
    { id: 'metropolis-per-income', label: '都民税 所得割額', always: true },
    { id: 'ward-per-capita', label: '特別区民税 均等割額', always: true },
    { id: 'metropolis-per-capita', label: '都民税 均等割額', always: true },
    { id: 'forest-tax', label: '森林環境税', always: true },
  ];

export const reiwa = (fiscalYear: number): string => `令和${fiscalYear - 2018}年度`;
export const dayText = (iso: string): string => {
  const { year, month, day } = Temporal.PlainDate.from(iso);
  return `令和${year - 2018}年${month}月${day}日`;
};

/** What a notice is made from: the levy, its charges as they stand, and the levy that was notified before. */
export interface NoticeFacts {
  readonly assessment: StoredAssessment;
  /** Regenerated from the levy's facts, and found to agree with it. */
  readonly explained: Explained;
  readonly charges: readonly ChargedRevision[];
  readonly before: StoredAssessment | undefined;
  readonly person: Addressee;
  readonly remissions: readonly RemittedYear[];
  /** The name of a taxpayer who died: the notice goes to who receives for the heirs. */
  readonly deceased?: string;
  /** The charges that a remission lowered, where this is its notice: their slips are new. */
  readonly remittedCharges?: ReadonlySet<string> | undefined;
}

/**
 * The notice of one levy. Everything of it comes from the one assessment, its charges and the person whom that assessment names by id.
 *
 * @law 地方税法 第1条第1項第6号, 第319条の2, 第321条の2; 特別区税条例
 */
export function taxNoticeOf(
  { assessment, explained, charges, before, person, deceased, remissions, remittedCharges }: NoticeFacts,
  about: { readonly office: NoticeOffice; readonly municipality: string; readonly issuedOn: Temporal.PlainDate },
): TaxNotice {
  if (person.personId !== assessment.personId || charges.some((charge) => charge.personId !== person.personId))
    throw new Error('a notice is addressed to the person of its levy');
  const { office } = about;
  const kind = remittedCharges !== undefined ? 'reduction' : before === undefined ? 'levy' : 'change';
  const ordinary = charges.filter((charge) => charge.method === 'ordinary');
  const sumOf = (of: readonly ChargedRevision[]): number => of.reduce((sum, charge) => sum + charge.amountYen, 0);
  return {
    kind,
    noticeNumber: charges[0]?.noticeNumber ?? '',
    fiscalYear: reiwa(assessment.fiscalYear),
    issuedOn: dayText(about.issuedOn.toString()),
    addressee: {
      postalCode: (person.postalCode ?? '').replace(/^(\d{3})(\d{4})$/, '$1-$2'),
      address: registered(person.address),
      name: registered(person.name),
    },
    issuer: { office: office.ward, title: office.issuer.title, name: registered(office.issuer.name) },
    purpose: `${deceased === undefined ? '' : `被相続人 ${deceased} に係る税について、`}地方税法及び${office.ward}特別区税条例の規定により、次のとおり${doneWords[kind]}ので通知します。`,
    totalYen: assessment.annualYen,
    withheldYen: sumOf(charges) - sumOf(ordinary),
    ordinaryYen: sumOf(ordinary),
    remissions: remissions.map(({ ground, decidedOn, totalYen }) => ({
      label: reductionGrounds[ground as ReductionGroundId].name,
      decidedOn: dayText(decidedOn),
      yen: totalYen,
    })),
    instalments: ordinary.map((charge) => ({
      label: periodOf(charge),
      dueOn: dayText(charge.dueOn),
      yen: charge.amountYen,
    })),
    ...pensionMonthsOf(charges),
    paymentMethod: office.paymentMethod,
    change: before === undefined ? null : changeOf(before, explained),
    slips: ordinary
      .filter((charge) => remittedCharges?.has(charge.chargeId) ?? true)
      .flatMap((charge) => slipOf(assessment, charge, about)),
    calculation: calculationOf(explained),
    delinquency:
      '納期限までに納められないときは、地方税法第326条の規定により延滞金がかかります。納付が困難なときは、納期限までにご相談ください。',
    appeal: appealNotice(office.issuer.title, office.ward),
    contact: office.contact,
  };
}

const doneWords = { levy: '賦課しました', change: '税額を変更しました', reduction: '税額を減免しました' } as const;

/** The figures of a levy as a notice prints them. */
export function calculationOf(explained: Explained): readonly NoticeLine[] {
  const steps = new Map(explained.steps.map((step) => [step.id, step]));
  return lines.flatMap(({ id, label, minus, always }): NoticeLine[] => {
    const step = steps.get(id);
    if (step === undefined || (step.result === 0 && always !== true)) return [];
    return [{ label, ground: step.law, yen: minus ? -step.result : step.result }];
  });
}

function pensionMonthsOf(charges: readonly ChargedRevision[]): Pick<TaxNotice, 'pensionMonths'> {
  const months = charges.filter(({ method, amountYen }) => method === 'pension' && amountYen > 0);
  if (months.length === 0) return {};
  return {
    pensionMonths: months.map(({ instalment, amountYen }) => ({ label: `${instalment}月の年金`, yen: amountYen })),
  };
}

const periodOf = ({ instalment }: ChargedRevision): string =>
  instalment <= 4 ? `第${instalment}期` : `随時（${instalment}）`;

function changeOf(before: StoredAssessment, now: Explained): TaxNotice['change'] {
  const labels = new Map<string, string>(lines.map(({ id, label }) => [id, label]));
  return {
    beforeYen: before.annualYen,
    reason: '課税の基となる資料が追加又は訂正されたため、税額を計算し直しました。',
    figures: differencesOf(assessOne(before.input), now).flatMap(({ id, before: was, now: is }) => {
      const label = labels.get(id);
      return label === undefined ? [] : [{ label, before: was, now: is }];
    }),
  };
}

/** The slip of a charge that this levy made: one of an earlier levy whose amount stands is in the person's hands already. */
function slipOf(
  assessment: StoredAssessment,
  charge: ChargedRevision,
  { office, municipality }: { readonly office: NoticeOffice; readonly municipality: string },
): readonly NoticeSlip[] {
  const { caseKey, confirmationNumber, convenienceReference: reference, payableUntil } = charge;
  if (charge.assessmentId !== assessment.assessmentId || caseKey === null) return [];
  if (confirmationNumber === null || reference === null || payableUntil === null) throw new Error('half a slip');
  const until = Temporal.PlainDate.from(payableUntil);
  const { storeCompany, taxItem, taxOffice } = office.slips;
  const qr = writeElQr({
    taxItem,
    caseKey,
    confirmationNumber,
    body: municipality.slice(0, 5),
    office: taxOffice,
    amountYen: charge.amountYen,
    taxYear: charge.fiscalYear,
    fiscalYear: charge.fiscalYear,
    instalment: charge.instalment,
    dueOn: Temporal.PlainDate.from(charge.dueOn),
    payableUntil: until,
  });
  const bar =
    storeCompany === null
      ? undefined
      : writeConvenienceCode({
          company: storeCompany,
          reference,
          reissue: 0,
          payableUntil: until,
          amountYen: charge.amountYen,
        });
  return [
    {
      label: periodOf(charge),
      dueOn: dayText(charge.dueOn),
      payableUntil: dayText(payableUntil),
      yen: charge.amountYen,
      codes: {
        instalment: charge.instalment,
        noticeNumber: charge.noticeNumber,
        dueOn: charge.dueOn,
        payableUntil,
        elQr: qr,
        store: bar?.ok ? bar.value : null,
      },
      elNumber: readableElNumber({ caseKey, confirmationNumber }),
      qr: qrImage(qr),
      store: bar?.ok ? { bars: convenienceBarImage(bar.value), lines: readableConvenienceCode(bar.value) } : null,
    },
  ];
}
