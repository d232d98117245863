import { refusalText, resultWords } from '@musubi/contracts/exchange/refusal-words.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { certificateReason } from '../domain/certificate-reason.ts';
import type { CaseView } from '../service/read-cases.ts';
import { requestCertificate } from '../service/request-certificate.ts';

const ask = ['child-chronic', 'inquiry', 'update'] as const;

const faults: Readonly<Record<string, string>> = {
  'network-first': '照会が情報のないまま終わるまで、証明書の提出は求められません。',
  'already-requested': 'この照会についてはすでに提出を求めています。',
  'no-such-case': '該当する申請がありません。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
};

const reasonText = (reason: string): string =>
  (reason.startsWith('result-')
    ? (resultWords[reason.slice('result-'.length)] ?? reason)
    : refusalText(reason)
  ).replace(/。$/, '');

/** What the applicant was asked for, and the way to ask; shown where the network gave nothing. */
export function certificatePart(p: PageRequest, view: CaseView, may: boolean): Html | undefined {
  const why = certificateReason(view.inquiries);
  const open = why !== undefined && !view.certificates.some((c) => c.inquiryRequestId === why.requestId);
  if (view.certificates.length === 0 && !open) return undefined;
  return html`<div class="mt-4"><h3>課税証明書 <span class="gloss" lang="en">Tax certificate from the applicant</span></h3>${
    view.certificates.length > 0 &&
    html`<ul>${view.certificates.map((c) => html`<li>${time(Temporal.PlainDate.from(c.askedOn))} 提出を求めた（${reasonText(c.reason)}）${c.askedBy}</li>`)}</ul>`
  }${
    open &&
    may &&
    html`<form class="no-print" method="post" action="/cases/${view.file.caseId}/certificate">${tokenField(p.session)}<p>照会では情報が得られませんでした（${reasonText(why.reason)}）。</p><button class="button" type="submit">課税証明書の提出を求める</button></form>`
  }</div>`;
}

export function certificateRequestPages(app: PageApp, deps: Deps): void {
  page(app, 'POST', '/cases/:id/certificate', ask, async (p) => {
    const done = await requestCertificate(deps, p.session.actor, { caseId: p.param('id') });
    return p.redirect(
      `/cases/${encodeURIComponent(p.param('id'))}`,
      done.ok
        ? { kind: 'done', text: '課税証明書の提出を求めることを記録しました。' }
        : { kind: 'error', text: faults[done.error] ?? '記録できませんでした。' },
    );
  });
}
