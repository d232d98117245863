import { cardAssertion } from '@musubi/contracts/portal/card.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html } from '@musubi/kernel/pages/html.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { newChallenge } from '../service/challenge.ts';
import { cookieLine, signOut } from '../service/session.ts';
import { signInWithCard } from '../service/sign-in.ts';
import { signInWords } from './words.ts';

/** Where to go afterwards: a path of this host, or the top. */
const pathOf = (given: string | null): string =>
  given !== null && /^\/(?![/\\])[\w/.?=&-]*$/.test(given) ? given : '/';

export function addSignInPages(app: PageApp, deps: Deps, scripts: ReadonlyMap<string, string>): void {
  const secure = deps.origin.startsWith('https:');
  for (const [path, script] of scripts)
    page(app, 'GET', path, 'public', (p) =>
      p.respond(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
    );

  page(app, 'GET', '/sign-in', 'public', (p) => signInPage(p, deps, pathOf(p.query.get('return'))));

  page(app, 'POST', '/sign-in', 'public', async (p) => {
    const text = (name: string): string => {
      const value = p.form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const to = pathOf(text('return'));
    const assertion = cardAssertion.safeParse({
      certificate: text('certificate'),
      challenge: Buffer.from(text('challenge'), 'base64').toString('utf8'),
      signature: text('signature'),
    });
    if (!assertion.success) return signInPage(p, deps, to, { status: 422, text: 'カードを読み取ってください。' });
    const done = await signInWithCard(deps, { assertion: assertion.data, seal: text('seal') });
    if (!done.ok) return signInPage(p, deps, to, signInWords[done.error]);
    const answer = p.redirect(to);
    answer.headers.append('set-cookie', cookieLine(done.value.token, secure));
    return answer;
  });

  page(app, 'POST', '/sign-out', 'signed-in', async (p) => {
    await signOut(deps, p.session.actor, null);
    const answer = p.redirect('/sign-in');
    answer.headers.append('set-cookie', cookieLine('', secure, '; Max-Age=0'));
    return answer;
  });
}

function signInPage(
  p: PageRequest<PageSession | undefined>,
  deps: Deps,
  to: string,
  refused?: { readonly status: number; readonly text: string },
): Promise<Response> {
  const about = { title: 'カードでサインイン', gloss: 'Sign in with your card' };
  const fault = refused && notice('error', 'サインインできませんでした', html`<p>${refused.text}</p>`);
  if (!deps.town)
    return p.view(
      { ...about, status: refused?.status ?? 200 },
      html`${fault}${notice('info', 'カードの読み取りはこの画面ではできません', html`<p>マイナンバーカードの読み取りに対応した端末からご利用ください。訓練用のカードは使えません。</p>`)}`,
    );
  return p.view(
    { ...about, ...(refused ? { status: refused.status, hasErrors: true } : {}) },
    html`${fault}${cardForm(deps, to)}`,
  );
}

function cardForm(deps: Deps, to: string): Html {
  const challenge = newChallenge(deps);
  return html`<div class="stack">
${notice('info', '訓練用のソフトウェアカード', html`<p>訓練用の町の住民のカードです。ファイルと暗証番号はこのブラウザーの中だけで使われ、送信されるのは署名と電子証明書だけです。</p>`)}
<div id="card-needs-script">${notice('warning', 'サインインにはスクリプトが必要です', html`<p>カードの署名をブラウザーの中で行うため、スクリプトを有効にしてください。サインイン後の画面はスクリプトなしでも使えます。</p>`)}</div>
<p class="notice notice-error" id="card-message" role="alert" tabindex="-1" hidden></p>
<form class="form" id="card-form" method="post" action="/sign-in" autocomplete="off">
<div class="field"><label for="card-file">訓練用カードのファイル<span class="required">必須</span></label><span class="hint" id="card-file-hint">町から受け取った .json のファイルです。</span><input class="input" type="file" id="card-file" accept=".json,application/json" aria-describedby="card-file-hint" aria-required="true"></div>
<div class="field"><label for="card-pin">利用者証明用の暗証番号（数字4桁）<span class="required">必須</span></label><span class="hint" id="card-pin-hint">3回続けて間違えると、カードが使えなくなります。</span><input class="input input-short" type="password" inputmode="numeric" maxlength="4" id="card-pin" aria-describedby="card-pin-hint" aria-required="true"></div>
<input type="hidden" id="card-challenge" name="challenge" value="${Buffer.from(challenge.text).toString('base64')}">
<input type="hidden" name="seal" value="${challenge.seal}">
<input type="hidden" id="card-certificate" name="certificate" value="">
<input type="hidden" id="card-signature" name="signature" value="">
<input type="hidden" name="return" value="${to}">
<div class="row"><button class="button button-primary" type="submit" disabled>サインイン</button></div>
</form>
<script type="module" src="/sign-in/card-sign-in.js"></script>
</div>`;
}
