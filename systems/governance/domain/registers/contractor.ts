import { fiscalYear, fiscalYearOf, lastDayOf } from '@musubi/kernel/calendar/fiscal-year.ts';
import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import {
  count,
  day,
  type Entry,
  isAfter,
  type RegisterDefinition,
  type RuleContext,
  type Values,
} from '../register.ts';
import { heldKinds } from './work-order.ts';

/** What a contractor hands in before any work: Ⅲ4 of the assessment. */
export const documentKinds = {
  oath: '秘密保持の誓約書',
  chart: '体制図',
  contacts: '連絡先一覧',
  'privacy-mark': 'プライバシーマーク等の認証の写し',
  specification: '仕様書（個人情報の特記事項を含む）',
  other: 'その他',
} as const;
const neededBeforeWork = ['oath', 'chart', 'contacts', 'privacy-mark'] as const;

const until = (values: Values, field = 'until'): Temporal.PlainDate | undefined => day(values, field);
const hasCome = (values: Values, field: string, today: Temporal.PlainDate): boolean => {
  const on = day(values, field);
  return on !== undefined && !isAfter(on, today);
};

/** Filed, dated not after today, not run out. */
const isValid = (document: Entry, today: Temporal.PlainDate): boolean => {
  const ends = until(document.values, 'expiresOn');
  return document.state === 'filed' && hasCome(document.values, 'datedOn', today) && !(ends && isAfter(today, ends));
};
export const missingDocuments = (documents: readonly Entry[], today: Temporal.PlainDate) =>
  neededBeforeWork.filter((kind) => !documents.some((d) => d.values.kind === kind && isValid(d, today)));

/** 委託契約. Active only with its documents; closed only when nothing is open under it. */
export const contracts: RegisterDefinition = {
  id: 'contract',
  group: 'contractor',
  title: { ja: '委託契約', en: 'Contracts' },
  purpose: '個人情報を取り扱う事務の委託と、受託者から提出される書類・報告・従事者・再委託の管理',
  mark: '契約',
  heading: (v) => `${v.contractor} ${v.subject}`,
  fields: [
    { name: 'contractor', label: '受託者', kind: 'text', max: 100 },
    { name: 'subject', label: '委託の内容', kind: 'text', max: 200 },
    { name: 'specification', label: '仕様書の文書番号', kind: 'text', max: 60 },
    { name: 'from', label: '契約の始まり', kind: 'date' },
    { name: 'until', label: '契約の終わり', kind: 'date' },
    { name: 'place', label: '作業の場所', kind: 'text', max: 100 },
    { name: 'contact', label: '緊急時の連絡先', kind: 'text', max: 200 },
    {
      name: 'records',
      label: '個人の記録への接続',
      kind: 'choice',
      options: { none: 'なし（運用・監視のみ）', handled: 'あり' },
    },
    {
      name: 'subcontracting',
      label: '再委託',
      kind: 'choice',
      options: { forbidden: '禁止', consent: '書面による承認がある場合に限る' },
    },
    { name: 'monthly', label: '月次報告', kind: 'choice', options: { yes: '求める', no: '求めない' } },
  ],
  initial: 'prepared',
  states: {
    prepared: { label: '書類待ち', tone: 'warning', open: true },
    active: { label: '稼働中', tone: 'done', open: true },
    closed: { label: '終了', tone: 'plain', open: false },
  },
  reads: [
    { register: 'contract-document', field: 'contract' },
    { register: 'contractor-report', field: 'contract' },
    { register: 'worker', field: 'contract' },
    { register: 'subcontract', field: 'contract' },
    { register: 'work-order', field: 'contract' },
    { register: 'handed-data', field: 'contract' },
  ],
  lacking: {
    title: '足りない書類・返っていない資料',
    items: ({ state }, naming, today) =>
      state === 'closed'
        ? []
        : [
            ...missingDocuments(naming('contract-document'), today).map((kind) => documentKinds[kind]),
            ...heldKinds(naming('handed-data')),
          ],
  },
  check: (v) => (v.from !== undefined && v.until !== undefined && v.until < v.from ? 'dates-reversed' : undefined),
  steps: [
    {
      id: 'activate',
      label: '書類を確認して稼働させる',
      from: ['prepared'],
      to: 'active',
      secondPerson: true,
      fields: [{ name: 'checkedDocument', label: '確認した起案の文書番号', kind: 'text', max: 60 }],
      check: (_entry, _given, { naming, today }) =>
        enforced('contractor.documents') && missingDocuments(naming('contract-document'), today).length > 0
          ? 'documents-missing'
          : undefined,
    },
    {
      id: 'close',
      label: '契約を終了する',
      from: ['active'],
      to: 'closed',
      secondPerson: true,
      fields: [
        { name: 'returned', label: '返却・消去の確認書', kind: 'text', max: 60 },
        { name: 'closedOn', label: '終了した日', kind: 'date' },
      ],
      check: (_entry, _given, { naming }) => {
        const open = [
          ...naming('contractor-report').filter((r) => r.state !== 'closed'),
          ...naming('worker').filter((w) => w.state === 'admitted'),
          ...naming('subcontract').filter((s) => s.state === 'applied'),
          ...naming('work-order').filter((o) => o.state === 'issued'),
        ];
        if (enforced('contractor.closing') && heldKinds(naming('handed-data')).length > 0) return 'data-not-returned';
        return enforced('contractor.closing') && open.length > 0 ? 'open-items' : undefined;
      },
    },
  ],
  due({ state, values }) {
    const ends = until(values);
    const from = day(values, 'from');
    if (state === 'prepared' && from) return { on: from, what: '書類を確認して稼働させる' };
    return state === 'active' && ends ? { on: ends, what: '返却・消去を確認して終了する' } : undefined;
  },
};

