import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { layout, trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { NamedText } from '@musubi/kernel/serve/config.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import type { Own } from './front.ts';
import { hostOf } from './plan/build-plan.ts';
import { offices } from './plan/offices.ts';
import { organisations, townPassword } from './plan/organisations.ts';
import type { StepResult } from './walk/walk.ts';

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

/** The page at musubi.localhost: the map of the town, where to go and who to sign in as, and how far the walk is. */
export async function startPage(options: StartPageOptions): Promise<Own> {
  const stylesheet = await buildStylesheet({ cacheFolder: options.cacheFolder });
  return async (host, path) => {
    if (path === stylesheet.href) return { type: 'text/css; charset=utf-8', body: stylesheet.css };
    if (!['musubi.localhost', 'localhost', '127.0.0.1'].includes(host) || path !== '/') return undefined;
    return { type: 'text/html; charset=utf-8', body: String(page(options, stylesheet.href)) };
  };
}

function page(options: StartPageOptions, stylesheetHref: string) {
  const walk = options.walk();
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
      scriptHref: 'data:text/javascript,',
    },
    {
      title: '結びの町',
      gloss: 'One town, its systems and its people',
      ...(walk.running === undefined ? {} : { refreshSeconds: 5 }),
    },
    html`${walkPart(walk)}${sectionTitle('システム', 'Systems', 'systems')}
${organisations.map((o) => organisationPart(o, options))}
${sectionTitle('サインインできる職員', 'Who to sign in as', 'people')}
<p>全員のパスワードは <code>${townPassword}</code> です。二つ目の要素には、サインイン画面の「訓練用の認証器」を使えます。</p>
<p lang="en" class="gloss">One password for all; the sign-in page offers a training authenticator as the second factor.</p>
<table class="list"><caption class="visually-hidden">サインインできる職員</caption>
<thead><tr><th scope="col">所属</th><th scope="col">職員ID</th><th scope="col">氏名</th><th scope="col">職</th><th scope="col">役割</th></tr></thead>
<tbody>${Object.entries(offices).flatMap(([organisation, people]) =>
      people.map(
        (
          p,
        ) => html`<tr><td>${nameOf(organisation).ja}</td><td>${p.staffId}</td><td>${p.displayName}</td><td>${p.position}</td>
<td>${p.roles.map(({ system, role }) => `${systemName(options, system).ja}: ${role}`).join('、')}</td></tr>`,
      ),
    )}</tbody></table>`,
  );
}

function walkPart({ titles, results, running }: WalkState) {
  if (titles.length === 0) return undefined;
  const failed = results.find((r) => !r.ok);
  return html`${sectionTitle('ひとめぐり', 'The walk through the whole', 'walk')}
${failed && notice('error', `手順 ${failed.id} で止まりました。`, failed.fault)}
<table class="list"><caption class="visually-hidden">ひとめぐりの手順</caption>
<thead><tr><th scope="col">手順</th><th scope="col">内容</th><th scope="col">状態</th><th scope="col">証跡</th></tr></thead>
<tbody>${titles.map(({ id, title }) => {
    const result = results.find((r) => r.id === id);
    const state = result
      ? badge(result.ok ? '済' : '失敗', result.ok ? 'done' : 'error')
      : id === running
        ? badge('実行中', 'info')
        : badge('未', 'plain');
    const evidence = result
      ? Object.entries(result.evidence)
          .slice(0, 6)
          .map(([k, v]) => `${k} ${Array.isArray(v) ? v.join(' ') : v}`)
          .join(' / ')
      : '';
    return html`<tr><td>${id}</td><td>${title}</td><td>${state}</td><td>${evidence}</td></tr>`;
  })}</tbody></table>`;
}

function organisationPart(o: (typeof organisations)[number], options: StartPageOptions) {
  return html`<section class="card"><h3>${o.name.ja} <span class="gloss" lang="en">${o.name.en}</span></h3><ul>${o.instances.map(
    (i) => {
      const name = systemName(options, i.system);
      const host = hostOf(o, i);
      const label = html`${name.ja} <span class="gloss" lang="en">${name.en}</span>`;
      return html`<li>${host ? html`<a href="http://${host}:${options.publicPort}/">${label}</a>` : label}</li>`;
    },
  )}</ul></section>`;
}

const systemName = (options: StartPageOptions, system: string): NamedText =>
  options.definitions.get(system)?.name ?? { ja: system, en: system };
const nameOf = (organisation: string): NamedText =>
  organisations.find((o) => o.organisation === organisation)?.name ?? { ja: organisation, en: organisation };
