import { type ChangeReason, changeReasons } from '@musubi/contracts/juki/codes.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { type RecordSection, recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import type { Filter } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { documentUses } from '../domain/merge-documents.ts';
import { holdReasons } from '../service/assessment/draft.ts';
import { assessmentRead, noticeRead, noticeUpdate } from '../service/assessment/functions.ts';
import { listLeviesOfPerson, type PersonsLevy } from '../service/assessment/read.ts';
import { dependantRead } from '../service/dependants/functions.ts';
import { readDeceased } from '../service/persons/heirs.ts';
import { listNoticesOfPerson, listTakenOverLevies } from '../service/persons/read-file.ts';
import { findPersons, type IncomingNotice, type PersonDocument, readPerson } from '../service/persons/read-person.ts';
import { collectionWords, reiwaYear, stateWords, statusWords } from './assessment-words.ts';
import { heirSection, registerHeirPages } from './heirs.ts';
import { documentKinds, matchStates, residentStatus, submissionKinds } from './intake-texts.ts';
import { numberRead } from './number-page.ts';
import { contents, noticeSection, paymentSection, takenOverSections } from './person-sections.ts';

const reading = ['resident-tax', 'person', 'read'] as const;
const imageRead = ['resident-tax', 'matching', 'read'] as const;

const fields: readonly Filter[] = [
  { kind: 'text', name: 'addresseeNumber', label: '宛名番号', maxLength: 15 },
  { kind: 'text', name: 'kana', label: '氏名カナ（前方一致）', maxLength: 60 },
  { kind: 'text', name: 'name', label: '氏名（旧氏を含む）', maxLength: 60 },
  { kind: 'date', name: 'birthDate', label: '生年月日' },
];

/** Without collections or images on its line a page leaves out what they would say. */
export type PersonPageDeps = Deps & {
  readonly peers?: Pick<PeerClient, 'call'>;
  readonly collections?: string | undefined;
  readonly taxDocuments?: string | undefined;
};

