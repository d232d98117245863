import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { count, day, isKeptStill, type RegisterDefinition } from '../register.ts';

const locks = { safe: '施錠できる金庫', cabinet: '施錠できる書庫', room: '入退室を管理する室' } as const;

/** 保管場所. */
export const places: RegisterDefinition = {
  id: 'place',
  group: 'storage',
  title: { ja: '保管場所', en: 'Places' },
  purpose: '文書・帳票・媒体を置く場所と施錠、責任者',
  mark: '場所',
  heading: (v) => `${v.name}`,
  fields: [
    { name: 'name', label: '名称', kind: 'text', max: 60 },
    { name: 'room', label: '室・階', kind: 'text', max: 60 },
    { name: 'lock', label: '施錠', kind: 'choice', options: locks },
    { name: 'responsible', label: '責任者', kind: 'text', max: 60 },
  ],
  initial: 'used',
  states: {
    used: { label: '使用中', tone: 'done', open: true },
    closed: { label: '廃止', tone: 'plain', open: false },
  },
  reads: [{ register: 'paper', field: 'place' }],
  steps: [
    {
      id: 'close',
      label: '廃止する',
      from: ['used'],
      to: 'closed',
      fields: [{ name: 'closedOn', label: '廃止した日', kind: 'date' }],
      check: (_entry, _given, { naming }) =>
        naming('paper').some((p) => p.state !== 'disposed') ? 'open-items' : undefined,
    },
  ],
};

/** 文書・帳票・媒体の所在: where each is, who holds it, until when it is kept, how it ended. */
export const papers: RegisterDefinition = {
  id: 'paper',
  group: 'storage',
  title: { ja: '文書・帳票・媒体の所在', en: 'Where papers are' },
  purpose: '帳票管理簿：作成、引渡し、保管、貸出、廃棄',
  mark: '文書',
  heading: (v) => `${v.name}`,
  fields: [
    {
      name: 'kind',
      label: '種類',
      kind: 'choice',
      options: { form: '帳票', document: '文書', box: '文書箱', medium: '電子記録媒体' },
    },
    { name: 'name', label: '名称', hint: '本人の氏名や番号は書かない', kind: 'text', max: 100 },
    { name: 'serial', label: '一連番号・ラベル', kind: 'text', max: 40 },
    { name: 'madeOn', label: '作成した日', kind: 'date' },
    { name: 'place', label: '保管場所', kind: 'ref', register: 'place' },
    { name: 'holder', label: '保管の担当', kind: 'text', max: 60 },
    { name: 'keepUntil', label: '保存期限', kind: 'date' },
  ],
  initial: 'kept',
  states: {
    kept: { label: '保管中', tone: 'done', open: true },
    out: { label: '持出し中', tone: 'warning', open: true },
    disposed: { label: '廃棄済み', tone: 'plain', open: false },
  },
  check: (v) =>
    v.keepUntil !== undefined && v.madeOn !== undefined && v.keepUntil < v.madeOn ? 'dates-reversed' : undefined,
  steps: [
    {
      id: 'move',
      label: '場所・担当を変える',
      from: ['kept', 'out'],
      to: 'kept',
      fields: [
        { name: 'place', label: '移した先', kind: 'ref', register: 'place' },
        { name: 'holder', label: '受け取った担当', kind: 'text', max: 60 },
        { name: 'movedOn', label: '移した日', kind: 'date' },
      ],
    },
    {
      id: 'take-out',
      label: '持ち出す',
      from: ['kept'],
      to: 'out',
      fields: [
        { name: 'holder', label: '持ち出す者', kind: 'text', max: 60 },
        { name: 'purpose', label: '目的・行き先', kind: 'text', max: 200 },
        { name: 'backBy', label: '返す日', kind: 'date' },
      ],
    },
    {
      id: 'dispose',
      label: '廃棄した',
      from: ['kept'],
      to: 'disposed',
      secondPerson: true,
      danger: true,
      fields: [
        {
          name: 'method',
          label: '方法',
          kind: 'choice',
          options: { shred: '裁断', dissolve: '溶解', destroy: '物理的な破壊' },
        },
        { name: 'disposedOn', label: '廃棄した日', kind: 'date' },
        { name: 'certificate', label: '廃棄の証明', kind: 'text', max: 60 },
      ],
      check({ values }, given) {
        const early = isKeptStill(values, day(given, 'disposedOn'));
        return enforced('media.location-register') && early ? 'before-keep-until' : undefined;
      },
    },
  ],
  due({ state, values }) {
    const back = day(values, 'backBy');
    if (state === 'out' && back) return { on: back, what: '返却を受ける' };
    const keep = day(values, 'keepUntil');
    return state === 'kept' && keep ? { on: addOpenDays(keep, 20), what: '保存期限を過ぎたので廃棄する' } : undefined;
  },
};

