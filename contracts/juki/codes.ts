/* Code tables of the register chain. Every word here stands on the wire and in facts: none is ever renamed. */

/** 異動事由. Japanese as clerks read it; what each may do stands in the rules of each system. */
export const changeReasons = {
  'initial-load': '初期移行',
  'moved-in': '転入',
  'moved-in-special': '転入（特例）',
  'moved-in-from-abroad': '国外からの転入',
  'moved-within': '転居',
  'moved-out': '転出',
  'moved-out-completed': '転出（確定）',
  'moved-out-cancelled': '転出取消',
  'moved-out-abroad': '国外転出',
  'household-change': '世帯変更',
  birth: '出生',
  death: '死亡',
  disappearance: '失踪',
  'family-register-change': '戸籍届による変更',
  naturalised: '帰化・国籍取得',
  'nationality-lost': '国籍喪失',
  'entered-ex-officio': '職権記載',
  'removed-ex-officio': '職権消除',
  'restored-ex-officio': '職権回復',
  'corrected-ex-officio': '職権修正',
  'address-renamed': '住居表示・町名地番変更',
  'residence-status-change': '在留資格・在留期間変更',
  'code-change': '住民票コード変更',
  'number-change': '個人番号変更',
  'name-reading': '振り仮名記載・訂正',
  'former-surname': '旧氏の記載・変更・削除',
  'protection-start': '支援措置開始',
  'protection-end': '支援措置終了',
} as const;
export type ChangeReason = keyof typeof changeReasons;
export const changeReasonWords = Object.keys(changeReasons) as [ChangeReason, ...ChangeReason[]];

/** State of a person in a register. */
export const residentStatuses = { resident: '現存', 'moving-out': '転出予定', removed: '消除' } as const;
export type ResidentStatus = keyof typeof residentStatuses;

/**
 * Rules by which a notice is refused, by id. M: item checks of the municipality's server; L: logic checks of the
 * prefecture's; N: of the national one. The id is the refusal's word on the stream.
 */
export const noticeRules = {
  'M-01': '住民票コードの検査数字が合いません',
  'M-02': '個人番号の検査数字が合いません',
  'M-03': '氏名に使えない文字があるか、空です',
  'M-04': '振り仮名がカタカナ（全角）ではありません',
  'M-05': '生年月日が異動年月日より後です',
  'M-06': '住所に使えない文字があるか、空です',
  'M-07': '市区町村コードの検査数字が合わないか、自団体のものではありません',
  'M-08': '外字数が氏名・住所・旧氏の外字の数と合いません',
  'M-09': '異動年月日が通知の日より後です（転出予定を除く）',
  'M-10': '旧氏と旧氏の振り仮名の一方だけがあります',
  'M-11': '異動後の状態が異動事由と合いません',
  'M-12': '二重登録の消除で、残す記録の住民票コードが正しくないか、異動事由が職権消除ではありません',
  'L-01': 'この住民票コードの方は、ほかの記録として現存します。転入・職権記載等はできません',
  'L-02': '転居・住居表示等の通知で、住所以外の項目が変わっています',
  'L-03': 'この住民票コードの方の記録がありません',
  'L-04': '出生の通知で、既にある住民票コードが使われています',
  'L-05': '既に消除された方です',
  'L-06': 'この方は通知元の市区町村の住民ではありません',
  'L-07': '異動年月日が住民となった日より前です',
  'L-08': '転出予定の方についての通知ではありません（転出取消・転出確定）',
  'L-09': 'この個人番号は、ほかの住民票コードの方のものです',
  'L-10': '個人番号が、この住民票コードの方の個人番号と異なります',
  'L-11': '転入の通知の氏名・生年月日・性別が、この住民票コードの方と異なります',
  'L-12': '既に適用された通知より前の更新順番号です',
  'L-13': '記録の状態から、この異動事由の通知はできません',
  'L-14': '通知の市区町村コードは、通知元の区市町村サーバのものではありません',
  'L-15': '異動事由で変えられない項目が変わっています（番号変更では番号が変わっていません）',
  'L-16': '変更後の住民票コードは、既に使われています',
  'L-17': '変更前の住民票コードと異動事由が合いません',
  'L-18': '異動年月日が通知の日より後です（転出予定を除く）',
  'L-19': '二重登録の消除で、残す記録が現存しないか、生年月日・性別が異なります',
  'L-20': '住民票コードの検査数字が合いません',
  'L-21': '個人番号の検査数字が合いません',
  'N-01': 'この住民票コードの方は、ほかの市区町村に現存します',
  'N-02': '付番されていない住民票コードです',
  'N-03': '出生の通知の住民票コードが、既に使われているか、通知元に付番されたものではありません',
  'N-04': '個人番号が、この住民票コードに付番されたものではありません',
  'N-05': '現存する記録がないか、通知元の都道府県の記録ではありません',
  'N-06': '二重登録の消除で、残す記録が現存しないか、生年月日・性別が異なります',
} as const;
export type NoticeRule = keyof typeof noticeRules;
export const noticeRuleWords = Object.keys(noticeRules) as [NoticeRule, ...NoticeRule[]];
