/** One stream that leaves this instance, over the window looked at. Seconds. */
export interface Queue {
  readonly receiver: string;
  readonly family: string;
  readonly waiting: number;
  /** Age of the oldest message that has not arrived; null where none waits. */
  readonly oldestSeconds: number | null;
  readonly tries: number;
  readonly heldBecause: string | null;
  readonly arrived: number;
  readonly failed: number;
  readonly p50Seconds: number | null;
  readonly p99Seconds: number | null;
}

/** Something the system itself does for others, over the same window. */
export interface Service {
  readonly name: string;
  readonly label: string;
  readonly done: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Batch runs of one name: those that ended over the window, and those that are not over. */
export interface Runs {
  readonly name: string;
  readonly running: number;
  readonly done: number;
  /** Failed or blocked, and not started again since. */
  readonly failed: number;
  /** Said to run, without a sign of life. */
  readonly stalled: number;
  /** Rows that the runs did not take. */
  readonly rejected: number;
}

export interface CertificateState {
  readonly purpose: string;
  readonly validUntil: Temporal.Instant;
}

/** Something that stands until somebody has seen to it, whatever the hour. */
export interface Matter {
  /** As the alert names it. */
  readonly label: string;
  readonly count: number;
}

export interface OperationsState {
  readonly matters?: readonly Matter[];
  readonly queues: readonly Queue[];
  readonly runs: readonly Runs[];
  readonly services: readonly Service[];
  readonly certificates: readonly CertificateState[];
}

/** Above these somebody is called. */
export interface Limits {
  /** Seconds that a message may wait. */
  readonly oldestSeconds: number;
  /** Share of failures, of at least `fewest` attempts. */
  readonly errorRate: number;
  readonly fewest: number;
  /** Milliseconds within which 99 of 100 answers must be there. */
  readonly p99Ms: number;
  /** Days before a certificate ends. */
  readonly certificateDays: number;
  /** Minutes after which an alert that nobody took up goes to the named role. */
  readonly escalateMinutes: number;
}
export const usualLimits: Limits = {
  oldestSeconds: 300,
  errorRate: 0.05,
  fewest: 20,
  p99Ms: 2_000,
  certificateDays: 30,
  escalateMinutes: 15,
};

export const alertWords = {
  'queue-stuck': '送信待ちが滞っています',
  'messages-failed': '受け付けられなかった通知があります',
  'run-failed': '一括処理が終わっていません',
  'errors-rising': '失敗の割合が高くなっています',
  'answers-slow': '回答に時間がかかっています',
  'certificate-ending': '証明書の期限が近づいています',
  'matter-open': '処置を待つものがあります',
} as const;
export type AlertCode = keyof typeof alertWords;

export interface Finding {
  readonly code: AlertCode;
  /** The stream, batch, service or certificate. */
  readonly about: string;
  readonly detail: Readonly<Record<string, number>>;
}

const rate = (failed: number, done: number): number => (failed + done === 0 ? 0 : failed / (failed + done));

/** What of a state needs somebody now. */
export function findingsOf(state: OperationsState, limits: Limits, now: Temporal.Instant): Finding[] {
  const found: Finding[] = [];
  for (const q of state.queues) {
    const about = `${q.receiver} ${q.family}`;
    if (q.oldestSeconds !== null && q.oldestSeconds > limits.oldestSeconds)
      found.push({
        code: 'queue-stuck',
        about,
        detail: { waiting: q.waiting, oldestSeconds: Math.round(q.oldestSeconds) },
      });
    if (q.failed > 0) found.push({ code: 'messages-failed', about, detail: { failed: q.failed } });
  }
  for (const { name, failed, stalled } of state.runs)
    if (failed + stalled > 0) found.push({ code: 'run-failed', about: name, detail: { failed, stalled } });
  for (const s of state.services) {
    if (s.done + s.failed >= limits.fewest && rate(s.failed, s.done) > limits.errorRate)
      found.push({ code: 'errors-rising', about: s.name, detail: { done: s.done, failed: s.failed } });
    if (s.done >= limits.fewest && s.p99Ms !== null && s.p99Ms > limits.p99Ms)
      found.push({ code: 'answers-slow', about: s.name, detail: { p99Ms: Math.round(s.p99Ms) } });
  }
  for (const { label, count } of state.matters ?? [])
    if (count > 0) found.push({ code: 'matter-open', about: label, detail: { count } });
  for (const c of state.certificates) {
    const days = c.validUntil.since(now).total('hours') / 24;
    if (days < limits.certificateDays)
      found.push({ code: 'certificate-ending', about: c.purpose, detail: { daysLeft: Math.floor(days) } });
  }
  return found;
}
