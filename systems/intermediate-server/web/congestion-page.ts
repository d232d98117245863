import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { facts, figures, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { showCongestion } from '../service/defer-inquiry.ts';

/** 混雑の状況: load, what waits beyond capacity and since when, and that everything taken is accounted for. Counts only. */
export function addCongestionPage(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/congestion', ['intermediate-server', 'operations', 'read'], async (p) => {
    const c = unwrap(await showCongestion(deps, p.session.actor, null));
    return p.view(
      { title: '混雑の状況', gloss: 'Congestion' },
      html`<div class="stack">${
        c.waiting === 0
          ? notice('done', '待っている照会はありません。')
          : notice('warning', `${grouped(c.waiting)}件の照会が順番を待っています。受け付けた順に自動的に照会します。`)
      }${figures([
        { label: '処理中', value: `${grouped(c.underWay)}／${grouped(c.capacity.underWay)}`, unit: '件' },
        { label: '順番待ち', value: `${grouped(c.waiting)}／${grouped(c.capacity.waiting)}`, unit: '件' },
        { label: '起動後に直ちに照会できなかったもの', value: grouped(c.turnedAway), unit: '件' },
      ])}${facts([
        { label: '最も古い順番待ち', value: c.oldestAt === null ? null : time(Temporal.Instant.from(c.oldestAt)) },
        { label: '受付番号を付けたもの', value: `${grouped(c.taken)}件` },
        { label: 'うち回答あり', value: `${grouped(c.answered)}件` },
        { label: 'うち提供側で確認中', value: `${grouped(c.held)}件` },
        { label: 'うち提供なし', value: `${grouped(c.refused)}件` },
      ])}</div>`,
    );
  });
}
