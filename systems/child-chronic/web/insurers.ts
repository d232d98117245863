import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { formsTakenOn } from '../domain/forms.ts';
import {
  addInquiryRow,
  addPiece,
  type Batch,
  closeBatch,
  enterAnswer,
  extractSubjects,
  type InsurerInquiry,
  legalGrounds,
  listBatches,
  readBatch,
} from '../service/insurer-inquiries.ts';
import { type Insurer, listInsurers, matchConsent, recordConsent, registerInsurer } from '../service/insurers.ts';

const readInsurers = ['child-chronic', 'insurer', 'read'] as const;
const updateInsurers = ['child-chronic', 'insurer', 'update'] as const;
const read = ['child-chronic', 'insurer-inquiry', 'read'] as const;
const update = ['child-chronic', 'insurer-inquiry', 'update'] as const;
const here = { label: '保険者照会', href: '/insurer-inquiries' };

const words: Readonly<Record<string, string>> = {
  'not-an-insurer': '保険者番号（8桁）、郵便番号（7桁）、名称、所在地を確かめてください。',
  'no-such-case': '該当する申請がありません。',
  'unknown-insurer': '保険者マスタにない保険者です。',
  'signed-in-future': '署名日は今日以前の日付にしてください。',
  'not-in-receipt-ledger': '収受簿にない番号です。先に収受してください。',
  'receipt-in-bag': '送付中の書類です。受け取ってから登録してください。',
  'receipt-used': '別の件で使われた収受番号です。',
  'matcher-is-recorder': '同意を登録した本人は照合できません。',
  'matched-already': 'この同意はすでに照合されています。',
  'no-such-consent': '該当する同意がありません。',
  'unknown-ground': '照会の根拠を選んでください。',
  'no-consent': 'この保険者への照会の同意がありません。',
  'consent-not-matched': '同意の照合が済んでいません。',
  'nobody-found': '照合済みの同意がある、まだ照会していない方はいません。',
  'no-such-batch': '該当する照会がありません。',
  'batch-closed': 'この照会はすでに発送されています。',
  'ground-missing': '抽出によらず加えるときは、その理由が必要です。',
  'row-there': 'この方はすでに含まれています。',
  'no-such-inquiry': '該当する照会がありません。',
  'not-a-tracking-number': '引受番号は11桁です。番号を確かめてください。',
  'tracking-number-used': 'この引受番号、またはこの方の引受番号はすでに登録されています。',
  'address-typed': '宛先は保険者マスタから印字します。手で書いた宛先は使えません。',
  'tracking-numbers-missing': '引受番号のない封筒があるため、発送を締め切れません。',
  'not-sent': 'まだ発送していない照会です。',
  'unknown-form': 'この版の回答書は受け付けていません。',
  'same-person-twice': '一人目と同じ職員は照合できません。',
  'entries-differ': '一人目の入力と一致しません。回答書を確かめてください。',
  'verified-already': 'すでに照合されています。',
};
const wordOf = (error: string): string => words[error] ?? 'この操作はできません。';

const insurerFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'insurerCode',
    label: '保険者番号',
    pattern: /^[0-9]{8}$/,
    patternFault: '数字8桁で入力してください',
    width: 'short',
  },
  { kind: 'text', name: 'name', label: '名称', maxLength: 100 },
  {
    kind: 'text',
    name: 'postalCode',
    label: '郵便番号',
    hint: 'ハイフンなしの7桁',
    pattern: /^[0-9]{7}$/,
    patternFault: '数字7桁で入力してください',
    width: 'short',
  },
  { kind: 'text', name: 'address', label: '所在地', maxLength: 200 },
];