/** 委託先提出書類. One that is replaced is withdrawn, never overwritten. */
export const contractDocuments: RegisterDefinition = {
  id: 'contract-document',
  group: 'contractor',
  title: { ja: '委託先提出書類', en: "Contractors' documents" },
  purpose: '誓約書、体制図、連絡先、認証の写しの提出と有効期限',
  mark: '書類',
  heading: (v) => documentKinds[v.kind as keyof typeof documentKinds] ?? '',
  fields: [
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract' },
    { name: 'kind', label: '書類の種類', kind: 'choice', options: documentKinds },
    { name: 'document', label: '文書番号', kind: 'text', max: 60 },
    { name: 'datedOn', label: '書類の日付', kind: 'date' },
    { name: 'certificate', label: '認証番号', kind: 'text', max: 40, required: false },
    { name: 'expiresOn', label: '有効期限', kind: 'date', required: false },
  ],
  initial: 'filed',
  states: {
    filed: { label: '提出済み', tone: 'done', open: true },
    withdrawn: { label: '差し替え', tone: 'plain', open: false },
  },
  check(v) {
    if (v.kind === 'privacy-mark' && (v.certificate === undefined || v.expiresOn === undefined))
      return 'expiry-missing';
    return v.datedOn !== undefined && v.expiresOn !== undefined && v.expiresOn < v.datedOn
      ? 'dates-reversed'
      : undefined;
  },
  steps: [
    {
      id: 'withdraw',
      label: '差し替えて取り下げる',
      from: ['filed'],
      to: 'withdrawn',
      fields: [{ name: 'reason', label: '理由', kind: 'text', max: 200 }],
    },
  ],
  due({ state, values }) {
    const ends = until(values, 'expiresOn');
    return state === 'filed' && ends ? { on: addOpenDays(ends, -20), what: '更新後の写しを求める' } : undefined;
  },
};

export const isThisYears = (subcontract: Entry, today: Temporal.PlainDate): boolean =>
  subcontract.state === 'approved' && Number(subcontract.values.fiscalYear) === fiscalYearOf(today);

