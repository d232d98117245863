import type { Actor } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html } from '@musubi/kernel/pages/html.ts';
import { type BatchRun, batchRun, refreshOf } from '@musubi/kernel/pages/kit/batch-run.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FaultLine, type IntakeLine, readFaults, readIntakes } from '../service/intake/read-intakes.ts';
import { takeInUseCases } from '../service/intake/take-in.ts';
import { documentKinds, faultText, intakeStates, refusalText, runWhy } from './intake-texts.ts';

/** What the pages start besides use cases: the ways to the portal that `main.ts` holds. */
export interface IntakeWork {
  /** Fetches what waits at the portal; the records are taken in behind the page. */
  fetchNow(actor: Actor): Promise<Result<{ readonly received: number; readonly faults: readonly string[] }, string>>;
  /** Goes on with a run that stopped, behind the page. */
  resume(actor: Actor, intakeId: string): void;
}

const reading = ['resident-tax', 'intake', 'read'] as const;
const updating = ['resident-tax', 'intake', 'update'] as const;

const list: WorkListDefinition<IntakeLine> = {
  caption: '課税資料の受領一覧',
  emptyText: '受領したファイルはありません。',
  defaultSort: { key: 'reception', direction: 'desc' },
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: Object.entries(intakeStates).map(([value, [label]]) => ({ value, label })),
    },
    {
      kind: 'select',
      name: 'kind',
      label: '資料の種類',
      options: Object.entries(documentKinds).map(([value, label]) => ({ value, label })),
    },
    {
      kind: 'select',
      name: 'year',
      label: '年分',
      options: Array.from({ length: 8 }, (_, i) => ({ value: `${2027 - i}`, label: `令和${2027 - i - 2018}年分` })),
    },
  ],
  columns: [
    {
      key: 'reception',
      label: '受付番号',
      sortable: true,
      heading: true,
      cell: (r) => html`<a href="/intakes/${r.deliveryId}">${r.receptionNumber}</a>`,
    },
    { key: 'kind', label: '資料の種類', cell: (r) => documentKinds[r.procedure] },
    { key: 'payer', label: '提出者', cell: (r) => r.payerName },
    { key: 'year', label: '年分', cell: (r) => `令和${r.incomeYear - 2018}年分` },
    { key: 'state', label: '状態', cell: (r) => badge(...intakeStates[r.state]) },
    { key: 'records', label: '受付件数', align: 'end', cell: (r) => grouped(r.announced) },
    { key: 'accepted', label: '受入', align: 'end', cell: (r) => (r.accepted === null ? '―' : grouped(r.accepted)) },
    { key: 'rejected', label: '不受理', align: 'end', cell: (r) => (r.rejected === null ? '―' : grouped(r.rejected)) },
    { key: 'answered', label: '結果の返信', cell: (r) => (r.acknowledged ? '済' : '未') },
  ],
};

const rules = [
  ...['C01', 'C03', 'W02', 'W03', 'W04', 'W05', 'W06', 'W07', 'W08', 'W09', 'W10'],
  ...['K02', 'K03', 'K04', 'K06', 'D01', 'D02', 'D03'],
];

const faultList: WorkListDefinition<FaultLine> = {
  caption: 'リジェクト一覧',
  emptyText: '不受理や注意のある行はありません。',
  defaultSort: { key: 'row', direction: 'asc' },
  filters: [
    {
      kind: 'select',
      name: 'severity',
      label: '区分',
      options: [
        { value: 'reject', label: '不受理' },
        { value: 'warning', label: '注意' },
      ],
    },
    {
      kind: 'select',
      name: 'rule',
      label: '規則',
      options: rules.map((value) => ({ value, label: value })),
    },
  ],
  columns: [
    { key: 'row', label: '行番号', align: 'end', heading: true, cell: (f) => grouped(f.rowNumber) },
    {
      key: 'severity',
      label: '区分',
      cell: (f) => (f.severity === 'reject' ? badge('不受理', 'error') : badge('注意', 'warning')),
    },
    { key: 'rule', label: '規則', cell: (f) => f.rule },
    { key: 'column', label: '項目番号', align: 'end', cell: (f) => f.columnNumber ?? '―' },
    { key: 'field', label: '項目', cell: (f) => f.field ?? 'レコード全体' },
    { key: 'what', label: '内容', cell: (f) => faultText(f.word) },
  ],
};

