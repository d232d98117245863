import { type Html, html } from '../pages/html.ts';
import type { Field, FormErrors, FormValues } from '../pages/kit/form.ts';

/** What the pages of the media office share. */

export const textField = (name: string, label: string, hint?: string): Field => ({
  kind: 'text',
  name,
  label,
  maxLength: 200,
  ...(hint ? { hint } : {}),
});

/** A form shown again with what was wrong. */
export interface Wrong {
  readonly errors: FormErrors;
  readonly values: FormValues;
}

export const sections = (here: string): Html =>
  html`<nav aria-label="媒体の業務"><ul class="row">${[
    ['/media', '管理簿'],
    ['/media/lendings', '貸出しの申請'],
    ['/media/stock-taking', '在庫照合'],
    ['/media/papers', '文書の所在'],
    ['/media/keys', '暗号の鍵'],
  ].map(
    ([href, label]) =>
      html`<li>${href === here ? html`<span aria-current="page">${label}</span>` : html`<a href="${href}">${label}</a>`}</li>`,
  )}</ul></nav>`;