/** 再委託. Consent is for one fiscal year (to 31 March) and needs work, division, supervision and the oath. */
export const subcontracts: RegisterDefinition = {
  id: 'subcontract',
  group: 'contractor',
  title: { ja: '再委託', en: 'Sub-contracts' },
  purpose: '再委託の申請、業務と分担の審査、年度ごとの書面による承認',
  mark: '再委託',
  heading: (v) => `${v.subcontractor}（${v.fiscalYear}年度）`,
  fields: [
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract' },
    { name: 'subcontractor', label: '再委託先', kind: 'text', max: 100 },
    {
      name: 'fiscalYear',
      label: '年度',
      hint: '西暦4桁',
      kind: 'text',
      max: 4,
      pattern: /^20[0-9]{2}$/,
      patternFault: '年度は西暦4桁で入力してください',
    },
    { name: 'work', label: '再委託する業務', kind: 'lines', max: 1000 },
    { name: 'division', label: '業務の分担', kind: 'lines', max: 1000 },
    { name: 'supervision', label: '監督の方法', kind: 'lines', max: 1000 },
    {
      name: 'records',
      label: '個人の記録への接続',
      kind: 'choice',
      options: { none: 'なし', handled: 'あり' },
    },
    { name: 'applicationDocument', label: '申請書の文書番号', kind: 'text', max: 60 },
    { name: 'oathOn', label: '誓約書の日付', kind: 'date', required: false },
    { name: 'oathDocument', label: '誓約書の文書番号', kind: 'text', max: 60, required: false },
  ],
  initial: 'applied',
  states: {
    applied: { label: '審査中', tone: 'warning', open: true },
    approved: { label: '承認', tone: 'done', open: true },
    refused: { label: '不承認', tone: 'plain', open: false },
    ended: { label: '終了', tone: 'plain', open: false },
  },
  check(v, { target, today }) {
    const year = fiscalYearOf(today);
    if (Number(v.fiscalYear) !== year && Number(v.fiscalYear) !== year + 1) return 'not-this-year';
    const contract = target('contract');
    if (enforced('contractor.subcontract-approval') && contract?.values.subcontracting === 'forbidden')
      return 'subcontracting-forbidden';
    return undefined;
  },
  steps: [
    {
      id: 'approve',
      label: '審査して書面で承認する',
      from: ['applied'],
      to: 'approved',
      secondPerson: true,
      fields: [{ name: 'consentDocument', label: '承認書の文書番号', kind: 'text', max: 60 }],
      check({ values }, _given, { target, today }) {
        const contract = target('contract');
        if (contract?.state !== 'active') return 'contract-not-active';
        const sworn = values.oathDocument !== undefined && hasCome(values, 'oathOn', today);
        // What a contractor itself may not touch, nobody under it may.
        const within = values.records === 'none' || contract.values.records === 'handled';
        return enforced('contractor.subcontract-approval') && !(sworn && within) ? 'subcontract-incomplete' : undefined;
      },
    },
    {
      id: 'refuse',
      label: '不承認とする',
      from: ['applied'],
      to: 'refused',
      secondPerson: true,
      fields: [{ name: 'reason', label: '理由', kind: 'lines', max: 400 }],
    },
    {
      id: 'end',
      label: '終了する',
      from: ['approved'],
      to: 'ended',
      fields: [{ name: 'endedOn', label: '終了した日', kind: 'date' }],
    },
  ],
  due({ state, values, openedOn }) {
    const last = lastDayOf(fiscalYear(Number(values.fiscalYear)));
    if (state === 'approved') return { on: last, what: '翌年度の承認を得るか、終了する' };
    return state === 'applied'
      ? { on: addOpenDays(Temporal.PlainDate.from(openedOn), 20), what: '審査する' }
      : undefined;
  },
};

/** 規程・手順書の版. A new version makes the former ones superseded: what was confirmed of them opens nothing new. */
export const rules: RegisterDefinition = {
  id: 'rule',
  group: 'contractor',
  title: { ja: '規程・手順書の版', en: 'Rules and their versions' },
  purpose: '作業の前に受託者が確認する規程・手順書と、その現行の版',
  mark: '規程',
  heading: (v) => `${v.name} ${v.version}`,
  fields: [
    { name: 'name', label: '名称', kind: 'text', max: 100 },
    { name: 'version', label: '版', kind: 'text', max: 20 },
    { name: 'document', label: '文書番号', kind: 'text', max: 60 },
    { name: 'effectiveOn', label: '施行の日', kind: 'date' },
  ],
  initial: 'current',
  states: {
    current: { label: '現行', tone: 'done', open: true },
    superseded: { label: '旧版', tone: 'plain', open: false },
  },
  steps: [
    {
      id: 'supersede',
      label: '新しい版に替えた',
      from: ['current'],
      to: 'superseded',
      fields: [{ name: 'supersededOn', label: '替えた日', kind: 'date' }],
    },
  ],
};

