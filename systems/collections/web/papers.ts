import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { printCashReceipt } from '../service/papers/cash-receipt.ts';
import { printDemand, printSlip, printTaxCertificate } from '../service/papers/counter-papers.ts';
import { printDebitNotices } from '../service/papers/debit-notices.ts';
import type { Paper } from '../service/papers/make-paper.ts';
import type { PaperDeps } from '../service/papers/paper-deps.ts';
import { printRefundNotice } from '../service/papers/refund-notice.ts';
import { printReminders } from '../service/papers/reminder-letters.ts';
import { printStopNotice, type StopNotice } from '../service/papers/stop-notice.ts';
import { faultText } from './words.ts';

const slip = ['collections', 'slip', 'update'] as const;
const arrears = ['collections', 'arrears', 'update'] as const;
const cash = ['collections', 'cash', 'update'] as const;
const reminder = ['collections', 'reminder', 'update'] as const;
const release = ['collections', 'reminder-release', 'update'] as const;
const approval = ['collections', 'refund-approval', 'update'] as const;

type Made = { readonly ok: true; readonly value: Paper } | { readonly ok: false; readonly error: string };

/** Papers as PDF: each made anew from its facts when it is asked for, with its digest in the log. */
export function paperPages(app: PageApp, deps: PaperDeps): void {
  const give = (p: PageRequest, made: Made, back: string): Response | Promise<Response> =>
    made.ok
      ? p.file(made.value.pdf, { type: 'application/pdf', name: made.value.name })
      : made.error === 'not-authorised'
        ? p.problem('not-authorised')
        : p.redirect(back, { kind: 'error', text: faultText(made.error) });
  const actor = (p: PageRequest) => p.session.actor;

  page(app, 'GET', '/accounts/:id/slips/:no', slip, async (p) => {
    const [chargeId, slipNo] = [p.param('id'), Number(p.param('no'))];
    if (!isUuid(chargeId) || !Number.isSafeInteger(slipNo)) return p.problem('not-found');
    return give(p, await printSlip(deps, actor(p), { chargeId, slipNo }), `/accounts/${chargeId}`);
  });
  page(app, 'GET', '/accounts/:id/demand', reminder, async (p) => {
    const chargeId = p.param('id');
    if (!isUuid(chargeId)) return p.problem('not-found');
    return give(p, await printDemand(deps, actor(p), { chargeId }), `/accounts/${chargeId}`);
  });
  page(app, 'GET', '/accounts/:id/certificate', slip, async (p) => {
    const chargeId = p.param('id');
    if (!isUuid(chargeId)) return p.problem('not-found');
    return give(p, await printTaxCertificate(deps, actor(p), { chargeId }), `/accounts/${chargeId}`);
  });
  page(app, 'GET', '/reminders/:id/letters/:part', release, async (p) => {
    const [runId, part] = [p.param('id'), Number(p.param('part'))];
    if (!isUuid(runId) || !Number.isInteger(part) || part < 1) return p.problem('not-found');
    return give(p, await printReminders(deps, actor(p), { runId, part: part - 1 }), `/reminders/${runId}`);
  });
  page(app, 'GET', '/debit-results/:id/notices/:part', slip, async (p) => {
    const [fileId, part] = [p.param('id'), Number(p.param('part'))];
    if (!isUuid(fileId) || !Number.isInteger(part) || part < 1) return p.problem('not-found');
    return give(p, await printDebitNotices(deps, actor(p), { fileId, part: part - 1 }), '/debit-results');
  });
  page(app, 'GET', '/cash/:id/receipt', cash, async (p) => {
    const cashId = p.param('id');
    if (!isUuid(cashId)) return p.problem('not-found');
    return give(p, await printCashReceipt(deps, actor(p), { cashId }), '/cash');
  });
  page(app, 'GET', '/accounts/:id/holds/:hold/notices/:notice', arrears, async (p) => {
    const [chargeId, holdId, notice] = [p.param('id'), p.param('hold'), p.param('notice')];
    if (!isUuid(chargeId) || !isUuid(holdId) || !['stop', 'end'].includes(notice)) return p.problem('not-found');
    const made = await printStopNotice(deps, actor(p), { chargeId, holdId, notice: notice as StopNotice });
    return give(p, made, `/accounts/${chargeId}/arrears`);
  });
  page(app, 'GET', '/refunds/:id/notice', approval, async (p) => {
    const refundId = p.param('id');
    if (!isUuid(refundId)) return p.problem('not-found');
    return give(p, await printRefundNotice(deps, actor(p), { refundId }), `/refunds/${refundId}`);
  });
}
