import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, html } from '@musubi/kernel/pages/html.ts';
import { badge, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type BodyCertificate, type ShownBody, showBodies } from '../service/show-bodies.ts';

/** Days before the end from which a certificate is marked: its holder should have renewed it. */
const soonDays = 30;

/** 接続機関と証明書. */
export function addBodyPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/bodies', ['information-providing-network', 'statistics', 'read'], async (p) => {
    const bodies = unwrap(await showBodies(deps, p.session.actor));
    const list = bodyList(deps.machineClock.now());
    const query = { ...readListQuery(list, p.query), size: Math.max(1, bodies.length), offset: 0, page: 1 };
    return p.view(
      { title: '接続機関と証明書', gloss: 'Bodies and their certificates' },
      workList(list, { path: p.path, query, rows: bodies, total: bodies.length }),
    );
  });
}

const kinds = { ward: '区市町村', prefecture: '都道府県', 'national-qualification': '国家資格等' } as const;
const states: Readonly<Record<BodyCertificate['status'], readonly [string, Tone]>> = {
  good: ['有効', 'done'],
  revoked: ['失効', 'error'],
  unknown: ['登録なし', 'error'],
  'no-answer': ['状態を確認できません', 'warning'],
};

const bodyList = (now: Temporal.Instant): WorkListDefinition<ShownBody> => {
  const certificate = ({ certificate: found }: ShownBody) => {
    if (found === undefined) return badge('証明書がありません', 'error');
    const [label, tone] = states[found.status];
    const days = now.until(found.validUntil).total('hours') / 24;
    const until = found.validUntil.toZonedDateTimeISO('Asia/Tokyo').toPlainDate();
    return html`${badge(label, tone)} ${days < soonDays ? badge('まもなく期限', 'warning') : ''} ${dateText(until)}まで`;
  };
  return {
    caption: '接続機関と証明書',
    columns: [
      { key: 'id', label: '機関', heading: true, cell: (r) => r.id },
      { key: 'kind', label: '種別', cell: (r) => kinds[r.kind] },
      { key: 'ims', label: '中間サーバー', cell: (r) => html`<code>${r.ims}</code>` },
      { key: 'certificate', label: '署名の証明書', cell: certificate },
    ],
    defaultSort: { key: 'id', direction: 'asc' },
    emptyText: '接続機関はありません。',
  };
};
