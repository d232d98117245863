import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, raw } from '@musubi/kernel/pages/html.ts';
import { errorSummary, type Field, optionList, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { type Reason, reasonRules } from '../domain/reasons.ts';
import type { IdentityCheck } from '../service/file-change.ts';
import { changeHousehold, type HouseholdView, readHeadless, readHousehold } from '../service/households.ts';
import { documentField, filedOn, identityField } from './item-fields.ts';
import { identityChecks, refusalText, statusTexts } from './words.ts';

const read = ['resident-register', 'resident', 'read'] as const;
const update = ['resident-register', 'resident', 'update'] as const;

type Headless = Extract<Awaited<ReturnType<typeof readHeadless>>, { ok: true }>['value']['rows'][number];
const headless: WorkListDefinition<Headless> = {
  caption: '世帯主のいない世帯',
  columns: [
    {
      key: 'number',
      label: '世帯番号',
      heading: true,
      cell: (h) => html`<a href="/households/${h.householdNumber}">${h.householdNumber}</a>`,
    },
    { key: 'eldest', label: '最年長の世帯員', cell: (h) => h.eldest },
    { key: 'members', label: '世帯員', align: 'end', cell: (h) => `${h.members}人` },
  ],
  defaultSort: { key: 'number', direction: 'asc' },
  emptyText: '世帯主のいない世帯はありません。',
};

const common: readonly Field[] = [
  { kind: 'date', name: 'changedOn', label: '異動日' },
  filedOn,
  documentField,
  identityField,
];

/** 世帯: who belongs to it and did, and the 世帯変更届 for all its members in one form. */
export function addHouseholdPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/households', read, async (p) => {
    const query = readListQuery(headless, p.query);
    const found = await readHeadless(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '世帯主のいない世帯', gloss: 'Households without a head' },
      workList(headless, { path: p.path, query, ...found.value }),
    );
  });

  page(app, 'GET', '/households/:number', read, async (p) => {
    const found = await readHousehold(deps, p.session.actor, { householdNumber: p.param('number') });
    if (!found.ok) return p.problem('not-found');
    const mayFile = await p.may(update);
    return p.view(
      { title: `世帯 ${found.value.householdNumber}`, gloss: 'Household', personal: true },
      view(deps, p.session, found.value, {}, {}, mayFile),
    );
  });

  page(app, 'POST', '/households/:number', update, async (p) => {
    const householdNumber = p.param('number');
    const found = await readHousehold(deps, p.session.actor, { householdNumber });
    if (!found.ok) return p.problem('not-found');
    const title = { title: `世帯 ${householdNumber}`, gloss: 'Household', hasErrors: true };
    const texts = Object.fromEntries([...p.form].map(([name, value]) => [name, `${value}`]));
    const filed = readForm(common, p.form);
    if (!filed.ok)
      return p.view({ ...title, status: 422 }, view(deps, p.session, found.value, texts, filed.error.errors, true));
    const placings = found.value.members.flatMap((m) => {
      const relationship = texts[`r-${m.personId}`] ?? m.relationship;
      const to = texts[`t-${m.personId}`] ?? 'stay';
      const isUnchanged = relationship === m.relationship && to === 'stay';
      if (isUnchanged) return [];
      const version = Number(texts[`v-${m.personId}`]) || 0;
      const household = (texts.joins ?? '').trim();
      const place = to === 'join' ? { household } : to === 'new' ? ('new' as const) : ('stay' as const);
      return [{ personId: m.personId, version, relationship: relationship.trim(), to: place }];
    });
    const { changedOn = '', filedOn: filedDay = '', document = '' } = filed.value.texts;
    const done = await changeHousehold(deps, p.session.actor, {
      householdNumber,
      placings,
      changedOn,
      filedOn: filedDay,
      document,
      identityCheck: filed.value.texts.identityCheck as IdentityCheck,
      ...(isUuid(texts.requestKey ?? '') ? { requestKey: texts.requestKey! } : {}),
    });
    if (done.ok) {
      const stays = done.value.households.includes(householdNumber);
      return p.redirect(`/households/${stays ? householdNumber : done.value.households[0]}`, {
        kind: 'done',
        text: '世帯変更を登録しました。',
      });
    }
    const errors = { '': refusalText(done.error) };
    return p.view({ ...title, status: 409 }, view(deps, p.session, found.value, texts, errors, true));
  });
}

const places = [
  { value: 'stay', label: 'この世帯のまま' },
  { value: 'new', label: '新しい世帯（世帯分離）' },
  { value: 'join', label: '下の世帯へ（世帯合併・構成変更）' },
];

