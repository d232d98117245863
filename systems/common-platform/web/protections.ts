import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { type NoticeLine, protectionBoundSeconds, showProtections } from '../service/protections.ts';

const read = ['common-platform', 'protected-address', 'read'] as const;

const list: WorkListDefinition<NoticeLine> = {
  caption: '支援措置の通知',
  defaultSort: { key: 'at', direction: 'desc' },
  filters: [{ kind: 'select', name: 'state', label: '状態', options: [{ value: 'open', label: '未反映' }] }],
  emptyText: '支援措置の変更はありません。',
  columns: [
    {
      key: 'person',
      label: '団体内統合宛名番号',
      heading: true,
      cell: (r) => html`<a href="/persons/${r.personId}">${r.orgPersonNumber}</a>`,
    },
    { key: 'change', label: '変更', cell: (r) => (r.isProtected ? badge('開始', 'warning') : badge('終了')) },
    { key: 'receiver', label: '宛先', cell: (r) => r.receiver },
    { key: 'at', label: '通知した時', cell: (r) => time(Temporal.Instant.from(r.noticedAt)) },
    {
      key: 'ack',
      label: '反映の証明',
      cell: (r) =>
        r.acknowledgedAt !== null
          ? html`${badge('反映済み', 'done')} ${time(Temporal.Instant.from(r.acknowledgedAt))}`
          : r.messageState === 'refused' || r.messageState === 'parked'
            ? badge('受け付けられません', 'error')
            : badge('未反映', 'error'),
    },
  ],
};

/** Who has taken which change of 支援措置, and who cannot prove it. */
export function protectionPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/protections', read, async (p) => {
    const query = readListQuery(list, p.query);
    const open = query.filters.state === 'open';
    const found = await showProtections(deps, p.session.actor, { open, offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const { receivers, comparisons, rows, total } = found.value;
    const missing = receivers.filter((r) => r.open > 0);
    return p.view(
      { title: '支援措置の反映', gloss: 'Address protection: proof of arrival', personal: true },
      html`<div class="stack">${
        missing.length === 0
          ? notice('done', 'すべての宛先に反映されています。')
          : notice(
              'error',
              `未反映: ${missing.map((r) => `${r.receiver}（${r.open}）`).join('、')}`,
              `通知から${protectionBoundSeconds}秒以内に反映されない宛先は警報になります。反映が確かめられるまで、宛先の業務では住所を印字する書類を出さないよう伝えてください。`,
            )
      }
<section aria-labelledby="receivers">${sectionTitle('宛先ごとの状況', 'By receiver', 'receivers')}<div class="table-scroll" tabindex="0" role="region" aria-label="宛先ごとの表"><table class="data-table"><caption class="visually-hidden">宛先ごとの状況</caption>
<thead><tr><th scope="col">宛先</th><th scope="col" class="num">通知</th><th scope="col" class="num">未反映</th><th scope="col">最も古い未反映</th><th scope="col">夜間の照合</th></tr></thead>
<tbody>${receivers.map((r) => {
        const compared = comparisons.find((c) => r.receiver.endsWith(`/${c.system}`));
        return html`<tr><th scope="row">${r.receiver}</th><td class="num">${r.notices}</td><td class="num">${r.open}</td><td>${r.oldestOpenAt !== null && time(Temporal.Instant.from(r.oldestOpenAt))}</td><td>${
          compared === undefined
            ? '未実施'
            : html`${compared.equal ? badge('一致', 'done') : badge(`相違（先方${compared.told}・当方${compared.ours}）`, 'error')} ${time(Temporal.Instant.from(compared.comparedAt))}`
        }</td></tr>`;
      })}</tbody></table></div></section>
${workList(list, { path: '/protections', query, rows, total })}</div>`,
    );
  });
}
