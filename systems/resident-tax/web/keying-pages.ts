import type { Actor } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  closeBatch,
  confirmKeying,
  correctSheet,
  type KeyedBatch,
  leftToDo,
  orderKeying,
  readKeyedBatch,
  receiveKeyedBatch,
  verifyBatch,
} from '../service/intake/keyed-batches.ts';
import { type IntakeLine, readIntakes } from '../service/intake/read-intakes.ts';
import { intakeStates, refusalText } from './intake-texts.ts';

const reading = ['resident-tax', 'intake', 'read'] as const;
const updating = ['resident-tax', 'intake', 'update'] as const;

const orderFields: readonly Field[] = [
  { kind: 'text', name: 'incomeYear', label: '年分（西暦）', maxLength: 4, pattern: /^20[0-9]{2}$/, width: 'short' },
  { kind: 'text', name: 'sheets', label: '渡した帳票の枚数', maxLength: 6, pattern: /^[0-9]{1,6}$/, width: 'short' },
  { kind: 'text', name: 'corporateNumber', label: '委託先の法人番号', maxLength: 13, pattern: /^[0-9]{13}$/ },
  { kind: 'text', name: 'contractor', label: '委託先の名称', maxLength: 60 },
  { kind: 'text', name: 'takenBy', label: '授受票に署名した委託先の担当者', maxLength: 60 },
];
const fileFields: readonly Field[] = [
  { kind: 'file', name: 'file', label: '納品された入力データ（WR01）', accept: '.csv' },
];

const correctionFields: readonly Field[] = [
  { kind: 'text', name: 'sheetNumber', label: '帳票番号', maxLength: 6, pattern: /^[0-9]{1,6}$/, width: 'short' },
  {
    kind: 'text',
    name: 'element',
    label: '項目の番号',
    maxLength: 10,
    hint: '例: ABB00110。個人番号は補正できません。',
  },
  { kind: 'text', name: 'value', label: '紙の記載', maxLength: 500 },
];
const countField: Field = {
  kind: 'text',
  name: 'sheets',
  label: '数えた枚数',
  maxLength: 6,
  pattern: /^[0-9]{1,6}$/,
  width: 'short',
};
const confirmFields = (paper: string): readonly Field[] => [
  countField,
  { kind: 'text', name: 'otherSide', label: '委託先の担当者', maxLength: 60 },
  { kind: 'text', name: 'evidence', label: paper, maxLength: 60 },
];

const stepTexts: Readonly<Record<string, string>> = {
  'handed-over': '授受票（引渡し）',
  verified: '検証',
  returned: '返却票',
  erased: '消去確認',
  closed: '完了',
};
const leftTexts = { 'take-in': '取込', return: '返却票', erasure: '消去確認', incident: '事故の解消' } as const;

const refusals: Readonly<Record<string, string>> = {
  'not-confirmed': '双方の確認（担当者と書類の番号）を入力してください。',
  'not-delivered': 'まだ納品されていません。',
  'already-verified': '検証は済んでいます。',
  'verifier-entered': '補正を入力した職員は検証できません。別の職員が検証してください。',
  'count-differs': '枚数が発注と一致しません。',
  'no-such-element': '様式にない項目です。',
  'number-not-here': '個人番号は補正できません。委託先に再納品を求めてください。',
  'no-such-sheet': 'その帳票番号はありません。',
  'unreadable-value': '項目の形式に合わない内容です。',
  'done-before': 'すでに記録されています。',
  'not-finished': '残っている作業があります。',
  'no-sheets': '帳票の枚数を入力してください。',
  'no-such-contractor': '委託先の法人番号と名称を確かめてください。',
  'already-delivered': 'この発注はすでに納品されています。',
  'other-batch': '別の発注番号の帳票があります。委託先に再納品を求めてください。',
  'sheet-twice': '同じ帳票番号が二度あります。委託先に再納品を求めてください。',
  'sheet-missing': '戻っていない帳票があります。委託先に再納品を求めてください。',
  'sheet-unknown': '渡していない帳票番号があります。委託先に再納品を求めてください。',
};

