import type { Item, ItemFault } from '../domain/changes.ts';
import type { IdentityCheck } from '../service/file-change.ts';

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
  'supervisor-only': '取下げは係長が行います',
  'not-an-entry': '取り下げられるのは、その後に変更のない転入・出生の記載だけです',
  'namesake-here':
    '振り仮名と生年月日が同じ方の記録があります。書類で別人と確かめ、「別人であることを確認した」を選んでください',
  'unusable-character': '使えない文字（制御文字、半角カナなど）があります',
  'not-katakana': '振り仮名は全角カタカナで入力してください',
  'different-address': '入る世帯の住所と異なります',
  'two-heads': '世帯主が二人になります',
  'no-head': '世帯主がいなくなります。世帯主とする方を選んでください',
  'foreign-only': '外国人住民についての届出です',
  'japanese-only': '日本人住民についての届出です',
  'faulty-items': '項目に誤りがあります',
  'survivor-code-wrong': '残す記録の住民票コードが正しくないか、職権消除ではありません',
  'survivor-is-the-same-record': '残す記録が、消除する記録そのものです',
  'survivor-differs': '残す記録が現存しないか、生年月日・性別が消除する記録と異なります',
  'nothing-changes': '変更される項目がありません',
  'document-missing': '受理した届書・書類を入力してください',
  'identity-not-checked': '届出人の本人確認の方法を選んでください',
  'say-who-moves': '同じ世帯の方がいます。世帯全員か本人だけかを選んでください',
  'form-reused': 'この画面の内容は、別の内容で既に登録されています。開き直してください',
  'not-staff': '職員として操作してください',
  'no-such-filing': 'この届出はありません',
  'already-decided': '既に処理されています',
  'approver-is-requester': '自分が起案したものは承認できません',
  expired: '承認の期限が過ぎています。改めて起案してください',
  'no-approval-asked': '承認を求められていません',
  'cannot-be-undone': 'この異動は取り消せません。別の届出で訂正してください',
  'differs-from-approved': '承認された内容と異なります',
  'reason-missing': '理由を入力してください',
  'no-such-member': '世帯員ではない方が含まれています',
  'twice-in-the-filing': '同じ方が二度含まれています',
  'relationship-missing': '続柄を入力してください',
  'already-provisional': '確認待ちの申出が既にあります',
  'nobody-named': '対象の方を選んでください',
  'no-such-protection': 'この申出はありません',
  'not-open': '今の状態では、この決定はできません',
  'too-early-to-extend': '延長の申出は、終了の1か月前からです',
  'nobody-due': '期間の過ぎた方はいません',
  'no-such-list': 'この一覧はありません',
  'drawer-is-lifter': '一覧を作った人は解除できません。別の職員が行ってください',
  'list-expired': 'この一覧は期限が過ぎました。作り直してください',
  'not-on-the-list': 'この一覧にない方です',
  'not-the-last-change': 'その後に別の異動があります。再送できません',
  'one-without-the-other': '旧氏と旧氏の振り仮名は、両方を入力するか、両方を空にしてください',
  'numbers-differ': '個人番号が、先の入力と異なります。もう一度確かめてください',
  'proof-missing': '請求者を確かめた書類を入力してください',
  'purpose-missing': '請求の理由を入力してください',
  'number-not-for-requester': '個人番号・住民票コードは、本人と同じ世帯の方以外には記載できません',
  'items-not-for-requester': '第三者には、続柄・本籍などを記載できません',
  'protected-person': 'この方の証明書は支援措置担当のみ扱えます。交付せず、支援措置担当へ引き継いでください',
  'not-in-the-register': '消除された方です。除票の写しとして請求してください',
  'unprintable-character': '登録された字形で印字できない文字があります',
  'not-your-certificate': '開けるのは、交付した職員が交付した日に限ります',
  'no-such-certificate': 'この証明書はありません',
  'applied-again': '抽出後に新しい申出があります。解除しません',
  extended: '抽出後に延長されています。解除しません',
  'not-standing': '既に終わっています',
  'no-such-code': '付番の窓口で、この方の記録を確かめられません',
};
export const refusalText = (word: string): string => refusals[word] ?? '受け付けられませんでした';

export const sexes = { male: '男', female: '女', other: 'その他' } as const;
export const statusTexts = { resident: '現存', 'moving-out': '転出予定', removed: '消除' } as const;

export const itemLabels = {
  name: '氏名',
  name_kana: '振り仮名',
  birth_date: '生年月日',
  sex: '性別',
  address: '住所',
  postal_code: '郵便番号',
  former_surname: '旧氏',
  former_surname_kana: '旧氏の振り仮名',
  registered_domicile: '本籍',
  family_register_head: '筆頭者',
  nationality: '国籍・地域',
  residence_status: '在留資格',
  residence_until: '在留期間の満了の日',
  alias: '通称',
  moved_to: '転出先',
} as const satisfies Record<Item, string>;

const itemFaults: Readonly<Record<ItemFault, string>> = {
  missing: 'を入力してください',
  'unusable-character': 'に使えない文字（制御文字、半角カナなど）があります',
  'not-katakana': 'は全角カタカナで入力してください',
  'not-of-this-change': 'は、この届出では変更できません',
  'after-the-change': 'が異動日より後です',
  'after-becoming-resident': 'が住民となった日より後です',
  'one-without-the-other': 'だけが空です。両方を入力するか、両方を空にしてください',
  'already-over': 'が異動日より前です',
  unchanged: 'が今の住所と同じです',
};
export const itemFaultText = (item: Item, fault: ItemFault): string => `${itemLabels[item]}${itemFaults[fault]}`;

export const identityChecks = {
  card: '個人番号カード',
  'photo-document': '顔写真付きの書類1点',
  'two-documents': '書類2点',
  'known-person': '面識・聞き取り',
  'post-copies': '郵送（書類の写し）',
} as const satisfies Record<IdentityCheck, string>;

export const protectionGrounds = {
  'domestic-violence': '配偶者からの暴力',
  stalking: 'ストーカー行為',
  'child-abuse': '児童虐待',
  other: 'その他これらに準ずる行為',
} as const;
export const protectionStates = {
  provisional: '確認待ち（仮の支援措置）',
  granted: '支援措置中',
  refused: '要件なし',
  ended: '終了',
} as const;
export const requesters = {
  self: '本人',
  household: '同じ世帯の方',
  proxy: '代理人',
  'third-party': '第三者',
  'public-body': '公用請求',
} as const;
export const certificateItems = {
  relationship: '続柄・世帯主',
  'registered-domicile': '本籍・筆頭者',
  'foreign-items': '国籍・在留資格など',
  code: '住民票コード',
  number: '個人番号',
} as const;
