import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { noticeOn } from '../domain/number-notice.ts';

/** 個人番号の記入のご案内: open to everybody, because who must give a number is known before anybody asks for one. */
export const numberNoticePath = '/number-notice';

export function numberNoticePages(
  app: PageApp,
  { civilClock, settings }: Pick<Deps, 'civilClock'> & { readonly settings: Pick<Deps['settings'], 'mode'> },
): void {
  page(app, 'GET', numberNoticePath, 'public', (p) => {
    const found = noticeOn(settings.mode, civilClock.today());
    const head = { title: '個人番号の記入のご案内', gloss: 'Who must give an Individual Number' };
    if (!found.ok)
      return p.view(
        { ...head, status: 503, hasErrors: true },
        notice('warning', 'ご案内は見直し中です。窓口でお尋ねください。', html``),
      );
    const { rows, general, version, effectiveFrom, reviewedUntil } = found.value;
    return p.view(
      head,
      html`<div class="stack"><section>${sectionTitle('書類ごとの必要な方', 'Paper by paper')}
<div class="table-scroll" tabindex="0" role="region" aria-label="書類ごとの必要な方"><table class="data-table"><caption class="visually-hidden">個人番号を書く書類と書く方</caption>
<thead><tr><th scope="col">書類</th><th scope="col">個人番号を書く方</th><th scope="col">根拠</th></tr></thead>
<tbody>${rows.map((r) => html`<tr><th scope="row">${r.paper}</th><td>${r.who}</td><td>${r.ground}</td></tr>`)}</tbody></table></div></section>
<section>${sectionTitle('注意', 'Please note')}<ul>${general.map((line) => html`<li>${line}</li>`)}</ul></section>
<p class="muted">${version}版、${time(Temporal.PlainDate.from(effectiveFrom))}から。${time(Temporal.PlainDate.from(reviewedUntil))}まで見直し済み。</p></div>`,
    );
  });
}
