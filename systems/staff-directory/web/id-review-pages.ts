import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, figures } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { closeIdReview, idReview, idReviews, openIdReview, readLedger, recordFinding } from '../service/id-review.ts';
import { sentence } from './words.ts';

const read = ['staff-directory', 'id-finding', 'read'] as const;
const find = ['staff-directory', 'id-finding', 'update'] as const;
const manage = ['staff-directory', 'id-review', 'update'] as const;

const openFields: readonly Field[] = [
  {
    name: 'fiscalYear',
    label: '年度',
    kind: 'text',
    pattern: /^20[0-9]{2}$/,
    patternFault: '年度は西暦4桁で入力してください',
    width: 'short',
    hint: '西暦（例：2026）',
  },
  { name: 'dueOn', label: '確認の期限', kind: 'date', hint: 'この日までに確認されなかった職員IDは使えなくなります' },
];
const findingFields: readonly Field[] = [
  {
    name: 'verdict',
    label: '確認の結果',
    kind: 'radio',
    options: [
      { value: 'confirmed', label: '引き続き必要（確認）', hint: '職員IDと今の権限が、年度末まで有効になります' },
      { value: 'revoke', label: '不要・異動・退職（失効）' },
    ],
  },
  { name: 'note', label: '備考', kind: 'text', maxLength: 400, required: false },
];

const ledgerWords: Readonly<Record<string, string>> = {
  issued: '発行',
  'state-active': '利用開始・継続',
  'state-suspended': '停止',
  'state-closed': '廃止',
  'factor-enrolled': '照合情報の登録',
  'factor-removed': '照合情報の抹消',
  'right-given': '権限の付与',
  'right-revoked': '権限の取消し',
  'review-confirmed': '年次確認',
  'review-revoke': '年次確認（失効）',
};

const instant = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));

