/** Refusals of the use cases as sentences for the reader. */
const words: Readonly<Record<string, string>> = {
  'not-authorised': 'この操作をする権限がありません。',
  'for-oneself': '自分自身についての申請・承認・解除はできません。',
  'approver-is-requester': '自分が申請したものは承認できません。別の職員が決裁してください。',
  'generic-name': '個人名でない名称や共用のIDは登録できません。',
  'worker-not-admitted':
    '個人情報保護管理システムの従事者名簿で、稼働中の契約（再委託先は今年度の承認）の下に従事を認められた者ではありません。',
  'oath-missing': '受託者の職員IDには、本日までに提出された誓約書の日付と文書番号が必要です。',
  'contractor-role': '受託者には、記録を閲覧・更新しない役割だけを付与できます。',
  'review-open': 'この年度の管理簿はすでに作られています。',
  'due-too-early': '確認の期限は本日以降にしてください。',
  'no-such-review': '該当する管理簿がありません。',
  'not-on-list': '管理簿に載っていない職員IDです。',
  'already-found': 'すでに確認の結果が登録されています。',
  'not-yet-due': '確認の期限が過ぎるか、全員の結果が登録されるまで締められません。',
  'already-closed': 'この管理簿はすでに締められています。',
  'beyond-fiscal-year': '有効期限は本日以降、年度末(3月31日)と職員IDの期限までにしてください。',
  'already-known': '同じ職員IDまたは職員番号がすでに登録されています。職員IDは再利用できません。',
  'no-such-account': '該当する職員がいないか、利用できない状態です。',
  'no-such-system': 'この団体にないシステムです。',
  'not-locked': 'ロックされていません。',
  'already-decided': 'すでに決裁されています。',
  expired: '申請の有効期限(7日)を過ぎています。',
  'not-approved': '承認された申請がありません。',
  'already-revoked': 'すでに取り消されています。',
  'already-enrolled': 'この端末はすでに登録されています。',
  'not-possible-now': '今の状態ではできない操作です。',
};
export const sentence = (word: string): string => words[word] ?? '処理できませんでした。内容を確かめてください。';

/** What governance says of a contractor's person, as the account's page shows it. */
export const orderWords = (
  told: { readonly standing: string; readonly order: string | null; readonly validUntil: string | null } | undefined,
): string => {
  if (told?.standing === 'ordered') return `${told.order}（${told.validUntil}まで）`;
  return told?.standing === 'admitted'
    ? 'なし。作業指示があるまでサインインできません'
    : 'なし。従事を認められていません';
};

export const kindWords = { account: '職員IDの発行', grant: '権限の付与', terminal: '端末の登録' } as const;
export const stateWords = { active: '利用中', suspended: '停止中', closed: '廃止' } as const;
