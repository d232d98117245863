import { bytesOfAttachment } from '@musubi/contracts/portal/attachments.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { askNotices, noticesInSession, type TellNotices, type ToldNotice } from '../service/own-notices.ts';
import { networkDown, type Whose, withWhose } from './whose.ts';
import { bodyName } from './words.ts';

const right = ['mynaportal', 'notice', 'update'] as const;
const top = { label: 'トップ', href: '/' };

/** お知らせ: what bodies have to say to the person. Opening one is told to its body. */
export function addNoticePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/notices', right, (p) =>
    withWhose(p, deps, 'notices', async (whose) => {
      const told = await askNotices(deps, whose.resident, keyOf(whose));
      if (!told.ok) return p.problem(told.error === 'network-unavailable' ? networkDown : 'not-found');
      return p.view(
        { title: 'お知らせ', gloss: 'Notices', breadcrumbs: [top] },
        html`${whose.banner}${list(deps, told.value, whose, p.session)}`,
      );
    }),
  );

  page(app, 'POST', '/notices/:noticeId/open', right, (p) =>
    withNotice(p, deps, async (found, whose) => {
      const path = `/notices/${found.noticeId}${whose.suffix}`;
      if (found.state === 'opened') return p.redirect(path);
      const told = await askNotices(deps, whose.resident, { ...keyOf(whose), opened: [found.noticeId] });
      return told.ok ? p.redirect(path) : p.problem(networkDown);
    }),
  );

  page(app, 'GET', '/notices/:noticeId', right, (p) =>
    withNotice(p, deps, (found, whose) =>
      p.view(
        {
          title: found.subject,
          gloss: 'One notice',
          breadcrumbs: [top, { label: 'お知らせ', href: `/notices${whose.suffix}` }],
        },
        html`${whose.banner}${found.state === 'opened' ? content(deps, found, whose) : closed(found, whose, p.session)}`,
      ),
    ),
  );

  page(app, 'GET', '/notices/:noticeId/attachments/:sha256', right, (p) =>
    withNotice(p, deps, async (found) => {
      const file = found.attachments.find((a) => a.sha256 === p.param('sha256'));
      const bytes = file && bytesOfAttachment(file);
      return file && bytes && found.state === 'opened'
        ? p.file(bytes, { type: file.mediaType, name: file.name, inline: false })
        : p.problem('not-found');
    }),
  );
}

const keyOf = ({ accountId, grantId }: Whose) => ({ accountId, ...(grantId === undefined ? {} : { grantId }) });

/** Only what was told to this session is there; another person's number is as unknown as a wrong one. */
const withNotice = (
  p: PageRequest,
  deps: Deps,
  show: (found: ToldNotice, whose: Whose) => Promise<Response>,
): Promise<Response> =>
  withWhose(p, deps, 'notices', async (whose) => {
    const told = await noticesInSession(deps, whose.resident, keyOf(whose));
    if (!told.ok) return p.problem(told.error === 'network-unavailable' ? networkDown : 'not-found');
    const found = told.value.notices.find((n) => n.noticeId === p.param('noticeId'));
    return found === undefined ? p.problem('not-found') : show(found, whose);
  });

const openForm = (n: ToldNotice, { suffix }: Whose, session: PageSession, label: Html | string): Html =>
  html`<form method="post" action="/notices/${n.noticeId}/open${suffix}">${tokenField(session)}<button class="button" type="submit">${label}</button></form>`;

function list(deps: Deps, told: TellNotices, whose: Whose, session: PageSession): Html {
  const unread = told.notices.filter((n) => n.state !== 'opened').length;
  return html`<div class="stack">
${told.silent.length > 0 && notice('warning', '回答のない機関があります', html`<p>${told.silent.map((id) => bodyName(deps, id)).join('、')}のお知らせは、いま確かめられません。</p>`)}
${
  told.notices.length === 0
    ? html`<p>お知らせはありません。</p>`
    : html`<p>${told.notices.length}件のうち、未開封は${unread}件です。</p><ul class="stack">${told.notices.map(
        (n) =>
          html`<li class="stack-tight"><p>${n.state === 'opened' ? badge('開封済み', 'done') : badge('未開封', 'info')} ${n.kind} <span class="muted">${bodyName(deps, n.organisation)}、${time(Temporal.Instant.from(n.lodgedAt))}</span></p>
${n.state === 'opened' ? html`<p><a href="/notices/${n.noticeId}${whose.suffix}">${n.subject}</a></p>` : openForm(n, whose, session, html`${n.subject}<span class="visually-hidden">を開く</span>`)}</li>`,
      )}</ul>`
}
<p class="muted">お知らせの内容は保存せず、開くたびに機関から受け取ります。開封したことは、送った機関に伝わります。</p></div>`;
}

const closed = (n: ToldNotice, whose: Whose, session: PageSession): Html =>
  html`<div class="stack"><p>まだ開いていないお知らせです。開くと、送った機関に開封が伝わります。</p>${openForm(n, whose, session, 'お知らせを開く')}</div>`;

const content = (deps: Deps, n: ToldNotice, whose: Whose): Html =>
  html`<div class="stack">${facts([
    { label: '送った機関', gloss: 'From', value: bodyName(deps, n.organisation) },
    { label: '種別', gloss: 'Kind', value: n.kind },
    {
      label: '掲載期間',
      gloss: 'Shown',
      value: html`${time(Temporal.PlainDate.from(n.openFrom))}から${time(Temporal.PlainDate.from(n.openUntil))}まで`,
    },
    {
      label: '開封',
      gloss: 'Opened',
      value: n.openedAt === null ? undefined : time(Temporal.Instant.from(n.openedAt)),
    },
  ])}
<div class="stack-tight">${n.body.split('\n').map((line) => html`<p>${line}</p>`)}</div>
${
  n.attachments.length > 0 &&
  html`<ul>${n.attachments.map((a) =>
    bytesOfAttachment(a) === undefined
      ? html`<li>${a.name}: 内容が壊れているため開けません</li>`
      : html`<li><a href="/notices/${n.noticeId}/attachments/${a.sha256}${whose.suffix}" download>${a.name}<span class="visually-hidden">を保存する</span></a></li>`,
  )}</ul>`
}</div>`;
