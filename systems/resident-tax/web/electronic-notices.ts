import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { noticeRead, noticeRelease, noticeUpdate } from '../service/assessment/functions.ts';
import { readServiceDay } from '../service/notices/service-days.ts';
import {
  type ElectronicDeps,
  type ElectronicNotice,
  givePassword,
  lastStep,
  lookAtElectronicNotices,
  orderRecall,
  type PersonOfNotice,
  readElectronicNotice,
  recallOne,
  releaseNotices,
} from '../service/special-notices/electronic.ts';
import type { ListedSpecialNotice } from '../service/special-notices/special-notices.ts';
import { refusalText } from './assessment-words.ts';
import { noteService, serviceForm, serviceText } from './service-days.ts';

const partWords = { payer: '義務者用', employees: '納税義務者用' } as const;
const stepWords = {
  released: '送信待ち',
  sent: '送信済み',
  refused: '送信できません',
  'recall-ordered': '配信停止の手続中',
  recalled: '配信停止',
} as const;
const refusedWords: Record<string, string> = {
  'protected-meanwhile': '作成後に支援措置の対象となった人の住所が載っています',
  'no-such-payer': '事業所がポータルの利用者として登録されていません',
};

/** In the list of notices. */
export function deliveryWords(delivery: ListedSpecialNotice['delivery']): string {
  if (delivery === null) return '承認待ち';
  if (delivery.step !== 'sent') return stepWords[delivery.step as keyof typeof stepWords];
  if (delivery.fetched === 0) return '未受領';
  return delivery.fetched < delivery.parts ? '一部受領' : '受領済み';
}
export const deliveryHref = ({ noticeId, orderId, delivery }: ListedSpecialNotice): string =>
  delivery === null ? `/special-notice-runs/${orderId}/release` : `/special-notices/${noticeId}`;

const recallFields: readonly Field[] = [
  { kind: 'text', name: 'reason', label: '配信を停止する理由', maxLength: 200, width: 'full' },
];
const passwordFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'row',
    label: '番号（表の左端）',
    maxLength: 5,
    width: 'short',
    pattern: /^[1-9][0-9]{0,4}$/,
    patternFault: '表の番号を入力してください',
  },
  // A name of its own: the form of the day of service stands on the same page.
  { kind: 'text', name: 'identity', label: '本人を確認した書類', maxLength: 200, width: 'full' },
];
const breadcrumbs = [{ label: '特別徴収税額通知', href: '/special-notices' }];

