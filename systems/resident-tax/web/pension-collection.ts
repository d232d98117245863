import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { type PensionDeps, pensionRead, pensionUpdate } from '../service/pension-collection/functions.ts';
import { pensionRound } from '../service/pension-collection/round.ts';
import { linkSubject, readUnlinked } from '../service/pension-collection/subjects.ts';
import { type PensionFileState, readPensionWatch, type StopAlarm } from '../service/pension-collection/watch.ts';
import { refusalText, reiwaYear } from './assessment-words.ts';

const kinds = { orders: '特別徴収依頼', stops: '中止依頼' } as const;
const alarms: Readonly<Record<StopAlarm, readonly [string, Tone]>> = {
  none: ['期限まで余裕あり', 'plain'],
  clerk: ['賦課担当が確認', 'warning'],
  chief: ['税務課長が確認', 'error'],
  overdue: ['期限を過ぎました（還付の準備）', 'error'],
};
const stopStates = { 'not-sent': '未送信', 'not-received': '受付未確認', refused: '受付されず' } as const;
const refusals: Readonly<Record<string, string>> = {
  'no-such-subject': '結付けを待つ対象者ではありません',
  'another-person': '氏名と生年月日が一致する人ではありません',
  'has-a-pension-already': 'この人にはすでに年金が結び付いています',
};

/** 年金特別徴収: what was asked of the insurer, what it confirmed, and whom nobody stopped yet. */
export function pensionPages(app: PageApp, deps: PensionDeps): void {
  const yearOf = (text: string | null): number => {
    const today = deps.civilClock.today();
    const asked = Number(text);
    return Number.isInteger(asked) && asked >= 2020 && asked <= 2100
      ? asked
      : today.month >= 4
        ? today.year
        : today.year - 1;
  };

  page(app, 'GET', '/pension-collection', pensionRead, async (p) => {
    const fiscalYear = yearOf(p.query.get('year'));
    const [watch, unlinked] = [
      await readPensionWatch(deps, p.session.actor, { fiscalYear }),
      await readUnlinked(deps, p.session.actor, { fiscalYear }),
    ];
    if (!watch.ok || !unlinked.ok) return p.problem('not-authorised');
    const { stops, files, totals } = watch.value;
    const mayUpdate = await p.may(pensionUpdate);
    const urgent = stops.filter(({ alarm }) => alarm !== 'none');
    const [soonest] = urgent;
    return p.view(
      {
        title: `年金特別徴収 ${reiwaYear(fiscalYear)}`,
        gloss: 'Collection from pensions',
        actions:
          mayUpdate &&
          html`<form method="post" action="/pension-collection/round">${tokenField(p.session)}<button class="button" type="submit">年金保険者と送受信する</button></form>`,
      },
      html`<div class="stack">${
        soonest !== undefined &&
        notice(
          'error',
          `年金特徴中止 ${grouped(urgent.length)}人分の受付が確認できません（${Number(soonest.fromMonth.slice(5))}月15日支給分まで ${soonest.days}日）`,
          '期限を過ぎると年金から徴収されます。徴収された額は還付の対象です。',
        )
      }${facts([
        { label: '本徴収の人数', value: `${grouped(totals.persons)}人` },
        { label: '本徴収の税額', value: yenText(totals.totalYen) },
        { label: '結付けを待つ対象者', value: `${grouped(unlinked.value.total)}人` },
      ])}
${fileTable(files)}
${
  stops.length > 0 &&
  html`<section aria-labelledby="stops">${sectionTitle('受付を確認できない中止', 'Stops that are not confirmed', 'stops')}<div class="table-scroll" tabindex="0" role="region" aria-label="受付を確認できない中止の表"><table class="data-table"><caption class="visually-hidden">受付を確認できない中止</caption><thead><tr><th scope="col">氏名</th><th scope="col">中止する月</th><th scope="col" class="num">徴収される額</th><th scope="col">状態</th><th scope="col">期限</th></tr></thead><tbody>${stops.map(
    (stop) =>
      html`<tr><th scope="row"><a href="/persons/${stop.personId}">${stop.name}</a></th><td>${stop.fromMonth}</td><td class="num">${yenText(stop.amountYen)}</td><td>${stopStates[stop.state]}</td><td>${badge(...alarms[stop.alarm])} あと${stop.days}日</td></tr>`,
  )}</tbody></table></div></section>`
}
${
  unlinked.value.rows.length > 0 &&
  html`<section aria-labelledby="unlinked">${sectionTitle('結付けを待つ対象者', 'Subjects that nobody is linked to', 'unlinked')}<div class="table-scroll" tabindex="0" role="region" aria-label="結付けを待つ対象者の表"><table class="data-table"><caption class="visually-hidden">結付けを待つ対象者</caption><thead><tr><th scope="col">氏名</th><th scope="col">カナ</th><th scope="col">生年月日</th><th scope="col">住所</th><th scope="col">結付け</th></tr></thead><tbody>${unlinked.value.rows.map(
    (subject) =>
      html`<tr><th scope="row">${subject.name}</th><td>${subject.kana}</td><td>${time(Temporal.PlainDate.from(subject.bornOn))}</td><td>${subject.address}</td><td>${
        mayUpdate &&
        html`<form class="row" method="post" action="/pension-collection/links">${tokenField(p.session)}<input type="hidden" name="year" value="${fiscalYear}"><input type="hidden" name="number" value="${subject.pensionNumber}"><input type="hidden" name="code" value="${subject.pensionCode}"><label>個人画面のID<span class="visually-hidden">（${subject.name}）</span> <input name="person" size="36" required></label><button class="button button-small" type="submit">結び付ける</button></form>`
      }</td></tr>`,
  )}</tbody></table></div></section>`
}</div>`,
    );
  });

  page(app, 'POST', '/pension-collection/round', pensionUpdate, async (p) => {
    const { faults } = await pensionRound(deps, p.session.actor);
    return p.redirect(
      '/pension-collection',
      faults.length === 0
        ? { kind: 'done', text: '送受信しました。' }
        : { kind: 'error', text: `送受信できなかったものがあります（${faults.length}件）。次の回に続けます。` },
    );
  });

  page(app, 'POST', '/pension-collection/links', pensionUpdate, async (p) => {
    const field = (name: string): string => `${p.form.get(name) ?? ''}`;
    const fiscalYear = yearOf(field('year'));
    const back = `/pension-collection?year=${fiscalYear}`;
    if (!isUuid(field('person'))) return p.redirect(back, { kind: 'error', text: '個人画面のIDを入力してください。' });
    const done = await linkSubject(deps, p.session.actor, {
      fiscalYear,
      pensionNumber: field('number'),
      pensionCode: field('code'),
      personId: field('person'),
    });
    return p.redirect(
      back,
      done.ok
        ? { kind: 'done', text: '結び付けました。月次更正で徴収方法が改まります。' }
        : { kind: 'error', text: refusals[done.error] ?? refusalText(done.error) },
    );
  });
}

