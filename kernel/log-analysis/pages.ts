import type { ActDeps } from '../db/act.ts';
import { isUuid, uuidPattern } from '../ids/uuid.ts';
import { type NavEntry, type PageApp, type PageRequest, page } from '../pages/app.ts';
import { html, time } from '../pages/html.ts';
import { type Field, type FormErrors, form, readForm } from '../pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import type { LogAnalysis } from './analysis.ts';
import { comparisons, type RuleId, rules, type Verdict, verdicts } from './rules.ts';
import type { CaseRow, LogLine } from './store.ts';

const instant = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
const kinds = { search: '検索', read: '閲覧', output: '出力' } as const;

const words: Readonly<Record<string, string>> = {
  'own-case': '自分の操作についての事案は、別の職員が判断します。',
  'already-judged': 'すでに判断されています。',
  'document-missing': '照らし合わせた申請書等の番号を入力してください。',
  'comparison-differs': '「業務上必要」とできるのは、申請書等と一致したときだけです。',
  'incident-missing': '不適正のときは、事故の記録の番号を入力してください。',
  'cases-open': '判断が済んでいない事案があります。',
  'already-signed': 'すでに署名されています。',
  'log-not-complete': '記録の番号付けが終わっていません。少し待ってからやり直してください。',
  'range-reversed': '終わりの時刻が始まりより前です。',
  'already-past': '期限が本日より前です。',
  'not-approved': '承認がないか、承認された内容と違います。',
  'approver-is-requester': '自分が申請したものは承認できません。',
};
const sentence = (word: string): string => words[word] ?? 'この操作はできません。';

const judgeFields: readonly Field[] = [
  { kind: 'text', name: 'document', label: '照らし合わせた申請書等の番号', maxLength: 60, required: false },
  {
    kind: 'radio',
    name: 'comparison',
    label: '突合の結果',
    options: Object.entries(comparisons).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'radio',
    name: 'verdict',
    label: '判断',
    options: Object.entries(verdicts).map(([value, label]) => ({ value, label })),
  },
  { kind: 'lines', name: 'note', label: '理由・聴き取りの内容', maxLength: 1000, rows: 3 },
  { kind: 'text', name: 'incident', label: '事故の記録の番号', hint: '不適正のとき', maxLength: 40, required: false },
];
const signFields: readonly Field[] = [{ kind: 'lines', name: 'note', label: '点検の所見', maxLength: 1000, rows: 3 }];
const momentPattern = /^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-2][0-9]:[0-5][0-9]$/;
const moment = (name: string, label: string): Field => ({
  kind: 'text',
  name,
  label,
  hint: '例：2026-06-01 09:00',
  width: 'short',
  pattern: momentPattern,
  patternFault: `${label}は「2026-06-01 09:00」の形で入力してください`,
});
const affectedFields: readonly Field[] = [
  { kind: 'text', name: 'incident', label: '事故の記録の番号', maxLength: 40 },
  moment('from', '始まり'),
  moment('until', '終わり'),
  { kind: 'text', name: 'staffId', label: '職員ID', maxLength: 63, required: false },
  { kind: 'text', name: 'terminalId', label: '端末番号', maxLength: 50, required: false },
];
const watchFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'subject',
    label: '対象者の内部番号',
    pattern: uuidPattern,
    patternFault: '内部番号の形式が正しくありません',
  },
  {
    kind: 'text',
    name: 'staffId',
    label: '職員ID',
    hint: '職員本人・同僚の記録のとき',
    maxLength: 63,
    required: false,
  },
  { kind: 'text', name: 'reason', label: '理由', maxLength: 200 },
  { kind: 'date', name: 'untilOn', label: '期限' },
];
const exportFields: readonly Field[] = [
  moment('from', '始まり'),
  moment('until', '終わり'),
  { kind: 'text', name: 'staffId', label: '職員ID', maxLength: 63, required: false },
  { kind: 'text', name: 'purpose', label: '目的', maxLength: 200 },
  {
    kind: 'text',
    name: 'approvalId',
    label: '承認番号',
    hint: '申請のときは空欄',
    required: false,
    pattern: uuidPattern,
    patternFault: '承認番号の形式が正しくありません',
  },
];
const tokyo = (text: string): Temporal.Instant | undefined => {
  try {
    return Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime('Asia/Tokyo').toInstant();
  } catch {
    return undefined;
  }
};

