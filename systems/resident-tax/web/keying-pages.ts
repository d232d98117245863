import type { Actor } from '@musubi/kernel/db/act.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { orderKeying, receiveKeyedBatch } from '../service/intake/keyed-batches.ts';
import { readIntakes } from '../service/intake/read-intakes.ts';
import { intakeStates, refusalText } from './intake-texts.ts';

const reading = ['resident-tax', 'intake', 'read'] as const;
const updating = ['resident-tax', 'intake', 'update'] as const;
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

const orderFields: readonly Field[] = [
  { kind: 'text', name: 'incomeYear', label: '年分（西暦）', maxLength: 4, pattern: /^20[0-9]{2}$/, width: 'short' },
  { kind: 'text', name: 'sheets', label: '渡した帳票の枚数', maxLength: 6, pattern: /^[0-9]{1,6}$/, width: 'short' },
  { kind: 'text', name: 'corporateNumber', label: '委託先の法人番号', maxLength: 13, pattern: /^[0-9]{13}$/ },
  { kind: 'text', name: 'contractor', label: '委託先の名称', maxLength: 60 },
];
const fileFields: readonly Field[] = [
  { kind: 'file', name: 'file', label: '納品された入力データ（WR01）', accept: '.csv' },
];

const refusals: Readonly<Record<string, string>> = {
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
    if (line.intakeId !== null)
      return p.redirect(`/intakes/${line.deliveryId}`, { kind: 'done', text: '納品済みです。' });
    return p.view(
      {
        title: `発注 ${line.receptionNumber}`,
        gloss: 'One order',
        breadcrumbs: [{ label: '住民税申告書の入力委託', href: '/keying' }],
      },
      html`<div class="stack"><p>${line.payerName}に${grouped(line.announced)}枚を渡しています。納品まで、賦課の計算は始められません。</p>${
        (await p.may(updating)) &&
        form({ action: `/keying/${line.deliveryId}`, session: p.session, fields: fileFields, submit: '納品を受け取る' })
      }</div>`,
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
    if (!received.ok)
      return p.redirect(`/keying/${deliveryId}`, {
        kind: 'error',
        text: refusals[received.error] ?? `${refusalText(received.error)}。委託先に再納品を求めてください。`,
      });
    takeInNow(p.session.actor, received.value.intakeId);
    return p.redirect(`/intakes/${deliveryId}`, { kind: 'done', text: '納品を受け取りました。取込を始めます。' });
  });
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
