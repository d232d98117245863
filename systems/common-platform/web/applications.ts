import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { type ApplicationLine, readApplications } from '../service/receive-application.ts';

const read = ['common-platform', 'application', 'read'] as const;

const reasons: Readonly<Record<string, string>> = {
  'envelope-unreadable': '申請データを開けません',
  'content-differs': '申請データが受付の記録と一致しません',
  'certificate-refused': '署名用電子証明書として認められません',
  'certificate-expired': '署名用電子証明書の有効期間外です',
  'certificate-revoked': '署名用電子証明書が失効しています',
  'signature-wrong': '署名が申請の内容と一致しません',
  'particulars-missing': '電子証明書に4情報がありません',
  'unknown-form': '受け付けていない手続または版の様式です',
  'signer-is-not-applicant': '署名者と申請者が一致しません',
};

const list: WorkListDefinition<ApplicationLine> = {
  caption: '電子申請',
  defaultSort: { key: 'at', direction: 'desc' },
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: [
        { value: 'accepted', label: '受付' },
        { value: 'quarantined', label: '隔離' },
      ],
    },
  ],
  emptyText: '電子申請はありません。',
  columns: [
    { key: 'receipt', label: '受付番号', heading: true, cell: (r) => html`<code>${r.receiptNumber}</code>` },
    { key: 'procedure', label: '手続 / 様式の版', cell: (r) => `${r.procedure} / ${r.formVersion}` },
    { key: 'at', label: '受け取った時', cell: (r) => time(Temporal.Instant.from(r.takenAt)) },
    {
      key: 'state',
      label: '署名の検証',
      cell: (r) =>
        r.state === 'accepted'
          ? badge('検証済み', 'done')
          : html`${badge('隔離', 'error')} ${reasons[r.why ?? ''] ?? r.why}`,
    },
    {
      key: 'person',
      label: '宛名',
      cell: (r) =>
        r.personId !== null
          ? html`<a href="/persons/${r.personId}">特定済み</a>`
          : r.state === 'accepted'
            ? '業務で確認'
            : '―',
    },
    {
      key: 'receiver',
      label: '業務への引渡し',
      cell: (r) =>
        r.receiver === null
          ? '―'
          : html`${r.receiver} ${r.messageState === 'applied' ? badge('引渡し済み', 'done') : badge('送信中', 'info')}`,
    },
    {
      key: 'end',
      label: '結果',
      cell: (r) =>
        r.outcome === null
          ? '―'
          : html`${r.outcome === 'completed' ? badge('完了', 'done') : badge('受け付けられず', 'error')}${r.told ? '（申請者に通知済み）' : ''}`,
    },
    {
      key: 'portal',
      label: 'ポータルの内容',
      cell: (r) => (r.acknowledged ? badge('消去済み', 'done') : badge('消去待ち', 'warning')),
    },
  ],
};

/** What came from the portal, whether its signature stood, and where it went. */
export function applicationPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/applications', read, async (p) => {
    const query = readListQuery(list, p.query);
    const state = query.filters.state as 'accepted' | 'quarantined' | undefined;
    const found = await readApplications(deps, p.session.actor, {
      ...(state ? { state } : {}),
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '申請管理', gloss: 'Applications on line' },
      workList(list, { path: '/applications', query, ...found.value }),
    );
  });
}
