import { type Html, type HtmlValue, html, raw, time } from '../html.ts';
import { tokenField } from '../layout.ts';
import type { PageSession } from '../session.ts';
import { badge, type Fact, facts, notice } from './marks.ts';

export interface AwaitingApproval {
  readonly href: string;
  /** 件名 */
  readonly subject: string;
  readonly kind: string;
  readonly draftedBy: string;
  readonly draftedAt: Temporal.Instant;
  /** Amounts or counts that the approver should see before opening. */
  readonly summary?: string;
  /** The reader drafted it, so somebody else must decide. */
  readonly isOwn: boolean;
}

/** What waits for a second person. */
export const approvalInbox = (items: readonly AwaitingApproval[]): Html =>
  items.length === 0
    ? html`<div class="empty"><p>承認を待っているものはありません。</p></div>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="承認待ちの表"><table class="data-table"><caption>承認待ち ${items.length}件</caption>
<thead><tr><th scope="col">件名</th><th scope="col">種類</th><th scope="col">内容</th><th scope="col">起案者</th><th scope="col">起案した時</th><th scope="col">状態</th></tr></thead>
<tbody>${items.map(
        (item) =>
          html`<tr><th scope="row"><a href="${item.href}">${item.subject}</a></th><td class="nowrap">${item.kind}</td><td>${item.summary}</td><td class="nowrap">${item.draftedBy}</td><td class="nowrap">${time(item.draftedAt)}</td><td>${
            item.isOwn ? badge('自分の起案', 'plain') : badge('承認待ち', 'warning')
          }</td></tr>`,
      )}</tbody></table></div>`;

export interface Decision {
  readonly session: PageSession;
  readonly action: string;
  readonly facts: readonly Fact[];
  readonly body?: HtmlValue;
  readonly isOwn: boolean;
  readonly approveLabel?: string;
  /** The version that the approver saw; the act refuses another. */
  readonly version: string;
  readonly error?: string | undefined;
}

/** The sheet on which a second person approves or sends back. Posts `decision` = approve | return, `reason`, `version`. */
export function approvalDecision(decision: Decision): Html {
  const faulty = decision.error !== undefined;
  return html`<div class="stack">${facts(decision.facts)}${decision.body}${
    decision.isOwn
      ? notice('info', '自分が起案したものは承認できません', '別の職員が承認するか、差し戻します。')
      : html`<form class="form" method="post" action="${decision.action}" novalidate>${tokenField(decision.session)}<input type="hidden" name="version" value="${decision.version}">
<div class="field"><label for="reason">差し戻す理由<span class="optional">差し戻すときは必須</span></label>${faulty && html`<span class="error" id="reason-error">${decision.error}</span>`}
<textarea class="input" id="reason" name="reason" rows="3"${faulty && raw(' aria-invalid="true" aria-describedby="reason-error" autofocus')}></textarea></div>
<div class="row"><button class="button button-primary" type="submit" name="decision" value="approve">${decision.approveLabel ?? '承認する'}</button><button class="button" type="submit" name="decision" value="return">差し戻す</button></div></form>`
  }</div>`;
}
