import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { day, type RegisterDefinition, type RegisterStep, type Values } from '../register.ts';

/** What must be done about an incident; each with person, time and result, or a reason why not. */
export const incidentSteps = {
  containment: '被害の拡大防止（封じ込め）',
  facts: '事実関係の調査',
  affected: '影響を受けた本人の特定',
  cause: '原因の究明',
  prevention: '再発防止策',
  notice: '本人への通知',
  'report-office': '情報政策課への報告',
  'report-early': '個人情報保護委員会への速報',
  'report-final': '個人情報保護委員会への確報',
} as const;
type IncidentStep = keyof typeof incidentSteps;

const extra: Partial<Record<IncidentStep, RegisterStep['fields']>> = {
  affected: [
    { name: 'affectedCount', label: '本人の数', kind: 'count', required: false },
    {
      name: 'affectedList',
      label: '一覧の参照番号',
      hint: 'ログ分析の抽出番号。氏名や番号は書かない',
      kind: 'text',
      max: 80,
      required: false,
    },
  ],
};
const resultOf = (id: IncidentStep): string => `${id}Result`;
const stepOf = (id: IncidentStep): RegisterStep => ({
  id,
  label: incidentSteps[id],
  from: ['open'],
  to: 'open',
  fields: [
    { name: `${id}On`, label: '行った日', kind: 'date' },
    { name: resultOf(id), label: '結果、または行わない理由', kind: 'lines', max: 2000 },
    ...(extra[id] ?? []),
  ],
});
const ids = Object.keys(incidentSteps) as readonly IncidentStep[];

export const stepsLeft = (values: Values): readonly IncidentStep[] =>
  ids.filter((id) => values[resultOf(id)] === undefined || values[`${id}On`] === undefined);

/**
 * 事故. Closed only when every step has its day and result or reason.
 *
 * @law 番号利用法 第29条の4, 同施行規則: 速報 within three to five days, 確報 within 30 days (60 where malice is possible)
 */
