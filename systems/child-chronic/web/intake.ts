import { authorityDocuments, identityDocuments, numberDocuments } from '@musubi/kernel/identifiers/identity-check.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import type { Deps } from '../deps.ts';
import { formsTakenOn } from '../domain/forms.ts';
import { type OpenCase, openCase, registerApplicant } from '../service/open-case.ts';
import { conditionWords, insurerWords, intakeFaults, kindWords, registrationText } from './words.ts';

const update = ['child-chronic', 'case', 'update'] as const;
const options = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

const fields: readonly Field[] = [
  { kind: 'radio', name: 'kind', label: '申請の区分', options: options(kindWords) },
  { kind: 'date', name: 'appliedOn', label: '申請日' },
  { kind: 'text', name: 'patientName', label: '患者の氏名', maxLength: 100 },
  { kind: 'text', name: 'patientKana', label: '患者の氏名かな', maxLength: 100 },
  { kind: 'date', name: 'patientBirthOn', label: '患者の生年月日' },
  {
    kind: 'radio',
    name: 'applicantIsPatient',
    label: '申請者',
    options: [
      { value: 'no', label: '保護者' },
      { value: 'yes', label: '患者本人（成年）' },
    ],
  },
  { kind: 'text', name: 'applicantName', label: '申請者の氏名', maxLength: 100 },
  { kind: 'text', name: 'applicantKana', label: '申請者の氏名かな', maxLength: 100 },
  { kind: 'date', name: 'applicantBirthOn', label: '申請者の生年月日' },
  {
    kind: 'radio',
    name: 'applicantSex',
    label: '申請者の性別',
    options: [
      { value: 'female', label: '女' },
      { value: 'male', label: '男' },
    ],
  },
  { kind: 'text', name: 'applicantAddress', label: '申請者の住所', maxLength: 200 },
  {
    kind: 'secret',
    name: 'individualNumber',
    label: '申請者の個人番号',
    hint: '12桁。番号確認書類から転記します。登録後は画面に表示されません。申請書に記入がないときは空けておき、住基照会で確かめます。',
    maxLength: 12,
    required: false,
  },
  {
    kind: 'secret',
    name: 'individualNumberAgain',
    label: '申請者の個人番号（確認）',
    hint: 'もう一度入力してください。',
    maxLength: 12,
    required: false,
  },
  {
    kind: 'select',
    name: 'numberDocument',
    label: '番号確認書類',
    hint: '番号利用法第16条による確認です。番号の記入があるとき、確認できなければ受け付けられません。',
    required: false,
    options: options(numberDocuments),
  },
  {
    kind: 'checks',
    name: 'identityDocuments',
    label: '身元確認書類',
    hint: '窓口に来た方のもの。写真付きは一点、写真のないものは二点。',
    options: options(identityDocuments),
  },
  {
    kind: 'select',
    name: 'proxyAuthority',
    label: '代理人のときの代理権の確認書類',
    required: false,
    options: [...options(authorityDocuments), { value: 'none', label: '代理人だが、書類の提示がない' }],
  },
  { kind: 'select', name: 'insurer', label: '患者の医療保険', options: options(insurerWords) },
  {
    kind: 'text',
    name: 'otherMembers',
    label: '同じ国民健康保険のほかの世帯員の人数',
    hint: '国民健康保険のときだけ。申請者と義務教育以下の児童を除きます。',
    required: false,
    pattern: /^[0-9]{1,2}$/,
    patternFault: '人数は数字で入力してください',
    width: 'short',
  },
  { kind: 'select', name: 'condition', label: '病状の区分', options: options(conditionWords) },
  {
    kind: 'select',
    name: 'declaredTaxed',
    label: '申請書に書かれた市町村民税の区分',
    hint: '照会の回答と並べて示します。判定には使いません。',
    required: false,
    options: [
      { value: 'taxed', label: '課税' },
      { value: 'exempt', label: '非課税' },
    ],
  },
  {
    kind: 'select',
    name: 'channel',
    label: '受付の方法',
    options: [
      { value: 'counter', label: '窓口' },
      { value: 'post', label: '郵送' },
    ],
  },
  {
    kind: 'text',
    name: 'sheets',
    label: '書類の枚数',
    hint: '申請書と添付書類の合計',
    pattern: /^[1-9][0-9]?$/,
    patternFault: '枚数は1から99までの数字で入力してください',
    width: 'short',
  },
  {
    kind: 'text',
    name: 'formVersion',
    label: '様式の版',
    hint: '様式の右下にある年月（例: 2026-04）',
    pattern: /^[0-9]{4}-[0-9]{2}$/,
    patternFault: '年と月を2026-04のように入力してください',
    width: 'short',
  },
  {
    kind: 'checks',
    name: 'noticed',
    label: '利用目的と記入上の注意',
    options: [{ value: 'yes', label: '申請者が、様式の利用目的と記入上の注意を確かめた' }],
  },
  { kind: 'yen', name: 'declaredPerIncome', label: '申請書に書かれた所得割額', required: false },
];

