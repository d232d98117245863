import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { count, day, isAfter, type RegisterDefinition } from '../register.ts';

const timeOfDay = {
  hint: '例：09:30',
  kind: 'text',
  max: 5,
  pattern: /^([01][0-9]|2[0-3]):[0-5][0-9]$/,
  patternFault: '時刻は 09:30 の形です',
} as const;

/**
 * 作業指示. A contractor's person signs in only while one of these is issued and its days run; the directory is told.
 * It ends by itself with its last day.
 */
export const workOrders: RegisterDefinition = {
  id: 'work-order',
  group: 'contractor',
  title: { ja: '作業指示', en: 'Work orders' },
  purpose: '受託者の従事者に作業を指示した記録。指示の期間だけサインインでき、期間が過ぎれば自動的に終わる',
  mark: '指示',
  heading: (v) => `${v.system} ${v.task}`,
  fields: [
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract' },
    { name: 'worker', label: '従事者', kind: 'ref', register: 'worker' },
    { name: 'system', label: 'システム', kind: 'text', max: 60 },
    {
      name: 'kind',
      label: '作業の種類',
      kind: 'choice',
      options: { operation: '運用・監視', setup: '構築', upgrade: '更新', failure: '障害対応', entry: 'データ入力' },
    },
    { name: 'task', label: '作業の内容と範囲', kind: 'text', max: 200 },
    { name: 'from', label: '始まりの日', kind: 'date' },
    { name: 'until', label: '終わりの日', kind: 'date' },
    { name: 'attendant', label: '立会う職員ID', kind: 'text', max: 63 },
  ],
  initial: 'requested',
  states: {
    requested: { label: '承認待ち', tone: 'warning', open: true },
    issued: { label: '指示中', tone: 'done', open: true },
    ended: { label: '終了', tone: 'plain', open: false },
  },
  // Days or work that were changed are an order that nobody issued yet.
  correctedState: 'requested',
  check(v, { target }) {
    if (v.from !== undefined && v.until !== undefined && v.until < v.from) return 'dates-reversed';
    const worker = target('worker');
    if (worker?.values.contract !== v.contract) return 'worker-of-another-contract';
    const last = target('contract')?.values.until;
    return last !== undefined && v.until !== undefined && v.until > last ? 'beyond-contract' : undefined;
  },
  steps: [
    {
      id: 'issue',
      label: '作業を指示する',
      from: ['requested'],
      to: 'issued',
      secondPerson: true,
      fields: [{ name: 'orderDocument', label: '指示書の文書番号', kind: 'text', max: 60 }],
      check(_entry, _given, { target }) {
        if (target('contract')?.state !== 'active') return 'contract-not-active';
        const worker = target('worker');
        return worker?.state === 'admitted' && worker.values.staffId !== undefined ? undefined : 'worker-not-admitted';
      },
    },
    {
      // データ入力の受託者は、作業した者・時刻・処理を一回ごとに記録する (002 Ⅲ4)。
      id: 'record',
      label: '作業を記録する',
      from: ['issued'],
      to: 'issued',
      fields: [
        { name: 'workedOn', label: '作業した日', kind: 'date' },
        { ...timeOfDay, name: 'workedFrom', label: '始めた時刻' },
        { ...timeOfDay, name: 'workedUntil', label: '終えた時刻' },
        { name: 'processing', label: '行った処理', kind: 'text', max: 200 },
        { name: 'pieces', label: '処理した件数', kind: 'count' },
      ],
      check({ values }, { workedOn = '', workedFrom = '', workedUntil = '' }, { today }) {
        if (workedOn < (values.from ?? '') || workedOn > (values.until ?? '')) return 'outside-order';
        if (workedOn > today.toString()) return 'in-the-future';
        return workedFrom < workedUntil ? undefined : 'times-reversed';
      },
    },
    {
      id: 'end',
      label: '作業を終える',
      from: ['requested', 'issued'],
      to: 'ended',
      fields: [
        { name: 'endedOn', label: '終えた日', kind: 'date' },
        { name: 'result', label: '作業の結果', kind: 'text', max: 400 },
      ],
      check: ({ state, values }) =>
        state === 'issued' && values.kind === 'entry' && values.workedOn === undefined ? 'work-unrecorded' : undefined,
    },
  ],
  due({ state, values }) {
    const [from, until] = [day(values, 'from'), day(values, 'until')];
    if (state === 'requested' && from) return { on: from, what: '作業を指示するか決める' };
    return state === 'issued' && until ? { on: until, what: '結果を確かめて作業を終える' } : undefined;
  },
};

/** What a contractor holds of ours: copies reported to exist against those certified erased or returned. */
export const copiesLeft = (values: Readonly<Record<string, string>>): number =>
  1 + count(values, 'copies') - count(values, 'erasedCopies');

const dataKinds = { bulk: '本番の資料', test: '試験データ', reprint: '再作成分', paper: '紙の資料' } as const;

/**
 * 委託先に渡した資料: each package from its request to the proof that nothing of it is left. A copy that the contractor makes
 * must be reported and is counted; the proof names as many erased as there were. Software cannot forbid a plain copy: it makes
 * keeping one needless, dated and noticed.
 */