const verdictBadge = (v: Verdict | null) =>
  v === null
    ? badge('未判断', 'warning')
    : badge(verdicts[v], v === 'justified' ? 'done' : v === 'improper' ? 'error' : 'warning');

const caseList = (base: string): WorkListDefinition<CaseRow> => ({
  caption: '不審な利用の事案',
  filters: [
    {
      kind: 'select',
      name: 'rule',
      label: '規則',
      options: Object.entries(rules).map(([value, label]) => ({ value, label })),
    },
    { kind: 'text', name: 'staffId', label: '職員ID' },
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: [
        { value: 'open', label: '未判断' },
        { value: 'done', label: '判断済み' },
      ],
    },
  ],
  columns: [
    { key: 'day', label: '利用の日', cell: (c) => time(Temporal.PlainDate.from(c.localOn)) },
    {
      key: 'rule',
      label: '規則',
      heading: true,
      cell: (c) => html`<a href="${base}/cases/${c.caseId}">${rules[c.rule]}</a>`,
    },
    { key: 'staff', label: '職員ID', cell: (c) => c.staffId },
    { key: 'events', label: '操作', align: 'end', cell: (c) => `${c.events.length}` },
    { key: 'due', label: '判断の期限', cell: (c) => time(Temporal.PlainDate.from(c.dueOn)) },
    { key: 'verdict', label: '判断', cell: (c) => verdictBadge(c.verdict) },
  ],
  defaultSort: { key: 'due', direction: 'asc' },
  emptyText: '不審な利用は見つかっていません。',
});

const logList: WorkListDefinition<LogLine> = {
  caption: '操作の記録',
  filters: [
    { kind: 'text', name: 'staffId', label: '職員ID' },
    { kind: 'date', name: 'from', label: 'この日から' },
    { kind: 'date', name: 'until', label: 'この日まで' },
  ],
  columns: [
    { key: 'no', label: '番号', align: 'end', cell: (l) => `${l.leafIndex}` },
    { key: 'at', label: '日時', cell: (l) => time(instant(l.at)) },
    { key: 'who', label: '行った者', cell: (l) => l.who },
    { key: 'terminal', label: '端末', cell: (l) => l.terminalId },
    { key: 'act', label: '操作', heading: true, cell: (l) => l.act },
    {
      key: 'outcome',
      label: '結果',
      cell: (l) => (l.outcome === 'done' ? badge('実行', 'done') : html`${badge('拒否', 'error')} ${l.refusal}`),
    },
    { key: 'ground', label: '根拠', cell: (l) => l.ground },
  ],
  defaultSort: { key: 'no', direction: 'desc' },
};

/** Menu entries of the analysis, for the system's own menu. */
export const logAnalysisNav = (system: string): readonly NavEntry[] => [
  { label: 'ログ分析', href: '/log-analysis', right: [system, 'log-analysis', 'read'] },
  { label: '操作の記録', href: '/log', right: [system, 'log', 'read'] },
];

