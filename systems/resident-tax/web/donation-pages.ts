import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { openChannel, stateChannelCount, takeApplications } from '../service/donations/applications.ts';
import { donationApproval, donationRead, donationUpdate } from '../service/donations/functions.ts';
import {
  approveOneStopBatch,
  type Batch,
  type ChannelStanding,
  closeDonationYear,
  makeOneStopBatch,
  readDonationYear,
} from '../service/donations/notices.ts';

const refusals: Readonly<Record<string, string>> = {
  'already-approved': 'すでに承認されています。',
  'already-closed': 'この年はすでに完了しています。',
  'already-open': 'この受付経路はすでに登録されています。',
  'approver-is-maker': '作成した本人は承認できません。',
  closed: 'この年はすでに完了しています。',
  'no-channel': '受付経路が登録されていません。',
  'no-such-batch': '該当する通知がありません。',
  'no-such-channel': '受付経路が登録されていません。',
  'not-whole': 'ファイルに読み取れない申請があるか、申請がないため、全体を受け付けません。',
  'nothing-left': '通知していない申請はありません。',
  'run-incomplete': '完了できません。残っている項目を確かめてください。',
  'same-number-twice': '同じ受付番号の申請が二つあります。',
  'wrong-name': '経路の符号（半角英数字）と名称を入力してください。',
};
const refusalOf = (word: string): string => refusals[word] ?? '処理できませんでした。画面を開き直してください。';

const channelFields: readonly Field[] = [
  { kind: 'text', name: 'channel', label: '経路の符号（半角英数字）', maxLength: 20, width: 'short' },
  { kind: 'text', name: 'name', label: '名称', maxLength: 60 },
];
const countFields: readonly Field[] = [
  { kind: 'text', name: 'stated', label: '経路の側の件数', maxLength: 7, pattern: /^[0-9]{1,7}$/, width: 'short' },
];
const fileFields: readonly Field[] = [
  { kind: 'file', name: 'file', label: '申請のファイル（ST01）', accept: '.csv,.txt' },
];

