import { refusalText } from '@musubi/kernel/media/pages-words.ts';
import type { Tone } from '@musubi/kernel/pages/kit/marks.ts';
import type { RegisterStanding } from '../domain/register-answer.ts';

export const standingWords: Readonly<Record<RegisterStanding, readonly [text: string, tone: Tone]>> = {
  'not-asked': ['未照会', 'plain'],
  asked: ['回答待ち', 'warning'],
  confirmed: ['確認済み', 'done'],
  mismatch: ['不一致（保留）', 'error'],
  candidate: ['番号の候補あり', 'info'],
  'not-found': ['特定できない', 'error'],
};

export const holdWords = {
  'no-number': '個人番号がありません。住基照会で番号を確かめるか、番号の提出を受けるまで、情報連携はできません。',
  'number-unverified':
    '個人番号と申請書の4情報が一致していません（番号未確認）。解決するまで、この申請は保留され、情報連携はできません。',
  'register-not-confirmed':
    '住基ネットによる本人確認がまだ済んでいません。使用簿により照会し、番号と4情報の一致を確かめてから、登録・照会してください。',
} as const;

const words: Readonly<Record<string, string>> = {
  ...holdWords,
  incomplete: '利用の目的と、利用届の許可番号を入力してください。',
  nobody: '対象者を一人以上選んでください。',
  'too-many': '一度に照会できるのは200人までです。',
  'not-to-ask': '選んだ申請の中に、照会中または決定済みのものがあります。一覧を開き直してください。',
  'no-such-entry': '使用簿の記載がありません。',
  'outcome-missing': '照会の結果を入力してください。',
  'closed-already': 'この使用簿はすでに閉じています。',
  'not-asked-yet': 'まだ媒体に書き込まれていません。',
  'answers-missing': '回答のない対象者がいるため、閉じられません。',
  'medium-not-erased': '消去されていない媒体があるため、閉じられません。',
  'written-already': 'この使用簿のリストはすでに書き込まれています。',
  'receiver-has-no-key': '住基担当の鍵が登録されていません。媒体の画面で登録してください。',
  'number-missing': '個人番号のない対象者が含まれています。',
  unwritable: 'リストに書けない文字があります。記載を確かめてください。',
  'not-encrypted': '暗号化されていないファイルです。',
  'not-for-us-or-damaged': 'この事務所の鍵では開けないか、壊れているファイルです。',
  'imported-before': 'すでに読み込んだファイルです。',
  'result-unreadable': '結果に読めない行があります。全てを受け付けませんでした。',
  'result-header-missing': '結果の先頭にヘッダがありません。',
  'result-of-another-entry': '別の使用簿の結果です。',
  'result-trailer-missing': '結果の末尾にトレーラがありません。',
  'result-count-differs': '結果の件数が行の数と違います。',
  'row-twice': '同じ対象者の行が二つあります。',
  'foreign-row': 'この使用簿にない対象者の行が含まれています。全てを受け付けませんでした。',
  'number-of-another': '照会した番号と違う番号の回答が含まれています。全てを受け付けませんでした。',
  'answered-otherwise': '前に読み込んだ回答と内容が違う行があります。住基担当に確かめてください。',
  'no-candidate': '確認を待つ候補はありません。',
  'confirmer-is-importer': '結果を読み込んだ本人は確認できません。別の職員が確認します。',
  'reason-missing': '確かめた書類または理由を入力してください。',
  'not-12-digits': '個人番号は12桁の数字です。',
  'all-digits-equal': '個人番号の数字を確かめてください。',
  'wrong-check-digit': '個人番号の検査数字が一致しません。',
};
export const registerText = (word: string): string => words[word] ?? refusalText(word);