export const handedData: RegisterDefinition = {
  id: 'handed-data',
  group: 'contractor',
  title: { ja: '委託先に渡した資料', en: 'Data handed to contractors' },
  purpose: '申請と承認、受渡し、複製の届出、返却・消去の報告までの所在',
  mark: '資料',
  heading: (v) => `${dataKinds[v.kind as keyof typeof dataKinds] ?? ''} ${v.content}`,
  fields: [
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract' },
    {
      name: 'kind',
      label: '資料の種類',
      kind: 'choice',
      options: dataKinds,
    },
    { name: 'content', label: '内容', kind: 'text', max: 100 },
    { name: 'purpose', label: '渡す目的', kind: 'text', max: 200 },
    { name: 'package', label: '資料番号', hint: '作業番号・照合値の先頭など', kind: 'text', max: 80 },
    { name: 'records', label: '件数', kind: 'count' },
    {
      name: 'persons',
      label: '載っている人',
      kind: 'choice',
      options: { real: '実在の本人', synthetic: '架空の人だけ' },
    },
    { name: 'eraseBy', label: '返却・消去の期限', kind: 'date' },
  ],
  initial: 'requested',
  states: {
    requested: { label: '承認待ち', tone: 'warning', open: true },
    approved: { label: '承認', tone: 'info', open: true },
    handed: { label: '委託先が保有', tone: 'warning', open: true },
    certified: { label: '返却・消去済み', tone: 'done', open: false },
    refused: { label: '不承認', tone: 'plain', open: false },
  },
  correctedState: 'requested',
  check(v, { target }) {
    if (v.kind === 'test' && v.persons === 'real') return 'test-with-persons';
    const last = target('contract')?.values.until;
    return last !== undefined && v.eraseBy !== undefined && v.eraseBy > last ? 'beyond-contract' : undefined;
  },
  steps: [
    {
      id: 'approve',
      label: '渡すことを承認する',
      from: ['requested'],
      to: 'approved',
      secondPerson: true,
      fields: [{ name: 'approvalDocument', label: '承認書の文書番号', kind: 'text', max: 60 }],
      check: (_entry, _given, { target }) =>
        target('contract')?.state === 'active' ? undefined : 'contract-not-active',
    },
    {
      id: 'refuse',
      label: '不承認とする',
      from: ['requested'],
      to: 'refused',
      secondPerson: true,
      fields: [{ name: 'reason', label: '理由', kind: 'text', max: 200 }],
    },
    {
      id: 'hand',
      label: '渡した',
      from: ['requested', 'approved'],
      to: 'handed',
      fields: [
        { name: 'handedOn', label: '渡した日', kind: 'date' },
        { name: 'handedRecords', label: '渡した件数', kind: 'count' },
        { name: 'receipt', label: '受領証の文書番号', kind: 'text', max: 60 },
      ],
      check({ state, values }, given) {
        if (enforced('contractor.release-request') && state !== 'approved') return 'handing-not-approved';
        return given.handedRecords === values.records ? undefined : 'handed-count-differs';
      },
    },
    {
      id: 'copy',
      label: '複製の届出を受けた',
      from: ['handed'],
      to: 'handed',
      fields: [
        { name: 'copies', label: '届けられた複製の数', hint: 'これまでの合計', kind: 'count' },
        { name: 'copyPlace', label: '複製の置き場所', kind: 'text', max: 100 },
      ],
      check: ({ values }, given) => (count(given, 'copies') < count(values, 'copies') ? 'copies-fewer' : undefined),
    },
    {
      id: 'certify',
      label: '返却・消去の報告を確かめた',
      from: ['handed'],
      to: 'certified',
      secondPerson: true,
      fields: [
        { name: 'erasedOn', label: '返却・消去の日', kind: 'date' },
        { name: 'erasedCopies', label: '返却・消去した数', hint: '渡したものと複製の合計', kind: 'count' },
        { name: 'certificate', label: '証明書の文書番号', kind: 'text', max: 60 },
      ],
      check(entry, given, { today }) {
        const on = day(given, 'erasedOn');
        if (on !== undefined && isAfter(on, today)) return 'in-the-future';
        return enforced('contractor.closing') && copiesLeft({ ...entry.values, ...given }) !== 0
          ? 'copies-left'
          : undefined;
      },
    },
  ],
  due({ state, values, openedOn }) {
    const by = day(values, 'eraseBy');
    if (state === 'handed' && by) return { on: by, what: '返却・消去の報告を求める' };
    return state === 'requested'
      ? { on: Temporal.PlainDate.from(openedOn).add({ days: 7 }), what: '承認するか決める' }
      : undefined;
  },
};
/** What keeps a contract from being closed, by kind: 試験データ 1. */
export const heldKinds = (
  handed: readonly { readonly state: string; readonly values: Readonly<Record<string, string>> }[],
) => {
  const held = handed.filter((h) => h.state === 'handed');
  return Object.entries(dataKinds).flatMap(([kind, label]) => {
    const of = held.filter((h) => h.values.kind === kind).length;
    return of === 0 ? [] : [`消去報告のない資料：${label} ${of}`];
  });
};
