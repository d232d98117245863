import assert from 'node:assert/strict';

/**
 * 案件特定キー of what this system issues itself: body, year, the series (8 re-issued slips, 9 debits) and a number that never returns.
 * Those that come with a charge are the tax system's.
 */
export function issuedCaseKey(bodyCode: string, fiscalYear: number, series: 8 | 9, slipNo: number): string {
  const key = `${bodyCode.slice(0, 5)}${fiscalYear}${series}${String(slipNo).padStart(10, '0')}`;
  assert(/^[0-9]{20}$/.test(key), 'a case key has 20 digits');
  return key;
}
