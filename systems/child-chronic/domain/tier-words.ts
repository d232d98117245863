import type { Tier } from './ceilings.ts';

/** 階層区分 as a lodged copy words it. @source contracts/exchange/information-items.ts TKX-0014 */
export const tierWords: Readonly<Record<Tier, string>> = {
  '1': '生活保護',
  '2': '低所得1',
  '3': '低所得2',
  '4': '一般所得1',
  '5': '一般所得2',
  '6': '上位所得',
};
