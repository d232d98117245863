import type { Tone } from '@musubi/kernel/pages/kit/marks.ts';

/** Texts of codes, as clerks read them. */
export const stateWords: Record<string, readonly [string, Tone]> = {
  drafted: ['起案', 'plain'],
  'awaiting-approval': ['承認待ち', 'warning'],
  decided: ['決定', 'done'],
  superseded: ['差替済', 'plain'],
};
export const statusWords: Record<string, string> = {
  taxed: '課税',
  'per-capita-only': '均等割のみ',
  exempt: '非課税',
  'not-taxable': '課税対象外',
};
export const collectionWords: Record<string, string> = {
  ordinary: '普通徴収',
  special: '特別徴収',
  pension: '年金特別徴収',
  mixed: '併用徴収',
  none: '徴収なし',
};
export const orderStateWords: Record<string, readonly [string, Tone]> = {
  queued: ['開始待ち', 'plain'],
  running: ['実行中', 'info'],
  stopped: ['停止中', 'warning'],
  failed: ['失敗', 'error'],
  blocked: ['前工程待ち', 'warning'],
  done: ['終了', 'done'],
};
export const blockWords: Record<string, string> = {
  'intake-not-finished': '前の工程（課税資料の取込）が完了していません',
  'inputs-missing': '賦課に必要な資料がそろっていません（「必要な資料」を確かめてください）',
  broken: '処理が中断しました。再開すると最後の区切りから続けます',
};
/** Refusals of use cases, as the reader sees them. */
export const refusalWords: Record<string, string> = {
  'not-authorised': 'この操作の権限がありません',
  'no-rates-for-year': 'その年度の税率表がありません',
  'already-running': '同じ年度の処理が終わっていません',
  'nothing-to-submit': '決裁に回せる起案がありません',
  'not-a-draft': '起案の状態が変わっています。一覧を開き直してください',
  'approver-is-drafter': '起案した職員は決定できません。別の職員が承認してください',
  'approver-is-requester': '決裁に回した職員は決定できません。別の職員が承認してください',
  'already-decided': '他の職員が先に処理しました',
  'already-ended': '他の職員が先に処理しました',
  'superseded-meanwhile': '承認待ちの間に新しい版が作られた賦課が含まれています。差し戻してください',
  expired: '承認の期限が過ぎました。取り下げて、改めて決裁に回してください',
  'no-reason': '理由を入力してください',
  'reports-changed': '確認中に新しい報告書が届きました。画面を開き直してください',
  'no-report-left': '少なくとも1通は合算してください',
  'nothing-to-settle': '確認を要する点はありません',
  'spouse-income-needed': '配偶者の合計所得金額を入力してください',
  'still-open': '確認を要する点が残っています',
  'not-stopped': '停止していません',
  'no-such-order': '指示が見つかりません',
  'not-decided': '決定前の賦課は通知できません',
  'not-ordinary-collection': '普通徴収ではないため、納税通知書の対象ではありません',
  'no-report-of-payer': 'この事業所の給与支払報告書がない人です。事業所との組を確認してください',
  'notices-missing': '通知のない賦課があります。通知を作ってから締めてください',
  'no-such-notice': '通知が見つかりません',
  'heirs-unknown': '亡くなった人です。相続人代表者を登録してから作ってください',
  'nothing-to-release': '電子交付を待つ通知はありません',
  'not-released': 'まだ電子交付に回していない通知です',
  'recalled-before': '配信停止はすでに指示されています',
  'reason-missing': '理由を入力してください',
  'served-before-issue': '送達日が通知書の発行日より前になっています',
  'served-in-future': '送達日が今日より後になっています',
  'came-back': '返戻されている通知です。再送達又は公示送達を記録してください',
  'on-paper': '書面で通知する人です。パスワードはありません',
  'numbers-in-it': '個人番号が記載されているため、番号を扱う職員だけが開けます',
  'channel-changed': '他の職員が先に登録しました。画面を開き直してください',
  'person-is-alive': '死亡の記録がない人です',
  'evidence-missing': '確認した書類を入力してください',
  'representative-incomplete': '氏名・郵便番号・住所を入力してください',
  'representative-changed': '他の職員が先に登録しました。画面を開き直してください',
  'no-postal-code': '郵便番号が登録されていません',
  'does-not-agree-with-reasons': '保存された税額が計算の理由と一致しません。監査担当に連絡してください',
  'sums-do-not-agree': '期別の税額の合計が年税額と、又は納付書のバーコードが紙面と一致しません',
  'unprintable-character': '印字できない文字があります',
  'already-notified': 'すでに通知書が作られています',
  'document-altered': '保存された文書が台帳と一致しません。監査担当に連絡してください',
  erased: '保存期間が満了しました',
  'no-open-reject': '対象の行はありません',
};
export const refusalText = (word: string): string => refusalWords[word] ?? `処理できませんでした（${word}）`;

export const reiwaYear = (fiscalYear: number): string => `令和${fiscalYear - 2018}年度`;
