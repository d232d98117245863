import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';

export type FuhyoRule =
  | 'FM-01'
  | 'FM-02'
  | 'FM-03'
  | 'FM-04'
  | 'FM-05'
  | 'FM-06'
  | 'FM-07'
  | 'FM-08'
  | 'FM-09'
  | 'FM-10';

/** The items of 附票本人確認情報 that format and code checks look at. */
export interface CheckedSupplement {
  readonly residentRecordCode: string;
  readonly name: string;
  readonly nameGaijiCount: number;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly addressMunicipalityCode: string | null;
  readonly address: string;
  readonly addressGaijiCount: number;
  readonly lastAddress: string | null;
  readonly lastAddressGaijiCount: number;
  readonly changedOn: string;
  readonly formerResidentRecordCode: string | null;
  readonly managingMunicipalityCode: string;
  readonly gaijiFlag: boolean;
  readonly gaijiPattern: 'none' | 'name' | 'address' | 'both';
}

export interface FuhyoFinding {
  readonly rule: FuhyoRule;
  /** Names of the items at fault, never their values. */
  readonly items: readonly string[];
}

interface CheckContext {
  readonly ownMunicipality: string;
  /** ISO date of the law's day. */
  readonly today: string;
}

// As for the resident's notice: controls, unassigned and half-width kana do not travel.
const plainText = /^[^\p{Cc}\p{Cn}\uFF61-\uFF9F]+$/u;
const katakana = /^[ァ-ヶー・ヽヾ　 ]+$/u;
const gaiji = /[\uE000-\uF8FF\u{F0000}-\u{10FFFD}]/gu;

const faulty = (item: string, isFaulty: boolean): readonly string[] => (isFaulty ? [item] : []);
const isText = (text: string): boolean => text.trim() !== '' && plainText.test(text);
const countGaiji = (text: string): number => text.match(gaiji)?.length ?? 0;

const patternOf = (s: CheckedSupplement): CheckedSupplement['gaijiPattern'] => {
  const inName = s.nameGaijiCount > 0;
  const inAddress = s.addressGaijiCount + s.lastAddressGaijiCount > 0;
  if (inName) return inAddress ? 'both' : 'name';
  return inAddress ? 'address' : 'none';
};

/** Format and code checks of a supplement's notice (MCS-F4), each with its id; a notice that fails one is not sent on. */
const checks: Readonly<Record<FuhyoRule, (s: CheckedSupplement, context: CheckContext) => readonly string[]>> = {
  'FM-01': (s) => [
    ...faulty('residentRecordCode', !parseResidentRecordCode(s.residentRecordCode).ok),
    ...faulty(
      'formerResidentRecordCode',
      s.formerResidentRecordCode !== null &&
        (!parseResidentRecordCode(s.formerResidentRecordCode).ok ||
          s.formerResidentRecordCode === s.residentRecordCode),
    ),
  ],
  'FM-02': (s) => faulty('name', !isText(s.name)),
  'FM-03': (s) => faulty('nameKana', !katakana.test(s.nameKana)),
  'FM-04': (s) => faulty('birthDate', s.birthDate > s.changedOn),
  'FM-05': (s) => [
    ...faulty('address', !isText(s.address)),
    ...faulty('lastAddress', s.lastAddress !== null && !isText(s.lastAddress)),
  ],
  'FM-06': (s, { ownMunicipality }) =>
    faulty(
      'managingMunicipalityCode',
      s.managingMunicipalityCode !== ownMunicipality || !parseLocalGovernmentCode(s.managingMunicipalityCode).ok,
    ),
  'FM-07': (s) => [
    ...faulty('nameGaijiCount', countGaiji(s.name) !== s.nameGaijiCount),
    ...faulty('addressGaijiCount', countGaiji(s.address) !== s.addressGaijiCount),
    ...faulty('lastAddressGaijiCount', countGaiji(s.lastAddress ?? '') !== s.lastAddressGaijiCount),
  ],
  'FM-08': (s, { today }) => faulty('changedOn', s.changedOn > today),
  'FM-09': (s) => [
    ...faulty('gaijiFlag', s.gaijiFlag !== (patternOf(s) !== 'none')),
    ...faulty('gaijiPattern', s.gaijiPattern !== patternOf(s)),
  ],
  'FM-10': (s) =>
    faulty(
      'addressMunicipalityCode',
      s.addressMunicipalityCode !== null && !parseLocalGovernmentCode(s.addressMunicipalityCode).ok,
    ),
};

/** Every rule that the notice breaks, in the order of their ids. */
export const checkSupplement = (supplement: CheckedSupplement, context: CheckContext): FuhyoFinding[] =>
  (Object.keys(checks) as FuhyoRule[]).flatMap((rule) => {
    const items = checks[rule](supplement, context);
    return items.length > 0 ? [{ rule, items }] : [];
  });
