import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  type EndingView,
  endHolding,
  type HoldKind,
  holdCharge,
  listEndingClaims,
  type StopGround,
  type WriteOffCause,
  writeOff,
} from '../service/office/arrears.ts';
import { readAccount } from '../service/office/read-accounts.ts';
import { liftSeizure, noteHeirs, noteRenewal } from '../service/office/succession.ts';
import { readStopNotices, type StopNotice } from '../service/papers/stop-notice.ts';
import { day } from './accounts.ts';
import { faultText } from './words.ts';

const read = ['collections', 'account', 'read'] as const;
const update = ['collections', 'arrears', 'update'] as const;
const off = ['collections', 'write-off', 'update'] as const;

const holdWords: Readonly<Record<HoldKind, string>> = {
  deferral: '徴収の猶予・換価の猶予',
  'execution-stopped': '滞納処分の執行停止',
  'instalment-agreement': '分割納付の誓約',
  dispute: '審査請求・訴訟',
};
const groundWords: Readonly<Record<StopGround, string>> = {
  'no-property': '第1号 滞納処分をすることができる財産がない',
  livelihood: '第2号 生活を著しく窮迫させるおそれがある',
  whereabouts: '第3号 所在及び財産がともに不明',
};
/** 地方税法 第15条の7第2項, 第15条の8第2項: both are told to the payer. */
const noticeWords: readonly { readonly notice: StopNotice; readonly label: string }[] = [
  { notice: 'stop', label: '執行停止通知書' },
  { notice: 'end', label: '執行停止取消通知書' },
];
const renewalWords = { seizure: '差押え', 'demand-for-delivery': '交付要求', acknowledgement: '債務の承認' } as const;
const causeWords: Readonly<Record<WriteOffCause, string>> = {
  prescription: '消滅時効の完成',
  'execution-stopped-three-years': '執行停止から3年',
  'extinguished-at-once': '執行停止と同時の消滅',
};
const options = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));
const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);

const holdFields: readonly Field[] = [
  { kind: 'select', name: 'kind', label: '種類', options: options(holdWords) },
  { kind: 'date', name: 'fromOn', label: '開始日' },
  { kind: 'date', name: 'untilOn', label: '終了日', hint: '定めがないときは空欄', required: false },
  {
    kind: 'text',
    name: 'months',
    label: '分割の回数',
    hint: '分割納付のとき（1〜24）',
    width: 'short',
    required: false,
  },
  {
    kind: 'select',
    name: 'ground',
    label: '執行停止の根拠',
    hint: '執行停止のとき（地方税法第15条の7第1項）',
    options: options(groundWords),
    required: false,
  },
  { kind: 'lines', name: 'reason', label: '理由', maxLength: 500, rows: 2 },
];
const renewalFields: readonly Field[] = [
  { kind: 'select', name: 'renewal', label: '種類', options: options(renewalWords) },
  { kind: 'date', name: 'onDay', label: '日' },
  { kind: 'lines', name: 'evidence', label: '根拠資料', maxLength: 500, rows: 2 },
];
const heirFields: readonly Field[] = [
  { kind: 'date', name: 'diedOn', label: '死亡日' },
  {
    kind: 'lines',
    name: 'heirs',
    label: '相続人',
    hint: '1行に1人: 氏名、郵便番号7桁、住所、相続分（1/2など）を読点「、」で区切る',
    maxLength: 3_000,
    rows: 4,
  },
  {
    kind: 'select',
    name: 'receiver',
    label: '書類の送付先',
    options: [
      { value: 'first', label: '代表者（最初の行の相続人）' },
      { value: 'each', label: '相続人ごと（相続分の額）' },
    ],
  },
  { kind: 'lines', name: 'heirEvidence', label: '根拠資料', hint: '戸籍、遺産分割協議書など', maxLength: 500, rows: 2 },
];
const whyField = (holdId: string): string => `why-${holdId}`;
const offFields: readonly Field[] = [{ kind: 'select', name: 'cause', label: '事由', options: options(causeWords) }];

/** At which question of a hold a refusal stands. */
const fieldOfFault: Readonly<Record<string, string>> = {
  'reason-missing': 'reason',
  'ground-missing': 'ground',
  'no-end-of-stop': 'untilOn',
  'ends-before': 'untilOn',
};

type Errors = Readonly<Record<string, string>>;

