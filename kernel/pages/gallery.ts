import { createPageApp, type PageApp, page } from './app.ts';
import type { Stylesheet } from './build-css.ts';
import { html, yenText } from './html.ts';
import { approvalDecision, approvalInbox } from './kit/approval-inbox.ts';
import { askAnotherBody } from './kit/ask-another-body.ts';
import { auditView } from './kit/audit-view.ts';
import { type BatchRun, batchRun, refreshOf } from './kit/batch-run.ts';
import { chart } from './kit/chart.ts';
import { confirmPage, stepper } from './kit/confirm-page.ts';
import { documentViewer } from './kit/document-viewer.ts';
import { type Field, form, readForm } from './kit/form.ts';
import { badge, notice } from './kit/marks.ts';
import { recordPage } from './kit/record-page.ts';
import { searchForm } from './kit/search-form.ts';
import { readListQuery, type WorkListDefinition, workList } from './kit/work-list.ts';
import { trainingTown } from './layout.ts';
import type { PageSession } from './session.ts';

/** Where the gallery's sample person stands: shown to look at, never stored. */
const at = (text: string) => Temporal.Instant.from(text);

interface SampleCase {
  readonly id: number;
  readonly name: string;
  readonly employer: string;
  readonly difference: string;
  readonly incomeYen: number;
  readonly arrivedOn: Temporal.PlainDate;
}

const family = ['青木', '髙橋', '山﨑', '中村', '目黒', '渡邊', '柳', '小川'];
const given = ['一郎', 'さくら', '健', '美咲', '陽菜', '蓮'];
const differences = ['生年月日が一致しない', '氏名が一致しない', '該当者なし'];
const cases: readonly SampleCase[] = Array.from({ length: 137 }, (_, i) => ({
  id: i + 1,
  name: `${family[i % family.length]} ${given[i % given.length]}`,
  employer: `株式会社見本${(i % 23) + 1}`,
  difference: differences[i % 3] ?? '',
  incomeYen: 2_400_000 + ((i * 137_000) % 6_000_000),
  arrivedOn: Temporal.PlainDate.from('2026-01-20').add({ days: i % 14 }),
}));

const caseList: WorkListDefinition<SampleCase> = {
  caption: '突合待ちの給与支払報告書',
  defaultSort: { key: 'arrivedOn', direction: 'asc' },
  sizes: [20, 50, 100],
  filters: [
    { kind: 'text', name: 'employer', label: '提出者' },
    {
      kind: 'select',
      name: 'difference',
      label: '相違の種類',
      options: differences.map((d) => ({ value: d, label: d })),
    },
    { kind: 'date', name: 'arrivedOn', label: '到達日' },
  ],
  columns: [
    {
      key: 'id',
      label: '受付番号',
      sortable: true,
      heading: true,
      cell: (r) => html`<a href="/record">${`2026-${`${r.id}`.padStart(5, '0')}`}</a>`,
    },
    { key: 'name', label: '氏名（報告書）', cell: (r) => r.name },
    { key: 'employer', label: '提出者', sortable: true, cell: (r) => r.employer },
    {
      key: 'difference',
      label: '相違',
      cell: (r) => badge(r.difference, r.difference === '該当者なし' ? 'error' : 'warning'),
    },
    { key: 'incomeYen', label: '支払金額', sortable: true, align: 'end', cell: (r) => yenText(r.incomeYen) },
    {
      key: 'arrivedOn',
      label: '到達日',
      sortable: true,
      cell: (r) => html`<time datetime="${`${r.arrivedOn}`}">${`${r.arrivedOn}`}</time>`,
    },
  ],
};

const movingIn: readonly Field[] = [
  {
    kind: 'radio',
    name: 'reason',
    label: '異動事由',
    options: [
      { value: 'in', label: '転入' },
      { value: 'within', label: '転居' },
      { value: 'birth', label: '出生', hint: '届出人が本人の親権者であることを確かめてください' },
    ],
  },
  { kind: 'text', name: 'name', label: '氏名', maxLength: 40, hint: '住民票のとおりに入力してください' },
  { kind: 'date', name: 'movedOn', label: '異動日', max: '2026-12-31' },
  {
    kind: 'select',
    name: 'town',
    label: '町名',
    options: [
      { value: 'kamimeguro', label: '上目黒' },
      { value: 'jiyugaoka', label: '自由が丘' },
    ],
  },
  {
    kind: 'yen',
    name: 'income',
    label: '前年の給与収入',
    required: false,
    hint: '申告があったときだけ入力してください',
  },
  {
    kind: 'checks',
    name: 'seen',
    label: '確かめた書類',
    options: [
      { value: 'card', label: '個人番号カード' },
      { value: 'certificate', label: '転出証明書' },
    ],
  },
  { kind: 'lines', name: 'note', label: '備考', required: false, maxLength: 200 },
];

