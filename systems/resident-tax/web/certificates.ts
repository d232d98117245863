import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { documentViewer } from '@musubi/kernel/pages/kit/document-viewer.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { FeeWaiver } from '../domain/certificate.ts';
import type { CertificateDeps } from '../service/certificates/content.ts';
import { certificateRead, certificateUpdate, protectedCertificateUpdate } from '../service/certificates/functions.ts';
import {
  handOverCertificate,
  type IssueCertificate,
  issueCertificate,
  issueProtectedCertificate,
  type ListedIssue,
  listCertificates,
  openCertificate,
  readCertificateAsOf,
  reprintCertificate,
  reproduceCertificate,
} from '../service/certificates/issue.ts';
import { reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';

const channels = { counter: '窓口', store: 'コンビニ交付', 'degraded-counter': '縮退運用の窓口' } as const;

const list: WorkListDefinition<ListedIssue> = {
  caption: '証明書の発行台帳',
  defaultSort: { key: 'issued', direction: 'desc' },
  sizes: [50, 100],
  emptyText: '発行した証明書はありません。',
  columns: [
    {
      key: 'document',
      label: '発行番号',
      heading: true,
      cell: (row) =>
        row.channel === 'counter'
          ? html`<a href="/certificates/${row.documentNo}">${row.documentNo}</a>`
          : html`<code>${row.documentNo}</code>`,
    },
    { key: 'channel', label: '経路', cell: (row) => channels[row.channel] },
    {
      key: 'name',
      label: '氏名',
      cell: (row) => html`<a href="/persons/${row.personId}/certificates">${row.name}</a>`,
    },
    { key: 'year', label: '年度', cell: (row) => reiwaYear(row.fiscalYear) },
    {
      key: 'copies',
      label: '部数',
      align: 'end',
      cell: (row) => (row.reprints > 0 ? `${row.copies}（再印刷${row.reprints}）` : row.copies),
    },
    { key: 'fee', label: '手数料', align: 'end', cell: (row) => yenText(row.feeYen) },
    {
      key: 'state',
      label: '交付',
      cell: (row) => (row.counted ? (row.handedOver ? '交付済' : '交付前') : '記録と相違（要確認）'),
    },
    { key: 'issued', label: '発行日時', cell: (row) => time(Temporal.Instant.from(row.issuedAt)) },
  ],
};

const refusals: Record<string, string> = {
  'not-authorised': 'この操作の権限がありません',
  'no-such-person': '該当する方がいません',
  'not-declared': 'この年度の課税資料がありません（未申告）。申告の案内をしてください',
  'not-taxable-here': '1月1日現在の住所が区外のため、この区では証明できません',
  'protections-unavailable': '支援措置の確認ができないため、証明書を作れません。時間をおいてください',
  protected: 'この方の証明書は支援措置担当のみ扱えます',
  'not-protected': 'この方は支援措置の対象ではありません。通常の窓口で交付してください',
  'no-authorisation': '本人以外の請求には委任状等の確認が必要です',
  'no-purpose': '使用目的を100文字以内で入力してください',
  'wrong-copies': '部数は1から10までです',
  'does-not-agree-with-reasons': '保存された税額が計算の理由と一致しません。監査担当に連絡してください',
  'unprintable-character': '印字できない文字があるため作成できません',
  'no-reason': '理由を入力してください',
  'sheet-of-another-document': '別の証明書のページが混ざっています。照合符号を確かめてください',
  'sheets-missing': 'ページがそろっていません',
  'already-handed-over': 'すでに交付済みです',
  'document-altered': '保存された証明書が台帳と一致しません。監査担当に連絡してください',
};
const textOf = (word: string): string => refusals[word] ?? `処理できませんでした（${word}）`;
const documentNoPattern = /^KZ-[0-9]{4}-[0-9]{8}$/;

const issueFields = (years: readonly number[]): readonly Field[] => [
  {
    kind: 'select',
    name: 'year',
    label: '証明年度',
    options: years.map((year) => ({ value: `${year}`, label: reiwaYear(year) })),
  },
  {
    kind: 'select',
    name: 'requester',
    label: '請求者',
    options: [
      { value: 'self', label: '本人' },
      { value: 'agent', label: '代理人' },
      { value: 'household', label: '同一世帯の方' },
      { value: 'public-body', label: '官公署' },
    ],
  },
  {
    kind: 'select',
    name: 'identified',
    label: '本人確認',
    options: [
      { value: 'individual-number-card', label: '個人番号カード' },
      { value: 'licence', label: '運転免許証' },
      { value: 'passport', label: '旅券' },
      { value: 'two-documents', label: '書類2点' },
      { value: 'official-letter', label: '公文書' },
    ],
  },
  {
    kind: 'checks',
    name: 'authorised',
    label: '請求の権限',
    required: false,
    options: [{ value: 'yes', label: '委任状等を確認した（本人以外の場合）' }],
  },
  { kind: 'text', name: 'purpose', label: '使用目的', maxLength: 100 },
  {
    kind: 'select',
    name: 'copies',
    label: '部数',
    options: Array.from({ length: 10 }, (_, i) => ({ value: `${i + 1}`, label: `${i + 1}部` })),
  },
  {
    kind: 'select',
    name: 'waiver',
    label: '手数料の免除',
    options: [
      { value: 'none', label: 'なし' },
      { value: 'public-use', label: '公用' },
      { value: 'public-assistance', label: '生活保護受給' },
    ],
  },
];
const asOfFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'year',
    label: '年度（西暦）',
    pattern: /^20[0-9]{2}$/,
    patternFault: '4桁で入力してください',
    width: 'short',
  },
  { kind: 'date', name: 'on', label: '時点（その日の終わりまでの記録）' },
];

