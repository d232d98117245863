import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { stateOf } from '../domain/protections.ts';
import { drawLiftList, type LiftList, liftRow, readLiftList, readLiftLists } from '../service/lift-lists.ts';
import {
  applyForProtection,
  decideProtection,
  type Protection,
  type ProtectionLine,
  readProtection,
  readProtections,
} from '../service/protections.ts';
import { addGuidedForm } from './guided-form.ts';
import { optionsOf } from './item-fields.ts';
import { protectionGrounds, protectionStates, refusalText } from './words.ts';

const read = ['resident-register', 'protection', 'read'] as const;
const update = ['resident-register', 'protection', 'update'] as const;
const lift = ['resident-register', 'approval', 'update'] as const;

const stateBadge = (state: keyof typeof protectionStates) =>
  badge(protectionStates[state], state === 'provisional' ? 'warning' : state === 'granted' ? 'done' : 'plain');

const list: WorkListDefinition<ProtectionLine> = {
  caption: '支援措置対象者',
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: [
        { value: 'standing', label: '住所を出さない方' },
        { value: 'provisional', label: '確認待ち' },
        { value: 'due', label: '1か月以内に期間が終わる' },
        { value: 'over', label: '終わったもの' },
      ],
    },
  ],
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (r) => html`<a href="/protections/${r.protectionId}">${r.name}</a>`,
    },
    { key: 'kana', label: '振り仮名', cell: (r) => r.nameKana },
    { key: 'ground', label: '理由', cell: (r) => protectionGrounds[r.ground] },
    { key: 'applied', label: '申出日', cell: (r) => r.appliedOn },
    { key: 'state', label: '状態', cell: (r) => stateBadge(r.state) },
    { key: 'until', label: '期間の末日', cell: (r) => r.untilOn ?? '' },
    {
      key: 'told',
      label: '反映',
      cell: (r) =>
        r.unconfirmed.length === 0
          ? badge('反映済み', 'done')
          : badge(`未反映: ${r.unconfirmed.join('、')}（${r.unconfirmed.length}）`, 'error'),
    },
  ],
  defaultSort: { key: 'until', direction: 'asc' },
  emptyText: '支援措置の対象者はいません。',
};

const decideFields: readonly Field[] = [
  {
    kind: 'lines',
    name: 'note',
    label: '確認した内容・理由',
    hint: '住所は書かないでください',
    maxLength: 200,
    rows: 3,
  },
];

