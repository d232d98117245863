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
  '課税山林所得金額',
  '課税退職所得金額',
  '課税短期譲渡所得金額',
  'その他の分離課税所得金額',
  '調整後の所得割額',
];
const oneStop = ['特例控除額', '申告書の提出', '課税総所得金額', '人的控除額の差', '所得税の基礎控除の増加分'];
const perIncome = [
  '算出所得割額',
  '調整控除',
  '調整措置',
  '配当控除',
  '住宅借入金等特別税額控除',
  '寄附金税額控除',
  '外国税額控除',
  '定額減税',
  '配当割額等の控除',
];
const offset = [
  '利子所得',
  '配当所得',
  '不動産所得',
  '事業所得',
  '給与所得',
  '雑所得',
  '短期譲渡（総合）',
  '長期譲渡（総合）',
  '譲渡損失（総合）',
  '一時所得',
  '山林所得',
  '退職所得',
];
const separate = [
  '短期譲渡（一般）',
  '短期譲渡（軽減）',
  '長期譲渡（一般）',
  '長期譲渡（特定）',
  '長期譲渡（軽課）',
  '上場株式等の配当等',
  '一般株式等の譲渡',
  '上場株式等の譲渡',
  '先物取引',
];
const land = ['区分', '短期一般', '短期軽減', '長期一般', '長期特定', '長期軽課'];
const payment = ['退職手当等の額', '勤続年数', '役員等', '障害退職'];
const bases = ['課税総所得金額', ...separate, '山林', '退職'];
const transfers = ['短期の損益', '長期の損益'];
const dividendKinds = ['外貨建等証券投資信託', '証券投資信託', '利益の配当等', '課税標準額の合計', '控除前の所得割額'];

