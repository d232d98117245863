import type { ActDeps } from '../db/act.ts';
import type { PageApp, PageRequest } from '../pages/app.ts';
import { html } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { sectionTitle } from '../pages/kit/marks.ts';
import { tokenField } from '../pages/layout.ts';
import type { MediaUseCases } from './acts.ts';
import type { MediaDeps } from './media.ts';
import { sections, textField, type Wrong } from './pages-parts.ts';
import { refusalText } from './pages-words.ts';
import { spacedPage } from './spaced-page.ts';

const keyFields: readonly Field[] = [
  textField('receiver', '受取側の部署'),
  { kind: 'lines', name: 'recipientKey', label: '公開鍵', hint: 'age1 で始まる鍵', rows: 3, maxLength: 4000 },
  textField('document', '鍵登録書の番号'),
];

/** 暗号の鍵: the office's own, and those of who receives. */
export function addKeyPages(app: PageApp, deps: ActDeps & MediaDeps, uses: MediaUseCases): void {
  const show = async (p: PageRequest, again?: Wrong) => {
    const found = await uses.keys(deps, p.session.actor, undefined);
    if (!found.ok) return p.problem('not-authorised');
    const mayUpdate = await p.may(uses.update);
    return p.view(
      { title: '暗号の鍵', gloss: 'Encryption keys', ...(again ? { hasErrors: true, status: 422 } : {}) },
      html`${sections('/media/keys')}
${sectionTitle('この窓口の公開鍵', 'Our own key')}
${found.value.own ? html`<p>持ち込むファイルは、次の鍵で暗号化してください。</p><p><code>${found.value.own}</code></p>` : html`<p class="muted">まだ作られていません。</p>`}
${mayUpdate && html`<form method="post" action="/media/keys/own">${tokenField(p.session)}<button class="button" type="submit">新しい鍵を作る</button></form>`}
${sectionTitle('受取側の鍵', 'Keys of receivers')}
${found.value.receivers.length === 0 ? html`<p class="muted">登録された鍵はありません。</p>` : html`<ul>${found.value.receivers.map((k) => html`<li>${k.receiver}（${k.document}）　<code>…${k.recipientKey.slice(-12)}</code></li>`)}</ul>`}
${mayUpdate && form({ action: '/media/keys', session: p.session, fields: keyFields, submit: '鍵を登録する', ...again })}`,
    );
  };
  spacedPage(app, 'GET', '/media/keys', uses.read, (p) => show(p));
  spacedPage(app, 'POST', '/media/keys', uses.update, async (p) => {
    const read = readForm(keyFields, p.form);
    if (!read.ok) return show(p, read.error);
    const { receiver = '', recipientKey = '', document = '' } = read.value.texts;
    const done = await uses.registerKey(deps, p.session.actor, {
      receiver,
      recipientKey: recipientKey.replace(/\s/g, ''),
      document,
    });
    if (done.ok) return p.redirect('/media/keys', { kind: 'done', text: '鍵を登録しました。' });
    return show(p, { errors: { '': refusalText(done.error) }, values: read.value.texts });
  });
  spacedPage(app, 'POST', '/media/keys/own', uses.update, async (p) => {
    const done = await uses.makeKey(deps, p.session.actor, {});
    return p.redirect(
      '/media/keys',
      done.ok ? { kind: 'done', text: '新しい鍵を作りました。' } : { kind: 'error', text: refusalText(done.error) },
    );
  });
}
