import type { Actor } from '@musubi/kernel/db/act.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import type { Field } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { changeRules, type FiledReason, faultsOf, filedReasons, type Item } from '../domain/changes.ts';
import { type ReasonRule, reasonRules } from '../domain/reasons.ts';
import { fileBirth, readFiling } from '../service/births.ts';
import type { Changed } from '../service/change-resident.ts';
import { type ForeignItems, recordMovedIn } from '../service/enter-resident.ts';
import { fileChange, type IdentityCheck } from '../service/file-change.ts';
import { fileEntry } from '../service/file-entry.ts';
import { fileUndo } from '../service/pending-changes.ts';
import type { ResidentRecord } from '../service/read-residents.ts';
import { type About, addGuidedForm, type GuidedForm, seen, type Texts } from './guided-form.ts';
import {
  changedOn,
  changeFields,
  documentField,
  fieldOfItem,
  filedOn,
  identityField,
  itemField,
  namesakeField,
  setOf,
  shownValues,
} from './item-fields.ts';
import { itemFaultText, itemLabels, sexes } from './words.ts';

const right = ['resident-register', 'resident', 'update'] as const;
const day = (text: string | undefined): Temporal.PlainDate => Temporal.PlainDate.from(text ?? '');
const identityOf = (t: Texts): IdentityCheck | null => (t.identityCheck as IdentityCheck | undefined) ?? null;

/** 出生届 is finished here at once where the codes come; else it waits in its list. */
export type FinishBirth = (actor: Actor, filingId: string) => Promise<Result<Changed, string>>;

const titles: Partial<Record<FiledReason, readonly [title: string, submit: string]>> = {
  'moved-within': ['転居届', '転居を登録する'],
  'moved-out': ['転出届', '転出を登録する'],
  'moved-out-abroad': ['国外への転出', '国外転出を登録する'],
  'moved-out-cancelled': ['転出取消', '転出を取り消す'],
  death: ['死亡届', '死亡を登録する'],
};
const glosses: Readonly<Record<FiledReason, string>> = {
  'moved-within': 'Moving within the ward',
  'moved-out': 'Moving out',
  'moved-out-abroad': 'Moving abroad',
  'moved-out-cancelled': 'Cancel a moving-out',
  death: 'Death',
  disappearance: 'Adjudged disappeared',
  'family-register-change': 'Change by the family register',
  'name-reading': 'Reading of the name',
  'former-surname': 'Former surname',
  naturalised: 'Naturalisation',
  'nationality-lost': 'Loss of nationality',
  'residence-status-change': 'Status of residence',
  'corrected-ex-officio': 'Correction ex officio',
  'address-renamed': 'Renamed address',
  'removed-ex-officio': 'Removal ex officio',
  'restored-ex-officio': 'Restoration ex officio',
  'code-change': 'New Resident Record Code',
  'number-change': 'New Individual Number',
};
export const titleOf = (reason: FiledReason): string => titles[reason]?.[0] ?? reasonRules[reason].ja;

const ending: ReadonlySet<FiledReason> = new Set([
  'death',
  'disappearance',
  'removed-ex-officio',
  'nationality-lost',
  'moved-out-abroad',
]);

