import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import {
  closePrintJob,
  confirmErasure,
  fetchReport,
  type PrintJob,
  passProof,
  readPrintJob,
  readPrintJobs,
} from '../service/printing/follow-job.ts';
import { type PrintDeps, printApproval, printRead, printUpdate } from '../service/printing/functions.ts';
import { preparePrintJob } from '../service/printing/prepare-job.ts';
import { prepareProof } from '../service/printing/proof.ts';
import { decidePrintJob, sendJob } from '../service/printing/send-job.ts';
import { refusalText } from './assessment-words.ts';

const refusals: Readonly<Record<string, string>> = {
  'not-approved': '出力が承認されていません。別の職員の承認を受けてください',
  'no-passed-proof': 'この帳票の版の試し刷りが合格していません。試し刷りを先に行ってください',
  'addresses-changed-since':
    '承認の後に、支援措置の対象となった人又は住所の変わった人がいます。印刷の準備をやり直してください',
  'already-sent': 'この作成分はすでに印刷委託先に渡しています',
  'counts-differ': '作成数・破損数・発送数が依頼数と合いません。委託先に確認してください',
  'not-dispatched': '委託先から発送の報告がありません',
  'proof-differs': '試し刷りに不一致があります',
  'not-read-back': '試し刷りの読取りがまだありません',
  'protections-unavailable': '支援措置の状態を確認できません。宛名のあるものは渡せません',
  'run-not-finished': '通知書の一括作成が終わっていません',
  'no-such-run': '通知書の一括作成が見つかりません',
  'already-closed': '完了しています',
  'unknown-form': '委託先がこの帳票の版を持っていません',
};
export const printRefusal = (word: string): string => refusals[word] ?? refusalText(word);

const faultWords: Readonly<Record<string, string>> = {
  'printed-less-spoiled-is-not-dispatched': '作成数から破損数を引いた数が発送数と合いません',
  'dispatched-is-not-ordered': '発送数が依頼数と合いません',
  'probes-missing': '読み取った見本の数が足りません',
};
const heldWords = {
  'address-protected': '支援措置',
  'address-changed': '住所の変更',
  'no-face': '宛名面なし',
} as const;

const stateOf = (job: PrintJob): readonly [string, Tone] => {
  if (job.endedOn !== null) return job.purpose === 'proof' ? ['合格', 'done'] : ['完了', 'done'];
  if ((job.faults ?? []).length > 0) return ['不一致', 'error'];
  if (job.reportNo !== null) return job.purpose === 'proof' ? ['合格待ち', 'warning'] : ['報告あり', 'info'];
  if (job.sentOn !== null) return ['委託中', 'info'];
  if (job.approval === 'rejected') return ['却下', 'error'];
  return job.purpose === 'bulk' && job.approval === null ? ['承認待ち', 'warning'] : ['送付待ち', 'plain'];
};

const list: WorkListDefinition<PrintJob> = {
  caption: '印刷委託',
  defaultSort: { key: 'made', direction: 'desc' },
  emptyText: '印刷委託はありません。',
  filters: [],
  columns: [
    {
      key: 'purpose',
      label: '種別',
      heading: true,
      cell: (job) =>
        html`<a href="/print-jobs/${job.jobId}">${job.purpose === 'proof' ? '試し刷り' : '通知書の印刷'}<span class="visually-hidden"> ${job.jobId.slice(-6)}</span></a>`,
    },
    { key: 'made', label: '準備した日', cell: (job) => time(Temporal.PlainDate.from(job.madeOn)) },
    { key: 'form', label: '帳票', cell: (job) => html`<code>${job.formId}</code> 第${job.formVersion}版` },
    { key: 'documents', label: '通数', align: 'end', cell: (job) => grouped(job.documents) },
    { key: 'held', label: '引抜き', align: 'end', cell: (job) => grouped(job.heldBack) },
    { key: 'state', label: '状態', cell: (job) => badge(...stateOf(job)) },
  ],
};

