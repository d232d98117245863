import { createHmac, timingSafeEqual } from 'node:crypto';
import { enforced } from '../enforcement/enforcement.ts';
import type { PageSession } from './session.ts';

/** `__Host-` binds a cookie to this host over TLS; plain loopback (the town) cannot have it. */
export const cookieName = (name: string, secure: boolean): string => (secure ? `__Host-${name}` : name);

/** Attributes of every cookie that the pages set. */
export const cookieAttributes = (secure: boolean): string =>
  `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

/** Headers of every answer. No inline script or style, nothing from elsewhere, no copy in any cache. */
export function securityHeaders(options: {
  readonly secure: boolean;
  readonly framedBySelf?: boolean;
  readonly formTargets?: readonly string[];
}) {
  const ancestors = options.framedBySelf ? "'self'" : "'none'";
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "object-src 'self'",
    `form-action ${["'self'", ...(options.formTargets ?? [])].join(' ')}`,
    "base-uri 'none'",
    `frame-ancestors ${ancestors}`,
  ].join('; ');
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': options.framedBySelf ? 'SAMEORIGIN' : 'DENY',
    // Not no-referrer: browsers would then send `Origin: null` with our own forms.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
    ...(enforced('access.no-client-copy') ? { 'cache-control': 'no-store' } : {}),
    ...(options.secure ? { 'strict-transport-security': 'max-age=63072000' } : {}),
  };
}

/** The token that every form of this session carries in `_token`. */
export function formToken(session: PageSession): string {
  return createHmac('sha256', session.csrfSecret).update('musubi form token 1').digest('base64url');
}

/** Whether `token` is this session's, in constant time. */
export function isFormToken(session: PageSession, token: string): boolean {
  const expected = Buffer.from(formToken(session));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Whether a request that changes something comes from a page of this very origin. Browsers send `Origin` with every
 * POST, and `Sec-Fetch-Site` besides; a request with neither is no browser's form and is refused.
 */
export function isOwnOrigin(headers: Headers, origin: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const from = headers.get('origin');
  return from === null ? site === 'same-origin' : from === origin;
}

export interface Flash {
  readonly kind: 'done' | 'warning' | 'error';
  /** Shown once on the next page. It travels through a cookie: no personal value, no number of a person. */
  readonly text: string;
}

const seal = (session: PageSession, payload: string): string =>
  createHmac('sha256', session.csrfSecret).update('musubi flash 1\n').update(payload).digest('base64url');

/** The flash as a cookie value: signed for this session, so that nobody can put words into the page. */
export function writeFlash(session: PageSession, flash: Flash): string {
  const payload = Buffer.from(JSON.stringify([flash.kind, flash.text])).toString('base64url');
  return `${payload}.${seal(session, payload)}`;
}

export function readFlash(session: PageSession, cookie: string): Flash | undefined {
  const [payload = '', mac = ''] = cookie.split('.');
  const expected = Buffer.from(seal(session, payload));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [kind, text] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as [Flash['kind'], string];
  return { kind, text };
}

/** One cookie of a request, or undefined. Two cookies of the same name are refused: one of them is not ours. */
export function readCookie(headers: Headers, name: string): string | undefined {
  const found = (headers.get('cookie') ?? '')
    .split(/; */)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return found.length === 1 ? found[0] : undefined;
}