const batchList: WorkListDefinition<Batch> = {
  caption: '保険者照会',
  defaultSort: { key: 'batchNumber', direction: 'desc' },
  emptyText: '照会はまだありません。',
  columns: [
    {
      key: 'batchNumber',
      label: '番号',
      heading: true,
      cell: (b) => html`<a href="/insurer-inquiries/${b.batchId}">${b.batchNumber}</a>`,
    },
    { key: 'insurer', label: '保険者番号', cell: (b) => b.insurerCode },
    { key: 'on', label: '抽出日', cell: (b) => time(Temporal.PlainDate.from(b.extractedOn)) },
    { key: 'rows', label: '件数', align: 'end', cell: (b) => `${b.rows}` },
    { key: 'pieces', label: '引受番号', align: 'end', cell: (b) => `${b.pieces}` },
    { key: 'answers', label: '回答', align: 'end', cell: (b) => `${b.answers}` },
    {
      key: 'state',
      label: '状態',
      cell: (b) => (b.closedOn === null ? badge('発送前', 'warning') : badge('発送済み', 'done')),
    },
  ],
};

/** 保険者照会: the master, consents, batches by registered mail, answers keyed by two people. */
export function insurerPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/insurers', readInsurers, (p) => showInsurers(p, deps));
  page(app, 'POST', '/insurers', updateInsurers, async (p) => {
    const given = readForm(insurerFields, p.form);
    if (!given.ok) return showInsurers(p, deps, given.error.values, given.error.errors);
    const done = await registerInsurer(deps, p.session.actor, given.value.texts as unknown as Insurer);
    if (!done.ok) return showInsurers(p, deps, given.value.texts, { '': wordOf(done.error) });
    return p.redirect('/insurers', { kind: 'done', text: '登録しました。' });
  });

  page(app, 'GET', '/insurer-inquiries', read, async (p) => {
    const query = readListQuery(batchList, p.query);
    const found = await listBatches(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const may = await p.may(update);
    return p.view(
      { title: '保険者照会', gloss: 'Questions to insurers' },
      html`<div class="stack">${may && (await extractForm(p, deps))}${workList(batchList, { path: p.path, query, ...found.value })}</div>`,
    );
  });
  page(app, 'POST', '/insurer-inquiries', update, async (p) => {
    const insurerCode = textOf(p.form, 'insurerCode');
    const legalGround = textOf(p.form, 'legalGround');
    const done = await extractSubjects(deps, p.session.actor, { insurerCode, legalGround });
    if (!done.ok) return p.redirect('/insurer-inquiries', { kind: 'error', text: wordOf(done.error) });
    const { batchId, rows, heldBack } = done.value;
    const held = heldBack.length > 0 ? `同意の照合が済んでいない${heldBack.length}件は除きました。` : '';
    return p.redirect(`/insurer-inquiries/${batchId}`, { kind: 'done', text: `${rows}件を抽出しました。${held}` });
  });
  page(app, 'GET', '/insurer-inquiries/:id', read, (p) => showBatch(p, deps));
  page(app, 'POST', '/insurer-inquiries/:id/pieces', update, async (p) => {
    const command = { inquiryId: textOf(p.form, 'inquiryId'), trackingNumber: textOf(p.form, 'trackingNumber') };
    return back(p, await addPiece(deps, p.session.actor, command), '引受番号を登録しました。');
  });
  page(app, 'POST', '/insurer-inquiries/:id/rows', update, async (p) => {
    const done = await addInquiryRow(deps, p.session.actor, {
      batchId: p.param('id'),
      caseId: textOf(p.form, 'caseId'),
      legalGround: textOf(p.form, 'legalGround'),
      addedGround: textOf(p.form, 'addedGround'),
    });
    return back(p, done, '加えました。');
  });
  page(app, 'POST', '/insurer-inquiries/:id/close', update, async (p) =>
    back(p, await closeBatch(deps, p.session.actor, { batchId: p.param('id') }), '発送を締め切りました。'),
  );
  page(app, 'POST', '/insurer-inquiries/:id/answers', update, async (p) => {
    const done = await enterAnswer(deps, p.session.actor, {
      inquiryId: textOf(p.form, 'inquiryId'),
      receiptNumber: textOf(p.form, 'receiptNumber'),
      category: textOf(p.form, 'category'),
      validFrom: textOf(p.form, 'validFrom'),
      formVersion: textOf(p.form, 'formVersion'),
    });
    const text =
      done.ok && done.value === 'entered' ? '一人目の入力を登録しました。別の職員が照合します。' : '照合できました。';
    return back(p, done, text);
  });

  page(app, 'POST', '/cases/:id/consents', update, async (p) => {
    const done = await recordConsent(deps, p.session.actor, {
      caseId: p.param('id'),
      insurerCode: textOf(p.form, 'insurerCode'),
      signer: textOf(p.form, 'signer') === 'proxy' ? 'proxy' : 'applicant',
      signedOn: textOf(p.form, 'signedOn'),
      receiptNumber: textOf(p.form, 'receiptNumber'),
    });
    return toCase(p, done, '同意を登録しました。別の職員が照合します。');
  });
  page(app, 'POST', '/cases/:id/consents/:consent/match', update, async (p) =>
    toCase(
      p,
      await matchConsent(deps, p.session.actor, { consentId: p.param('consent') }),
      '同意と対象者を照合しました。',
    ),
  );
}

