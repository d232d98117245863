import type { Mechanism } from '../mechanism.ts';

/** Who is there: accounts, sessions, terminals, cards. */
export const authMechanisms = {
  'auth.personal-id': {
    title: { ja: '一人一ID', en: 'One account, one person' },
    enforces:
      'An account names one natural person by staff number and is never reused; a generic name, a second account for the same role or a shared account is refused.',
    points: ['systems/staff-directory/service/open-account.ts#openAccount'],
    scope: 'shared',
    issue: 'A',
    evidence: 'accounts-by-person',
  },
  'auth.password': {
    title: { ja: 'パスワード認証', en: 'Password sign-in' },
    enforces:
      "No page, route or job is reached without a sign-in that verified the person's own password against its argon2id hash.",
    points: ['kernel/access/password.ts#verifyPassword'],
    scope: 'shared',
    issue: 'A',
    evidence: 'sign-ins-by-method',
  },
  'auth.password-policy': {
    title: { ja: 'パスワード規則', en: 'Password policy' },
    enforces:
      'A new password that is too short, too simple, known or equal to the id is refused, for administrators too; a first sign-in must change the issued one.',
    points: ['kernel/access/password.ts#acceptPassword'],
    scope: 'shared',
    issue: 'A',
    evidence: 'password-changes',
  },
  'auth.password-age': {
    title: { ja: 'パスワードの期限と再使用禁止', en: 'Password age and history' },
    enforces:
      'A password older than its maximum age opens nothing but its change, and none of the remembered former ones is accepted again.',
    points: ['kernel/access/password.ts#passwordStanding'],
    scope: 'shared',
    issue: 'A',
    evidence: 'password-ages',
  },
  'auth.second-factor': {
    title: { ja: '二要素認証', en: 'Second factor' },
    enforces:
      'A session begins only when a passkey or another user-verifying factor bound to the same person was verified after the password; a biometric reader is such a factor through an adapter.',
    points: ['systems/staff-directory/service/second-factor.ts#verifySecondFactor'],
    scope: 'shared',
    issue: 'A',
    evidence: 'sign-ins-by-method',
  },
  'auth.lock-out': {
    title: { ja: '連続失敗時のロック', en: 'Lock-out after failures' },
    enforces:
      'After the configured number of failures the account is locked, also for the right password, until an administrator unlocks it with a reason.',
    points: ['kernel/access/password.ts#verifyPassword'],
    scope: 'shared',
    issue: 'A',
    evidence: 'lock-outs',
  },
  'auth.account-expiry': {
    title: { ja: 'IDの有効期限', en: 'Accounts end' },
    enforces:
      'Every account has a last day (fiscal year end, or contract end for contractors); sign-in and use of open sessions are refused after it.',
    points: ['kernel/access/session.ts#checkSession'],
    scope: 'shared',
    issue: 'A',
    evidence: 'accounts-by-expiry',
  },
  'auth.idle-lock': {
    title: { ja: '無操作時のロック', en: 'Idle lock' },
    enforces:
      "A session without activity for the configured time answers nothing but the sign-in page, and shows nothing of the former user's work afterwards.",
    points: ['kernel/access/session.ts#checkSession'],
    scope: 'shared',
    issue: 'A',
    evidence: 'session-ends-by-cause',
  },
  'auth.session-per-request': {
    title: { ja: '要求ごとのセッション確認', en: 'Session on every request' },
    enforces:
      'Each request is checked against a living session of the directory; none, an ended or a foreign one gets the sign-in page or 401.',
    points: ['kernel/access/session.ts#checkSession'],
    scope: 'shared',
    issue: 'A',
    evidence: 'requests-refused-by-cause',
  },
  'auth.single-session': {
    title: { ja: '同時利用の禁止', en: 'One session at a time' },
    enforces:
      'A second session of the same account on another terminal is refused or ends the first, and both are recorded.',
    points: ['kernel/access/session.ts#openSession'],
    scope: 'shared',
    issue: 'A',
    evidence: 'concurrent-sessions',
  },
  'auth.session-list': {
    title: { ja: '利用状況の表示', en: 'Sessions can be seen' },
    enforces:
      'The responsible person sees current and past sessions (person, terminal, start, last act, end) exactly as the sign-in record has them, and can end one.',
    points: ['systems/staff-directory/service/list-sessions.ts#listSessions'],
    scope: 'shared',
    issue: 'A',
    evidence: 'sessions',
  },
  'auth.terminal-binding': {
    title: { ja: '端末の限定', en: 'Enrolled terminals only' },
    enforces:
      'A sign-in from a terminal whose key was not enrolled by approval, or is of the wrong class for the function, is refused before any page with data.',
    points: ['kernel/access/terminal.ts#checkTerminal'],
    scope: 'shared',
    issue: 'A',
    evidence: 'terminals-and-refusals',
  },
  'auth.service-hours': {
    title: { ja: '利用時間の制限', en: 'Service hours' },
    enforces:
      'Outside the configured hours sign-in and file exchange are refused and open sessions end at closing time.',
    points: ['kernel/access/service-hours.ts#duringServiceHours'],
    scope: 'shared',
    issue: 'C',
    evidence: 'refusals-out-of-hours',
  },
  'auth.resident-card': {
    title: { ja: 'カードによる本人認証', en: 'Residents sign in with the card' },
    enforces:
      "A resident's session opens only on a card assertion whose certificate is valid today and whose person is the person of the application.",
    points: ['counterparts/mynaportal/service/sign-in.ts#signInWithCard'],
    scope: 'shared',
    issue: 'A',
    evidence: 'card-sign-ins',
  },
  'auth.system-certificate': {
    title: { ja: '接続システムの認証', en: 'Systems are known by certificate' },
    enforces:
      'A calling system is whoever its client certificate names, never what its message says; an unregistered one is refused.',
    points: ['kernel/http/server.ts#createPeerServer'],
    scope: 'shared',
    issue: 'A',
    evidence: 'peers-and-refusals',
  },
  'auth.filer-identity': {
    title: { ja: '申告者の認証', en: 'Filers are registered' },
    enforces:
      "A submission is taken only with registered user id, PIN and registered valid certificate of the filer or the filer's registered agent.",
    points: ['counterparts/eltax/service/receive-submission.ts#receiveSubmission'],
    scope: 'shared',
    issue: 'A',
    evidence: 'submissions-by-signer',
  },
} as const satisfies Record<string, Mechanism>;
