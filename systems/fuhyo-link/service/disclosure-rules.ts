import type { KindRule } from '@musubi/kernel/disclosure/setup.ts';
import type { FeeRate } from '@musubi/kernel/disclosure/terms.ts';

/** 実費相当分の手数料, yen a sheet. This file is held since 2024-05-27, when the present rate stood already. @source 評価書番号1 Ⅴ1.③ */
export const disclosureFees: readonly FeeRate[] = [
  { effectiveFrom: '2024-05-27', yenPerSheet: 10, source: '東京都の条例（実費相当分、1枚10円）' },
];

/**
 * Forms, articles and terms; requests about the supplement go the same way as those about the register.
 * @law 住民基本台帳法 第30条の44の12 (第30条の32・第30条の35の準用); 個人情報の保護に関する法律 第76条, 第98条
 */
export const disclosureKinds = {
  disclosure: {
    formName: '附票本人確認情報開示請求書',
    ground: '住民基本台帳法第30条の44の12（第30条の32の準用）',
    termDays: 30,
    extensionDays: 30,
  },
  'provision-history': {
    formName: '附票本人確認情報提供状況開示請求書',
    ground: '個人情報の保護に関する法律第76条',
    termDays: 30,
    extensionDays: 30,
  },
  correction: {
    formName: '附票本人確認情報訂正等申出書',
    ground: '住民基本台帳法第30条の44の12（第30条の35の準用）',
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

/** Default years for papers of the counter (requirement 003 §6 sets none: the document retention of the task). */
export const paperKeepYears = 3;
