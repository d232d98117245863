import type { ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import type { askAnotherBody, deferredInquiry } from './endpoints.ts';

/** Why no information came, in a clerk's words: every word of `askAnotherBody` has one. */
export const refusalWords: Readonly<Record<WordOf<typeof askAnotherBody>, string>> = {
  'unknown-procedure': 'この事務手続は情報提供ネットワークシステムに登録されていません。',
  'not-on-list': 'この事務からこの情報を照会することは、照会許可用照合リストで認められていません。',
  'item-not-on-list': '照会できない項目が含まれています。照会許可用照合リストを確かめてください。',
  'bad-signature': '電子署名を確認できなかったため、照会は行われませんでした。システム担当に連絡してください。',
  'not-canonical': '電文の形式が正しくないため、照会は行われませんでした。システム担当に連絡してください。',
  'commitment-mismatch': '照会対象者の確認ができず、照会は行われませんでした。システム担当に連絡してください。',
  'not-your-linkage-code': 'この機関の符号ではないため、照会は拒否されました。システム担当に連絡してください。',
  'statement-too-old': '照会に時間がかかり、有効期限が切れました。もう一度照会してください。',
  'inquiry-number-used': 'この照会番号はすでに使われています。新しく照会してください。',
  'list-stale': '照会許可用照合リストが古いため、照会は行われませんでした。時間をおいて、もう一度照会してください。',
  'under-maintenance':
    'ネットワークまたは照会先が、予告された停止時間の中です。終わってから、もう一度照会してください。',
  'provider-unknown': '照会先の機関が見つかりません。',
  'provider-unavailable': '照会先またはネットワークに接続できません。時間をおいて、もう一度照会してください。',
  'permit-expired': '許可の有効期限（5分）が切れました。もう一度照会してください。',
  'permit-used': 'この許可はすでに使われています。新しく照会してください。',
  'permit-not-for-you': '許可が照会先の機関あてではなかったため、提供されませんでした。',
  'permit-names-other-statement': '許可と照会の内容が一致しないため、提供されませんでした。',
  'own-list-refuses': '照会先の機関の照合リストで認められていないため、提供されませんでした。',
  'no-linkage-code': '対象者の符号がまだ取得されていません。取得を待って、もう一度照会してください。',
  'answer-not-verified':
    '回答の署名または内容を確認できなかったため、回答を破棄しました。システム担当に連絡してください。',
  'not-your-business':
    'この業務システムは、この事務手続での照会を登録していません。連携サーバーの管理者に連絡してください。',
  'unknown-person': '対象者の宛名が確認できていません。連携サーバーの確認が終わってから照会してください。',
  'case-missing': '事案の番号がないため、照会は行われませんでした。システム担当に連絡してください。',
  congested: '照会が混み合っています。順番に行われますので、後で回答を確かめてください。',
  overloaded: '照会が混み合っているため、受け付けられませんでした。時間をおいて、もう一度照会してください。',
};
/** Lines that are down share the last. */
export const refusalText = (word: string): string =>
  refusalWords[word as keyof typeof refusalWords] ??
  '連携サーバーに接続できませんでした。時間をおいて、もう一度照会してください。';

/** What a clerk is told of an inquiry that waits for its turn: its number, and the time (of Tokyo) at which it is likely to be asked. */
export function deferredText({
  receptionNumber,
  expectedAt,
}: Pick<ResponseOf<typeof deferredInquiry>, 'receptionNumber' | 'expectedAt'>): string {
  const at = Temporal.Instant.from(expectedAt).toZonedDateTimeISO('Asia/Tokyo');
  return `受付番号は${receptionNumber}、${at.month}月${at.day}日${at.hour}時${`${at.minute}`.padStart(2, '0')}分ごろに行われる見込みです。`;
}

/** Result codes of an answer. */
export const resultWords: Readonly<Record<string, string>> = {
  '00': '正常',
  '10': '該当する情報がありません（未申告、または住所地が異なる可能性があります）。',
  '20': '不開示とされている情報です。',
  '50': '照会先に副本が登録されていません。',
  '60': '照会先の職員が確認しています。後でもう一度確かめてください。',
};