export function certificatePages(app: PageApp, deps: CertificateDeps): void {
  page(app, 'GET', '/certificates', certificateRead, async (p) => {
    const query = readListQuery(list, p.query);
    const read = await listCertificates(deps, p.session.actor, {
      personId: null,
      limit: query.size,
      offset: query.offset,
    });
    if (!read.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '証明書',
        gloss: 'Tax certificates',
        actions: html`<a class="button" href="/persons">個人検索から交付する</a>`,
      },
      workList(list, { path: p.path, query, rows: read.value.rows, total: read.value.total }),
    );
  });

  page(app, 'GET', '/persons/:id/certificates', certificateRead, async (p) => {
    const personId = p.param('id');
    if (!isUuid(personId)) return p.problem('not-found');
    const query = readListQuery(list, p.query);
    const read = await listCertificates(deps, p.session.actor, { personId, limit: query.size, offset: query.offset });
    if (!read.ok) return p.problem('not-authorised');
    const years = read.value.years.length > 0 ? read.value.years : [workYear(deps)];
    const isOfficer = await p.may(protectedCertificateUpdate);
    const action = `/persons/${personId}/certificates`;
    const hidden = { issue: deps.newId() };
    const values = { requester: 'self', copies: '1', waiver: 'none', year: `${years[0] ?? ''}` };
    return p.view(
      {
        title: '証明書の交付',
        gloss: 'Issue a certificate',
        breadcrumbs: [{ label: '個人画面', href: `/persons/${personId}` }],
      },
      html`<div class="stack">${workList(list, { path: p.path, query, rows: read.value.rows, total: read.value.total })}${
        (await p.may(certificateUpdate)) &&
        html`<section aria-labelledby="issue">${sectionTitle('課税（非課税）証明書を交付する', 'Issue', 'issue')}<p>手数料は1部${yenText(deps.certificateFeeYen)}です。</p>${form(
          { action, session: p.session, fields: issueFields(years), values, hidden, submit: '証明書を作る' },
        )}</section>`
      }${
        isOfficer &&
        html`<section aria-labelledby="protected">${sectionTitle('支援措置対象者へ交付する', 'For a protected person', 'protected')}<p>住所は省略します。本人が来庁し、記載を求める場合に限り載せられます。</p>${form(
          {
            action: `${action}/protected`,
            session: p.session,
            fields: [
              ...issueFields(years),
              {
                kind: 'checks',
                name: 'address',
                label: '住所の記載',
                required: false,
                options: [{ value: 'yes', label: '本人の求めにより記載する' }],
              },
            ],
            values,
            hidden: { issue: deps.newId() },
            submit: '支援措置担当として作る',
          },
        )}</section>`
      }<section aria-labelledby="as-of">${sectionTitle('過去の時点の記録', 'As of a past day', 'as-of')}${form({
        action: `${action}/as-of`,
        session: p.session,
        fields: asOfFields,
        values: { year: `${years[0] ?? ''}` },
        submit: '表示する',
      })}</section></div>`,
    );
  });

  for (const [path, right, perform] of [
    ['/persons/:id/certificates', certificateUpdate, issueCertificate],
    ['/persons/:id/certificates/protected', protectedCertificateUpdate, issueProtectedCertificate],
  ] as const)
    page(app, 'POST', path, right, async (p) => {
      const personId = p.param('id');
      const text = (name: string): string => `${p.form.get(name) ?? ''}`;
      const back = `/persons/${personId}/certificates`;
      const fiscalYear = Number(text('year'));
      if (!isUuid(personId) || !isUuid(text('issue')) || !Number.isInteger(fiscalYear)) return p.problem('not-found');
      const read = readForm(issueFields([fiscalYear]), p.form);
      if (!read.ok)
        return p.redirect(back, {
          kind: 'error',
          text: Object.values(read.error.errors)[0] ?? '入力を確かめてください',
        });
      const done = await perform(deps, p.session.actor, {
        issueId: text('issue'),
        personId,
        fiscalYear,
        requester: text('requester') as IssueCertificate['requester'],
        identifiedBy: text('identified') as IssueCertificate['identifiedBy'],
        authorised: text('authorised') === 'yes',
        purpose: text('purpose'),
        copies: Number(text('copies')),
        feeWaiver: text('waiver') === 'none' ? null : (text('waiver') as FeeWaiver),
        showAddress: text('address') === 'yes',
      });
      if (!done.ok) return p.redirect(back, { kind: 'error', text: textOf(done.error) });
      return p.redirect(`/certificates/${done.value.documentNo}`, {
        kind: 'done',
        text: `証明書を作りました。手数料は${yenText(done.value.feeYen)}です。`,
      });
    });

  page(app, 'POST', '/persons/:id/certificates/as-of', certificateRead, async (p) => {
    const personId = p.param('id');
    const read = readForm(asOfFields, p.form);
    const back = `/persons/${personId}/certificates`;
    if (!isUuid(personId)) return p.problem('not-found');
    if (!read.ok) return p.redirect(back, { kind: 'error', text: '年度と日付を入力してください。' });
    const day = Temporal.PlainDate.from(`${p.form.get('on')}`);
    const found = await readCertificateAsOf(deps, p.session.actor, {
      personId,
      fiscalYear: Number(p.form.get('year')),
      until: day.add({ days: 1 }).toZonedDateTime('Asia/Tokyo').toInstant(),
    });
    if (!found.ok) return p.redirect(back, { kind: 'error', text: textOf(found.error) });
    const content = found.value;
    return p.view(
      {
        title: `${reiwaYear(content.fiscalYear)}の記録`,
        gloss: 'As recorded then',
        breadcrumbs: [{ label: '証明書の交付', href: back }],
      },
      html`<div class="stack">${notice('info', '証明書ではありません', '指定した日までに記録されていた内容です。')}${facts(
        [
          { label: '時点', value: time(day) },
          { label: '氏名', value: content.person.name },
          { label: '1月1日の住所', value: content.person.addressOnLevyDate ?? '（省略）' },
          { label: '住所', value: content.person.address ?? '（省略）' },
          ...[...content.incomes, ...content.deductions, ...content.bases, ...content.levy].map((line) => ({
            label: line.label,
            value: yenText(line.yen),
          })),
          { label: '年税額', value: yenText(content.annualYen) },
        ],
      )}</div>`,
    );
  });

  page(app, 'GET', '/certificates/:no', certificateRead, async (p) => {
    const documentNo = p.param('no');
    if (!documentNoPattern.test(documentNo)) return p.problem('not-found');
    const read = await openCertificate(deps, p.session.actor, { documentNo });
    if (!read.ok)
      return p.problem(
        read.error === 'not-authorised'
          ? 'not-authorised'
          : read.error === 'no-such-document'
            ? 'not-found'
            : { status: 409, title: '証明書を開けません', gloss: 'Cannot open', advice: textOf(read.error) },
      );
    const { issue } = read.value;
    const title = issue.kind === 'levy' ? '課税証明書' : '非課税証明書';
    return p.view(
      {
        title: `${title} ${reiwaYear(issue.fiscalYear)}`,
        gloss: 'Tax certificate',
        breadcrumbs: [{ label: '証明書', href: '/certificates' }],
      },
      html`<div class="stack">${documentViewer({
        title,
        href: `/certificates/${documentNo}/pdf`,
        documentId: documentNo,
        pages: issue.pages,
        issuedOn: Temporal.PlainDate.from(issue.issuedOn),
        bytes: issue.sizeBytes,
        sha256: Buffer.from(issue.sha256).toString('hex'),
      })}${facts([
        { label: '部数', value: `${issue.copies}部` },
        { label: '手数料', value: yenText(issue.feeYen) },
        { label: '住所', value: issue.addressShown ? '記載' : '省略' },
        { label: '使用目的', value: issue.purpose },
        {
          label: '再現',
          value: html`<a href="/certificates/${documentNo}/reproduced">発行時の記録から作り直して比べる</a>`,
        },
      ])}${
        (await p.may(certificateUpdate)) &&
        html`<section aria-labelledby="hand-over">${sectionTitle('交付する', 'Hand over', 'hand-over')}<p>手元の用紙の最初と最後の照合符号を読み取ってください。</p>${form(
          {
            action: `/certificates/${documentNo}/hand-over`,
            session: p.session,
            fields: [
              { kind: 'text', name: 'first', label: '最初のページの照合符号', maxLength: 6, width: 'short' },
              { kind: 'text', name: 'last', label: '最後のページの照合符号', maxLength: 6, width: 'short' },
              { kind: 'text', name: 'sheets', label: '1部のページ数', maxLength: 2, width: 'short' },
            ],
            submit: '交付を記録する',
          },
        )}</section><section aria-labelledby="reprint">${sectionTitle('印刷し直す', 'Print again', 'reprint')}${form({
          action: `/certificates/${documentNo}/reprint`,
          session: p.session,
          fields: [{ kind: 'text', name: 'reason', label: '理由', maxLength: 200 }],
          submit: '再印刷を記録する',
        })}</section>`
      }</div>`,
    );
  });

  page(app, 'GET', '/certificates/:no/pdf', certificateRead, async (p) => {
    const documentNo = p.param('no');
    if (!documentNoPattern.test(documentNo)) return p.problem('not-found');
    const opened = await openCertificate(deps, p.session.actor, { documentNo });
    if (opened.ok)
      return p.file(opened.value.pdf, { type: 'application/pdf', name: `${documentNo}.pdf`, inline: true });
    return p.problem(opened.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  });

  page(app, 'GET', '/certificates/:no/reproduced', certificateRead, async (p) => {
    const documentNo = p.param('no');
    if (!documentNoPattern.test(documentNo)) return p.problem('not-found');
    const made = await reproduceCertificate(deps, p.session.actor, { documentNo });
    if (!made.ok) return p.problem(made.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.redirect(`/certificates/${documentNo}`, {
      kind: made.value.same ? 'done' : 'error',
      text: made.value.same
        ? '発行時の記録から作り直した証明書は、発行したものと1バイトも違いません。'
        : '発行時の記録から作り直した証明書が、発行したものと一致しません。監査担当に連絡してください。',
    });
  });

  page(app, 'POST', '/certificates/:no/hand-over', certificateUpdate, async (p) => {
    const documentNo = p.param('no');
    const text = (name: string): string => `${p.form.get(name) ?? ''}`;
    if (!documentNoPattern.test(documentNo)) return p.problem('not-found');
    const done = await handOverCertificate(deps, p.session.actor, {
      documentNo,
      firstCode: text('first'),
      lastCode: text('last'),
      sheets: Number(text('sheets')),
    });
    return p.redirect(
      `/certificates/${documentNo}`,
      done.ok ? { kind: 'done', text: '交付を記録しました。' } : { kind: 'error', text: textOf(done.error) },
    );
  });

  page(app, 'POST', '/certificates/:no/reprint', certificateUpdate, async (p) => {
    const documentNo = p.param('no');
    if (!documentNoPattern.test(documentNo)) return p.problem('not-found');
    const done = await reprintCertificate(deps, p.session.actor, {
      documentNo,
      reason: `${p.form.get('reason') ?? ''}`,
    });
    return p.redirect(
      `/certificates/${documentNo}`,
      done.ok
        ? { kind: 'done', text: `${done.value.reprintNo}回目の再印刷を記録しました。PDFを開いて印刷してください。` }
        : { kind: 'error', text: textOf(done.error) },
    );
  });
}
