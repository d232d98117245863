import type { ActDeps } from '../db/act.ts';
import type { PageApp, PageRequest } from '../pages/app.ts';
import { type Html, html, time } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge, sectionTitle } from '../pages/kit/marks.ts';
import { tokenField } from '../pages/layout.ts';
import type { MediaUseCases } from './acts.ts';
import type { MediaDeps } from './media.ts';
import type { MediaPages } from './pages.ts';
import { sections, textField, type Wrong } from './pages-parts.ts';
import { refusalText } from './pages-words.ts';
import { spacedPage } from './spaced-page.ts';

/** 貸出し: asked for, decided by a second person, and noted when the medium leaves. */
export function addLendingPages(
  app: PageApp,
  deps: ActDeps & MediaDeps,
  uses: MediaUseCases,
  options: MediaPages,
): void {
  const lendFields = async (p: PageRequest): Promise<readonly Field[]> => {
    const departments = await options.departments?.(p);
    return [
      departments
        ? {
            kind: 'select',
            name: 'department',
            label: '貸出先',
            options: departments.map((d) => ({ value: d, label: d })),
          }
        : textField('department', '貸出先'),
      textField('purpose', '目的'),
      textField('document', '貸出申請書の番号'),
      { kind: 'date', name: 'dueOn', label: '返却期限' },
    ];
  };
  const title = { title: '貸出しを申請する', gloss: 'Ask for a lending' };
  const lendForm = async (p: PageRequest, again: Partial<Wrong> = {}) =>
    form({
      action: `/media/medium/${p.param('serial')}/lend`,
      session: p.session,
      fields: await lendFields(p),
      submit: '申請する',
      cancelHref: `/media/medium/${p.param('serial')}`,
      ...again,
    });
  spacedPage(app, 'GET', '/media/medium/:serial/lend', uses.update, async (p) => p.view(title, await lendForm(p)));
  spacedPage(app, 'POST', '/media/medium/:serial/lend', uses.update, async (p) => {
    const read = readForm(await lendFields(p), p.form);
    if (!read.ok) return p.view({ ...title, hasErrors: true, status: 422 }, await lendForm(p, read.error));
    const { department = '', purpose = '', document = '', dueOn = '' } = read.value.texts;
    const asked = await uses.requestLending(deps, p.session.actor, {
      serial: p.param('serial'),
      department,
      purpose,
      document,
      dueOn: Temporal.PlainDate.from(dueOn),
    });
    if (asked.ok)
      return p.redirect('/media/lendings', { kind: 'done', text: '貸出しを申請しました。別の者の承認を待ちます。' });
    return p.view(
      { ...title, hasErrors: true, status: 422 },
      await lendForm(p, { errors: { '': refusalText(asked.error) }, values: read.value.texts }),
    );
  });
  spacedPage(app, 'GET', '/media/lendings', uses.read, async (p) => {
    const found = await uses.lendings(deps, p.session.actor, undefined);
    if (!found.ok) return p.problem('not-authorised');
    const [mayLend, mayDecide] = [await p.may(uses.update), await p.may(uses.approval)];
    const me = p.session.actor.kind === 'staff' ? p.session.actor.staffId : '';
    const button = (href: string, label: string, value?: string): Html =>
      html`<form method="post" action="${href}">${tokenField(p.session)}${value && html`<input type="hidden" name="decision" value="${value}">`}<button class="button${value !== 'rejected' && ' button-primary'}" type="submit">${label}</button></form>`;
    return p.view(
      { title: '貸出しの申請', gloss: 'Lendings asked for' },
      html`${sections('/media/lendings')}${
        found.value.length === 0
          ? html`<div class="empty"><p>承認または貸出しを待つ申請はありません。</p></div>`
          : found.value.map(
              (
                l,
              ) => html`<section class="card stack-tight" aria-label="${l.serial} ${l.department}">${sectionTitle(`${l.serial}　${l.department}`, 'Lending')}
<p>${l.purpose}（${l.document}）　返却期限 ${time(l.dueOn)}　申請 ${l.requestedBy} ${time(l.requestedAt)}</p>
<div class="row">${l.standing === 'approved' ? badge('承認済', 'done') : badge('承認待ち', 'warning')}${
                l.standing === 'asked' && mayDecide && l.requestedBy !== me
                  ? html`${button(`/media/lendings/${l.lendingId}/decide`, '承認する', 'approved')}${button(`/media/lendings/${l.lendingId}/decide`, '却下する', 'rejected')}`
                  : ''
              }${l.standing === 'approved' && mayLend && button(`/media/lendings/${l.lendingId}/lend`, '貸し出したことを記録する')}</div></section>`,
            )
      }`,
    );
  });
  spacedPage(app, 'POST', '/media/lendings/:id/decide', uses.approval, async (p) => {
    const decision = p.form.get('decision') === 'approved' ? 'approved' : 'rejected';
    const done = await uses.decideLending(deps, p.session.actor, { lendingId: p.param('id'), decision });
    return p.redirect(
      '/media/lendings',
      done.ok
        ? { kind: 'done', text: decision === 'approved' ? '承認しました。' : '却下しました。' }
        : { kind: 'error', text: refusalText(done.error) },
    );
  });
  spacedPage(app, 'POST', '/media/lendings/:id/lend', uses.update, async (p) => {
    const done = await uses.lend(deps, p.session.actor, { lendingId: p.param('id') });
    return done.ok
      ? p.redirect(`/media/medium/${done.value.serial}`, { kind: 'done', text: '貸出しを記録しました。' })
      : p.redirect('/media/lendings', { kind: 'error', text: refusalText(done.error) });
  });
}
