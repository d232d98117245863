import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { declineApplication, readApplications, registerApplication } from '../service/applications.ts';
import { faultText, kindWords, mandateFaults, purposeWords } from './words.ts';

const read = ['accounts', 'application', 'read'] as const;
const update = ['accounts', 'application', 'update'] as const;

/** 口座の電子申請: what waits, and registering or declining one. */
export function applicationPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/applications', read, async (p) => {
    const found = await readApplications(deps, p.session.actor, {});
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '口座の電子申請', gloss: 'Applications on line', personal: true },
      html`<div class="stack">${
        found.value.length === 0
          ? notice('done', '処理を待っている申請はありません。')
          : html`<ul>${found.value.map((a) => html`<li><a href="/applications/${a.receiptNumber}">${a.applicant}</a> ${time(Temporal.Instant.from(a.acceptedAt))}</li>`)}</ul>`
      }</div>`,
    );
  });
  page(app, 'GET', '/applications/:id', read, (p) => show(p, deps));
  page(app, 'POST', '/applications/:id/register', update, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const of = (name: string): string => String(p.form.get(name) ?? '');
    const done = await registerApplication(deps, p.session.actor, {
      receiptNumber: p.param('id'),
      personNumber: of('personNumber'),
      personKana: of('personKana'),
    });
    if (done.ok) return p.redirect('/applications', { kind: 'done', text: '口座情報を登録しました。' });
    return show(p, deps, mandateFaults[done.error]?.[1] ?? faultText(done.error));
  });
  page(app, 'POST', '/applications/:id/decline', update, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const reason = String(p.form.get('reason') ?? '');
    const done = await declineApplication(deps, p.session.actor, { receiptNumber: p.param('id'), reason });
    return done.ok
      ? p.redirect('/applications', { kind: 'done', text: '申請を却下しました。' })
      : show(p, deps, faultText(done.error));
  });
}

async function show(p: PageRequest, deps: Deps, fault?: string): Promise<Response> {
  if (!isUuid(p.param('id'))) return p.problem('not-found');
  const found = await readApplications(deps, p.session.actor, { receiptNumber: p.param('id') });
  if (!found.ok) return p.problem('not-authorised');
  const [a] = found.value;
  if (a === undefined) return p.problem('not-found');
  const at = a.bank !== null && a.branch !== null ? deps.banks.find(a.bank, a.branch) : undefined;
  const fields: readonly Field[] = [
    ...(a.personNumber === null
      ? [
          {
            kind: 'text',
            name: 'personNumber',
            label: '宛名番号（15桁）',
            hint: '氏名・生年月日・住所から本人を確かめてください。',
          } as const,
        ]
      : []),
    { kind: 'text', name: 'personKana', label: '本人のカナ氏名' },
  ];
  const open = a.outcome === null && (await p.may(update));
  return p.view(
    {
      title: `口座の電子申請 ${a.applicant}`,
      gloss: 'Application',
      personal: true,
      ...(fault ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${fault && notice('error', fault)}${facts([
      { label: '受付番号', value: html`<code>${a.receiptNumber}</code>` },
      { label: '申請者', value: a.applicant },
      { label: '宛名番号', value: a.personNumber ?? '特定できませんでした' },
      { label: '使いみち', value: a.purpose === null ? '—' : purposeWords[a.purpose] },
      {
        label: '金融機関・支店',
        value: `${a.bank ?? '—'}-${a.branch ?? '—'} ${at?.bankName ?? ''} ${at?.branchName ?? ''}`,
      },
      { label: '種目・口座番号', value: `${kindWords[a.accountKind ?? ''] ?? '—'} ${a.accountNumber ?? ''}` },
      { label: '口座名義', value: a.holderKana ?? '—' },
    ])}${a.fault !== null && notice('warning', '申請の内容を読み取れませんでした。却下して、申請し直してもらってください。')}${
      a.outcome !== null && notice('info', a.outcome === 'registered' ? '登録済みです。' : '却下済みです。')
    }${
      open &&
      a.fault === null &&
      html`<section aria-labelledby="register">${sectionTitle('登録', 'Register', 'register')}${form({ action: `/applications/${a.receiptNumber}/register`, session: p.session, fields, submit: 'この内容で登録する' })}</section>`
    }${
      open &&
      html`<section aria-labelledby="decline">${sectionTitle('却下', 'Decline', 'decline')}${form({ action: `/applications/${a.receiptNumber}/decline`, session: p.session, fields: [{ kind: 'text', name: 'reason', label: '却下の理由' }], submit: '却下する' })}</section>`
    }</div>`,
  );
}
