import { authorityDocuments, identityDocuments, numberDocuments } from '@musubi/kernel/identifiers/identity-check.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { individualNumber } from '@musubi/kernel/pages/kit/individual-number.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { type CaseStep, caseStatus, type IntakeCheck, readIntakeCheck, revealNumber } from '../service/case-status.ts';
import { listInsurers } from '../service/insurers.ts';
import { produceForm } from '../service/produce-form.ts';
import { readConsents } from '../service/read-consents.ts';

const read = ['child-chronic', 'case', 'read'] as const;
const inquiries = ['child-chronic', 'insurer-inquiry', 'read'] as const;
const ask = ['child-chronic', 'insurer-inquiry', 'update'] as const;
const numbers = ['child-chronic', 'individual-number', 'read'] as const;

const stepWords: Readonly<Record<CaseStep['step'], string>> = {
  received: '受付',
  registered: '宛名の登録',
  asked: '税情報の照会',
  answered: '税情報の回答',
  proposed: '起案',
  returned: '差し戻し',
  decided: '決定',
};

/** What stands beside a case: consent and insurer, how identity was checked, the number, and the state by receipt number. */
export function caseInsurerPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/cases/:id/insurer', inquiries, async (p) => {
    const caseId = p.param('id');
    const found = isUuid(caseId) ? await readConsents(deps, p.session.actor, { caseId }) : undefined;
    if (!found?.ok) return p.problem('not-found');
    const insurers = await listInsurers(deps, p.session.actor, {});
    const may = await p.may(ask);
    const { file, consents } = found.value;
    return p.view(
      {
        title: `申請 ${file.caseNumber} の保険者照会の同意`,
        gloss: 'Consent to ask the insurer',
        breadcrumbs: [{ label: `申請 ${file.caseNumber}`, href: `/cases/${caseId}` }],
      },
      html`<div class="stack">${consents.length === 0 && html`<p class="muted">同意はまだ登録されていません。</p>`}
<ul class="stack">${consents.map(
        (c) =>
          html`<li class="stack-tight"><p>${c.matchedBy === null ? badge('照合待ち', 'warning') : badge('照合済み', 'done')} 保険者 ${c.insurerCode}、${c.signer === 'proxy' ? '代理人' : '申請者'}が${time(Temporal.PlainDate.from(c.signedOn))}に署名、収受番号 ${c.receiptNumber}（登録 ${c.recordedBy}）</p>
${may && c.matchedBy === null && html`<form method="post" action="/cases/${caseId}/consents/${c.consentId}/match">${tokenField(p.session)}<button class="button" type="submit">同意書と申請の方が同じであることを照合した</button></form>`}</li>`,
      )}</ul>
${
  may &&
  insurers.ok &&
  (insurers.value.length === 0
    ? notice('info', '保険者マスタに保険者がありません')
    : html`<form class="form" method="post" action="/cases/${caseId}/consents">${tokenField(p.session)}
<div class="field"><label for="insurerCode">保険者</label><select class="input" id="insurerCode" name="insurerCode">${insurers.value.map((i) => html`<option value="${i.insurerCode}">${i.insurerCode} ${i.name}</option>`)}</select></div>
<div class="field"><label for="signer">署名した方</label><select class="input" id="signer" name="signer"><option value="applicant">申請者</option><option value="proxy">代理人</option></select></div>
<div class="field"><label for="signedOn">署名日</label><input class="input input-short" type="date" id="signedOn" name="signedOn"></div>
<div class="field"><label for="receiptNumber">同意書の収受番号</label><input class="input input-short" id="receiptNumber" name="receiptNumber"></div>
<button class="button button-primary" type="submit">同意を登録する</button></form>`)
}</div>`,
    );
  });

  page(app, 'GET', '/cases/:id/identity', read, async (p) => {
    const caseId = p.param('id');
    const found = isUuid(caseId) ? await readIntakeCheck(deps, p.session.actor, { caseId }) : undefined;
    if (!found?.ok || found.value === undefined) return p.problem('not-found');
    return p.view(
      {
        title: '本人確認の記録',
        gloss: 'How identity was checked',
        breadcrumbs: [{ label: '申請', href: `/cases/${caseId}` }],
      },
      html`<div class="stack">${facts(identityFacts(found.value))}${
        (await p.may(numbers)) &&
        html`<section aria-labelledby="number">${sectionTitle('個人番号', 'Individual Number', 'number')}<p>${individualNumber(undefined, true)}</p>
<form class="form" method="post" action="/cases/${caseId}/number">${tokenField(p.session)}<div class="field"><label for="reason">表示する理由<span class="required">必須</span></label><input class="input" id="reason" name="reason" maxlength="100"></div><button class="button" type="submit">個人番号を表示する（記録されます）</button></form></section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/cases/:id/number', numbers, async (p) => {
    const caseId = p.param('id');
    const reason = p.form.get('reason');
    if (!isUuid(caseId) || typeof reason !== 'string') return p.problem('unreadable-form');
    const shown = await revealNumber(deps, p.session.actor, { caseId, reason });
    if (!shown.ok) {
      if (shown.error !== 'reason-missing') return p.problem('not-found');
      return p.redirect(`/cases/${caseId}/identity`, { kind: 'error', text: '表示する理由を入力してください。' });
    }
    // Shown in the answer itself: a redirect would have to keep it somewhere.
    return p.view(
      {
        title: '個人番号の表示',
        gloss: 'Individual Number',
        personal: true,
        breadcrumbs: [{ label: '申請', href: `/cases/${caseId}` }],
      },
      html`<div class="stack">${facts([{ label: '個人番号', value: individualNumber(shown.value, await p.may(numbers)) }])}<p><a href="/cases/${caseId}">申請に戻る</a></p></div>`,
    );
  });

  page(app, 'GET', '/status', read, async (p) => {
    const receiptNumber = (p.query.get('receipt') ?? '').normalize('NFKC').trim().toUpperCase().slice(0, 20);
    const found = receiptNumber === '' ? undefined : await caseStatus(deps, p.session.actor, { receiptNumber });
    return p.view(
      { title: '処理状況', gloss: 'Progress by receipt number' },
      html`<div class="stack"><form class="row" method="get" action="/status"><div class="field"><label for="receipt">収受番号</label><input class="input input-short" id="receipt" name="receipt" value="${receiptNumber}"></div><button class="button button-primary" type="submit">調べる</button></form>
${found !== undefined && (found.ok ? steps(found.value) : notice('warning', 'この収受番号の申請はありません'))}</div>`,
    );
  });

  page(app, 'GET', '/forms/entitlement', read, async (p) => {
    const made = await produceForm(deps, p.session.actor, { form: 'entitlement' });
    if (!made.ok) return p.problem('not-authorised');
    const f = made.value;
    if (f === 'no-current-notice')
      return p.problem({
        status: 409,
        title: '交付できる様式がありません',
        gloss: 'No form with a current notice',
        advice: '様式の利用目的・注意書きの見直しが済むまで交付できません。担当に連絡してください。',
      });
    return p.view(
      { title: f.title, gloss: 'Form with its notice' },
      html`<div class="stack">${notice('info', '利用目的', html`<p>${f.notice.purpose}</p>`)}${notice('info', '書く方', html`<p>${f.notice.who}</p>`)}${notice('warning', '書かないでください', html`<p>${f.notice.surplus}</p>`)}
<section aria-labelledby="items">${sectionTitle('記入する事柄', 'Items', 'items')}<ol class="list-decimal pl-6">${f.items.map((i) => html`<li>${i}</li>`)}</ol></section><p class="muted">様式の版 ${f.version}</p></div>`,
    );
  });
}

const identityFacts = (c: IntakeCheck) => [
  { label: '収受番号', gloss: 'Receipt', value: c.receiptNumber },
  { label: '様式の版', gloss: 'Form version', value: c.formVersion },
  { label: '番号確認書類', value: numberDocuments[c.numberDocument as keyof typeof numberDocuments] },
  {
    label: '身元確認書類',
    value: c.identityDocuments.map((d) => identityDocuments[d as keyof typeof identityDocuments]).join('、'),
  },
  {
    label: '代理権の確認書類',
    value:
      c.proxyAuthority === null ? undefined : authorityDocuments[c.proxyAuthority as keyof typeof authorityDocuments],
  },
  { label: '確認した職員', value: c.checkedBy },
];

const steps = (found: {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly steps: readonly CaseStep[];
}): Html =>
  html`<section aria-labelledby="steps">${sectionTitle(`申請 ${found.caseNumber}`, 'Steps', 'steps')}<ol class="list-decimal pl-6">${found.steps.map((s) => html`<li>${stepWords[s.step]} ${time(Temporal.Instant.from(s.at))}</li>`)}</ol><p><a href="/cases/${found.caseId}">申請を開く</a></p></section>`;
