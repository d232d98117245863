import { type ElementCode, koa020Elements } from '@musubi/contracts/tax-return/koa020-elements.ts';
import { type Html, html, yenText } from '@musubi/kernel/pages/html.ts';

/** 申告書の内容: each element that was filed, with its name on the form; those of a repeated group carry their number. */
export function returnContents(columns: Readonly<Record<string, unknown>>): Html | undefined {
  const { items } = columns;
  if (items === null || typeof items !== 'object') return undefined;
  const order = Object.keys(koa020Elements);
  const rows = Object.entries(items as Readonly<Record<string, string>>)
    .map(([key, value]) => ({ key, code: key.slice(0, 8) as ElementCode, no: key.slice(9), value }))
    .sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code) || a.no.localeCompare(b.no));
  if (rows.length === 0) return html`<p class="muted">内容のない申告（取下げ）です。</p>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="申告書の内容の表"><table class="data-table"><caption class="visually-hidden">申告書の内容</caption>
<thead><tr><th scope="col">項目</th><th scope="col">番号</th><th scope="col">内容</th></tr></thead><tbody>${rows.map(
    ({ key, code, no, value }) => {
      const [kind, label] = koa020Elements[code] ?? ['text', key];
      return html`<tr><th scope="row">${label}${no !== '' && `（${no}人目・件目）`}</th><td><code>${key}</code></td><td${kind === 'yen' ? html` class="num"` : ''}>${kind === 'yen' ? yenText(Number(value)) : value}</td></tr>`;
    },
  )}</tbody></table></div>`;
}