/** 受領一覧, 取込バッチ, リジェクト一覧. */
export function registerIntakePages(app: PageApp, deps: Deps, work: IntakeWork): void {
  page(app, 'GET', '/intakes', reading, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await readIntakes(deps, p.session.actor, {
      state: query.filters.state ?? null,
      procedure: query.filters.kind ?? null,
      incomeYear: query.filters.year === undefined ? null : Number(query.filters.year),
      ascending: query.sort.direction === 'asc',
      limit: query.size,
      offset: query.offset,
    });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, total, awaited, awaitedTotal } = found.value;
    const gap =
      awaitedTotal > 0 &&
      notice(
        'warning',
        `未取込の受付が${grouped(awaitedTotal)}件あります`,
        html`<ul>${awaited.map((r) => html`<li>受付番号 ${r.receptionNumber}（${grouped(r.announced)}件）</li>`)}</ul><p>未取込の受付がある間は、賦課の計算を始められません。</p>`,
      );
    const fetchButton =
      (await p.may(updating)) && post(p.session, '/intakes/fetch', 'eLTAXから受け取る', 'button button-primary');
    return p.view(
      { title: '課税資料の受領一覧', gloss: 'Tax documents received', actions: fetchButton },
      html`<div class="stack">${gap}${workList(list, { path: p.path, query, rows, total })}</div>`,
    );
  });

  page(app, 'POST', '/intakes/fetch', updating, async (p) => {
    const done = await work.fetchNow(p.session.actor);
    if (!done.ok) return p.redirect('/intakes', { kind: 'error', text: `受け取れませんでした（${done.error}）。` });
    const { received, faults } = done.value;
    return p.redirect(
      '/intakes',
      faults.length > 0
        ? { kind: 'warning', text: `${received}件を受け取りました。受け取れなかった配信が${faults.length}件あります。` }
        : {
            kind: 'done',
            text: received === 0 ? '新しい配信はありません。' : `${received}件を受け取りました。取込を始めます。`,
          },
    );
  });

  page(app, 'GET', '/intakes/:deliveryId', reading, async (p) => {
    const line = await lineOf(deps, p.session.actor, p.param('deliveryId'));
    if (line === undefined) return p.problem('not-found');
    const run = await runOf(deps, p.session, line, p.path);
    return p.view(
      {
        title: `受付 ${line.receptionNumber}`,
        gloss: 'Intake of one file',
        breadcrumbs: [{ label: '課税資料の受領一覧', href: '/intakes' }],
        ...(run === undefined ? {} : refreshOf(run)),
      },
      html`<div class="stack">${line.refusal !== null && notice('error', 'ファイル全体を返戻しました', refusalText(line.refusal))}
${run?.state === 'failed' && notice('error', '取込が止まっています', run.why === undefined ? '' : runWhy(run.why))}
<section aria-labelledby="file">${sectionTitle('ファイル', 'File', 'file')}${facts([
        { label: '資料の種類', value: documentKinds[line.procedure] },
        { label: '提出者', value: line.payerName },
        { label: '年分', value: `令和${line.incomeYear - 2018}年分` },
        { label: '受付件数', value: `${grouped(line.announced)}件` },
        { label: '状態', value: badge(...intakeStates[line.state]) },
        { label: '受領した日', value: line.receivedOn },
        { label: '結果の返信', value: line.acknowledged ? '済' : '未' },
      ])}</section>${run === undefined ? html`<p>取込はまだ始まっていません。</p>` : batchRun(run)}
${line.intakeId !== null && html`<p><a href="/intakes/${line.deliveryId}/faults">リジェクト一覧（不受理と注意）</a>　<a href="/matching">突合作業一覧</a></p>`}</div>`,
    );
  });

  page(app, 'POST', '/intakes/:deliveryId/stop', updating, async (p) => {
    const line = await lineOf(deps, p.session.actor, p.param('deliveryId'));
    if (line?.runId == null) return p.problem('not-found');
    const stopped = await takeInUseCases.stop(deps, p.session.actor, { runId: line.runId });
    return p.redirect(
      `/intakes/${line.deliveryId}`,
      stopped.ok
        ? { kind: 'done', text: '停止を受け付けました。' }
        : { kind: 'warning', text: '実行中ではありません。' },
    );
  });

  page(app, 'POST', '/intakes/:deliveryId/resume', updating, async (p) => {
    const line = await lineOf(deps, p.session.actor, p.param('deliveryId'));
    if (line?.intakeId == null) return p.problem('not-found');
    work.resume(p.session.actor, line.intakeId);
    return p.redirect(`/intakes/${line.deliveryId}`, { kind: 'done', text: '続きから再開しました。' });
  });

  page(app, 'GET', '/intakes/:deliveryId/faults', reading, async (p) => {
    const line = await lineOf(deps, p.session.actor, p.param('deliveryId'));
    if (line?.intakeId == null) return p.problem('not-found');
    const query = readListQuery(faultList, p.query);
    const found = await readFaults(deps, p.session.actor, {
      intakeId: line.intakeId,
      severity: query.filters.severity ?? null,
      rule: query.filters.rule ?? null,
      limit: query.size,
      offset: query.offset,
    });
    if (!found.ok) return p.problem('not-found');
    return p.view(
      {
        title: 'リジェクト一覧',
        gloss: 'Rejected records and warnings',
        breadcrumbs: [
          { label: '課税資料の受領一覧', href: '/intakes' },
          { label: `受付 ${line.receptionNumber}`, href: `/intakes/${line.deliveryId}` },
        ],
        actions: html`<a class="button" href="/intakes/${line.deliveryId}/faults.csv">CSVで保存する</a>`,
      },
      workList(faultList, { path: p.path, query, rows: found.value.rows, total: found.value.total }),
    );
  });

  page(app, 'GET', '/intakes/:deliveryId/faults.csv', reading, async (p) => {
    const line = await lineOf(deps, p.session.actor, p.param('deliveryId'));
    if (line?.intakeId == null) return p.problem('not-found');
    const all = { intakeId: line.intakeId, severity: null, rule: null, limit: 1_000_000, offset: 0 };
    const found = await readFaults(deps, p.session.actor, all);
    if (!found.ok) return p.problem('not-found');
    const name = `reject-${line.receptionNumber}.csv`;
    return p.file(Buffer.from(csvOf(found.value.rows)), { type: 'text/csv; charset=utf-8', name, inline: false });
  });
}

