import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { readRules, type TransferRule } from '../service/change-rules.ts';
import {
  askEmergency,
  confirmReceipt,
  type Emergency,
  emergencyTransfer,
  readEmergencies,
} from '../service/emergency-transfer.ts';
import { searchPersons } from '../service/read-persons.ts';

const read = ['common-platform', 'emergency', 'read'] as const;
const update = ['common-platform', 'emergency', 'update'] as const;
const approve = ['common-platform', 'emergency-approval', 'update'] as const;

const words = {
  asked: badge('承認待ち', 'warning'),
  approved: badge('受領待ち', 'warning'),
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
  const open = found.value.filter((e) => e.state === 'asked' || e.state === 'approved').length;
  return p.view(
    {
      title: '緊急時の移転',
      gloss: 'Emergency transfers',
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
  if (e.state === 'approved' && mayConfirm)
    return html`<form method="post" action="/emergency-transfers/${e.emergencyId}/receipt">${tokenField(p.session)}<button class="button" type="submit">受領を確認する${name}</button></form>`;
  return undefined;
}
