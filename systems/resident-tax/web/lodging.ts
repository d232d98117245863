import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { lodgingRead, lodgingUpdate } from '../service/assessment/functions.ts';
import { type LodgingDeps, listLodgingRejects, lookAtBatches, releaseCopy } from '../service/lodging/lodge.ts';
import { offerComparison } from '../service/lodging/offer-comparison.ts';
import { refusalText } from './assessment-words.ts';

const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));

export function lodgingPages(app: PageApp, deps: LodgingDeps): void {
  page(app, 'GET', '/lodged-copies', lodgingRead, async (p) => {
    const batches = await lookAtBatches(deps, p.session.actor, { open: false });
    const rejects = await listLodgingRejects(deps, p.session.actor, { limit: 200 });
    if (!batches.ok || !rejects.ok) return p.problem('not-authorised');
    const mayRelease = await p.may(lodgingUpdate);
    return p.view(
      { title: '副本の登録', gloss: 'Copies lodged at the intermediate server' },
      html`<div class="stack"><section aria-labelledby="batches">${sectionTitle('送信の状況', 'Batches', 'batches')}${
        batches.value.length === 0
          ? html`<div class="empty"><p>まだ送信はありません。賦課が決定されると自動で送られます。</p></div>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="送信の表"><table class="data-table"><caption class="visually-hidden">副本の送信と応答</caption><thead><tr><th scope="col">作成した時</th><th scope="col" class="num">件数</th><th scope="col" class="num">受理</th><th scope="col" class="num">拒否</th><th scope="col">状態</th></tr></thead><tbody>${batches.value.map(
              (batch) =>
                html`<tr><th scope="row">${time(instantOf(batch.preparedAt))}</th><td class="num">${grouped(batch.copies)}</td><td class="num">${batch.accepted}</td><td class="num">${batch.rejected}</td><td>${
                  batch.accepted !== null
                    ? badge('応答済', 'done')
                    : html`${badge('応答待ち', 'warning')} ${batch.attempts > 0 && html`${batch.attempts}回送信（<code>${batch.lastWord}</code>）`}`
                }</td></tr>`,
            )}</tbody></table></div>`
      }</section>
<section aria-labelledby="rejects">${sectionTitle('拒否された副本', 'Rejected copies', 'rejects')}${
        rejects.value.length === 0
          ? html`<div class="empty"><p>拒否された副本はありません。</p></div>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="拒否の表"><table class="data-table"><caption class="visually-hidden">拒否された副本</caption><thead><tr><th scope="col">宛名番号</th><th scope="col">理由</th><th scope="col">賦課</th>${mayRelease && html`<th scope="col">対応</th>`}</tr></thead><tbody>${rejects.value.map(
              (reject) =>
                html`<tr><th scope="row"><code>${reject.addresseeNumber}</code></th><td><code>${reject.code}</code></td><td><a href="/assessments/${reject.assessmentId}">賦課を見る<span class="visually-hidden">（宛名番号${reject.addresseeNumber}）</span></a></td>${
                  mayRelease &&
                  html`<td><form method="post" action="/lodged-copies/${reject.batchId}/${reject.rowNo}">${tokenField(p.session)}<button class="button button-small" type="submit">再送する</button></form></td>`
                }</tr>`,
            )}</tbody></table></div>`
      }</section>${
        mayRelease &&
        html`<section class="no-print" aria-labelledby="compare">${sectionTitle('副本と原本の突合', 'Copies held against the levies', 'compare')}<form class="row" method="post" action="/lodged-copies/comparison">${tokenField(p.session)}<label for="fiscalYear">年度（西暦）</label><input class="input input-short" id="fiscalYear" name="fiscalYear" inputmode="numeric" maxlength="4"><button class="button" type="submit">この年度の原本を中間サーバーへ送って突き合わせる</button></form></section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/lodged-copies/comparison', lodgingUpdate, async (p) => {
    const typed = `${p.form.get('fiscalYear') ?? ''}`.normalize('NFKC').trim();
    if (!/^20[0-9]{2}$/.test(typed))
      return p.redirect('/lodged-copies', { kind: 'error', text: '年度を西暦4桁で入力してください。' });
    const done = await offerComparison(deps, p.session.actor, { fiscalYear: Number(typed) });
    return p.redirect(
      '/lodged-copies',
      done.ok
        ? { kind: 'done', text: `${done.value.rows}人分の原本を送りました。結果は中間サーバーの副本の突合に出ます。` }
        : {
            kind: 'error',
            text:
              done.error === 'nothing-to-compare'
                ? 'この年度に決定した賦課はありません。'
                : '中間サーバーが受け取りませんでした。時間をおいてやり直してください。',
          },
    );
  });

  page(app, 'POST', '/lodged-copies/:batch/:row', lodgingUpdate, async (p) => {
    const [batchId, rowNo] = [p.param('batch'), Number(p.param('row'))];
    if (!isUuid(batchId) || !Number.isInteger(rowNo) || rowNo < 1 || rowNo > 500) return p.problem('not-found');
    const done = await releaseCopy(deps, p.session.actor, { batchId, rowNo });
    return p.redirect(
      '/lodged-copies',
      done.ok ? { kind: 'done', text: '次の送信で再送します。' } : { kind: 'error', text: refusalText(done.error) },
    );
  });
}