const fileTable = (files: readonly PensionFileState[]) =>
  html`<section aria-labelledby="files">${sectionTitle('依頼と受付', 'Files and receipts', 'files')}${
    files.length === 0
      ? html`<p class="muted">この年度の依頼はまだありません。</p>`
      : html`<div class="table-scroll" tabindex="0" role="region" aria-label="依頼と受付の表"><table class="data-table"><caption class="visually-hidden">依頼と受付</caption><thead><tr><th scope="col">ファイル</th><th scope="col">種類</th><th scope="col">作成日</th><th scope="col" class="num">人数</th><th scope="col" class="num">税額</th><th scope="col">受付</th></tr></thead><tbody>${files.map(
          (file) =>
            html`<tr><th scope="row"><code>${file.fileName}</code></th><td>${kinds[file.kind]}</td><td>${time(Temporal.PlainDate.from(file.madeOn))}</td><td class="num">${grouped(file.persons)}</td><td class="num">${yenText(file.totalYen)}</td><td>${file.receivedOn === null ? html`${badge('受付未確認', 'warning')} ${file.attempts > 0 && `${file.attempts}回送信`}` : html`${badge('受付', 'done')} ${time(Temporal.PlainDate.from(file.receivedOn))}${file.refused > 0 && html` ${badge(`${file.refused}件受付されず`, 'error')}`}`}</td></tr>`,
        )}</tbody></table></div>`
  }</section>`;
