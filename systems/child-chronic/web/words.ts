import { holdWords } from './register-words.ts';

export const registrationWords: Readonly<Record<string, string>> = {
  ...holdWords,
  unlinked: '誤った紐付けとして解除されました。本人の個人番号を確かめ、もう一度登録してください。',
  merged: '二重登録として統合されました。もう一度登録すると、統合先の番号が付きます。',
  'particulars-disagree':
    '登録済みの宛名と4情報が一致しません。連携サーバーの担当が確認しています。確認が終わったら、もう一度登録してください。',
  'not-your-business': 'この業務システムは宛名の登録を許可されていません。連携サーバーの管理者に連絡してください。',
  'invalid-number': '個人番号の検査数字が一致しません。番号を確かめてください。',
};
export const registrationText = (word: string): string =>
  registrationWords[word] ?? '連携サーバーに接続できませんでした。時間をおいて、もう一度登録してください。';

export const kindWords = { new: '新規', renewal: '更新' } as const;
export const sexWords = { male: '男', female: '女', other: '―' } as const;
export const insurerWords = {
  'employee-dependent': '被用者保険（患者は被扶養者）',
  'employee-own': '被用者保険（患者が被保険者）',
  'national-health': '国民健康保険',
  'public-assistance': '生活保護',
} as const;
export const conditionWords = {
  general: '一般',
  severe: '重症',
  ventilator: '人工呼吸器等装着者',
  haemophilia: '血友病等',
} as const;

export const intakeFaults: Readonly<Record<string, readonly [field: string, text: string]>> = {
  'not-12-digits': ['individualNumber', '個人番号は12桁の数字です'],
  'all-digits-equal': ['individualNumber', '個人番号の数字を確かめてください'],
  'wrong-check-digit': ['individualNumber', '個人番号の検査数字が一致しません'],
  'adult-patient-applies': [
    'applicantIsPatient',
    '成年の受給者です。本人の収入で判定します（2022年4月1日以降）。申請者を本人にしてください',
  ],
  'other-members-not-supported': [
    'otherMembers',
    '同じ国民健康保険のほかの世帯員がいる場合の判定には、まだ対応していません',
  ],
  'applied-in-future': ['appliedOn', '申請日は今日以前の日付にしてください'],
  'unknown-form': ['formVersion', 'この版の様式は、申請日には受け付けていません'],
  'notice-not-confirmed': ['noticed', '申請者が確かめていない申請は受け付けられません'],
  'identity-not-checked': ['identityDocuments', '写真付きの書類一点、または写真のない書類二点で身元を確認してください'],
  'proxy-authority-missing': ['proxyAuthority', '代理権を確認できない代理人からの申請は受け付けられません'],
  'documents-missing': ['sheets', '書類の枚数を確かめてください'],
  'not-in-receipt-ledger': ['', '収受簿に登録できませんでした'],
  'expired-apply-as-new': ['kind', '前の受給者証の有効期間が終わっています。新規の申請として受け付けてください'],
  'request-key-reused': ['', 'この画面の内容はすでに登録されています。新しい画面で入力してください'],
};

export const askFaults: Readonly<Record<string, string>> = {
  ...holdWords,
  'not-registered': '申請者の宛名が登録されていません。先に登録してください。',
  'unknown-provider': '照会先を選び直してください。',
  'already-asking': '結果を待っている照会があります。その照会を確かめてください。',
  'already-answered': 'この照会にはすでに回答があります。',
};

export const tierFaults: Readonly<Record<string, string>> = {
  ...holdWords,
  'difference-reason-missing': '申請書と回答が異なります。回答によって判定する理由を入力してください。',
  'not-answered': '税情報の回答がないため、階層区分を起案できません。',
  'already-proposed': 'すでに起案されています。',
  'already-decided': 'すでに決定されています。',
  'no-such-request': '該当する起案がありません。',
  'approver-is-requester': '自分が起案したものは承認できません。',
  expired: '承認の期限が過ぎています。起案からやり直してください。',
  'reason-missing': '差し戻す理由を入力してください',
  differs: '起案の内容が承認依頼と一致しません。起案からやり直してください。',
};

export const certificationFaults: Readonly<Record<string, string>> = {
  ...holdWords,
  'checker-is-enterer': '入力または訂正した本人は照合できません。',
  'checked-already': 'すでに照合されています。',
  'entry-not-compared': '入力の照合が終わっていません。',
  'on-the-agenda': 'すでに議題に載っています。',
  'in-the-past': '開催日は今日以後の日付にしてください。',
  'not-held-yet': '審査会はまだ開かれていません。',
  'not-on-the-agenda': '議題に載っていません。',
  'said-already': 'すでに答申があります。',
  'reason-missing': '理由を入力してください。',
  'no-opinion': '審査会の答申がないため、認定できません。',
  'opinion-refuses': '審査会が不承認としたため、認定は起案できません。',
  'opinion-approves': '審査会が承認しています。',
  'tier-not-decided': '階層区分がまだ決定されていません。',
  unreadable: '入力内容を確かめてください。',
  'already-proposed': 'すでに起案されています。',
  'already-decided': 'すでに決定されています。',
  'certified-already': 'この患者は、同じ期間にすでに認定されています。',
  'patient-unclear': '同じ氏名・生年月日の患者の認定があります。同じ患者かどうかを先に判断してください。',
  'not-of-this-name': '氏名と生年月日が同じ患者の申請ではありません。',
  'starts-too-early': '有効期間の始まりが、遡れる日より前です。',
  'not-a-child': '年齢の要件を満たしません（新規は18歳未満、継続は20歳未満）。',
  'other-certificate-over': '他の道府県の受給者証の有効期間が終わっています。',
  'recorded-already': 'この受給者証はすでに記録されています。',
  'no-such-request': '該当する起案がありません。',
  'approver-is-requester': '自分が起案したものは承認できません。',
  expired: '承認の期限が過ぎています。起案からやり直してください。',
  differs: '起案の内容が承認依頼と一致しません。起案からやり直してください。',
  'not-certified': '認定されていません。',
  'not-decided': 'まだ決定されていません。',
  over: '終了した認定の受給者証は印刷できません。',
  'outside-the-term': '有効期間の中の日を入力してください。',
  'note-missing': '確かめた資料を入力してください。',
  'ended-before': 'すでに終了しています。',
  'unprintable-character': '印字できない文字があります。',
  'unreadable-month': '月を確かめてください。',
  'month-too-far': '3か月より先の月はまだ締められません。',
  'guides-missing': '案内も除外の理由もない認定が残っています。締められません。',
  'not-ending': 'この月に終わる認定ではありません。',
  'told-already': 'すでに案内または除外されています。',
  nobody: '決定を選んでください。',
  'unknown-municipality': '区市町村の名前を確かめてください。',
  'foreign-row': 'この区市町村に住んでいない方の決定が含まれています。一覧は作られませんでした。',
  'listed-already': 'すでに一覧に載っている決定が含まれています。',
};
