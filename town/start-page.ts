import { fileURLToPath } from 'node:url';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { type Html, html } from '@musubi/kernel/pages/html.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { layout, trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { NamedText } from '@musubi/kernel/serve/config.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import type { Own } from './front.ts';
import { hostOf, instanceId } from './plan/build-plan.ts';
import { type OfficePerson, offices } from './plan/offices.ts';
import { organisations, townPassword } from './plan/organisations.ts';
import type { PlannedInstance } from './plan/shape.ts';
import { type MapSystem, townMap } from './start-page-map.ts';
import { purposes } from './start-page-words.ts';
import type { Evidence, StepResult } from './walk/walk.ts';

/** What the start page tells of the walk: filled by the supervisor while it plays. */
export interface WalkState {
  readonly titles: readonly { readonly id: string; readonly title: string }[];
  readonly results: readonly StepResult[];
  readonly running: string | undefined;
}

export interface StartPageOptions {
  readonly publicPort: number;
  readonly cacheFolder: string;
  readonly definitions: ReadonlyMap<string, SystemDefinition>;
  readonly walk: () => WalkState;
}

const here = fileURLToPath(new URL('./', import.meta.url));
const refreshSeconds = 3;
const scriptHref = '/-/start-page.js';

/* Takes over what changed and nothing else, so that neither place nor focus is lost. Without scripts the browser asks again. */
const script = `const again = async () => {
  if (document.querySelector('[data-live=running]') === null) return;
  const answer = await fetch('/').catch(() => undefined);
  if (answer?.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live]')) {
      const now = fresh.getElementById(part.id);
      if (now && now.outerHTML !== part.outerHTML) part.replaceWith(now);
    }
  }
  setTimeout(again, ${refreshSeconds * 1000});
};
setTimeout(again, ${refreshSeconds * 1000});
`;

/** The page at musubi.localhost: the map of the town, where to go and who to sign in as, and how far the walk is. */
export async function startPage(options: StartPageOptions): Promise<Own> {
  const stylesheet = await buildStylesheet({ sources: [here], cacheFolder: options.cacheFolder });
  return async (host, path) => {
    if (!['musubi.localhost', 'localhost', '127.0.0.1'].includes(host)) return undefined;
    if (path === stylesheet.href) return { type: 'text/css; charset=utf-8', body: stylesheet.css };
    if (path === scriptHref) return { type: 'text/javascript; charset=utf-8', body: script };
    if (path !== '/') return undefined;
    return { type: 'text/html; charset=utf-8', body: String(page(options, stylesheet.href)) };
  };
}

function page(options: StartPageOptions, stylesheetHref: string): Html {
  const walk = options.walk();
  const running = isRunning(walk);
  return layout(
    {
      system: { name: '町の入口', gloss: 'Start' },
      organisation: { name: '結び', gloss: 'Musubi' },
      environment: trainingTown,
      nav: [],
      path: '/',
      session: undefined,
      signOutPath: undefined,
      flash: undefined,
      stylesheetHref,
      scriptHref,
      // Nothing personal stands here: no screen of this page is ever blanked.
      screenHref: scriptHref,
      blank: undefined,
    },
    {
      title: '結びの町',
      gloss: 'One town: its public bodies, their systems, and what passes between them',
      ...(running ? { refreshSeconds } : {}),
    },
    html`<div class="stack">
<div class="grid gap-4 lg:grid-cols-2">${walkSummary(walk)}${signInPart()}</div>
<section aria-labelledby="map">${sectionTitle('町の地図', 'Map', 'map')}
${townMap(mapSystems(options))}</section>
${walkPart(walk)}
<section aria-labelledby="people">${sectionTitle('システムと職員', 'Systems, and who signs in where', 'people')}
<div class="gap-4 lg:columns-2">${organisationParts(options)}</div></section>
</div>`,
  );
}

const isRunning = ({ running }: WalkState): boolean => running !== undefined;
/** While processes start, and between two steps, nothing runs and yet the page will change. */
const mayMove = (walk: WalkState): boolean =>
  walk.results.length < walk.titles.length && failedStep(walk) === undefined;
const failedStep = ({ results }: WalkState): StepResult | undefined => results.find((r) => !r.ok);

function mapSystems(options: StartPageOptions): ReadonlyMap<string, MapSystem> {
  return new Map(
    organisations.flatMap((o) =>
      o.instances.map((i) => {
        const host = hostOf(o, i);
        return [instanceId(o, i), { href: host && `http://${host}:${options.publicPort}/` }] as const;
      }),
    ),
  );
}

/* ---- the walk ---- */

/** In one line: how far it is. Stands beside the sign-in, above the map. */
function walkSummary(walk: WalkState): Html {
  const { titles, results, running } = walk;
  const done = results.filter((r) => r.ok).length;
  const failed = failedStep(walk);
  const current = titles.find((t) => t.id === running);
  const state = failed
    ? html`${badge('停止', 'error')} 手順 ${failed.id}「${failed.title}」で止まりました。`
    : current
      ? html`${badge('実行中', 'info')} 手順 ${current.id}「${current.title}」`
      : titles.length > 0 && done === titles.length
        ? html`${badge('完了', 'done')} すべての手順が終わりました。`
        : done > 0
          ? html`${badge('途中', 'plain')} ${done} つの手順が終わっています。`
          : html`${badge('待機', 'plain')} まだ始まっていません。`;
  return html`<section class="panel" id="walk-summary" data-live="${mayMove(walk) ? 'running' : 'still'}" aria-labelledby="walk-summary-title">
<h2 id="walk-summary-title">ひとめぐり <span class="gloss" lang="en">The walk through the whole</span></h2>
${
  titles.length > 0 &&
  html`<p class="row"><progress class="meter !w-auto grow" max="${titles.length}" value="${done}" aria-label="ひとめぐりの進み">${done} / ${titles.length}</progress><strong class="num">${done} / ${titles.length}</strong></p>`
}
<p role="status">${state}</p>
<p><a href="#walk">手順と証跡</a> <span class="gloss" lang="en">steps and evidence</span></p>
</section>`;
}