/** 個人検索 and 個人画面. What is searched travels by POST: it must not stand in an address. */
export function registerPersonPages(app: PageApp, deps: PersonPageDeps): void {
  registerHeirPages(app, deps);
  const about = { title: '個人検索', gloss: 'Search for a person' };

  page(app, 'GET', '/persons', reading, (p) =>
    p.view(about, searchForm({ action: '/persons', method: 'post', session: p.session, label: '個人検索', fields })),
  );

  page(app, 'POST', '/persons', reading, async (p) => {
    const values = Object.fromEntries(
      fields.flatMap(({ name }) => {
        const typed = `${p.form.get(name) ?? ''}`.trim().slice(0, 100);
        return typed === '' ? [] : [[name, typed]];
      }),
    );
    if (values.birthDate !== undefined && !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(values.birthDate))
      delete values.birthDate;
    const search = searchForm({
      action: '/persons',
      method: 'post',
      session: p.session,
      label: '個人検索',
      fields,
      values,
    });
    const found = await findPersons(deps, p.session.actor, values);
    if (!found.ok && found.error === 'not-authorised') return p.problem('not-authorised');
    if (!found.ok)
      return p.view(
        { ...about, status: 422 },
        html`<div class="stack">${notice('warning', '検索の条件を一つ以上入力してください')}${search}</div>`,
      );
    const { persons, more } = found.value;
    return p.view(
      about,
      html`<div class="stack">${search}<p role="status">${persons.length}人が見つかりました${more && '（多すぎるため一部だけを表示しています。条件を加えてください）'}。</p>
${
  persons.length > 0 &&
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="検索結果の表"><table class="data-table"><caption class="visually-hidden">検索結果</caption>
<thead><tr><th scope="col">氏名</th><th scope="col">カナ</th><th scope="col">生年月日</th><th scope="col">住所</th><th scope="col">宛名番号</th><th scope="col">状態</th></tr></thead>
<tbody>${persons.map(
    (r) =>
      html`<tr><th scope="row"><a href="/persons/${r.personId}">${r.name}</a></th><td>${r.nameKana}</td><td class="nowrap">${time(Temporal.PlainDate.from(r.birthDate))}</td><td>${r.address}${r.addressProtected && html` ${badge('支援措置', 'error')}`}</td><td>${r.addresseeNumber}</td><td>${badge(...(residentStatus[r.status] ?? [r.status, 'plain']))}</td></tr>`,
  )}</tbody></table></div>`
}</div>`,
    );
  });

  page(app, 'GET', '/persons/:personId', reading, async (p) => {
    const personId = p.param('personId');
    if (!isUuid(personId)) return p.problem('not-found');
    const today = deps.civilClock.today();
    const asked = Number(p.query.get('year'));
    const fiscalYear = Number.isInteger(asked) && asked >= 2016 && asked <= 2100 ? asked : today.year;
    const read = await readPerson(deps, p.session.actor, { personId, fiscalYear });
    if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const { person, current, states, levyDate, documents, questions, outside, notices } = read.value;
    const ground = outside.find((one) => one.fiscalYear === fiscalYear);
    const mayShow = await p.may(numberRead);
    const mayDependants = await p.may(dependantRead);
    const levies = (await p.may(assessmentRead))
      ? await listLeviesOfPerson(deps, p.session.actor, { personId })
      : undefined;
    const takenOver = levies?.ok ? await listTakenOverLevies(deps, p.session.actor, { personId }) : undefined;
    const told = (await p.may(noticeRead)) ? await listNoticesOfPerson(deps, p.session.actor, { personId }) : undefined;
    const dead = await readDeceased(deps, p.session.actor, { personId });
    const { peers, collections } = deps;
    const paid =
      peers === undefined || collections === undefined
        ? undefined
        : await paymentSection({ ...deps, peers, collections }, p.session.actor, person);
    const sections: readonly RecordSection[] = [
      {
        title: '住民記録情報',
        gloss: 'As the register says now',
        facts: [
          { label: '氏名', value: current.name },
          { label: '氏名カナ', value: current.nameKana },
          { label: '生年月日', value: time(current.birthDate) },
          { label: '住所', value: current.address },
          { label: '状態', value: badge(...(residentStatus[current.status] ?? [current.status, 'plain'])) },
          { label: '住民となった日', value: time(current.becameResidentOn) },
          { label: '住民でなくなった日', value: current.removedOn === null ? null : time(current.removedOn) },
          { label: '宛名番号', value: person.addresseeNumber },
          { label: '世帯番号', value: current.householdNumber },
          {
            label: '個人番号',
            value: html`保管庫に登録済み${mayShow && html` <a href="/persons/${personId}/number">表示する</a>`}`,
          },
        ],
      },
      ...(dead.ok && dead.value !== undefined ? [heirSection(personId, dead.value, await p.may(noticeUpdate))] : []),
      {
        title: `令和${fiscalYear - 2018}年度の賦課期日`,
        gloss: 'On the levy date',
        facts: [
          { label: '賦課期日', value: time(levyDate.on) },
          { label: '区内の住所', value: levyDate.resident ? badge('あり', 'done') : badge('なし', 'warning') },
          { label: 'その日の住所', value: levyDate.resident ? levyDate.state?.address : null },
          {
            label: '住登外課税・家屋敷課税',
            value: ground === undefined ? null : `${ground.ground}（登録地 ${ground.municipalityName}）`,
          },
          { label: 'その日の世帯番号', value: levyDate.resident ? levyDate.state?.householdNumber : null },
        ],
      },
      {
        title: '課税資料',
        gloss: 'Tax documents',
        body: documentTable(documents, questions, deps.taxDocuments !== undefined && (await p.may(imageRead))),
      },
      ...(levies?.ok ? [{ title: '賦課', gloss: 'Levies', body: levyTable(levies.value) }] : []),
      ...(takenOver?.ok ? takenOverSections(takenOver.value) : []),
      ...(paid === undefined ? [] : [paid]),
      ...(told?.ok ? [noticeSection(told.value)] : []),
    ];
    return p.view(
      {
        title: `${current.name}さんの記録`,
        gloss: 'Person and history',
        breadcrumbs: [{ label: '個人検索', href: '/persons' }],
      },
      html`<div class="stack">${current.addressProtected && notice('error', '支援措置の対象者です', '住所を外部に出さないでください。')}${notices.map(elsewhere)}<p>${mayDependants && html`<a href="/persons/${personId}/dependants">扶養関係</a>　`}<a href="/persons/${personId}/payments">納付の状況</a>　<a href="/persons/${personId}/certificates">証明書の交付</a></p>${contents(sections)}${recordPage(
        {
          sections,
          history: states
            .map((s) => ({
              recordedAt: s.recordedAt,
              validFrom: s.changedOn,
              what: `${s.name}、${s.address}（${residentStatus[s.status]?.[0] ?? s.status}）`,
              reason: changeReasons[s.reason as ChangeReason] ?? s.reason,
              who: '共通連携基盤',
            }))
            .toReversed(),
        },
      )}</div>`,
    );
  });
}

/** 住登外課税通知 of another municipality: the same person may not be taxed as a resident twice (地方税法 第294条第3項). */
const elsewhere = (n: IncomingNotice): Html =>
  notice(
    'warning',
    `${n.fromName}から住登外課税通知が届いています（令和${n.fiscalYear - 2018}年度）`,
    `${n.ground}　受領日 ${n.receivedOn}。この年度は二重に課税しないよう、賦課を確認してください。`,
  );

/** All documents of the person with state and what becomes of them in the levy; then what waits for a clerk. */
function documentTable(documents: readonly PersonDocument[], questions: readonly string[], hasImages: boolean) {
  if (documents.length === 0) return html`<p class="muted">結び付いた課税資料はありません。</p>`;
  return html`${
    questions.length > 0 &&
    notice(
      'warning',
      '資料の間に確認が必要な点があります',
      html`<ul>${questions.map((question) => html`<li>${holdReasons[question as keyof typeof holdReasons] ?? question}</li>`)}</ul>`,
    )
  }<div class="table-scroll" tabindex="0" role="region" aria-label="課税資料の表"><table class="data-table"><caption class="visually-hidden">結び付いた課税資料</caption>
<thead><tr><th scope="col">年分</th><th scope="col">種類</th><th scope="col">作成者</th><th scope="col">区分</th><th scope="col">金額</th><th scope="col">状態</th><th scope="col">賦課での扱い</th></tr></thead><tbody>${documents.map(
    (r) =>
      html`<tr><th scope="row"><a href="/matching/${r.reportId}">令和${r.incomeYear - 2018}年分</a></th><td>${documentKinds[r.kind]}${hasImages && html` <a href="/matching/${r.reportId}/image">イメージ<span class="visually-hidden">（${r.payerName}）</span></a>`}</td><td>${r.payerName}</td><td>${submissionKinds[r.submissionKind]}</td><td class="num">${yenText(r.paidYen)}</td><td>${badge(...(matchStates[r.state] ?? [r.state, 'plain']))}${r.replacedBy !== null && html` <a href="/matching/${r.replacedBy}">置き換えた資料</a>`}</td><td>${r.use === null ? '―' : documentUses[r.use]}</td></tr>`,
  )}</tbody></table></div>`;
}

/** Each levy leads to its figures and their reasons. */
const levyTable = (levies: readonly PersonsLevy[]): Html =>
  levies.length === 0
    ? html`<p class="muted">賦課はありません。</p>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="賦課の表"><table class="data-table"><caption class="visually-hidden">賦課</caption>
<thead><tr><th scope="col">年度</th><th scope="col">版</th><th scope="col">課税区分</th><th scope="col">徴収方法</th><th scope="col" class="num">年税額</th><th scope="col">状態</th></tr></thead>
<tbody>${levies.map(
        (l) =>
          html`<tr><th scope="row"><a href="/assessments/${l.assessmentId}">${reiwaYear(l.fiscalYear)}<span class="visually-hidden"> 第${l.version}版</span></a></th><td>${l.version}</td><td>${statusWords[l.status]}</td><td>${collectionWords[l.collection] ?? ''}</td><td class="num">${yenText(l.annualYen)}</td><td>${badge(...(stateWords[l.state] ?? [l.state, 'plain']))}</td></tr>`,
      )}</tbody></table></div>`;
