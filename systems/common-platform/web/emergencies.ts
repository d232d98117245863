import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { readRules, type TransferRule } from '../service/change-rules.ts';
import {
  askEmergency,
  confirmReceipt,
  type Emergency,
  emergencyTransfer,
  printSheet,
  readEmergencies,
  type Sheet,
} from '../service/emergency-transfer.ts';
import { searchPersons } from '../service/read-persons.ts';

const read = ['common-platform', 'emergency', 'read'] as const;
const update = ['common-platform', 'emergency', 'update'] as const;
const approve = ['common-platform', 'emergency-approval', 'update'] as const;

const words = {
  asked: badge('承認待ち', 'warning'),
  approved: badge('承認済み', 'warning'),
  printed: badge('受領待ち', 'warning'),
  refused: badge('不承認', 'error'),
  received: badge('受領済み', 'done'),
} as const;
const media = { paper: '紙', 'encrypted-medium': '暗号化した媒体' } as const;

const errors = {
  'not-staff': '職員としてサインインしてください。',
  'no-rule-row': '条例の表の、今日効いている行を選んでください。',
  'no-such-person': '該当する宛名がありません。番号を確かめてください。',
  'no-such-request': '該当する緊急時の移転がありません。',
  'already-decided': 'すでに決定されています。',
  expired: '承認の期限（24時間）が過ぎています。',
  'approver-is-requester': '自分が依頼したものは承認できません。',
  'not-approved': '承認されていません。',
  'not-printed': 'まだ印刷されていません。',
  'already-printed': 'すでに印刷されています。紙の写しは作れません。',
  'not-paper': '紙による移転ではありません。',
  'source-unavailable': '提供元に接続できないため、印刷していません。後でもう一度行ってください。',
  'already-received': 'すでに受領が確認されています。',
  'asker-cannot-confirm': '依頼した職員は受領を確認できません。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

const fieldsOf = (rules: readonly TransferRule[]): readonly Field[] => [
  {
    kind: 'select',
    name: 'rule',
    label: '条例の表の行',
    options: rules.map((r) => ({ value: r.ruleId, label: `${r.task} ${r.asker} ← ${r.source}（${r.information}）` })),
  },
  {
    kind: 'text',
    name: 'person',
    label: '対象者の団体内統合宛名番号',
    maxLength: 15,
    pattern: /^[0-9]{15}$/,
    patternFault: '15桁の数字です',
  },
  {
    kind: 'radio',
    name: 'medium',
    label: '方法',
    options: [
      { value: 'paper', label: '紙' },
      { value: 'encrypted-medium', label: '暗号化した媒体' },
    ],
  },
  { kind: 'text', name: 'ledger', label: '授受簿の番号', maxLength: 60 },
  { kind: 'lines', name: 'reason', label: '緊急の理由', maxLength: 300 },
];

const list = { label: '紙による移転', href: '/emergency-transfers' };

/** 緊急時の移転: asked with a reason, approved by a second person, on the list until received. */
export function emergencyPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/emergency-transfers', read, (p) => show(p, deps));
  page(app, 'POST', '/emergency-transfers', update, async (p) => {
    const rules = await readRules(deps, p.session.actor, {});
    if (!rules.ok) return p.problem('not-authorised');
    const given = readForm(fieldsOf(rules.value.rules), p.form);
    if (!given.ok) return show(p, deps, given.error);
    const { rule = '', person = '', medium, ledger = '', reason = '' } = given.value.texts;
    const again = (word: keyof typeof errors): Promise<Response> =>
      show(p, deps, { errors: { '': errors[word] }, values: given.value.texts });
    const found = await searchPersons(deps, p.session.actor, { orgPersonNumber: person });
    const personId = found.ok ? found.value[0]?.personId : undefined;
    if (personId === undefined) return again('no-such-person');
    const asked = await askEmergency(deps, p.session.actor, {
      ruleId: rule,
      personId,
      medium: medium === 'paper' ? 'paper' : 'encrypted-medium',
      ledgerEntry: ledger,
      reason,
    });
    if (!asked.ok) return again(asked.error);
    return p.redirect('/emergency-transfers', {
      kind: 'done',
      text: '課長の承認を依頼しました。承認までは何も出しません。',
    });
  });
  page(app, 'POST', '/emergency-transfers/:id/decision', approve, async (p) => {
    const decided = await emergencyTransfer(deps, p.session.actor, {
      emergencyId: p.param('id'),
      approve: p.form.get('decision') === 'approve',
    });
    return p.redirect(
      '/emergency-transfers',
      decided.ok ? { kind: 'done', text: '決定しました。' } : { kind: 'error', text: errors[decided.error] },
    );
  });
  page(app, 'POST', '/emergency-transfers/:id/print', update, async (p) => {
    const printed = await printSheet(deps, p.session.actor, { emergencyId: p.param('id') });
    if (!printed.ok) return p.redirect('/emergency-transfers', { kind: 'error', text: errors[printed.error] });
    return p.view(
      { title: '移転の紙', gloss: 'Sheet and receipt slip', breadcrumbs: [list], personal: true },
      sheetOf(printed.value),
    );
  });
  page(app, 'POST', '/emergency-transfers/:id/receipt', update, async (p) => {
    const confirmed = await confirmReceipt(deps, p.session.actor, { emergencyId: p.param('id') });
    return p.redirect(
      '/emergency-transfers',
      confirmed.ok ? { kind: 'done', text: '受領を確認しました。' } : { kind: 'error', text: errors[confirmed.error] },
    );
  });
}

