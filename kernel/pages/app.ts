import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Context, Hono } from 'hono';
import { enforced } from '../enforcement/enforcement.ts';
import type { Random } from '../random/random.ts';
import type { Stylesheet } from './build-css.ts';
import type { Html, HtmlValue } from './html.ts';
import { type ProblemWords, problemBody, problemWords } from './kit/problem-page.ts';
import { type Blank, type Environment, type Link, layout, type Named, type PageView } from './layout.ts';
import {
  cookieAttributes,
  cookieName,
  type Flash,
  isFormToken,
  isOwnOrigin,
  readCookie,
  readFlash,
  securityHeaders,
  writeFlash,
} from './security.ts';
import type { MayOpen, OpensPage, PageRight, PageSession, SessionReader } from './session.ts';

const htmx = readFileSync(createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js'), 'utf8');
const screen = readFileSync(new URL('./browser/screen.js', import.meta.url), 'utf8');
const screenHref = `/-/screen-${createHash('sha256').update(screen).digest('hex').slice(0, 12)}.js`;
const htmxHref = `/-/htmx-${createHash('sha256').update(htmx).digest('hex').slice(0, 12)}.js`;

export interface NavEntry extends Link {
  /** Shown only to those who may open it. */
  readonly right: PageRight;
}

export interface PageAppOptions {
  /** `id` is the first word of the system's rights: `resident-tax`. */
  readonly system: Named & { readonly id: string };
  readonly organisation: Named & { readonly id: string };
  readonly environment: Environment;
  readonly session: SessionReader;
  readonly mayOpen: MayOpen;
  /** Asked once for the page itself; without it `mayOpen` answers, and no refusal is recorded. */
  readonly opensPage?: OpensPage;
  readonly stylesheet: Stylesheet;
  readonly random: Random;
  readonly nav?: readonly NavEntry[];
  /** Where a reader without a session is sent, with `?return=PATH`; without it such a reader gets a problem page. */
  readonly signInPath?: string;
  /** A POST page of the sign-in module; without it the header has no such button. */
  readonly signOutPath?: string;
  /** The address that browsers show, such as `https://rtx.example.lg.jp`; without it each request's own. https makes cookies `__Host-`. */
  readonly origin?: string;
  /** Where a page that shows a person goes when nobody touched it for so long; see `PageView.personal`. */
  readonly blank?: { readonly path: string; readonly afterSeconds: number };
  /** Other origins that a form's answer may lead to (the sign-in provider). */
  readonly formTargets?: readonly string[];
  /** Told of every exception with the reference that the reader sees; the page itself shows nothing of it. */
  readonly onError?: (error: unknown, reference: string) => void;
  readonly footer?: HtmlValue;
}

export type Method = 'GET' | 'POST';

/** A page as it stands in the list of pages: what the matrix of rights and its test are made from. */
export interface DeclaredPage {
  readonly method: Method;
  readonly path: string;
  readonly right: PageRight;
}

export interface PageApp {
  readonly hono: Hono;
  /** Every page, in the order of declaration. */
  readonly pages: readonly DeclaredPage[];
  /** Internal: `page` uses it. */
  declare(page: DeclaredPage, handler: PageHandler<PageSession | undefined>): void;
  fetch(request: Request): Response | Promise<Response>;
}

/** What a handler gets: who asks, what was asked, and the ways to answer. */
export interface PageRequest<S extends PageSession | undefined = PageSession> {
  readonly session: S;
  readonly path: string;
  /** A part of the path; throws for a name that the path does not have. */
  param(name: string): string;
  readonly query: URLSearchParams;
  /** The posted fields (POST only; the form token is already checked and taken out). */
  readonly form: FormData;
  readonly request: Request;
  may(right: PageRight): Promise<boolean>;
  view(view: PageView, body: HtmlValue): Promise<Response>;
  /** 303 to a path of this host; the flash is shown there once. */
  redirect(path: string, flash?: Flash): Response;
  problem(word: keyof typeof problemWords | ProblemWords): Promise<Response>;
  /** A PDF or other file for this reader, shown in a frame of our own pages or saved. */
  file(
    content: Uint8Array,
    options: { readonly type: string; readonly name: string; readonly inline?: boolean },
  ): Response;
  /** Any answer of its own (CSV, JSON); gets the security headers. */
  respond(body: string | Uint8Array | ReadableStream, status: number, headers: Record<string, string>): Response;
}

export type PageHandler<S extends PageSession | undefined> = (request: PageRequest<S>) => Promise<Response> | Response;

/** Largest posted form, bytes. Files of a batch do not come this way in one piece; see `kernel/media`. */
const largestForm = 64 * 1024 * 1024;

/** Makes the pages of one system. Pages are added by `page`; nothing else answers but the stylesheet and the script. */
export function createPageApp(options: PageAppOptions): PageApp {
  const hono = new Hono();
  const pages: DeclaredPage[] = [];

  const asset = (path: string, type: string, content: string) =>
    hono.get(
      path,
      () =>
        new Response(content, {
          headers: {
            'content-type': type,
            'cache-control': 'public, max-age=31536000, immutable',
            'x-content-type-options': 'nosniff',
          },
        }),
    );
  asset(options.stylesheet.href, 'text/css; charset=utf-8', options.stylesheet.css);
  asset(htmxHref, 'text/javascript; charset=utf-8', htmx);
  asset(screenHref, 'text/javascript; charset=utf-8', screen);

  hono.notFound(async (c) => answerFor(options, c, await options.session.read(c.req.raw)).problem('not-found'));
  hono.onError(async (error, c) => {
    const reference = Buffer.from(options.random.bytes(6)).toString('hex');
    options.onError?.(error, reference);
    return answerFor(options, c, undefined).problem({ ...problemWords.broken, detail: `受付番号 ${reference}` });
  });

  const declare = (declared: DeclaredPage, handler: PageHandler<PageSession | undefined>): void => {
    if (!isPageRight(declared.right)) throw new Error(`the page ${declared.method} ${declared.path} declares no right`);
    if (pages.some((p) => p.method === declared.method && p.path === declared.path))
      throw new Error(`the page ${declared.method} ${declared.path} is declared twice`);
    pages.push(declared);
    hono.on(declared.method, declared.path, async (c) => serve(options, c, declared, handler));
  };
  return { hono, pages, declare, fetch: (request) => hono.fetch(request) };
}

/**
 * Adds a page. `right` says who may open it; the handler runs only after session, right, origin and form token are
 * checked. GET shows and changes nothing; POST does and redirects.
 */
export function page(
  app: PageApp,
  method: Method,
  path: string,
  right: 'public',
  handler: PageHandler<PageSession | undefined>,
): void;
export function page(
  app: PageApp,
  method: Method,
  path: string,
  right: PageRight,
  handler: PageHandler<PageSession>,
): void;
export function page(app: PageApp, method: Method, path: string, right: PageRight, handler: PageHandler<never>): void {
  // `serve` hands a handler of a page that is not public a session, always.
  app.declare({ method, path, right }, handler as unknown as PageHandler<PageSession | undefined>);
}

const isPageRight = (right: unknown): boolean =>
  right === 'public' ||
  right === 'signed-in' ||
  (Array.isArray(right) &&
    right.length === 3 &&
    right.every((word) => typeof word === 'string' && word !== '') &&
    ['read', 'update'].includes(right[2]));

async function serve(
  options: PageAppOptions,
  c: Context,
  declared: DeclaredPage,
  handler: PageHandler<PageSession | undefined>,
): Promise<Response> {
  const session = await options.session.read(c.req.raw);
  const answer = answerFor(options, c, session);
  if (declared.right !== 'public') {
    if (session === undefined) return answer.signIn(declared.method);
    if (!(await opensPage(options, session, declared))) return answer.problem('not-authorised');
  }
  const form = new FormData();
  if (declared.method === 'POST') {
    if (!isOwnOrigin(c.req.raw.headers, originOf(options, c))) return answer.problem('foreign-form');
    const posted = await postedForm(c.req.raw);
    if (typeof posted === 'string') return answer.problem(posted);
    const token = posted.get('_token');
    if (session !== undefined && !(typeof token === 'string' && isFormToken(session, token)))
      return answer.problem('foreign-form');
    for (const [name, value] of posted) if (name !== '_token') form.append(name, value);
  }
  return handler({
    ...answer,
    session,
    path: c.req.path,
    query: new URL(c.req.url).searchParams,
    form,
    request: c.req.raw,
    param(name) {
      const value = c.req.param(name);
      if (value === undefined) throw new Error(`the path ${declared.path} has no part ${name}`);
      return value;
    },
    may: (right) => (session === undefined ? Promise.resolve(right === 'public') : mayOpen(options, session, right)),
  });
}

/** Counts while it reads: the length that a sender states is not believed. */
async function postedForm(request: Request): Promise<FormData | 'too-large' | 'unreadable-form'> {
  let size = 0;
  const counted = request.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size > largestForm) controller.error(new RangeError('the form is too large'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const type = request.headers.get('content-type') ?? '';
  try {
    return await new Response(counted ?? '', { headers: { 'content-type': type } }).formData();
  } catch {
    return size > largestForm ? 'too-large' : 'unreadable-form';
  }
}

async function opensPage(options: PageAppOptions, session: PageSession, page: DeclaredPage): Promise<boolean> {
  const { method, path, right } = page;
  if (typeof right === 'string') return true;
  const opens = options.opensPage ?? options.mayOpen;
  return opens(session.actor, right, `${method} ${path}`);
}

async function mayOpen(options: PageAppOptions, session: PageSession, right: PageRight): Promise<boolean> {
  return typeof right === 'string' || options.mayOpen(session.actor, right);
}

const originOf = (options: PageAppOptions, c: Context): string => options.origin ?? new URL(c.req.url).origin;

function answerFor(options: PageAppOptions, c: Context, session: PageSession | undefined) {
  const secure = originOf(options, c).startsWith('https:');
  const flashCookie = cookieName('musubi-flash', secure);
  const headers = (more: Record<string, string> = {}, framedBySelf = false) =>
    new Headers({ ...securityHeaders({ secure, framedBySelf, formTargets: options.formTargets ?? [] }), ...more });

  /** A page that answered a POST cannot be asked for again: from the blank one returns to the page of that path. */
  const blankOf = (at: Context, { personal }: PageView): Blank | undefined => {
    if (personal === undefined || personal === false || options.blank === undefined) return undefined;
    if (!enforced('auth.idle-lock')) return undefined;
    const { pathname, search } = new URL(at.req.url);
    const back = encodeURIComponent(at.req.method === 'GET' ? pathname + search : pathname);
    return { afterSeconds: options.blank.afterSeconds, href: `${options.blank.path}?return=${back}` };
  };

  async function view(about: PageView, body: HtmlValue): Promise<Response> {
    const cookie = session && readCookie(c.req.raw.headers, flashCookie);
    const flash = session && cookie ? readFlash(session, cookie) : undefined;
    const nav: Link[] = [];
    for (const entry of session ? (options.nav ?? []) : []) {
      if (await mayOpen(options, session as PageSession, entry.right)) nav.push(entry);
    }
    const document: Html = layout(
      {
        ...options,
        nav,
        path: c.req.path,
        session,
        signOutPath: options.signOutPath,
        flash,
        stylesheetHref: options.stylesheet.href,
        scriptHref: htmxHref,
        screenHref,
        blank: blankOf(c, about),
      },
      about,
      body,
    );
    const answered = headers({ 'content-type': 'text/html; charset=utf-8' });
    if (cookie) answered.append('set-cookie', `${flashCookie}=; Max-Age=0; ${cookieAttributes(secure)}`);
    return new Response(document, { status: about.status ?? 200, headers: answered });
  }

  const problem = (word: keyof typeof problemWords | ProblemWords): Promise<Response> => {
    const words = typeof word === 'string' ? problemWords[word] : word;
    return view({ title: words.title, gloss: words.gloss, status: words.status }, problemBody(words));
  };

  return {
    view,
    problem,
    redirect(path: string, flash?: Flash): Response {
      // `//host` and `/\host` lead elsewhere in a browser.
      if (!/^\/(?![/\\])/.test(path)) throw new Error('a redirect leads to a path of this host');
      const answered = headers({ location: path });
      if (flash) {
        if (session === undefined) throw new Error('a flash message needs a session');
        answered.append(
          'set-cookie',
          `${flashCookie}=${writeFlash(session, flash)}; Max-Age=60; ${cookieAttributes(secure)}`,
        );
      }
      return new Response(null, { status: 303, headers: answered });
    },
    file(
      content: Uint8Array,
      file: { readonly type: string; readonly name: string; readonly inline?: boolean },
    ): Response {
      const disposition = `${file.inline === false ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
      return new Response(Uint8Array.from(content), {
        headers: headers({ 'content-type': file.type, 'content-disposition': disposition }, true),
      });
    },
    respond(body: string | Uint8Array | ReadableStream, status: number, more: Record<string, string>): Response {
      return new Response(body as BodyInit, { status, headers: headers(more) });
    },
    signIn(method: Method): Response | Promise<Response> {
      if (options.signInPath === undefined || method !== 'GET') return problem('signed-out');
      const { pathname, search } = new URL(c.req.url);
      return new Response(null, {
        status: 303,
        headers: headers({ location: `${options.signInPath}?return=${encodeURIComponent(pathname + search)}` }),
      });
    },
  };
}
