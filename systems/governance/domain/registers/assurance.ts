import { fiscalYearOf } from '@musubi/kernel/calendar/fiscal-year.ts';
import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { count, day, type Entry, isAfter, type RegisterDefinition, type RegisterField } from '../register.ts';

const staffId: RegisterField = {
  name: 'staffId',
  label: '職員ID',
  kind: 'text',
  max: 63,
  pattern: /^[a-z0-9][a-z0-9-]{1,62}$/,
  patternFault: '職員IDは英小文字・数字・ハイフンで入力してください',
};
/** Lines that hold something, trimmed. */
export const linesOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** 誓約書台帳. */
export const oaths: RegisterDefinition = {
  id: 'oath',
  group: 'contractor',
  title: { ja: '誓約書', en: 'Oaths' },
  purpose: '秘密保持の誓約書の提出と失効（職員・受託者・再委託先）',
  mark: '誓約',
  heading: (v) => `${v.person}（${v.company}）`,
  fields: [
    { name: 'person', label: '氏名', kind: 'text', max: 60 },
    { name: 'company', label: '所属', kind: 'text', max: 100 },
    {
      name: 'affiliation',
      label: '区分',
      kind: 'choice',
      options: { employee: '職員', contractor: '受託者', subcontractor: '再委託先' },
    },
    { name: 'signedOn', label: '署名の日', kind: 'date' },
    { name: 'document', label: '文書番号', kind: 'text', max: 60 },
    { name: 'textVersion', label: '誓約文の版', kind: 'text', max: 20 },
  ],
  initial: 'standing',
  states: {
    standing: { label: '有効', tone: 'done', open: true },
    ended: { label: '失効', tone: 'plain', open: false },
  },
  check(v, { today }) {
    const signed = day(v, 'signedOn');
    return signed && isAfter(signed, today) ? 'in-the-future' : undefined;
  },
  steps: [
    {
      id: 'end',
      label: '失効させる',
      from: ['standing'],
      to: 'ended',
      fields: [
        { name: 'endedOn', label: '失効した日', kind: 'date' },
        { name: 'reason', label: '理由', kind: 'text', max: 200 },
      ],
    },
  ],
};

