import type { RecordState } from '../domain/supplement-logic.ts';

export const sexes = { male: '男', female: '女', other: 'その他' } as const;
export const sexText = (sex: string): string => sexes[sex as keyof typeof sexes] ?? sex;

export const stateTone = (state: RecordState): 'done' | 'info' | 'warning' =>
  state === 'domestic' ? 'done' : state === 'abroad' ? 'info' : 'warning';

/** Why something was refused, as the operator reads it. */
export const refusalTexts: Readonly<Record<string, string>> = {
  'too-few-items': '氏名または生年月日を含む、二つ以上の項目を入力してください',
  'purpose-missing': '目的と受付・文書番号を入力してください',
  'not-registered-task': '登録された国外転出者に係る事務ではありません。拒否を記録しました',
  'request-reused': 'この照会は既に別の内容で行われています。新しい照会として入力してください',
  'not-authorised': 'この操作を行う権限がありません',
  'no-such-inquiry': '照会がありません',
  'number-not-kept': '個人番号は保存されていません（期限が過ぎたか、受領が確認されています）',
};

/** Why the register or the area gave no number. */
export const numberWords: Readonly<Record<string, string>> = {
  receipt: '受領確認により消去',
  expired: '期限の満了により消去',
  'not-abroad': '都道府県サーバ: 国外転出者ではない',
  'no-number-basis': '都道府県サーバ: 番号利用法の根拠がない',
  'not-in-open-inquiry': '都道府県サーバ: 照会の方ではない',
  'unusable-answer': '照会に対する番号ではない',
};
