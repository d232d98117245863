import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { ProblemWords } from '@musubi/kernel/pages/kit/problem-page.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type Provider from 'oidc-provider';
import type { Interaction } from 'oidc-provider';
import type { Deps } from '../deps.ts';
import { signInActor } from '../service/actors.ts';
import { changePassword } from '../service/passwords.ts';
import {
  passkeyChallenge,
  registerPasskey,
  registrationChallenge,
  verifySecondFactor,
} from '../service/second-factor.ts';
import { completeSignIn, tryPasswordWatched } from '../service/sign-in.ts';
import { finishInteraction, interactionOf } from './provider.ts';
import { type Scripts, withData } from './scripts.ts';

/** How far one sign-in has come; kept on the server under the interaction, ten minutes. */
interface Progress {
  readonly staffId: string;
  readonly methods: readonly string[];
  readonly terminalId: string | null;
  readonly mustChange: boolean;
  readonly hasPasskey: boolean;
  readonly challenge?: string;
}

const stepSeconds = 600;
type Request = PageRequest<PageSession | undefined>;

const ended: ProblemWords = {
  status: 403,
  title: 'サインインを続けられません',
  gloss: 'This sign-in has ended',
  advice: '時間切れか、すでに終わったサインインです。使うシステムからもう一度始めてください。',
};

const passwordFields: readonly Field[] = [
  { name: 'staffId', label: '職員ID', kind: 'text', maxLength: 64, autocomplete: 'username', width: 'short' },
  { name: 'password', label: 'パスワード', kind: 'secret', maxLength: 200, autocomplete: 'current-password' },
];
const newPasswordFields: readonly Field[] = [
  {
    name: 'password',
    label: '新しいパスワード',
    kind: 'secret',
    maxLength: 200,
    autocomplete: 'new-password',
    hint: '12文字以上で、英大文字・英小文字・数字・記号のうち3種類以上。職員IDを含むもの、過去に使ったものは使えません。',
  },
  { name: 'again', label: '新しいパスワード(確認)', kind: 'secret', maxLength: 200, autocomplete: 'new-password' },
];
const passwordFaults = {
  'too-short': 'パスワードは12文字以上にしてください',
  'too-simple': '英大文字・英小文字・数字・記号のうち3種類以上を使ってください',
  'contains-id': '職員IDを含むパスワードは使えません',
  'well-known': '推測されやすい言葉のパスワードは使えません',
  'used-before': '過去に使ったパスワードは使えません',
  'no-such-account': 'パスワードを変更できませんでした',
  'not-authorised': 'パスワードを変更できませんでした',
} as const;

export interface LoginPages {
  readonly deps: Deps;
  readonly provider: Provider;
  readonly scripts: Scripts;
}

