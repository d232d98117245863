import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { spacedPage } from '@musubi/kernel/media/spaced-page.ts';
import type { NavEntry, PageApp, PageRequest } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  askResultsByMedium,
  decideResultsByMedium,
  lookFileLinkage,
  writeResultsByMedium,
} from '../service/results-by-medium.ts';
import { takeLinkageFile } from '../service/take-linkage-file.ts';

const read = ['common-platform', 'media', 'read'] as const;
const station = ['common-platform', 'media-station', 'update'] as const;
const approve = ['common-platform', 'media-approval', 'update'] as const;
const path = '/file-linkage';

export const fileLinkageNav: NavEntry = { label: '媒体での連携', href: path, right: read };

/** Words of a file that was refused, of a medium that is not accepted, and of results that do not go. */
const words: Readonly<Record<string, string>> = {
  'not-a-linkage-file': '連携ファイルの形式ではありません',
  'cut-off-or-altered': '途中で切れているか、書き換えられています',
  'counts-differ': '件数が、ファイルに書かれた件数と一致しません',
  'not-this-business': '選んだ業務とは別の業務のファイルです',
  'not-your-business': 'この業務（職員）は、今日、この事務で照会できません',
  'not-your-information': 'この業務は、今日、この情報を登録できません',
  'unknown-person': '自分の業務の方と確かめられない番号があります',
  'other-content': '同じ番号で、別の内容がすでに届いています',
  'file-differs-from-announced': '内容が、ファイルの合計値と一致しません',
  'file-repeated-with-other-content': '同じ番号で、別の内容がすでに届いています',
  'part-repeated-with-other-content': '同じ番号で、別の内容がすでに届いています',
  'order-repeated-with-other-content': '同じ番号で、別の内容がすでに届いています',
  'older-generation': 'すでに公開された副本より前の世代のファイルです',
  'condition-not-defined': 'この情報にない条件です',
  'no-such-medium': '管理簿にない媒体です',
  'not-lent-to-this-department': 'この部署に貸し出された媒体ではありません',
  'not-in-this-state': 'この媒体は、いまその状態にありません',
  'not-encrypted': '暗号化されていません。読み込みませんでした',
  'not-for-us-or-damaged': 'こちらの鍵で開けないか、壊れています',
  'imported-before': 'すでに読み込んだファイルです',
  'not-taken-in-before': '前に読み込んだときとは別の媒体です',
  'not-at-a-station': '媒体を扱う端末で行ってください',
  'not-authorised': '媒体を扱う端末で、媒体管理担当が行ってください',
  'no-medium-office': 'この業務は、媒体での連携をする部署として登録されていません',
  'no-such-order': '媒体で受け付けた照会ではありません',
  'not-done-yet': 'まだすべての方の結果が届いていません',
  'receiver-without-key': '受取りの鍵が登録されていません',
  'due-in-the-past': '期限は今日以後の日付にしてください',
  'row-of-another-destination': '結果の行が照会と一致しません。書き込みませんでした',
  'approver-is-requester': '依頼した本人は承認できません',
  'already-decided': 'すでに決定されています',
  'not-approved': 'まだ承認されていません',
  'differs-from-approved': '承認された内容と違います',
  'already-used': 'すでに書き込まれました',
  expired: '承認の期限が過ぎています',
  rejected: '承認されませんでした',
  'result-deleted': '結果の保存期間が過ぎています',
};
const sentence = (word: string): string => words[word] ?? '受け付けられませんでした';

type Seen = Extract<Awaited<ReturnType<typeof lookFileLinkage>>, { ok: true }>['value'];
type Intake = Seen['intakes'][number];
type Results = Seen['results'][number];

const kindWords = { 'inquiry-order': '一括照会', 'copy-file': '副本の登録' } as const;
const stateOf = (i: Intake): Html =>
  i.outcome === 'passed'
    ? badge('中間サーバーへ渡した', 'done')
    : i.outcome === 'refused'
      ? html`${badge('受け付けない', 'error')} ${sentence(i.word ?? '')}${i.faulty > 0 && `（${grouped(i.faulty)}件）`}`
      : html`${badge('未了', 'warning')} もう一度同じ媒体を読み込んでください`;

