import type { Illness } from './person.ts';

/** A few of the specified chronic childhood diseases, by group. @source 厚生労働省告示「小児慢性特定疾病」疾患群 */
export const illnesses: readonly Illness[] = [
  { group: '悪性新生物', name: '前駆B細胞急性リンパ性白血病' },
  { group: '慢性腎疾患', name: '微小変化型ネフローゼ症候群' },
  { group: '慢性呼吸器疾患', name: '気管支喘息' },
  { group: '慢性心疾患', name: 'ファロー四徴症' },
  { group: '内分泌疾患', name: '成長ホルモン分泌不全性低身長症' },
  { group: '膠原病', name: '全身型若年性特発性関節炎' },
  { group: '糖尿病', name: '1型糖尿病' },
  { group: '先天性代謝異常', name: 'フェニルケトン尿症' },
  { group: '血液疾患', name: '血友病A' },
  { group: '神経・筋疾患', name: '点頭てんかん（ウエスト症候群）' },
  { group: '慢性消化器疾患', name: '胆道閉鎖症' },
];