const ending: WorkListDefinition<EndingView['rows'][number]> = {
  caption: '消滅する徴収金',
  defaultSort: { key: 'due', direction: 'asc' },
  emptyText: '消滅する徴収金はありません。',
  columns: [
    {
      key: 'person',
      label: '宛名番号',
      heading: true,
      cell: (r) => html`<a href="/accounts/${r.chargeId}/arrears">${r.personNumber}</a>`,
    },
    { key: 'year', label: '年度・期', cell: (r) => `${r.fiscalYear}年度 ${r.instalment}` },
    { key: 'due', label: '法定納期限', cell: (r) => day(r.legalDueOn) },
    { key: 'open', label: '未納額', align: 'end', cell: (r) => yenText(r.openYen) },
    { key: 'stop', label: '執行停止から3年', cell: (r) => (r.stopEndsOn === null ? '' : day(r.stopEndsOn)) },
    { key: 'last', label: '時効の最後の日', cell: (r) => day(r.prescribesOn) },
  ],
};

/** 滞納整理 of one charge: holds, what renewed its time, the heirs of its payer, its end. */
export function arrearsPages(app: PageApp, deps: Deps): void {
  const of = (p: PageRequest, name: string): string => String(p.form.get(name) ?? '').trim();
  const to = (p: PageRequest): string => `/accounts/${p.param('id')}/arrears`;
  page(app, 'GET', '/ending-claims', ['collections', 'write-off', 'read'], async (p) => {
    const query = readListQuery(ending, p.query);
    const found = await listEndingClaims(deps, p.session.actor, {
      withinDays: 90,
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '消滅する徴収金', gloss: 'Claims that end', personal: true },
      html`<div class="stack"><p>90日以内に執行停止から3年となるもの、又は法定納期限から5年となるもの。時効の更新・停止を数えた最後の日を確かめ、滞納整理の画面で不納欠損を決定します。</p>${workList(ending, { path: '/ending-claims', query, ...found.value })}</div>`,
    );
  });
  page(app, 'GET', '/accounts/:id/arrears', read, (p) => show(p, deps));
  page(app, 'POST', '/accounts/:id/holds', update, async (p) => {
    const chargeId = p.param('id');
    if (!isUuid(chargeId)) return p.problem('not-found');
    const [kind, fromOn, untilOn, months] = [of(p, 'kind'), of(p, 'fromOn'), of(p, 'untilOn'), Number(of(p, 'months'))];
    if (!Object.hasOwn(holdWords, kind)) return show(p, deps, { kind: '種類を選んでください' });
    if (!isDay(fromOn)) return show(p, deps, { fromOn: '開始日を入力してください' });
    if (untilOn !== '' && !isDay(untilOn)) return show(p, deps, { untilOn: '終了日の形式が正しくありません' });
    if (kind === 'instalment-agreement' && !(Number.isInteger(months) && months >= 1 && months <= 24))
      return show(p, deps, { months: '1から24までの回数を入力してください' });
    const done = await holdCharge(deps, p.session.actor, {
      chargeId,
      kind: kind as HoldKind,
      fromOn,
      untilOn: untilOn === '' ? null : untilOn,
      reason: of(p, 'reason'),
      ...(kind === 'instalment-agreement' ? { months } : {}),
      ...(Object.hasOwn(groundWords, of(p, 'ground')) ? { ground: of(p, 'ground') as StopGround } : {}),
    });
    if (!done.ok) return show(p, deps, { [fieldOfFault[done.error] ?? 'kind']: faultText(done.error) });
    return p.redirect(to(p), { kind: 'done', text: `${holdWords[kind as HoldKind]}を記録しました。` });
  });
  page(app, 'POST', '/accounts/:id/holds/:hold/end', update, async (p) => {
    // The payer is told why a stop was taken back; another hold ends without saying more.
    const why = whyField(p.param('hold'));
    const asked = p.form.has(why);
    if (asked && of(p, why) === '') return show(p, deps, { [why]: '取消しの理由を入力してください' });
    const done = await endHolding(deps, p.session.actor, {
      holdId: p.param('hold'),
      reason: asked ? of(p, why) : '終了',
    });
    return p.redirect(
      to(p),
      done.ok ? { kind: 'done', text: '終了を記録しました。' } : { kind: 'error', text: faultText(done.error) },
    );
  });
  page(app, 'POST', '/accounts/:id/renewals', update, async (p) => {
    const chargeId = p.param('id');
    const kind = of(p, 'renewal');
    if (!isUuid(chargeId)) return p.problem('not-found');
    if (!Object.hasOwn(renewalWords, kind)) return show(p, deps, { renewal: '種類を選んでください' });
    if (!isDay(of(p, 'onDay'))) return show(p, deps, { onDay: '日を入力してください' });
    const done = await noteRenewal(deps, p.session.actor, {
      chargeId,
      kind: kind as keyof typeof renewalWords,
      onDay: of(p, 'onDay'),
      evidence: of(p, 'evidence'),
    });
    if (!done.ok)
      return show(p, deps, { [done.error === 'evidence-missing' ? 'evidence' : 'onDay']: faultText(done.error) });
    return p.redirect(to(p), {
      kind: 'done',
      text: `${renewalWords[kind as keyof typeof renewalWords]}を記録しました。`,
    });
  });
  page(app, 'POST', '/accounts/:id/renewals/:renewal/end', update, async (p) => {
    const done = await liftSeizure(deps, p.session.actor, { renewalId: p.param('renewal'), reason: '差押解除' });
    return p.redirect(
      to(p),
      done.ok ? { kind: 'done', text: '差押えの解除を記録しました。' } : { kind: 'error', text: faultText(done.error) },
    );
  });
  page(app, 'POST', '/accounts/:id/heirs', update, async (p) => {
    const account = await readAccount(deps, p.session.actor, { chargeId: p.param('id') });
    if (!account.ok) return p.problem('not-found');
    if (!isDay(of(p, 'diedOn'))) return show(p, deps, { diedOn: '死亡日を入力してください' });
    const heirs = of(p, 'heirs')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line, i) => heirOf(line, i === 0 && of(p, 'receiver') !== 'each'));
    if (heirs.length === 0 || heirs.some((h) => h === undefined))
      return show(p, deps, { heirs: '氏名、郵便番号、住所、相続分を読点で区切って入力してください' });
    const done = await noteHeirs(deps, p.session.actor, {
      personNumber: account.value.payer.personNumber,
      diedOn: of(p, 'diedOn'),
      evidence: of(p, 'heirEvidence'),
      heirs: heirs.map((h) => h!),
    });
    if (!done.ok)
      return show(p, deps, { [done.error === 'evidence-missing' ? 'heirEvidence' : 'heirs']: faultText(done.error) });
    const receiver = heirs.some((h) => h!.receives)
      ? '以後の書類は代表者に送ります'
      : '督促状は相続分の額で相続人ごとに送ります';
    return p.redirect(to(p), { kind: 'done', text: `相続人を記録しました。${receiver}。` });
  });
  page(app, 'POST', '/accounts/:id/write-off', off, async (p) => {
    const cause = of(p, 'cause');
    if (!Object.hasOwn(causeWords, cause)) return show(p, deps, { cause: '事由を選んでください' });
    const done = await writeOff(deps, p.session.actor, { chargeId: p.param('id'), cause: cause as WriteOffCause });
    return done.ok
      ? p.redirect(to(p), { kind: 'done', text: `${yenText(done.value.yen)}を不納欠損としました。` })
      : show(p, deps, { cause: faultText(done.error) });
  });
}