function changeForm(deps: Deps, reason: FiledReason): GuidedForm {
  const rule = changeRules[reason] as { readonly approval?: true; readonly codes?: true };
  const set = (t: Texts, about: About) => setOf(reason, seen(about), t, about.record!.withheld);
  const title = titleOf(reason);
  return {
    path: `/residents/:id/${reason}`,
    title,
    gloss: glosses[reason],
    right,
    reason,
    fields: (record) => changeFields(reason, (record?.household.length ?? 0) > 1),
    values: (record) => ({
      document: reasonRules[reason].by === '届出' ? '住民異動届' : '',
      ...shownValues(reason, record!.versions[0]!.row, record!.withheld),
    }),
    check(t, about) {
      const faults = faultsOf(seen(about), reason, set(t, about), t.changedOn ?? '');
      return Object.fromEntries(
        Object.entries(faults).map(([item, fault]) => [fieldOfItem(item as Item), itemFaultText(item as Item, fault)]),
      );
    },
    compare(t, about) {
      const row = seen(about);
      const items = Object.entries(set(t, about)) as [Item, string | null][];
      const show = (item: Item, value: string | null): string =>
        item === 'sex' ? sexes[value as keyof typeof sexes] : (value ?? '');
      const { ja, to } = reasonRules[reason] as ReasonRule;
      const state =
        to === 'removed' || to === 'planned'
          ? [['記録', '現存', to === 'removed' ? '消除' : '転出予定または消除'] as const]
          : [];
      return [
        ...items.map(([item, value]) => [itemLabels[item], show(item, row[item]), show(item, value)] as const),
        ...state,
        ...(t.duplicateOf === undefined ? [] : [['二重登録', '二つの記録', '住民票コードで示した記録を残す'] as const]),
        ['異動事由', reasonRules[row.reason as keyof typeof reasonRules].ja, ja] as const,
      ];
    },
    submit: rule.approval ? '承認を求める' : (titles[reason]?.[1] ?? `${title}を登録する`),
    ...(ending.has(reason) ? { danger: true } : {}),
    ...(rule.approval
      ? {
          hint: notice(
            'info',
            '別の職員の承認が要ります',
            rule.codes ? '承認の後、全国サーバの付番を待って登録します。' : '承認されると登録されます。',
          ),
        }
      : {}),
    async run(actor, t, about) {
      const filed = await fileChange(deps, actor, {
        personId: about.personId,
        version: about.version,
        requestKey: about.requestKey,
        reason,
        changedOn: t.changedOn ?? '',
        filedOn: t.filedOn ?? '',
        set: set(t, about),
        document: t.document ?? '',
        identityCheck: identityOf(t),
        ...(t.duplicateOf === undefined ? {} : { duplicateOf: t.duplicateOf }),
        ...(t.together === 'household' || t.together === 'alone' ? { together: t.together } : {}),
      });
      if (!filed.ok) return filed;
      const at = `/residents/${about.personId}`;
      return filed.value.kind === 'done'
        ? ok({
            at,
            text:
              reason === 'moved-out-cancelled'
                ? '転出を取り消しました。'
                : `${title.replace(/届$/, '')}を登録しました。`,
          })
        : ok({ at, text: `${title}を起案しました。承認を待っています。` });
    },
  };
}

const relationship: Field = {
  kind: 'text',
  name: 'relationship',
  label: '続柄',
  hint: '一人目は「世帯主」',
  maxLength: 20,
  width: 'short',
};
const householdNumber: Field = {
  kind: 'text',
  name: 'householdNumber',
  label: '入る世帯の世帯番号',
  hint: '空欄なら新しい世帯',
  pattern: /^[0-9]{10}$/,
  required: false,
  width: 'short',
};
const person: readonly Field[] = (['name', 'name_kana', 'birth_date', 'sex'] as const).map((i) => itemField(i, true));
const place: readonly Field[] = [
  itemField('address', true),
  itemField('postal_code', false),
  relationship,
  householdNumber,
  { kind: 'text', name: 'movedFrom', label: '前住所', maxLength: 200, width: 'full', required: false },
];
const origin: readonly Field[] = [
  itemField('registered_domicile', false),
  itemField('family_register_head', false),
  itemField('nationality', false),
  itemField('residence_status', false),
  itemField('residence_until', false),
  itemField('alias', false),
];
const codes = (required: boolean): readonly Field[] => [
  {
    kind: 'text',
    name: 'residentRecordCode',
    label: '住民票コード',
    hint: '数字11桁',
    pattern: /^[0-9]{11}$/,
    width: 'short',
    required,
  },
  {
    kind: 'secret',
    name: 'individualNumber',
    label: '個人番号',
    hint: '転出証明書またはカードの12桁',
    maxLength: 12,
    required,
  },
];

const foreignOf = (t: Texts): ForeignItems | undefined =>
  t.nationality === undefined
    ? undefined
    : {
        nationality: t.nationality,
        residenceStatus: t.residenceStatus ?? '',
        residenceUntil: t.residenceUntil ?? null,
        alias: t.alias ?? null,
      };
const foreignFaults = (t: Texts) => ({
  ...(t.nationality !== undefined && t.residenceStatus === undefined
    ? { residenceStatus: '在留資格を入力してください' }
    : {}),
  ...(t.nationality === undefined && (t.residenceStatus ?? t.residenceUntil ?? t.alias) !== undefined
    ? { nationality: '国籍・地域を入力してください' }
    : {}),
});

type EntryForm = readonly [
  path: string,
  reason: 'moved-in' | 'moved-in-special' | 'moved-in-from-abroad' | 'entered-ex-officio',
  title: string,
  gloss: string,
  submit: string,
];
const entryForms: readonly EntryForm[] = [
  ['/moved-in', 'moved-in', '転入届', 'Moving in', '転入を登録する'],
  ['/moved-in-special', 'moved-in-special', '転入届（特例）', 'Moving in by card', '特例転入を登録する'],
  [
    '/moved-in-from-abroad',
    'moved-in-from-abroad',
    '国外からの転入',
    'Moving in from abroad',
    '国外からの転入を登録する',
  ],
  ['/entered-ex-officio', 'entered-ex-officio', '職権記載', 'Entry ex officio', '承認を求める'],
];

