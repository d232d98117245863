import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { OptionalItem, Requester } from '../domain/certificates.ts';
import { issueCertificate, openCertificate, readCertificates } from '../service/certificates.ts';
import { addGuidedForm } from './guided-form.ts';
import { optionsOf } from './item-fields.ts';
import { certificateItems, refusalText, requesters } from './words.ts';

const read = ['resident-register', 'certificate', 'read'] as const;
const update = ['resident-register', 'certificate', 'update'] as const;

type Row = Extract<Awaited<ReturnType<typeof readCertificates>>, { ok: true }>['value']['rows'][number];
const list: WorkListDefinition<Row> = {
  caption: '住民票の写しの請求',
  filters: [
    {
      kind: 'select',
      name: 'result',
      label: '結果',
      options: [
        { value: 'issued', label: '交付' },
        { value: 'refused', label: '交付しない' },
      ],
    },
  ],
  columns: [
    {
      key: 'at',
      label: '受付',
      heading: true,
      cell: (r) => html`<a href="/certificates/${r.certificateId}">${momentText(r.at)}</a>`,
    },
    { key: 'name', label: '対象の方', cell: (r) => r.name },
    { key: 'requester', label: '請求者', cell: (r) => `${requesters[r.requester]} ${r.requesterName}` },
    {
      key: 'result',
      label: '結果',
      cell: (r) => (r.result === 'issued' ? badge('交付', 'done') : badge('交付しない', 'error')),
    },
    { key: 'why', label: '理由', cell: (r) => r.why && refusalText(r.why) },
    { key: 'fee', label: '手数料', align: 'end', cell: (r) => `${r.feeYen}円` },
    { key: 'by', label: '担当', cell: (r) => r.by },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '請求はありません。',
};

/** 住民票の写し: the request, its outcome, the paper. */
export function addCertificatePages(app: PageApp, deps: Deps): void {
  addGuidedForm(app, deps, {
    path: '/residents/:id/certificate',
    title: '住民票の写し',
    gloss: 'Certified copy',
    right: update,
    fields: () => [
      {
        kind: 'radio',
        name: 'scope',
        label: '写しの種類',
        options: [
          { value: 'person', label: '本人だけ' },
          { value: 'household', label: '世帯全員' },
        ],
      },
      { kind: 'radio', name: 'requester', label: '請求者', options: optionsOf(requesters) },
      { kind: 'text', name: 'requesterName', label: '請求者の氏名・名称', maxLength: 100 },
      { kind: 'text', name: 'proof', label: '確かめた書類', hint: '本人確認・代理権・資格の書類', maxLength: 100 },
      {
        kind: 'text',
        name: 'purpose',
        label: '請求の理由',
        hint: '本人・同じ世帯の方のほかは必須',
        maxLength: 200,
        required: false,
      },
      ...Object.entries(certificateItems).map(
        ([item, label]) =>
          ({
            kind: 'select',
            name: `item-${item}`,
            label: `${label}の記載`,
            required: false,
            options: [{ value: 'yes', label: '記載する' }],
          }) as const,
      ),
    ],
    submit: '交付する',
    async run(actor, t, { personId, requestKey }) {
      const done = await issueCertificate(deps, actor, {
        personId,
        requestKey,
        scope: t.scope === 'household' ? 'household' : 'person',
        requester: t.requester as Requester,
        requesterName: t.requesterName ?? '',
        purpose: t.purpose ?? '',
        proof: t.proof ?? '',
        items: (Object.keys(certificateItems) as OptionalItem[]).filter((item) => t[`item-${item}`] === 'yes'),
      });
      if (!done.ok) return done;
      const { certificateId, result } = done.value;
      return ok({
        at: `/certificates/${certificateId}`,
        text: result === 'issued' ? '作成しました。' : '交付しないものとして記録しました。',
      });
    },
  });

  page(app, 'GET', '/certificates', read, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit, filters } = query;
    const asked = { certificateId: null, result: filters.result ?? null, offset, limit };
    const found = await readCertificates(deps, p.session.actor, asked);
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '住民票の写しの請求', gloss: 'Requests for certified copies' },
      workList(list, { path: p.path, query, ...found.value }),
    );
  });
  page(app, 'GET', '/certificates/:id', read, async (p) => {
    const certificateId = p.param('id');
    if (!isUuid(certificateId)) return p.problem('not-found');
    const found = await readCertificates(deps, p.session.actor, { certificateId, result: null, offset: 0, limit: 1 });
    const row = found.ok ? found.value.rows[0] : undefined;
    if (!row) return p.problem('not-found');
    return p.view(
      { title: '住民票の写しの請求', gloss: 'Request for a certified copy' },
      html`<div class="stack">${
        row.result === 'issued'
          ? html`<p><a class="button button-primary" href="/certificates/${certificateId}/pdf">PDFを開く</a></p>`
          : notice('error', refusalText(row.why ?? ''))
      }${facts([
        { label: '対象の方', value: html`<a href="/residents/${row.personId}">${row.name}</a>` },
        { label: '請求者', value: `${requesters[row.requester]} ${row.requesterName}` },
        { label: '確かめた書類', value: row.proof },
        { label: '請求の理由', value: row.purpose },
        { label: '記載事項', value: row.items.map((i) => certificateItems[i as OptionalItem]).join('、') },
        { label: '文書番号', value: row.documentId ?? '' },
        { label: '手数料', value: `${row.feeYen}円` },
        { label: '受付', value: `${momentText(row.at)} ${row.by}` },
      ])}</div>`,
    );
  });
  page(app, 'GET', '/certificates/:id/pdf', update, async (p) => {
    const certificateId = p.param('id');
    const opened = isUuid(certificateId) ? await openCertificate(deps, p.session.actor, { certificateId }) : undefined;
    if (!opened) return p.problem('not-found');
    if (opened.ok)
      return p.file(opened.value.pdf, {
        type: 'application/pdf',
        name: `${opened.value.documentId}.pdf`,
        inline: true,
      });
    return p.problem({
      status: 409,
      title: '文書を開けません',
      gloss: 'Cannot open',
      advice: refusalText(opened.error),
    });
  });
}
