import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { day, type Entry, isAfter, type RegisterDefinition, type Values } from '../register.ts';

const methods = { shred: '破砕', crush: '圧壊・穿孔', melt: '溶融' } as const;

/** Serial numbers as they stand on the disks, one a line; the same in any order, case and width is one. */
export const serialsOf = (values: Values, field = 'serials'): ReadonlySet<string> =>
  new Set(
    (values[field] ?? '')
      .normalize('NFKC')
      .split('\n')
      .map((line) => line.trim().toUpperCase())
      .filter((line) => line !== ''),
  );

/** Disks of an exchange for which no certificate says that they were destroyed before a witness of ours. */
export function undestroyed(exchange: Pick<Entry, 'values'>, certificates: readonly Entry[]): ReadonlySet<string> {
  const proved = certificates.filter((c) => c.state === 'confirmed').flatMap((c) => [...serialsOf(c.values)]);
  return serialsOf(exchange.values).difference(new Set(proved));
}

/**
 * 記憶装置の交換・撤去: each disk that left a machine, by its serial, until somebody of ours saw it destroyed. Erasing by software is no
 * method here: a formatted disk can be read.
 */
export const diskExchanges: RegisterDefinition = {
  id: 'disk-exchange',
  group: 'storage',
  title: { ja: '記憶装置の交換・撤去', en: 'Exchanged disks' },
  purpose: '機器から外した記憶装置を一台ずつ、物理的に破壊したことを確かめるまで管理する',
  mark: '装置',
  heading: (v) => `${v.equipment}`,
  fields: [
    { name: 'equipment', label: '機器', hint: '資産番号・設置場所', kind: 'text', max: 100 },
    {
      name: 'reason',
      label: '理由',
      kind: 'choice',
      options: { failure: '故障による交換', lease: '賃貸借の終了', replacement: '更新' },
    },
    {
      name: 'serials',
      label: '外した記憶装置のシリアル番号',
      hint: '一行に一台。装置の表示から読み取る',
      kind: 'lines',
      max: 4_000,
    },
    { name: 'removedOn', label: '外した日', kind: 'date' },
    { name: 'carrier', label: '引き渡した先と受領証の番号', kind: 'text', max: 100 },
    { name: 'certifyBy', label: '破壊証明の期限', kind: 'date' },
  ],
  initial: 'out',
  states: {
    out: { label: '破壊証明待ち', tone: 'warning', open: true },
    closed: { label: '全台の破壊を確認', tone: 'done', open: false },
  },
  reads: [{ register: 'destruction-certificate', field: 'exchange' }],
  lacking: {
    title: '完了できない理由',
    items({ state, values }, naming) {
      const left = undestroyed({ values }, naming('destruction-certificate'));
      return state === 'closed' || left.size === 0
        ? []
        : [`破壊証明のない媒体 ${left.size}（${[...left].join('、')}）　担当：セキュリティ責任者`];
    },
  },
  check(values, { today }) {
    const [removed, by] = [day(values, 'removedOn'), day(values, 'certifyBy')];
    if (serialsOf(values).size === 0) return 'serials-missing';
    if (removed && isAfter(removed, today)) return 'in-the-future';
    return removed && by && isAfter(removed, by) ? 'dates-reversed' : undefined;
  },
  steps: [
    {
      id: 'close',
      label: '全台の破壊を確かめて完了する',
      from: ['out'],
      to: 'closed',
      secondPerson: true,
      fields: [{ name: 'closingDocument', label: '完了報告の文書番号', kind: 'text', max: 60 }],
      check: (entry, _given, { naming }) =>
        enforced('media.disposal') && undestroyed(entry, naming('destruction-certificate')).size > 0
          ? 'media-undestroyed'
          : undefined,
    },
  ],
  due({ state, values }) {
    const by = day(values, 'certifyBy');
    return state === 'out' && by
      ? { on: by, what: `破壊証明をそろえる（外した媒体 ${serialsOf(values).size}、セキュリティ責任者）` }
      : undefined;
  },
};

/** 破壊証明書: which disks were destroyed, how, and who of ours stood by. Counts once a second person held it against the report. */
export const destructionCertificates: RegisterDefinition = {
  id: 'destruction-certificate',
  group: 'storage',
  title: { ja: '記憶装置の破壊証明', en: 'Certificates of destruction' },
  purpose: '記憶装置を破壊した証明書。立ち会った職員が、シリアル番号を一台ずつ確かめる',
  mark: '破壊',
  heading: (v) => `${v.certificate}`,
  fields: [
    { name: 'exchange', label: '記憶装置の交換・撤去', kind: 'ref', register: 'disk-exchange' },
    { name: 'certificate', label: '証明書の文書番号', kind: 'text', max: 60 },
    { name: 'serials', label: '破壊した装置のシリアル番号', hint: '一行に一台', kind: 'lines', max: 4_000 },
    { name: 'method', label: '方法', kind: 'choice', options: methods },
    { name: 'destroyedOn', label: '破壊した日', kind: 'date' },
    { name: 'destroyedBy', label: '破壊した者', kind: 'text', max: 60 },
    { name: 'witness', label: '立ち会った職員', hint: '破壊した者と別の、団体の職員', kind: 'text', max: 60 },
  ],
  initial: 'received',
  states: {
    received: { label: '確認待ち', tone: 'warning', open: true },
    confirmed: { label: '確認済み', tone: 'done', open: false },
  },
  correctedState: 'received',
  check(values, { today, target }) {
    const exchange = target('exchange');
    const [destroyed, removed] = [day(values, 'destroyedOn'), exchange && day(exchange.values, 'removedOn')];
    if (destroyed && isAfter(destroyed, today)) return 'in-the-future';
    if (destroyed && removed && isAfter(removed, destroyed)) return 'dates-reversed';
    if (values.witness === values.destroyedBy) return 'witness-missing';
    // A serial that never left the machine is no disk of this exchange: mistyped, or another's.
    return exchange && !serialsOf(values).isSubsetOf(serialsOf(exchange.values)) ? 'serial-unknown' : undefined;
  },
  steps: [
    {
      id: 'confirm',
      label: '写真・立会いの記録と照らして確かめた',
      from: ['received'],
      to: 'confirmed',
      secondPerson: true,
      fields: [{ name: 'confirmedDocument', label: '立会いの記録の文書番号', kind: 'text', max: 60 }],
    },
  ],
  due: ({ state, openedOn }) =>
    state === 'received'
      ? { on: Temporal.PlainDate.from(openedOn).add({ days: 7 }), what: '証明書と立会いの記録を照らす' }
      : undefined,
};
