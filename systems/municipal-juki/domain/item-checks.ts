import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';

export type Rule =
  | 'M-01'
  | 'M-02'
  | 'M-03'
  | 'M-04'
  | 'M-05'
  | 'M-06'
  | 'M-07'
  | 'M-08'
  | 'M-09'
  | 'M-10'
  | 'M-11'
  | 'M-12';

export interface CheckedNotice {
  readonly reason: string;
  readonly changedOn: string;
  readonly status: 'resident' | 'moving-out' | 'removed';
  /** 二重登録: the code of the record that stays. */
  readonly duplicateOf?: string | undefined;
  readonly items: {
    readonly residentRecordCode: string;
    readonly name: string;
    readonly nameGaijiCount: number;
    readonly nameKana: string;
    readonly birthDate: string;
    readonly address: string;
    readonly addressGaijiCount: number;
    readonly individualNumber: string;
    readonly municipalityCode: string;
    readonly formerSurname: string | null;
    readonly formerSurnameGaijiCount: number;
    readonly formerSurnameKana: string | null;
  };
}

export interface Finding {
  readonly rule: Rule;
  /** Names of the items at fault, never their values. */
  readonly items: readonly string[];
}

interface CheckContext {
  readonly ownMunicipality: string;
  /** ISO date of the law's day. */
  readonly today: string;
}

type Check = (notice: CheckedNotice, context: CheckContext) => readonly string[];

// Controls, unassigned and half-width kana; a space between surname and given name is the ideographic one or a plain one.
const plainText = /^[^\p{Cc}\p{Cn}\uFF61-\uFF9F]+$/u;
const katakana = /^[ァ-ヶー・ヽヾ　 ]+$/u;
/** 外字: characters of the private use areas, which only the sender's font knows. */
const gaiji = /[\uE000-\uF8FF\u{F0000}-\u{10FFFD}]/gu;

const removing: ReadonlySet<string> = new Set([
  'moved-out-completed',
  'moved-out-abroad',
  'death',
  'disappearance',
  'nationality-lost',
  'removed-ex-officio',
]);

/** Format and code checks of the items (MCS-F2), each with its id; a notice that fails one is not sent on. */
const checks: Readonly<Record<Rule, Check>> = {
  'M-01': ({ items }) => faulty('residentRecordCode', !parseResidentRecordCode(items.residentRecordCode).ok),
  'M-02': ({ items }) => faulty('individualNumber', !IndividualNumber.parse(items.individualNumber).ok),
  'M-03': ({ items }) => faulty('name', !isText(items.name)),
  'M-04': ({ items: { nameKana, formerSurnameKana } }) => [
    ...faulty('nameKana', !katakana.test(nameKana)),
    ...faulty('formerSurnameKana', formerSurnameKana !== null && !katakana.test(formerSurnameKana)),
  ],
  'M-05': ({ items, changedOn }) => faulty('birthDate', items.birthDate > changedOn),
  'M-06': ({ items }) => faulty('address', !isText(items.address)),
  'M-07': ({ items: { municipalityCode } }, { ownMunicipality }) =>
    faulty('municipalityCode', municipalityCode !== ownMunicipality || !parseLocalGovernmentCode(municipalityCode).ok),
  'M-08': ({ items }) => [
    ...faulty('nameGaijiCount', countGaiji(items.name) !== items.nameGaijiCount),
    ...faulty('addressGaijiCount', countGaiji(items.address) !== items.addressGaijiCount),
    ...faulty('formerSurnameGaijiCount', countGaiji(items.formerSurname ?? '') !== items.formerSurnameGaijiCount),
  ],
  'M-09': ({ changedOn, status }, { today }) => faulty('changedOn', status !== 'moving-out' && changedOn > today),
  'M-10': ({ items }) =>
    (items.formerSurname === null) === (items.formerSurnameKana === null) ? [] : ['formerSurname', 'formerSurnameKana'],
  'M-11': ({ reason, status }) => faulty('status', !fits(reason, status)),
  'M-12': ({ reason, duplicateOf, items }) => faulty('duplicateOf', !endsDuplicate(reason, duplicateOf, items)),
};

/** Only 職権消除 ends a record because the person has another one, and never in favour of itself. */
const endsDuplicate = (reason: string, survivor: string | undefined, items: CheckedNotice['items']): boolean =>
  survivor === undefined ||
  (reason === 'removed-ex-officio' && survivor !== items.residentRecordCode && parseResidentRecordCode(survivor).ok);

function fits(reason: string, status: CheckedNotice['status']): boolean {
  if (removing.has(reason)) return status === 'removed';
  if (reason === 'moved-out') return status !== 'resident';
  return status !== 'removed';
}

const faulty = (item: string, isFaulty: boolean): readonly string[] => (isFaulty ? [item] : []);
const isText = (text: string): boolean => text.trim() !== '' && plainText.test(text);
export const countGaiji = (text: string): number => text.match(gaiji)?.length ?? 0;

/** Every rule that the notice breaks, in the order of their ids. */
export const checkItems = (notice: CheckedNotice, context: CheckContext): Finding[] =>
  (Object.keys(checks) as Rule[]).flatMap((rule) => {
    const items = checks[rule](notice, context);
    return items.length > 0 ? [{ rule, items }] : [];
  });