type LedgerRow = NonNullable<Extract<Awaited<ReturnType<typeof readLedger>>, { ok: true }>['value']>['rows'][number];
const ledgerList: WorkListDefinition<LedgerRow> = {
  caption: '照合情報等管理簿',
  filters: [{ kind: 'text', name: 'staffId', label: '職員ID', maxLength: 63 }],
  columns: [
    { key: 'at', label: '日時', cell: (l) => time(instant(l.at)) },
    { key: 'staffId', label: '職員ID', heading: true, cell: (l) => l.staffId },
    { key: 'name', label: '氏名', cell: (l) => l.displayName },
    { key: 'position', label: '所属', cell: (l) => l.position },
    { key: 'what', label: '内容', cell: (l) => ledgerWords[l.what] ?? l.what },
    { key: 'because', label: '事由・対象', cell: (l) => l.because },
    { key: 'by', label: '行った者', cell: (l) => l.by },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
};

/** 照合情報等管理簿 and its yearly confirmation. */
export function mountIdReviewPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/id-ledger', read, async (p) => {
    const query = readListQuery(ledgerList, p.query);
    const found = await readLedger(deps, p.session.actor, {
      staffId: query.filters.staffId ?? null,
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '照合情報等管理簿',
        gloss: 'Ledger of ids and verification information',
        actions: html`<a class="button" href="/id-reviews">年次確認</a>`,
      },
      workList(ledgerList, { path: '/id-ledger', query, ...found.value }),
    );
  });

  page(app, 'GET', '/id-reviews', read, async (p) => {
    const list = await idReviews(deps, p.session.actor, { limit: 50 });
    if (!list.ok) return p.problem('not-authorised');
    const mayOpen = await p.may(manage);
    return p.view(
      {
        title: '職員IDの年次確認',
        gloss: 'Yearly review of ids',
        breadcrumbs: [{ label: '照合情報等管理簿', href: '/id-ledger' }],
      },
      html`<div class="stack">${
        list.value.length === 0
          ? html`<div class="empty"><p>年次確認はまだありません。</p></div>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="年次確認の表"><table class="data-table"><caption class="visually-hidden">年次確認の一覧</caption>
<thead><tr><th scope="col">年度</th><th scope="col">期限</th><th scope="col">対象</th><th scope="col">確認</th><th scope="col">失効</th><th scope="col">状態</th></tr></thead>
<tbody>${list.value.map(
              (r) =>
                html`<tr><th scope="row"><a href="/id-reviews/${r.reviewId}">${r.fiscalYear}年度</a></th><td>${time(Temporal.PlainDate.from(r.dueOn))}</td><td class="num">${r.listed}</td><td class="num">${r.confirmed}</td><td class="num">${r.revoked}</td><td>${
                  r.closedOn !== null
                    ? badge('締め済み', 'done')
                    : r.dueOn < deps.civilClock.today().toString()
                      ? badge('期限超過', 'error')
                      : badge('確認中', 'warning')
                }</td></tr>`,
            )}</tbody></table></div>`
      }${mayOpen && form({ action: '/id-reviews', session: p.session, fields: openFields, submit: '管理簿を作る' })}</div>`,
    );
  });

  page(app, 'POST', '/id-reviews', manage, async (p) => {
    const given = readForm(openFields, p.form);
    const again = (errors: Readonly<Record<string, string>>, values = {}) =>
      p.view(
        { title: '職員IDの年次確認', gloss: 'Yearly review of ids', hasErrors: true, status: 422 },
        form({ action: '/id-reviews', session: p.session, fields: openFields, errors, values, submit: '管理簿を作る' }),
      );
    if (!given.ok) return again(given.error.errors, given.error.values);
    const { fiscalYear = '', dueOn = '' } = given.value.texts;
    const opened = await openIdReview(deps, p.session.actor, { fiscalYear: Number(fiscalYear), dueOn });
    if (!opened.ok) return again({ '': sentence(opened.error) }, given.value.texts);
    return p.redirect(`/id-reviews/${opened.value.reviewId}`, { kind: 'done', text: '管理簿を作りました。' });
  });

  page(app, 'GET', '/id-reviews/:id', read, async (p) => {
    const id = p.param('id');
    const size = 50;
    const at = Math.max(1, Number.parseInt(p.query.get('page') ?? '1', 10) || 1);
    const found = isUuid(id)
      ? await idReview(deps, p.session.actor, { reviewId: id, offset: (at - 1) * size, limit: size })
      : undefined;
    if (!found?.ok || found.value === undefined) return p.problem('not-found');
    const { review, items } = found.value;
    const mayFind = await p.may(find);
    const mayClose = (await p.may(manage)) && review.closedOn === null;
    const me = p.session.actor.kind === 'staff' ? p.session.actor.staffId : '';
    return p.view(
      {
        title: `${review.fiscalYear}年度 職員IDの確認`,
        gloss: 'Confirmation of ids',
        breadcrumbs: [
          { label: '照合情報等管理簿', href: '/id-ledger' },
          { label: '年次確認', href: '/id-reviews' },
        ],
      },
      html`<div class="stack">${figures([
        { label: '対象', value: `${review.listed}`, unit: '件' },
        { label: '確認', value: `${review.confirmed}`, unit: '件' },
        { label: '失効', value: `${review.revoked}`, unit: '件' },
        { label: '期限', value: review.dueOn },
      ])}
<div class="table-scroll" tabindex="0" role="region" aria-label="職員IDの表"><table class="data-table"><caption class="visually-hidden">確認の対象</caption>
<thead><tr><th scope="col">職員ID</th><th scope="col">氏名・所属</th><th scope="col">区分</th><th scope="col">照合情報</th><th scope="col">権限</th><th scope="col">最後の利用</th><th scope="col">結果</th></tr></thead>
<tbody>${items.map(
        (i) =>
          html`<tr><th scope="row">${i.staffId}</th><td>${i.displayName}<br>${i.position}</td><td>${i.kind === 'contractor' ? '受託者' : '職員'}</td><td class="num">${i.passkeys}</td><td>${i.grants.join('、')}</td><td>${i.lastSignInAt === null ? 'なし' : time(instant(i.lastSignInAt))}</td><td>${
            i.verdict !== null
              ? html`${badge(i.verdict === 'confirmed' ? '確認済み' : '失効', i.verdict === 'confirmed' ? 'done' : 'warning')} ${i.foundBy}`
              : i.staffId === me
                ? html`<span class="muted">自分のIDは別の職員が確認します</span>`
                : mayFind
                  ? html`<a href="/id-reviews/${review.reviewId}/${i.staffId}">確認する<span class="visually-hidden">（${i.staffId}）</span></a>`
                  : badge('未確認', 'warning')
          }</td></tr>`,
      )}</tbody></table></div>
${review.listed > size && html`<nav class="pager" aria-label="ページ"><ul>${at > 1 && html`<li><a href="?page=${at - 1}" rel="prev">前へ</a></li>`}${at * size < review.listed && html`<li><a href="?page=${at + 1}" rel="next">次へ</a></li>`}</ul></nav>`}
${mayClose && form({ action: `/id-reviews/${review.reviewId}/close`, session: p.session, fields: [], submit: '管理簿を締める（未確認のIDを停止）', danger: true })}</div>`,
    );
  });

  page(app, 'POST', '/id-reviews/:id/close', manage, async (p) => {
    const id = p.param('id');
    const done = isUuid(id) ? await closeIdReview(deps, p.session.actor, { reviewId: id }) : undefined;
    if (done === undefined) return p.problem('not-found');
    return p.redirect(
      `/id-reviews/${id}`,
      done.ok
        ? { kind: 'done', text: `締めました。未確認の${done.value.suspended}件を停止しました。` }
        : { kind: 'error', text: sentence(done.error) },
    );
  });

  const findingPage = (p: PageRequest, errors?: FormErrors) =>
    p.view(
      {
        title: `${p.param('staff')} の確認`,
        gloss: 'Confirm an id',
        breadcrumbs: [{ label: '年次確認', href: `/id-reviews/${p.param('id')}` }],
        ...(errors ? { hasErrors: true, status: 422 } : {}),
      },
      form({
        action: `/id-reviews/${p.param('id')}/${p.param('staff')}`,
        session: p.session,
        fields: findingFields,
        ...(errors ? { errors } : {}),
        submit: '登録する',
        cancelHref: `/id-reviews/${p.param('id')}`,
      }),
    );
  page(app, 'GET', '/id-reviews/:id/:staff', find, (p) =>
    isUuid(p.param('id')) && /^[a-z0-9-]{2,63}$/.test(p.param('staff')) ? findingPage(p) : p.problem('not-found'),
  );
  page(app, 'POST', '/id-reviews/:id/:staff', find, async (p) => {
    const [id, staffId] = [p.param('id'), p.param('staff')];
    const given = readForm(findingFields, p.form);
    if (!isUuid(id) || !/^[a-z0-9-]{2,63}$/.test(staffId)) return p.problem('not-found');
    if (!given.ok) return findingPage(p, given.error.errors);
    const { verdict, note = '' } = given.value.texts;
    const done = await recordFinding(deps, p.session.actor, {
      reviewId: id,
      staffId,
      verdict: verdict === 'revoke' ? 'revoke' : 'confirmed',
      note,
    });
    return p.redirect(
      `/id-reviews/${id}`,
      done.ok ? { kind: 'done', text: '確認の結果を登録しました。' } : { kind: 'error', text: sentence(done.error) },
    );
  });
}