/**
 * Every part of the kit on pages of its own, with invented data: for the eye, and for the test that runs axe over all.
 * `session` is what a reader of the gallery is signed in as.
 */
export function createGallery(stylesheet: Stylesheet, session: PageSession): PageApp {
  const app = createPageApp({
    system: { id: 'gallery', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async () => session },
    mayOpen: async (_, right) => right[1] !== 'closed',
    stylesheet,
    random: { bytes: (length) => new Uint8Array(length), below: () => 0 },
    signOutPath: '/sign-out',
    nav: [
      { label: '受付と突合', href: '/list', right: 'signed-in' },
      { label: '賦課', href: '/record', right: 'signed-in' },
      { label: '承認', href: '/approvals', right: 'signed-in' },
      { label: '一括処理', href: '/batch', right: 'signed-in' },
      { label: '帳票', href: '/document', right: 'signed-in' },
      { label: '記録', href: '/audit', right: 'signed-in' },
      { label: '設定', href: '/settings', right: ['gallery', 'closed', 'read'] },
    ],
  });

  page(app, 'GET', '/', 'signed-in', (p) =>
    p.view(
      { title: '部品の一覧', gloss: 'Parts of the kit' },
      html`<ul class="list-disc pl-6">${app.pages.filter((d) => d.method === 'GET' && d.path !== '/').map((d) => html`<li><a href="${d.path}">${d.path}</a></li>`)}</ul>`,
    ),
  );
  page(app, 'GET', '/list', 'signed-in', (p) => {
    const query = readListQuery(caseList, p.query);
    const left = cases.filter(
      (c) =>
        c.employer.includes(query.filters.employer ?? '') &&
        (query.filters.difference ?? c.difference) === c.difference &&
        (query.filters.arrivedOn ?? `${c.arrivedOn}`) === `${c.arrivedOn}`,
    );
    const key = query.sort.key as keyof SampleCase;
    const ordered = left.toSorted(
      (a, b) =>
        (typeof a[key] === 'number' ? Number(a[key]) - Number(b[key]) : `${a[key]}`.localeCompare(`${b[key]}`)) *
        (query.sort.direction === 'asc' ? 1 : -1),
    );
    return p.view(
      {
        title: '給与支払報告書の突合',
        gloss: 'Matching of salary payment reports',
        breadcrumbs: [{ label: '最初の画面', href: '/' }],
        actions: html`<a class="button" href="/batch">取込みの結果</a>`,
      },
      workList(caseList, {
        path: '/list',
        query,
        rows: ordered.slice(query.offset, query.offset + query.size),
        total: ordered.length,
      }),
    );
  });
  page(app, 'GET', '/search', 'signed-in', (p) =>
    p.view(
      { title: '宛名の検索', gloss: 'Search for a person', breadcrumbs: [{ label: '最初の画面', href: '/' }] },
      searchForm({
        action: '/search',
        method: 'post',
        session: p.session,
        label: '宛名の検索',
        fields: [
          { kind: 'text', name: 'kana', label: '氏名カナ' },
          { kind: 'date', name: 'bornOn', label: '生年月日' },
          { kind: 'text', name: 'addressee', label: '宛名番号' },
        ],
      }),
    ),
  );
  page(app, 'POST', '/search', 'signed-in', (p) => p.redirect('/record'));
  page(app, 'GET', '/record', 'signed-in', (p) =>
    p.view(
      {
        title: '青木 一郎',
        gloss: 'Taxpayer',
        breadcrumbs: [
          { label: '最初の画面', href: '/' },
          { label: '賦課', href: '/list' },
        ],
        actions: html`<a class="button" href="/form">異動を入力する</a><a class="button button-primary" href="/document">通知書を見る</a>`,
      },
      html`<div class="two-columns"><div>${recordPage({
        sections: [
          {
            title: '納税義務者',
            gloss: 'Taxpayer',
            facts: [
              { label: '宛名番号', value: '1000123456' },
              { label: '氏名', value: '青木 一郎' },
              { label: '生年月日', value: '昭和55年4月2日' },
              { label: '住所', value: '目黒区上目黒二丁目19番15号' },
              { label: '支援措置', value: undefined },
            ],
          },
          {
            title: '令和8年度 賦課',
            gloss: 'Assessment, fiscal year 2026',
            facts: [
              { label: '総所得金額', value: yenText(3_560_000) },
              { label: '特別区民税 所得割額', value: yenText(121_400) },
              { label: '都民税 所得割額', value: yenText(80_900) },
              { label: '森林環境税', value: yenText(1_000) },
              { label: '年税額', value: html`<strong>${yenText(207_300)}</strong>` },
            ],
          },
        ],
        history: [
          {
            recordedAt: at('2026-05-14T01:12:09Z'),
            validFrom: Temporal.PlainDate.from('2026-01-01'),
            what: '賦課を決定',
            reason: '当初賦課',
            who: '課税課 田中',
          },
          { recordedAt: at('2026-05-12T05:40:51Z'), what: '賦課を起案', reason: '当初賦課', who: '課税課 佐藤' },
        ],
      })}</div><div class="stack-tight">${askAnotherBody({
        session: p.session,
        askAction: '/ask',
        requestKey: '018f0000-0000-7000-8000-000000000000',
        procedure: '児童福祉法による小児慢性特定疾病医療費の支給',
        information: '地方税関係情報',
        provider: '目黒区長',
        ground: '番号利用法 第19条第8号',
        inquiries: [
          {
            inquiryNumber: 'Q-2026-000041',
            askedAt: at('2026-06-10T00:41:05Z'),
            askedBy: '東京都 鈴木',
            state: 'answered',
            answeredAt: at('2026-06-10T00:41:06Z'),
            answer: [{ label: '市町村民税 所得割額', value: yenText(121_400) }],
            keptUntil: Temporal.PlainDate.from('2027-03-31'),
          },
          {
            inquiryNumber: 'Q-2026-000040',
            askedAt: at('2026-06-10T00:40:12Z'),
            askedBy: '東京都 鈴木',
            state: 'refused',
            reason: '照会許可用照合リストにない照会です。',
            answeredAt: at('2026-06-10T00:40:12Z'),
          },
        ],
      })}</div></div>`,
    ),
  );
  const formView = {
    title: '異動の入力',
    gloss: 'Entry of a change',
    breadcrumbs: [{ label: '最初の画面', href: '/' }],
  };
  page(app, 'GET', '/form', 'signed-in', (p) =>
    p.view(
      formView,
      html`${stepper(['入力', '確認', '完了'], 0)}${form({ action: '/form', session: p.session, fields: movingIn, submit: '確認へ進む', cancelHref: '/record' })}`,
    ),
  );
  page(app, 'POST', '/form', 'signed-in', (p) => {
    const read = readForm(movingIn, p.form);
    if (read.ok) return p.redirect('/confirm', { kind: 'done', text: '入力を受け付けました。' });
    return p.view(
      { ...formView, hasErrors: true, status: 422 },
      html`${stepper(['入力', '確認', '完了'], 0)}${form({ action: '/form', session: p.session, fields: movingIn, ...read.error, submit: '確認へ進む', cancelHref: '/record' })}`,
    );
  });
  page(app, 'GET', '/confirm', 'signed-in', (p) =>
    p.view(
      { title: '異動の確認', gloss: 'Confirm the change', breadcrumbs: [{ label: '最初の画面', href: '/' }] },
      html`${stepper(['入力', '確認', '完了'], 1)}${confirmPage({
        session: p.session,
        action: '/form',
        question: '次の内容で登録します。よろしいですか。',
        facts: [
          { label: '異動事由', value: '転入' },
          { label: '氏名', value: '青木 一郎' },
        ],
        submit: '登録する',
        backHref: '/form',
      })}`,
    ),
  );
  page(app, 'GET', '/approvals', 'signed-in', (p) =>
    p.view(
      { title: '承認待ち', gloss: 'Approval inbox' },
      approvalInbox([
        {
          href: '/approval',
          subject: '令和8年度 当初賦課 第12回',
          kind: '賦課決定',
          draftedBy: '佐藤 健',
          draftedAt: at('2026-05-12T05:40:51Z'),
          summary: `298人、年税額 ${yenText(61_204_300)}`,
          isOwn: false,
        },
        {
          href: '/approval',
          subject: '青木 一郎 税額変更',
          kind: '更正',
          draftedBy: '田中 花子',
          draftedAt: at('2026-05-13T02:10:00Z'),
          summary: `${yenText(-4_000)}`,
          isOwn: true,
        },
      ]),
    ),
  );
  page(app, 'GET', '/approval', 'signed-in', (p) =>
    p.view(
      {
        title: '賦課決定の承認',
        gloss: 'Approve the assessment',
        breadcrumbs: [{ label: '承認', href: '/approvals' }],
      },
      approvalDecision({
        session: p.session,
        action: '/approval',
        version: 'a1',
        isOwn: false,
        error: p.query.has('error') ? '差し戻す理由を入力してください' : undefined,
        facts: [
          { label: '起案者', value: '佐藤 健' },
          { label: '人数', value: '298人' },
          { label: '年税額の計', value: yenText(61_204_300) },
        ],
      }),
    ),
  );
  const run = (session: PageSession, state: BatchRun['state']): BatchRun => ({
    name: '給与支払報告書の取込み',
    state,
    startedAt: at('2026-01-30T00:00:00Z'),
    total: 300,
    accepted: state === 'done' ? 288 : 171,
    rejected: state === 'done' ? 12 : 7,
    secondsLeft: 95,
    steps: [
      { label: '署名の検証', state: 'done' },
      { label: '様式の検査', state: 'done' },
      { label: '取込み', state: state === 'done' ? 'done' : 'running' },
      { label: '突合', state: state === 'done' ? 'done' : 'waiting' },
    ],
    rejectsHref: '/list',
    path: '/batch',
    session,
    stopAction: '/batch/stop',
    resumeAction: '/batch/resume',
  });
  page(app, 'GET', '/batch', 'signed-in', (p) => {
    const shown = run(p.session, p.query.get('state') === 'done' ? 'done' : 'running');
    return p.view({ title: '一括処理', gloss: 'Batch run', ...refreshOf(shown) }, batchRun(shown));
  });
  page(app, 'GET', '/audit', 'signed-in', (p) =>
    p.view(
      { title: '操作の記録', gloss: 'Audit log' },
      auditView([
        {
          at: at('2026-06-10T00:41:06Z'),
          who: '目黒区 中間サーバー',
          what: '地方税関係情報を提供',
          outcome: 'done',
          ground: '番号利用法 第19条第8号',
          items: ['市町村民税所得割額'],
          recipient: '東京都',
          eventId: '0197582e-11aa-7bbb-8ccc-aabbccddeeff',
          proofHref: '/audit',
        },
        {
          at: at('2026-06-10T00:40:12Z'),
          who: '東京都 鈴木',
          what: '情報照会',
          outcome: 'refused',
          refusal: '照合リストにない照会',
          eventId: '0197582e-11aa-7bbb-8ccc-aabbccddee00',
        },
      ]),
    ),
  );
  page(app, 'GET', '/document', 'signed-in', (p) =>
    p.view(
      { title: '納税通知書', gloss: 'Tax notice', breadcrumbs: [{ label: '青木 一郎', href: '/record' }] },
      documentViewer({
        title: '納税通知書',
        href: '/document.pdf',
        documentId: 'RTX-2026-000123',
        pages: 2,
        issuedOn: Temporal.PlainDate.from('2026-06-10'),
        bytes: 61_234,
        sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        replaced: ['「邉󠄂」（氏名、3文字目）'],
      }),
    ),
  );
  page(app, 'GET', '/document.pdf', 'signed-in', (p) =>
    p.file(new TextEncoder().encode('%PDF-1.7\n%%EOF\n'), { type: 'application/pdf', name: '納税通知書.pdf' }),
  );
  page(app, 'GET', '/chart', 'signed-in', (p) =>
    p.view(
      { title: '収納の状況', gloss: 'Receipts' },
      html`${notice('info', 'この集計は今朝6時のものです')}${chart({
        title: '期別の収納',
        description: '第1期から第4期までの調定額と収納額',
        unit: '百万円',
        labels: ['第1期', '第2期', '第3期', '第4期'],
        series: [
          { name: '調定額', values: [4120, 3980, 3980, 3975] },
          { name: '収納額', values: [4034, 3821, 3544, 2790] },
        ],
      })}`,
    ),
  );
  page(app, 'GET', '/empty', 'signed-in', (p) =>
    p.view(
      { title: '空の一覧', gloss: 'Nothing to do' },
      workList(caseList, { path: '/empty', query: readListQuery(caseList, p.query), rows: [], total: 0 }),
    ),
  );
  page(app, 'GET', '/closed', ['gallery', 'closed', 'read'], (p) =>
    p.view({ title: '見えない', gloss: 'Never seen' }, ''),
  );
  page(app, 'GET', '/broken', 'signed-in', () => {
    throw new Error('inner words that no reader may see');
  });
  return app;
}
