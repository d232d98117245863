import type { ActDeps } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import { type PageApp, page } from '../pages/app.ts';
import { html } from '../pages/html.ts';
import type { ProblemWords } from '../pages/kit/problem-page.ts';
import { cookieAttributes, cookieName, readCookie } from '../pages/security.ts';
import { heldBecause, holdWords } from './holds.ts';
import type { RelyingParty } from './relying-party.ts';
import { endSession, openSession, type SessionBook, type SessionPolicy, secretHash, signInActor } from './session.ts';

export interface SignInPages {
  deps(): ActDeps;
  readonly sessions: SessionBook;
  /** Name of the session's cookie. */
  readonly cookie: string;
  readonly secure: boolean;
  readonly policy: SessionPolicy;
  readonly party: RelyingParty;
  onError(error: unknown, where: string): void;
}

const attemptMinutes = 10;
/** Only paths of this host: `//host` and `/\host` lead elsewhere in a browser. */
const ownPath = (path: string | null): string => (path !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/');

const notSignedIn: ProblemWords = {
  status: 403,
  title: 'サインインできませんでした',
  gloss: 'Sign-in did not succeed',
  advice: '時間切れか、別の画面で始めたサインインです。もう一度はじめからお試しください。',
};
const unreachable: ProblemWords = {
  status: 503,
  title: '職員認証につながりません',
  gloss: 'The staff directory does not answer',
  advice: 'しばらくしてからもう一度お試しください。続くときは情報システム担当へご連絡ください。',
};

/** /sign-in, /sign-in/callback, /sign-out, /signed-out, /session/locked, /session/blank. */
export function mountSignIn(app: PageApp, options: SignInPages): void {
  const { deps, sessions, secure, party } = options;
  const attemptCookie = cookieName('musubi-sign-in', secure);
  const attributes = cookieAttributes(secure);

  // A page left on the screen covers itself when its session has fallen idle, without any script.
  app.hono.use('*', async (c, next) => {
    await next();
    const isPage = c.res.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (!isPage || readCookie(c.req.raw.headers, options.cookie) === undefined || c.req.path === '/session/locked')
      return;
    if (/^\/(sign-in|signed-out)/.test(c.req.path)) return;
    const blanked = c.req.path === '/session/blank';
    const path = blanked ? ownPath(c.req.query('return') ?? null) : c.req.path;
    const back = c.req.method === 'GET' ? `?return=${encodeURIComponent(path)}` : '';
    const left = options.policy.idleMinutes - (blanked ? options.policy.blankMinutes : 0);
    c.res.headers.set('refresh', `${left * 60 + 1}; url=/session/locked${back}`);
  });

  page(app, 'GET', '/sign-in', 'public', async (p) => {
    const found = await sessions.find(p.request);
    const back = ownPath(p.query.get('return'));
    const idle = found?.fault === 'idle' || found?.session.endedBecause === 'idle';
    if (idle && !p.query.has('again')) return p.redirect(`/session/locked?return=${encodeURIComponent(back)}`);
    const again = idle || p.query.has('again');
    let departure: Awaited<ReturnType<RelyingParty['depart']>>;
    try {
      departure = await party.depart(again);
    } catch (error) {
      options.onError(error, 'sign-in');
      return p.problem(unreachable);
    }
    await rememberAttempt(deps(), { ...departure, again }, back);
    return p.respond('', 303, {
      location: departure.url.href,
      'set-cookie': `${attemptCookie}=${departure.state}; Max-Age=${attemptMinutes * 60}; ${attributes}`,
    });
  });

  page(app, 'GET', '/sign-in/callback', 'public', async (p) => {
    const state = readCookie(p.request.headers, attemptCookie);
    // The browser that comes back must be the one that left: nobody is signed in as somebody else (login CSRF).
    if (state === undefined || state !== p.query.get('state')) return p.problem(notSignedIn);
    const attempt = await takeAttempt(deps(), state);
    if (attempt === undefined) return p.problem(notSignedIn);
    let arrived: Awaited<ReturnType<RelyingParty['arrive']>>;
    try {
      arrived = await party.arrive(new URL(p.request.url), { ...attempt, state });
    } catch (error) {
      options.onError(error, 'sign-in');
      return p.problem(unreachable);
    }
    if (!arrived.ok) return p.problem(notSignedIn);
    const who = arrived.value;
    const signedInAt = Temporal.Instant.fromEpochMilliseconds(who.signed_in_at * 1000);
    if (attempt.again && signedInAt.epochMilliseconds + 1_000 < attempt.startedAt) return p.problem(notSignedIn);
    const opened = await openSession(deps(), signInActor, {
      staffId: who.sub,
      displayName: who.name,
      position: who.position,
      accountUntil: Temporal.PlainDate.from(who.account_until),
      directorySid: who.directory_session,
      terminalId: who.terminal,
      terminalKind: who.terminal_kind,
      affiliation: who.affiliation,
      methods: who.methods,
      policy: options.policy,
      signedInAt,
    });
    if (!opened.ok) return p.problem(opened.error === 'rights-held' ? await heldWords(deps(), who.sub) : notSignedIn);
    const answer = p.redirect(attempt.returnPath);
    // Always a new secret: a cookie that stood in the browser before the sign-in is worth nothing after it.
    answer.headers.append('set-cookie', `${options.cookie}=${opened.value.token}; ${attributes}`);
    answer.headers.append('set-cookie', `${attemptCookie}=; Max-Age=0; ${attributes}`);
    return answer;
  });

  page(app, 'GET', '/session/locked', 'public', async (p) => {
    const found = await sessions.find(p.request);
    const back = ownPath(p.query.get('return'));
    // Opened by hand while the session stands: the lock is then meant, and it ends the session.
    if (found && found.session.endedBecause === null) {
      await endSession(deps(), signInActor, { sessionId: found.session.sessionId, because: 'idle' });
    }
    return p.view(
      { title: '画面を保護しています', gloss: 'Screen locked' },
      html`<p>操作がない時間が続いたため、画面を保護しました。続けるには、もう一度本人確認を行ってください。</p>
<p><a class="button button-primary" href="/sign-in?again=1&return=${encodeURIComponent(back)}">本人確認をして続ける</a></p>`,
    );
  });

  // Where a record screen goes when nobody touches it: nothing of the person is left in the browser, the session stands.
  page(app, 'GET', '/session/blank', 'public', (p) =>
    p.view(
      { title: '画面を消しています', gloss: 'Screen blanked' },
      html`<p>操作がないため、個人の情報を画面から消しました。</p>
<p><a class="button button-primary" href="${ownPath(p.query.get('return'))}" autofocus>続ける</a></p>`,
    ),
  );

  page(app, 'POST', '/sign-out', 'signed-in', async (p) => {
    const { actor } = p.session;
    if (actor.kind === 'staff')
      await endSession(deps(), signInActor, { sessionId: actor.sessionId, because: 'signed-out' });
    const location = await party.signOutUrl().then(
      (url) => url.href,
      () => '/signed-out',
    );
    return p.respond('', 303, { location, 'set-cookie': `${options.cookie}=; Max-Age=0; ${attributes}` });
  });

  page(app, 'GET', '/signed-out', 'public', (p) =>
    p.view(
      { title: 'サインアウトしました', gloss: 'Signed out' },
      html`<p>このシステムでの作業を終えました。席を離れるときは端末も画面を保護してください。</p>
<p><a class="button" href="/">もう一度サインインする</a></p>`,
    ),
  );
}

/** Told to somebody whom the directory authenticated, about themselves. */
async function heldWords({ db }: ActDeps, staffId: string): Promise<ProblemWords> {
  const because = await withTransaction(db, 'access.held-because', (tx) => heldBecause(tx, staffId), {
    readOnly: true,
  });
  return {
    status: 403,
    title: '権限を停止しています',
    gloss: 'Your rights are held',
    advice: holdWords[because ?? ''] ?? '権限が停止されています。情報システムの管理者へご連絡ください。',
  };
}

interface Attempt {
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnPath: string;
  readonly again: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

async function rememberAttempt(
  { db, machineClock }: ActDeps,
  sent: { readonly state: string; readonly nonce: string; readonly codeVerifier: string; readonly again: boolean },
  returnPath: string,
): Promise<void> {
  const now = machineClock.now();
  await withTransaction(db, 'access.sign-in-attempt', async (tx) => {
    await tx`delete from access.sign_in_attempt where expires_at < ${now}`;
    await tx`insert into access.sign_in_attempt (state_hash, nonce, code_verifier, return_path, again, started_at, expires_at)
      values (${secretHash(sent.state)}, ${sent.nonce}, ${sent.codeVerifier}, ${returnPath}, ${sent.again}, ${now}, ${now.add({ minutes: attemptMinutes })})`;
  });
}

/** Each attempt comes back once. */
async function takeAttempt({ db, machineClock }: ActDeps, state: string): Promise<Attempt | undefined> {
  const now = machineClock.now();
  const rows = await withTransaction(
    db,
    'access.sign-in-attempt',
    (tx) => tx<Attempt>`
      delete from access.sign_in_attempt where state_hash = ${secretHash(state)} and expires_at >= ${now}
      returning nonce, code_verifier as "codeVerifier", return_path as "returnPath", again,
        (extract(epoch from started_at) * 1000)::bigint as "startedAt"`,
  );
  return rows[0];
}