/** 支援措置: application at any counter, decisions and lifting by those who may. No page here shows an address. */
export function addProtectionPages(app: PageApp, deps: Deps): void {
  addGuidedForm(app, deps, {
    path: '/residents/:id/protection',
    title: '支援措置の申出',
    gloss: 'Application for protection',
    right: ['resident-register', 'resident', 'update'],
    fields: (record) => [
      {
        kind: 'radio',
        name: 'receivedFrom',
        label: '受け付けたもの',
        options: [
          { value: 'applicant', label: '本人の申出' },
          { value: 'municipality', label: '他の市区町村からの通知' },
        ],
      },
      { kind: 'select', name: 'ground', label: '理由', options: optionsOf(protectionGrounds) },
      { kind: 'text', name: 'opposingParty', label: '相手方', hint: '氏名と続柄', maxLength: 100 },
      { kind: 'text', name: 'consultedBody', label: '相談機関', hint: '警察署、相談センターなど', maxLength: 100 },
      { kind: 'date', name: 'appliedOn', label: '申出日' },
      ...((record?.household.length ?? 0) > 1
        ? [
            {
              kind: 'radio',
              name: 'together',
              label: '併せて支援を求める方',
              options: [
                { value: 'alone', label: '本人だけ' },
                { value: 'household', label: '同じ世帯の全員' },
              ],
            } as const,
          ]
        : []),
    ],
    values: () => ({ appliedOn: deps.civilClock.today().toString() }),
    compare: (t) => [
      ['住所の表示・交付', '制限なし', t.receivedFrom === 'municipality' ? '通知の到達から制限' : '申出の到達から制限'],
    ],
    hint: notice('info', '登録した時から住所を出さなくなります', '支援措置担当が確認し、決定するまでの間も同じです。'),
    submit: '申出を登録する',
    async run(actor, t, { personId, version, requestKey, record }) {
      const rest = t.together === 'household' ? record!.household.filter((m) => m.personId !== personId) : [];
      const done = await applyForProtection(deps, actor, {
        persons: [{ personId, version }, ...rest.map((m) => ({ personId: m.personId, version: m.sequence }))],
        receivedFrom: t.receivedFrom as 'applicant' | 'municipality',
        ground: t.ground as keyof typeof protectionGrounds,
        opposingParty: t.opposingParty ?? '',
        consultedBody: t.consultedBody ?? '',
        appliedOn: t.appliedOn ?? '',
        requestKey,
      });
      return done.ok
        ? ok({ at: `/residents/${personId}`, text: '支援措置の申出を登録しました。住所は出ません。' })
        : done;
    },
  });

  page(app, 'GET', '/protections', read, async (p) => {
    const query = readListQuery(list, p.query);
    const state = (query.filters.state ?? null) as 'standing' | 'provisional' | 'due' | 'over' | null;
    const found = await readProtections(deps, p.session.actor, { state, offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '支援措置対象者',
        gloss: 'Persons under address protection',
        actions: html`<a class="button" href="/lift-lists">解除対象一覧</a>`,
      },
      workList(list, { path: p.path, query, ...found.value }),
    );
  });
  page(app, 'GET', '/protections/:id', read, async (p) => {
    const protectionId = p.param('id');
    const found = isUuid(protectionId) ? await readProtection(deps, p.session.actor, { protectionId }) : undefined;
    if (!found?.ok) return p.problem('not-found');
    return p.view(
      { title: '支援措置', gloss: 'Address protection', personal: true },
      sheet(p.session, found.value, await p.may(update)),
    );
  });
  for (const decision of ['granted', 'refused', 'extended'] as const)
    page(app, 'POST', `/protections/:id/${decision}`, update, async (p) => {
      const protectionId = p.param('id');
      if (!isUuid(protectionId)) return p.problem('not-found');
      const filled = readForm(decideFields, p.form);
      const note = filled.ok ? (filled.value.texts.note ?? '') : '';
      const done = filled.ok
        ? await decideProtection(deps, p.session.actor, { protectionId, decision, note })
        : ({ ok: false, error: 'reason-missing' } as const);
      if (done.ok)
        return p.redirect(`/protections/${protectionId}`, {
          kind: 'done',
          text: done.value.untilOn
            ? `${done.value.untilOn}まで支援措置を行います。`
            : '要件に当たらないとして登録しました。',
        });
      const found = await readProtection(deps, p.session.actor, { protectionId });
      if (!found.ok) return p.problem('not-found');
      return p.view(
        { title: '支援措置', gloss: 'Address protection', hasErrors: true, status: 409 },
        html`<div class="stack">${notice('error', refusalText(done.error))}${sheet(p.session, found.value, true)}</div>`,
      );
    });

  page(app, 'GET', '/lift-lists', read, async (p) => {
    const lists = await readLiftLists(deps, p.session.actor, { limit: 50 });
    if (!lists.ok) return p.problem('not-authorised');
    const mayDraw = await p.may(update);
    return p.view(
      { title: '解除対象一覧', gloss: 'Lists of protections that have run out' },
      html`<div class="stack"><p>期間の過ぎた方の一覧を作り、別の職員が一人ずつ解除します。作った後に新しい申出や延長があった方は解除されません。</p>${
        mayDraw &&
        html`<form method="post" action="/lift-lists">${tokenField(p.session)}<button class="button button-primary" type="submit">一覧を作る</button></form>`
      }${
        lists.value.length === 0
          ? html`<p class="muted">一覧はありません。</p>`
          : html`<ul>${lists.value.map((l) => html`<li><a href="/lift-lists/${l.listId}">${l.drawnOn} 作成</a>（期限 ${l.expiresOn}、未処理 ${l.open}人、作成 ${l.drawnBy}）</li>`)}</ul>`
      }</div>`,
    );
  });
  page(app, 'POST', '/lift-lists', update, async (p) => {
    const drawn = await drawLiftList(deps, p.session.actor, {});
    if (drawn.ok)
      return p.redirect(`/lift-lists/${drawn.value.listId}`, {
        kind: 'done',
        text: `${drawn.value.rows}人の一覧を作りました。`,
      });
    return p.redirect('/lift-lists', { kind: 'error', text: refusalText(drawn.error) });
  });
  page(app, 'GET', '/lift-lists/:id', read, async (p) => {
    const listId = p.param('id');
    const found = isUuid(listId) ? await readLiftList(deps, p.session.actor, { listId }) : undefined;
    if (!found?.ok) return p.problem('not-found');
    return p.view(
      { title: '解除対象一覧', gloss: 'Protections that have run out' },
      liftSheet(p.session, found.value, await p.may(lift)),
    );
  });
  page(app, 'POST', '/lift-lists/:id', lift, async (p) => {
    const listId = p.param('id');
    const protectionId = `${p.form.get('protectionId') ?? ''}`;
    if (!isUuid(listId) || !isUuid(protectionId)) return p.problem('not-found');
    const done = await liftRow(deps, p.session.actor, { listId, protectionId });
    const at = `/lift-lists/${listId}`;
    if (!done.ok) return p.redirect(at, { kind: 'error', text: refusalText(done.error) });
    const { outcome, why } = done.value;
    return p.redirect(
      at,
      outcome === 'lifted'
        ? { kind: 'done', text: '支援措置を終えました。' }
        : { kind: 'error', text: refusalText(why) },
    );
  });
}

