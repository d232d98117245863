import type { KindRule } from '@musubi/kernel/disclosure/setup.ts';
import type { FeeRate } from '@musubi/kernel/disclosure/terms.ts';

/**
 * 実費相当分の手数料, yen a sheet. The former rate stays for requests that were received while it held.
 * @source 評価書番号1 Ⅴ1.③ and 別添3: 20円→10円 (平成31年3月13日, 条例改正)
 */
export const disclosureFees: readonly FeeRate[] = [
  { effectiveFrom: '2016-01-01', yenPerSheet: 20, source: '東京都の条例（平成31年3月12日まで 1枚20円）' },
  { effectiveFrom: '2019-03-13', yenPerSheet: 10, source: '東京都の条例（実費相当分、1枚10円）' },
];

/**
 * Forms, articles and terms. The term of 30 days and its extension are those of the Act for disclosure; the other kinds follow
 * the Act on the Protection of Personal Information, and 訂正等 asks for an investigation without delay.
 * @law 住民基本台帳法 第30条の32, 第30条の33, 第30条の35; 個人情報の保護に関する法律 第83条, 第94条, 第102条
 */
export const disclosureKinds = {
  disclosure: {
    formName: '本人確認情報開示請求書',
    ground: '住民基本台帳法第30条の32',
    termDays: 30,
    extensionDays: 30,
  },
  'provision-history': {
    formName: '本人確認情報提供状況開示請求書',
    ground: '個人情報の保護に関する法律第76条',
    termDays: 30,
    extensionDays: 30,
  },
  correction: {
    formName: '本人確認情報訂正等申出書',
    ground: '住民基本台帳法第30条の35',
    termDays: 30,
    extensionDays: 30,
  },
  'stop-of-use': {
    formName: '保有個人情報利用停止請求書',
    ground: '個人情報の保護に関する法律第98条',
    termDays: 30,
    extensionDays: 30,
  },
} as const satisfies Record<string, KindRule>;

/** The one sheet that carries the Individual Number. @law 住民基本台帳法 第30条の32第2項; 番号利用法 第19条第1号 */
export const sheetsWithNumber = { 'record-disclosure': '住民基本台帳法第30条の32第2項' } as const;

/** Default years for papers of the counter (requirement 003 §6 sets none: the document retention of the task). */
export const paperKeepYears = 3;
