import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { count, day, type RegisterDefinition, type Values } from '../register.ts';

const interfaces = {
  none: 'なし',
  'intermediate-server': '中間サーバー（データ標準レイアウト・要求応答）',
  network: '情報提供ネットワークシステム',
  juki: '住民基本台帳ネットワーク',
  eltax: 'eLTAX・国税連携',
  payment: '収納・口座振替',
} as const;

/** An item set or layout comes into use with a release: only with a conformance report that failed nowhere. */
const lacksConformance = (values: Values): boolean =>
  (values.interface ?? 'none') !== 'none' &&
  (values.conformanceDigest === undefined ||
    count(values, 'conformancePassed') === 0 ||
    values.conformanceFailed === undefined ||
    count(values, 'conformanceFailed') > 0);

/** リリース. Approved, by another than its tester, only with results that failed nowhere and cover every requirement. */
export const releases: RegisterDefinition = {
  id: 'release',
  group: 'release',
  title: { ja: 'システムの変更・試験', en: 'Releases' },
  purpose: '変更の試験結果、要件の網羅、承認者',
  mark: '変更',
  heading: (v) => `${v.system} ${v.version}`,
  fields: [
    { name: 'system', label: 'システム', kind: 'text', max: 60 },
    { name: 'version', label: '版', kind: 'text', max: 40 },
    { name: 'summary', label: '変更の内容', kind: 'lines', max: 2000 },
    { name: 'tester', label: '試験を行った職員ID', kind: 'text', max: 63 },
    { name: 'run', label: '試験の実行番号', kind: 'text', max: 80 },
    {
      name: 'resultDigest',
      label: '結果ファイルの照合値',
      hint: 'SHA-256',
      kind: 'text',
      max: 64,
      pattern: /^[0-9a-f]{64}$/,
      patternFault: '照合値は16進64桁です',
    },
    { name: 'passed', label: '合格', kind: 'count' },
    { name: 'failed', label: '不合格・未実施', kind: 'count' },
    { name: 'requirements', label: '要件の数', kind: 'count' },
    { name: 'covered', label: '試験した要件の数', kind: 'count' },
    {
      name: 'interface',
      label: '触れる連携の仕様',
      kind: 'choice',
      options: interfaces,
      required: false,
    },
    {
      name: 'conformanceDigest',
      label: '適合試験の報告の照合値',
      hint: 'SHA-256。連携の仕様に触れるとき',
      kind: 'text',
      max: 64,
      pattern: /^[0-9a-f]{64}$/,
      patternFault: '照合値は16進64桁です',
      required: false,
    },
    { name: 'conformancePassed', label: '適合試験の合格', kind: 'count', required: false },
    { name: 'conformanceFailed', label: '適合試験の不合格・未実施', kind: 'count', required: false },
  ],
  initial: 'tested',
  states: {
    tested: { label: '承認待ち', tone: 'warning', open: true },
    approved: { label: '承認', tone: 'done', open: false },
    refused: { label: '差戻し', tone: 'plain', open: false },
  },
  steps: [
    {
      id: 'approve',
      label: '試験結果を承認する',
      from: ['tested'],
      to: 'approved',
      secondPerson: true,
      fields: [{ name: 'approvalDocument', label: '決裁の文書番号', kind: 'text', max: 60 }],
      check({ values }, _given, { by }) {
        if (enforced('exchange.tested-interface') && lacksConformance(values)) return 'conformance-missing';
        if (!enforced('assurance.release-evidence')) return undefined;
        if (values.tester === by) return 'tester-approves';
        if (count(values, 'failed') > 0 || count(values, 'passed') === 0) return 'tests-failed';
        return count(values, 'covered') < count(values, 'requirements') ? 'coverage-missing' : undefined;
      },
    },
    {
      id: 'refuse',
      label: '差し戻す',
      from: ['tested'],
      to: 'refused',
      secondPerson: true,
      fields: [{ name: 'reason', label: '理由', kind: 'lines', max: 1000 }],
    },
  ],
  due: ({ state, openedOn }) =>
    state === 'tested'
      ? { on: addOpenDays(Temporal.PlainDate.from(openedOn), 5), what: '試験結果を確認する' }
      : undefined,
};