/** 収受と初期登録. */
export function intakePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/cases/new', update, (p) =>
    show(
      p,
      deps,
      {
        kind: 'new',
        appliedOn: deps.civilClock.today().toString(),
        applicantIsPatient: 'no',
        channel: 'counter',
        sheets: '1',
        formVersion: formsTakenOn('entitlement', deps.civilClock.today())[0]?.version,
      },
      {},
    ),
  );

  page(app, 'POST', '/cases/new', update, async (p) => {
    const read = readForm(fields, p.form);
    if (!read.ok) return show(p, deps, read.error.values, read.error.errors);
    const { texts, lists } = read.value;
    const typed = { ...texts, ...lists };
    if (texts.individualNumber !== texts.individualNumberAgain)
      return show(p, deps, typed, { individualNumberAgain: '二つの個人番号が一致しません' });
    const requestId = p.form.get('requestKey');
    if (typeof requestId !== 'string' || !isUuid(requestId)) return p.problem('unreadable-form');
    const opened = await openCase(deps, p.session.actor, { ...commandOf(texts, lists), requestId });
    if (!opened.ok) {
      const [field, text] = intakeFaults[opened.error] ?? ['', 'この操作はできません'];
      return show(p, deps, typed, { [field]: text });
    }
    const { caseId } = opened.value;
    const registered = await registerApplicant(deps, p.session.actor, { caseId });
    return p.redirect(
      `/cases/${caseId}`,
      registered.ok || registered.error === 'already-registered'
        ? { kind: 'done', text: '申請を受け付け、申請者の宛名を登録しました。' }
        : { kind: 'error', text: `申請を受け付けました。${registrationText(registered.error)}` },
    );
  });
}

function show(p: PageRequest, deps: Deps, values: FormValues, errors: FormErrors): Promise<Response> {
  const faulty = Object.keys(errors).length > 0;
  // Numbers never come back to the screen, whoever typed them.
  const { individualNumber: _, individualNumberAgain: __, ...shown } = values;
  return p.view(
    { title: '申請の受付', gloss: 'Open a case', ...(faulty ? { hasErrors: true, status: 422 as const } : {}) },
    form({
      action: '/cases/new',
      session: p.session,
      fields,
      values: shown,
      errors,
      submit: '受け付ける',
      cancelHref: '/',
      hidden: { requestKey: deps.newId() },
    }),
  );
}

const commandOf = (
  texts: Readonly<Record<string, string>>,
  lists: Readonly<Record<string, readonly string[]>>,
): Omit<OpenCase, 'requestId'> => ({
  kind: texts.kind as OpenCase['kind'],
  appliedOn: texts.appliedOn!,
  patientName: texts.patientName!,
  patientKana: texts.patientKana!,
  patientBirthOn: texts.patientBirthOn!,
  applicantIsPatient: texts.applicantIsPatient === 'yes',
  applicantName: texts.applicantName!,
  applicantKana: texts.applicantKana!,
  applicantBirthOn: texts.applicantBirthOn!,
  applicantSex: texts.applicantSex as OpenCase['applicantSex'],
  applicantAddress: texts.applicantAddress!,
  individualNumber: texts.individualNumber ?? null,
  insurer: texts.insurer as OpenCase['insurer'],
  otherMembers: Number(texts.otherMembers ?? 0),
  condition: texts.condition as OpenCase['condition'],
  channel: texts.channel as OpenCase['channel'],
  sheets: Number(texts.sheets),
  formVersion: texts.formVersion!,
  noticeConfirmed: lists.noticed?.includes('yes') === true,
  identity: {
    numberDocument: (texts.numberDocument as OpenCase['identity']['numberDocument'] | undefined) ?? null,
    identityDocuments: (lists.identityDocuments ?? []) as OpenCase['identity']['identityDocuments'],
    proxy: texts.proxyAuthority === undefined ? null : { authority: authorityOf(texts.proxyAuthority) },
  },
  declaredTax:
    texts.declaredTaxed === undefined && texts.declaredPerIncome === undefined
      ? null
      : {
          taxed: (texts.declaredTaxed as 'taxed' | 'exempt' | undefined) ?? null,
          perIncomeYen: texts.declaredPerIncome === undefined ? null : Number(texts.declaredPerIncome),
        },
});

const authorityOf = (text: string): keyof typeof authorityDocuments | null =>
  Object.keys(authorityDocuments).find((k): k is keyof typeof authorityDocuments => k === text) ?? null;
