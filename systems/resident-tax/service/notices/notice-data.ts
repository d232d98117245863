import { registered } from '@musubi/kernel/documents/unprintable.ts';
import type { StepId } from '../../domain/trace.ts';
import type { Addressee } from '../../store/assessment-sources.ts';
import type { StoredAssessment, StoredInstalment } from '../../store/assessments.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { agrees } from '../assessment/read.ts';
import type { NoticeOffice } from './notice-deps.ts';
import { appealNotice, type NoticeLine, type TaxNotice } from './tax-notice.ts';

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

const reiwa = (fiscalYear: number): string => `令和${fiscalYear - 2018}年度`;
const dayText = (iso: string): string => {
  const { year, month, day } = Temporal.PlainDate.from(iso);
  return `令和${year - 2018}年${month}月${day}日`;
};

/**
 * The notice of one levy. Everything of it comes from the one assessment and the person whom that assessment names by id.
 * Undefined where what is stored does not agree with its own reasons: such a levy is not notified.
 *
 * @law 地方税法 第1条第1項第6号, 第319条の2; 特別区税条例
 */
export function taxNoticeOf(
  assessment: StoredAssessment,
  person: Addressee,
  instalments: readonly StoredInstalment[],
  about: { readonly office: NoticeOffice; readonly issuedOn: Temporal.PlainDate },
): TaxNotice | undefined {
  if (person.personId !== assessment.personId) throw new Error('a notice is addressed to the person of its levy');
  const explained = assessOne(assessment.input);
  if (!agrees(assessment, explained)) return undefined;
  const steps = new Map(explained.steps.map((step) => [step.id, step]));
  const calculation = lines.flatMap(({ id, label, minus, always }): NoticeLine[] => {
    const step = steps.get(id);
    if (step === undefined || (step.result === 0 && always !== true)) return [];
    return [{ label, ground: step.law, yen: minus ? -step.result : step.result }];
  });
  const { office } = about;
  return {
    fiscalYear: reiwa(assessment.fiscalYear),
    issuedOn: dayText(about.issuedOn.toString()),
    addressee: {
      postalCode: (person.postalCode ?? '').replace(/^(\d{3})(\d{4})$/, '$1-$2'),
      address: registered(person.address),
      name: registered(person.name),
    },
    issuer: { office: office.ward, title: office.issuer.title, name: registered(office.issuer.name) },
    purpose: `地方税法及び${office.ward}特別区税条例の規定により、次のとおり賦課しましたので通知します。`,
    totalYen: assessment.annualYen,
    withheldYen: assessment.collection === 'special' ? assessment.annualYen : 0,
    ordinaryYen: assessment.collection === 'ordinary' ? assessment.annualYen : 0,
    instalments: instalments.map((part) => ({
      label: `第${part.partNo}期`,
      dueOn: dayText(part.dueOn),
      yen: part.amountYen,
    })),
    paymentMethod: office.paymentMethod,
    calculation,
    delinquency:
      '納期限までに納められないときは、地方税法第326条の規定により延滞金がかかります。納付が困難なときは、納期限までにご相談ください。',
    appeal: appealNotice(office.issuer.title, office.ward),
    contact: office.contact,
  };
}