/** 複製・移動の作業票: a copy outside the schedule exists only under it, and it closes with a report and digests. */
export const copyTickets: RegisterDefinition = {
  id: 'copy-ticket',
  group: 'release',
  title: { ja: '複製・移動の作業票', en: 'Tickets for copies' },
  purpose: '計画外のバックアップ・複製・移動（障害対応、機器更改）の承認と完了報告',
  mark: '作業',
  heading: (v) => `${v.system} ${v.what}`,
  fields: [
    { name: 'system', label: 'システム', kind: 'text', max: 60 },
    {
      name: 'what',
      label: '作業',
      kind: 'choice',
      options: { backup: '計画外のバックアップ', dump: '全件の複製', move: '機器更改による移動', restore: '復元' },
    },
    { name: 'reason', label: '理由', kind: 'lines', max: 1000 },
    { name: 'contract', label: '契約', kind: 'ref', register: 'contract', required: false, hint: '受託者が行うとき' },
    { name: 'plannedOn', label: '予定日', kind: 'date' },
    { name: 'storage', label: '複製の置き場所と暗号化', kind: 'text', max: 200 },
  ],
  initial: 'asked',
  states: {
    asked: { label: '承認待ち', tone: 'warning', open: true },
    approved: { label: '承認', tone: 'info', open: true },
    running: { label: '作業中', tone: 'warning', open: true },
    closed: { label: '完了', tone: 'done', open: false },
    refused: { label: '不承認', tone: 'plain', open: false },
  },
  steps: [
    {
      id: 'approve',
      label: '承認する',
      from: ['asked'],
      to: 'approved',
      secondPerson: true,
      fields: [{ name: 'approvalDocument', label: '決裁の文書番号', kind: 'text', max: 60 }],
    },
    {
      id: 'refuse',
      label: '承認しない',
      from: ['asked'],
      to: 'refused',
      secondPerson: true,
      fields: [{ name: 'refusalReason', label: '理由', kind: 'text', max: 200 }],
    },
    {
      id: 'start',
      label: '作業を始める',
      // Also tried from 承認待ち, so that an attempt without approval is refused by name and stands in the log.
      from: ['asked', 'approved'],
      to: 'running',
      fields: [
        {
          name: 'digestBefore',
          label: '作業前の照合値',
          kind: 'text',
          max: 64,
          pattern: /^[0-9a-f]{64}$/,
          patternFault: '照合値は16進64桁です',
        },
      ],
      check: ({ state }) => (enforced('backup.approved-only') && state !== 'approved' ? 'not-approved' : undefined),
    },
    {
      id: 'close',
      label: '報告して完了する',
      from: ['running'],
      to: 'closed',
      secondPerson: true,
      fields: [
        {
          name: 'digestAfter',
          label: '作業後の照合値',
          kind: 'text',
          max: 64,
          pattern: /^[0-9a-f]{64}$/,
          patternFault: '照合値は16進64桁です',
        },
        { name: 'report', label: '作業報告の文書番号', kind: 'text', max: 60 },
        { name: 'copyErased', label: '複製の消去・保管', kind: 'text', max: 200 },
      ],
      check: ({ values }, given) =>
        values.digestBefore === undefined || given.digestAfter === undefined ? 'digests-missing' : undefined,
    },
  ],
  due({ state, values }) {
    const planned = day(values, 'plannedOn');
    if (!planned || state === 'closed' || state === 'refused') return undefined;
    return state === 'running'
      ? { on: addOpenDays(planned, 3), what: '作業を報告して完了する' }
      : { on: planned, what: '承認する' };
  },
};
