import { type BackupLine, backupActor, lastBackupsNoted } from '../backup/book.ts';
import type { ActDeps } from '../db/act.ts';
import { type PageApp, page } from '../pages/app.ts';
import { dateText, grouped, type Html, html, time } from '../pages/html.ts';
import { badge, notice, sectionTitle } from '../pages/kit/marks.ts';
import type { Release } from './composition.ts';
import { type ProcessStart, readProcessStarts } from './process-starts.ts';

const path = '/process';
const shown = 20;

/** At the foot of each page: which build has made it. */
export const processLink = ({ program }: Release): Html =>
  html`<a href="${path}">版 ${program}</a> <span lang="en">Musubi</span>`;

const reasons = {
  'already-running': 'すでに起動しているため拒みました',
  'other-schema': 'データベースの版が合わないため拒みました',
} as const;

/**
 * 稼働中のプログラム: what serves this system, of which build, configuration and forms, what was not let in beside it, and
 * the last backups that were read back equal.
 */
export function addProcessPage(app: PageApp, deps: ActDeps): void {
  page(app, 'GET', path, 'signed-in', async (p) => {
    const read = await readProcessStarts(deps, { kind: 'job', name: 'process-page' }, { limit: shown });
    const kept = await lastBackupsNoted(deps, backupActor, { limit: 7 });
    if (!read.ok || !kept.ok) return p.problem('not-authorised');
    const starts = read.value;
    const serving = starts.findIndex((s) => s.outcome === 'serving');
    const refused = starts.slice(0, Math.max(serving, 0));
    return p.view(
      { title: '稼働中のプログラム', gloss: 'What is running' },
      html`<div class="stack">${
        refused.length > 0 &&
        notice(
          'warning',
          `起動を拒んだものが${refused.length}件あります`,
          '同じデータベースで二つ目を起動しようとしたか、版が合いません。運用担当は、起動した者と手順を確かめてください。',
        )
      }<div class="table-scroll" tabindex="0" role="region" aria-label="起動の表"><table class="data-table"><caption>起動の記録（新しい順に${shown}件まで）</caption>
<thead><tr><th scope="col">起動</th><th scope="col">状態</th><th scope="col">版</th><th scope="col">税率等</th><th scope="col">様式</th><th scope="col">データベース</th><th scope="col">設定</th></tr></thead>
<tbody>${starts.map((s, i) => row(s, i === serving))}</tbody></table></div>${backupPart(kept.value)}</div>`,
    );
  });
}

const row = (s: ProcessStart, isServing: boolean): Html =>
  html`<tr><th scope="row">${time(Temporal.Instant.from(s.startedAt))}</th><td>${stateOf(s, isServing)}</td><td>${s.program}</td><td>${s.rates}</td><td>${s.forms}</td><td>${s.schema}</td><td>${s.configuration}</td></tr>`;

const stateOf = (s: ProcessStart, isServing: boolean): Html => {
  if (s.why !== null) return html`${badge('拒否', 'error')} ${reasons[s.why]}`;
  return isServing ? badge('稼働中', 'done') : badge('終了', 'info');
};

const plainDay = (text: string): string => dateText(Temporal.PlainDate.from(text));

/** 控え: the statement of the last backups, and whether one is late. */
function backupPart(known: {
  readonly expectedSince: string | undefined;
  readonly daysLate: number;
  readonly backups: readonly BackupLine[];
}): Html {
  const { expectedSince, daysLate, backups } = known;
  const last = backups[0];
  if (expectedSince === undefined)
    return html`<section>${sectionTitle('控え', 'Backups')}<p class="muted">このシステムの控えの置き場は設定されていません。</p></section>`;
  return html`<section>${sectionTitle('控え', 'Backups')}${
    daysLate > 0 &&
    notice(
      'error',
      `控えが${daysLate}日取られていません`,
      '運用担当は、控えの作業の記録を確かめ、今日のうちに控えを取ってください。',
    )
  }${
    last === undefined
      ? html`<p class="muted">控えはまだありません（${plainDay(expectedSince)}から取ることになっています）。</p>`
      : html`<div class="table-scroll" tabindex="0" role="region" aria-label="控えの表"><table class="data-table"><caption>読み戻して一致した控え（新しい順に7件まで）</caption>
<thead><tr><th scope="col">取った日</th><th scope="col">種類</th><th scope="col">読み戻した時刻</th><th scope="col" class="num">表</th><th scope="col" class="num">件数</th><th scope="col">復元の訓練</th></tr></thead>
<tbody>${backups.map((b) => backupRow(b))}</tbody></table></div>`
  }</section>`;
}

const backupRow = (b: BackupLine): Html =>
  html`<tr><th scope="row">${plainDay(b.takenOn)}</th><td>${b.kind === 'full' ? '全体' : '差分'}</td><td>${time(b.verifiedAt)}</td><td class="num">${grouped(b.tables)}</td><td class="num">${grouped(b.rows)}</td><td>${
    b.drilledOn === null
      ? '—'
      : html`${plainDay(b.drilledOn)} ${b.drillEqual ? badge('一致', 'done') : badge('不一致', 'error')}`
  }</td></tr>`;
