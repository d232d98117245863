import { type PageApp, type PageRequest, page } from '../pages/app.ts';
import { type Html, html, time } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge, notice, sectionTitle } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import { tokenField } from '../pages/layout.ts';
import type { Euc, EucDeps, Extraction } from './euc.ts';
import type { Carried } from './store.ts';

const carryFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'receiver',
    label: '渡す相手',
    hint: '媒体の画面で受取りの鍵を登録した相手の名称',
    maxLength: 80,
  },
  { kind: 'date', name: 'settleByOn', label: '媒体の返却・消去の期限' },
];
// One of these forms stands by each approved hand-over: names, and with them ids, say whose.
const writeFields = (handOverId: string): readonly Field[] => [
  { kind: 'text', name: `serial-${handOverId}`, label: '媒体の番号', maxLength: 40 },
  { kind: 'text', name: `department-${handOverId}`, label: '貸出先の部署', maxLength: 80 },
];

const rowsList = (labels: readonly string[]): WorkListDefinition<readonly string[]> => ({
  caption: '抽出した一覧',
  defaultSort: { key: '0', direction: 'asc' },
  emptyText: '該当する方はいません。',
  columns: labels.map((label, i) => ({ key: `${i}`, label, heading: i === 1, cell: (row) => row[i] ?? '' })),
});

export type Sentence = (word: string) => string;

/** The pages of a list about persons: read on the screen, asked for on a medium, approved, written at the station. */
export function leavingPages<D extends EucDeps>(app: PageApp, deps: D, euc: Euc<D>, sentence: Sentence): void {
  const back = (p: PageRequest, done: { ok: true } | { ok: false; error: string }, text: string) =>
    p.redirect(
      `/extractions/${encodeURIComponent(p.param('id'))}`,
      done.ok ? { kind: 'done', text } : { kind: 'error', text: sentence(done.error) },
    );

  page(app, 'GET', '/extractions/:id/rows', euc.rights.use, async (p) => {
    const extractionId = p.param('id');
    const query = readListQuery(rowsList([]), p.query);
    const seen = await euc.view(deps, p.session.actor, { extractionId, offset: query.offset, limit: query.size });
    if (!seen.ok) return back(p, seen, '');
    const { labels, rows, total } = seen.value;
    return p.view(
      { title: '抽出した一覧', gloss: 'Extracted list', personal: true },
      workList(rowsList(labels), { path: `/extractions/${extractionId}/rows`, query, rows, total }),
    );
  });
  page(app, 'POST', '/extractions/:id/carry', euc.rights.use, async (p) => {
    const given = readForm(carryFields, p.form);
    if (!given.ok) return back(p, { ok: false, error: 'carry-incomplete' }, '');
    const { receiver = '', settleByOn = '' } = given.value.texts;
    const asked = await euc.carry(deps, p.session.actor, {
      extractionId: p.param('id'),
      receiver,
      settleByOn: Temporal.PlainDate.from(settleByOn),
    });
    return back(p, asked, '本日現在で作り直し、別の職員に持出しの承認を依頼しました。');
  });
  page(app, 'POST', '/extractions/:id/carried/:handOver/decision', euc.rights.approve, async (p) => {
    const approve = p.form.get('decision') === 'approve';
    const command = { extractionId: p.param('id'), handOverId: p.param('handOver'), approve };
    const done = await euc.decideCarry(deps, p.session.actor, command);
    return back(p, done, approve ? '持出しを承認しました。' : '持出しを承認しませんでした。');
  });
  page(app, 'POST', '/extractions/:id/carried/:handOver/write', euc.rights.station, async (p) => {
    const handOverId = p.param('handOver');
    const given = readForm(writeFields(handOverId), p.form);
    if (!given.ok) return back(p, { ok: false, error: 'write-incomplete' }, '');
    const { [`serial-${handOverId}`]: serial = '', [`department-${handOverId}`]: department = '' } = given.value.texts;
    const command = { extractionId: p.param('id'), handOverId, serial, department };
    const written = await euc.writeOut(deps, p.session.actor, command);
    if (!written.ok) return back(p, written, '');
    return p.file(written.value.bytes, { type: 'application/octet-stream', name: written.value.fileName });
  });
}

/** What the page of one extraction says of its list and of the ways it leaves. */
export async function leavingPart<D extends EucDeps>(
  p: PageRequest,
  deps: D,
  euc: Euc<D>,
  one: Extraction,
  isOwn: boolean,
): Promise<Html> {
  if (one.madeOn === null) return html``;
  const carried = await euc.listCarried(deps, p.session.actor, { extractionId: one.extractionId });
  const [mayUse, mayApprove, mayWrite] = [
    isOwn && (await p.may(euc.rights.use)),
    await p.may(euc.rights.approve),
    await p.may(euc.rights.station),
  ];
  return html`${
    mayUse &&
    html`<section aria-labelledby="list">${sectionTitle('一覧', 'List', 'list')}<p>この一覧は${time(Temporal.PlainDate.from(one.madeOn))}現在のもので、${time(euc.voidFrom(one.madeOn))}まで使えます。個人に関する一覧はサーバーにだけ置かれ、端末には保存できません。</p>
<p><a class="button button-primary" href="/extractions/${one.extractionId}/rows">一覧を開く</a></p></section>
<section aria-labelledby="carry">${sectionTitle('媒体での持出し', 'On a medium', 'carry')}<p>持出しの日の内容で作り直し、別の職員の承認を受け、媒体を扱う端末で、貸し出された媒体に暗号化して書き込みます。</p>${form({ action: `/extractions/${one.extractionId}/carry`, session: p.session, fields: carryFields, submit: '持出しを依頼する' })}</section>`
  }${
    carried.ok &&
    carried.value.length > 0 &&
    html`<section aria-labelledby="carried">${sectionTitle('持出しの依頼', 'Carrying out', 'carried')}<ul class="plain-list stack">${carried.value.map((c) => carriedItem(p, one, c, mayApprove, mayWrite))}</ul></section>`
  }`;
}

function carriedItem(p: PageRequest, one: Extraction, c: Carried, mayApprove: boolean, mayWrite: boolean): Html {
  const { actor } = p.session;
  const isMine = actor.kind === 'staff' && actor.staffId === c.askedBy;
  const path = `/extractions/${one.extractionId}/carried/${c.handOverId}`;
  const state = c.used
    ? badge('書込み済み', 'done')
    : c.decision === 'approved'
      ? badge('承認済み', 'info')
      : c.decision === 'rejected'
        ? badge('不承認', 'error')
        : badge('承認待ち', 'warning');
  return html`<li class="panel stack"><p>${state} ${c.receiver}　${c.asOf}現在　${c.rows}件　依頼 ${c.askedBy}</p>${
    c.gone + c.come > 0 &&
    notice(
      'warning',
      `抽出の後に変わった行: 除いた${c.gone}件、加えた${c.come}件`,
      '死亡、転出、訂正などを反映しています。',
    )
  }${
    mayApprove &&
    !isMine &&
    c.decision === null &&
    html`<form class="row" method="post" action="${path}/decision">${tokenField(p.session)}<button class="button button-primary" type="submit" name="decision" value="approve">持出しを承認する</button><button class="button" type="submit" name="decision" value="return">承認しない</button></form>`
  }${
    mayWrite &&
    c.decision === 'approved' &&
    !c.used &&
    form({ action: `${path}/write`, session: p.session, fields: writeFields(c.handOverId), submit: '媒体に書き込む' })
  }</li>`;
}
