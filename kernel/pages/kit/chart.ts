import assert from 'node:assert/strict';
import { grouped, type Html, html, idOf } from '../html.ts';

export interface Chart {
  readonly title: string;
  /** What the picture shows, in a sentence, for those who do not see it. */
  readonly description: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** One to three series, each as long as `labels`; values are 0 or more. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const width = 720;
const height = 260;
const left = 64;
const bottom = 32;
const top = 16;
const looks = ['bar', 'bar-2', 'bar-3'] as const;

/** Bars as SVG made on the server, with the same figures as a table below. */
export function chart(c: Chart): Html {
  assert(c.series.length >= 1 && c.series.length <= looks.length, 'one to three series');
  assert(
    c.series.every((s) => s.values.length === c.labels.length),
    'each series has a value per label',
  );
  const scaleTop = niceTop(Math.max(1, ...c.series.flatMap((s) => s.values)));
  const y = (value: number) => top + (height - top - bottom) * (1 - value / scaleTop);
  const slot = (width - left - 8) / Math.max(1, c.labels.length);
  const barWidth = Math.min(48, (slot * 0.7) / c.series.length);
  const id = idOf('chart', c.title);
  return html`<figure class="chart stack-tight"><figcaption><strong>${c.title}</strong>（${c.unit}）</figcaption>
${c.series.length > 1 && html`<div class="legend" aria-hidden="true">${c.series.map((s, i) => html`<span><svg viewBox="0 0 14 14"><rect width="14" height="14" class="${looks[i] ?? 'bar'}"/></svg>${s.name}</span>`)}</div>`}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${c.title}。${c.description}">
${[0, 0.25, 0.5, 0.75, 1].map((part) => {
  const value = scaleTop * part;
  return html`<line class="${part === 0 ? 'axis' : 'grid'}" x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${grouped(value)}</text>`;
})}
${c.labels.map((label, i) => {
  const middle = left + slot * (i + 0.5);
  return html`${c.series.map((s, k) => {
    const value = s.values[i] ?? 0;
    const x = middle + (k - c.series.length / 2) * barWidth;
    return html`<rect class="${looks[k] ?? 'bar'}" x="${x.toFixed(1)}" y="${y(value).toFixed(1)}" width="${(barWidth - 2).toFixed(1)}" height="${(y(0) - y(value)).toFixed(1)}"/>`;
  })}<text x="${middle.toFixed(1)}" y="${height - 10}" text-anchor="middle">${label}</text>`;
})}</svg>
<details><summary>表で見る</summary><table class="data-table"><caption class="visually-hidden" id="${id}">${c.title}</caption>
<thead><tr><th scope="col">区分</th>${c.series.map((s) => html`<th scope="col" class="num">${s.name}（${c.unit}）</th>`)}</tr></thead>
<tbody>${c.labels.map((label, i) => html`<tr><th scope="row">${label}</th>${c.series.map((s) => html`<td class="num">${grouped(s.values[i] ?? 0)}</td>`)}</tr>`)}</tbody></table></details></figure>`;
}

/** The next of 1, 2, 4, 6, 8 times a power of ten: quarters of it are round numbers too. */
function niceTop(value: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(value)));
  const step = [1, 2, 4, 6, 8, 10].find((s) => s * power >= value) ?? 10;
  return Math.max(4, step * power);
}