/** The pages of a sign-in: password, second factor (or its first registration), change of an issued or old password. */
export function mountLogin(app: PageApp, { deps, provider, scripts }: LoginPages): void {
  const { passing } = deps;
  const remember = (uid: string, progress: Progress) => passing.put('sign-in-step', uid, progress, stepSeconds);
  const path = (uid: string, step: string): string => `/login/${uid}${step}`;

  /** Every page asks again whose interaction this is: the signed cookie of this browser names it. */
  const step =
    (handler: (p: Request, interaction: Interaction, progress: Progress) => Promise<Response>) =>
    async (p: Request): Promise<Response> => {
      const interaction = await interactionOf(provider, p.request, p.param('uid'));
      const progress = await passing.get<Progress>('sign-in-step', p.param('uid'));
      return interaction && progress ? handler(p, interaction, progress) : p.problem(ended);
    };

  const passwordPage = async (p: Request, error?: string): Promise<Response> => {
    const uid = p.param('uid');
    const challenge = Buffer.from(deps.random.bytes(32)).toString('base64url');
    await passing.put('terminal-challenge', uid, { challenge }, stepSeconds);
    return p.view(
      {
        title: '職員認証',
        gloss: 'Staff sign-in',
        hasErrors: error !== undefined,
        status: error === undefined ? 200 : 422,
      },
      html`${withData(
        form({
          action: path(uid, ''),
          session: p.session,
          fields: passwordFields,
          errors: error === undefined ? {} : { '': error },
          hidden: { terminalId: '', terminalSignature: '' },
          submit: '次へ',
        }),
        { 'terminal-challenge': challenge },
      )}${scripts.tags}`,
    );
  };

  page(app, 'GET', '/login/:uid', 'public', async (p) =>
    (await interactionOf(provider, p.request, p.param('uid'))) ? passwordPage(p) : p.problem(ended),
  );

  page(app, 'POST', '/login/:uid', 'public', async (p) => {
    const uid = p.param('uid');
    if (!(await interactionOf(provider, p.request, uid))) return p.problem(ended);
    const read = readForm(passwordFields, p.form);
    if (!read.ok) return passwordPage(p, '職員IDとパスワードを入力してください');
    const challenge = (await passing.take<{ challenge: string }>('terminal-challenge', uid))?.challenge;
    const terminalId = `${p.form.get('terminalId') ?? ''}`;
    const tried = await tryPasswordWatched(deps, {
      staffId: (read.value.texts.staffId ?? '').toLowerCase(),
      password: read.value.texts.password ?? '',
      terminal:
        challenge !== undefined && /^t-[a-z0-9]{8,40}$/.test(terminalId)
          ? { terminalId, challenge, signature: `${p.form.get('terminalSignature') ?? ''}`.slice(0, 200) }
          : undefined,
    });
    if (!tried.ok || tried.value.outcome === 'refused') {
      const terminal = tried.ok && tried.value.outcome === 'refused' && tried.value.why === 'terminal';
      return passwordPage(
        p,
        terminal
          ? 'この端末は登録されていません。登録された端末を使うか、管理者に端末の登録を申請してください。'
          : '職員IDまたはパスワードが違うか、利用できない状態です。5回続けて誤るとロックされ、管理者の解除が必要になります。',
      );
    }
    const { outcome: _, ...progress } = tried.value;
    await remember(uid, { ...progress, methods: ['pwd'] });
    return p.redirect(path(uid, progress.hasPasskey ? '/second-factor' : '/register'));
  });

  const factorPage = async (
    p: Request,
    progress: Progress,
    kind: 'get' | 'register',
    error?: string,
  ): Promise<Response> => {
    const uid = p.param('uid');
    const asked = await (kind === 'get' ? passkeyChallenge : registrationChallenge)(
      deps,
      signInActor,
      progress.staffId,
    );
    if (!asked.ok) return p.problem('not-authorised');
    await remember(uid, { ...progress, challenge: asked.value.challenge });
    const words =
      kind === 'get'
        ? {
            title: '二要素目の確認',
            gloss: 'Second factor',
            action: path(uid, '/second-factor'),
            submit: '認証器で確認する',
          }
        : {
            title: '認証器の登録',
            gloss: 'Register your authenticator',
            action: path(uid, '/register'),
            submit: '認証器を登録する',
          };
    return p.view(
      {
        title: words.title,
        gloss: words.gloss,
        hasErrors: error !== undefined,
        status: error === undefined ? 200 : 422,
      },
      html`<p>${kind === 'get' ? '登録した認証器(パスキー)で本人確認をしてください。' : 'パスワードに加えて使う認証器(パスキー)を登録してください。次からのサインインで使います。'}</p>
<form class="form" method="post" action="${words.action}" data-passkey="${kind}" data-staff-id="${progress.staffId}" data-options="${JSON.stringify(asked.value)}">
${p.session && tokenField(p.session)}<input type="hidden" name="response" value="">
<p class="error" data-message role="alert">${error}</p>
<div class="row"><button class="button button-primary" type="submit">${words.submit}</button></div>
${deps.town && trainingPart(kind)}</form>
${deps.town && kind === 'get' && html`<p><a href="${path(uid, '/register')}">このブラウザーに訓練用の認証器を作る</a></p>`}${scripts.tags}`,
    );
  };

  page(
    app,
    'GET',
    '/login/:uid/second-factor',
    'public',
    step((p, _i, progress) => factorPage(p, progress, 'get')),
  );
  page(
    app,
    'GET',
    '/login/:uid/register',
    'public',
    step((p, _i, progress) => factorPage(p, progress, 'register')),
  );

  const answered = (kind: 'get' | 'register') =>
    step(async (p, interaction, progress) => {
      const response = parsed(p.form.get('response'));
      const { staffId, challenge } = progress;
      if (response === undefined || challenge === undefined)
        return factorPage(p, progress, kind, '認証器の答えがありません。');
      const given = { staffId, challenge, response };
      const verified =
        kind === 'get'
          ? await verifySecondFactor(deps, signInActor, given as never)
          : await registerPasskey(deps, signInActor, { ...given, label: '認証器' } as never);
      if (!verified.ok) {
        const closed = verified.error === 'registration-not-open';
        return factorPage(
          p,
          progress,
          kind,
          closed
            ? '新しい認証器は登録できません。管理者に初期パスワードの発行を申請してください。'
            : '認証器を確認できませんでした。もう一度お試しください。',
        );
      }
      const { challenge: _, ...rest } = progress;
      const next = { ...rest, methods: [...progress.methods.filter((m) => m === 'pwd'), verified.value.method] };
      await remember(interaction.uid, next);
      return next.mustChange ? p.redirect(path(interaction.uid, '/password')) : finish(p, interaction, next);
    });
  page(app, 'POST', '/login/:uid/second-factor', 'public', answered('get'));
  page(app, 'POST', '/login/:uid/register', 'public', answered('register'));

  const changePage = (p: Request, error?: string): Promise<Response> =>
    p.view(
      {
        title: 'パスワードの変更',
        gloss: 'Change your password',
        hasErrors: error !== undefined,
        status: error === undefined ? 200 : 422,
      },
      html`${notice('info', 'パスワードの変更が必要です', '発行されたばかりか、有効期限(180日または年度末)を過ぎています。')}${form(
        {
          action: path(p.param('uid'), '/password'),
          session: p.session,
          fields: newPasswordFields,
          errors: error === undefined ? {} : { password: error },
          submit: '変更して続ける',
        },
      )}`,
    );

  page(
    app,
    'GET',
    '/login/:uid/password',
    'public',
    step((p, _i, progress) =>
      isDone(progress) ? changePage(p) : Promise.resolve(p.redirect(path(p.param('uid'), ''))),
    ),
  );
  page(
    app,
    'POST',
    '/login/:uid/password',
    'public',
    step(async (p, interaction, progress) => {
      if (!isDone(progress) || !progress.mustChange) return p.problem(ended);
      const read = readForm(newPasswordFields, p.form);
      if (!read.ok) return changePage(p, '新しいパスワードを2回入力してください');
      const { password = '', again } = read.value.texts;
      if (password !== again) return changePage(p, '確認のために入力したパスワードが違います');
      const changed = await changePassword(deps, signInActor, { staffId: progress.staffId, password });
      if (!changed.ok) return changePage(p, passwordFaults[changed.error]);
      return finish(p, interaction, { ...progress, mustChange: false });
    }),
  );

  async function finish(p: Request, interaction: Interaction, progress: Progress): Promise<Response> {
    // Two factors, whatever path led here.
    if (!isDone(progress) || progress.mustChange) return p.problem(ended);
    const { staffId, methods, terminalId } = progress;
    const done = await completeSignIn(deps, signInActor, { staffId, methods, terminalId });
    await passing.remove('sign-in-step', interaction.uid);
    if (!done.ok) return p.problem(ended);
    return p.redirect(await finishInteraction(interaction, { staffId, signedInS: done.value.signedInS, methods }));
  }
}

const isDone = (progress: Progress): boolean => progress.methods.includes('pwd') && progress.methods.length === 2;

const trainingPart = (kind: 'get' | 'register'): Html =>
  html`<section class="notice notice-warning"><p>訓練用の認証器 <span lang="en">Software authenticator, for this training town only</span></p>
<div><p>鍵はこのブラウザーの中にあります。本物の二要素認証にはなりません。</p>
<button class="button" type="submit" name="authenticator" value="training">${kind === 'get' ? '訓練用の認証器で確認する' : '訓練用の認証器を登録する'}</button></div></section>`;

function parsed(text: FormDataEntryValue | null): unknown {
  if (typeof text !== 'string' || text === '' || text.length > 20_000) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
