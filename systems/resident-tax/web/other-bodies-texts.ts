import type { Tone } from '@musubi/kernel/pages/kit/marks.ts';
import type { OutgoingKind, OutgoingStep } from '../service/other-bodies/outgoing.ts';

export const investigationSteps: Readonly<Record<string, readonly [string, Tone]>> = {
  drafted: ['承認待ち', 'info'],
  approved: ['発送待ち', 'info'],
  rejected: ['差戻し', 'plain'],
  sent: ['回答待ち', 'warning'],
  answered: ['回答あり', 'done'],
  withdrawn: ['取りやめ', 'plain'],
};
export const channels = { letter: '照会文書', telephone: '電話' } as const;
export const addressees = { payer: '提出元', person: '本人' } as const;

export const outgoingKinds: Readonly<Record<OutgoingKind, string>> = {
  'forwarded-document': '課税資料の回送',
  'outside-levy-notice': '住登外課税通知',
};
export const outgoingSteps: Readonly<Record<OutgoingStep, readonly [string, Tone]>> = {
  listed: ['承認待ち', 'info'],
  approved: ['送付待ち', 'info'],
  withdrawn: ['取りやめ', 'plain'],
  sent: ['送付済', 'warning'],
  received: ['受領済', 'done'],
  returned: ['返戻', 'error'],
};

/** Refusals of the acts between bodies, as sentences. */
export const otherBodiesRefusals: Readonly<Record<string, string>> = {
  'already-resolved': '本人が特定されているか、回送の手続中です。',
  'approver-is-drafter': '起案した本人は承認できません。',
  'approver-is-lister': '一覧に載せた本人は承認できません。',
  'birth-date-missing': '資料の生年月日が読み取れないため照会できません。',
  'changed-meanwhile': '画面を開いた後に内容が変わりました。新しい内容を確かめてください。',
  'day-is-over': '回答の期限が過ぎています。',
  'ended-before': 'この照会は終わっています。',
  'inquiry-repeated': '同じ照会番号の照会があります。もう一度照会してください。',
  'is-own-municipality': '送付先・登録地の団体コードを確かめてください。',
  'is-resident': '住民基本台帳に記録されている方です。もう一度突合してください。',
  'municipality-missing': '市区町村を選んでください。',
  'municipality-unknown': '団体コードを確かめてください。',
  'national-unavailable': '住基ネットに照会できません。時間をおいてやり直してください。',
  'no-such-investigation': '該当する照会がありません。',
  'no-such-item': '該当する送付がありません。',
  'not-approved': '承認されていません。',
  'not-drafted': '承認を待っていません。',
  'not-identified': '住基ネットで一人に特定されていません。',
  'not-investigated': '先に提出元又は本人に照会し、その結果（市区町村）を記録してください。',
  'not-listed': '承認を待っていません。',
  'not-sent': '発送していません。',
  'note-missing': '確認した内容・理由を入力してください。',
  'particulars-differ': '資料の個人番号・氏名・生年月日が住基ネットの回答と一致しません。',
  'particulars-disagree': '共通連携基盤の担当者が本人を確認しています。',
  'placing-unclear': 'この人の別の資料との関係を確かめる必要があります。',
  'postal-code-missing': '郵便番号（7桁）を入力してください。',
  'question-missing': '照会する事項を入力してください。',
  'unprintable-character': '印字できない文字があります。',
};
export const refusalOf = (word: string): string =>
  otherBodiesRefusals[word] ?? '処理できませんでした。運用担当に連絡してください。';
