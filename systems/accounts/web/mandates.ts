import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { endMandate, type RegisterMandate, readMandates, registerMandate } from '../service/mandates.ts';
import { askPublicMoneyAccount, noteConsent, readConsent } from '../service/public-money.ts';
import { faultText, kindWords, mandateFaults, purposeWords, sourceWords, stoppedWords } from './words.ts';

const read = ['accounts', 'mandate', 'read'] as const;
const update = ['accounts', 'mandate', 'update'] as const;
const options = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

const fields: readonly Field[] = [
  { kind: 'radio', name: 'purpose', label: '用途', options: options(purposeWords) },
  { kind: 'text', name: 'bank', label: '金融機関コード', hint: '4桁', width: 'short' },
  { kind: 'text', name: 'branch', label: '支店コード', hint: '3桁', width: 'short' },
  { kind: 'select', name: 'accountKind', label: '預金種目', options: options(kindWords) },
  { kind: 'text', name: 'accountNumber', label: '口座番号', hint: '7桁', width: 'short' },
  { kind: 'text', name: 'personKana', label: '本人のカナ氏名' },
  { kind: 'text', name: 'holderKana', label: '口座名義のカナ' },
  {
    kind: 'checks',
    name: 'holderConfirmed',
    label: '名義の確認',
    required: false,
    options: [{ value: 'yes', label: '本人以外の名義であることを確かめた（口座振替のみ）' }],
  },
  { kind: 'select', name: 'source', label: '申込方法', options: options(sourceWords) },
  { kind: 'date', name: 'fromOn', label: '開始日' },
];

const consentFields: readonly Field[] = [
  { kind: 'date', name: 'agreedOn', label: '同意の日' },
  { kind: 'text', name: 'evidence', label: '確認した書類', hint: '還付請求書の同意欄など' },
];
const askFields: readonly Field[] = [{ kind: 'text', name: 'personKana', label: '本人のカナ氏名' }];

/** 口座情報: search by number, the person's accounts, registration, change and end. */
export function mandatePages(app: PageApp, deps: Deps): void {
  const start = (p: PageRequest, error?: string): Promise<Response> =>
    p.view(
      { title: '口座情報', gloss: 'Accounts', ...(error ? { hasErrors: true, status: 422 as const } : {}) },
      html`<div class="stack">${error && notice('error', error)}${searchForm({
        action: '/mandates',
        method: 'post',
        session: p.session,
        label: '口座情報の検索',
        fields: [{ kind: 'text', name: 'personNumber', label: '宛名番号（15桁）' }],
      })}</div>`,
    );
  page(app, 'GET', '/', read, (p) => start(p));
  page(app, 'POST', '/mandates', read, (p) => {
    const personNumber = String(p.form.get('personNumber') ?? '').trim();
    return /^[0-9]{15}$/.test(personNumber) ? show(p, deps, personNumber) : start(p, '宛名番号は15桁の数字です。');
  });
  page(app, 'POST', '/mandates/register', update, async (p) => {
    const of = (name: string): string => String(p.form.get(name) ?? '').trim();
    const personNumber = of('personNumber');
    if (!/^[0-9]{15}$/.test(personNumber) || !isUuid(of('requestId'))) return p.problem('unreadable-form');
    const values = Object.fromEntries(fields.map((f) => [f.name, of(f.name)]));
    const empty = fields.filter((f) => f.required !== false && of(f.name) === '');
    if (empty.length > 0)
      return show(
        p,
        deps,
        personNumber,
        values,
        Object.fromEntries(empty.map((f) => [f.name, `${f.label}を入力してください`])),
      );
    const done = await registerMandate(deps, p.session.actor, {
      ...(values as unknown as RegisterMandate),
      requestId: of('requestId'),
      personNumber,
      holderConfirmed: of('holderConfirmed') === 'yes',
    });
    if (!done.ok) {
      if (done.error === 'not-authorised') return p.problem('not-authorised');
      const [field, text] = mandateFaults[done.error] ?? ['', 'この操作はできません'];
      return show(p, deps, personNumber, values, { [field]: text });
    }
    return show(p, deps, personNumber, undefined, undefined, '口座情報を登録しました。');
  });
  page(app, 'POST', '/mandates/:id/end', update, async (p) => {
    const personNumber = String(p.form.get('personNumber') ?? '');
    if (!isUuid(p.param('id')) || !/^[0-9]{15}$/.test(personNumber)) return p.problem('unreadable-form');
    const done = await endMandate(deps, p.session.actor, { mandateId: p.param('id'), reason: '本人の申出' });
    return show(
      p,
      deps,
      personNumber,
      undefined,
      done.ok ? undefined : { '': faultText(done.error) },
      done.ok ? '口座情報を廃止しました。' : undefined,
    );
  });

  const given = (p: PageRequest): { personNumber: string; of: (name: string) => string } | undefined => {
    const of = (name: string): string => String(p.form.get(name) ?? '').trim();
    return /^[0-9]{15}$/.test(of('personNumber')) && isUuid(of('requestId'))
      ? { personNumber: of('personNumber'), of }
      : undefined;
  };
  page(app, 'POST', '/mandates/consent', update, async (p) => {
    const form = given(p);
    if (form === undefined) return p.problem('unreadable-form');
    const { personNumber, of } = form;
    const agreedOn = of('agreedOn');
    const readable = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(agreedOn);
    const done = readable
      ? await noteConsent(deps, p.session.actor, {
          consentId: of('requestId'),
          personNumber,
          agreedOn,
          evidence: of('evidence'),
        })
      : ({ ok: false, error: 'unreadable-day' } as const);
    return done.ok
      ? show(p, deps, personNumber, undefined, undefined, '公金受取口座の利用の同意を記録しました。')
      : show(p, deps, personNumber, undefined, { '': faultText(done.error) });
  });
  page(app, 'POST', '/mandates/public-money', update, async (p) => {
    const form = given(p);
    if (form === undefined) return p.problem('unreadable-form');
    const { personNumber, of } = form;
    const done = await askPublicMoneyAccount(deps, p.session.actor, {
      requestId: of('requestId'),
      personNumber,
      personKana: of('personKana'),
    });
    return done.ok
      ? show(p, deps, personNumber, undefined, undefined, '公金受取口座を還付金の受取口座に登録しました。')
      : show(p, deps, personNumber, undefined, { '': faultText(done.error) });
  });
}