/** /log-analysis (cases, reviews, watched persons, affected persons) and /log (the log, its export). */
export function mountLogAnalysis(app: PageApp, deps: ActDeps, analysis: LogAnalysis): void {
  const base = '/log-analysis';
  const { system } = analysis;
  const work = [system, 'log-analysis', 'update'] as const;
  const read = [system, 'log-analysis', 'read'] as const;
  const sign = [system, 'log-review', 'update'] as const;
  const log = [system, 'log', 'read'] as const;
  const approve = [system, 'log-export', 'update'] as const;
  const crumbs = [{ label: 'ログ分析', href: base }];
  const list = caseList(base);

  page(app, 'GET', base, read, async (p) => {
    const query = readListQuery(list, p.query);
    const { rule = null, staffId = null, state } = query.filters;
    const found = await analysis.cases(deps, p.session.actor, {
      rule,
      staffId,
      open: state === undefined ? null : state === 'open',
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    const mayWork = await p.may(work);
    return p.view(
      {
        title: 'ログ分析',
        gloss: 'Unusual use',
        actions: html`<a class="button" href="${base}/reviews">定期点検</a>${mayWork && html`<a class="button" href="${base}/watched">注意対象者</a><a class="button" href="${base}/affected">影響範囲の抽出</a>`}`,
      },
      workList(list, { path: base, query, ...found.value }),
    );
  });

  const casePage = async (
    p: PageRequest,
    shown: { errors?: FormErrors; values?: Readonly<Record<string, string>> } = {},
  ) => {
    const id = p.param('id');
    const got = isUuid(id) ? await analysis.readCase(deps, p.session.actor, { caseId: id }) : undefined;
    if (!got?.ok) return p.problem('not-found');
    const { found, lines } = got.value;
    const mayJudge = found.verdict === null && (await p.may(work));
    return p.view(
      {
        title: rules[found.rule as RuleId],
        gloss: 'Case',
        breadcrumbs: crumbs,
        ...(shown.errors ? { hasErrors: true, status: 422 } : {}),
      },
      html`<div class="stack">${facts([
        { label: '職員ID', value: found.staffId },
        { label: '利用の日', value: time(Temporal.PlainDate.from(found.localOn)) },
        { label: '対象者の内部番号', value: found.subject },
        { label: '判断の期限', value: time(Temporal.PlainDate.from(found.dueOn)) },
        { label: '判断', value: verdictBadge(found.verdict) },
        ...(found.verdict === null
          ? []
          : [
              { label: '突合の結果', value: found.comparison && comparisons[found.comparison] },
              { label: '申請書等の番号', value: found.document },
              { label: '理由', value: found.note },
              { label: '事故の記録', value: found.incident },
              { label: '判断した者', value: `${found.decidedBy} ${found.decidedOn}` },
            ]),
      ])}
${sectionTitle('操作', 'Events')}<div class="table-scroll" tabindex="0" role="region" aria-label="操作の表"><table class="data-table"><caption class="visually-hidden">この事案の操作</caption>
<thead><tr><th scope="col">記録の番号</th><th scope="col">日時</th><th scope="col">操作</th><th scope="col">申請書等の番号</th><th scope="col">端末</th><th scope="col">対象者</th><th scope="col">結果</th></tr></thead>
<tbody>${lines.map(
        (l) =>
          html`<tr><th scope="row">${l.leafIndex}</th><td class="nowrap">${time(instant(l.at))}</td><td>${kinds[l.kind]}</td><td>${l.document ?? badge('なし', 'warning')}</td><td>${l.terminalId}</td><td class="num">${l.persons}</td><td>${l.refused ? badge('拒否', 'error') : badge('実行', 'done')}</td></tr>`,
      )}</tbody></table></div>
${mayJudge && form({ action: `${base}/cases/${found.caseId}`, session: p.session, fields: judgeFields, submit: '判断を記録する', cancelHref: base, ...shown })}</div>`,
    );
  };
  page(app, 'GET', `${base}/cases/:id`, read, (p) => casePage(p));
  page(app, 'POST', `${base}/cases/:id`, work, async (p) => {
    const given = readForm(judgeFields, p.form);
    if (!given.ok)
      return casePage(p, { errors: given.error.errors, values: given.error.values as Record<string, string> });
    const { document = '', comparison, verdict, note = '', incident } = given.value.texts;
    const id = p.param('id');
    if (!isUuid(id)) return p.problem('not-found');
    const done = await analysis.judge(deps, p.session.actor, {
      caseId: id,
      document,
      comparison: comparison as keyof typeof comparisons,
      verdict: verdict as Verdict,
      note,
      incident,
    });
    if (!done.ok) return casePage(p, { errors: { '': sentence(done.error) }, values: given.value.texts });
    return p.redirect(base, { kind: 'done', text: '判断を記録しました。' });
  });

  page(app, 'GET', `${base}/reviews`, read, async (p) => {
    const found = await analysis.reviews(deps, p.session.actor, { limit: 36 });
    if (!found.ok) return p.problem('not-authorised');
    const maySign = await p.may(sign);
    const today = deps.civilClock.today().toString();
    const current = found.value.find((r) => r.signedBy === null);
    return p.view(
      { title: 'ログの定期点検', gloss: 'Periodic review of the log', breadcrumbs: crumbs },
      html`<div class="stack">${
        found.value.length === 0
          ? html`<div class="empty"><p>点検はまだありません。</p></div>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="点検の表"><table class="data-table"><caption class="visually-hidden">定期点検の一覧</caption>
<thead><tr><th scope="col">対象</th><th scope="col">期限</th><th scope="col">利用</th><th scope="col">事案</th><th scope="col">未判断</th><th scope="col">不適正</th><th scope="col">署名</th></tr></thead>
<tbody>${found.value.map(
              (r) =>
                html`<tr><th scope="row">${r.fromOn}～${r.untilOn}</th><td>${r.dueOn}</td><td class="num">${r.uses}</td><td class="num">${r.cases}</td><td class="num">${r.open}</td><td class="num">${r.improper}</td><td>${r.signedBy ? `${r.signedBy} ${r.signedOn}` : r.dueOn < today ? badge('期限超過', 'error') : badge('未署名', 'warning')}</td></tr>`,
            )}</tbody></table></div>`
      }
${maySign && current && html`${sectionTitle(`${current.fromOn}～${current.untilOn} の点検に署名する`, 'Sign the review')}${current.open > 0 && notice('warning', `判断が済んでいない事案が${current.open}件あります`)}${form({ action: `${base}/reviews/${current.reviewId}`, session: p.session, fields: signFields, submit: '点検を終えて署名する' })}`}</div>`,
    );
  });
  page(app, 'POST', `${base}/reviews/:id`, sign, async (p) => {
    const given = readForm(signFields, p.form);
    if (!given.ok || !isUuid(p.param('id')))
      return p.redirect(`${base}/reviews`, { kind: 'error', text: '点検の所見を入力してください。' });
    const done = await analysis.signReview(deps, p.session.actor, {
      reviewId: p.param('id'),
      note: given.value.texts.note ?? '',
    });
    return p.redirect(
      `${base}/reviews`,
      done.ok ? { kind: 'done', text: '署名しました。' } : { kind: 'error', text: sentence(done.error) },
    );
  });

  const watchPage = async (p: PageRequest, errors?: FormErrors) => {
    const found = await analysis.watched(deps, p.session.actor, { limit: 200 });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '注意対象者',
        gloss: 'Watched records',
        breadcrumbs: crumbs,
        ...(errors ? { hasErrors: true, status: 422 } : {}),
      },
      html`<div class="stack"><p>報道などで関心を引く方、職員本人と同僚の記録です。閲覧は必ず事案になります。</p>
${
  found.value.length === 0
    ? html`<div class="empty"><p>登録はありません。</p></div>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="注意対象者の表"><table class="data-table"><caption class="visually-hidden">注意対象者</caption><thead><tr><th scope="col">内部番号</th><th scope="col">職員ID</th><th scope="col">理由</th><th scope="col">期限</th><th scope="col">登録者</th></tr></thead><tbody>${found.value.map((w) => html`<tr><th scope="row"><code>${w.subject}</code></th><td>${w.staffId}</td><td>${w.reason}</td><td>${w.untilOn}</td><td>${w.addedBy}</td></tr>`)}</tbody></table></div>`
}${form({ action: `${base}/watched`, session: p.session, fields: watchFields, submit: '登録する', ...(errors ? { errors } : {}) })}</div>`,
    );
  };
  page(app, 'GET', `${base}/watched`, work, (p) => watchPage(p));
  page(app, 'POST', `${base}/watched`, work, async (p) => {
    const given = readForm(watchFields, p.form);
    if (!given.ok) return watchPage(p, given.error.errors);
    const { subject = '', staffId = null, reason = '', untilOn = '' } = given.value.texts;
    const done = await analysis.watch(deps, p.session.actor, { subject, staffId, reason, untilOn });
    if (!done.ok) return watchPage(p, { '': sentence(done.error) });
    return p.redirect(`${base}/watched`, { kind: 'done', text: '登録しました。' });
  });

  const affectedPage = (
    p: PageRequest,
    errors?: FormErrors,
    values?: Readonly<Record<string, string>>,
    result?: { listId: string; persons: number; digest: string },
  ) =>
    p.view(
      {
        title: '影響範囲の抽出',
        gloss: 'Persons affected',
        breadcrumbs: crumbs,
        ...(errors ? { hasErrors: true, status: 422 } : {}),
      },
      html`<div class="stack"><p>記録の範囲に現れるすべての本人を抽出します。事故の台帳には、抽出番号と人数だけを書きます。</p>
${
  result &&
  html`${figures([{ label: '影響を受けた本人', value: `${result.persons}`, unit: '人' }])}${facts([
    { label: '抽出番号', value: html`<code>${result.listId}</code>` },
    { label: '照合値', value: html`<code>${result.digest}</code>` },
  ])}`
}
${form({ action: `${base}/affected`, session: p.session, fields: affectedFields, submit: '抽出する', ...(errors ? { errors } : {}), ...(values ? { values } : {}) })}</div>`,
    );
  page(app, 'GET', `${base}/affected`, work, (p) => affectedPage(p));
  page(app, 'POST', `${base}/affected`, work, async (p) => {
    const given = readForm(affectedFields, p.form);
    if (!given.ok) return affectedPage(p, given.error.errors, given.error.values as Record<string, string>);
    const { incident = '', from = '', until = '', staffId = null, terminalId = null } = given.value.texts;
    const [fromAt, untilAt] = [tokyo(from), tokyo(until)];
    if (!fromAt || !untilAt) return affectedPage(p, { '': '日時を確かめてください。' }, given.value.texts);
    const done = await analysis.listAffected(deps, p.session.actor, { incident, fromAt, untilAt, staffId, terminalId });
    if (!done.ok) return affectedPage(p, { '': sentence(done.error) }, given.value.texts);
    return affectedPage(p, undefined, given.value.texts, done.value);
  });

  page(app, 'GET', '/log', log, async (p) => {
    const query = readListQuery(logList, p.query);
    const today = deps.civilClock.today();
    const startOf = (day: Temporal.PlainDate): Temporal.Instant => day.toZonedDateTime('Asia/Tokyo').toInstant();
    // Moments of the log are the machine's; without a choice the last week of the machine's days is shown.
    const now = deps.machineClock.now();
    const from = query.filters.from
      ? startOf(Temporal.PlainDate.from(query.filters.from))
      : now.subtract({ hours: 24 * 7 });
    const until = query.filters.until
      ? startOf(Temporal.PlainDate.from(query.filters.until).add({ days: 1 }))
      : now.add({ hours: 1 });
    const found = await analysis.readLog(deps, p.session.actor, {
      staffId: query.filters.staffId ?? null,
      fromAt: from,
      untilAt: until,
      offset: query.offset,
      limit: query.size + 1,
    });
    if (!found.ok) return p.problem('not-authorised');
    const more = found.value.length > query.size;
    return p.view(
      {
        title: '操作の記録',
        gloss: `Log of operations, as of ${today}`,
        actions: html`<a class="button" href="/log/export">持ち出しの申請・出力</a>`,
      },
      workList(logList, {
        path: '/log',
        query,
        rows: found.value.slice(0, query.size),
        total: query.offset + Math.min(found.value.length, query.size) + (more ? 1 : 0),
      }),
    );
  });

  const exportPage = (
    p: PageRequest,
    errors?: FormErrors,
    values?: Readonly<Record<string, string>>,
    approvalId?: string,
  ) =>
    p.view(
      {
        title: '操作の記録の持ち出し',
        gloss: 'Export of the log',
        breadcrumbs: [{ label: '操作の記録', href: '/log' }],
        ...(errors ? { hasErrors: true, status: 422 } : {}),
      },
      html`<div class="stack"><p>別の職員が承認した範囲と目的のものだけを、一度だけ出力できます。</p>${approvalId && notice('done', '申請しました', html`承認番号 <code>${approvalId}</code>`)}${form({ action: '/log/export', session: p.session, fields: exportFields, submit: '申請する・出力する', ...(errors ? { errors } : {}), ...(values ? { values } : {}) })}</div>`,
    );
  page(app, 'GET', '/log/export', log, (p) => exportPage(p));
  page(app, 'POST', '/log/export', log, async (p) => {
    const given = readForm(exportFields, p.form);
    if (!given.ok) return exportPage(p, given.error.errors, given.error.values as Record<string, string>);
    const { from = '', until = '', staffId = null, purpose = '', approvalId } = given.value.texts;
    const [fromAt, untilAt] = [tokyo(from)?.toString(), tokyo(until)?.toString()];
    if (!fromAt || !untilAt) return exportPage(p, { '': '日時を確かめてください。' }, given.value.texts);
    const wanted = { staffId, fromAt, untilAt, purpose };
    if (approvalId === undefined) {
      const asked = await analysis.requestExport(deps, p.session.actor, wanted);
      return asked.ok
        ? exportPage(p, undefined, { ...given.value.texts, approvalId: asked.value.approvalId }, asked.value.approvalId)
        : p.problem('not-authorised');
    }
    const out = await analysis.exportLog(deps, p.session.actor, { ...wanted, approvalId });
    if (!out.ok) return exportPage(p, { '': sentence(out.error) }, given.value.texts);
    const text = out.value.map((line) => `${JSON.stringify(line)}\n`).join('');
    return p.file(Buffer.from(text), { type: 'application/x-ndjson', name: 'log.jsonl', inline: false });
  });

  const decisionFields: readonly Field[] = [
    {
      kind: 'text',
      name: 'approvalId',
      label: '承認番号',
      pattern: uuidPattern,
      patternFault: '承認番号の形式が正しくありません',
    },
    {
      kind: 'radio',
      name: 'decision',
      label: '決定',
      options: [
        { value: 'approved', label: '承認する' },
        { value: 'rejected', label: '承認しない' },
      ],
    },
  ];
  const decisionPage = (p: PageRequest, errors?: FormErrors) =>
    p.view(
      {
        title: '記録の持ち出しの決定',
        gloss: 'Decide on an export',
        breadcrumbs: crumbs,
        ...(errors ? { hasErrors: true, status: 422 } : {}),
      },
      form({
        action: '/log/export/decision',
        session: p.session,
        fields: decisionFields,
        submit: '決定する',
        ...(errors ? { errors } : {}),
      }),
    );
  page(app, 'GET', '/log/export/decision', approve, (p) => decisionPage(p));
  page(app, 'POST', '/log/export/decision', approve, async (p) => {
    const given = readForm(decisionFields, p.form);
    if (!given.ok) return decisionPage(p, given.error.errors);
    const { approvalId = '', decision } = given.value.texts;
    const done = await analysis.decideExport(deps, p.session.actor, {
      approvalId,
      decision: decision === 'approved' ? 'approved' : 'rejected',
    });
    if (!done.ok) return decisionPage(p, { '': sentence(done.error) });
    return p.redirect('/log/export/decision', { kind: 'done', text: '決定を記録しました。' });
  });
}
