import { addOpenDays } from '@musubi/kernel/calendar/open-days.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { bindNotices, type NoticePart } from '@musubi/kernel/records/bind-notice.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { count, day, type RegisterDefinition, type Values } from '../register.ts';
import { linesOf } from './assurance.ts';

const address = /^[^\s@<>,;:"]+@[^\s@<>,;:"]+\.[^\s@<>,;:"]+$/;

export interface OutgoingMessage {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/** `受付番号 宛先` or `受付番号 本文`: the number binds the two, not the line on which they stand. */
const numbered = (lines: readonly string[]): NoticePart<string>[] =>
  lines.map((line) => {
    const [of = '', ...rest] = line.split(/[ \t　]+/);
    return { of, value: rest.join(' ') };
  });

/**
 * What goes out of a released notice: a message for each addressee, in which nobody else's address stands. Where each gets a text
 * of their own (処理完了の通知), address and text are bound by the number of the case.
 */
export function messagesOf(values: Values): Result<readonly OutgoingMessage[], 'not-bound'> {
  const subject = values.subject ?? '';
  const own = linesOf(values.individual);
  if (own.length > 0) {
    const bound = bindNotices(numbered(linesOf(values.addressees)), numbered(own));
    if (!bound.ok) return err('not-bound');
    return ok(
      bound.value.map(({ recordId, addressee, content }) => ({
        to: addressee,
        subject,
        body: `受付番号 ${recordId}\n${content}\n\n${values.body ?? ''}`,
      })),
    );
  }
  const to = linesOf(values.addressees);
  const said = { subject, body: values.body ?? '' };
  return ok(
    enforced('dispatch.one-per-addressee') ? to.map((one) => ({ to: one, ...said })) : [{ to: to.join(', '), ...said }],
  );
}

/** Addresses as they stand behind the numbers, or alone. */
const addressesOf = (values: Values): readonly string[] =>
  linesOf(values.individual).length > 0
    ? numbered(linesOf(values.addressees)).map((a) => a.value)
    : linesOf(values.addressees);

/** 一斉通知・公表. Released only after another person compared list and content, and exactly that content goes out. */
export const notices: RegisterDefinition = {
  id: 'notice',
  group: 'storage',
  title: { ja: '一斉通知・公表', en: 'Mass notices and publications' },
  purpose: '複数の宛先への通知・公表：宛先と内容の確認、照合、承認。宛先ごとに一通ずつ送る',
  mark: '通知',
  heading: (v) => `${v.subject}`,
  fields: [
    {
      name: 'kind',
      label: '種類',
      kind: 'choice',
      options: { mail: '電子メール', publication: '公表', letter: '文書' },
    },
    { name: 'subject', label: '件名', kind: 'text', max: 100 },
    { name: 'body', label: '本文', kind: 'lines', max: 10_000 },
    {
      name: 'addressees',
      label: '宛先',
      hint: '一行に一つ。電子メールのときはメールアドレス。個別の本文があるときは「受付番号 宛先」',
      kind: 'lines',
      max: 50_000,
    },
    {
      name: 'individual',
      label: '宛先ごとの本文',
      hint: '宛先ごとに内容が違うとき（処理完了の通知など）。一行に一つ「受付番号 本文」',
      kind: 'lines',
      max: 200_000,
      required: false,
    },
    {
      name: 'approvedDigest',
      label: '承認された原稿の照合値',
      hint: 'SHA-256',
      kind: 'text',
      max: 64,
      pattern: /^[0-9a-f]{64}$/,
      patternFault: '照合値は16進64桁です',
    },
    { name: 'plannedOn', label: '送る予定日', kind: 'date' },
  ],
  initial: 'drafted',
  correctedState: 'drafted',
  states: {
    drafted: { label: '確認待ち', tone: 'warning', open: true },
    checked: { label: '確認済み', tone: 'info', open: true },
    released: { label: '送付済み', tone: 'done', open: false },
    returned: { label: '差戻し', tone: 'plain', open: false },
  },
  check(v) {
    const to = addressesOf(v);
    if (new Set(to).size !== to.length) return 'addressee-twice';
    if (v.kind === 'mail' && to.some((one) => !address.test(one))) return 'not-an-address';
    return messagesOf(v).ok ? undefined : 'not-bound';
  },
  steps: [
    {
      id: 'check',
      label: '宛先と内容を確かめ、送るものを照合する',
      from: ['drafted'],
      to: 'checked',
      fields: [
        {
          name: 'outgoingDigest',
          label: '実際に送るものの照合値',
          kind: 'text',
          max: 64,
          pattern: /^[0-9a-f]{64}$/,
          patternFault: '照合値は16進64桁です',
        },
        { name: 'checkedOn', label: '確かめた日', kind: 'date' },
      ],
      check(entry, given, { by }) {
        const own = by === entry.openedBy || by === entry.lastChangedBy;
        if (enforced('dispatch.second-checker') && own) return 'second-person';
        const differs = given.outgoingDigest !== entry.values.approvedDigest;
        return enforced('dispatch.release-comparison') && differs ? 'content-differs' : undefined;
      },
    },
    {
      id: 'release',
      label: '宛先の種類と数を確かめて送る',
      from: ['checked'],
      to: 'released',
      fields: [
        {
          name: 'confirmedKind',
          label: '種類',
          kind: 'choice',
          options: { mail: '電子メール', publication: '公表', letter: '文書' },
        },
        { name: 'confirmedCount', label: '宛先の数', kind: 'count' },
        { name: 'confirmedFirst', label: '最初の宛先', kind: 'text', max: 200 },
      ],
      check({ values }, given) {
        const to = addressesOf(values);
        const exactly =
          given.confirmedKind === values.kind &&
          count(given, 'confirmedCount') === to.length &&
          given.confirmedFirst === to[0];
        return enforced('dispatch.confirmation') && !exactly ? 'confirmation-differs' : undefined;
      },
    },
    {
      id: 'return',
      label: '差し戻す',
      from: ['drafted', 'checked'],
      to: 'returned',
      fields: [{ name: 'reason', label: '理由', kind: 'text', max: 200 }],
    },
  ],
  due({ state, values }) {
    const planned = day(values, 'plannedOn');
    if (!planned) return undefined;
    if (state === 'drafted') return { on: planned, what: '宛先と内容を確かめる' };
    return state === 'checked' ? { on: planned, what: '送る' } : undefined;
  },
};

/** 発送. Printed, enclosed and posted agree, two people compared names and addresses, and the postal receipt was seen by both managers. */
export const lots: RegisterDefinition = {
  id: 'lot',
  group: 'storage',
  title: { ja: '発送', en: 'Dispatch lots' },
  purpose: '大量発送の予定と進み具合、件数の照合、郵便局の受領証',
  mark: '発送',
  heading: (v) => `${v.name}`,
  fields: [
    { name: 'name', label: '発送物', kind: 'text', max: 100 },
    { name: 'maker', label: '作成した係', kind: 'text', max: 60 },
    { name: 'pieces', label: '予定の通数', kind: 'count' },
    { name: 'printOn', label: '印刷の予定日', kind: 'date' },
    { name: 'postOn', label: '発送の予定日', kind: 'date' },
  ],
  initial: 'planned',
  correctedState: 'planned',
  states: {
    planned: { label: '予定', tone: 'warning', open: true },
    enclosed: { label: '封入済み', tone: 'info', open: true },
    compared: { label: '照合済み', tone: 'info', open: true },
    posted: { label: '発送済み・受領証確認中', tone: 'warning', open: true },
    closed: { label: '完了', tone: 'done', open: false },
  },
  check: (v) =>
    v.printOn !== undefined && v.postOn !== undefined && v.postOn < v.printOn ? 'dates-reversed' : undefined,
  steps: [
    {
      id: 'enclose',
      label: '印刷・封入した',
      from: ['planned'],
      to: 'enclosed',
      fields: [
        { name: 'printed', label: '印刷した数', kind: 'count' },
        { name: 'enclosed', label: '封入した数', kind: 'count' },
        { name: 'firstChecker', label: '宛名と住所を確かめた一人目', kind: 'text', max: 63 },
      ],
      check: ({ values }, given) =>
        enforced('dispatch.lot-counts') && (given.printed !== values.pieces || given.enclosed !== values.pieces)
          ? 'counts-differ'
          : undefined,
    },
    {
      id: 'compare',
      label: '宛名と住所を二人目が照合した',
      from: ['enclosed'],
      to: 'compared',
      fields: [{ name: 'secondChecker', label: '確かめた二人目', kind: 'text', max: 63 }],
      check: ({ values }, given) =>
        enforced('dispatch.lot-counts') && given.secondChecker === values.firstChecker ? 'second-person' : undefined,
    },
    {
      id: 'post',
      label: '発送した',
      from: ['compared'],
      to: 'posted',
      fields: [
        { name: 'posted', label: '発送した数', kind: 'count' },
        { name: 'postedOn', label: '発送した日', kind: 'date' },
        { name: 'receipt', label: '郵便局の受領証の番号', kind: 'text', max: 40 },
        { name: 'receiptPieces', label: '受領証の数', kind: 'count' },
      ],
      check: ({ values }, given) =>
        enforced('dispatch.lot-counts') && given.posted !== values.pieces ? 'counts-differ' : undefined,
    },
    {
      id: 'deputy',
      label: '受領証を課長代理が確かめた',
      from: ['posted'],
      to: 'posted',
      fields: [{ name: 'deputy', label: '課長代理の職員ID', kind: 'text', max: 63 }],
    },
    {
      id: 'close',
      label: '受領証を課長が確かめ、作成した係へ渡す',
      from: ['posted'],
      to: 'closed',
      fields: [
        { name: 'manager', label: '課長の職員ID', kind: 'text', max: 63 },
        { name: 'handedTo', label: '受領証を受け取った者', kind: 'text', max: 60 },
      ],
      check({ values }, given) {
        if (!enforced('dispatch.postal-receipt')) return undefined;
        const seen = values.deputy !== undefined && given.manager !== values.deputy;
        return seen && values.receiptPieces === values.posted ? undefined : 'receipt-unconfirmed';
      },
    },
  ],
  due({ state, values }) {
    if (!enforced('dispatch.progress')) return undefined;
    const [print, post] = [day(values, 'printOn'), day(values, 'postOn')];
    if (state === 'planned' && print) return { on: print, what: '印刷・封入する' };
    if ((state === 'enclosed' || state === 'compared') && post) return { on: post, what: '発送する' };
    const sent = day(values, 'postedOn');
    return state === 'posted' && sent ? { on: addOpenDays(sent, 2), what: '受領証を確かめる' } : undefined;
  },
};
