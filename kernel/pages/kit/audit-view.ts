import { type Html, html, time } from '../html.ts';
import { badge } from './marks.ts';

/** One event of the log as a reader may see it: ids and codes, never the values that were read or written. */
export interface AuditLine {
  readonly at: Temporal.Instant;
  readonly who: string;
  /** What was done, in the reader's words. */
  readonly what: string;
  readonly outcome: 'done' | 'refused';
  readonly refusal?: string;
  readonly ground?: string;
  readonly items?: readonly string[];
  readonly recipient?: string;
  readonly eventId: string;
  /** Where the proof that the event stands in the log can be seen. */
  readonly proofHref?: string;
}

export const auditView = (lines: readonly AuditLine[], caption = '操作の記録'): Html =>
  lines.length === 0
    ? html`<div class="empty"><p>記録はありません。</p></div>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="${caption}"><table class="data-table"><caption class="visually-hidden">${caption}</caption>
<thead><tr><th scope="col">日時</th><th scope="col">行った者</th><th scope="col">内容</th><th scope="col">結果</th><th scope="col">根拠</th><th scope="col">項目</th><th scope="col">提供先</th><th scope="col">記録番号</th></tr></thead>
<tbody>${lines.map(
        (line) =>
          html`<tr><td class="nowrap">${time(line.at)}</td><td>${line.who}</td><td>${line.what}</td><td>${
            line.outcome === 'done' ? badge('実行', 'done') : html`${badge('拒否', 'error')} ${line.refusal}`
          }</td><td>${line.ground}</td><td>${line.items?.join('、')}</td><td>${line.recipient}</td><td>${
            line.proofHref
              ? html`<a href="${line.proofHref}"><code>${line.eventId.slice(-12)}</code><span class="visually-hidden">の証明を見る</span></a>`
              : html`<code>${line.eventId.slice(-12)}</code>`
          }</td></tr>`,
      )}</tbody></table></div>`;
