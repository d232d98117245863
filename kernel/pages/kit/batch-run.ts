import { grouped, type Html, html, raw, time } from '../html.ts';
import { tokenField } from '../layout.ts';
import type { PageSession } from '../session.ts';
import { badge, figures, type Tone } from './marks.ts';

export interface BatchRun {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'stopping' | 'stopped' | 'failed' | 'done';
  readonly startedAt?: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  /** Step by step, in order. */
  readonly steps: readonly { readonly label: string; readonly state: 'done' | 'running' | 'waiting' | 'failed' }[];
  readonly total: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly secondsLeft?: number;
  readonly rejectsHref?: string;
  /** The page itself: asked again while the run goes on. */
  readonly path: string;
  readonly session: PageSession;
  /** POST addresses; shown when the state allows them. */
  readonly stopAction?: string;
  readonly resumeAction?: string;
}

const words: Record<BatchRun['state'], readonly [string, Tone]> = {
  waiting: ['開始待ち', 'plain'],
  running: ['実行中', 'info'],
  stopping: ['停止しています', 'warning'],
  stopped: ['停止中', 'warning'],
  failed: ['失敗', 'error'],
  done: ['終了', 'done'],
};

const isMoving = (run: BatchRun): boolean => ['waiting', 'running', 'stopping'].includes(run.state);

/** For `PageView.refreshSeconds`: without scripts the whole page is asked again while the run goes on. */
export const refreshOf = (run: BatchRun): { refreshSeconds?: number } => (isMoving(run) ? { refreshSeconds: 5 } : {});

/** A run and its counts: what came in is what was accepted, rejected or is still to do, always. */
export function batchRun(run: BatchRun): Html {
  const done = run.accepted + run.rejected;
  const [word, tone] = words[run.state];
  const again =
    isMoving(run) && html` hx-get="${run.path}" hx-trigger="every 3s" hx-select="#batch-run" hx-swap="outerHTML"`;
  return html`<section id="batch-run" class="stack-tight" aria-label="${run.name}"${again}>
<div class="row"><h2>${run.name}</h2>${badge(word, tone)}</div>
<div><div class="list-bar"><label for="batch-progress">${grouped(done)}件 / ${grouped(run.total)}件</label><span>${run.state === 'running' && remaining(run.secondsLeft)}</span></div>
<progress class="meter" id="batch-progress" value="${done}" max="${Math.max(1, run.total)}"></progress></div>
${figures([
  { label: '受け取った件数', value: grouped(run.total), unit: '件' },
  { label: '受け入れた件数', value: grouped(run.accepted), unit: '件' },
  { label: 'エラーの件数', value: grouped(run.rejected), unit: '件' },
  { label: '残りの件数', value: grouped(run.total - done), unit: '件' },
])}
${run.steps.length > 0 && html`<ol class="timeline">${run.steps.map((step) => html`<li data-state="${step.state}">${step.label}（${stepWords[step.state]}）</li>`)}</ol>`}
<p class="muted">${run.startedAt && html`開始 ${time(run.startedAt)}`}${run.endedAt && html`　終了 ${time(run.endedAt)}`}</p>
<div class="row">${run.rejected > 0 && run.rejectsHref && html`<a class="button" href="${run.rejectsHref}">エラーの一覧を見る</a>`}${
    run.state === 'running' && run.stopAction && post(run.session, run.stopAction, '停止する', 'button-danger')
  }${(run.state === 'stopped' || run.state === 'failed') && run.resumeAction && post(run.session, run.resumeAction, '続きから再開する', 'button-primary')}</div></section>`;
}

const stepWords = { done: '済', running: '実行中', waiting: '未', failed: '失敗' } as const;

const post = (session: PageSession, action: string, label: string, look: string): Html =>
  html`<form method="post" action="${action}">${tokenField(session)}<button class="button ${raw(look)}" type="submit">${label}</button></form>`;

function remaining(seconds: number | undefined): string {
  if (seconds === undefined) return '残り時間を計算しています';
  return seconds < 60 ? `残り約${Math.max(1, Math.round(seconds))}秒` : `残り約${Math.round(seconds / 60)}分`;
}
