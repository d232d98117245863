import { type Html, type HtmlValue, html } from '../html.ts';

export type Tone = 'plain' | 'info' | 'done' | 'warning' | 'error';

/** A short state. The word carries the meaning; the colour only helps. */
export const badge = (text: string, tone: Tone = 'plain'): Html =>
  html`<span class="badge badge-${tone}">${text}</span>`;

/** A message that stands in the page. */
export const notice = (tone: 'done' | 'info' | 'warning' | 'error', title: string, body?: HtmlValue): Html =>
  html`<div class="notice notice-${tone}"><p>${title}</p>${body && html`<div>${body}</div>`}</div>`;

/** A heading with its gloss, ruled. */
export const sectionTitle = (title: string, gloss: string, id?: string): Html =>
  html`<h2 class="section-title"${id && html` id="${id}"`}>${title}<span class="gloss" lang="en">${gloss}</span></h2>`;

export interface Fact {
  readonly label: string;
  readonly gloss?: string;
  readonly value: HtmlValue;
}

/** Labels and values, two columns; one on a narrow screen. */
export const facts = (items: readonly Fact[]): Html =>
  html`<dl class="facts">${items.map(
    (item) =>
      html`<div><dt>${item.label}${item.gloss && html`<span class="gloss" lang="en">${item.gloss}</span>`}</dt><dd>${
        item.value === undefined || item.value === null || item.value === ''
          ? html`<span class="muted">―</span>`
          : item.value
      }</dd></div>`,
  )}</dl>`;

export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly unit?: string;
}

/** Counts side by side. */
export const figures = (items: readonly Figure[]): Html =>
  html`<dl class="figures">${items.map(
    (item) =>
      html`<div><dt>${item.label}</dt><dd>${item.value}${item.unit && html`<small>${item.unit}</small>`}</dd></div>`,
  )}</dl>`;
