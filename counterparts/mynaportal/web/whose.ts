import type { PageRequest } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { type AgentScope, principalBehind } from '../service/agents.ts';
import type { Resident } from '../service/session.ts';

/** Whose affairs a page shows: the card holder's, or by `?for=GRANT` those of somebody for whom the card holder is agent. */
export interface Whose {
  readonly resident: Resident;
  readonly accountId: string;
  readonly grantId?: string;
  /** Behind every link of the page, so that the next page shows the same person's. */
  readonly suffix: string;
  /** Says at the top of the page that it is another person's. */
  readonly banner: Html | undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A grant that is not the reader's, not in force or for something else is simply not found. */
export async function withWhose(
  p: PageRequest,
  deps: Deps,
  scope: AgentScope,
  show: (whose: Whose) => Promise<Response>,
): Promise<Response> {
  const { actor } = p.session;
  if (actor.kind !== 'resident') return p.problem('not-authorised');
  const grantId = p.query.get('for');
  if (grantId === null) return show({ resident: actor, accountId: actor.subject, suffix: '', banner: undefined });
  const found = uuid.test(grantId) ? await principalBehind(deps, actor, { grantId }) : undefined;
  const grant = found?.ok === true ? found.value : undefined;
  if (grant?.scopes.includes(scope) !== true) return p.problem('not-found');
  return show({
    resident: actor,
    accountId: grant.principal,
    grantId,
    suffix: `?for=${grantId}`,
    banner: notice(
      'warning',
      `代理人として見ています（確認番号 ${grant.checkNumber ?? ''}）`,
      html`<p>${time(Temporal.PlainDate.from(grant.validUntil))}まで有効です。見たことは本人に表示されます。 <a href="/agents">代理人の設定</a></p>`,
    ),
  });
}

/** For a form by GET: the hidden field that keeps whose page it is. */
export const whoseField = ({ grantId }: Whose): Html | undefined =>
  grantId === undefined ? undefined : html`<input type="hidden" name="for" value="${grantId}">`;

/** Days of an address, where they are days in order. */
export function periodOf(query: URLSearchParams): { readonly from: string; readonly until: string } | undefined {
  const from = query.get('from');
  const until = query.get('until');
  return isDay(from) && isDay(until) && from <= until ? { from, until } : undefined;
}

export function isDay(text: string | null): text is string {
  try {
    return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

/** Nothing could be asked: the network is not there. */
export const networkDown = {
  status: 503,
  title: '照会できませんでした',
  gloss: 'The bodies could not be asked',
  advice: '情報提供ネットワークシステムにつながりません。しばらくしてからやり直してください。',
} as const;