type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: string };
const back = (p: PageRequest, done: Outcome, text: string): Response =>
  p.redirect(
    `/insurer-inquiries/${encodeURIComponent(p.param('id'))}`,
    done.ok ? { kind: 'done', text } : { kind: 'error', text: wordOf(done.error) },
  );
const toCase = (p: PageRequest, done: Outcome, text: string): Response =>
  p.redirect(
    `/cases/${encodeURIComponent(p.param('id'))}/insurer`,
    done.ok ? { kind: 'done', text } : { kind: 'error', text: wordOf(done.error) },
  );

const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value.normalize('NFKC').trim().slice(0, 200) : '';
};

async function showInsurers(
  p: PageRequest,
  deps: Deps,
  values: FormValues = {},
  errors: FormErrors = {},
): Promise<Response> {
  const found = await listInsurers(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const faulty = Object.keys(errors).length > 0;
  return p.view(
    {
      title: '保険者マスタ',
      gloss: 'Insurers',
      breadcrumbs: [here],
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${(await p.may(updateInsurers)) && form({ action: '/insurers', session: p.session, fields: insurerFields, values, errors, submit: '登録する' })}
${found.value.length === 0 ? html`<p class="muted">保険者はまだ登録されていません。</p>` : html`<div class="table-scroll" tabindex="0" role="region" aria-label="保険者の表"><table class="data-table"><caption>保険者 ${found.value.length}件</caption><thead><tr><th scope="col">保険者番号</th><th scope="col">名称</th><th scope="col">宛先</th></tr></thead><tbody>${found.value.map((i) => html`<tr><th scope="row">${i.insurerCode}</th><td>${i.name}</td><td>〒${i.postalCode} ${i.address}</td></tr>`)}</tbody></table></div>`}</div>`,
  );
}

const groundOptions = Object.entries(legalGrounds).map(
  ([code, text]) => html`<option value="${code}">${code} ${text}</option>`,
);

async function extractForm(p: PageRequest, deps: Deps): Promise<Html> {
  const found = await listInsurers(deps, p.session.actor, {});
  const list = found.ok ? found.value : [];
  if (list.length === 0)
    return html`${notice('info', '保険者マスタに保険者がありません')}<p><a href="/insurers">保険者マスタ</a></p>`;
  return html`<form class="row no-print" method="post" action="/insurer-inquiries">${tokenField(p.session)}
<div class="field"><label for="insurerCode">保険者</label><select class="input" id="insurerCode" name="insurerCode">${list.map((i) => html`<option value="${i.insurerCode}">${i.insurerCode} ${i.name}</option>`)}</select></div>
<div class="field"><label for="legalGround">照会の根拠</label><select class="input" id="legalGround" name="legalGround">${groundOptions}</select></div>
<button class="button button-primary" type="submit">対象者を抽出する</button><a class="button button-quiet" href="/insurers">保険者マスタ</a></form>`;
}

async function showBatch(p: PageRequest, deps: Deps): Promise<Response> {
  const batchId = p.param('id');
  const found = isUuid(batchId) ? await readBatch(deps, p.session.actor, { batchId }) : undefined;
  if (!found?.ok) return p.problem('not-found');
  const { batch, rows, address } = found.value;
  const may = await p.may(update);
  const open = batch.closedOn === null;
  return p.view(
    { title: `保険者照会 ${batch.batchNumber}`, gloss: 'One consignment', breadcrumbs: [here] },
    html`<div class="stack">${facts([
      { label: '宛先（窓あき封筒に印字）', gloss: 'Address', value: address },
      { label: '抽出の条件', gloss: 'Condition', value: batch.condition },
      {
        label: '抽出',
        gloss: 'Extracted',
        value: html`${time(Temporal.PlainDate.from(batch.extractedOn))} ${batch.extractedBy}`,
      },
      {
        label: '発送',
        gloss: 'Sent',
        value: batch.closedOn === null ? badge('発送前', 'warning') : time(Temporal.PlainDate.from(batch.closedOn)),
      },
    ])}
<section aria-labelledby="rows">${sectionTitle('照会票', 'Rows', 'rows')}<div class="table-scroll" tabindex="0" role="region" aria-label="照会票の表"><table class="data-table"><caption>${rows.length}件</caption>
<thead><tr><th scope="col">申請</th><th scope="col">根拠</th><th scope="col">引受番号</th><th scope="col">回答</th></tr></thead>
<tbody>${rows.map((r) => html`<tr><th scope="row"><a href="/cases/${r.caseId}">${r.caseNumber}</a></th><td>${r.legalGround}${r.addedGround && html` ${badge('追加', 'warning')} ${r.addedGround}`}</td><td>${r.trackingNumber ?? (may && open ? pieceForm(r, p.session) : '―')}</td><td>${answerCell(r, open)}</td></tr>`)}</tbody></table></div></section>
${may && open && html`<form method="post" action="/insurer-inquiries/${batchId}/close">${tokenField(p.session)}<button class="button button-primary" type="submit">発送を締め切る</button></form>`}
${may && !open && answerForm(deps, batchId, rows, p.session)}</div>`,
  );
}

const answerCell = (r: InsurerInquiry, open: boolean): Html | string => {
  if (r.category === null) return open ? '―' : badge('回答待ち', 'info');
  return r.checkedBy === null ? badge('一人目の入力済み', 'warning') : html`${r.category} ${badge('照合済み', 'done')}`;
};

const pieceForm = (r: InsurerInquiry, session: PageSession): Html =>
  html`<form class="row" method="post" action="/insurer-inquiries/${r.batchId}/pieces">${tokenField(session)}<input type="hidden" name="inquiryId" value="${r.inquiryId}"><input class="input input-short" name="trackingNumber" inputmode="numeric" maxlength="14" aria-label="引受番号 ${r.caseNumber}"><button class="button" type="submit">登録<span class="visually-hidden">: ${r.caseNumber}</span></button></form>`;

function answerForm(
  deps: Deps,
  batchId: string,
  rows: readonly InsurerInquiry[],
  session: PageSession,
): Html | undefined {
  const waiting = rows.filter((r) => r.checkedBy === null);
  if (waiting.length === 0) return undefined;
  const versions = formsTakenOn('insurer-answer', deps.civilClock.today());
  return html`<section aria-labelledby="answers">${sectionTitle('回答の入力', 'Answers', 'answers')}
<p>収受した回答書から入力します。二人の職員の入力が一致すると有効になります。</p>
<form class="form" method="post" action="/insurer-inquiries/${batchId}/answers">${tokenField(session)}
<div class="field"><label for="inquiryId">申請</label><select class="input" id="inquiryId" name="inquiryId">${waiting.map((r) => html`<option value="${r.inquiryId}">${r.caseNumber}${r.category !== null ? '（二人目の照合）' : ''}</option>`)}</select></div>
<div class="field"><label for="receiptNumber">回答書の収受番号</label><input class="input input-short" id="receiptNumber" name="receiptNumber"></div>
<div class="field"><label for="formVersion">様式の版</label><select class="input" id="formVersion" name="formVersion">${versions.map((v) => html`<option value="${v.version}">${v.version}</option>`)}</select></div>
<div class="field"><label for="category">所得区分</label><select class="input" id="category" name="category">${['ア', 'イ', 'ウ', 'エ', 'オ', '該当なし'].map((c) => html`<option value="${c}">${c}</option>`)}</select></div>
<div class="field"><label for="validFrom">適用の始期</label><input class="input input-short" type="date" id="validFrom" name="validFrom"></div>
<button class="button button-primary" type="submit">登録する</button></form></section>`;
}
