import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Passing } from '@musubi/kernel/access/passing.ts';
import { clientSecretOf } from '@musubi/kernel/access/relying-party.ts';
import Provider, {
  type Adapter,
  type AdapterPayload,
  type Interaction,
  interactionPolicy,
  type JWK,
} from 'oidc-provider';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { signInActor } from '../service/actors.ts';
import { personForTokens } from '../service/sign-in.ts';

/** A system of this organisation at which people sign in. */
export interface Client {
  readonly system: string;
  /** `http://rtx.meguro.localhost:8080` */
  readonly origin: string;
}

export interface ProviderOptions {
  readonly issuer: string;
  readonly clients: readonly Client[];
  /** From which each client's own secret is derived. */
  readonly clientSecret: string;
  readonly keys: ProviderKeys;
  readonly deps: Deps;
}

const keysSchema = z.strictObject({
  signing: z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    d: z.string(),
  }),
  cookies: z.array(z.string().min(43)).min(1),
});
export type ProviderKeys = z.infer<typeof keysSchema>;

/** Signing key of tokens and keys of cookies; made at the first start, a file for the owner alone. */
export async function providerKeys(file: string): Promise<ProviderKeys> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) return keysSchema.parse(JSON.parse(text));
  const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const keys = keysSchema.parse({ signing, cookies: [randomBytes(32).toString('base64url')] });
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(keys), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return keys;
}

/** Minutes for which the directory remembers a sign-in on behalf of another system; as long as an idle lock. */
const rememberedSeconds = 10 * 60;

/**
 * OpenID Connect for the systems of one organisation: code flow with PKCE, signed with ES256, nothing else switched on.
 * Its own addresses stand under /oidc; what people see are the pages of `login-pages.ts`.
 */
export function createProvider(options: ProviderOptions): Provider {
  const { deps, clients, issuer } = options;
  const provider = new Provider(issuer, {
    adapter: (name: string) => adapterOf(name, deps.passing),
    clients: clients.map(({ system, origin }) => ({
      client_id: system,
      client_secret: clientSecretOf(options.clientSecret, system),
      redirect_uris: [`${origin}/sign-in/callback`],
      post_logout_redirect_uris: [`${origin}/signed-out`],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    })),
    jwks: { keys: [{ ...options.keys.signing, alg: 'ES256', use: 'sig' } as JWK] },
    cookies: {
      keys: [...options.keys.cookies],
      names: { session: 'musubi-directory', interaction: 'musubi-interaction', resume: 'musubi-resume' },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    scopes: ['openid', 'staff'],
    claims: {
      openid: ['sub'],
      staff: [
        'name',
        'position',
        'account_until',
        'terminal',
        'terminal_kind',
        'affiliation',
        'methods',
        'directory_session',
        'signed_in_at',
      ],
    },
    // The claims travel in the ID token itself: the systems then need no second question.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: leavePage, postLogoutSuccessSource: leftPage },
    },
    routes: {
      authorization: '/oidc/auth',
      token: '/oidc/token',
      jwks: '/oidc/jwks',
      end_session: '/oidc/session/end',
    },
    interactions: { policy: signInPolicy(), url: (_ctx, interaction) => `/login/${interaction.uid}` },
    ttl: {
      AuthorizationCode: 60,
      AccessToken: 60,
      IdToken: 300,
      Grant: rememberedSeconds,
      Interaction: rememberedSeconds,
      Session: rememberedSeconds,
    },
    // Systems of one's own organisation need no consent of the clerk.
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid staff');
      await grant.save();
      return grant;
    },
    async findAccount(ctx, sub, token) {
      const stated = token as { readonly authTime?: number; readonly sessionUid?: string } | undefined;
      const signedInS = stated?.authTime ?? ctx.oidc.session?.loginTs;
      if (signedInS === undefined) return undefined;
      const found = await personForTokens(deps, signInActor, { staffId: sub, signedInS });
      const person = found.ok ? found.value : undefined;
      if (person === undefined) return undefined;
      const { account } = person;
      return {
        accountId: sub,
        claims: () => ({
          sub,
          name: account.displayName,
          ...(account.position === '' ? {} : { position: account.position }),
          account_until: account.validUntil,
          methods: [...person.methods],
          ...(person.terminalId === null ? {} : { terminal: person.terminalId }),
          ...(person.terminalKind === null ? {} : { terminal_kind: person.terminalKind }),
          affiliation: account.kind,
          directory_session: stated?.sessionUid ?? ctx.oidc.session?.uid ?? '',
          signed_in_at: signedInS,
        }),
      };
    },
    renderError(ctx, out) {
      ctx.type = 'html';
      // Words of the protocol only; the description may repeat what a browser sent.
      ctx.body = plainPage(
        'サインインを続けられません',
        'Sign-in cannot continue',
        `<p>画面を閉じて、使うシステムからもう一度始めてください。</p><p>${/^[a-z_]+$/.test(out.error) ? out.error : ''}</p>`,
      );
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    ctx.set('cache-control', 'no-store');
    ctx.set('x-content-type-options', 'nosniff');
    ctx.set('referrer-policy', 'same-origin');
    if (!ctx.response.get('content-security-policy')) {
      const targets = clients.map((client) => client.origin).join(' ');
      ctx.set(
        'content-security-policy',
        `default-src 'none'; style-src 'self'; form-action 'self' ${targets}; frame-ancestors 'none'; base-uri 'none'`,
      );
    }
  });
  return provider;
}

