import { enforced } from '../enforcement/enforcement.ts';
import { type Html, type HtmlValue, html, raw } from './html.ts';
import { type Flash, formToken } from './security.ts';
import type { PageSession } from './session.ts';

/** A Japanese name with its English gloss; the gloss stands beside it, smaller. */
export interface Named {
  readonly name: string;
  readonly gloss: string;
}

/** What kind of installation the reader stands in. Everything but production carries a mark that cannot be overlooked. */
export type Environment =
  | { readonly kind: 'production' }
  | { readonly kind: 'training'; readonly mark: string; readonly gloss: string };

/** 訓練用の町: invented people, invented numbers. */
export const trainingTown: Environment = {
  kind: 'training',
  mark: '訓練用の町',
  gloss: 'Training town. Every person and number here is invented.',
};

export interface Link {
  readonly label: string;
  readonly href: string;
}

/** What a page says about itself. */
export interface PageView {
  readonly title: string;
  readonly gloss: string;
  /** The way here, without the page itself. */
  readonly breadcrumbs?: readonly Link[];
  /** Buttons and links beside the title. */
  readonly actions?: HtmlValue;
  /** Without scripts the browser asks again after so many seconds (a running batch). */
  readonly refreshSeconds?: number;
  /** Set by a page whose form has errors: the browser's title says so first. */
  readonly hasErrors?: boolean;
  readonly status?: number;
  /**
   * The page shows persons: it leaves the screen when nobody touches it, cannot be selected or copied, and prints blank.
   * `printRecord` is the number of the event that recorded a granted print; it stands on the paper.
   */
  readonly personal?: boolean | { readonly printRecord: string };
}

/** When and where a page that shows persons leaves the screen. */
export interface Blank {
  readonly afterSeconds: number;
  readonly href: string;
}

export interface Frame {
  readonly system: Named;
  readonly organisation: Named;
  readonly environment: Environment;
  readonly nav: readonly Link[];
  readonly path: string;
  readonly session: PageSession | undefined;
  readonly signOutPath: string | undefined;
  readonly flash: Flash | undefined;
  readonly stylesheetHref: string;
  readonly scriptHref: string;
  readonly screenHref: string;
  readonly blank: Blank | undefined;
  readonly footer?: HtmlValue;
}

/** The whole document around a page's body. */
export function layout(frame: Frame, view: PageView, body: HtmlValue): Html {
  const { system, organisation, session } = frame;
  return html`<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${view.hasErrors && 'エラー: '}${view.title} | ${system.name} | ${organisation.name}</title>
<meta name="htmx-config" content='{"includeIndicatorCSS": false, "history": false}'>
<link rel="stylesheet" href="${frame.stylesheetHref}">
<link rel="icon" href="data:,">
<script src="${frame.scriptHref}" defer></script>
${view.refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${view.refreshSeconds}"></noscript>`}
${frame.blank && html`<noscript><meta http-equiv="refresh" content="${frame.blank.afterSeconds}; url=${frame.blank.href}"></noscript>`}
${isRecordScreen(view) && html`<script src="${frame.screenHref}" defer></script>`}
</head>
<body${bodyAttributes(frame, view)}>
${printNote(view)}
<a class="skip" href="#main">本文へ進む</a>
${environmentMark(frame.environment)}
<header class="site-head"><div class="wrap">
<a class="site-name" href="/"><span class="organisation">${organisation.name} <span lang="en">${organisation.gloss}</span></span>
<span class="system">${system.name}<span class="gloss" lang="en">${system.gloss}</span></span></a>
${session && who(session, frame.signOutPath)}
</div></header>
${frame.nav.length > 0 && navigation(frame)}
${view.breadcrumbs && breadcrumbs(view.breadcrumbs, view.title)}
<main id="main" class="wrap" tabindex="-1">
${frame.flash && flashMessage(frame.flash)}
<div class="page-title"><h1>${view.title}<span class="gloss" lang="en">${view.gloss}</span></h1>${view.actions && html`<div class="row">${view.actions}</div>`}</div>
${body}
</main>
<footer class="site-foot"><div class="wrap"><span>${organisation.name} ${system.name}</span>${frame.footer ?? raw('<span lang="en">Musubi</span>')}</div></footer>
</body>
</html>`;
}

const isRecordScreen = (view: PageView): boolean => view.personal !== undefined && view.personal !== false;
const printRecordOf = ({ personal }: PageView): string | undefined =>
  typeof personal === 'object' ? personal.printRecord : undefined;

function bodyAttributes(frame: Frame, view: PageView): Html | undefined {
  if (!isRecordScreen(view)) return undefined;
  const mayPrint = !enforced('access.no-client-copy') || printRecordOf(view) !== undefined;
  const { blank } = frame;
  return html` class="record-screen${!mayPrint && ' print-blank'}"${blank && html` data-blank-after="${blank.afterSeconds}" data-blank-href="${blank.href}"`}`;
}

/** Seen on paper alone. */
function printNote(view: PageView): Html | undefined {
  if (!isRecordScreen(view)) return undefined;
  const record = printRecordOf(view);
  return record === undefined
    ? html`<p class="print-only print-refused" aria-hidden="true">この画面は印刷できません。必要なときは、記録を残す印刷の手続をしてください。</p>`
    : html`<p class="print-only" aria-hidden="true">印刷記録番号 ${record}</p>`;
}

function environmentMark(environment: Environment): Html | undefined {
  if (environment.kind === 'production') return undefined;
  return html`<aside class="env-mark" aria-label="環境"><div class="wrap"><strong>${environment.mark}</strong><span lang="en">${environment.gloss}</span></div></aside>`;
}

function who(session: PageSession, signOutPath: string | undefined): Html {
  return html`<div class="who"><div><span class="name">${session.displayName}</span>${session.position}</div>
${signOutPath && html`<form method="post" action="${signOutPath}">${tokenField(session)}<button class="button button-small" type="submit">サインアウト</button></form>`}</div>`;
}

/** The entry under whose path the page stands; the longest wins. */
function navigation(frame: Frame): Html {
  const covers = (href: string) => frame.path === href || (href !== '/' && frame.path.startsWith(`${href}/`));
  const current = frame.nav.filter((link) => covers(link.href)).sort((a, b) => b.href.length - a.href.length)[0];
  return html`<nav class="site-nav" aria-label="主なメニュー"><div class="wrap"><ul>${frame.nav.map(
    (link) => html`<li><a href="${link.href}"${link === current && raw(' aria-current="page"')}>${link.label}</a></li>`,
  )}</ul></div></nav>`;
}

function breadcrumbs(links: readonly Link[], title: string): Html {
  return html`<nav class="crumbs wrap" aria-label="現在位置"><ol>${links.map(
    (link) => html`<li><a href="${link.href}">${link.label}</a></li>`,
  )}<li aria-current="page">${title}</li></ol></nav>`;
}

function flashMessage(flash: Flash): Html {
  return html`<div class="notice notice-${flash.kind}" role="${flash.kind === 'error' ? 'alert' : 'status'}"><p>${flash.text}</p></div>`;
}

/** The hidden field that every POST form of a signed-in page carries. */
export const tokenField = (session: PageSession): Html =>
  html`<input type="hidden" name="_token" value="${formToken(session)}">`;
