import { type PageApp, page } from '../pages/app.ts';
import { type Html, html } from '../pages/html.ts';
import { facts, notice, sectionTitle } from '../pages/kit/marks.ts';
import { identityDocuments, proxyProofs, type RequestKind, requesterRoles, requestKinds } from './case.ts';
import type { Disclosure } from './disclosure.ts';
import { type DisclosureDeps, type DisclosureSetup, formTypes, type KindRule } from './setup.ts';
import { feeRateOn } from './terms.ts';

/** Address of the guide; open to everybody, as the law wants the methods known before anybody asks. */
export const guidePath = '/guide';

const isKind = (text: string): text is RequestKind => Object.hasOwn(requestKinds, text);

/** What is asked of whom comes in this order. */
const stepsOf: Readonly<Record<RequestKind, readonly string[]>> = {
  disclosure: [
    '開示請求書を窓口に提出するか、郵送します。',
    '窓口で本人確認を受けます。代理人は代理権を証する書類も示します。',
    '決定の通知を受けます。',
    '手数料を納付書で納め、開示書の交付を受けます。',
  ],
  'provision-history': [
    '提供状況の開示請求書を窓口に提出するか、郵送します。',
    '窓口で本人確認を受けます。代理人は代理権を証する書類も示します。',
    '決定の通知を受けます。',
    '手数料を納付書で納め、提供状況開示書の交付を受けます。',
  ],
  correction: [
    '先に記録の開示を受けます。その受付番号が申出に要ります。',
    '訂正等の申出書に、訂正を求める項目と正しい内容を書いて提出します。',
    '記録のもとになった住民票の区市町村が調査します。',
    '調査の結果の通知を受けます。手数料はかかりません。',
  ],
  'stop-of-use': [
    '利用停止請求書に、止めることを求める利用・提供とその理由を書いて提出します。',
    '窓口で本人確認を受けます。代理人は代理権を証する書類も示します。',
    '決定の通知を受けます。手数料はかかりません。',
    '認められたときは、決定の日から、通知書に書かれた利用・提供が止まります。',
  ],
};

/** Pages without sign-in: how each request is made, what it needs and costs, and its form to print. Nothing of anybody stands there. */
export function addGuidePages<D extends DisclosureDeps>(
  app: PageApp,
  { setup }: Disclosure<D>,
  deps: Pick<DisclosureDeps, 'civilClock'>,
): void {
  page(app, 'GET', guidePath, 'public', (p) =>
    p.view(
      { title: `${setup.information}の開示等の手続`, gloss: 'How to ask for your own record' },
      html`<div class="stack"><p>${setup.authority.title}が保存するご自身の${setup.information}について、次の請求・申出ができます。</p>
${kinds.map((kind) => kindPart(setup, kind))}
<section>${sectionTitle('手数料', 'Fee')}<p>開示書・提供状況開示書 1枚につき${feeRateOn(setup.fees, deps.civilClock.today()).yenPerSheet}円（実費相当分）。訂正等の申出と利用停止の請求は無料です。</p></section>
<section>${sectionTitle('本人確認の書類', 'Proof of identity')}<p>次のいずれか1点（Ａ）、または2点（Ｂ）。</p>
<ul>${Object.values(identityDocuments).map((d) => html`<li>${d.group === 1 ? 'Ａ' : 'Ｂ'}　${d.label}</li>`)}</ul></section>
<section>${sectionTitle('代理人による請求', 'Through a representative')}<ul>${Object.values(proxyProofs).map((proof) => html`<li>${requesterRoles[proof.role as keyof typeof requesterRoles]}　${proof.label}</li>`)}</ul></section>
<section>${sectionTitle('窓口', 'Where')}${facts([
        { label: '窓口', value: setup.office.name },
        { label: '所在地', value: setup.office.address || '（各機関の案内をご覧ください）' },
        { label: '電話', value: setup.office.telephone || '（各機関の案内をご覧ください）' },
      ])}</section>
${notice('info', '請求書に個人番号を書かないでください', '本人確認は窓口で行います。個人番号の記入は要りません。')}</div>`,
    ),
  );
  page(app, 'GET', `${guidePath}/:kind`, 'public', (p) => {
    const kind = p.param('kind');
    if (!isKind(kind)) return p.problem('not-found');
    const rule = setup.kinds[kind];
    return p.view(
      {
        title: rule.formName,
        gloss: 'A form to print',
        breadcrumbs: [{ label: `${setup.information}の開示等の手続`, href: guidePath }],
      },
      blankForm(setup, kind, rule),
    );
  });
}

const kinds = Object.keys(requestKinds) as readonly RequestKind[];

const kindPart = <D extends DisclosureDeps>(setup: DisclosureSetup<D>, kind: RequestKind): Html => {
  const rule = setup.kinds[kind];
  return html`<section>${sectionTitle(`${requestKinds[kind]}の${kind === 'correction' ? '申出' : '請求'}`, kindGloss[kind])}${facts(
    [
      { label: '根拠', value: rule.ground },
      { label: '様式', value: html`<a href="${guidePath}/${kind}">${rule.formName}</a>` },
      {
        label: '期限',
        value: `受付の日を含めて${rule.termDays}日以内（理由を付した通知により、${rule.extensionDays}日まで延長することがあります）`,
      },
      { label: '交付するもの', value: answerOf[kind] },
    ],
  )}<ol class="mt-4">${stepsOf[kind].map((step, i) => html`<li>${i + 1}　${step}</li>`)}</ol></section>`;
};

const kindGloss: Readonly<Record<RequestKind, string>> = {
  disclosure: 'Disclosure',
  'provision-history': 'To whom it was provided',
  correction: 'Correction',
  'stop-of-use': 'Stop of use',
};

const answerOf: Readonly<Record<RequestKind, string>> = {
  disclosure: `${formTypes['decision-notice']}、${formTypes['record-disclosure']}`,
  'provision-history': `${formTypes['decision-notice']}、${formTypes['provision-history']}`,
  correction: formTypes['correction-result'],
  'stop-of-use': formTypes['stop-decision'],
};

const ownLines: Readonly<Record<RequestKind, readonly string[]>> = {
  disclosure: ['開示を求める範囲（現在の記録・変更の履歴）'],
  'provision-history': ['開示を求める期間'],
  correction: ['開示を受けた受付番号', '訂正等を求める項目', '正しいとする内容'],
  'stop-of-use': ['止めることを求める利用・提供', '求める理由'],
};

/** 様式: what the counter registers, and no field for a number. */
const blankForm = <D extends DisclosureDeps>(
  setup: DisclosureSetup<D>,
  kind: RequestKind,
  rule: KindRule,
): Html => html`<div class="stack"><p class="no-print">印刷して記入し、窓口に提出するか郵送してください。</p>
<p>${setup.authority.title}　あて</p><p>${rule.ground}により、次のとおり${kind === 'correction' ? '申し出' : '請求し'}ます。　　　　年　　月　　日</p>
${blanks('本人', ['氏名', '振り仮名', '生年月日', '性別', '住所'])}
${blanks('請求者（本人以外のとき）', [`区分（${requesterRoles.statutory}・${requesterRoles.appointed}）`, '氏名', '住所', '日中の連絡先'])}
${blanks('請求の内容', ownLines[kind])}
<p>個人番号は記入しないでください。</p></div>`;

const blanks = (caption: string, rows: readonly string[]): Html =>
  html`<table class="data-table"><caption>${caption}</caption><tbody>${rows.map((row) => html`<tr><th scope="row">${row}</th><td>　　　　　　　　　　　　　　　　　　</td></tr>`)}</tbody></table>`;
