import type { Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { faultMessages } from '@musubi/kernel/records/faults.ts';
import { type FileRefusal, fileRefusalTexts } from '../domain/report-file.ts';
import type { Procedure } from '../service/intake/read-intakes.ts';

export const intakeStates: Record<'awaited' | 'received' | 'taken-in' | 'refused', readonly [string, Tone]> = {
  awaited: ['未取込', 'warning'],
  received: ['取込中', 'info'],
  'taken-in': ['取込済', 'done'],
  refused: ['返戻', 'error'],
};

export const documentKinds: Record<Procedure, string> = {
  'salary-payment-report': '給与支払報告書',
  'pension-payment-report': '公的年金等支払報告書',
  'tax-return': '確定申告書',
  'ward-return': '住民税申告書',
  'portal-return': '住民税申告書（電子申告）',
  'one-stop-notice': '申告特例通知書',
  'forwarded-documents': '回送資料',
};

export const matchStates: Record<string, readonly [string, Tone]> = {
  linked: ['特定済', 'done'],
  candidates: ['候補あり', 'warning'],
  none: ['該当者なし', 'warning'],
  'awaiting-second': ['二人目の確認待ち', 'info'],
  'not-resident': ['区内に住所なし', 'plain'],
  rejected: ['不採用', 'plain'],
  superseded: ['訂正・取消済', 'plain'],
  forwarding: ['回送の手続中', 'info'],
  forwarded: ['回送済', 'done'],
};

export const matchReasons: Record<string, string> = {
  'three-agree': '個人番号・氏名・生年月日が一致',
  partial: '一部の項目だけが一致',
  nobody: '該当する人が登録されていない',
  'original-missing': '訂正・取消の元の報告書がない',
  'original-unclear': '訂正・取消の元の報告書が複数ある',
  'same-payer-again': '同じ支払者の報告書がすでにある',
  'filed-on-one-day': '同じ日に提出された申告書がある',
  'replaced-by-later-report': '後の報告書に置き換えられた',
  returned: '二人目の確認で差し戻された',
  'registered-outside': '住登外課税者として登録した',
  'taxed-elsewhere': '他の市区町村で登録・課税されている',
  forwarded: '他の市区町村に回送した',
  'forwarding-withdrawn': '回送を取りやめた',
  'forwarding-returned': '送付先から返戻された',
};

export const stepTexts: Record<string, string> = {
  compared: '突合した（特定できない）',
  linked: '本人を特定した',
  'link-proposed': '特定を提案した',
  'proposal-returned': '提案を差し戻した',
  'not-resident': '区内に住所なしとした',
  rejected: '不採用とした',
  superseded: '後の報告書に置き換えた',
  'forwarding-listed': '他団体への送付一覧に載せた',
  'forwarding-withdrawn': '送付一覧から外した',
  forwarded: '回送した',
  'forwarding-returned': '送付先から返戻された',
};

export const submissionKinds: Record<string, string> = {
  new: '新規',
  added: '追加',
  correction: '訂正',
  cancellation: '取消',
};

export const residentStatus: Record<string, readonly [string, Tone]> = {
  resident: ['住民', 'done'],
  'moving-out': ['転出予定', 'warning'],
  removed: ['除票', 'plain'],
  outside: ['住登外', 'info'],
};

const reportWords: Record<string, string> = {
  'other-municipality': '提出先がこの市区町村ではありません',
  'unreadable-record': '回送資料のレコードとして読めません',
  'wrong-number': '個人番号の検査用数字が合いません',
  'same-number-twice': '同じ個人番号が二人に書かれています',
  'part-exceeds-whole': '内訳が合計を超えています',
  'born-after-year-end': '生年月日が年分より後です',
  'unknown-version': '様式のバージョンが分かりません',
  'unknown-element': '様式にない項目があります',
  'dangling-reference': '参照先のない項目があります',
  'document-type-declared': '文書型宣言のあるXMLは受け付けません',
  'not-well-formed': 'XMLとして読めません',
  'unknown-procedure': '確定申告書の内容がありません',
  'element-twice': '同じ項目が二度あります',
  'unreadable-amount': '金額として読めません',
  'unreadable-code': '区分として読めません',
  'index-differs': '索引と申告書の本人が一致しません',
  'income-total-differs': '所得金額の合計が内訳と一致しません',
  'deduction-total-differs': '所得控除の合計が内訳と一致しません',
  'one-operator': '二回の入力が同じ入力者によるものです',
  'entries-differ': '二回の入力が一致しません',
  'original-not-named': '訂正元の通知番号がありません',
  'nothing-given': '寄附金額が0円です',
  'non-residents-not-counted': '非居住者である親族の数が0です',
};

/** What is wrong with a record, in words; an unknown word is shown as it is. */
export const faultText = (word: string): string =>
  (faultMessages as Readonly<Record<string, string>>)[word] ?? reportWords[word] ?? word;
export const refusalText = (word: string): string => fileRefusalTexts[word as FileRefusal] ?? word;
export const runWhy = (word: string): string =>
  word === 'refused-whole'
    ? 'ファイル全体を返戻しました'
    : word === 'file-erased'
      ? 'ファイルは保存期間を過ぎて消去されています'
      : `処理が止まりました（${word}）`;