/** 寄附金の申告特例: applications by channel, packages to the donors' municipalities, and what keeps the year open. */
export function donationPages(app: PageApp, deps: Deps): void {
  const yearOf = (text: string | null | undefined): number => {
    const year = Number(text);
    return Number.isInteger(year) && year >= 2015 && year <= 2100 ? year : deps.civilClock.today().year - 1;
  };
  const back = (year: number): string => `/donations?year=${year}`;

  page(app, 'GET', '/donations', donationRead, (p) => yearPage(p, yearOf(p.query.get('year'))));

  page(app, 'POST', '/donations/:year/channels', donationUpdate, async (p) => {
    const donationYear = yearOf(p.param('year'));
    const read = readForm(channelFields, p.form);
    if (!read.ok) return yearPage(p, donationYear, Object.values(read.error.errors));
    const { channel = '', name = '' } = read.value.texts;
    return after(
      p,
      donationYear,
      await openChannel(deps, p.session.actor, { donationYear, channel, name }),
      '受付経路を登録しました。',
    );
  });
  page(app, 'POST', '/donations/:year/channels/:channel/count', donationUpdate, async (p) => {
    const donationYear = yearOf(p.param('year'));
    const read = readForm(countFields, p.form);
    if (!read.ok) return yearPage(p, donationYear, Object.values(read.error.errors));
    const command = { donationYear, channel: p.param('channel'), stated: Number(read.value.texts.stated) };
    return after(p, donationYear, await stateChannelCount(deps, p.session.actor, command), '件数を記録しました。');
  });
  page(app, 'POST', '/donations/:year/channels/:channel/file', donationUpdate, async (p) => {
    const donationYear = yearOf(p.param('year'));
    const given = p.form.get('file');
    if (!(given instanceof File) || given.size === 0 || given.size > 20_000_000)
      return yearPage(p, donationYear, ['ファイルを選んでください（20MBまで）。']);
    const command = { donationYear, channel: p.param('channel'), file: new Uint8Array(await given.arrayBuffer()) };
    const taken = await takeApplications(deps, p.session.actor, command);
    const text = taken.ok
      ? `取り込みました（新しい申請 ${taken.value.added}件、取込済み ${taken.value.repeated}件）。`
      : '';
    return after(p, donationYear, taken, text);
  });
  page(app, 'POST', '/donations/:year/notices', donationUpdate, async (p) => {
    const donationYear = yearOf(p.param('year'));
    const made = await makeOneStopBatch(deps, p.session.actor, { donationYear });
    const text = made.ok
      ? `通知書を作りました（${made.value.packages}団体、${made.value.records}件）。承認を待ちます。`
      : '';
    return after(p, donationYear, made, text);
  });
  page(app, 'POST', '/donations/:year/notices/:batchId/approve', donationApproval, async (p) => {
    const batchId = p.param('batchId');
    if (!isUuid(batchId)) return p.problem('not-found');
    const done = await approveOneStopBatch(deps, p.session.actor, { batchId });
    return after(p, yearOf(p.param('year')), done, '承認しました。次の送信で送られます。');
  });
  page(app, 'POST', '/donations/:year/close', donationApproval, async (p) => {
    const donationYear = yearOf(p.param('year'));
    const done = await closeDonationYear(deps, p.session.actor, { donationYear });
    return after(p, donationYear, done, 'この年の通知を完了しました。');
  });

  function after(
    p: PageRequest,
    donationYear: number,
    done: { readonly ok: true } | { readonly ok: false; readonly error: string },
    text: string,
  ): Response | Promise<Response> {
    if (done.ok) return p.redirect(back(donationYear), { kind: 'done', text });
    return done.error === 'not-authorised'
      ? p.problem('not-authorised')
      : yearPage(p, donationYear, [refusalOf(done.error)]);
  }

  async function yearPage(p: PageRequest, year: number, faults: readonly string[] = []): Promise<Response> {
    const read = await readDonationYear(deps, p.session.actor, { donationYear: year });
    if (!read.ok) return p.problem('not-authorised');
    const s = read.value;
    const isOpen = s.closedOn === null;
    const mayUpdate = isOpen && (await p.may(donationUpdate));
    const mayApprove = isOpen && (await p.may(donationApproval));
    const button = (action: string, label: string): Html =>
      html`<form method="post" action="/donations/${year}/${action}">${tokenField(p.session)}<button class="button" type="submit">${label}</button></form>`;
    const points = html`<ul>${s.points.map((point) => html`<li>${point}</li>`)}</ul>`;
    const who = s.alarm === 'chief' ? '税務課長の確認が必要です' : '賦課担当の確認が必要です';
    return p.view(
      {
        title: `${year}年の寄附の申告特例通知`,
        gloss: 'One-stop notices of donations to the ward',
        ...(faults.length > 0 ? { hasErrors: true, status: 409 } : {}),
      },
      html`<div class="stack">${faults.map((fault) => notice('error', '処理できません', fault))}${s.alarm !== 'none' && notice(s.alarm === 'chief' ? 'error' : 'warning', `完了していません（1月31日まで）。${who}`, points)}${s.alarm === 'none' && isOpen && s.points.length > 0 && notice('info', '残っている項目', points)}${facts(
        [
          { label: '状態', value: isOpen ? badge('作業中', 'info') : badge('完了', 'done') },
          { label: '完了した日', value: s.closedOn === null ? null : time(Temporal.PlainDate.from(s.closedOn)) },
          { label: '送付先の団体', value: `送信済 ${s.sent} / ${s.destinations}（受領の確認 ${s.received}）` },
          {
            label: '申請',
            value: `${grouped(s.applications)}件（通知済 ${grouped(s.told)}、無効 ${grouped(s.voided)}）`,
          },
        ],
      )}<h2>受付経路</h2>${channelTable(s.channels)}${mayUpdate && s.channels.map((c) => html`<details><summary>${c.name}の取込と件数</summary>${form({ action: `/donations/${year}/channels/${c.channel}/file`, session: p.session, fields: fileFields, submit: '取り込む' })}${form({ action: `/donations/${year}/channels/${c.channel}/count`, session: p.session, fields: countFields, submit: '件数を記録する' })}</details>`)}${mayUpdate && html`<details><summary>受付経路を加える</summary>${form({ action: `/donations/${year}/channels`, session: p.session, fields: channelFields, submit: '加える' })}</details>`}<h2>通知書</h2>${batchTable(s.batches, (b) => (mayApprove && b.approvedBy === null ? button(`notices/${b.batchId}/approve`, '送付を承認する') : ''))}${mayUpdate && button('notices', '通知していない申請の通知書を作る')}${mayApprove && button('close', 'この年の通知を完了する')}</div>`,
    );
  }
}

function channelTable(channels: readonly ChannelStanding[]): Html {
  if (channels.length === 0) return html`<p class="muted">受付経路が登録されていません。</p>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="受付経路の表"><table class="data-table"><caption class="visually-hidden">受付経路</caption>
<thead><tr><th scope="col">経路</th><th scope="col" class="num">経路の側の件数</th><th scope="col" class="num">取込</th><th scope="col" class="num">無効</th><th scope="col">状態</th></tr></thead>
<tbody>${channels.map((c) => html`<tr><th scope="row">${c.name}</th><td class="num">${c.stated === null ? '未入力' : grouped(c.stated)}</td><td class="num">${grouped(c.taken)}</td><td class="num">${grouped(c.voided)}</td><td>${c.stated === c.taken ? badge('一致', 'done') : badge('不一致', 'error')}</td></tr>`)}</tbody></table></div>`;
}

function batchTable(batches: readonly Batch[], actionOf: (batch: Batch) => Html | string): Html {
  if (batches.length === 0) return html`<p class="muted">作成した通知書はありません。</p>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="通知書の表"><table class="data-table"><caption class="visually-hidden">通知書</caption>
<thead><tr><th scope="col">作成日</th><th scope="col" class="num">団体</th><th scope="col" class="num">件数</th><th scope="col">作成</th><th scope="col">承認</th><th scope="col">操作</th></tr></thead>
<tbody>${batches.map((b) => html`<tr><th scope="row">${time(Temporal.PlainDate.from(b.madeOn))}</th><td class="num">${grouped(b.packages)}</td><td class="num">${grouped(b.records)}</td><td>${b.madeBy}</td><td>${b.approvedBy ?? '―'}</td><td>${actionOf(b)}</td></tr>`)}</tbody></table></div>`;
}
