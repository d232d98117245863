import { type Html, html } from '../html.ts';
import { tokenField } from '../layout.ts';
import type { PageSession } from '../session.ts';
import { type Fact, facts } from './marks.ts';

export interface Confirmation {
  readonly session: PageSession;
  readonly action: string;
  readonly question: string;
  readonly facts: readonly Fact[];
  readonly submit: string;
  readonly backHref: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly danger?: boolean;
}

/** The last look before something happens. */
export const confirmPage = (c: Confirmation): Html =>
  html`<div class="stack"><p>${c.question}</p>${facts(c.facts)}<form method="post" action="${c.action}">${tokenField(c.session)}${Object.entries(
    c.hidden ?? {},
  ).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<div class="row"><button class="button ${c.danger ? 'button-danger' : 'button-primary'}" type="submit">${c.submit}</button><a class="button button-quiet" href="${c.backHref}">戻って直す</a></div></form></div>`;

/** Where the reader stands in a procedure of several pages. `current` from 0. */
export const stepper = (steps: readonly string[], current: number): Html =>
  html`<ol class="stepper" aria-label="手続の段階">${steps.map((label, i) =>
    i === current
      ? html`<li aria-current="step">${label}</li>`
      : html`<li data-state="${i < current ? 'done' : 'waiting'}">${label}${i < current && html`<span class="visually-hidden">（済）</span>`}</li>`,
  )}</ol>`;
