import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  closeRenewals,
  type EndingLine,
  excludeFromRenewal,
  makeRenewalGuides,
  makeResultList,
  type ResultRow,
  readRenewals,
  readResultLists,
} from '../service/renewals.ts';
import { certificationFaults } from './words.ts';

const read = ['child-chronic', 'renewal', 'read'] as const;
const update = ['child-chronic', 'renewal', 'update'] as const;
const lists = ['child-chronic', 'result-list', 'read'] as const;
const makeLists = ['child-chronic', 'result-list', 'update'] as const;
const faultText = (error: string): string => certificationFaults[error] ?? 'この操作はできません。';
const dayOf = (text: string | null) => (text === null ? '―' : time(Temporal.PlainDate.from(text)));

/** 更新案内 by month, and 結果一覧 by municipality. */
export function renewalPages(app: PageApp, deps: Deps): void {
  const nextMonth = (): string => deps.civilClock.today().add({ months: 1 }).toPlainYearMonth().toString();
  const monthOf = (p: PageRequest): string => p.query.get('month') ?? nextMonth();
  const to = (p: PageRequest): string =>
    `/renewals?month=${encodeURIComponent(`${p.form.get('month') ?? ''}`.slice(0, 7))}`;

  page(app, 'GET', '/renewals', read, async (p) => {
    const asked = monthOf(p);
    const found = await readRenewals(deps, p.session.actor, { month: asked });
    const month = found.ok ? asked : nextMonth();
    const { rows, open, closing } = found.ok ? found.value : { rows: [], open: 0, closing: undefined };
    const may = await p.may(update);
    return p.view(
      {
        title: '更新案内',
        gloss: 'Guides before the end of the term',
        personal: true,
        ...(found.ok ? {} : { hasErrors: true, status: 422 as const }),
      },
      html`<div class="stack">${!found.ok && notice('error', faultText(found.error))}
<form class="row no-print" method="get" action="/renewals"><label for="month">有効期間が終わる月</label><input class="input input-short" type="month" id="month" name="month" value="${month}"><button class="button" type="submit">表示する</button></form>
${figures([
  { label: '終わる認定', value: `${rows.length}`, unit: '件' },
  { label: '案内も除外もないもの', value: `${open}`, unit: '件' },
])}
${rows.length === 0 ? html`<p class="muted">この月に終わる認定はありません。</p>` : renewalTable(p, rows, month, may)}
${may && open > 0 && html`<form class="no-print" method="post" action="/renewals">${tokenField(p.session)}<input type="hidden" name="month" value="${month}"><button class="button button-primary" type="submit">残りの${open}件の案内を作る</button></form>`}
${closing !== undefined && open === 0 && html`<p>${badge('締め済み', 'done')} ${dayOf(closing.closedOn)}（${closing.closedBy}）案内${closing.guided}件、除外${closing.excluded}件</p>`}
${may && rows.length > 0 && (closing === undefined || open > 0) && html`<form class="no-print" method="post" action="/renewals/closing">${tokenField(p.session)}<input type="hidden" name="month" value="${month}"><button class="button" type="submit">この月の案内を締める</button></form>`}</div>`,
    );
  });
  page(app, 'POST', '/renewals', update, async (p) => {
    const done = await makeRenewalGuides(deps, p.session.actor, { month: `${p.form.get('month') ?? ''}` });
    return p.redirect(
      to(p),
      done.ok
        ? { kind: 'done', text: `案内を${done.value.guides}件作りました。` }
        : { kind: 'error', text: faultText(done.error) },
    );
  });
  page(app, 'POST', '/renewals/closing', update, async (p) => {
    const done = await closeRenewals(deps, p.session.actor, { month: `${p.form.get('month') ?? ''}` });
    return p.redirect(
      to(p),
      done.ok
        ? { kind: 'done', text: `締めました（案内${done.value.guided}件、除外${done.value.excluded}件）。` }
        : { kind: 'error', text: faultText(done.error) },
    );
  });
  page(app, 'POST', '/renewals/:id/exclusion', update, async (p) => {
    const caseId = p.param('id');
    if (!isUuid(caseId)) return p.problem('not-found');
    const done = await excludeFromRenewal(deps, p.session.actor, {
      caseId,
      month: `${p.form.get('month') ?? ''}`,
      reason: `${p.form.get('reason') ?? ''}`.normalize('NFC'),
    });
    return p.redirect(
      to(p),
      done.ok
        ? { kind: 'done', text: '案内しない理由を記録しました。' }
        : { kind: 'error', text: faultText(done.error) },
    );
  });

  page(app, 'GET', '/result-lists', lists, async (p) => {
    const found = await readResultLists(deps, p.session.actor, { listId: null });
    if (!found.ok) return p.problem('not-authorised');
    const may = await p.may(makeLists);
    const { rows } = found.value;
    return p.view(
      { title: '結果一覧', gloss: 'Results for municipalities', personal: true },
      html`<div class="stack"><section class="stack-tight" aria-labelledby="open">${sectionTitle('一覧に載っていない決定', 'Decisions on no list yet', 'open')}${
        rows.length === 0
          ? html`<p class="muted">ありません。</p>`
          : html`<form class="form" method="post" action="/result-lists">${tokenField(p.session)}<div class="field"><label for="municipality">送付先の区市町村</label><input class="input input-short" id="municipality" name="municipality" maxlength="12"></div>${resultTable(rows, may)}${
              may && html`<button class="button button-primary" type="submit">選んだ決定で一覧を作る</button>`
            }</form>`
      }</section><section class="stack-tight" aria-labelledby="made">${sectionTitle('作った一覧', 'Lists', 'made')}${
        found.value.lists.length === 0
          ? html`<p class="muted">ありません。</p>`
          : html`<ul>${found.value.lists.map((l) => html`<li><a href="/result-lists/${l.listId}">${l.municipality} ${dayOf(l.madeOn)}</a>（${l.rows}件）</li>`)}</ul>`
      }</section></div>`,
    );
  });
  page(app, 'POST', '/result-lists', makeLists, async (p) => {
    const caseIds = p.form.getAll('case').filter((id): id is string => typeof id === 'string' && isUuid(id));
    const municipality = `${p.form.get('municipality') ?? ''}`.normalize('NFC').trim();
    const made = await makeResultList(deps, p.session.actor, { municipality, caseIds });
    return made.ok
      ? p.redirect(`/result-lists/${made.value.listId}`, { kind: 'done', text: '一覧を作りました。' })
      : p.redirect('/result-lists', { kind: 'error', text: faultText(made.error) });
  });
  page(app, 'GET', '/result-lists/:id', lists, async (p) => {
    const listId = p.param('id');
    const found = isUuid(listId) ? await readResultLists(deps, p.session.actor, { listId }) : undefined;
    const [list] = found?.ok ? found.value.lists : [];
    if (!found?.ok || list === undefined) return p.problem('not-found');
    return p.view(
      {
        title: `結果一覧 ${list.municipality}`,
        gloss: 'Results for one municipality',
        personal: true,
        breadcrumbs: [{ label: '結果一覧', href: '/result-lists' }],
      },
      html`<div class="stack"><p>${dayOf(list.madeOn)}作成（${list.madeBy}）、${list.rows}件</p>${resultTable(found.value.rows, false)}</div>`,
    );
  });
}

