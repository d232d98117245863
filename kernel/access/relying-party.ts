import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as openid from 'openid-client';
import { z } from 'zod';
import { err, ok, type Result } from '../result/result.ts';
import { loopbackFetch } from './loopback-fetch.ts';
import { terminalKinds } from './session.ts';

export interface SignInConfig {
  /** The organisation's directory: `http://id.meguro.localhost:8080`. */
  readonly issuer: string;
  /** At least 32 bytes of base64url, the same file at directory and systems; each system's own secret is derived from it. */
  readonly clientSecretFile: string;
  /** Address of this system as browsers show it. */
  readonly origin: string;
}

/** A client's secret: nobody learns another's from its own. */
export function clientSecretOf(secret: string, clientId: string): string {
  if (secret.length < 43) throw new Error('the secret of the sign-in clients is too short');
  return createHmac('sha256', secret).update(`musubi oidc client 1\n${clientId}`).digest('base64url');
}

/** What the directory says of a person. Own claims are not in the standard's list. */
const claims = z.object({
  sub: z.string().min(1),
  name: z.string().min(1),
  position: z.string().optional(),
  /** Last day of the account. */
  account_until: z.iso.date(),
  /** Enrolled terminal that signed the challenge of this sign-in. */
  terminal: z.string().optional(),
  terminal_kind: z.enum(terminalKinds).optional(),
  affiliation: z.enum(['employee', 'contractor']),
  /** `pwd`, `hwk` (passkey), `swk` (software authenticator of a town) … */
  methods: z.array(z.string()).min(1),
  /** The directory's own session. */
  directory_session: z.string().min(1),
  /** When the person was authenticated, seconds since the epoch. */
  signed_in_at: z.int(),
});
export type StaffClaims = z.infer<typeof claims>;

export interface Departure {
  readonly url: URL;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface RelyingParty {
  /** Where the browser goes; `again` asks for a new authentication whatever the directory remembers. */
  depart(again: boolean): Promise<Departure>;
  /** What came back. Signature, issuer, audience, nonce, state, PKCE and time are checked by openid-client. */
  arrive(current: URL, sent: Omit<Departure, 'url'>): Promise<Result<StaffClaims, 'refused'>>;
  signOutUrl(): Promise<URL>;
}

/** OpenID Connect, code flow with PKCE (RFC 7636) and a client secret. The directory is looked up at the first use. */
export function createRelyingParty(clientId: string, config: SignInConfig): RelyingParty {
  const callback = `${config.origin}/sign-in/callback`;
  let known: Promise<openid.Configuration> | undefined;
  const discover = async (): Promise<openid.Configuration> => {
    const secret = clientSecretOf((await readFile(config.clientSecretFile, 'utf8')).trim(), clientId);
    const issuer = new URL(config.issuer);
    const plain = issuer.protocol === 'http:' && issuer.hostname.endsWith('.localhost');
    return openid.discovery(
      issuer,
      clientId,
      { id_token_signed_response_alg: 'ES256' },
      openid.ClientSecretBasic(secret),
      {
        [openid.customFetch]: loopbackFetch as openid.CustomFetch,
        execute: plain
          ? [openid.allowInsecureRequests, openid.enableNonRepudiationChecks]
          : [openid.enableNonRepudiationChecks],
        timeout: 10,
      },
    );
  };
  const configuration = (): Promise<openid.Configuration> => {
    known ??= discover().catch((error) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    async depart(again) {
      const state = openid.randomState();
      const nonce = openid.randomNonce();
      const codeVerifier = openid.randomPKCECodeVerifier();
      const url = openid.buildAuthorizationUrl(await configuration(), {
        redirect_uri: callback,
        scope: 'openid staff',
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(again ? { prompt: 'login' } : {}),
      });
      return { url, state, nonce, codeVerifier };
    },
    async arrive(current, sent) {
      const known = await configuration();
      const here = new URL(callback);
      here.search = current.search;
      let tokens: Awaited<ReturnType<typeof openid.authorizationCodeGrant>>;
      try {
        tokens = await openid.authorizationCodeGrant(known, here, {
          pkceCodeVerifier: sent.codeVerifier,
          expectedState: sent.state,
          expectedNonce: sent.nonce,
          idTokenExpected: true,
        });
      } catch (error) {
        // The directory said no, or the answer is not for us: words for the page; a broken connection stays an exception.
        if (isRefusal(error)) return err('refused');
        throw error;
      }
      const read = claims.safeParse(tokens.claims());
      return read.success ? ok(read.data) : err('refused');
    },
    async signOutUrl() {
      return openid.buildEndSessionUrl(await configuration(), {
        client_id: clientId,
        post_logout_redirect_uri: `${config.origin}/signed-out`,
      });
    },
  };
}

const isRefusal = (error: unknown): boolean =>
  error instanceof openid.AuthorizationResponseError ||
  error instanceof openid.ResponseBodyError ||
  (error instanceof openid.ClientError && error.code !== 'OAUTH_TIMEOUT');