/** Whoever may not sign in any more since the directory remembers them is asked who they are, as everybody else is. */
function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  policy
    .get('login')
    ?.checks.add(
      new Check('standing', 'the person may not sign in any more', (ctx) =>
        ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
}

const plainPage = (title: string, gloss: string, body: string): string =>
  `<!doctype html><html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>` +
  `<body><main><h1>${title} <small lang="en">${gloss}</small></h1>${body}</main></body></html>`;

type Ctx = { type: string; body: unknown };

function leavePage(ctx: Ctx, form: string): void {
  ctx.type = 'html';
  ctx.body = plainPage(
    'サインアウトの確認',
    'Sign out of the staff directory',
    `<p>職員認証からもサインアウトします。ほかのシステムを続けて使うときは「残る」を選んでください。</p>${form}<p><button type="submit" form="op.logoutForm" value="yes" name="logout">サインアウトする</button> <button type="submit" form="op.logoutForm">残る</button></p>`,
  );
}
function leftPage(ctx: Ctx): void {
  ctx.type = 'html';
  ctx.body = plainPage('サインアウトしました', 'Signed out', '<p>職員認証からサインアウトしました。</p>');
}

/** What the provider keeps, in the directory's own database. */
function adapterOf(kind: string, passing: Passing): Adapter {
  const name = `oidc.${kind}`;
  return {
    upsert: (id, payload, expiresIn) => passing.put(name, id, payload, expiresIn ?? 3_600, payload.grantId),
    find: (id) => passing.get<AdapterPayload>(name, id),
    findByUid: (uid) => passing.find<AdapterPayload>(name, 'uid', uid),
    findByUserCode: (userCode) => passing.find<AdapterPayload>(name, 'userCode', userCode),
    consume: (id) => passing.consume(name, id),
    destroy: (id) => passing.remove(name, id),
    revokeByGrantId: (grantId) => passing.removeFamily(grantId),
  };
}

/** The interaction that this very browser began (by its signed cookie), or undefined. */
export async function interactionOf(
  provider: Provider,
  request: Request,
  uid: string,
): Promise<Interaction | undefined> {
  const incoming = {
    method: request.method,
    url: new URL(request.url).pathname,
    headers: Object.fromEntries(request.headers),
    socket: { encrypted: request.url.startsWith('https:') },
  } as unknown as IncomingMessage;
  try {
    const interaction = await provider.interactionDetails(incoming, {} as ServerResponse);
    return interaction.uid === uid && interaction.prompt.name === 'login' ? interaction : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the interaction; gives the path at which the provider goes on. */
export async function finishInteraction(
  interaction: Interaction,
  who: { readonly staffId: string; readonly signedInS: number; readonly methods: readonly string[] },
): Promise<string> {
  interaction.result = { login: { accountId: who.staffId, ts: who.signedInS, amr: [...who.methods], remember: false } };
  await interaction.save(interaction.exp - Math.floor(Temporal.Now.instant().epochMilliseconds / 1000));
  return new URL(interaction.returnTo).pathname;
}