async function show(
  p: PageRequest,
  deps: Deps,
  faulty?: { readonly errors: FormErrors; readonly values: FormValues },
): Promise<Response> {
  const found = await readEmergencies(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const mayAsk = (await p.may(update)) && (await p.may(['common-platform', 'transfer-rule', 'read']));
  const rules = mayAsk ? await readRules(deps, p.session.actor, {}) : undefined;
  const [mayApprove, mayConfirm] = [await p.may(approve), await p.may(update)];
  const open = found.value.filter((e) => e.state !== 'refused' && e.state !== 'received').length;
  return p.view(
    {
      title: '紙による移転・緊急時の移転',
      gloss: 'Transfers on paper and in an emergency',
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${open > 0 && notice('warning', `受領が確認されていない移転が${open}件あります。`)}${
      found.value.length === 0
        ? html`<p class="muted">緊急時の移転はありません。</p>`
        : html`<div class="table-scroll" tabindex="0" role="region" aria-label="緊急時の移転の表"><table class="data-table"><caption class="visually-hidden">緊急時の移転</caption>
<thead><tr><th scope="col">授受簿</th><th scope="col">照会元 ← 提供元</th><th scope="col">方法</th><th scope="col">理由</th><th scope="col">依頼</th><th scope="col">状態</th><th scope="col">操作</th></tr></thead>
<tbody>${found.value.map(
            (e) =>
              html`<tr><th scope="row">${e.ledgerEntry}</th><td>${e.asker} ← ${e.source}</td><td>${media[e.medium]}</td><td>${e.reason}</td><td>${e.askedBy} ${time(Temporal.Instant.from(e.askedAt))}</td><td>${words[e.state]}</td><td>${actionsOf(p, e, mayApprove, mayConfirm)}</td></tr>`,
          )}</tbody></table></div>`
    }${
      rules?.ok &&
      html`<section aria-labelledby="ask">${sectionTitle('緊急時の移転を依頼する', 'Ask', 'ask')}${form({
        action: '/emergency-transfers',
        session: p.session,
        fields: fieldsOf(rules.value.rules),
        submit: '承認を依頼する',
        ...(faulty ?? {}),
      })}</section>`
    }</div>`,
  );
}

function actionsOf(p: PageRequest, e: Emergency, mayApprove: boolean, mayConfirm: boolean): Html | undefined {
  const name = html`<span class="visually-hidden">（${e.ledgerEntry}）</span>`;
  if (e.state === 'asked' && mayApprove)
    return html`<form class="row" method="post" action="/emergency-transfers/${e.emergencyId}/decision">${tokenField(p.session)}<button class="button button-primary" type="submit" name="decision" value="approve">承認する${name}</button><button class="button" type="submit" name="decision" value="refuse">承認しない${name}</button></form>`;
  if (e.state === 'approved' && e.medium === 'paper' && mayConfirm)
    return html`<form method="post" action="/emergency-transfers/${e.emergencyId}/print">${tokenField(p.session)}<button class="button" type="submit">印刷する${name}</button></form>`;
  if ((e.state === 'printed' || (e.state === 'approved' && e.medium !== 'paper')) && mayConfirm)
    return html`<form method="post" action="/emergency-transfers/${e.emergencyId}/receipt">${tokenField(p.session)}<button class="button" type="submit">受領を確認する${name}</button></form>`;
  return undefined;
}

/** The sheet and, cut off below it, the slip that the receiver signs. */
const sheetOf = (
  sheet: Sheet,
): Html => html`<div class="stack"><div class="no-print">${notice('warning', 'この内容はこの画面に一度だけ表示され、保存されません。いま印刷し、受領書とともに渡してください。')}</div>
<section aria-labelledby="sheet">${sectionTitle('移転する情報', 'Information', 'sheet')}${facts([
  { label: '授受簿の番号', value: sheet.ledgerEntry },
  { label: '事務', value: sheet.task },
  { label: '根拠', value: sheet.ground },
  { label: '提供元', value: sheet.source },
  { label: '団体内統合宛名番号', value: sheet.orgPersonNumber },
  ...(sheet.nothingHeld
    ? [{ label: '情報', value: '該当する情報はありません' }]
    : sheet.items.map(([label, value]) => ({ label, value }))),
])}</section>
<section aria-labelledby="slip">${sectionTitle('受領書', 'Receipt slip', 'slip')}${facts([
  { label: '授受簿の番号', value: sheet.ledgerEntry },
  { label: '受領する所属', value: sheet.asker },
  { label: '紙の内容のダイジェスト', value: sheet.sha256.slice(0, 16) },
  { label: '受領日・受領者', value: '　　　　年　　月　　日　　　　　　　　　　　　' },
])}</section></div>`;
