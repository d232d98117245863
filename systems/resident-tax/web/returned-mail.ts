import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { type PrintDeps, printApproval, printRead, printUpdate } from '../service/printing/functions.ts';
import { openPublicNotice, postPublicNotice, preparePublicNotice } from '../service/printing/public-notice.ts';
import { type ReturnedMail, readReturns, redeliver, registerReturn } from '../service/printing/returned-mail.ts';
import { printRefusal } from './print-jobs.ts';

const reasons = {
  'unknown-address': '宛所に尋ねあたらず',
  moved: '転居先不明',
  'not-collected': '保管期間経過',
  refused: '受取拒絶',
  'held-back': '発送前の引抜き',
} as const;
const refusals: Readonly<Record<string, string>> = {
  'no-such-document': '通知書が見つかりません。文書番号を確かめてください',
  'already-returned': 'この通知書はすでに返戻として登録されています',
  'already-delivered': 'すでに再送達されています',
  'same-address': '登録されている住所は返戻のときと同じです',
  'no-note': '誰にどのように渡したかを入力してください',
  'no-ground': '所在を調べた経過を入力してください',
  'new-address-known': '新しい住所が登録されています。公示送達できません',
  'address-protected': '支援措置の対象です。本人に手渡してください',
  'already-posted': 'すでに掲示しています',
  'differs-from-seen': '確認した文書と異なります。もう一度開いて確認してください',
};
const wordOf = (word: string): string => refusals[word] ?? printRefusal(word);

const registerFields: readonly Field[] = [
  { kind: 'text', name: 'document', label: '文書番号', maxLength: 20 },
  {
    kind: 'radio',
    name: 'reason',
    label: '返戻の理由',
    options: Object.entries(reasons)
      .filter(([value]) => value !== 'held-back')
      .map(([value, label]) => ({ value, label })),
  },
];

const stateOf = (mail: ReturnedMail) => {
  if (mail.redeliveredOn !== null) return badge('再送達済', 'done');
  if (mail.servedOn !== null) return badge(`公示送達（${mail.servedOn}に送達）`, 'info');
  if (mail.publicationId !== null) return badge('公示の承認待ち', 'warning');
  return mail.addressNow === mail.sentTo ? badge('所在不明', 'error') : badge('送付先あり', 'warning');
};