/** 印刷委託: proof, output request, transfer, counts, erasure. */
export function printJobPages(app: PageApp, deps: PrintDeps): void {
  page(app, 'GET', '/print-jobs', printRead, async (p) => {
    const query = readListQuery(list, p.query);
    const read = await readPrintJobs(deps, p.session.actor, { limit: query.size, offset: query.offset });
    if (!read.ok) return p.problem('not-authorised');
    const may = await p.may(printUpdate);
    return p.view(
      { title: '印刷委託', gloss: 'Printing contractor' },
      html`<div class="stack">${workList(list, { path: p.path, query, ...read.value })}${
        may &&
        html`<section aria-labelledby="proof">${sectionTitle('試し刷り', 'Proof of the form', 'proof')}<p>見本20通を印刷し、欄ごとに読み戻します。合格するまで、その帳票の版では通知書を印刷できません。印刷の準備は「納税通知書の一括作成」の画面から始めます。</p><form method="post" action="/print-jobs/proof">${tokenField(p.session)}<button class="button" type="submit">試し刷りを準備する</button></form></section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/print-jobs/proof', printUpdate, async (p) => {
    const made = await prepareProof(deps, p.session.actor, undefined);
    return made.ok
      ? p.redirect(`/print-jobs/${made.value.jobId}`, { kind: 'done', text: '試し刷りを準備しました。' })
      : p.redirect('/print-jobs', { kind: 'error', text: printRefusal(made.error) });
  });

  page(app, 'POST', '/print-jobs', printUpdate, async (p) => {
    const orderId = `${p.form.get('order') ?? ''}`;
    if (!isUuid(orderId)) return p.problem('not-found');
    const made = await preparePrintJob(deps, p.session.actor, { orderId });
    return made.ok
      ? p.redirect(`/print-jobs/${made.value.jobId}`, { kind: 'done', text: '印刷を準備し、承認に回しました。' })
      : p.redirect(`/notice-runs/${orderId}`, { kind: 'error', text: printRefusal(made.error) });
  });

  page(app, 'GET', '/print-jobs/:id', printRead, async (p) => {
    const jobId = p.param('id');
    if (!isUuid(jobId)) return p.problem('not-found');
    const read = await readPrintJob(deps, p.session.actor, { jobId });
    if (!read.ok) return p.problem(read.error === 'no-such-job' ? 'not-found' : 'not-authorised');
    const { job, heldBack, parts } = read.value;
    const count = (n: number | null) => (n === null ? '' : grouped(n));
    return p.view(
      {
        title: job.purpose === 'proof' ? '試し刷り' : '通知書の印刷',
        gloss: job.purpose === 'proof' ? 'Proof' : 'Print job',
        breadcrumbs: [{ label: '印刷委託', href: '/print-jobs' }],
      },
      html`<div class="stack">${(job.faults ?? []).length > 0 && notice('error', job.purpose === 'proof' ? '試し刷りの不一致' : '報告が合いません', (job.faults ?? []).map((word) => faultWords[word] ?? word).join('、'))}
${facts([
  { label: '状態', value: badge(...stateOf(job)) },
  { label: '委託先', value: html`<code>${job.printer}</code>` },
  { label: '帳票', value: html`<code>${job.formId}</code> 第${job.formVersion}版` },
  { label: '依頼', gloss: 'Ordered', value: `${grouped(job.documents)}通　${grouped(job.pages)}頁` },
  { label: '税額の合計', value: yenText(job.totalYen) },
  {
    label: '作成・破損・発送',
    gloss: 'Printed, spoiled, dispatched',
    value: [job.printed, job.spoiled, job.dispatched].map(count).join('・'),
  },
  { label: '消去証明', gloss: 'Erased by the contractor', value: job.erased ? '受領済' : '未受領' },
])}
<section aria-labelledby="parts">${sectionTitle('印刷用データ', 'Parts', 'parts')}<div class="table-scroll" tabindex="0" role="region" aria-label="印刷用データの表"><table class="data-table"><caption class="visually-hidden">印刷用データ</caption><thead><tr><th scope="col">分冊</th><th scope="col" class="num">通数</th><th scope="col">ハッシュ値</th></tr></thead><tbody>${parts.map(
        (part) =>
          html`<tr><th scope="row">${part.no}</th><td class="num">${grouped(part.documents)}</td><td><code>${part.sha256.slice(0, 16)}</code></td></tr>`,
      )}</tbody></table></div></section>
${
  heldBack.length > 0 &&
  html`<section aria-labelledby="held">${sectionTitle('引き抜いた通知', 'Held back', 'held')}<p>渡した後は「返戻・公示送達」に並びます。本人に渡すまで通知済になりません。</p><ul>${heldBack.map(
    (one) => html`<li><a href="/notices/${one.documentId}">${one.documentId}</a> ${heldWords[one.reason]}</li>`,
  )}</ul></section>`
}${await actions(p, job)}</div>`,
    );
  });

  const step = (
    name: string,
    right: typeof printUpdate,
    done: string,
    run: (p: PageRequest, jobId: string) => Promise<Result<unknown, string>>,
  ): void =>
    page(app, 'POST', `/print-jobs/:id/${name}`, right, async (p) => {
      const jobId = p.param('id');
      if (!isUuid(jobId)) return p.problem('not-found');
      const result = await run(p, jobId);
      return p.redirect(
        `/print-jobs/${jobId}`,
        result.ok ? { kind: 'done', text: done } : { kind: 'error', text: printRefusal(result.error) },
      );
    });
  const as = (p: PageRequest) => p.session.actor;
  step('approve', printApproval, '承認しました。', (p, jobId) =>
    decidePrintJob(deps, as(p), { jobId, decision: 'approved' }),
  );
  step('reject', printApproval, '却下しました。', (p, jobId) =>
    decidePrintJob(deps, as(p), { jobId, decision: 'rejected' }),
  );
  step('send', printUpdate, '委託先に渡しました。', (p, jobId) => sendJob(deps, as(p), { jobId }));
  step('report', printUpdate, '報告を読み取りました。', (p, jobId) => fetchReport(deps, as(p), { jobId }));
  step('pass', printApproval, '試し刷りを合格としました。', (p, jobId) => passProof(deps, as(p), { jobId }));
  step('close', printUpdate, '完了しました。', (p, jobId) => closePrintJob(deps, as(p), { jobId }));
  step('erasure', printUpdate, '消去証明を受け取りました。', (p, jobId) => confirmErasure(deps, as(p), { jobId }));
}

async function actions(p: PageRequest, job: PrintJob) {
  const [mayUpdate, mayApprove] = [await p.may(printUpdate), await p.may(printApproval)];
  const open = job.endedOn === null;
  const undecided = job.purpose === 'bulk' && job.approval === null && job.sentOn === null;
  const agrees = job.reportNo !== null && (job.faults ?? []).length === 0;
  const buttons = [
    undecided && mayApprove && (['approve', '出力を承認する'] as const),
    undecided && mayApprove && (['reject', '却下する'] as const),
    open &&
      !undecided &&
      job.sentOn === null &&
      job.approval !== 'rejected' &&
      mayUpdate &&
      (['send', '委託先に渡す'] as const),
    open && job.sentOn !== null && mayUpdate && (['report', '作業報告を読み取る'] as const),
    open && agrees && job.purpose === 'proof' && mayApprove && (['pass', '合格とする'] as const),
    open && agrees && job.purpose === 'bulk' && mayUpdate && (['close', '完了する'] as const),
    !open && !job.erased && job.purpose === 'bulk' && mayUpdate && (['erasure', '消去証明を受け取る'] as const),
  ].filter((one) => one !== false);
  return (
    buttons.length > 0 &&
    html`<div class="row">${buttons.map(
      ([name, label]) =>
        html`<form method="post" action="/print-jobs/${job.jobId}/${name}">${tokenField(p.session)}<button class="button" type="submit">${label}</button></form>`,
    )}</div>`
  );
}
