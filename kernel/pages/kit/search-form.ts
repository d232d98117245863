import { type Html, html } from '../html.ts';
import { tokenField } from '../layout.ts';
import type { PageSession } from '../session.ts';
import { type Filter, filterField } from './work-list.ts';

export interface SearchForm {
  readonly action: string;
  /**
   * `post` for anything that names a person: what is searched must not stand in addresses, histories and logs.
   * `get` for what holds nothing personal.
   */
  readonly method: 'get' | 'post';
  readonly session: PageSession;
  readonly label: string;
  readonly fields: readonly Filter[];
  readonly values?: Readonly<Record<string, string>>;
  readonly submit?: string;
}

/** Looks up a few records; the answer is a `workList` or a record. */
export function searchForm(search: SearchForm): Html {
  return html`<form class="filters" method="${search.method}" action="${search.action}" role="search" aria-label="${search.label}">
${search.method === 'post' && tokenField(search.session)}
${search.fields.map((field) => filterField(field, search.values?.[field.name] ?? ''))}
<div class="row"><button class="button button-primary" type="submit">${search.submit ?? '検索する'}</button></div></form>`;
}