function walkPart(walk: WalkState): Html | undefined {
  const { titles, results, running } = walk;
  if (titles.length === 0) return undefined;
  const failed = failedStep(walk);
  return html`<section id="walk-steps" data-live="${mayMove(walk) ? 'running' : 'still'}" aria-labelledby="walk">${sectionTitle('ひとめぐりの手順', 'Steps of the walk, each through the interface that its user has', 'walk')}
${failed && notice('error', `手順 ${failed.id} で止まりました。`, failed.fault)}
<div class="table-scroll"><table class="data-table"><caption class="visually-hidden">ひとめぐりの手順</caption>
<thead><tr><th scope="col" class="num">手順</th><th scope="col">内容</th><th scope="col">状態</th><th scope="col" class="num">秒</th><th scope="col">証跡 <span class="gloss" lang="en">evidence</span></th></tr></thead>
<tbody>${titles.map(({ id, title }) => {
    const result = results.find((r) => r.id === id);
    return html`<tr><td class="num">${id}</td><th scope="row">${title}</th><td>${stateBadge(result, id === running)}</td><td class="num">${result?.seconds.toFixed(1)}</td><td>${result && evidencePart(result.evidence)}</td></tr>`;
  })}</tbody></table></div></section>`;
}

function stateBadge(result: StepResult | undefined, running: boolean): Html {
  if (result) return result.ok ? badge('済', 'done') : badge('失敗', 'error');
  return running ? badge('実行中', 'info') : badge('未', 'plain');
}

const evidencePart = (evidence: Evidence): Html =>
  html`<dl class="flex flex-wrap gap-x-4 text-[0.8125rem]">${Object.entries(evidence)
    .slice(0, 8)
    .map(
      ([name, value]) =>
        html`<div class="flex gap-1"><dt class="muted">${name}</dt><dd>${typeof value === 'object' ? value.join(' ') : String(value)}</dd></div>`,
    )}</dl>`;

/* ---- who signs in where ---- */

const signInPart = (): Html => html`<section class="panel" aria-labelledby="sign-in-title">
<h2 id="sign-in-title">サインイン <span class="gloss" lang="en">Signing in</span></h2>
<p>全員のパスワード <code class="font-bold text-[1.125rem]">${townPassword}</code></p>
<p>二つ目の要素には、サインイン画面の「訓練用の認証器」を使えます。職員IDは<a href="#people">下の一覧</a>にあります。</p>
<p lang="en" class="gloss">One password for everybody; the sign-in page offers a training authenticator as the second factor. Staff ids stand below.</p>
</section>`;

/** One card a body, also where it runs as two processes. */
function organisationParts(options: StartPageOptions): Html[] {
  const names = [...new Set(organisations.map((o) => o.organisation))];
  return names.map((name) => {
    const own = organisations.filter((o) => o.organisation === name);
    const title = own[0]!.name;
    const people = offices[name] ?? [];
    return html`<section class="panel mb-4 break-inside-avoid" aria-labelledby="body-${name}"><h3 id="body-${name}">${title.ja} <span class="gloss" lang="en">${title.en}</span></h3>
<ul class="stack-tight">${own.flatMap((o) => o.instances.map((i) => systemPart(options, i, hostOf(o, i))))}</ul>
${people.length > 0 && peopleTable(options, title, people)}</section>`;
  });
}

function systemPart(options: StartPageOptions, instance: PlannedInstance, host: string | undefined): Html {
  const name = systemName(options, instance.system);
  const purpose = purposes[instance.system];
  return html`<li>${host ? html`<a class="font-bold" href="http://${host}:${options.publicPort}/">${name.ja}</a>` : html`<span class="font-bold">${name.ja}</span> ${badge('画面なし', 'plain')}`}
<span class="gloss" lang="en">${name.en}</span>${purpose && html`<br><span class="text-[0.9375rem]">${purpose.ja}</span>`}</li>`;
}

const peopleTable = (options: StartPageOptions, body: NamedText, people: readonly OfficePerson[]): Html =>
  html`<div class="table-scroll mt-4"><table class="data-table"><caption class="visually-hidden">${body.ja}の職員</caption>
<thead><tr><th scope="col">職員ID</th><th scope="col">氏名</th><th scope="col">使えるシステムと役割</th></tr></thead>
<tbody>${people.map(
    (person) =>
      html`<tr><td><code>${person.staffId}</code></td><th scope="row">${person.displayName}<br><span class="gloss">${person.position}</span></th>
<td>${person.roles.map(({ system, role }) => html`<div>${systemName(options, system).ja} <code class="muted">${role}</code></div>`)}</td></tr>`,
  )}</tbody></table></div>`;

const systemName = (options: StartPageOptions, system: string): NamedText =>
  options.definitions.get(system)?.name ?? { ja: system, en: system };