/** With a byte order mark, because spreadsheets take UTF-8 for CP932 without one. Places and rules only. */
const csvOf = (rows: readonly FaultLine[]): string =>
  `\ufeff${[
    ['行番号', '区分', '規則', '項目番号', '項目', '内容'],
    ...rows.map((f) => [
      f.rowNumber,
      f.severity === 'reject' ? '不受理' : '注意',
      f.rule,
      f.columnNumber ?? '',
      f.field ?? '',
      faultText(f.word),
    ]),
  ]
    .map((cells) => cells.map((cell) => `"${`${cell}`.replaceAll('"', '""')}"`).join(','))
    .join('\r\n')}\r\n`;

async function lineOf(deps: Deps, actor: Actor, deliveryId: string): Promise<IntakeLine | undefined> {
  if (!isUuid(deliveryId)) return undefined;
  const found = await readIntakes(deps, actor, {
    state: null,
    incomeYear: null,
    deliveryId,
    ascending: false,
    limit: 1,
    offset: 0,
  });
  return found.ok ? found.value.rows[0] : undefined;
}

async function runOf(
  deps: Deps,
  session: PageSession,
  line: IntakeLine,
  path: string,
): Promise<(BatchRun & { readonly why: string | undefined }) | undefined> {
  if (line.runId === null) return undefined;
  const progress = await takeInUseCases.progress(deps, session.actor, { runId: line.runId });
  const run = progress.ok ? progress.value : undefined;
  if (run === undefined || line.state === 'refused') return undefined;
  const [step] = run.steps;
  const state = run.state === 'queued' ? 'waiting' : run.state === 'blocked' ? 'failed' : run.state;
  return {
    name: `${documentKinds[line.procedure]}の取込`,
    why: run.why,
    state,
    steps: [{ label: '取込と突合', state: step?.finished ? 'done' : state === 'failed' ? 'failed' : 'running' }],
    total: step?.total ?? line.announced,
    accepted: step?.out ?? 0,
    rejected: step?.rejected ?? 0,
    ...(step?.secondsLeft === undefined ? {} : { secondsLeft: step.secondsLeft }),
    rejectsHref: `/intakes/${line.deliveryId}/faults`,
    path,
    session,
    stopAction: `/intakes/${line.deliveryId}/stop`,
    resumeAction: `/intakes/${line.deliveryId}/resume`,
  };
}

const post = (session: PageSession, action: string, label: string, look: string) =>
  html`<form method="post" action="${action}">${tokenField(session)}<button class="${look}" type="submit">${label}</button></form>`;
