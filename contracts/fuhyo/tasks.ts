/**
 * 国外転出者に係る事務: for which task who may be answered from the supplement, and whether with number and code. Each server
 * reads this table for itself. Dated: a row is never changed, it ends and another begins.
 *
 * @law 住民基本台帳法 第30条の44の6, 別表第五・別表第六; 番号利用法 第9条第1項・第2項, 別表
 */
export interface EmigrantTask {
  readonly task: string;
  readonly name: string;
  readonly ground: string;
  /** Who may ask: `organisation/system`. `tokyo/fuhyo-link` stands for the shared terminals. */
  readonly askers: readonly string[];
  /** Ground in the Number Act; null: the number is never given. */
  readonly numberGround: string | null;
  /** Transitional ground for the Resident Record Code (平成25年法律第28号 第22条第7項); null: the code is never given. */
  readonly codeGround: string | null;
  readonly validFrom: string;
  readonly validUntil: string | null;
}

export const emigrantTasks: readonly EmigrantTask[] = [
  {
    task: 'prefectural-tax',
    name: '都税の賦課徴収（国外転出者）',
    ground: '住民基本台帳法第30条の44の6第3項、別表第五（地方税法による都税の賦課徴収）',
    askers: ['tokyo/fuhyo-link', 'tokyo/prefectural-tax'],
    numberGround: '番号利用法第9条第1項、別表24の項',
    codeGround: null,
    validFrom: '2024-05-27',
    validUntil: null,
  },
  {
    task: 'child-chronic-disease',
    name: '小児慢性特定疾病医療費の支給（国外転出者）',
    ground: '住民基本台帳法第30条の44の6第3項、別表第五（児童福祉法による小児慢性特定疾病医療費の支給）',
    askers: ['tokyo/fuhyo-link', 'tokyo/child-chronic'],
    numberGround: '番号利用法第9条第1項、別表（児童福祉法の項）',
    codeGround: '平成25年法律第28号第22条第7項',
    validFrom: '2024-05-27',
    validUntil: null,
  },
  {
    task: 'pension-of-former-staff',
    name: '東京都恩給条例による年金の支給（国外転出者）',
    ground: '住民基本台帳法第30条の44の6第3項、東京都住民基本台帳法施行条例',
    askers: ['tokyo/fuhyo-link'],
    numberGround: '番号利用法第9条第2項、東京都個人番号の利用並びに特定個人情報の利用及び提供に関する条例',
    codeGround: null,
    validFrom: '2024-05-27',
    validUntil: null,
  },
  {
    task: 'passport',
    name: '旅券の発給（国外転出者）',
    ground: '住民基本台帳法第30条の44の6第1項、別表第五（旅券法による一般旅券の発給）',
    askers: ['tokyo/fuhyo-link'],
    numberGround: null,
    codeGround: null,
    validFrom: '2024-05-27',
    validUntil: null,
  },
];

/** The row that stands on this ISO day for this asker, or undefined. */
export const emigrantTaskFor = (
  task: string,
  asker: string,
  onDate: string,
  tasks: readonly EmigrantTask[] = emigrantTasks,
): EmigrantTask | undefined =>
  tasks.find(
    (t) =>
      t.task === task &&
      t.askers.includes(asker) &&
      t.validFrom <= onDate &&
      (t.validUntil === null || onDate <= t.validUntil),
  );
