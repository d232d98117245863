import { type NavEntry, type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';

/** The first page after signing in: what this person may do here. */
export function registerStartPage(app: PageApp, nav: readonly NavEntry[]): void {
  page(app, 'GET', '/', 'signed-in', async (p) => {
    const open: NavEntry[] = [];
    for (const entry of nav) if (await p.may(entry.right)) open.push(entry);
    return p.view(
      { title: '個人住民税システム', gloss: 'Inhabitant tax on individuals' },
      open.length === 0
        ? html`<p>このシステムで使える機能がありません。権限は所属の管理者に確かめてください。</p>`
        : html`<ul class="stack-tight">${open.map(({ href, label }) => html`<li><a href="${href}">${label}</a></li>`)}</ul>`,
    );
  });
}
