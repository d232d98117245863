/** What any service of the product may answer besides an endpoint's own words. */
export const generalProblems = {
  'malformed-request': { status: 400, title: '要求の形式が正しくありません' },
  'malformed-json': { status: 400, title: 'JSONの形式が正しくありません' },
  'not-authorised': { status: 403, title: 'この操作は許可されていません' },
  'unknown-route': { status: 404, title: '該当する窓口がありません' },
  'request-timeout': { status: 408, title: '要求が時間内に届きませんでした' },
  'request-in-progress': { status: 409, title: '同じ要求を処理しています' },
  'body-too-large': { status: 413, title: '要求が大きすぎます' },
  'unsupported-media-type': { status: 415, title: 'application/json ではありません' },
  'schema-mismatch': { status: 422, title: '項目の内容が正しくありません' },
  'request-key-missing': { status: 422, title: '要求番号（Idempotency-Key）がありません' },
  'request-key-malformed': { status: 422, title: '要求番号（Idempotency-Key）の形式が正しくありません' },
  'request-key-too-old': { status: 422, title: '要求番号の有効期間を過ぎています' },
  'request-key-reused': { status: 422, title: '同じ要求番号で内容の異なる要求があります' },
  'internal-error': { status: 500, title: '処理中に障害が起きました' },
  'shutting-down': { status: 503, title: '停止処理中です' },
} as const satisfies Record<string, { status: number; title: string }>;

export type GeneralProblem = keyof typeof generalProblems;

/** RFC 9457. `code` is the stable word; `fields` names what did not fit, never its value. */
export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly fields?: readonly { readonly path: string; readonly fault: string }[];
}

/** What goes over the wire: written in one piece, so that an answer costs no stream. */
export interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'application/problem+json';
  readonly body: string;
}

export function problemAnswer(
  code: string,
  meaning: { readonly status: number; readonly title: string },
  fields?: Problem['fields'],
): Answer {
  const problem: Problem = {
    type: `urn:musubi:problem:${code}`,
    ...meaning,
    code,
    ...(fields === undefined ? {} : { fields }),
  };
  return { status: meaning.status, type: 'application/problem+json', body: JSON.stringify(problem) };
}

export const generalProblem = (code: GeneralProblem, fields?: Problem['fields']): Answer =>
  problemAnswer(code, generalProblems[code], fields);
