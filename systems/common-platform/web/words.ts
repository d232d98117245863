import type { ParticularName } from '../domain/particulars.ts';

/** What clerks read for the codes of this system. */
export const statusWords = {
  resident: '住民',
  'moving-out': '転出予定',
  removed: '消除',
  unregistered: '住登外',
} as const;

export const sexWords = { male: '男', female: '女', other: '―' } as const;

export const particularWords: Readonly<Record<ParticularName, string>> = {
  name: '氏名',
  'name-kana': '氏名かな',
  'birth-date': '生年月日',
  sex: '性別',
  address: '住所',
};

/** Words with which the register network or the intermediate server refused a linkage code. */
export const linkageRefusalWords: Readonly<Record<string, string>> = {
  'no-such-person': '住民基本台帳ネットワークに該当者がいません',
  'not-registered-task': '登録されていない事務です',
  'bad-signature': '依頼の署名が確認できません',
  'processing-number-invalid': '処理通番の有効期限切れ（自動で再依頼します）',
  'nothing-arrived': '時間内に届きませんでした（自動で再依頼します）',
};
export const linkageRefusal = (word: string | null): string | undefined =>
  word === null ? undefined : (linkageRefusalWords[word] ?? '相手方に接続できません（自動で再依頼します）');

export const stepWords: Readonly<Record<string, string>> = {
  wanted: '取得対象に登録',
  requested: '符号の取得を依頼',
  accepted: '依頼を受付',
  refused: '取得できない旨の回答',
  postponed: '後で再依頼',
  held: '中間サーバーが符号を取得',
};

export const proposeErrors = {
  'no-such-case': '該当する確認案件がありません。',
  'already-decided': 'この案件は決定済みです。',
  'already-proposed': 'この案件はすでに承認待ちです。',
  'not-possible': 'この案件では選べない決定です。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

export const approveErrors = {
  'no-such-request': '該当する承認依頼がありません。すでに決定された可能性があります。',
  'already-decided': 'すでに決定されています。',
  'approver-is-requester': '自分が起案したものは承認できません。',
  expired: '承認の期限が過ぎています。起案からやり直してください。',
  'more-arrived': '起案の後に新しい記録が届いています。差し戻して、内容を確認し直してください。',
  'no-longer-possible': '個人番号がほかの方に登録されたため、この決定はできません。差し戻してください。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

export const correctionErrors = {
  'no-such-person': '該当する宛名がありません。',
  'no-such-target': '該当する紐付け・案件・訂正がありません。すでに解かれた可能性があります。',
  'no-such-pair': '該当する組がありません。すでに統合された可能性があります。',
  'already-noted': 'すでに別の二人として記録されています。',
  'different-persons': '氏名・生年月日・性別のいずれかが異なるため、統合できません。',
  'number-not-stated': '個人番号の扱いを選んでください。',
  'not-possible': 'この訂正はできません。',
  'already-proposed': 'すでに承認待ちです。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
} as const;