/** 入力委託: paper returns go out by count and come back whole, keyed twice. */
export function registerKeyingPages(
  app: PageApp,
  deps: Deps,
  takeInNow: (actor: Actor, intakeId: string) => void,
): void {
  page(app, 'GET', '/keying', reading, async (p) => {
    const found = await readIntakes(deps, p.session.actor, {
      state: null,
      incomeYear: null,
      procedure: 'ward-return',
      ascending: false,
      limit: 50,
      offset: 0,
    });
    if (!found.ok) return p.problem('not-authorised');
    const { rows } = found.value;
    const mayUpdate = await p.may(updating);
    return p.view(
      { title: '住民税申告書の入力委託', gloss: 'Paper returns keyed by a contractor' },
      html`<div class="stack">${
        rows.length === 0
          ? html`<p class="muted">発注はありません。</p>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="発注の表"><table class="data-table"><caption class="visually-hidden">入力の発注</caption>
<thead><tr><th scope="col">発注番号</th><th scope="col">委託先</th><th scope="col">年分</th><th scope="col">枚数</th><th scope="col">状態</th></tr></thead><tbody>${rows.map(
              (r) =>
                html`<tr><th scope="row"><a href="/keying/${r.deliveryId}">${r.receptionNumber}</a></th><td>${r.payerName}</td><td>令和${r.incomeYear - 2018}年分</td><td class="num">${grouped(r.announced)}</td><td>${badge(...intakeStates[r.state])}</td></tr>`,
            )}</tbody></table></div>`
      }${
        mayUpdate &&
        html`<section aria-labelledby="order">${sectionTitle('発注する', 'New order', 'order')}${form({ action: '/keying', session: p.session, fields: orderFields, submit: '発注を記録する' })}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/keying', updating, async (p) => {
    const text = (name: string): string => `${p.form.get(name) ?? ''}`.trim();
    const ordered = await orderKeying(deps, p.session.actor, {
      incomeYear: /^20[0-9]{2}$/.test(text('incomeYear'))
        ? Number(text('incomeYear'))
        : deps.civilClock.today().year - 1,
      sheets: Number(text('sheets')),
      contractor: { corporateNumber: text('corporateNumber'), name: text('contractor') },
      takenBy: text('takenBy'),
    });
    if (!ordered.ok)
      return p.redirect('/keying', { kind: 'error', text: refusals[ordered.error] ?? '記録できませんでした。' });
    return p.redirect(`/keying/${ordered.value.deliveryId}`, {
      kind: 'done',
      text: `発注番号 ${ordered.value.batchNumber} を記録しました。`,
    });
  });

  page(app, 'GET', '/keying/:deliveryId', reading, async (p) => {
    const line = await lineOf(deps, p.session.actor, p.param('deliveryId'));
    if (line === undefined) return p.problem('not-found');
    const read = await readKeyedBatch(deps, p.session.actor, { deliveryId: line.deliveryId });
    if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.view(
      {
        title: `発注 ${line.receptionNumber}`,
        gloss: 'One order',
        breadcrumbs: [{ label: '住民税申告書の入力委託', href: '/keying' }],
      },
      batchView(p, line, read.value, await p.may(updating)),
    );
  });

  page(app, 'POST', '/keying/:deliveryId', updating, async (p) => {
    const deliveryId = p.param('deliveryId');
    const file = p.form.get('file');
    if (!isUuid(deliveryId)) return p.problem('not-found');
    if (!(file instanceof File) || file.size === 0)
      return p.redirect(`/keying/${deliveryId}`, { kind: 'error', text: 'ファイルを選んでください。' });
    const received = await receiveKeyedBatch(deps, p.session.actor, {
      deliveryId,
      file: new Uint8Array(await file.arrayBuffer()),
    });
    const back = `/keying/${deliveryId}`;
    if (!received.ok) return p.redirect(back, { kind: 'error', text: refusals[received.error] ?? '受け取れません。' });
    const delivered = received.value;
    if (delivered.outcome === 'refused')
      return p.redirect(back, {
        kind: 'error',
        text: `${refusals[delivered.fault] ?? `${refusalText(delivered.fault)}。委託先に再納品を求めてください。`}事故として記録しました。`,
      });
    return p.redirect(back, { kind: 'done', text: '納品を受け取りました。別の職員が検証すると取り込まれます。' });
  });

  for (const [name, act] of Object.entries(steps))
    page(app, 'POST', `/keying/:deliveryId/${name}`, updating, async (p) => {
      const deliveryId = p.param('deliveryId');
      if (!isUuid(deliveryId)) return p.problem('not-found');
      const done = await act(deps, p.session.actor, deliveryId, (field) => `${p.form.get(field) ?? ''}`.trim());
      const back = `/keying/${deliveryId}`;
      if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
      if (!done.ok) return p.redirect(back, { kind: 'error', text: refusals[done.error] ?? '記録できませんでした。' });
      if (done.value?.incidentId !== undefined)
        return p.redirect(back, { kind: 'error', text: '枚数が発注と一致しません。事故として記録しました。' });
      if (done.value?.intakeId !== undefined) takeInNow(p.session.actor, done.value.intakeId);
      return p.redirect(back, { kind: 'done', text: '記録しました。' });
    });
}

type Step = (
  deps: Deps,
  actor: Actor,
  deliveryId: string,
  text: (field: string) => string,
) => Promise<Result<{ readonly incidentId?: string; readonly intakeId?: string } | undefined, string>>;

const confirming =
  (step: 'returned' | 'erased'): Step =>
  (deps, actor, deliveryId, text) =>
    confirmKeying(deps, actor, {
      deliveryId,
      step,
      sheets: Number(text('sheets')),
      otherSide: text('otherSide'),
      evidence: text('evidence'),
    });

const steps: Readonly<Record<string, Step>> = {
  correct: (deps, actor, deliveryId, text) =>
    correctSheet(deps, actor, {
      deliveryId,
      sheetNumber: Number(text('sheetNumber')),
      element: text('element'),
      value: text('value'),
    }),
  verify: (deps, actor, deliveryId, text) => verifyBatch(deps, actor, { deliveryId, sheets: Number(text('sheets')) }),
  return: confirming('returned'),
  erase: confirming('erased'),
  close: (deps, actor, deliveryId) => closeBatch(deps, actor, { deliveryId }),
};

/** The batch's steps so far, its incidents and corrections, and a form for what comes next. */
function batchView(p: PageRequest, line: IntakeLine, batch: KeyedBatch, mayUpdate: boolean): Html {
  const done = (step: string): boolean => batch.steps.some((one) => one.step === step);
  const base = `/keying/${line.deliveryId}`;
  const part = (
    id: string,
    title: string,
    gloss: string,
    path: string,
    fields: readonly Field[],
    submit: string,
  ): Html =>
    html`<section aria-labelledby="${id}">${sectionTitle(title, gloss, id)}${form({ action: `${base}${path}`, session: p.session, fields, submit })}</section>`;
  const left = leftToDo(batch);
  return html`<div class="stack">${
    batch.intakeId === null &&
    html`<p>${line.payerName}に${grouped(line.announced)}枚を渡しています。納品まで、賦課の計算は始められません。</p>`
  }${batch.intakeId !== null && !done('verified') && notice('info', '検証を待っています', '補正を入力した職員とは別の職員が、紙と入力を比べて検証します。')}
${
  batch.takenIn && html`<p><a href="/intakes/${line.deliveryId}">取込の結果</a></p>`
}<section aria-labelledby="steps">${sectionTitle('経過', 'Steps', 'steps')}<ul>${batch.steps.map(
    (one) =>
      html`<li>${time(Temporal.PlainDate.from(one.doneOn))}　${stepTexts[one.step]}　${grouped(one.sheets)}枚　${one.doneBy}${one.otherSide !== null && `、${one.otherSide}`}${one.evidence !== null && `（${one.evidence}）`}</li>`,
  )}</ul>${
    batch.incidents.length > 0 &&
    notice(
      batch.incidents.some(({ resolution }) => resolution === null) ? 'error' : 'info',
      '事故の記録',
      html`<ul>${batch.incidents.map((one) => html`<li>${grouped(one.expected)}枚のところ${grouped(one.found)}枚　${one.resolution ?? '未解消'}</li>`)}</ul>`,
    )
  }${
    batch.corrections.length > 0 &&
    html`<ul>${batch.corrections.map((one) => html`<li>帳票${grouped(one.sheetNumber)}　<code>${one.element}</code>　${one.value}　${one.correctedBy}</li>`)}</ul>`
  }</section>${mayUpdate && batch.intakeId === null && part('deliver', '納品', 'Delivery', '', fileFields, '納品を受け取る')}${
    mayUpdate &&
    batch.intakeId !== null &&
    !done('verified') &&
    html`${part('correct', '紙の記載による補正', 'Corrections', '/correct', correctionFields, '補正を記録する')}${part('verify', '検証', 'Second person', '/verify', [countField], '紙と一致することを検証した')}`
  }${mayUpdate && batch.intakeId !== null && !done('returned') && part('return', '紙の返却', 'Return of the paper', '/return', confirmFields('返却票の番号'), '返却を記録する')}${
    mayUpdate &&
    batch.intakeId !== null &&
    !done('erased') &&
    part('erase', '委託先での消去', 'Erasure', '/erase', confirmFields('消去証明書の番号'), '消去の確認を記録する')
  }${
    mayUpdate &&
    !done('closed') &&
    (left.length === 0
      ? part('close', '完了', 'Closing', '/close', [], '完了する')
      : html`<p class="muted">完了までに残っているもの: ${left.map((one) => leftTexts[one]).join('、')}</p>`)
  }</div>`;
}

async function lineOf(deps: Deps, actor: Actor, deliveryId: string) {
  if (!isUuid(deliveryId)) return undefined;
  const query = {
    state: null,
    incomeYear: null,
    procedure: 'ward-return',
    deliveryId,
    ascending: false,
    limit: 1,
    offset: 0,
  };
  const found = await readIntakes(deps, actor, query);
  return found.ok ? found.value.rows[0] : undefined;
}
