/** 合成チェック: what is looked for across documents, persons and households. Each rule is an article or a plain contradiction. */
export const checkRules = {
  'dependant-claimed-twice': {
    text: '同じ人を二人以上が配偶者・扶養親族としています',
    law: '地方税法施行令 第48条の6',
  },
  'dependant-has-income': {
    text: '配偶者・扶養親族の合計所得金額が限度を超えています',
    law: '地方税法 第292条第1項第8号・第9号',
  },
  'dependant-claims-dependants': {
    text: '扶養親族とされた人が別の人を扶養親族としています',
    law: '地方税法 第292条第1項第9号',
  },
  'claims-oneself': { text: '本人が自分の扶養親族に含まれています', law: '地方税法 第292条第1項第9号' },
  'wrong-age-of-dependant': { text: '16歳未満の区分と生年月日が一致しません', law: '地方税法 第314条の2第1項第11号' },
  'two-main-payers': { text: '主たる給与（甲欄）の支払者が二人以上います', law: '所得税法 第194条, 第195条' },
  'gone-before-levy-date': { text: '賦課期日の前に除票となっています', law: '地方税法 第318条' },
} as const;
export type CheckRule = keyof typeof checkRules;

export const checkAnswers = {
  'in-order': '問題なし',
  inquiry: '調査中（照会した）',
  corrected: '資料を訂正した',
} as const;
export type CheckAnswer = keyof typeof checkAnswers;
