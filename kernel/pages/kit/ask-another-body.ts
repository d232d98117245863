import { type Html, type HtmlValue, html, time } from '../html.ts';
import { tokenField } from '../layout.ts';
import type { PageSession } from '../session.ts';
import { badge, type Fact, facts, notice, type Tone } from './marks.ts';

export interface InquiryPanel {
  readonly session: PageSession;
  /** POST address that asks; absent where the reader may only look. */
  readonly askAction?: string;
  /** So that a doubled click asks once. */
  readonly requestKey: string;
  /** 事務 */
  readonly procedure: string;
  /** 特定個人情報名 */
  readonly information: string;
  readonly provider: string;
  /** 番号利用法 第19条第8号 and the row of the list. */
  readonly ground: string;
  readonly inquiries: readonly PastInquiry[];
}

export interface PastInquiry {
  readonly inquiryNumber: string;
  readonly askedAt: Temporal.Instant;
  readonly askedBy: string;
  readonly state: 'asked' | 'held' | 'answered' | 'refused' | 'no-answer' | 'deleted';
  /** Why, as a sentence for the clerk. */
  readonly reason?: string;
  readonly answeredAt?: Temporal.Instant;
  readonly answer?: readonly Fact[];
  /** When the result is deleted. */
  readonly keptUntil?: Temporal.PlainDate;
  readonly more?: HtmlValue;
}

const words: Record<PastInquiry['state'], readonly [string, Tone]> = {
  asked: ['照会中', 'info'],
  held: ['提供側で確認中', 'warning'],
  answered: ['回答あり', 'done'],
  refused: ['提供されません', 'error'],
  'no-answer': ['回答期限切れ', 'error'],
  deleted: ['保存期間満了', 'plain'],
};

/** Asking another public body for what it holds about the person of this case, and what came back. */
export const askAnotherBody = (panel: InquiryPanel): Html =>
  html`<section class="panel" aria-labelledby="ask-title"><h2 id="ask-title">他機関への情報照会 <span class="gloss" lang="en">Ask another body</span></h2>
${facts([
  { label: '照会する情報', value: panel.information },
  { label: '照会先', value: panel.provider },
  { label: '事務', value: panel.procedure },
  { label: '根拠', value: panel.ground },
])}
${panel.askAction && html`<form class="row no-print mt-4" method="post" action="${panel.askAction}">${tokenField(panel.session)}<input type="hidden" name="requestKey" value="${panel.requestKey}"><button class="button button-primary" type="submit">照会する</button><span class="muted">照会は記録され、本人はマイナポータルで確認できます。</span></form>`}
${panel.inquiries.length === 0 ? html`<p class="muted mt-4">まだ照会していません。</p>` : panel.inquiries.map(pastInquiry)}</section>`;

function pastInquiry(inquiry: PastInquiry): Html {
  const [word, tone] = words[inquiry.state];
  return html`<article class="mt-6"><div class="row"><h3>照会 <code>${inquiry.inquiryNumber}</code></h3>${badge(word, tone)}</div>
<ol class="timeline mt-2"><li data-state="done">${time(inquiry.askedAt)} ${inquiry.askedBy}が照会</li>${
    inquiry.answeredAt &&
    html`<li data-state="${inquiry.state === 'refused' ? 'failed' : 'done'}">${time(inquiry.answeredAt)} ${word}</li>`
  }</ol>
${inquiry.reason && notice(inquiry.state === 'refused' ? 'error' : 'info', inquiry.reason)}
${inquiry.answer && facts(inquiry.answer)}${inquiry.more}
${inquiry.keptUntil && html`<p class="muted mt-2">この回答は${time(inquiry.keptUntil)}に削除されます。</p>`}</article>`;
}
