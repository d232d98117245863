import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import {
  count,
  day,
  type Entry,
  isKeptStill,
  type RegisterDefinition,
  type RegisterField,
  type Values,
} from '../register.ts';

const purposes = { reading: '閲覧', check: '点検', disposal: '廃棄' } as const;

/** What is read at every hand-over: the bar code (the number of the entry), the seal, the slip and how many boxes it names. */
const slipFields = (of: 'sent' | 'received' | 'back'): readonly RegisterField[] => [
  { name: `${of}Slip`, label: of === 'received' ? '受領証の番号' : '送り状の番号', kind: 'text', max: 40 },
  { name: `${of}Scanned`, label: '読み取った箱のバーコード', kind: 'text', max: 40 },
  { name: `${of}Seal`, label: '封印番号', kind: 'text', max: 40 },
  { name: `${of}Boxes`, label: of === 'received' ? '受領証の箱数' : '送り状の箱数', kind: 'count' },
  { name: `${of}On`, label: of === 'sent' ? '引き渡した日' : '受け取った日', kind: 'date' },
];

/** Another box, an opened one, or another number than the slip says. */
function faultOf(entry: Entry, given: Values, of: 'received' | 'back', boxes: number | undefined) {
  if (given[`${of}Scanned`] !== entry.label) return 'wrong-box';
  if (given[`${of}Seal`] !== entry.values.seal) return 'seal-differs';
  return boxes !== undefined && count(given, `${of}Boxes`) !== boxes ? 'box-count-differs' : undefined;
}

/**
 * 文書箱. The storage contractor knows a box by its bar code, its way in and out and its term; what is in it stands in the office's own
 * list and never here. A box moves with slip, count, seal, an identified collector, and a receipt.
 */
export const boxes: RegisterDefinition = {
  id: 'box',
  group: 'storage',
  title: { ja: '文書箱', en: 'Boxes' },
  purpose: '外部倉庫に預ける文書箱の入出庫、所在、保存期限。台帳番号が箱のバーコードになる。中身は書かない',
  mark: '箱',
  heading: (v) => `封印 ${v.seal}`,
  fields: [
    { name: 'contract', label: '保管の委託契約', kind: 'ref', register: 'contract' },
    { name: 'seal', label: '封印番号', kind: 'text', max: 40 },
    { name: 'list', label: '収納文書一覧の文書番号', hint: '一覧そのものは所管課で保管する', kind: 'text', max: 60 },
    { name: 'keepUntil', label: '保存期限', kind: 'date' },
  ],
  initial: 'packed',
  states: {
    packed: { label: '庁内', tone: 'info', open: true },
    sent: { label: '引渡し済み・受領待ち', tone: 'warning', open: true },
    stored: { label: '倉庫に保管', tone: 'done', open: true },
    requested: { label: '取出し依頼中', tone: 'warning', open: true },
    opened: { label: '封印の異常', tone: 'error', open: false },
    disposed: { label: '廃棄済み', tone: 'plain', open: false },
  },
  steps: [
    {
      id: 'send',
      label: '集荷人に引き渡した',
      from: ['packed'],
      to: 'sent',
      fields: [
        { name: 'collector', label: '集荷人（従事者名簿）', kind: 'ref', register: 'worker' },
        { name: 'identity', label: '確かめた身分証', kind: 'text', max: 40 },
        ...slipFields('sent'),
      ],
      check(entry, given, { target }) {
        const [contract, collector] = [target('contract'), target('collector')];
        if (!enforced('media.box-register')) return undefined;
        if (contract?.state !== 'active') return 'contract-not-active';
        // Somebody admitted under this very contract, whose papers were seen: no other hands take a box.
        if (collector?.state !== 'admitted' || collector.values.contract !== contract.entryId)
          return 'collector-unknown';
        if (given.sentScanned !== entry.label) return 'wrong-box';
        return given.sentSeal === entry.values.seal ? undefined : 'seal-differs';
      },
    },
    {
      id: 'receive',
      label: '倉庫の受領証を登録する',
      from: ['sent'],
      to: 'stored',
      fields: [...slipFields('received'), { name: 'shelf', label: '棚番号', kind: 'text', max: 40 }],
      check: (entry, given) =>
        enforced('media.box-register')
          ? faultOf(entry, given, 'received', count(entry.values, 'sentBoxes'))
          : undefined,
    },
    {
      id: 'request',
      label: '取出しを依頼する',
      from: ['stored'],
      to: 'requested',
      secondPerson: true,
      fields: [
        { name: 'requestDocument', label: '依頼書の番号', kind: 'text', max: 40 },
        { name: 'requestedFor', label: '目的', kind: 'choice', options: purposes },
        { name: 'requestedOn', label: '依頼した日', kind: 'date' },
      ],
      check({ values }, given) {
        const early = given.requestedFor === 'disposal' && isKeptStill(values, day(given, 'requestedOn'));
        return enforced('media.box-register') && early ? 'before-keep-until' : undefined;
      },
    },
    {
      id: 'take-back',
      label: '箱を受け取った',
      from: ['requested'],
      to: 'packed',
      fields: slipFields('back'),
      check: (entry, given) => (enforced('media.box-register') ? faultOf(entry, given, 'back', undefined) : undefined),
    },
    {
      id: 'dispose',
      label: '廃棄した',
      from: ['packed'],
      to: 'disposed',
      secondPerson: true,
      danger: true,
      fields: [
        { name: 'method', label: '方法', kind: 'choice', options: { shred: '裁断', dissolve: '溶解' } },
        { name: 'disposedOn', label: '廃棄した日', kind: 'date' },
        { name: 'certificate', label: '廃棄の証明', kind: 'text', max: 60 },
      ],
      check({ values }, given) {
        if (isKeptStill(values, day(given, 'disposedOn'))) return 'before-keep-until';
        // A box that was out is asked back for this, and has come back.
        const wasOut = values.sentOn !== undefined;
        return enforced('media.box-register') && wasOut && values.requestedFor !== 'disposal'
          ? 'not-retrieved'
          : undefined;
      },
    },
    {
      id: 'report-opened',
      label: '封印の異常を記録する',
      from: ['sent', 'stored', 'requested'],
      to: 'opened',
      danger: true,
      fields: [{ name: 'incident', label: '事故の記録', kind: 'ref', register: 'incident' }],
    },
  ],
  due({ state, values }) {
    const [sent, requested, keep] = [day(values, 'sentOn'), day(values, 'requestedOn'), day(values, 'keepUntil')];
    if (state === 'sent' && sent) return { on: addOpenDays(sent, 3), what: '倉庫の受領証を登録する' };
    if (state === 'requested' && requested) return { on: addOpenDays(requested, 5), what: '箱を受け取る' };
    const kept = state === 'packed' || state === 'stored';
    return kept && keep ? { on: addOpenDays(keep, 20), what: '保存期限を過ぎたので取り出して廃棄する' } : undefined;
  },
};
