import { bytesOfAttachment } from '@musubi/contracts/portal/attachments.ts';
import type { InformationAnswer } from '@musubi/contracts/portal/own-information.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { askInformation, type OwnInformation, type TellInformation } from '../service/own-information.ts';
import { networkDown, periodOf, type Whose, whoseField, withWhose } from './whose.ts';
import { bodyName, informationName } from './words.ts';

const right = ['mynaportal', 'information', 'read'] as const;
const top = { label: 'トップ', href: '/' };

/** 自己情報: what bodies lodged about the person. */
export function addInformationPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/information', right, (p) =>
    withTold(p, deps, (told, whose) =>
      p.view(
        { title: '自己情報', gloss: 'What bodies hold about you', breadcrumbs: [top] },
        html`${whose.banner}${overview(deps, told, whose)}`,
      ),
    ),
  );

  page(app, 'GET', '/information/:organisation/attachments/:sha256', right, (p) =>
    withTold(p, deps, async (told) => {
      const body = told.bodies.find((b) => b.organisation === p.param('organisation'));
      const found = body?.information.flatMap((i) => i.attachments).find((a) => a.sha256 === p.param('sha256'));
      const bytes = found && bytesOfAttachment(found);
      return found && bytes
        ? p.file(bytes, { type: found.mediaType, name: found.name, inline: false })
        : p.problem('not-found');
    }),
  );
}

const withTold = (
  p: PageRequest,
  deps: Deps,
  show: (told: TellInformation, whose: Whose) => Promise<Response>,
): Promise<Response> =>
  withWhose(p, deps, 'information', async (whose) => {
    const today = deps.civilClock.today();
    const usual = { from: today.subtract({ years: 1 }).toString(), until: today.toString() };
    const { resident, accountId, grantId } = whose;
    const asked = { accountId, ...(grantId === undefined ? {} : { grantId }), ...(periodOf(p.query) ?? usual) };
    const told = await askInformation(deps, resident, asked);
    if (told.ok) return show(told.value, whose);
    return p.problem(told.error === 'network-unavailable' ? networkDown : 'not-found');
  });

function overview(deps: Deps, told: TellInformation, whose: Whose): Html {
  const none = told.bodies.every((b) => b.information.length === 0);
  return html`<div class="stack">
<form class="row no-print" method="get" action="/information">${whoseField(whose)}
<div class="field"><label for="from">期間の初め</label><input class="input input-short" type="date" id="from" name="from" value="${told.from}"></div>
<div class="field"><label for="until">期間の終わり</label><input class="input input-short" type="date" id="until" name="until" value="${told.until}"></div>
<button class="button" type="submit">この期間に有効だった情報を見る</button></form>
${told.silent.length > 0 && notice('warning', '回答のない機関があります', html`<p>${told.silent.map((id) => bodyName(deps, id)).join('、')}の情報は、いま確かめられません。</p>`)}
${none && html`<p>この期間に登録されていた情報はありません。</p>`}
${told.bodies.filter((b) => b.information.length > 0).map((b) => bodySection(deps, b, told, whose))}
<p class="muted">${time(told.askedAt)} に各機関へ照会した内容です。法令により開示されない情報は含まれません。誤りがあると思われるときは、登録した機関にお問い合わせください。サインアウトすると消えます。</p></div>`;
}

const bodySection = (deps: Deps, body: InformationAnswer, told: TellInformation, whose: Whose): Html =>
  html`<section aria-labelledby="of-${body.organisation}">${sectionTitle(bodyName(deps, body.organisation), 'Registered by', `of-${body.organisation}`)}
<div class="stack">${body.information.map((i) => one(body.organisation, i, told, whose))}</div></section>`;

function one(organisation: string, i: OwnInformation, { from, until }: TellInformation, { grantId }: Whose): Html {
  const query = new URLSearchParams({ from, until, ...(grantId === undefined ? {} : { for: grantId }) }).toString();
  return html`<div><h3>${informationName(i.informationCode)}（${conditionText(i.condition)}）</h3>
<p class="muted">${time(Temporal.PlainDate.from(i.validFrom))}から有効な内容</p>${facts(
    Object.entries(i.items).map(([label, value]) => ({ label, value: valueText(label, value) })),
  )}${
    i.attachments.length > 0 &&
    html`<ul>${i.attachments.map((a) =>
      bytesOfAttachment(a) === undefined
        ? html`<li>${a.name}: 内容が壊れているため開けません</li>`
        : html`<li><a href="/information/${organisation}/attachments/${a.sha256}?${query}" download>${a.name}<span class="visually-hidden">を保存する</span></a></li>`,
    )}</ul>`
  }</div>`;
}

/** `taxYear:2026` → 2026年度. */
const conditionText = (condition: string): string =>
  condition.startsWith('taxYear:') ? `${condition.slice('taxYear:'.length)}年度` : '現況';

function valueText(label: string, value: OwnInformation['items'][string]): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'boolean') return value ? 'あり' : 'なし';
  if (typeof value === 'number') return /額$|額合計$|所得|控除合計/.test(label) ? `${grouped(value)}円` : `${value}`;
  return value;
}
