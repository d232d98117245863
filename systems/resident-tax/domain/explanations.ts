import { formatYen, yen } from '@musubi/kernel/yen/yen.ts';
import type { StepId, TraceStep } from './trace.ts';

interface Explanation {
  readonly title: string;
  /** What each input is; the last name stands for all that follow (several payers). */
  readonly inputs: readonly string[];
  readonly kind: 'yen' | 'condition' | 'count';
}
const amount = (title: string, ...inputs: readonly string[]): Explanation => ({ title, inputs, kind: 'yen' });
const condition = (title: string, ...inputs: readonly string[]): Explanation => ({ title, inputs, kind: 'condition' });

const spouse = ['配偶者の有無', '配偶者の合計所得金額', '70歳以上', '事業専従者', '本人の合計所得金額'];
const donation = [
  'ふるさと納税の額',
  '課税総所得金額',
  '人的控除額の差',
  '所得税の基礎控除の増加分',
  '調整後の所得割額',
];
const oneStop = ['特例控除額', '申告書の提出', '課税総所得金額', '人的控除額の差', '所得税の基礎控除の増加分'];
const perIncome = ['算出所得割額', '調整控除', '調整措置', '住宅借入金等特別税額控除', '寄附金税額控除', '定額減税'];

/** 説明: titles and input names for notices and pages. */
export const explanations: Record<StepId, Explanation> = {
  'salary-revenue': amount('給与収入の合計', '支払金額'),
  'salary-income': amount('給与所得控除後の金額', '給与収入の合計'),
  'income-adjustment': amount('所得金額調整控除', '給与収入の合計', '対象者に該当'),
  'total-income': amount('合計所得金額', '給与所得控除後の金額', '所得金額調整控除'),
  'dependant-count': {
    title: '扶養親族等の人数',
    inputs: ['同一生計配偶者', '扶養親族（16歳未満を含む）'],
    kind: 'count',
  },
  'full-exemption': condition(
    '人的な非課税に該当',
    '生活扶助',
    '障害者',
    '未成年者',
    '寡婦',
    'ひとり親',
    '合計所得金額',
  ),
  'per-capita-limit': amount('均等割の非課税限度額', '扶養親族等の人数'),
  'per-income-limit': amount('所得割の非課税限度額', '扶養親族等の人数'),
  'per-income-exempt': condition('所得割の非課税', '人的な非課税', '総所得金額等', '所得割の非課税限度額'),
  'per-capita-exempt': condition(
    '均等割の非課税',
    '人的な非課税',
    '所得割の非課税',
    '合計所得金額',
    '均等割の非課税限度額',
  ),
  'social-insurance': amount('社会保険料控除', '社会保険料'),
  'mutual-aid': amount('小規模企業共済等掛金控除', '掛金'),
  'life-general': amount('一般生命保険料の控除額', '新契約の保険料', '旧契約の保険料'),
  'life-care': amount('介護医療保険料の控除額', '新契約の保険料', '旧契約の保険料'),
  'life-pension': amount('個人年金保険料の控除額', '新契約の保険料', '旧契約の保険料'),
  'life-insurance': amount('生命保険料控除', '一般', '介護医療', '個人年金'),
  'earthquake-insurance': amount('地震保険料控除', '地震保険料', '旧長期損害保険料'),
  disability: amount('障害者控除', '障害者の人数', '特別障害者の人数', '同居特別障害者の人数'),
  widow: amount('寡婦控除', '寡婦に該当', '合計所得金額'),
  'single-parent': amount('ひとり親控除', 'ひとり親に該当', '合計所得金額'),
  'working-student': amount('勤労学生控除', '勤労学生に該当', '合計所得金額'),
  spouse: amount('配偶者控除', ...spouse),
  'spouse-special': amount('配偶者特別控除', ...spouse),
  dependants: amount('扶養控除', '一般の人数', '特定の人数', '老人の人数', '同居老親等の人数'),
  'specific-relatives': amount('特定親族特別控除', '特定親族の合計所得金額'),
  basic: amount('基礎控除', '合計所得金額'),
  'deductions-total': amount('所得控除の合計', '各控除額'),
  'personal-difference': amount(
    '人的控除額の差の合計',
    '障害者の人数',
    '特別障害者の人数',
    '同居特別障害者の人数',
    '寡婦に該当',
    'ひとり親の区分（1 母、2 父）',
    '勤労学生に該当',
    ...spouse,
    '一般の人数',
    '特定の人数',
    '老人の人数',
    '同居老親等の人数',
  ),
  'taxable-income': amount('課税総所得金額（1,000円未満切捨て）', '総所得金額等', '所得控除の合計'),
  'ward-computed': amount('区民税の算出所得割額', '課税総所得金額'),
  'metropolis-computed': amount('都民税の算出所得割額', '課税総所得金額'),
  'adjustment-credit-base': amount('調整控除の基礎額', '課税総所得金額', '人的控除額の差の合計', '合計所得金額'),
  'ward-adjustment-credit': amount('調整控除（区民税）', '基礎額', '算出所得割額'),
  'metropolis-adjustment-credit': amount('調整控除（都民税）', '基礎額', '算出所得割額'),
  'adjustment-measure': amount('調整措置の額', '所得割の非課税限度額', '総所得金額等', '調整控除後の所得割額'),
  'ward-adjustment-measure': amount('調整措置（区民税）', '調整措置の額', '区民税の所得割額', '所得割額の合計'),
  'metropolis-adjustment-measure': amount('調整措置（都民税）', '調整措置の額', '都民税の所得割額', '所得割額の合計'),
  'housing-loan-credit': amount(
    '住宅借入金等特別税額控除',
    '控除可能額',
    '所得税額',
    '所得税の課税総所得金額等',
    '基礎控除の増加分',
    '特定取得に該当',
  ),
  'ward-housing-loan-credit': amount('住宅借入金等特別税額控除（区民税）', '控除額', '控除前の所得割額'),
  'metropolis-housing-loan-credit': amount('住宅借入金等特別税額控除（都民税）', '控除額', '控除前の所得割額'),
  'ward-donation-basic': amount('寄附金の基本控除（区民税）', '対象となる寄附金', '総所得金額等'),
  'metropolis-donation-basic': amount('寄附金の基本控除（都民税）', '対象となる寄附金', '総所得金額等'),
  'ward-donation-special': amount('寄附金の特例控除（区民税）', ...donation),
  'metropolis-donation-special': amount('寄附金の特例控除（都民税）', ...donation),
  'ward-donation-one-stop': amount('申告特例控除（区民税）', ...oneStop),
  'metropolis-donation-one-stop': amount('申告特例控除（都民税）', ...oneStop),
  'ward-donation-credit': amount(
    '寄附金税額控除（区民税）',
    '基本控除',
    '特例控除',
    '申告特例控除',
    '控除前の所得割額',
  ),
  'metropolis-donation-credit': amount(
    '寄附金税額控除（都民税）',
    '基本控除',
    '特例控除',
    '申告特例控除',
    '控除前の所得割額',
  ),
  'flat-cut': amount(
    '定額減税額',
    '配偶者の人数',
    '扶養親族の人数（国外居住を除く）',
    '合計所得金額',
    '減税前の所得割額',
  ),
  'metropolis-flat-cut': amount(
    '定額減税（都民税、1円未満切上げ）',
    '定額減税額',
    '都民税の所得割額',
    '所得割額の合計',
  ),
  'ward-flat-cut': amount('定額減税（区民税）', '定額減税額', '都民税分', '区民税の所得割額'),
  'ward-per-income': amount('区民税の所得割額（100円未満切捨て）', ...perIncome),
  'metropolis-per-income': amount('都民税の所得割額（100円未満切捨て）', ...perIncome),
  'ward-per-capita': amount('区民税の均等割額', '課税対象'),
  'metropolis-per-capita': amount('都民税の均等割額', '課税対象'),
  'forest-tax': amount('森林環境税', '課税対象', '区内に住所'),
  'annual-total': amount('年税額', '区民税所得割', '都民税所得割', '区民税均等割', '都民税均等割', '森林環境税'),
};

export interface ExplainedStep {
  readonly title: string;
  readonly law: string;
  readonly result: string;
  readonly inputs: readonly { readonly name: string; readonly value: number }[];
}

/** A recorded step in words, for the notice and the page. */
export function explain(step: TraceStep): ExplainedStep {
  const { title, inputs, kind } = explanations[step.id];
  const result = {
    yen: () => formatYen(yen(step.result)),
    condition: () => (step.result === 1 ? '該当' : '非該当'),
    count: () => `${step.result}人`,
  }[kind]();
  const named = step.inputs.map((value, i) => ({ name: inputs[Math.min(i, inputs.length - 1)] ?? '', value }));
  return { title, law: step.law, result, inputs: named };
}