export const incidents: RegisterDefinition = {
  id: 'incident',
  group: 'incident',
  title: { ja: '事故・インシデント', en: 'Incidents' },
  purpose: '検知から再発防止までの手順、影響を受けた本人、報告の期限',
  mark: '事故',
  heading: (v) => `${v.title}`,
  fields: [
    { name: 'title', label: '件名', hint: '本人の氏名や番号は書かない', kind: 'text', max: 100 },
    { name: 'detectedOn', label: '知った日', kind: 'date' },
    {
      name: 'source',
      label: '検知の経路',
      kind: 'choice',
      options: {
        alarm: 'システムの警報',
        analysis: 'ログ分析',
        report: '職員・受託者の報告',
        person: '本人の申出',
        other: 'その他',
      },
    },
    {
      name: 'kind',
      label: '種類',
      kind: 'choice',
      options: { leak: '漏えい', loss: '滅失', damage: '毀損', misuse: '不正利用', near: '未遂' },
    },
    { name: 'malice', label: '不正の目的のおそれ', kind: 'choice', options: { yes: 'あり', no: 'なし' } },
    { name: 'system', label: '関係するシステム', kind: 'text', max: 60 },
    { name: 'logRange', label: '記録の範囲', hint: '例：操作記録 1200～1240', kind: 'text', max: 100, required: false },
    { name: 'description', label: '状況', kind: 'lines', max: 2000 },
  ],
  initial: 'open',
  states: {
    open: { label: '対応中', tone: 'error', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  lacking: { title: '残る手順', items: ({ values }) => stepsLeft(values).map((id) => incidentSteps[id]) },
  steps: [
    ...ids.map(stepOf),
    {
      id: 'close',
      label: '完了する',
      from: ['open'],
      to: 'closed',
      secondPerson: true,
      fields: [{ name: 'closingDocument', label: '決裁の文書番号', kind: 'text', max: 60 }],
      check: ({ values }) => (enforced('incident.steps') && stepsLeft(values).length > 0 ? 'steps-missing' : undefined),
    },
  ],
  due({ state, values }) {
    const detected = day(values, 'detectedOn');
    if (state === 'closed' || !detected) return undefined;
    const left = stepsLeft(values);
    if (left.includes('containment')) return { on: detected, what: '被害の拡大を防ぐ' };
    if (left.includes('report-office')) return { on: addOpenDays(detected, 1), what: '情報政策課に報告する' };
    if (left.includes('report-early')) return { on: detected.add({ days: 5 }), what: '速報する' };
    const days = values.malice === 'yes' ? 60 : 30;
    if (left.includes('report-final')) return { on: detected.add({ days }), what: '確報する' };
    return { on: addOpenDays(detected.add({ days }), 20), what: '残る手順を終えて完了する' };
  },
};

/** 問合せ. A question is handled like a request for disclosure: taken, answered, closed, every step kept. */
export const questions: RegisterDefinition = {
  id: 'question',
  group: 'contact',
  title: { ja: '問合せ', en: 'Questions' },
  purpose: '特定個人情報の取扱いに関する問合せの受付、回答、完了（開示請求と同じ手順）',
  mark: '問合せ',
  heading: (v) => `${v.about}`,
  fields: [
    { name: 'receivedOn', label: '受け付けた日', kind: 'date' },
    {
      name: 'channel',
      label: '方法',
      kind: 'choice',
      options: { counter: '窓口', phone: '電話', letter: '文書', mail: '電子メール', form: 'フォーム' },
    },
    {
      name: 'kind',
      label: '種類',
      kind: 'choice',
      options: { question: '質問', complaint: '苦情', disclosure: '開示等の相談', leak: '漏えい等の申出' },
    },
    { name: 'about', label: '件名', kind: 'text', max: 100 },
    { name: 'content', label: '内容', kind: 'lines', max: 2000 },
    { name: 'owner', label: '担当', kind: 'text', max: 60 },
  ],
  initial: 'open',
  states: {
    open: { label: '対応中', tone: 'warning', open: true },
    answered: { label: '回答済み', tone: 'info', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  opensWith: (v, today) =>
    v.kind === 'leak'
      ? {
          register: 'incident',
          field: 'incident',
          values: {
            title: `${v.about}`.slice(0, 100),
            detectedOn: v.receivedOn ?? today.toString(),
            source: 'person',
            kind: 'leak',
            // The shorter term until the facts are known; a correction of the entry states what was found.
            malice: 'no',
            system: '調査中',
            description: `${v.content}`,
          },
        }
      : undefined,
  steps: [
    {
      id: 'note',
      label: '経過を記録する',
      from: ['open', 'answered'],
      to: 'open',
      fields: [{ name: 'progress', label: '経過', kind: 'lines', max: 1000 }],
    },
    {
      id: 'answer',
      label: '回答した',
      from: ['open'],
      to: 'answered',
      fields: [
        { name: 'answeredOn', label: '回答した日', kind: 'date' },
        { name: 'answer', label: '回答の内容', kind: 'lines', max: 2000 },
      ],
    },
    {
      id: 'close',
      label: '完了する',
      from: ['open', 'answered'],
      to: 'closed',
      fields: [
        {
          name: 'incident',
          label: '事故の記録',
          hint: '質問などが漏えい等の申出だったとき。申出として受け付けたものには事故の記録がある',
          kind: 'ref',
          register: 'incident',
          required: false,
        },
        { name: 'closingNote', label: '完了の理由', kind: 'text', max: 200 },
      ],
      check({ values }, given) {
        if (!enforced('disclosure.contact-log')) return undefined;
        if (values.answer === undefined) return 'answer-missing';
        return values.kind === 'leak' && given.incident === undefined && values.incident === undefined
          ? 'incident-missing'
          : undefined;
      },
    },
  ],
  due({ state, values }) {
    const received = day(values, 'receivedOn');
    if (!received || state === 'closed') return undefined;
    return {
      on: addOpenDays(received, values.kind === 'leak' ? 1 : 10),
      what: state === 'open' ? '回答する' : '完了する',
    };
  },
};