/** 規程の確認: a worker read this version and signed for it. */
export const acknowledgements: RegisterDefinition = {
  id: 'acknowledgement',
  group: 'contractor',
  title: { ja: '規程の確認', en: 'Acknowledgements' },
  purpose: '従事者が規程・手順書の版を読み、確認書に署名した記録',
  mark: '確認',
  heading: (v) => `${v.document}`,
  fields: [
    { name: 'worker', label: '従事者', kind: 'ref', register: 'worker' },
    { name: 'rule', label: '規程の版', kind: 'ref', register: 'rule' },
    { name: 'confirmedOn', label: '確認した日', kind: 'date' },
    { name: 'document', label: '確認書の文書番号', kind: 'text', max: 60 },
  ],
  initial: 'confirmed',
  states: { confirmed: { label: '確認済み', tone: 'done', open: false } },
  check: (v, { target, today }) =>
    target('rule')?.state !== 'current'
      ? 'rules-not-acknowledged'
      : hasCome(v, 'confirmedOn', today)
        ? undefined
        : 'in-the-future',
  steps: [],
};

/** 従事者名簿. A contractor's person works only when listed, sworn, and under a contract (and consent) that stands. */
export const workers: RegisterDefinition = {
  id: 'worker',
  group: 'contractor',
  title: { ja: '従事者名簿', en: 'Named workers' },
  purpose: '受託者・再委託先の従事者、作業場所、誓約書',
  mark: '従事',
  heading: (v) => `${v.name}（${v.company}）`,
  fields: [
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract' },
    {
      name: 'subcontract',
      label: '再委託',
      kind: 'ref',
      register: 'subcontract',
      required: false,
      hint: '再委託先の従事者のとき',
    },
    { name: 'company', label: '所属', kind: 'text', max: 100 },
    { name: 'name', label: '氏名', kind: 'text', max: 60 },
    { name: 'workplace', label: '作業の場所', kind: 'text', max: 100 },
    { name: 'staffId', label: '職員ID', kind: 'text', max: 63, required: false, hint: 'IDを発行するとき' },
    { name: 'oath', label: '誓約書', kind: 'ref', register: 'oath' },
  ],
  initial: 'listed',
  states: {
    listed: { label: '届出', tone: 'warning', open: true },
    admitted: { label: '従事中', tone: 'done', open: true },
    removed: { label: '解除', tone: 'plain', open: false },
  },
  reads: [{ register: 'acknowledgement', field: 'worker' }],
  steps: [
    {
      id: 'admit',
      label: '従事を認める',
      from: ['listed'],
      to: 'admitted',
      secondPerson: true,
      fields: [
        { name: 'admittedOn', label: '従事の始まり', kind: 'date' },
        { name: 'rule', label: '確認した規程の版', kind: 'ref', register: 'rule' },
      ],
      check({ values }, given, { target, naming, today }) {
        if (target('contract')?.state !== 'active') return 'contract-not-active';
        const oath = target('oath');
        if (enforced('contractor.named-workers') && oath?.state !== 'standing') return 'oath-missing';
        const under = target('subcontract');
        if (values.subcontract !== undefined && !(under && isThisYears(under, today)))
          return 'subcontract-not-approved';
        const read = naming('acknowledgement').some((a) => a.values.rule === given.rule);
        const isCurrent = target('rule')?.state === 'current';
        return enforced('assurance.acknowledged-version') && !(read && isCurrent)
          ? 'rules-not-acknowledged'
          : undefined;
      },
    },
    {
      id: 'remove',
      label: '従事を解く',
      from: ['listed', 'admitted'],
      to: 'removed',
      fields: [
        { name: 'removedOn', label: '解いた日', kind: 'date' },
        { name: 'reason', label: '理由', kind: 'text', max: 200 },
      ],
    },
  ],
  due: ({ state, openedOn }) =>
    state === 'listed'
      ? { on: addOpenDays(Temporal.PlainDate.from(openedOn), 10), what: '従事を認めるか決める' }
      : undefined,
};