const stepTexts = { granted: '決定', refused: '要件なし', extended: '延長', ended: '終了' } as const;

function sheet(session: PageSession, protection: Protection, mayDecide: boolean) {
  const { state, untilOn } = stateOf(protection.steps);
  const button = (decision: string, label: string, tone: string) =>
    html`<section>${form({
      action: `/protections/${protection.protectionId}/${decision}`,
      session,
      fields: decideFields.map((f) => ({ ...f, name: f.name, label: `${label}：${f.label}` })),
      submit: label,
      ...(tone === 'danger' ? { danger: true } : {}),
    })}</section>`;
  return html`<div class="stack">${facts([
    { label: '対象の方', value: html`<a href="/residents/${protection.personId}">${protection.name}</a>` },
    { label: '状態', value: stateBadge(state) },
    { label: '期間の末日', value: untilOn ?? '' },
    { label: '理由', value: protectionGrounds[protection.ground] },
    { label: '相手方', value: protection.opposingParty },
    { label: '相談機関', value: protection.consultedBody },
    {
      label: '受付',
      value: `${protection.appliedOn}（${protection.receivedFrom === 'applicant' ? '本人の申出' : '他の市区町村からの通知'}）`,
    },
    { label: '受け付けた職員', value: protection.filedBy },
  ])}<section aria-labelledby="steps">${sectionTitle('経過', 'Steps', 'steps')}${
    protection.steps.length === 0
      ? html`<p class="muted">まだ決定されていません。住所は出ません。</p>`
      : html`<ol>${protection.steps.map((s) => html`<li>${s.decidedOn} ${stepTexts[s.kind]}${s.untilOn && `（${s.untilOn}まで）`} ${s.decidedBy}${s.note && `：${s.note}`}</li>`)}</ol>`
  }</section>${mayDecide && state === 'provisional' && html`${button('granted', '支援措置を決定する', '')}<details><summary>要件に当たらないとき</summary>${button2(session, protection)}</details>`}${
    mayDecide && state === 'granted' && button('extended', '1年延長する', '')
  }</div>`;
}

/** A second form on the page needs field ids of its own, so it is drawn by hand. */
const button2 = (session: PageSession, protection: Protection) =>
  html`<form class="form" method="post" action="/protections/${protection.protectionId}/refused" novalidate>${tokenField(session)}<div class="field"><label for="refuse-note">要件に当たらない理由<span class="required">必須</span></label><textarea class="input" id="refuse-note" name="note" rows="3"></textarea></div><div class="row"><button class="button button-danger" type="submit">要件に当たらないとする</button></div></form>`;

const liftSheet = (session: PageSession, liftList: LiftList, mayLift: boolean) =>
  html`<div class="stack"><p>作成 ${liftList.drawnOn}（${liftList.drawnBy}）、期限 ${liftList.expiresOn}</p><div class="table-scroll" tabindex="0" role="region" aria-label="解除対象の表"><table class="data-table"><caption class="visually-hidden">解除対象</caption><thead><tr><th scope="col">氏名</th><th scope="col">結果</th><th scope="col">処理</th></tr></thead><tbody>${liftList.rows.map(
    (r) =>
      html`<tr><th scope="row"><a href="/protections/${r.protectionId}">${r.name}</a></th><td>${
        r.outcome === null
          ? badge('未処理', 'warning')
          : r.outcome === 'lifted'
            ? badge('終了', 'done')
            : badge(`解除しません：${refusalText(r.why ?? '')}`, 'error')
      }</td><td>${
        mayLift &&
        r.outcome === null &&
        html`<form method="post" action="/lift-lists/${liftList.listId}">${tokenField(session)}<input type="hidden" name="protectionId" value="${r.protectionId}"><button class="button" type="submit" aria-label="${r.name}の支援措置を終える">終える</button></form>`
      }</td></tr>`,
  )}</tbody></table></div></div>`;