/** 説明: titles and input names for notices and pages. */
export const explanations: Record<StepId, Explanation> = {
  'salary-revenue': amount('給与収入の合計', '支払金額'),
  'salary-income': amount('給与所得控除後の金額', '給与収入の合計'),
  'specific-expenditure': amount('特定支出控除後の給与所得', '給与所得控除後の金額', '給与収入の合計', '特定支出の額'),
  'income-adjustment': amount('所得金額調整控除', '給与収入の合計', '対象者に該当', '給与所得控除後の金額'),
  'family-employees': amount(
    '事業専従者控除',
    '収入金額',
    '必要経費',
    '青色事業専従者給与',
    '必要経費の特例の額',
    '配偶者',
    'その他の人数',
  ),
  'real-estate': amount('不動産所得', '収入金額', '必要経費', '土地取得の負債利子', '青色申告特別控除の上限'),
  business: amount(
    '事業所得',
    '営業等の収入金額',
    '必要経費',
    '青色事業専従者給与',
    '必要経費の特例の額',
    '事業専従者控除',
    '農業の収入金額',
    '必要経費',
    '青色申告特別控除の残り',
  ),
  dividends: amount('配当所得（総合）', '収入金額と負債利子'),
  'transfer-short': amount('短期譲渡所得（総合）', ...transfers),
  'transfer-long': amount('長期譲渡所得（総合、2分の1前）', ...transfers),
  'transfer-loss': amount('譲渡損失（総合）', ...transfers),
  occasional: amount('一時所得（2分の1前）', '収入金額', '支出した金額'),
  'miscellaneous-other': amount(
    '業務・その他の雑所得',
    '業務の収入金額',
    '必要経費',
    'その他の収入金額',
    '必要経費',
    '必要経費の特例の額',
  ),
  'general-stocks': amount('一般株式等の譲渡所得', '収入金額', '取得費等'),
  'listed-stocks': amount('上場株式等の譲渡所得', '収入金額と取得費等'),
  'listed-dividends': amount('上場株式等の配当等（申告分離）', '上場株式等の譲渡損益', '収入金額と負債利子'),
  futures: amount('先物取引の所得', '収入金額', '必要経費'),
  forestry: amount('山林所得', '収入金額', '必要経費'),
  'declared-retirement': amount('退職所得（申告分）', ...payment),
  'land-gain': amount('土地建物等の譲渡損益', '収入金額', '取得費（-1 は不明）', '譲渡費用'),
  'land-after-offset': amount('土地建物等の譲渡所得（通算後）', ...land),
  'land-after-deduction': amount('土地建物等の譲渡所得（特別控除後）', ...land, '特別控除の区分'),
  'pension-revenue': amount('公的年金等の収入の合計', '支払金額'),
  'other-than-pension': amount('公的年金等以外の合計所得金額', ...offset, ...separate),
  'pension-income': amount('公的年金等の雑所得', '公的年金等の収入の合計', '公的年金等以外の合計所得金額', '65歳以上'),
  'pension-adjustment': amount('所得金額調整控除（給与と年金）', '給与所得', '公的年金等の雑所得'),
  salary: amount('給与所得', '給与所得控除後の金額', '所得金額調整控除', '所得金額調整控除（給与と年金）'),
  miscellaneous: amount('雑所得', '公的年金等', '業務・その他'),
  aggregate: amount('総所得金額（損益通算後）', ...offset),
  'forestry-after-offset': amount('山林所得（損益通算後）', ...offset),
  'retirement-after-offset': amount('退職所得（損益通算後）', ...offset),
  'unabsorbed-loss': amount('通算しきれない損失', ...offset),
  'total-income': amount('合計所得金額', '総所得金額', '山林所得', '退職所得', ...separate),
  'loss-taken': amount('繰越損失の控除', '損失の区分', '生じた年', '所得の区分', '損失の残り', '所得の残り'),
  'total-income-after-losses': amount('総所得金額等', '合計所得金額', '繰越控除額'),
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
  casualty: amount('雑損控除', '損失額', '災害関連支出', '補填された額', '総所得金額等'),
  medical: amount('医療費控除', '支払額', '補填された額', '総所得金額等', 'セルフメディケーション税制'),
  'social-insurance': amount('社会保険料控除', '社会保険料'),
  'mutual-aid': amount('小規模企業共済等掛金控除', '掛金'),
  'life-general': amount('一般生命保険料の控除額', '新契約の保険料', '旧契約の保険料'),
  'life-care': amount('介護医療保険料の控除額', '新契約の保険料', '旧契約の保険料'),
  'life-pension': amount('個人年金保険料の控除額', '新契約の保険料', '旧契約の保険料'),
  'life-insurance': amount('生命保険料控除', '一般', '介護医療', '個人年金'),
  'earthquake-insurance': amount('地震保険料控除', '地震保険料', '旧長期損害保険料', 'いずれにも当たる契約'),
  disability: amount('障害者控除', '障害者の人数', '特別障害者の人数', '同居特別障害者の人数'),
  widow: amount('寡婦控除', '寡婦に該当', '合計所得金額'),
  'single-parent': amount('ひとり親控除', 'ひとり親に該当', '合計所得金額'),
  'working-student': amount('勤労学生控除', '勤労学生に該当', '合計所得金額', '勤労によらない所得'),
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
  'taxable-income': amount('課税総所得金額（1,000円未満切捨て）', '総所得金額（繰越控除後）', '所得控除の合計'),
  'separate-base': amount('分離課税の課税標準額（1,000円未満切捨て）', '区分', '所得金額', '所得控除の残り'),
  'ward-computed': amount('区民税の算出所得割額', ...bases),
  'metropolis-computed': amount('都民税の算出所得割額', ...bases),
  'adjustment-credit-base': amount('調整控除の基礎額', '課税総所得金額', '人的控除額の差の合計', '合計所得金額'),
  'ward-adjustment-credit': amount('調整控除（区民税）', '基礎額', '算出所得割額'),
  'metropolis-adjustment-credit': amount('調整控除（都民税）', '基礎額', '算出所得割額'),
  'adjustment-measure': amount('調整措置の額', '所得割の非課税限度額', '総所得金額等', '調整控除後の所得割額'),
  'ward-adjustment-measure': amount('調整措置（区民税）', '調整措置の額', '区民税の所得割額', '所得割額の合計'),
  'metropolis-adjustment-measure': amount('調整措置（都民税）', '調整措置の額', '都民税の所得割額', '所得割額の合計'),
  'ward-dividend-credit': amount('配当控除（区民税）', ...dividendKinds),
  'metropolis-dividend-credit': amount('配当控除（都民税）', ...dividendKinds),
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
  'ward-foreign-tax-credit': amount(
    '外国税額控除（区民税）',
    '控除しきれない額',
    '国税の控除限度額',
    '控除前の所得割額',
  ),
  'metropolis-foreign-tax-credit': amount(
    '外国税額控除（都民税）',
    '控除しきれない額',
    '国税の控除限度額',
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
  'ward-withheld-credit': amount('配当割額等の控除（区民税）', '配当割額・株式等譲渡所得割額', '控除前の所得割額'),
  'metropolis-withheld-credit': amount(
    '配当割額等の控除（都民税）',
    '配当割額・株式等譲渡所得割額',
    '控除前の所得割額',
  ),
  'ward-per-income': amount('区民税の所得割額（100円未満切捨て）', ...perIncome),
  'metropolis-per-income': amount('都民税の所得割額（100円未満切捨て）', ...perIncome),
  'ward-per-capita': amount('区民税の均等割額', '課税対象'),
  'metropolis-per-capita': amount('都民税の均等割額', '課税対象'),
  'forest-tax': amount('森林環境税', '課税対象', '区内に住所'),
  'annual-total': amount('年税額', '区民税所得割', '都民税所得割', '区民税均等割', '都民税均等割', '森林環境税'),
  'withheld-shortfall': amount('控除しきれない配当割額等', '配当割額・株式等譲渡所得割額', '所得割から控除した額'),
  'withheld-appropriated': amount('充当する配当割額等', '控除しきれない額', '年税額'),
  payable: amount('納める額', '年税額', '充当額'),
  'retirement-income': amount('退職所得（1,000円未満切捨て）', ...payment),
  'retirement-ward': amount('退職所得の区民税（100円未満切捨て）', '退職所得', '生活扶助'),
  'retirement-metropolis': amount('退職所得の都民税（100円未満切捨て）', '退職所得', '生活扶助'),
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
