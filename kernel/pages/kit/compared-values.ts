import { type Html, type HtmlValue, html } from '../html.ts';
import { badge } from './marks.ts';

export type CellValue = string | number | boolean | null | undefined;

/** One thing that the applicant declared, or another body answered, or both. */
export interface Compared {
  readonly label: string;
  readonly declared: CellValue;
  readonly answered: CellValue;
  readonly state: 'same' | 'differs' | 'declared-only' | 'answered-only' | 'neither';
}

const isThere = (value: CellValue): value is string | number | boolean =>
  value !== undefined && value !== null && value !== '';

/** Width and spaces are writing; everything else counts. */
const folded = (value: string | number | boolean): string => `${value}`.normalize('NFKC').replace(/\s/gu, '');

/** Sets declared values beside answered ones, by name; the order is that of `labels`. */
export function compareValues(
  labels: readonly string[],
  declared: Readonly<Record<string, CellValue>>,
  answered: Readonly<Record<string, CellValue>>,
): Compared[] {
  const cellOf = (from: Readonly<Record<string, CellValue>>, label: string): CellValue =>
    Object.hasOwn(from, label) ? from[label] : undefined;
  return labels.map((label) => {
    const [left, right] = [cellOf(declared, label), cellOf(answered, label)];
    const state = isThere(left)
      ? isThere(right)
        ? folded(left) === folded(right)
          ? 'same'
          : 'differs'
        : 'declared-only'
      : isThere(right)
        ? 'answered-only'
        : 'neither';
    return { label, declared: left, answered: right, state };
  });
}

const marks = {
  same: badge('一致', 'done'),
  differs: badge('相違', 'error'),
  'declared-only': badge('回答なし', 'warning'),
  'answered-only': badge('申告なし', 'plain'),
  neither: badge('―', 'plain'),
} as const;

/** Declared and answered side by side; a difference is said in words, not only in colour. */
export function comparedTable(
  rows: readonly Compared[],
  options: {
    readonly caption: string;
    readonly declaredHead: string;
    readonly answeredHead: string;
    readonly show: (value: string | number | boolean) => HtmlValue;
  },
): Html {
  const differing = rows.filter((r) => r.state === 'differs').length;
  const cell = (value: CellValue): HtmlValue =>
    isThere(value) ? options.show(value) : html`<span class="muted">―</span>`;
  return html`<div class="table-scroll mt-4" tabindex="0" role="region" aria-label="${options.caption}の表"><table class="data-table"><caption>${options.caption}${differing > 0 && html` <strong>相違 ${differing}件</strong>`}</caption>
<thead><tr><th scope="col">項目</th><th scope="col">${options.declaredHead}</th><th scope="col">${options.answeredHead}</th><th scope="col">比較</th></tr></thead>
<tbody>${rows.map(
    (r) =>
      html`<tr><th scope="row">${r.label}</th><td>${cell(r.declared)}</td><td>${r.state === 'differs' ? html`<strong>${cell(r.answered)}</strong>` : cell(r.answered)}</td><td>${marks[r.state]}</td></tr>`,
  )}</tbody></table></div>`;
}