/** Entries: with the codes of before at once; without any, after the national server has given them. */
function entryForm(deps: Deps, [path, reason, title, gloss, submit]: EntryForm): GuidedForm {
  const mayLackCodes = reason === 'moved-in-from-abroad';
  const isExOfficio = reason === 'entered-ex-officio';
  const fields = [
    { ...changedOn, label: isExOfficio ? '記載すべき事由の生じた日' : '転入日' },
    filedOn,
    ...(isExOfficio ? [] : codes(!mayLackCodes)),
    ...person,
    ...place,
    ...origin,
    documentField,
    ...(isExOfficio ? [] : [identityField]),
    namesakeField,
  ];
  const about = (t: Texts) => ({
    name: t.name ?? '',
    nameKana: t.nameKana ?? '',
    sex: t.sex as keyof typeof sexes,
    address: t.address ?? '',
    postalCode: t.postalCode ?? null,
    relationship: t.relationship ?? '',
    movedFrom: t.movedFrom ?? null,
    registeredDomicile: t.registeredDomicile ?? null,
    familyRegisterHead: t.familyRegisterHead ?? null,
    document: t.document ?? '',
    identityCheck: identityOf(t),
    namesakeChecked: t.namesake === 'checked',
  });
  return {
    path,
    title,
    gloss,
    right,
    reason,
    fields: () => fields,
    values: () => ({ document: isExOfficio ? '' : '住民異動届・転出証明書' }),
    check: (t) => ({
      ...foreignFaults(t),
      ...((t.residentRecordCode === undefined) !== (t.individualNumber === undefined) && mayLackCodes
        ? { residentRecordCode: '住民票コードと個人番号は、両方を入力するか、両方を空にしてください' }
        : {}),
    }),
    compare: (t) => [
      ['記録', 'なし（または消除）', '現存'],
      ['異動事由', '', reasonRules[reason].ja],
      ['氏名', '', t.name ?? ''],
    ],
    submit,
    ...(mayLackCodes
      ? { hint: notice('info', '以前の住民票コードがない方は、空欄のまま登録すると新しい番号が付番されます') }
      : {}),
    async run(actor, t, { requestKey }) {
      if (reason === 'entered-ex-officio' || (mayLackCodes && t.residentRecordCode === undefined)) {
        const filed = await fileEntry(deps, actor, {
          ...about(t),
          requestKey,
          reason: reason as 'entered-ex-officio' | 'moved-in-from-abroad',
          changedOn: t.changedOn ?? '',
          filedOn: t.filedOn ?? '',
          birthDate: t.birthDate ?? '',
          householdNumber: t.householdNumber ?? null,
          foreign: foreignOf(t) ?? null,
        });
        if (!filed.ok) return filed;
        return ok({
          at: '/pending',
          text: `${title}を受け付けました。${isExOfficio ? '承認' : '付番'}を待っています。`,
        });
      }
      const done = await recordMovedIn(deps, actor, {
        ...about(t),
        requestKey,
        reason,
        changedOn: day(t.changedOn),
        filedOn: day(t.filedOn),
        birthDate: day(t.birthDate),
        residentRecordCode: t.residentRecordCode ?? '',
        individualNumber: t.individualNumber ?? '',
        householdNumber: t.householdNumber,
        foreign: foreignOf(t),
      });
      return done.ok ? ok({ at: `/residents/${done.value.personId}`, text: '転入を登録しました。' }) : done;
    },
  };
}

function birthForm(deps: Deps, finishBirth: FinishBirth): GuidedForm {
  return {
    path: '/residents/:id/birth',
    title: '出生届',
    gloss: 'Birth into this household',
    right,
    fields: () => [...person, { ...relationship, hint: '子など' }, filedOn, namesakeField],
    compare: (t) => [
      ['記録', 'なし', '現存（番号は全国サーバが付番）'],
      ['氏名', '', t.name ?? ''],
    ],
    submit: '出生を登録する',
    async run(actor, t, about) {
      const filed = await fileBirth(deps, actor, {
        name: t.name ?? '',
        nameKana: t.nameKana ?? '',
        birthDate: day(t.birthDate),
        sex: t.sex as keyof typeof sexes,
        householdOf: about.personId,
        relationship: t.relationship ?? '',
        filedOn: day(t.filedOn),
        namesakeChecked: t.namesake === 'checked',
        requestKey: about.requestKey,
      });
      if (!filed.ok) return filed;
      const done = await finishBirth(actor, filed.value.filingId);
      if (done.ok)
        return ok({ at: `/residents/${done.value.personId}`, text: '出生を登録し、個人番号を付番しました。' });
      const known = await readFiling(deps, actor, filed.value);
      if (known.ok && known.value.personId)
        return ok({ at: `/residents/${known.value.personId}`, text: '既に登録されています。' });
      return ok({ at: '/births', text: '出生届を受け付けました。付番を待っています。' });
    },
  };
}