async function show(
  p: PageRequest,
  deps: Deps,
  personNumber: string,
  values?: Readonly<Record<string, string>>,
  errors?: Readonly<Record<string, string>>,
  done?: string,
): Promise<Response> {
  const found = await readMandates(deps, p.session.actor, { personNumber });
  const consent = await readConsent(deps, p.session.actor, { personNumber });
  if (!found.ok || !consent.ok) return p.problem('not-authorised');
  const may = await p.may(update);
  const state = errors ? { hasErrors: true, status: 422 as const } : {};
  return p.view(
    { title: '口座情報', gloss: 'Accounts of a person', personal: true, ...state },
    html`<div class="stack">${done && notice('done', done)}<p>宛名番号 <code>${personNumber}</code></p>
<section aria-labelledby="known">${sectionTitle('登録済みの口座', 'Registered', 'known')}${
      found.value.length === 0
        ? html`<p class="muted">登録された口座はありません。</p>`
        : html`<div class="table-scroll" tabindex="0" role="region" aria-label="口座の表"><table class="data-table"><caption class="visually-hidden">口座</caption><thead><tr><th scope="col">用途</th><th scope="col">金融機関・支店</th><th scope="col">種目</th><th scope="col">口座番号</th><th scope="col">名義</th><th scope="col">開始</th><th scope="col">状態</th></tr></thead><tbody>${found.value.map(
            (m) => {
              const at = deps.banks.find(m.bankNow, m.branchNow);
              const moved = m.bank !== m.bankNow || m.branch !== m.branchNow;
              return html`<tr><th scope="row">${purposeWords[m.purpose]}</th><td>${m.bankNow}-${m.branchNow} ${at?.bankName} ${at?.branchName}${moved && html`<br><small>統廃合前 ${m.bank}-${m.branch}</small>`}</td><td>${kindWords[m.accountKind]}</td><td>${m.accountNumber}</td><td>${m.holder}</td><td class="nowrap">${time(Temporal.PlainDate.from(m.fromOn))}</td><td>${
                m.endedOn !== null
                  ? html`${badge('廃止', 'plain')} ${m.endReason}`
                  : may
                    ? html`${m.stoppedBy !== null && badge(`振替不能（${stoppedWords[m.stoppedBy]}）`, 'error')}<form method="post" action="/mandates/${m.mandateId}/end">${tokenField(p.session)}<input type="hidden" name="personNumber" value="${personNumber}"><button class="button" type="submit">廃止する<span class="visually-hidden">（${purposeWords[m.purpose]}）</span></button></form>`
                    : badge('有効', 'done')
              }</td></tr>`;
            },
          )}</tbody></table></div>`
    }</section>
${may && html`<section aria-labelledby="new">${sectionTitle('登録・変更', 'Register or change', 'new')}${form({ action: '/mandates/register', session: p.session, fields, ...(values ? { values } : {}), ...(errors ? { errors } : {}), hidden: { personNumber, requestId: deps.newId() }, submit: '登録する' })}</section>`}
${may && deps.publicMoney !== undefined && publicMoneyPart(p, deps, personNumber, consent.value.consent?.agreedOn)}</div>`,
  );
}

const publicMoneyPart = (p: PageRequest, deps: Deps, personNumber: string, agreedOn: string | undefined) =>
  html`<section aria-labelledby="public">${sectionTitle('公金受取口座', 'Public-money receiving account', 'public')}${
    agreedOn === undefined
      ? html`<p>本人の同意がない間は照会できません。</p>${form({ action: '/mandates/consent', session: p.session, fields: consentFields, hidden: { personNumber, requestId: deps.newId() }, submit: '同意を記録する' })}`
      : html`<p>利用の同意 ${time(Temporal.PlainDate.from(agreedOn))}</p>${form({ action: '/mandates/public-money', session: p.session, fields: askFields, hidden: { personNumber, requestId: deps.newId() }, submit: '照会して登録する' })}`
  }</section>`;