/** 研修. Attendance is an entry of its own. */
export const courses: RegisterDefinition = {
  id: 'course',
  group: 'assurance',
  title: { ja: '研修', en: 'Training courses' },
  purpose: '個人情報保護・住基ネットの研修の計画と実施',
  mark: '研修',
  heading: (v) => `${v.name}`,
  fields: [
    { name: 'name', label: '研修名', kind: 'text', max: 100 },
    {
      name: 'kind',
      label: '種類',
      kind: 'choice',
      options: { handler: '取扱者', manager: '責任者', operator: '住基ネット操作者', contractor: '受託者' },
    },
    { name: 'heldOn', label: '実施日', kind: 'date' },
    { name: 'passMark', label: '修了の基準点', kind: 'count', hint: '100点満点' },
    { name: 'audience', label: '対象の職員ID', hint: '一行に一つ', kind: 'lines', max: 20_000 },
    { name: 'material', label: '教材の文書番号', kind: 'text', max: 60 },
  ],
  initial: 'planned',
  states: {
    planned: { label: '予定', tone: 'warning', open: true },
    held: { label: '実施', tone: 'info', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  reads: [{ register: 'attendance', field: 'course' }],
  lacking: {
    title: '修了していない職員',
    items: (entry, naming) => (entry.state === 'planned' ? [] : notAttended(entry, naming('attendance'))),
  },
  steps: [
    {
      id: 'hold',
      label: '実施した',
      from: ['planned'],
      to: 'held',
      fields: [{ name: 'report', label: '実施報告の文書番号', kind: 'text', max: 60 }],
      check: ({ values }, _given, { today }) =>
        isAfter(day(values, 'heldOn') ?? today, today) ? 'in-the-future' : undefined,
    },
    {
      id: 'close',
      label: '受講の確認を終える',
      from: ['held'],
      to: 'closed',
      fields: [{ name: 'absentees', label: '未受講者への対応', kind: 'lines', max: 1000, required: false }],
      check: (entry, given, { naming }) =>
        notAttended(entry, naming('attendance')).length > 0 && given.absentees === undefined
          ? 'answer-missing'
          : undefined,
    },
  ],
  due({ state, values }) {
    const held = day(values, 'heldOn');
    if (!held) return undefined;
    if (state === 'planned') return { on: held, what: '研修を行う' };
    return state === 'held' ? { on: addOpenDays(held, 20), what: '未受講者を確かめて完了する' } : undefined;
  },
};

export const passed = (attendance: Entry): boolean =>
  attendance.state === 'recorded' && attendance.values.result === 'passed';

/** Who of a course's audience has no attendance at or above the pass mark. */
export function notAttended(course: Entry, attendances: readonly Entry[]): readonly string[] {
  const done = new Set(attendances.filter(passed).map((a) => a.values.staffId));
  return linesOf(course.values.audience).filter((id) => !done.has(id));
}

export const attendances: RegisterDefinition = {
  id: 'attendance',
  group: 'assurance',
  title: { ja: '研修の受講', en: 'Attendance' },
  purpose: '受講と確認テストの結果',
  mark: '受講',
  heading: (v) => `${v.staffId} ${v.score}点`,
  fields: [
    { name: 'course', label: '研修', kind: 'ref', register: 'course' },
    staffId,
    { name: 'attendedOn', label: '受講日', kind: 'date' },
    { name: 'score', label: '確認テストの点', kind: 'count', hint: '100点満点' },
  ],
  derived: [{ name: 'result', label: '結果', words: { passed: '修了', failed: '未修了' } }],
  derive: (v, { target }) => ({
    result: count(v, 'score') >= count(target('course')?.values ?? {}, 'passMark') ? 'passed' : 'failed',
  }),
  initial: 'recorded',
  states: {
    recorded: { label: '記録済み', tone: 'done', open: false },
    cancelled: { label: '取消し', tone: 'plain', open: false },
  },
  check(v, { target, today }) {
    const attended = day(v, 'attendedOn');
    if (attended && isAfter(attended, today)) return 'in-the-future';
    return linesOf(target('course')?.values.audience).includes(v.staffId ?? '') ? undefined : 'not-on-list';
  },
  steps: [
    {
      id: 'cancel',
      label: '誤りのため取り消す',
      from: ['recorded'],
      to: 'cancelled',
      secondPerson: true,
      danger: true,
      fields: [{ name: 'reason', label: '理由', kind: 'text', max: 200 }],
    },
  ],
};

const trainedInYearOf = (attendance: Entry | undefined, today: Temporal.PlainDate): boolean => {
  const on = attendance && day(attendance.values, 'attendedOn');
  return on !== undefined && fiscalYearOf(on) === fiscalYearOf(today);
};

/** Last day on which a handler may work on last year's training. */
const trainingGraceEnd = (fiscalYear: number): Temporal.PlainDate =>
  Temporal.PlainDate.from({ year: fiscalYear, month: 5, day: 31 });

/**
 * Fiscal year whose training the rights of a handler stand on: the year of the designation, and from the end of May on
 * the present one.
 */
export function trainingYearOf(handler: Pick<Entry, 'values'>, today: Temporal.PlainDate): number {
  const now = fiscalYearOf(today);
  return isAfter(today, trainingGraceEnd(now)) ? now : Math.max(Number(handler.values.fiscalYear ?? now), now - 1);
}

/** Whether a passed training of that year or a later one stands in the register. */
export const isTrained = (staffId: string, fiscalYear: number, all: readonly Entry[]): boolean =>
  all.some((a) => {
    const on = day(a.values, 'attendedOn');
    return passed(a) && a.values.staffId === staffId && on !== undefined && fiscalYearOf(on) >= fiscalYear;
  });

/** 取扱者名簿. Handling rights stand on an oath and on this year's training. */
export const handlers: RegisterDefinition = {
  id: 'handler',
  group: 'assurance',
  title: { ja: '取扱者名簿', en: 'Handlers' },
  purpose: '特定個人情報を取り扱う職員の指定と、その要件（誓約書・研修）',
  mark: '取扱',
  heading: (v) => `${v.staffId} ${v.department}`,
  fields: [
    staffId,
    { name: 'department', label: '所属', kind: 'text', max: 100 },
    { name: 'duty', label: '取り扱う事務', kind: 'text', max: 200 },
    { name: 'oath', label: '誓約書', kind: 'ref', register: 'oath' },
    { name: 'attendance', label: '研修の受講', kind: 'ref', register: 'attendance', required: false },
  ],
  initial: 'proposed',
  states: {
    proposed: { label: '申請', tone: 'warning', open: true },
    designated: { label: '指定', tone: 'done', open: true },
    ended: { label: '解除', tone: 'plain', open: false },
  },
  steps: [
    {
      id: 'designate',
      label: '取扱者に指定する',
      from: ['proposed'],
      to: 'designated',
      secondPerson: true,
      fields: [{ name: 'fiscalYear', label: '年度', kind: 'text', max: 4, pattern: /^20[0-9]{2}$/ }],
      check({ values }, given, { target, today }) {
        if (Number(given.fiscalYear) !== fiscalYearOf(today)) return 'not-this-year';
        if (target('oath')?.state !== 'standing') return 'oath-missing';
        const attendance = target('attendance');
        const trained =
          attendance !== undefined &&
          passed(attendance) &&
          attendance.values.staffId === values.staffId &&
          trainedInYearOf(attendance, today);
        return enforced('assurance.training-gate') && !trained ? 'training-missing' : undefined;
      },
    },
    {
      id: 'renew',
      label: '年度の指定を更新する',
      from: ['designated'],
      to: 'designated',
      fields: [
        { name: 'attendance', label: '研修の受講', kind: 'ref', register: 'attendance' },
        { name: 'fiscalYear', label: '年度', kind: 'text', max: 4, pattern: /^20[0-9]{2}$/ },
      ],
      check({ values }, given, { target, today }) {
        if (Number(given.fiscalYear) !== fiscalYearOf(today)) return 'not-this-year';
        const attendance = target('attendance');
        const trained =
          attendance !== undefined &&
          passed(attendance) &&
          attendance.values.staffId === values.staffId &&
          trainedInYearOf(attendance, today);
        return enforced('assurance.training-gate') && !trained ? 'training-missing' : undefined;
      },
    },
    {
      id: 'end',
      label: '指定を解く',
      from: ['proposed', 'designated'],
      to: 'ended',
      fields: [
        { name: 'endedOn', label: '解いた日', kind: 'date' },
        { name: 'reason', label: '理由', kind: 'text', max: 200 },
      ],
    },
  ],
  due({ state, values, openedOn }) {
    if (state === 'proposed')
      return { on: addOpenDays(Temporal.PlainDate.from(openedOn), 10), what: '指定するか決める' };
    const year = Number(values.fiscalYear);
    return state === 'designated'
      ? { on: trainingGraceEnd(year + 1), what: '翌年度の研修を修了して指定を更新する' }
      : undefined;
  },
};

const answerOf = (line: string): 'yes' | 'no' | undefined =>
  /^はい/.test(line) ? 'yes' : /^いいえ/.test(line) ? 'no' : undefined;

/** 自己点検. Closed when every department answered every question, and each いいえ is a finding with owner and day. */
export const campaigns: RegisterDefinition = {
  id: 'inspection',
  group: 'assurance',
  title: { ja: '自己点検', en: 'Self-inspection' },
  purpose: '年1回の自己点検：設問、部署の回答、指摘事項とその是正',
  mark: '点検',
  heading: (v) => `${v.name}`,
  fields: [
    { name: 'name', label: '名称', kind: 'text', max: 100 },
    { name: 'dueOn', label: '回答の期限', kind: 'date' },
    { name: 'departments', label: '対象の部署', hint: '一行に一つ', kind: 'lines', max: 10_000 },
    { name: 'questions', label: '設問', hint: '一行に一問。はい・いいえで答えられるもの', kind: 'lines', max: 20_000 },
  ],
  initial: 'running',
  states: {
    running: { label: '実施中', tone: 'warning', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  reads: [
    { register: 'inspection-answer', field: 'inspection' },
    { register: 'finding', field: 'inspection' },
  ],
  lacking: {
    title: '回答または指摘事項の登録が残る部署',
    items: (entry, naming) =>
      entry.state === 'closed' ? [] : unfinished(entry, naming('inspection-answer'), naming('finding')),
  },
  steps: [
    {
      id: 'close',
      label: '結果をまとめて完了する',
      from: ['running'],
      to: 'closed',
      secondPerson: true,
      fields: [
        { name: 'report', label: '結果報告の文書番号', kind: 'text', max: 60 },
        { name: 'reportedTo', label: '報告先', kind: 'text', max: 100 },
      ],
      check: (entry, _given, { naming }) =>
        enforced('assurance.inspection-campaign') &&
        unfinished(entry, naming('inspection-answer'), naming('finding')).length > 0
          ? 'answers-missing'
          : undefined,
    },
  ],
  due({ state, values }) {
    const on = day(values, 'dueOn');
    return state === 'running' && on ? { on, what: '全部署の回答を集めて完了する' } : undefined;
  },
};

/** What keeps a round open: departments without an answer, and each いいえ without a finding. */
export function unfinished(campaign: Entry, answers: readonly Entry[], findings: readonly Entry[]): readonly string[] {
  const missing = linesOf(campaign.values.departments).filter((d) => !answers.some((a) => a.values.department === d));
  const uncovered = answers.flatMap((a) => {
    const noes = linesOf(a.values.answers).filter((line) => answerOf(line) === 'no').length;
    const found = findings.filter((f) => f.values.department === a.values.department).length;
    return noes > found ? [`${a.values.department}`] : [];
  });
  return [...missing, ...uncovered];
}

export const inspectionAnswers: RegisterDefinition = {
  id: 'inspection-answer',
  group: 'assurance',
  title: { ja: '自己点検の回答', en: 'Inspection answers' },
  purpose: '部署ごとの回答と証拠',
  mark: '回答',
  heading: (v) => `${v.department}`,
  fields: [
    { name: 'inspection', label: '自己点検', kind: 'ref', register: 'inspection' },
    { name: 'department', label: '部署', kind: 'text', max: 100 },
    {
      name: 'answers',
      label: '回答',
      hint: '設問の順に一行ずつ「はい」「いいえ」で始める',
      kind: 'lines',
      max: 20_000,
    },
    { name: 'evidence', label: '証拠となる文書', kind: 'text', max: 200, required: false },
  ],
  initial: 'given',
  states: { given: { label: '回答済み', tone: 'done', open: false } },
  check(v, { target }) {
    const campaign = target('inspection');
    if (!linesOf(campaign?.values.departments).includes(v.department ?? '')) return 'not-on-list';
    const answers = linesOf(v.answers);
    const asked = linesOf(campaign?.values.questions).length;
    return answers.length !== asked || answers.some((a) => answerOf(a) === undefined) ? 'answer-count' : undefined;
  },
  steps: [],
};

/** 指摘事項. A task with owner and day; closed by somebody else, with evidence. */
export const findings: RegisterDefinition = {
  id: 'finding',
  group: 'assurance',
  title: { ja: '指摘事項', en: 'Findings' },
  purpose: '点検・監査で見つかったことの是正',
  mark: '指摘',
  heading: (v) => `${v.content}`.slice(0, 60),
  fields: [
    { name: 'inspection', label: '自己点検', kind: 'ref', register: 'inspection', required: false },
    { name: 'audit', label: '監査', kind: 'ref', register: 'audit', required: false },
    { name: 'department', label: '部署', kind: 'text', max: 100 },
    { name: 'content', label: '指摘の内容', kind: 'lines', max: 1000 },
    { name: 'owner', label: '是正の担当', kind: 'text', max: 100 },
    { name: 'dueOn', label: '是正の期限', kind: 'date' },
  ],
  initial: 'open',
  states: {
    open: { label: '是正中', tone: 'error', open: true },
    corrected: { label: '是正済み・確認待ち', tone: 'warning', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  steps: [
    {
      id: 'correct',
      label: '是正した',
      from: ['open'],
      to: 'corrected',
      fields: [
        { name: 'correction', label: '是正の内容', kind: 'lines', max: 1000 },
        { name: 'evidence', label: '証拠となる文書', kind: 'text', max: 200 },
      ],
    },
    {
      id: 'confirm',
      label: '是正を確認して完了する',
      from: ['corrected'],
      to: 'closed',
      secondPerson: true,
      fields: [{ name: 'confirmedOn', label: '確認した日', kind: 'date' }],
    },
    {
      id: 'reopen',
      label: '是正が不十分として戻す',
      from: ['corrected'],
      to: 'open',
      secondPerson: true,
      fields: [{ name: 'reason', label: '理由', kind: 'lines', max: 400 }],
    },
  ],
  due({ state, values }) {
    const on = day(values, 'dueOn');
    if (!on || state === 'closed') return undefined;
    return state === 'open' ? { on, what: '是正する' } : { on: addOpenDays(on, 10), what: '是正を確認する' };
  },
};

/** 監査. Falls due in its cycle; closed with report, addressee and every finding settled. */
export const audits: RegisterDefinition = {
  id: 'audit',
  group: 'assurance',
  title: { ja: '監査', en: 'Audits' },
  purpose: '内部監査と第三者監査の計画、報告、是正',
  mark: '監査',
  heading: (v) => `${v.name}`,
  fields: [
    { name: 'name', label: '名称', kind: 'text', max: 100 },
    { name: 'kind', label: '種類', kind: 'choice', options: { internal: '内部監査', external: '第三者監査' } },
    { name: 'auditor', label: '監査を行う者', kind: 'text', max: 100 },
    { name: 'plannedOn', label: '予定日', kind: 'date' },
    { name: 'scope', label: '範囲', kind: 'lines', max: 1000 },
  ],
  initial: 'planned',
  states: {
    planned: { label: '予定', tone: 'warning', open: true },
    performed: { label: '実施・是正中', tone: 'info', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  reads: [{ register: 'finding', field: 'audit' }],
  steps: [
    {
      id: 'perform',
      label: '監査を受けた',
      from: ['planned'],
      to: 'performed',
      fields: [
        { name: 'performedOn', label: '実施した日', kind: 'date' },
        { name: 'report', label: '監査報告書の文書番号', kind: 'text', max: 60 },
      ],
    },
    {
      id: 'close',
      label: '報告して完了する',
      from: ['performed'],
      to: 'closed',
      secondPerson: true,
      fields: [
        { name: 'addressee', label: '報告先', kind: 'text', max: 100 },
        { name: 'nextOn', label: '次回の予定日', kind: 'date' },
      ],
      check: (_entry, _given, { naming }) =>
        enforced('assurance.audit-cycle') && naming('finding').some((f) => f.state !== 'closed')
          ? 'findings-open'
          : undefined,
    },
  ],
  due({ state, values }) {
    const planned = day(values, 'plannedOn');
    if (state === 'planned' && planned) return { on: planned, what: '監査を受ける' };
    const performed = day(values, 'performedOn');
    return state === 'performed' && performed
      ? { on: addOpenDays(performed, 60), what: '指摘を是正して完了する' }
      : undefined;
  },
};
