import { grouped, type Html, type HtmlValue, html, idOf, raw } from '../html.ts';
import { type Option, optionList } from './form.ts';

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  /** The server knows how to order by it; only such keys are ever taken from the address. */
  readonly sortable?: boolean;
  readonly align?: 'end';
  /** The column that names the row; exactly one should. */
  readonly heading?: boolean;
  cell(row: Row): HtmlValue;
}

export type Filter =
  | { readonly kind: 'text'; readonly name: string; readonly label: string; readonly maxLength?: number }
  | { readonly kind: 'select'; readonly name: string; readonly label: string; readonly options: readonly Option[] }
  | { readonly kind: 'date'; readonly name: string; readonly label: string };

export interface WorkListDefinition<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly filters?: readonly Filter[];
  readonly defaultSort: Sort;
  /** Rows per page, the first is the default. */
  readonly sizes?: readonly number[];
  /** Said when nothing is left to do. */
  readonly emptyText?: string;
}

export interface Sort {
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

/** What the address asks for, already limited to what the definition knows. */
export interface ListQuery {
  readonly filters: Readonly<Record<string, string>>;
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
  readonly size: number;
  /** Rows to skip. */
  readonly offset: number;
}

const defaultSizes = [50, 100, 200];

/** Reads the address. What the definition does not know (a column, a size, an option) is left out, never handed on to SQL. */
export function readListQuery<Row>(definition: WorkListDefinition<Row>, query: URLSearchParams): ListQuery {
  const filters: Record<string, string> = {};
  for (const filter of definition.filters ?? []) {
    const value = query.get(filter.name)?.trim() ?? '';
    if (value === '') continue;
    if (filter.kind === 'select' && !filter.options.some((o) => o.value === value)) continue;
    if (filter.kind === 'date' && !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) continue;
    filters[filter.name] = filter.kind === 'text' ? value.slice(0, filter.maxLength ?? 100) : value;
  }
  const [key = '', direction] = (query.get('sort') ?? '').split('.');
  const sortable = definition.columns.some((c) => c.sortable && c.key === key);
  const sizes = definition.sizes ?? defaultSizes;
  const size = sizes.find((s) => `${s}` === query.get('size')) ?? sizes[0] ?? 50;
  const page = Math.max(1, Math.min(100_000, Number.parseInt(query.get('page') ?? '1', 10) || 1));
  return {
    filters,
    sort: sortable ? { key, direction: direction === 'desc' ? 'desc' : 'asc' } : definition.defaultSort,
    page,
    size,
    offset: (page - 1) * size,
  };
}

export interface WorkListState<Row> {
  /** The page's own path; filter, order and page stand in its query, so that a list can be kept, sent and gone back to. */
  readonly path: string;
  readonly query: ListQuery;
  readonly rows: readonly Row[];
  /** Rows that the filters leave, over all pages. */
  readonly total: number;
}

/** A list of work: filters above, counts, a table, pages below. Everything is decided on the server. */
export function workList<Row>(definition: WorkListDefinition<Row>, state: WorkListState<Row>): Html {
  const filters = definition.filters ?? [];
  return html`<section class="stack-tight" aria-label="${definition.caption}">
${filters.length > 0 && filterForm(definition, filters, state)}
${countBar(state)}
${state.rows.length === 0 ? emptyState(definition, state) : html`<div class="table-scroll" tabindex="0" role="region" aria-label="${definition.caption}の表">${table(definition, state)}</div>`}
${pager(definition, state)}</section>`;
}

function filterForm<Row>(
  definition: WorkListDefinition<Row>,
  filters: readonly Filter[],
  state: WorkListState<Row>,
): Html {
  return html`<form class="filters" method="get" action="${state.path}" role="search" aria-label="${definition.caption}の絞り込み">
${filters.map((filter) => filterField(filter, state.query.filters[filter.name] ?? ''))}
${hiddenState(definition, state)}
<div class="row"><button class="button button-primary" type="submit">絞り込む</button>${
    Object.keys(state.query.filters).length > 0 &&
    html`<a class="button button-quiet" href="${state.path}">条件をすべて外す</a>`
  }</div></form>`;
}

export function filterField(filter: Filter, value: string): Html {
  const id = idOf('q', filter.name);
  const control =
    filter.kind === 'select'
      ? html`<select class="input" id="${id}" name="${filter.name}"><option value="">すべて</option>${optionList(filter.options, value)}</select>`
      : html`<input class="input" type="${filter.kind}" id="${id}" name="${filter.name}" value="${value}">`;
  return html`<div class="field"><label for="${id}">${filter.label}</label>${control}</div>`;
}

/** Order and size survive a new filter; the page number does not. */
function hiddenState<Row>(definition: WorkListDefinition<Row>, { query }: WorkListState<Row>): Html {
  const { sort, size } = query;
  const isDefault = sort.key === definition.defaultSort.key && sort.direction === definition.defaultSort.direction;
  return html`${!isDefault && html`<input type="hidden" name="sort" value="${sort.key}.${sort.direction}">`}${
    size !== (definition.sizes ?? defaultSizes)[0] && html`<input type="hidden" name="size" value="${size}">`
  }`;
}

function countBar<Row>({ query, rows, total }: WorkListState<Row>): Html {
  if (total === 0) return html`<p class="list-bar" role="status"><span><strong>0</strong> 件</span></p>`;
  return html`<div class="list-bar"><p role="status"><strong>${grouped(total)}</strong> 件のうち ${grouped(query.offset + 1)}～${grouped(query.offset + rows.length)} 件目</p></div>`;
}

function emptyState<Row>(definition: WorkListDefinition<Row>, { query, path }: WorkListState<Row>): Html {
  const filtered = Object.keys(query.filters).length > 0;
  return html`<div class="empty"><p>${filtered ? '条件に合うものはありません。' : (definition.emptyText ?? '対象のものはありません。')}</p>${
    filtered && html`<p><a href="${path}">条件をすべて外す</a></p>`
  }</div>`;
}

function table<Row>(definition: WorkListDefinition<Row>, state: WorkListState<Row>): Html {
  return html`<table class="data-table"><caption class="visually-hidden">${definition.caption}</caption>
<thead><tr>${definition.columns.map((column) => head(column, state))}</tr></thead>
<tbody>${state.rows.map(
    (row) =>
      html`<tr>${definition.columns.map((column) => {
        const numeric = column.align === 'end' && raw(' class="num"');
        return column.heading
          ? html`<th scope="row"${numeric}>${column.cell(row)}</th>`
          : html`<td${numeric}>${column.cell(row)}</td>`;
      })}</tr>`,
  )}</tbody></table>`;
}

function head<Row>(column: Column<Row>, state: WorkListState<Row>): Html {
  const numeric = column.align === 'end' && raw(' class="num"');
  if (!column.sortable) return html`<th scope="col"${numeric}>${column.label}</th>`;
  const { sort } = state.query;
  const active = sort.key === column.key;
  const next = active && sort.direction === 'asc' ? 'desc' : 'asc';
  const order = active && html` aria-sort="${sort.direction === 'asc' ? 'ascending' : 'descending'}"`;
  const mark = !active ? '↕' : sort.direction === 'asc' ? '▲' : '▼';
  return html`<th scope="col"${numeric}${order}><a href="${address(state, { sort: { key: column.key, direction: next }, page: 1 })}">${column.label}<span class="sort-mark" aria-hidden="true">${mark}</span></a></th>`;
}

function pager<Row>(definition: WorkListDefinition<Row>, state: WorkListState<Row>): Html | undefined {
  const { query, total } = state;
  const last = Math.max(1, Math.ceil(total / query.size));
  if (last === 1) return undefined;
  const shown = [...new Set([1, query.page - 2, query.page - 1, query.page, query.page + 1, query.page + 2, last])]
    .filter((p) => p >= 1 && p <= last)
    .sort((a, b) => a - b);
  return html`<nav class="pager" aria-label="${definition.caption}のページ"><ul>
${query.page > 1 && html`<li><a href="${address(state, { page: query.page - 1 })}" rel="prev">前へ</a></li>`}
${shown.map(
  (p, i) =>
    html`${i > 0 && p - (shown[i - 1] ?? 0) > 1 && html`<li><span>…</span></li>`}<li>${
      p === query.page
        ? html`<span aria-current="page">${p}<span class="visually-hidden">ページ目</span></span>`
        : html`<a href="${address(state, { page: p })}">${p}<span class="visually-hidden">ページ目</span></a>`
    }</li>`,
)}
${query.page < last && html`<li><a href="${address(state, { page: query.page + 1 })}" rel="next">次へ</a></li>`}
</ul></nav>`;
}

/** The address of the same list with something changed. */
function address<Row>(state: WorkListState<Row>, change: { readonly sort?: Sort; readonly page?: number }): string {
  const { filters, size } = state.query;
  const sort = change.sort ?? state.query.sort;
  const query = new URLSearchParams({ ...filters, sort: `${sort.key}.${sort.direction}`, size: `${size}` });
  if (change.page !== undefined && change.page > 1) query.set('page', `${change.page}`);
  return `${state.path}?${query}`;
}
