/* Code tables of the supplementary family register (戸籍の附票) chain. Every word stands on the wire and in facts. */

/** ア18 通知区分. */
export const noticeKinds = { entry: '記載', correction: '修正', removal: '消除' } as const;
export type NoticeKind = keyof typeof noticeKinds;

/** ア15 附票本人確認情報状態区分. */
export const recordStates = { domestic: '国内', abroad: '国外転出者', removed: '消除' } as const;
export type RecordState = keyof typeof recordStates;

/** ア17 外字パターン: in which items external characters stand. */
export const gaijiPatterns = {
  none: 'なし',
  name: '氏名',
  address: '住所',
  both: '氏名・住所',
} as const;
export type GaijiPattern = keyof typeof gaijiPatterns;

/**
 * Rules by which a notice is refused, by id. FM: item checks of the municipality's server; FL: logic checks of the
 * prefecture's supplement server; FN: of the national one. The id is the refusal's word on the stream.
 */
export const fuhyoRules = {
  'FM-01': '住民票コードまたは旧住民票コードの検査数字が合いません',
  'FM-02': '氏名に使えない文字があるか、空です',
  'FM-03': '振り仮名がカタカナ（全角）ではありません',
  'FM-04': '生年月日が異動年月日より後です',
  'FM-05': '住所または最終住所に使えない文字があるか、空です',
  'FM-06': '附票管理市町村コードの検査数字が合わないか、自団体のものではありません',
  'FM-07': '外字数が氏名・住所・最終住所の外字の数と合いません',
  'FM-08': '異動年月日が通知の日より後です',
  'FM-09': '外字フラグまたは外字パターンが外字数と合いません',
  'FM-10': '住所の市町村コードの検査数字が合いません',
  'FL-01': '既に消除された方の消除の通知です',
  'FL-02': 'この住民票コードの方は現存します。記載はできません',
  'FL-03': 'この住民票コードの方の記録がありません',
  'FL-04': '附票管理市町村コードは、通知元の区市町村サーバのものではありません',
  'FL-05': 'この方の附票は、ほかの市区町村が管理しています',
  'FL-06': '消除された方の修正の通知です',
  'FL-07': '状態区分が通知区分と合いません',
  'FL-08': '国外転出者の最終住所がないか、国内の方の市町村コードがありません',
  'FL-09': '既に適用された通知より前の更新順番号です',
  'FL-10': '新しい住民票コードが、ほかの方のものです',
  'FL-11': '消除された方の再記載で、生年月日または性別が記録と異なります',
  'FL-12': '住民票コードの変更は、修正の通知だけで行えます',
  'FL-13': '異動年月日が、消除された日より前です',
  'FN-01': 'この住民票コードの方の附票は、ほかの市区町村に現存します',
  'FN-02': '現存する附票の記録がありません',
  'FN-03': '通知元の都道府県の記録ではありません',
} as const;
export type FuhyoRule = keyof typeof fuhyoRules;
export const fuhyoRuleWords = Object.keys(fuhyoRules) as [FuhyoRule, ...FuhyoRule[]];