function heirOf(line: string, receives: boolean) {
  const [name, postalCode, address, share] = line.split('、').map((part) => part.trim());
  const parts = /^([0-9]{1,4})\/([0-9]{1,4})$/.exec(share ?? '');
  if (!name || !address || parts === null || !/^[0-9]{7}$/.test(postalCode ?? '')) return undefined;
  const [numerator, denominator] = [Number(parts[1]), Number(parts[2])];
  return numerator < 1 || denominator < numerator
    ? undefined
    : { name, postalCode: postalCode!, address, numerator, denominator, receives };
}

async function show(p: PageRequest, deps: Deps, errors?: Errors): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const found = await readAccount(deps, p.session.actor, { chargeId: id });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const view = found.value;
  const charge = view.charges.find((c) => c.chargeId === id);
  if (charge === undefined) return p.problem('not-found');
  const may = await p.may(update);
  const values = Object.fromEntries([...p.form.entries()].map(([k, v]) => [k, String(v)]));
  const given = { session: p.session, values, ...(errors ? { errors } : {}) };
  const holds = view.holds.filter((h) => h.chargeId === id);
  const stops = holds.filter((h) => h.kind === 'execution-stopped');
  const told =
    stops.length === 0
      ? undefined
      : await readStopNotices(deps, p.session.actor, { holdIds: stops.map((h) => h.holdId) });
  if (told?.ok === false) return p.problem('not-authorised');
  const noticesOf = (h: (typeof holds)[number]) =>
    h.kind === 'execution-stopped' &&
    noticeWords
      .filter(({ notice }) => notice === 'stop' || h.endedOn !== null)
      .map(
        ({ notice, label }) =>
          html` ${may && html`<a href="/accounts/${id}/holds/${h.holdId}/notices/${notice}">${label}（PDF）</a>`} ${told?.value[h.holdId]?.includes(notice) ? badge('作成済み', 'plain') : badge(`${label}を送っていません`, 'warning')}`,
      );
  const renewals = view.renewals.filter((r) => r.chargeId === id);
  const end = (action: string, label: string) =>
    may &&
    html`<form method="post" action="${action}">${tokenField(p.session)}<button class="button" type="submit">${label}</button></form>`;
  const endOf = (h: (typeof holds)[number]) => {
    const action = `/accounts/${id}/holds/${h.holdId}/end`;
    if (h.kind !== 'execution-stopped') return end(action, '終了を記録する');
    const why = { kind: 'text', name: whyField(h.holdId), label: '取消しの理由' } as const;
    return may && form({ ...given, action, fields: [why], submit: '執行停止を取り消す' });
  };
  const last = view.prescribesOn[id];
  return p.view(
    {
      title: `滞納整理 ${view.payer.name}`,
      gloss: 'Arrears',
      personal: true,
      breadcrumbs: [{ label: '収納状況', href: `/accounts/${id}` }],
      ...(errors ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${facts([
      { label: '年度・期', value: `令和${charge.fiscalYear - 2018}年度 ${charge.instalment}期` },
      { label: '未納の税', value: yenText(charge.openTaxYen) },
      { label: '督促手数料・延滞金', value: yenText(charge.feeYen + charge.interestYen) },
      { label: '時効の完成', value: last === undefined ? '未納額なし' : html`${day(last)}の終了をもって` },
    ])}
<section aria-labelledby="holds">${sectionTitle('猶予・停止・分納', 'Holds', 'holds')}${
      holds.length === 0
        ? html`<p class="muted">記録はありません。</p>`
        : html`<ul>${holds.map((h) => html`<li>${holdWords[h.kind as HoldKind]} ${day(h.fromOn)}から${h.untilOn !== null && html`${day(h.untilOn)}まで`} ${h.reason} ${h.endedOn === null ? endOf(h) : badge('終了', 'plain')}${noticesOf(h)}</li>`)}</ul>`
    }${may && form({ ...given, action: `/accounts/${id}/holds`, fields: holdFields, submit: '猶予・停止・分納を記録する' })}</section>
<section aria-labelledby="renewals">${sectionTitle('時効の更新', 'Renewals', 'renewals')}${
      renewals.length === 0
        ? html`<p class="muted">差押え・交付要求・承認の記録はありません。</p>`
        : html`<ul>${renewals.map((r) => html`<li>${renewalWords[r.kind]} ${day(r.onDay)} ${r.evidence} ${r.kind === 'seizure' && (r.endedOn === null ? end(`/accounts/${id}/renewals/${r.renewalId}/end`, '解除を記録する') : badge('解除', 'plain'))}</li>`)}</ul>`
    }${may && form({ ...given, action: `/accounts/${id}/renewals`, fields: renewalFields, submit: '時効の更新を記録する' })}</section>
<section aria-labelledby="s-heirs">${sectionTitle('相続人', 'Heirs', 's-heirs')}${
      view.succession !== undefined
        ? html`<p>${day(view.succession.diedOn)} 死亡</p><ul>${view.succession.heirs.map((h) => html`<li>${h.name}（${h.numerator}/${h.denominator}）${h.receives && badge('代表者', 'info')} ${h.address}</li>`)}</ul>`
        : may
          ? form({ ...given, action: `/accounts/${id}/heirs`, fields: heirFields, submit: '相続人を記録する' })
          : html`<p class="muted">記録はありません。</p>`
    }</section>
${(await p.may(off)) && html`<section aria-labelledby="off">${sectionTitle('不納欠損', 'Write-off', 'off')}${notice('warning', '記録すると、この期別の未納額はなくなります。')}${form({ ...given, action: `/accounts/${id}/write-off`, fields: offFields, submit: '不納欠損とする' })}</section>`}</div>`,
  );
}