/** 直前の異動を訂正の記載で取り消す. */
const undoForm = (deps: Deps): GuidedForm => ({
  path: '/residents/:id/undo',
  title: '直前の異動の取消し',
  gloss: 'Undo the last change by a counter-entry',
  right,
  fields: () => [filedOn, { ...documentField, label: '取消しの理由と書類' }],
  compare: (_, { record }) => {
    const [now, before] = record!.versions;
    const differ = (Object.keys(itemLabels) as Item[]).filter((i) => before && now!.row[i] !== before.row[i]);
    const items = differ.map((i) => [itemLabels[i], now!.row[i] ?? '', before?.row[i] ?? ''] as const);
    return [['取り消す異動', reasonRules[now!.row.reason as keyof typeof reasonRules].ja, '（訂正の記載）'], ...items];
  },
  submit: '承認を求める',
  danger: true,
  hint: notice('info', '記録は消されません。訂正の記載が加わります', '別の職員の承認が要ります。'),
  async run(actor, t, { personId, version, requestKey }) {
    const filed = await fileUndo(deps, actor, {
      personId,
      version,
      requestKey,
      document: t.document ?? '',
      filedOn: t.filedOn ?? '',
    });
    if (!filed.ok) return filed;
    return ok({ at: `/residents/${personId}`, text: '取消しを起案しました。承認を待っています。' });
  },
});

/** The forms of the counter. */
export function addFilings(app: PageApp, deps: Deps, finishBirth: FinishBirth): void {
  for (const reason of filedReasons) addGuidedForm(app, deps, changeForm(deps, reason));
  for (const entry of entryForms) addGuidedForm(app, deps, entryForm(deps, entry));
  addGuidedForm(app, deps, birthForm(deps, finishBirth));
  addGuidedForm(app, deps, undoForm(deps));
}

const groups: readonly (readonly [title: string, gloss: string, reasons: readonly FiledReason[]])[] = [
  [
    '届出',
    'Filings',
    ['moved-within', 'moved-out', 'moved-out-abroad', 'moved-out-cancelled', 'former-surname', 'naturalised'],
  ],
  [
    '戸籍・通知',
    'By notice',
    ['death', 'disappearance', 'family-register-change', 'name-reading', 'residence-status-change'],
  ],
  [
    '職権・請求',
    'Ex officio and on request',
    [
      'corrected-ex-officio',
      'address-renamed',
      'nationality-lost',
      'removed-ex-officio',
      'restored-ex-officio',
      'code-change',
      'number-change',
    ],
  ],
];

/** What may be filed for a person as the record stands; what the rules refuse anyway is not offered. */
export function filingLinks({ versions }: ResidentRecord) {
  const row = versions[0]!.row;
  const may = (reason: FiledReason): boolean => {
    const { only } = changeRules[reason] as { readonly only?: 'japanese' | 'foreign' };
    if (only !== undefined && (row.nationality !== null) !== (only === 'foreign')) return false;
    return (reasonRules[reason] as ReasonRule).from.includes(row.status);
  };
  const link = (path: string, label: string) =>
    html`<a class="button button-quiet" href="/residents/${row.person_id}/${path}?version=${row.sequence}">${label}</a>`;
  const isPresent = row.status !== 'removed';
  return html`<div class="stack-tight">${groups.map(
    ([label, , reasons]) =>
      html`<div class="row"><strong>${label}</strong>${reasons.filter(may).map((r) => link(r, titleOf(r)))}${
        label === '届出' && isPresent && link('birth', '出生届（この世帯）')
      }${label === '職権・請求' && versions.length > 0 && link('undo', '直前の異動の取消し')}</div>`,
  )}<div class="row"><strong>世帯・証明</strong>${
    isPresent && html`<a class="button button-quiet" href="/households/${row.household_number}">世帯変更</a>`
  }${link('protection', '支援措置の申出')}${link('certificate', '住民票の写し')}</div></div>`;
}

export const tooManyNotice = () => notice('warning', '該当が多すぎます。条件を加えてください。');
