import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { StoreDeps } from '../deps.ts';
import {
  degradedRead,
  degradedSwitch,
  degradedUpdate,
  type IssueDegraded,
  issueDegraded,
  openDegraded,
  readDegraded,
  switchDegraded,
} from '../service/degraded.ts';

const refusals: Record<string, string> = {
  'no-reason': '理由を入力してください',
  'already-so': 'すでにその状態です',
  'tax-system-answers': '個人住民税システムが応答しています。縮退運用は始められません',
  'not-degraded': '縮退運用中ではありません',
  'no-record': '証明書情報がありません',
  restricted: '交付できません。支援措置担当又は税務課へ引き継いでください',
  'wrong-copies': '部数は1から10までです',
  'unprintable-character': '印字できない文字があるため作成できません',
  'not-authorised': 'この操作の権限がありません',
};
const textOf = (word: string): string => refusals[word] ?? `処理できませんでした（${word}）`;
const documentNoPattern = /^KD-[0-9]{4}-[0-9]{8}$/;

const switchFields: readonly Field[] = [{ kind: 'text', name: 'reason', label: '理由', maxLength: 200 }];
const issueFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'addressee',
    label: '宛名番号',
    pattern: /^[0-9]{1,15}$/,
    patternFault: '数字で入力してください',
  },
  {
    kind: 'text',
    name: 'year',
    label: '年度（西暦）',
    pattern: /^20[0-9]{2}$/,
    patternFault: '4桁で入力してください',
    width: 'short',
  },
  {
    kind: 'text',
    name: 'copies',
    label: '部数',
    pattern: /^(?:[1-9]|10)$/,
    patternFault: '1から10まで',
    width: 'short',
  },
  {
    kind: 'select',
    name: 'identified',
    label: '本人確認',
    options: [
      { value: 'individual-number-card', label: '個人番号カード' },
      { value: 'licence', label: '運転免許証' },
      { value: 'passport', label: '旅券' },
      { value: 'two-documents', label: '書類2点' },
    ],
  },
];

/** 縮退運用: what a counter can still do while the tax system stands still. */
export function degradedPages(app: PageApp, deps: StoreDeps): void {
  page(app, 'GET', '/degraded', degradedRead, async (p) => {
    const read = await readDegraded(deps, p.session.actor, undefined);
    if (!read.ok) return p.problem('not-authorised');
    const { now, issues } = read.value;
    const isOn = now?.on === true;
    return p.view(
      { title: '縮退運用', gloss: 'Degraded operation' },
      html`<div class="stack">${
        isOn
          ? notice('warning', '縮退運用中です', now.reason)
          : notice('info', '通常運用中です', '個人住民税システムが応答しないときに限り、始められます。')
      }${
        (await p.may(degradedSwitch)) &&
        html`<section aria-labelledby="switch">${sectionTitle(isOn ? '縮退運用を終える' : '縮退運用を始める', 'Switch', 'switch')}${form(
          {
            action: '/degraded/switch',
            session: p.session,
            fields: switchFields,
            hidden: { on: isOn ? 'no' : 'yes' },
            submit: isOn ? '終える' : '始める',
          },
        )}</section>`
      }${
        isOn &&
        (await p.may(degradedUpdate)) &&
        html`<section aria-labelledby="issue">${sectionTitle('証明書を交付する', 'Issue', 'issue')}<p>最後に受領した記録から作ります。住所は省略し、縮退運用中の発行であることを印字します。</p>${form(
          {
            action: '/degraded/issues',
            session: p.session,
            fields: issueFields,
            values: { copies: '1', year: `${deps.civilClock.today().year}` },
            hidden: { issue: deps.newId() },
            submit: '作る',
          },
        )}</section>`
      }<div class="table-scroll" tabindex="0" role="region" aria-label="縮退運用中の発行の表"><table class="data-table"><caption>縮退運用中の発行 ${issues.length}件</caption><thead><tr><th scope="col">発行番号</th><th scope="col" class="num">部数</th><th scope="col" class="num">手数料</th><th scope="col">職員</th><th scope="col">日時</th></tr></thead><tbody>${issues.map(
        (issue) =>
          html`<tr><th scope="row"><a href="/degraded/issues/${issue.documentNo}">${issue.documentNo}</a></th><td class="num">${issue.copies}</td><td class="num">${yenText(issue.feeYen)}</td><td>${issue.issuedBy}</td><td>${time(Temporal.Instant.from(issue.issuedAt))}</td></tr>`,
      )}</tbody></table></div></div>`,
    );
  });

  page(app, 'POST', '/degraded/switch', degradedSwitch, async (p) => {
    const on = p.form.get('on') === 'yes';
    const done = await switchDegraded(deps, p.session.actor, { on, reason: `${p.form.get('reason') ?? ''}` });
    return p.redirect(
      '/degraded',
      done.ok
        ? { kind: 'done', text: on ? '縮退運用を始めました。' : '縮退運用を終えました。' }
        : { kind: 'error', text: textOf(done.error) },
    );
  });

  page(app, 'POST', '/degraded/issues', degradedUpdate, async (p) => {
    const read = readForm(issueFields, p.form);
    const issueId = `${p.form.get('issue') ?? ''}`;
    if (!isUuid(issueId)) return p.problem('not-found');
    if (!read.ok)
      return p.redirect('/degraded', {
        kind: 'error',
        text: Object.values(read.error.errors)[0] ?? '入力を確かめてください',
      });
    const { texts } = read.value;
    const done = await issueDegraded(deps, p.session.actor, {
      issueId,
      addresseeNumber: texts.addressee ?? '',
      fiscalYear: Number(texts.year),
      copies: Number(texts.copies),
      identifiedBy: texts.identified as IssueDegraded['identifiedBy'],
    });
    if (!done.ok) return p.redirect('/degraded', { kind: 'error', text: textOf(done.error) });
    return p.redirect('/degraded', {
      kind: 'done',
      text: `${done.value.documentNo}を作りました。手数料は${yenText(done.value.feeYen)}です。`,
    });
  });

  page(app, 'GET', '/degraded/issues/:no', degradedUpdate, async (p) => {
    const documentNo = p.param('no');
    if (!documentNoPattern.test(documentNo)) return p.problem('not-found');
    const opened = await openDegraded(deps, p.session.actor, { documentNo });
    if (!opened.ok) return p.problem(opened.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.file(opened.value.pdf, { type: 'application/pdf', name: `${documentNo}.pdf`, inline: true });
  });
}
