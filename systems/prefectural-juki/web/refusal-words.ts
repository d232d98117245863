/** 提供しなかった理由 as people read it in lists; the words are those of `provision_record.refusal`. */
const words: Readonly<Record<string, string>> = {
  'no-active-task': '有効な事務なし',
  'former-ordinance-route': '廃止された経路',
  'purpose-missing': '目的・文書番号なし',
  'key-not-allowed': '許されないキー',
  'items-not-allowed': '許されない項目',
  'too-few-items': '項目不足',
  'wrong-key': '検査数字の誤り',
  'use-entry-needed': '使用簿の承認なし',
  'use-entry-spent': '使用簿の範囲外',
  'national-unavailable': '全国サーバに接続できず',
  'not-identified:nobody': '特定できず（該当なし）',
  'not-identified:several': '特定できず（複数）',
  'not-identified:disagrees': '特定できず（不一致）',
  'not-identified:removed': '特定できず（消除）',
  'not-identified:national': '特定できず（全国サーバ）',
  interrupted: '中断',
};
export const refusalText = (word: string | null): string => (word === null ? '' : (words[word] ?? word));