/** No access to records was agreed: one in the report or in the system's own log is a finding, whatever else is said. */
const showsAccess = (values: Values, { target }: RuleContext): boolean =>
  target('contract')?.values.records !== 'handled' &&
  ['recordAccesses', 'searches', 'logAccesses', 'logSearches'].some((field) => count(values, field) > 0);

/** 委託先報告. Due by its day; figures of the log stand beside what the contractor reports; findings are corrected before it closes. */
export const contractorReports: RegisterDefinition = {
  id: 'contractor-report',
  group: 'contractor',
  title: { ja: '委託先報告', en: "Contractors' reports" },
  purpose: '月次の運用状況、記録への接続件数、立入検査、作業報告と是正',
  mark: '報告',
  heading: (v) => `${v.period} ${reportKinds[v.kind as keyof typeof reportKinds] ?? ''}`,
  fields: [
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract' },
    {
      name: 'kind',
      label: '報告の種類',
      kind: 'choice',
      options: { monthly: '月次報告', security: '安全管理の状況', inspection: '立入検査', work: '作業報告' },
    },
    { name: 'period', label: '対象', hint: '例：2026-05', kind: 'text', max: 20 },
    { name: 'dueOn', label: '提出の期限', kind: 'date' },
    {
      name: 'logAccesses',
      label: '操作記録による記録への接続',
      hint: '件。システムの記録から',
      kind: 'count',
      required: false,
    },
    {
      name: 'logSearches',
      label: '操作記録による検索',
      hint: '件。システムの記録から',
      kind: 'count',
      required: false,
    },
  ],
  initial: 'awaited',
  states: {
    awaited: { label: '提出待ち', tone: 'warning', open: true },
    received: { label: '受領', tone: 'info', open: true },
    findings: { label: '是正中', tone: 'error', open: true },
    closed: { label: '確認済み', tone: 'done', open: false },
  },
  steps: [
    {
      id: 'receive',
      label: '報告を受領する',
      from: ['awaited'],
      to: 'received',
      fields: [
        { name: 'document', label: '報告書の文書番号', kind: 'text', max: 60 },
        { name: 'receivedOn', label: '受領した日', kind: 'date' },
        { name: 'recordAccesses', label: '記録への接続（報告）', hint: '件', kind: 'count' },
        { name: 'searches', label: '検索（報告）', hint: '件', kind: 'count' },
        { name: 'summary', label: '要点', kind: 'lines', max: 1000, required: false },
      ],
    },
    {
      id: 'accept',
      label: '適正と確認する',
      from: ['received'],
      to: 'closed',
      secondPerson: true,
      fields: [{ name: 'reviewNote', label: '確認の内容', kind: 'lines', max: 400 }],
      check({ values }, _given, context) {
        return enforced('contractor.reports') && showsAccess(values, context) ? 'accesses-not-zero' : undefined;
      },
    },
    {
      id: 'find',
      label: '指摘して是正を求める',
      from: ['received'],
      to: 'findings',
      secondPerson: true,
      fields: [
        { name: 'finding', label: '指摘', kind: 'lines', max: 1000 },
        { name: 'correctBy', label: '是正の期限', kind: 'date' },
        { name: 'incident', label: '事故の記録', kind: 'ref', register: 'incident', required: false },
      ],
      check: ({ values }, given, context) =>
        enforced('contractor.reports') && showsAccess(values, context) && given.incident === undefined
          ? 'accesses-not-zero'
          : undefined,
    },
    {
      id: 'close',
      label: '是正を確認して完了する',
      from: ['findings'],
      to: 'closed',
      secondPerson: true,
      fields: [
        { name: 'correction', label: '是正の内容', kind: 'lines', max: 1000 },
        { name: 'evidence', label: '是正の証拠となる文書', kind: 'text', max: 60 },
      ],
    },
  ],
  due({ state, values }) {
    const on = day(values, state === 'findings' ? 'correctBy' : 'dueOn');
    if (!on) return undefined;
    if (state === 'awaited') return { on, what: '報告の提出を求める' };
    if (state === 'received') return { on: addOpenDays(day(values, 'receivedOn') ?? on, 10), what: '報告を確認する' };
    return state === 'findings' ? { on, what: '是正を確認する' } : undefined;
  },
};
const reportKinds = {
  monthly: '月次報告',
  security: '安全管理の状況',
  inspection: '立入検査',
  work: '作業報告',
} as const;