function view(
  deps: Deps,
  session: PageSession,
  { householdNumber, members, past }: HouseholdView,
  texts: Readonly<Record<string, string>>,
  errors: Readonly<Record<string, string>>,
  mayFile: boolean,
) {
  const today = deps.civilClock.today().toString();
  const date = (name: string, label: string) =>
    html`<div class="field"><label for="f-${name}">${label}<span class="required">必須</span></label>${fault(name)}<input class="input input-short" type="date" id="f-${name}" name="${name}" value="${texts[name] ?? today}"></div>`;
  const fault = (name: string) => errors[name] && html`<span class="error">${errors[name]}</span>`;
  const rows = members.map(
    (m) =>
      html`<tr><th scope="row"><a href="/residents/${m.personId}">${m.name}</a></th><td class="nowrap">${m.birthDate}</td><td>${m.address}</td><td><input type="hidden" name="v-${m.personId}" value="${m.sequence}"><input class="input input-short" type="text" name="r-${m.personId}" aria-label="${m.name}の続柄" maxlength="20" value="${texts[`r-${m.personId}`] ?? m.relationship}"></td><td><select class="input" name="t-${m.personId}" aria-label="${m.name}の異動先">${optionList(places, texts[`t-${m.personId}`] ?? 'stay')}</select></td></tr>`,
  );
  const filing = html`<section aria-labelledby="members">${sectionTitle('世帯員と世帯変更届', 'Members and change of household', 'members')}
<form class="form" method="post" action="/households/${householdNumber}" novalidate>${tokenField(session)}<input type="hidden" name="requestKey" value="${deps.newId()}">
<div class="table-scroll" tabindex="0" role="region" aria-label="世帯員の表"><table class="data-table"><caption class="visually-hidden">世帯員</caption><thead><tr><th scope="col">氏名</th><th scope="col">生年月日</th><th scope="col">住所</th><th scope="col">続柄</th><th scope="col">異動先</th></tr></thead><tbody>${rows}</tbody></table></div>
<div class="field"><label for="f-joins">合併先の世帯番号<span class="optional">任意</span></label><span class="hint" id="f-joins-hint">世帯合併・構成変更のときだけ</span><input class="input input-short" type="text" id="f-joins" name="joins" aria-describedby="f-joins-hint" value="${texts.joins ?? ''}"></div>
${date('changedOn', '異動日')}${date('filedOn', '届出日')}
<div class="field"><label for="f-document">受理した届書・書類<span class="required">必須</span></label>${fault('document')}<input class="input" type="text" id="f-document" name="document" maxlength="100" value="${texts.document ?? '住民異動届'}"></div>
<fieldset class="field"><legend>届出人の本人確認<span class="required">必須</span></legend>${fault('identityCheck')}${Object.entries(
    identityChecks,
  ).map(
    ([value, label], i) =>
      html`<div class="choice"><input type="radio" id="f-identityCheck-${i}" name="identityCheck" value="${value}"${texts.identityCheck === value && raw(' checked')}><div><label for="f-identityCheck-${i}">${label}</label></div></div>`,
  )}</fieldset>
<div class="row"><button class="button button-primary" type="submit">世帯変更を登録する</button></div></form></section>`;
  const list = html`<section aria-labelledby="members">${sectionTitle('世帯員', 'Members', 'members')}<ul>${members.map((m) => html`<li><a href="/residents/${m.personId}">${m.name}</a>（${m.relationship}）</li>`)}</ul></section>`;
  return html`<div class="stack">${errorSummary(common, errors)}${members.length === 0 ? html`<p class="muted">現在の世帯員はいません。</p>` : mayFile ? filing : list}
<section aria-labelledby="past">${sectionTitle('世帯の履歴', 'History', 'past')}<div class="table-scroll" tabindex="0" role="region" aria-label="世帯の履歴の表"><table class="data-table"><caption class="visually-hidden">世帯の履歴</caption><thead><tr><th scope="col">異動日</th><th scope="col">氏名</th><th scope="col">続柄</th><th scope="col">事由</th><th scope="col">記録</th></tr></thead><tbody>${past.map(
    (m) =>
      html`<tr><td class="nowrap">${m.changedOn}</td><td><a href="/residents/${m.personId}">${m.name}</a></td><td>${m.relationship}</td><td>${reasonRules[m.reason as Reason].ja}</td><td>${statusTexts[m.status]}</td></tr>`,
  )}</tbody></table></div></section></div>`;
}
