import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { type OtherBodiesDeps, outgoingApproval, outgoingRead } from '../service/other-bodies/functions.ts';
import { type IncomingNotice, readIncomingNotices } from '../service/other-bodies/incoming.ts';
import { decideOutgoing, type OutgoingLine, readOutgoing } from '../service/other-bodies/outgoing.ts';
import { outgoingKinds, outgoingSteps, refusalOf } from './other-bodies-texts.ts';

const entries = (record: Readonly<Record<string, string | readonly [string, ...unknown[]]>>) =>
  Object.entries(record).map(([value, text]) => ({ value, label: typeof text === 'string' ? text : text[0] }));

const list: WorkListDefinition<OutgoingLine> = {
  caption: '他団体への送付一覧',
  emptyText: '送付するものはありません。',
  defaultSort: { key: 'onDay', direction: 'desc' },
  filters: [
    { kind: 'select', name: 'kind', label: '種類', options: entries(outgoingKinds) },
    { kind: 'select', name: 'step', label: '状態', options: entries(outgoingSteps) },
  ],
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (r) => html`<a href="/outgoing/${r.outgoingId}">${r.name}</a>`,
    },
    { key: 'kind', label: '種類', cell: (r) => outgoingKinds[r.kind] },
    { key: 'year', label: '年度', cell: (r) => `令和${r.fiscalYear - 2018}年度` },
    { key: 'target', label: '送付先', cell: (r) => r.targetName },
    { key: 'step', label: '状態', cell: (r) => badge(...outgoingSteps[r.step]) },
    { key: 'onDay', label: '日付', cell: (r) => time(Temporal.PlainDate.from(r.onDay)) },
    { key: 'note', label: '備考', cell: (r) => r.note ?? '' },
  ],
};

const received: WorkListDefinition<IncomingNotice> = {
  caption: '届いた住登外課税通知',
  emptyText: '届いた通知はありません。',
  defaultSort: { key: 'receivedOn', direction: 'desc' },
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (r) => (r.personId === null ? r.name : html`<a href="/persons/${r.personId}">${r.name}</a>`),
    },
    { key: 'born', label: '生年月日', cell: (r) => time(Temporal.PlainDate.from(r.birthDate)) },
    { key: 'address', label: '住所', cell: (r) => r.address },
    { key: 'from', label: '課税した団体', cell: (r) => r.fromName },
    { key: 'year', label: '年度', cell: (r) => `令和${r.fiscalYear - 2018}年度` },
    { key: 'ground', label: '根拠', cell: (r) => r.ground },
    {
      key: 'person',
      label: '区の納税義務者',
      cell: (r) => (r.personId === null ? badge('特定できない', 'warning') : badge('特定済', 'done')),
    },
    { key: 'receivedOn', label: '受領日', cell: (r) => time(Temporal.PlainDate.from(r.receivedOn)) },
  ],
};

const decideFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '確認の結果',
    options: [
      { value: 'approved', label: '送付を承認する' },
      { value: 'withdrawn', label: '一覧から外す' },
    ],
  },
  { kind: 'lines', name: 'note', label: '理由（外すとき）', required: false, maxLength: 300 },
];

/** 他団体への送付一覧 with its approval, and notices that others sent. */
export function outgoingPages(app: PageApp, deps: OtherBodiesDeps): void {
  page(app, 'GET', '/outgoing', outgoingRead, async (p) => {
    const query = readListQuery(list, p.query);
    const { kind = null, step = null } = query.filters;
    const found = await readOutgoing(deps, p.session.actor, { kind, step, limit: query.size, offset: query.offset });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '他団体への送付一覧', gloss: 'What goes to other municipalities' },
      html`<div class="stack"><p><a href="/outgoing/received">届いた住登外課税通知</a></p>${workList(list, { path: p.path, query, ...found.value })}</div>`,
    );
  });
  page(app, 'GET', '/outgoing/received', outgoingRead, async (p) => {
    const query = readListQuery(received, p.query);
    const found = await readIncomingNotices(deps, p.session.actor, {
      personId: null,
      limit: query.size,
      offset: query.offset,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '届いた住登外課税通知',
        gloss: 'Levies that others notified',
        breadcrumbs: [{ label: '他団体への送付', href: '/outgoing' }],
      },
      workList(received, { path: p.path, query, ...found.value }),
    );
  });
  page(app, 'GET', '/outgoing/:outgoingId', outgoingRead, (p) => one(p));
  page(app, 'POST', '/outgoing/:outgoingId/decide', outgoingApproval, async (p) => {
    const outgoingId = p.param('outgoingId');
    if (!isUuid(outgoingId)) return p.problem('not-found');
    const read = readForm(decideFields, p.form);
    if (!read.ok) return one(p, Object.values(read.error.errors));
    const decision = read.value.texts.decision === 'approved' ? 'approved' : 'withdrawn';
    const done = await decideOutgoing(deps, p.session.actor, { outgoingId, decision, note: read.value.texts.note });
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    if (!done.ok) return one(p, [refusalOf(done.error)]);
    return p.redirect('/outgoing', {
      kind: 'done',
      text: decision === 'approved' ? '承認しました。次の送信で送られます。' : '一覧から外しました。',
    });
  });

  async function one(p: PageRequest, faults: readonly string[] = []): Promise<Response> {
    const outgoingId = p.param('outgoingId');
    if (!isUuid(outgoingId)) return p.problem('not-found');
    const found = await readOutgoing(deps, p.session.actor, {
      kind: null,
      step: null,
      outgoingId,
      limit: 1,
      offset: 0,
    });
    if (!found.ok) return p.problem('not-authorised');
    const [line] = found.value.rows;
    if (line === undefined) return p.problem('not-found');
    return p.view(
      {
        title: `${line.name}さん　${outgoingKinds[line.kind]}`,
        gloss: 'To another municipality',
        breadcrumbs: [{ label: '他団体への送付', href: '/outgoing' }],
        ...(faults.length > 0 ? { hasErrors: true, status: 409 } : {}),
      },
      html`<div class="stack">${faults.map((fault) => notice('error', '処理できません', fault))}<p>${badge(...outgoingSteps[line.step])}　${time(Temporal.PlainDate.from(line.onDay))}　${line.by}${line.note !== null && html`　${line.note}`}</p><dl class="facts"><dt>送付先</dt><dd>${line.targetName}</dd><dt>年度</dt><dd>令和${line.fiscalYear - 2018}年度</dd></dl><p>${line.reportId !== null ? html`<a href="/matching/${line.reportId}/elsewhere">資料と照会の経過</a>` : html`<a href="/persons/${line.personId}">個人の記録</a>`}</p>${line.step === 'listed' && (await p.may(outgoingApproval)) && form({ action: `/outgoing/${outgoingId}/decide`, session: p.session, fields: decideFields, submit: '確定する' })}</div>`,
    );
  }
}
