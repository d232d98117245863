/** What a clerk reads for each refusal. */
const refusals: Readonly<Record<string, string>> = {
  'not-allowed-in-state': '記録の状態から、この異動はできません',
  'before-becoming-resident': '異動日が住民となった日より前です',
  'before-birth': '異動日が生年月日より前です',
  'in-the-future': '異動日が今日より後です',
  'no-such-person': 'この方の記録がありません',
  'no-such-household': '世帯の記録がないか、消除されています',
  'changed-meanwhile': '表示した後に、ほかの担当者がこの方の記録を変更しました。記録を開き直してください',
  'wrong-code': '住民票コードの検査数字が合いません',
  'wrong-number': '個人番号の検査数字が合わないか、前の記録の個人番号と異なります',
  'number-held-by-another': 'この個人番号は、ほかの方の記録にあります',
  'particulars-differ': 'この住民票コードの以前の記録と、氏名・生年月日・性別が一致しません',
  'already-registered': '既に住民票を作成しています',
  'nothing-given': '検索する項目を入力してください',
  'not-authorised': 'この操作を行う権限がありません',
  'no-such-entry': 'この返戻はありません',
  'already-resolved': 'ほかの担当者が先に処理しました',
  'not-an-entry': '取り下げられるのは、その後に変更のない転入・出生の記載だけです',
};
export const refusalText = (word: string): string => refusals[word] ?? '受け付けられませんでした';

export const sexes = { male: '男', female: '女', other: 'その他' } as const;
export const statusTexts = { resident: '現存', 'moving-out': '転出予定', removed: '消除' } as const;