/** 返戻・公示送達. */
export function returnedMailPages(app: PageApp, deps: PrintDeps): void {
  page(app, 'GET', '/returned-mail', printRead, async (p) => {
    const [mayUpdate, mayPost] = [await p.may(printUpdate), await p.may(printApproval)];
    const button = (path: string, label: string, fields = html``) =>
      html`<form class="row" method="post" action="${path}">${tokenField(p.session)}${fields}<button class="button button-small" type="submit">${label}</button></form>`;
    const input = (name: string, label: string, returnId: string) =>
      html`<label class="visually-hidden" for="${name}-${returnId}">${label}</label><input class="input" id="${name}-${returnId}" name="${name}" maxlength="200" placeholder="${label}">`;
    const list: WorkListDefinition<ReturnedMail> = {
      caption: '返戻',
      defaultSort: { key: 'returned', direction: 'asc' },
      emptyText: '対応を要する返戻はありません。',
      filters: [],
      columns: [
        {
          key: 'document',
          label: '文書番号',
          heading: true,
          cell: (row) => html`<a href="/notices/${row.documentId}">${row.documentId}</a>`,
        },
        { key: 'name', label: '氏名', cell: (row) => row.name },
        { key: 'reason', label: '理由', cell: (row) => reasons[row.reason] },
        { key: 'returned', label: '返戻日', cell: (row) => time(Temporal.PlainDate.from(row.returnedOn)) },
        { key: 'state', label: '状態', cell: (row) => stateOf(row) },
        {
          key: 'act',
          label: '対応',
          cell: (row) =>
            html`${
              mayUpdate &&
              row.postedOn === null &&
              html`${row.addressNow !== row.sentTo && !row.addressProtected && button(`/returned-mail/${row.returnId}/mail`, '新しい住所へ再送')}${button(`/returned-mail/${row.returnId}/hand`, '手渡しを記録', input('note', '渡した相手と方法', row.returnId))}${
                row.addressNow === row.sentTo &&
                !row.addressProtected &&
                button(
                  `/returned-mail/${row.returnId}/publication`,
                  '公示送達を起案',
                  input('ground', '調査の経過', row.returnId),
                )
              }`
            }${
              row.publicationId !== null &&
              row.postedOn === null &&
              html`<div class="row"><a class="button button-quiet" href="/publications/${row.publicationId}">公示する文書を見る</a>${
                mayPost &&
                html`<a class="button button-quiet" href="/publications/${row.publicationId}/decide">掲示の承認へ</a>`
              }</div>`
            }`,
        },
      ],
    };
    const query = readListQuery(list, p.query);
    const read = await readReturns(deps, p.session.actor, { openOnly: true, limit: query.size, offset: query.offset });
    if (!read.ok) return p.problem('not-authorised');
    return p.view(
      { title: '返戻・公示送達', gloss: 'Returned mail and service by publication' },
      html`<div class="stack">${workList(list, { path: p.path, query, ...read.value })}${
        mayUpdate &&
        html`<section aria-labelledby="register">${sectionTitle('返戻を登録する', 'Register returned mail', 'register')}${form({ action: '/returned-mail', session: p.session, fields: registerFields, values: {}, submit: '返戻を登録する' })}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/returned-mail', printUpdate, async (p) => {
    const read = readForm(registerFields, p.form);
    if (!read.ok) return p.redirect('/returned-mail', { kind: 'error', text: '文書番号と理由を入力してください。' });
    const { document, reason } = read.value.texts;
    const done = await registerReturn(deps, p.session.actor, {
      documentId: document ?? '',
      reason: reason as 'unknown-address',
    });
    return p.redirect(
      '/returned-mail',
      done.ok
        ? { kind: 'done', text: '返戻を登録しました。通知済から外れています。' }
        : { kind: 'error', text: wordOf(done.error) },
    );
  });

  for (const method of ['mail', 'hand'] as const)
    page(app, 'POST', `/returned-mail/:id/${method}`, printUpdate, async (p) => {
      const returnId = p.param('id');
      if (!isUuid(returnId)) return p.problem('not-found');
      const done = await redeliver(deps, p.session.actor, { returnId, method, note: `${p.form.get('note') ?? ''}` });
      return p.redirect(
        '/returned-mail',
        done.ok ? { kind: 'done', text: '再送達を記録しました。' } : { kind: 'error', text: wordOf(done.error) },
      );
    });

  page(app, 'POST', '/returned-mail/:id/publication', printUpdate, async (p) => {
    const returnId = p.param('id');
    if (!isUuid(returnId)) return p.problem('not-found');
    const made = await preparePublicNotice(deps, p.session.actor, {
      returnId,
      ground: `${p.form.get('ground') ?? ''}`,
    });
    return p.redirect(
      '/returned-mail',
      made.ok
        ? { kind: 'done', text: '公示送達を起案し、承認に回しました。' }
        : { kind: 'error', text: wordOf(made.error) },
    );
  });

  page(app, 'GET', '/publications/:id', printRead, async (p) => {
    const publicationId = p.param('id');
    if (!isUuid(publicationId)) return p.problem('not-found');
    const opened = await openPublicNotice(deps, p.session.actor, { publicationId });
    if (!opened.ok) return p.problem(opened.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.file(opened.value.pdf, { type: 'application/pdf', name: 'publication.pdf', inline: true });
  });

  page(app, 'GET', '/publications/:id/decide', printApproval, async (p) => {
    const publicationId = p.param('id');
    if (!isUuid(publicationId)) return p.problem('not-found');
    const opened = await openPublicNotice(deps, p.session.actor, { publicationId });
    if (!opened.ok) return p.problem(opened.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.view(
      {
        title: '公示送達の承認',
        gloss: 'Approval of a publication',
        breadcrumbs: [{ label: '返戻・公示送達', href: '/returned-mail' }],
      },
      html`<div class="stack"><p><a href="/publications/${publicationId}">公示する文書</a>を開き、氏名と書類の名称のほかに何も載っていないことを確かめてください。承認すると、今日から掲示します。</p><form method="post" action="/publications/${publicationId}/post">${tokenField(p.session)}<input type="hidden" name="seen" value="${opened.value.sha256}"><button class="button button-primary" type="submit">確認した文書を掲示する</button></form></div>`,
    );
  });

  page(app, 'POST', '/publications/:id/post', printApproval, async (p) => {
    const publicationId = p.param('id');
    if (!isUuid(publicationId)) return p.problem('not-found');
    const seenSha256 = `${p.form.get('seen') ?? ''}`;
    const done = await postPublicNotice(deps, p.session.actor, { publicationId, seenSha256 });
    return p.redirect(
      '/returned-mail',
      done.ok
        ? { kind: 'done', text: `掲示しました。${done.value.servedOn}に送達されたものとみなされます。` }
        : { kind: 'error', text: wordOf(done.error) },
    );
  });
}
