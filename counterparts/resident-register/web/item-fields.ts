import type { Field, FormValues } from '@musubi/kernel/pages/kit/form.ts';
import { type ChangeRule, changeRules, type FiledReason, type Item, type Items } from '../domain/changes.ts';
import type { ResidentRow } from '../service/read-residents.ts';
import { identityChecks, itemLabels, sexes } from './words.ts';

/* How the items of a record stand in forms: one field an item, filled with what stands now where a correction is made. */

export const optionsOf = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

export const changedOn: Field = { kind: 'date', name: 'changedOn', label: '異動日' };
export const filedOn: Field = { kind: 'date', name: 'filedOn', label: '届出日' };
export const documentField: Field = {
  kind: 'text',
  name: 'document',
  label: '受理した届書・書類',
  hint: '種類と受付番号',
  maxLength: 100,
};
export const identityField: Field = {
  kind: 'radio',
  name: 'identityCheck',
  label: '届出人の本人確認',
  options: optionsOf(identityChecks),
};
export const namesakeField: Field = {
  kind: 'select',
  name: 'namesake',
  label: '振り仮名と生年月日が同じ方がいるとき',
  required: false,
  options: [{ value: 'checked', label: '書類で別人であることを確認した' }],
};
/** 二重登録. */
const duplicateField: Field = {
  kind: 'text',
  name: 'duplicateOf',
  label: '二重登録のとき、残す記録の住民票コード',
  hint: '数字11桁。同じ方の二つの記録の一方を消除する場合だけ',
  pattern: /^[0-9]{11}$/,
  width: 'short',
  required: false,
};
const kana = /^[ァ-ヶー・ヽヾ　 ]+$/u;

const webName = (item: Item): string => item.replaceAll(/_([a-z])/g, (_, c: string) => c.toUpperCase());

export const itemField = (item: Item, required: boolean): Field => {
  const base = { name: webName(item), label: itemLabels[item], required };
  switch (item) {
    case 'birth_date':
    case 'residence_until':
      return { kind: 'date', ...base };
    case 'sex':
      return { kind: 'radio', ...base, options: optionsOf(sexes) };
    case 'postal_code':
      return { kind: 'text', ...base, hint: '数字7桁', pattern: /^[0-9]{7}$/, width: 'short' };
    case 'name_kana':
    case 'former_surname_kana':
      return { kind: 'text', ...base, hint: '全角カタカナ', pattern: kana, maxLength: item === 'name_kana' ? 100 : 50 };
    case 'address':
    case 'moved_to':
    case 'registered_domicile':
      return { kind: 'text', ...base, maxLength: 200, width: 'full' };
    default:
      return { kind: 'text', ...base, maxLength: item === 'former_surname' ? 50 : 100 };
  }
};

const never: ReadonlySet<Item> = new Set(['name', 'name_kana', 'birth_date', 'sex', 'address']);
/** Items that are typed anew and not corrected from what stands. */
const typedAnew: Partial<Record<FiledReason, true>> = {
  'moved-within': true,
  'moved-out': true,
  'moved-out-abroad': true,
  'address-renamed': true,
};

/** `isShared`: others live in the household, so that who moves has to be said. */
export function changeFields(reason: FiledReason, isShared: boolean): Field[] {
  const rule: ChangeRule = changeRules[reason];
  const asks = (item: Item): boolean =>
    (rule.needs?.includes(item) ?? false) ||
    (never.has(item) && !typedAnew[reason] && reason !== 'restored-ex-officio' && item !== 'address');
  const dayLabel: Partial<Record<FiledReason, Field>> = {
    death: { ...changedOn, label: '死亡日' },
    'moved-out': { ...changedOn, label: '転出日', hint: '先の日なら転出予定になります' },
    'moved-out-abroad': { ...changedOn, label: '出国日' },
  };
  return [
    dayLabel[reason] ?? changedOn,
    filedOn,
    ...rule.sets.map((item) => itemField(item, asks(item))),
    ...(rule.together && isShared
      ? [
          {
            kind: 'radio',
            name: 'together',
            label: '異動する方',
            options: [
              { value: 'household', label: '世帯全員' },
              { value: 'alone', label: '本人だけ', hint: '転居では新しい世帯の世帯主になります' },
            ],
          } as const,
        ]
      : []),
    documentField,
    ...(reason === 'removed-ex-officio' ? [duplicateField] : []),
    ...(rule.identityCheck ? [identityField] : []),
  ];
}

/** What the form shows before anything is typed. A withheld address is never put into a field. */
export function shownValues(reason: FiledReason, row: ResidentRow, withheld: boolean): FormValues {
  if (typedAnew[reason]) return {};
  const rule: ChangeRule = changeRules[reason];
  return Object.fromEntries(
    rule.sets
      .filter((item) => !(withheld && (item === 'address' || item === 'postal_code')))
      .map((item) => [webName(item), row[item] ?? undefined]),
  );
}

/** The items that differ from what stands; a field left empty clears an item that may be empty and keeps one that may not. */
export function setOf(
  reason: FiledReason,
  row: ResidentRow,
  texts: Readonly<Record<string, string>>,
  withheld: boolean,
): Partial<Items> {
  const rule: ChangeRule = changeRules[reason];
  const set: Record<string, string | null> = {};
  for (const item of rule.sets) {
    const typed = texts[webName(item)] ?? null;
    const hidden = withheld && (item === 'address' || item === 'postal_code');
    if (typed === null && (never.has(item) || hidden)) continue;
    if (typed !== row[item]) set[item] = typed;
    else if (rule.needs?.includes(item)) set[item] = typed;
  }
  return set as Partial<Items>;
}

export const itemOfField = (name: string): Item | undefined =>
  (Object.keys(itemLabels) as Item[]).find((item) => webName(item) === name);
export const fieldOfItem = webName;