/** 在庫照合. What stands in the register for a place is compared with what lies there. */
export const stockTakings: RegisterDefinition = {
  id: 'stock-taking',
  group: 'storage',
  title: { ja: '在庫照合', en: 'Stock-taking' },
  purpose: '保管場所ごとに台帳と現物を数え合わせる',
  mark: '照合',
  heading: (v) => `${v.period}`,
  fields: [
    { name: 'place', label: '保管場所', kind: 'ref', register: 'place' },
    { name: 'period', label: '対象の期間', hint: '例：2026-06 第1週', kind: 'text', max: 40 },
    { name: 'dueOn', label: '期限', kind: 'date' },
    { name: 'expected', label: '台帳の数', kind: 'count' },
  ],
  initial: 'due',
  states: {
    due: { label: '未実施', tone: 'warning', open: true },
    done: { label: '一致', tone: 'done', open: false },
    explained: { label: '差あり・説明済み', tone: 'info', open: false },
  },
  steps: [
    {
      id: 'agree',
      label: '数えた',
      from: ['due'],
      to: 'done',
      fields: [
        { name: 'counted', label: '現物の数', kind: 'count' },
        { name: 'countedOn', label: '数えた日', kind: 'date' },
      ],
      check: ({ values }, given) =>
        enforced('media.stock-taking') && count(given, 'counted') !== count(values, 'expected')
          ? 'difference-unexplained'
          : undefined,
    },
    {
      id: 'explain',
      label: '差を説明して終える',
      from: ['due'],
      to: 'explained',
      secondPerson: true,
      fields: [
        { name: 'counted', label: '現物の数', kind: 'count' },
        { name: 'countedOn', label: '数えた日', kind: 'date' },
        { name: 'explanation', label: '差の理由と対応', kind: 'lines', max: 1000 },
      ],
    },
  ],
  due({ state, values }) {
    const on = day(values, 'dueOn');
    return state === 'due' && on ? { on, what: '数え合わせる' } : undefined;
  },
};

/** 送付記録. */
export const dispatches: RegisterDefinition = {
  id: 'dispatch',
  group: 'storage',
  title: { ja: '送付・引渡し', en: 'Dispatches' },
  purpose: '文書・媒体の送付と受領の確認',
  mark: '送付',
  heading: (v) => `${v.recipient} ${v.content}`,
  fields: [
    { name: 'recipient', label: '送付先', kind: 'text', max: 100 },
    { name: 'content', label: '内容', hint: '本人の氏名や番号は書かない', kind: 'text', max: 100 },
    { name: 'pieces', label: '数', kind: 'count' },
    {
      name: 'method',
      label: '方法',
      kind: 'choice',
      options: { hand: '職員が手渡し', tracked: '追跡できる郵便', bag: '交換便' },
    },
    { name: 'tracking', label: '引受番号・袋番号', kind: 'text', max: 40, required: false },
    { name: 'sentOn', label: '送った日', kind: 'date' },
    { name: 'checkedBy', label: '宛先・封入を確かめた二人目', kind: 'text', max: 60 },
  ],
  initial: 'sent',
  states: {
    sent: { label: '受領待ち', tone: 'warning', open: true },
    received: { label: '受領', tone: 'done', open: false },
    lost: { label: '不達', tone: 'error', open: false },
  },
  steps: [
    {
      id: 'receive',
      label: '受領を確認した',
      from: ['sent'],
      to: 'received',
      fields: [
        { name: 'receivedOn', label: '受領の日', kind: 'date' },
        { name: 'receivedPieces', label: '受領した数', kind: 'count' },
      ],
      check: ({ values }, given) =>
        count(given, 'receivedPieces') === count(values, 'pieces') ? undefined : 'difference-unexplained',
    },
    {
      id: 'lose',
      label: '届かなかった',
      from: ['sent'],
      to: 'lost',
      danger: true,
      fields: [{ name: 'incident', label: '事故の記録', kind: 'ref', register: 'incident' }],
    },
  ],
  due({ state, values }) {
    const sent = day(values, 'sentOn');
    if (state !== 'sent' || !sent) return undefined;
    // What goes from hand to hand is received on the day; what the post carries takes its days.
    const on = values.method === 'tracked' ? addOpenDays(sent, 5) : sent;
    return { on, what: `受領を確かめる（送付${values.pieces}、受領の記録なし）` };
  },
};