const takeFields = (deps: Deps): readonly Field[] => [
  {
    kind: 'select',
    name: 'system',
    label: '業務',
    options: deps.settings.mediumOffices.map((o) => ({ value: o.system, label: `${o.department}（${o.system}）` })),
  },
  { kind: 'text', name: 'serial', label: '媒体番号', maxLength: 40 },
  { kind: 'file', name: 'file', label: 'ファイル', hint: '媒体から、暗号化されたまま（.age）', accept: '.age' },
];
const askFields = (orderId: string): readonly Field[] => [
  { kind: 'date', name: `settle-${orderId}`, label: '媒体の返却・消去の期限' },
];
const writeFields = (carryId: string): readonly Field[] => [
  { kind: 'text', name: `serial-${carryId}`, label: '媒体番号', maxLength: 40 },
];

/** 媒体での連携: files of offices without a line, and the results that go back to them. */
export function fileLinkagePages(app: PageApp, deps: Deps): void {
  spacedPage(app, 'GET', path, read, (p) => show(p, deps));

  spacedPage(app, 'POST', path, station, async (p) => {
    const given = readForm(takeFields(deps), p.form);
    if (!given.ok) return show(p, deps, given.error.errors);
    const { system = '', serial = '' } = given.value.texts;
    const bytes = new Uint8Array(await given.value.files.file!.arrayBuffer());
    const taken = await takeLinkageFile(deps, p.session.actor, { system, serial, bytes });
    if (!taken.ok) return show(p, deps, { '': sentence(taken.error) });
    const done = taken.value;
    if (done.outcome === 'passed')
      return p.redirect(path, {
        kind: 'done',
        text: `${grouped(done.persons)}件を中間サーバーへ渡しました。媒体は消去してください。`,
      });
    return show(p, deps, {
      '':
        done.outcome === 'not-now'
          ? '中間サーバーが応答しません。ファイルは残していません。あとで同じ媒体をもう一度読み込んでください。'
          : `ファイル全体を受け付けませんでした。${sentence(done.word)}${done.faulty > 0 ? `（${grouped(done.faulty)}件）` : ''}。媒体は消去してください。`,
    });
  });

  spacedPage(app, 'POST', `${path}/orders/:id/results`, station, async (p) => {
    const orderId = p.param('id');
    if (!isUuid(orderId)) return p.problem('not-found');
    const given = readForm(askFields(orderId), p.form);
    if (!given.ok) return back(p, '媒体の返却・消去の期限を入力してください。');
    const settleByOn = Temporal.PlainDate.from(given.value.texts[`settle-${orderId}`]!);
    const asked = await askResultsByMedium(deps, p.session.actor, { orderId, settleByOn });
    return back(p, asked.ok ? undefined : sentence(asked.error), '別の職員に承認を依頼しました。');
  });

  spacedPage(app, 'POST', `${path}/results/:id/decision`, approve, async (p) => {
    const carryId = p.param('id');
    if (!isUuid(carryId)) return p.problem('not-found');
    const approved = p.form.get('decision') === 'approve';
    const done = await decideResultsByMedium(deps, p.session.actor, { carryId, approve: approved });
    return back(p, done.ok ? undefined : sentence(done.error), approved ? '承認しました。' : '承認しませんでした。');
  });

  spacedPage(app, 'POST', `${path}/results/:id/write`, station, async (p) => {
    const carryId = p.param('id');
    if (!isUuid(carryId)) return p.problem('not-found');
    const given = readForm(writeFields(carryId), p.form);
    if (!given.ok) return back(p, '媒体番号を入力してください。');
    const serial = given.value.texts[`serial-${carryId}`]!;
    const written = await writeResultsByMedium(deps, p.session.actor, { carryId, serial });
    if (!written.ok) return back(p, sentence(written.error));
    return p.file(written.value.bytes, {
      type: 'application/octet-stream',
      name: written.value.fileName,
      inline: false,
    });
  });
}

const back = (p: PageRequest, error: string | undefined, done = ''): Response =>
  p.redirect(path, error === undefined ? { kind: 'done', text: done } : { kind: 'error', text: error });

