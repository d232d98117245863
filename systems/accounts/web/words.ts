export const kindWords: Readonly<Record<string, string>> = {
  ordinary: '普通',
  current: '当座',
  'tax-reserve': '納税準備',
  savings: '貯蓄',
  other: 'その他',
};
export const purposeWords = { debit: '口座振替', refund: '還付金の受取り' } as const;
export const sourceWords = { paper: '書面', portal: 'ポータル', 'public-money-account': '公金受取口座' } as const;

/** After these words of the bank no debit is asked for. */
export const stoppedWords: Readonly<Record<string, string>> = {
  'no-account': '預金取引なし',
  'stopped-by-depositor': '預金者の都合で停止',
  'no-mandate': '依頼書なし',
};

/** Fault → field and sentence. */
export const mandateFaults: Readonly<Record<string, readonly [field: string, text: string]>> = {
  'no-such-bank': ['bank', 'この金融機関コードはありません'],
  'no-such-branch': ['branch', 'この支店コードはありません'],
  'not-7-digits': ['accountNumber', '口座番号は7桁の数字です'],
  'branch-replaced': ['branch', 'この支店は統廃合されています。新しい支店コードを入力してください'],
  'wrong-kind': ['accountKind', 'この預金種目は使えません'],
  'holder-unwritable': ['holderKana', 'カナ氏名に使えない文字があります（漢字は使えません）'],
  'holder-differs': ['holderKana', '口座名義が本人と一致しません。還付金は本人名義の口座に限ります'],
  'request-key-reused': ['', 'この画面の内容はすでに登録されています。新しい画面で入力してください'],
  'not-staff': ['', 'この操作はできません'],
};
export const faultWords: Readonly<Record<string, string>> = {
  'not-a-bank-day': '銀行営業日を指定してください。',
  'in-the-past': '今日以後の日を指定してください。',
  'no-mandate': '口座情報のない依頼が含まれています。',
  'nothing-to-pay': '新たに支払う還付金がありません（支払済みの決定は除外しました）。',
  'no-such-file': '該当するファイルがありません。',
  'past-generation': 'このファイルは引落日が過ぎています。送信できるのは、引落日が今日以後の依頼だけです。',
  differs: 'ファイルの内容が作成時と一致しません。送らないでください。',
  'collections-refused': '収納消込システムが結果を受け付けませんでした。',
  'already-ended': 'すでに廃止されています。',
  'no-line': 'この金融機関とは伝送の契約がありません。ファイルを持参してください。',
  'no-contract': '金融機関がこの委託者コードを受け付けません。',
  'not-yet': '金融機関の結果はまだありません。',
  'reason-missing': '理由を入力してください。',
  'evidence-missing': '確認した書類を入力してください。',
  'in-the-future': '今日までの日を入力してください。',
  'no-such-application': '該当する申請がありません。',
  'already-decided': 'この申請はすでに処理されています。',
  'unreadable-form': '申請の内容を読み取れませんでした。',
  'other-person': '申請者として特定された人と宛名番号が違います。',
  'person-missing': '宛名番号（15桁）を入力してください。',
  'not-offered': '公金受取口座の照会は利用できません。',
  'not-agreed': '本人の同意が記録されていません。同意を記録してから照会してください。',
  'no-account-known': '公金受取口座の登録はありませんでした。',
  'network-busy': '照会が混み合っています。時間をおいて、もう一度照会してください。',
  'inquiry-refused': '照会が拒否されました。権限と照会先を確認してください。',
  'holder-differs': '口座名義が本人と一致しないため登録しませんでした。',
  'no-such-bank': 'この金融機関コードはありません。',
  'no-such-branch': 'この支店コードはありません。',
  'branch-replaced': 'この支店は統廃合されています。',
  'unreadable-code': '金融機関コードは4桁、支店コードは3桁の数字です。',
  'unreadable-day': '日付を入力してください。',
  'source-missing': '根拠となる金融機関の通知を入力してください。',
  'same-branch': '旧と新が同じです。',
  'already-replaced': 'この支店の統廃合は登録済みです。',
  'comes-back': '元の支店に戻る統廃合は登録できません。',
};
export const faultText = (word: string): string => faultWords[word] ?? 'この操作はできません。';
