import type { Tone } from '@musubi/kernel/pages/kit/marks.ts';

export const channelWords: Readonly<Record<string, string>> = {
  convenience: 'コンビニ収納',
  'common-tax': '地方税共通納税（eL-QR）',
  'pay-easy': 'ペイジー',
  counter: '窓口納付',
  'special-collection': '特別徴収',
  pension: '年金特別徴収',
  credit: 'クレジット',
  'direct-debit': '口座振替',
};
export const methodWords: Readonly<Record<string, string>> = {
  ordinary: '普通徴収',
  special: '給与特別徴収',
  pension: '年金特別徴収',
};
export const entryWords: Readonly<Record<string, string>> = {
  charge: '調定',
  'charge-change': '調定の変更',
  receipt: '収納',
  match: '仮受からの消込',
  correction: '更正（取消し）',
  fee: '督促手数料',
  interest: '延滞金の確定',
  appropriation: '充当',
  'refund-decision': '還付決定',
  'refund-paid': '還付支払',
  'refund-returned': '振込不能',
  'write-off': '不納欠損',
  'carry-over': '滞納繰越',
};
export const ledgerWords: Readonly<Record<string, string>> = {
  receivable: '未収（収入未済）',
  levy: '調定',
  cash: '収納金',
  suspense: '仮受（未照合）',
  overpaid: '過誤納金',
  'refund-payable': '還付未払',
  'refund-interest': '還付加算金',
  'written-off': '不納欠損',
};
export const reasonWords: Readonly<Record<string, string>> = {
  'slip-paid': '納付書どおりの納付',
  'slip-paid-partly-open': '納付書どおり（未納額を超える分は過誤納）',
  'paid-again': '二重納付',
  'debit-paid': '口座振替',
  'month-paid': '月分を一括納入',
  'withheld-paid': '年金から徴収',
  preliminary: '速報',
  'cancelled-before-final': '速報取消',
  'cancelled-after-final': '確報後の取消し（受け付けない）',
  'cancelled-nothing': '対象のない取消し',
  'unknown-reference': '番号に該当する調定がない',
  'wrong-confirmation': '確認番号が一致しない',
  'amount-differs': '金額が納付書と一致しない',
  unreadable: '読取り不能',
};
export const outcomeWords: Readonly<Record<string, readonly [string, Tone]>> = {
  posted: ['消込済', 'done'],
  suspense: ['仮受', 'warning'],
  rejected: ['除外', 'error'],
  noted: ['記録のみ', 'plain'],
};
export const keptBackWords: Readonly<Record<string, string>> = {
  'nothing-open': '未納なし',
  'not-due': '納期限前',
  'preliminary-receipt': '速報あり',
  'candidate-in-suspense': '同額の仮受あり',
  held: '猶予・停止・分納中',
  'debit-open': '口座振替の結果待ち',
  'already-reminded': '督促済',
  'by-collector': '特別徴収',
  'amount-changed': '未納額が変わった',
  'preliminary-in-window': '未着の期間に速報あり',
};
export const overpaymentWords: Readonly<Record<string, string>> = {
  'paid-again': '二重納付',
  'charge-reduced': '税額の減額',
  'paid-too-much': '過納',
};

/** Refusals of this system in the clerk's words. */
export const faultWords: Readonly<Record<string, string>> = {
  'reason-missing': '理由を入力してください。',
  'no-such-receipt': 'この収納はすでに処理されています。一覧を確かめてください。',
  'no-such-charge': '該当する調定がありません。',
  'has-overpayment': '過誤納が生じている収納は、還付・充当で処理してください。',
  'cut-off-not-past': '基準日は今日より前の日にしてください。',
  'no-such-run': '該当する督促の処理がありません。',
  'evidence-missing': '根拠資料を入力してください。',
  'no-such-overpayment': '該当する過誤納がありません。',
  'nothing-left': '還付・充当する額が残っていません。',
  'already-proposed': 'すでに起案されています。',
  'already-ordered': 'すでに還付・充当を決定しています。',
  'approver-is-requester': '自分が起案したものは決定できません。',
  'above-limit': '限度額を超える還付です。課長が根拠資料を確かめて決定します。',
  'keyed-amount-differs': '入力した金額が起案の額と一致しません。根拠資料を確かめてください。',
  'already-decided': 'すでに決定されています。',
  'changed-since': '起案の後に滞納額又は加算金が変わりました。差し戻して起案し直してください。',
  expired: '承認の期限が過ぎています。差し戻して起案し直してください。',
  'not-yet': '出納閉鎖（5月31日）の前は繰り越せません。',
  'already-closed': 'この年度はすでに繰り越しています。',
  'nothing-open': '未納額がありません。',
  'rates-missing': 'この年の延滞金・還付加算金の割合が登録されていません。公表された割合を登録するまで計算できません。',
  'no-such-slip': '該当する納付書がありません。',
  'amount-changed': 'この納付書を発行した後に未納額が変わりました。再発行してください。',
  'nothing-charged': 'この年度に納めるべき税額がありません。',
  'nothing-released': '印刷へ回した督促状がありません。',
  'not-decided': '決定していない還付・充当の通知書は作成できません。',
  'unprintable-character': '氏名又は住所に印字できない文字があります。外字の登録を確かめてください。',
  'not-returned': '振込不能になった還付ではありません。再度の依頼はできません。',
  'in-the-past': '期限は今日以後の日にしてください。',
};
export const faultText = (word: string): string => faultWords[word] ?? 'この操作はできません。';