const list = (asks: (i: Intake) => Html | ''): WorkListDefinition<Intake> => ({
  caption: '受け付けた媒体',
  defaultSort: { key: 'taken', direction: 'desc' },
  emptyText: '媒体での連携はまだありません。',
  columns: [
    { key: 'taken', label: '読込み', heading: true, cell: (i) => time(Temporal.Instant.from(i.takenAt)) },
    { key: 'serial', label: '媒体', cell: (i) => html`<a href="/media/medium/${i.serial}">${i.serial}</a>` },
    { key: 'office', label: '部署', cell: (i) => i.department },
    { key: 'kind', label: '内容', cell: (i) => (i.kind === null ? '不明' : kindWords[i.kind]) },
    { key: 'persons', label: '件数', align: 'end', cell: (i) => grouped(i.persons) },
    { key: 'by', label: '読み込んだ職員', cell: (i) => i.by },
    { key: 'state', label: '状態', cell: (i) => html`${stateOf(i)}${asks(i)}` },
  ],
});

async function show(p: PageRequest, deps: Deps, errors?: FormErrors): Promise<Response> {
  const [mayTake, mayApprove] = [await p.may(station), await p.may(approve)];
  const carried = new Set<string>();
  const asks = (i: Intake): Html | '' =>
    mayTake && i.kind === 'inquiry-order' && i.outcome === 'passed' && i.matterId !== null && !carried.has(i.matterId)
      ? html`<details><summary>結果を媒体で返す</summary>${form({ action: `${path}/orders/${i.matterId}/results`, session: p.session, fields: askFields(i.matterId), submit: '承認を依頼する' })}</details>`
      : '';
  const definition = list(asks);
  const query = readListQuery(definition, p.query);
  const found = await lookFileLinkage(deps, p.session.actor, { offset: query.offset, limit: query.size });
  if (!found.ok) return p.problem('not-authorised');
  const { intakes, results } = found.value;
  for (const r of results) if (r.decision !== 'rejected') carried.add(r.orderId);
  const offices = deps.settings.mediumOffices.length > 0;
  return p.view(
    {
      title: '媒体での連携',
      gloss: 'Linkage by medium',
      ...(errors ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<p>回線のない部署の照会・副本のファイルを、その部署に貸し出した媒体から読み込み、中間サーバーへ渡します。ファイルはここに残りません。</p>${
      !offices && notice('info', '媒体で連携する部署は登録されていません。')
    }${
      mayTake &&
      offices &&
      html`<section aria-labelledby="take">${sectionTitle('媒体を読み込む', 'Read a medium', 'take')}${form({ action: path, session: p.session, fields: takeFields(deps), submit: '読み込む', ...(errors ? { errors } : {}) })}</section>`
    }${
      results.length > 0 &&
      html`<section aria-labelledby="results">${sectionTitle('媒体で返す結果', 'Results on media', 'results')}<ul class="plain-list stack">${results.map((r) => resultItem(p, r, mayTake, mayApprove))}</ul></section>`
    }${workList(definition, { path, query, rows: intakes, total: intakes[0]?.total ?? 0 })}`,
  );
}

function resultItem(p: PageRequest, r: Results, mayWrite: boolean, mayApprove: boolean): Html {
  const { actor } = p.session;
  const isMine = actor.kind === 'staff' && actor.staffId === r.by;
  const action = `${path}/results/${r.carryId}`;
  const state =
    r.serial !== null
      ? badge('書込み済み', 'done')
      : r.decision === 'approved'
        ? badge('承認済み', 'info')
        : r.decision === 'rejected'
          ? badge('不承認', 'error')
          : badge('承認待ち', 'warning');
  return html`<li class="panel stack"><p>${state} ${r.receiver}　一括照会の結果 ${grouped(r.persons)}件　期限 ${time(Temporal.PlainDate.from(r.settleByOn))}　依頼 ${r.by}${
    r.serial !== null && html`　媒体 <a href="/media/medium/${r.serial}">${r.serial}</a>`
  }</p>${
    mayApprove &&
    !isMine &&
    r.decision === null &&
    html`<form class="row" method="post" action="${action}/decision">${tokenField(p.session)}<button class="button button-primary" type="submit" name="decision" value="approve">結果の持出しを承認する</button><button class="button" type="submit" name="decision" value="return">承認しない</button></form>`
  }${
    mayWrite &&
    r.decision === 'approved' &&
    r.serial === null &&
    form({ action: `${action}/write`, session: p.session, fields: writeFields(r.carryId), submit: '媒体に書き込む' })
  }</li>`;
}
