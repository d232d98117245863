import { type Html, type HtmlValue, html, idOf, time } from '../html.ts';
import { type Fact, facts, sectionTitle } from './marks.ts';

export interface RecordSection {
  readonly title: string;
  readonly gloss: string;
  readonly facts?: readonly Fact[];
  /** Anything besides: a table, a chart. */
  readonly body?: HtmlValue;
}

/** One line of a record's history: facts are never changed, so this is how it came to be what it is. */
export interface HistoryLine {
  readonly recordedAt: Temporal.Instant;
  /** From when it holds in law, where that differs. */
  readonly validFrom?: Temporal.PlainDate;
  readonly what: string;
  readonly reason?: string;
  readonly who: string;
}

/** A record: its sections, then its history. */
export const recordPage = (record: {
  readonly sections: readonly RecordSection[];
  readonly history: readonly HistoryLine[];
}): Html =>
  html`<div class="stack">${record.sections.map(
    (section, i) =>
      html`<section aria-labelledby="${idOf('s', `${i}`)}">${sectionTitle(section.title, section.gloss, idOf('s', `${i}`))}${
        section.facts && facts(section.facts)
      }${section.body}</section>`,
  )}${history(record.history)}</div>`;

export const history = (lines: readonly HistoryLine[]): Html =>
  html`<section aria-labelledby="history">${sectionTitle('履歴', 'History', 'history')}${
    lines.length === 0
      ? html`<p class="muted">履歴はありません。</p>`
      : html`<div class="table-scroll" tabindex="0" role="region" aria-label="履歴の表"><table class="data-table"><caption class="visually-hidden">記録の履歴</caption>
<thead><tr><th scope="col">記録した時</th><th scope="col">効力の始まり</th><th scope="col">内容</th><th scope="col">事由</th><th scope="col">担当</th></tr></thead>
<tbody>${lines.map(
          (line) =>
            html`<tr><td class="nowrap">${time(line.recordedAt)}</td><td class="nowrap">${line.validFrom && time(line.validFrom)}</td><td>${line.what}</td><td>${line.reason}</td><td class="nowrap">${line.who}</td></tr>`,
        )}</tbody></table></div>`
  }</section>`;