/** 電子交付: letting notices of a run go, the way of each, 配信停止, and passwords at the counter. */
export function registerDeliveryPages(app: PageApp, deps: ElectronicDeps): void {
  page(app, 'GET', '/special-notice-runs/:id/release', noticeRead, async (p) => {
    const orderId = p.param('id');
    if (!isUuid(orderId)) return p.problem('not-found');
    const found = await lookAtElectronicNotices(deps, p.session.actor, { orderId });
    if (!found.ok) return p.problem('not-authorised');
    const waiting = found.value.filter(({ steps }) => steps.length === 0);
    const going = waiting.filter(({ payerNumber }) => payerNumber !== null);
    return p.view(
      { title: '電子交付の承認', gloss: 'Let notices go to payers', breadcrumbs },
      html`<div class="stack"><p>承認した通知は、事業所の法人番号のあて先だけが開けるように暗号化して、地方税ポータルシステムから交付します。作成を指示した職員は承認できません。</p>${
        waiting.length === 0
          ? html`<p class="empty">承認を待つ通知はありません。</p>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="電子交付を待つ通知の表"><table class="data-table"><caption>電子交付を待つ通知 ${grouped(waiting.length)}件、人員 ${grouped(waiting.reduce((all, { persons }) => all + persons, 0))}人</caption><thead><tr><th scope="col">特別徴収義務者</th><th scope="col">法人番号</th><th scope="col" class="num">連番</th><th scope="col" class="num">人員</th><th scope="col" class="num">電子で受け取る人</th><th scope="col" class="num">書面の人</th></tr></thead><tbody>${waiting.map(
              (one) =>
                html`<tr><th scope="row">${one.collectorName}</th><td>${one.payerNumber === null ? '登録なし（書面で送付）' : html`<code>${one.payerNumber}</code>`}</td><td class="num">${one.sequenceNo}</td><td class="num">${grouped(one.persons)}</td><td class="num">${grouped(one.files ?? 0)}</td><td class="num">${grouped(one.persons - (one.files ?? 0))}</td></tr>`,
            )}</tbody></table></div>`
      }${
        going.length > 0 &&
        (await p.may(noticeRelease)) &&
        form({
          action: `/special-notice-runs/${orderId}/release`,
          session: p.session,
          fields: [],
          submit: `${going.length}件の電子交付を承認する`,
        })
      }</div>`,
    );
  });

  page(app, 'POST', '/special-notice-runs/:id/release', noticeRelease, async (p) => {
    const orderId = p.param('id');
    if (!isUuid(orderId)) return p.problem('not-found');
    const done = await releaseNotices(deps, p.session.actor, { orderId });
    return p.redirect(
      done.ok ? '/special-notices' : `/special-notice-runs/${orderId}/release`,
      done.ok
        ? { kind: 'done', text: `${done.value.released}件の電子交付を承認しました。` }
        : { kind: 'error', text: refusalText(done.error) },
    );
  });

  page(app, 'GET', '/special-notices/:id', noticeRead, (p) => noticePage(p));

  page(app, 'POST', '/special-notices/:id/service', noticeUpdate, async (p) => {
    const noticeId = p.param('id');
    if (!isUuid(noticeId)) return p.problem('not-found');
    return noteService(p, deps, { noticeId }, `/special-notices/${noticeId}`);
  });

  page(app, 'POST', '/special-notices/:id/recall', noticeUpdate, async (p) => {
    const noticeId = p.param('id');
    if (!isUuid(noticeId)) return p.problem('not-found');
    const read = readForm(recallFields, p.form);
    if (!read.ok) return noticePage(p, { recall: read.error.errors });
    const reason = read.value.texts.reason ?? '';
    const ordered = await orderRecall(deps, p.session.actor, { noticeId, reason });
    if (!ordered.ok) {
      if (ordered.error === 'no-such-notice') return p.problem('not-found');
      return p.redirect(`/special-notices/${noticeId}`, { kind: 'error', text: refusalText(ordered.error) });
    }
    const told = await recallOne(deps, noticeId);
    return p.redirect(
      `/special-notices/${noticeId}`,
      told.ok
        ? { kind: 'done', text: '配信を停止しました。受領の有無は下に記録しています。' }
        : { kind: 'error', text: 'ポータルが応答しません。配信停止は、応答があるまで自動で繰り返します。' },
    );
  });

  page(app, 'POST', '/special-notices/:id/password', noticeUpdate, async (p) => {
    const noticeId = p.param('id');
    if (!isUuid(noticeId)) return p.problem('not-found');
    const read = readForm(passwordFields, p.form);
    if (!read.ok) return noticePage(p, { password: read.error.errors });
    const { row = '', identity = '' } = read.value.texts;
    const given = await givePassword(deps, p.session.actor, { noticeId, rowNo: Number(row), evidence: identity });
    if (!given.ok) return p.redirect(`/special-notices/${noticeId}`, { kind: 'error', text: refusalText(given.error) });
    // Shown once, in the answer itself: it stands in no address and in no later page.
    return p.view(
      { title: 'パスワードの交付', gloss: 'Password for one person', breadcrumbs },
      html`<div class="stack">${notice('done', `番号${row}の人のパスワード`, html`<p><code class="secret">${given.value.password.replaceAll(/(.{5})(?=.)/g, '$1 ')}</code></p><p>入力するときは空白を除いてください。</p>`)}<p><a href="/special-notices/${noticeId}">通知に戻る</a></p></div>`,
    );
  });

  async function noticePage(
    p: PageRequest,
    faults: {
      readonly recall?: Readonly<Record<string, string>>;
      readonly password?: Readonly<Record<string, string>>;
    } = {},
  ) {
    const noticeId = p.param('id');
    if (!isUuid(noticeId)) return p.problem('not-found');
    const found = await readElectronicNotice(deps, p.session.actor, { noticeId });
    if (!found.ok) return p.problem(found.error === 'no-such-notice' ? 'not-found' : 'not-authorised');
    const { notice: of, people } = found.value;
    const may = await p.may(noticeUpdate);
    const service = await readServiceDay(deps, p.session.actor, { noticeId });
    const faulty = faults.recall !== undefined || faults.password !== undefined;
    const stoppable = of.steps.length > 0 && !of.steps.some(({ step }) => step === 'recall-ordered');
    return p.view(
      {
        title: `${of.collectorName}への通知`,
        gloss: 'A notice as data and its way',
        breadcrumbs,
        ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
      },
      html`<div class="stack">${wayOf(of)}${facts([
        { label: '送達日', gloss: 'Served on', value: serviceText(service.ok ? service.value : undefined) },
      ])}${
        may &&
        service.ok &&
        service.value !== undefined &&
        serviceForm(`/special-notices/${noticeId}/service`, p.session)
      }${
        may &&
        stoppable &&
        html`<section aria-labelledby="recall">${sectionTitle('配信停止', 'Call back', 'recall')}<p>受領前の通知は、停止するとどこでも開けなくなります。受領された後の停止は、その記録を残し、以後の受領を止めます。</p>${form(
          {
            action: `/special-notices/${noticeId}/recall`,
            session: p.session,
            fields: recallFields,
            errors: faults.recall ?? {},
            submit: '配信を停止する',
          },
        )}</section>`
      }${peopleTable(of, people)}${
        may &&
        of.files !== null &&
        html`<section aria-labelledby="password">${sectionTitle('パスワードの交付', 'Passwords at the counter', 'password')}<p>本人を確認して、その人の通知のパスワードだけを渡します。渡したことは記録されます。</p>${form(
          {
            action: `/special-notices/${noticeId}/password`,
            session: p.session,
            fields: passwordFields,
            errors: faults.password ?? {},
            submit: 'パスワードを表示する',
          },
        )}</section>`
      }</div>`,
    );
  }
}

