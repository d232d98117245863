import { type Html, type HtmlValue, html, raw, time } from '../html.ts';
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
  /** What will be asked for and shown here, by name of the item; why each is needed, where that is not plain. */
  readonly asked?: readonly { readonly item: string; readonly why?: string }[];
  /** Legal grounds to choose from, the fitting one chosen beforehand; with one only, it is stated and not asked. */
  readonly grounds?: readonly { readonly value: string; readonly label: string }[];
  /** Bodies to choose from, the fitting one first; with one only, it is stated and not asked. */
  readonly providers?: readonly { readonly value: string; readonly label: string }[];
  /** Why it cannot be asked now, as a sentence. */
  readonly blocked?: string | undefined;
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
  /** The answer beside what the applicant declared; see `compareValues`. */
  readonly compared?: HtmlValue;
  /** Page with the signed evidence and its check. */
  readonly evidenceHref?: string;
  /** When the result is deleted. */
  readonly keptUntil?: Temporal.PlainDate;
  /** Where no final outcome came yet: the same request is taken up, no new one is asked. */
  readonly takeUp?: { readonly action: string; readonly requestKey: string; readonly provider: string };
}

const words: Record<PastInquiry['state'], readonly [string, Tone]> = {
  asked: ['照会中', 'info'],
  held: ['提供側で確認中', 'warning'],
  answered: ['回答あり', 'done'],
  refused: ['提供されません', 'error'],
  'no-answer': ['回答期限切れ', 'error'],
  deleted: ['保存期間満了', 'plain'],
};

/**
 * Asking another public body for what it holds about the person of this case, and what came back. The ground and the body are
 * chosen beforehand where the case decides them, so that asking is one press within the work.
 */
export const askAnotherBody = (panel: InquiryPanel): Html =>
  html`<section class="panel" aria-labelledby="ask-title"><h2 id="ask-title">他機関への情報照会 <span class="gloss" lang="en">Ask another body</span></h2>
${facts([
  { label: '照会する情報', value: panel.information },
  { label: '照会先', value: panel.provider },
  { label: '事務', value: panel.procedure },
  { label: '根拠', value: panel.ground },
])}
${panel.asked && panel.asked.length > 0 && html`<h3 class="mt-4">照会して表示する項目</h3><ul>${panel.asked.map(({ item, why }) => html`<li>${item}${why && html` <span class="muted">${why}</span>`}</li>`)}</ul>`}
${panel.blocked && notice('info', panel.blocked)}
${panel.askAction && askForm(panel, panel.askAction)}
${panel.inquiries.length === 0 ? html`<p class="muted mt-4">まだ照会していません。</p>` : panel.inquiries.map((inquiry) => pastInquiry(panel.session, inquiry))}</section>`;

const askForm = (panel: InquiryPanel, action: string): Html =>
  html`<form class="stack-tight no-print mt-4" method="post" action="${action}">${tokenField(panel.session)}<input type="hidden" name="requestKey" value="${panel.requestKey}">
${choice('ground', '根拠', panel.grounds)}${choice('provider', '照会先', panel.providers)}
<div class="row"><button class="button button-primary" type="submit">照会する</button><span class="muted">照会は記録され、本人はマイナポータルで確認できます。</span></div></form>`;

/** Radio buttons with the first chosen; a single choice travels unseen. */
function choice(
  name: string,
  label: string,
  options: readonly { readonly value: string; readonly label: string }[] | undefined,
): Html | undefined {
  if (options === undefined) return undefined;
  const [only] = options;
  if (options.length === 1) return html`<input type="hidden" name="${name}" value="${only!.value}">`;
  return html`<fieldset class="field"><legend>${label}</legend>${options.map(
    (option, i) =>
      html`<div class="choice"><input type="radio" id="ask-${name}-${i}" name="${name}" value="${option.value}"${i === 0 && raw(' checked')}><div><label for="ask-${name}-${i}">${option.label}</label></div></div>`,
  )}</fieldset>`;
}

const takeUpForm = (session: PageSession, of: NonNullable<PastInquiry['takeUp']>): Html =>
  html`<form class="mt-4 no-print" method="post" action="${of.action}">${tokenField(session)}<input type="hidden" name="requestKey" value="${of.requestKey}"><input type="hidden" name="provider" value="${of.provider}"><button class="button" type="submit">回答を確かめる</button></form>`;

function pastInquiry(session: PageSession, inquiry: PastInquiry): Html {
  const [word, tone] = words[inquiry.state];
  return html`<article class="mt-6"><div class="row"><h3>照会 <code>${inquiry.inquiryNumber}</code></h3>${badge(word, tone)}</div>
<ol class="timeline mt-2"><li data-state="done">${time(inquiry.askedAt)} ${inquiry.askedBy}が照会</li>${
    inquiry.answeredAt &&
    html`<li data-state="${inquiry.state === 'refused' ? 'failed' : 'done'}">${time(inquiry.answeredAt)} ${word}</li>`
  }</ol>
${inquiry.reason && notice(inquiry.state === 'refused' ? 'error' : 'info', inquiry.reason)}
${inquiry.answer && facts(inquiry.answer)}${inquiry.compared}${
  inquiry.evidenceHref &&
  html`<p class="mt-2"><a href="${inquiry.evidenceHref}">提供元の署名と許可証（証跡）を確かめる</a></p>`
}${inquiry.takeUp && takeUpForm(session, inquiry.takeUp)}
${inquiry.keptUntil && html`<p class="muted mt-2">この回答は${time(inquiry.keptUntil)}に削除されます。</p>`}</article>`;
}