function renewalTable(p: PageRequest, rows: readonly EndingLine[], month: string, may: boolean) {
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="終わる認定の表"><table class="data-table"><caption class="visually-hidden">${month}に終わる認定</caption>
<thead><tr><th scope="col">受給者番号</th><th scope="col">患者</th><th scope="col">疾病</th><th scope="col">最後の日</th><th scope="col">上限月額</th><th scope="col">案内</th></tr></thead>
<tbody>${rows.map(
    (r) =>
      html`<tr><th scope="row"><a href="/cases/${r.caseId}/certification">${r.beneficiaryNumber}</a></th><td>${r.patientName}</td><td>${r.diseaseName}</td><td>${dayOf(r.validUntil)}</td><td>${yenText(r.ceilingYen)}</td><td>${
        r.excluded !== null
          ? html`${badge('除外', 'plain')} ${r.excluded}`
          : r.guidedOn !== null
            ? html`${badge('案内済み', 'done')} ${dayOf(r.guidedOn)} <a href="/cases/${r.caseId}/papers/guide">案内（PDF）</a>`
            : html`${badge('未案内', 'warning')}${
                may &&
                html`<form class="row no-print" method="post" action="/renewals/${r.caseId}/exclusion">${tokenField(p.session)}<input type="hidden" name="month" value="${month}"><label class="visually-hidden" for="why-${r.caseId}">${r.beneficiaryNumber}に案内しない理由</label><input class="input" type="text" id="why-${r.caseId}" name="reason" maxlength="300"><button class="button" type="submit">案内しない</button></form>`
              }`
      }</td></tr>`,
  )}</tbody></table></div>`;
}

function resultTable(rows: readonly ResultRow[], choose: boolean) {
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="決定の表"><table class="data-table"><caption class="visually-hidden">決定</caption>
<thead><tr>${choose && html`<th scope="col">選ぶ</th>`}<th scope="col">申請</th><th scope="col">患者</th><th scope="col">申請者の住所</th><th scope="col">決定</th><th scope="col">受給者番号</th><th scope="col">有効期間</th></tr></thead>
<tbody>${rows.map(
    (r) =>
      html`<tr>${choose && html`<td><input type="checkbox" name="case" value="${r.caseId}" aria-label="${r.caseNumber}を選ぶ"></td>`}<th scope="row" class="nowrap">${r.caseNumber}</th><td class="nowrap">${r.patientName}</td><td>${r.applicantAddress}</td><td>${dayOf(r.decidedOn)} ${r.outcome === 'certified' ? '認定' : '不認定'}</td><td class="nowrap">${r.beneficiaryNumber ?? '―'}</td><td>${r.validFrom === null ? '―' : html`${dayOf(r.validFrom)}から${dayOf(r.validUntil)}まで`}</td></tr>`,
  )}</tbody></table></div>`;
}