function wayOf(of: ElectronicNotice) {
  const last = lastStep(of);
  const recalled = of.steps.find(({ step }) => step === 'recalled');
  return html`${
    recalled !== undefined &&
    notice(
      recalled.fetched ? 'error' : 'done',
      recalled.fetched ? '配信停止の前に受領されています' : '受領される前に配信を停止しました',
      recalled.fetched
        ? '誤りのある通知であれば、事業所に連絡し、漏えい等の事案として記録してください。'
        : '事業所に届いたものはありません。載っていた人は、次の一括作成で改めて通知します。',
    )
  }${
    last?.step === 'refused' &&
    notice(
      'warning',
      '送信していません',
      `${refusedWords[last.note ?? ''] ?? last.note}。配信停止にすると、次の一括作成で作り直します。`,
    )
  }${facts([
    { label: '指定番号', value: html`<code>${of.designationNumber}</code>` },
    { label: '連番', value: of.sequenceNo },
    { label: '通知日', value: time(Temporal.PlainDate.from(of.issuedOn)) },
    { label: '状態', gloss: 'Where it is', value: last === undefined ? '承認待ち' : stepWords[last.step] },
  ])}<div class="table-scroll" tabindex="0" role="region" aria-label="交付の経過"><table class="data-table"><caption>交付の経過</caption><thead><tr><th scope="col">日</th><th scope="col">経過</th><th scope="col">職員・処理</th><th scope="col">理由</th></tr></thead><tbody>${of.steps.map(
    ({ step, by, note, onDay }) =>
      html`<tr><td>${time(Temporal.PlainDate.from(onDay))}</td><th scope="row">${stepWords[step]}</th><td>${by}</td><td>${step === 'refused' ? (refusedWords[note ?? ''] ?? note) : note}</td></tr>`,
  )}</tbody></table></div><div class="table-scroll" tabindex="0" role="region" aria-label="受領の記録"><table class="data-table"><caption>受領の記録 ${of.fetches.length}件</caption><thead><tr><th scope="col">受領した日時</th><th scope="col">受け取ったもの</th><th scope="col">受け取った利用者</th></tr></thead><tbody>${
    of.fetches.length === 0
      ? html`<tr><td colspan="3">まだ受領されていません。</td></tr>`
      : of.fetches.map(
          ({ part, by, at }) =>
            html`<tr><td>${time(Temporal.Instant.from(at))}</td><th scope="row">${partWords[part]}</th><td><code>${by}</code></td></tr>`,
        )
  }</tbody></table></div>`;
}

const peopleTable = (of: ElectronicNotice, people: readonly PersonOfNotice[]) =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="通知に載っている人の表"><table class="data-table"><caption>通知に載っている人 ${grouped(people.length)}人</caption><thead><tr><th scope="col" class="num">番号</th><th scope="col">受給者番号</th><th scope="col">氏名</th><th scope="col">納税義務者用</th></tr></thead><tbody>${people.map(
    ({ rowNo, recipientNumber, name, personId }) =>
      html`<tr><td class="num">${rowNo}</td><td>${recipientNumber}</td><th scope="row"><a href="/persons/${personId}">${name}</a></th><td>${of.files === null || of.paperRows.includes(rowNo) ? '書面' : '電子'}</td></tr>`,
  )}</tbody></table></div>`;
