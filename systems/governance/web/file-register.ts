import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { linesOf } from '../domain/registers/assurance.ts';
import { type PublishedFile, publisher, readFileRegister } from '../service/file-register.ts';

/** Address of the published register; open to everybody. */
export const filesPath = '/files';

/** 個人情報ファイル簿の公表: without sign-in, as the law wants it read by anybody. */
export function addFileRegisterPage(app: PageApp, deps: Deps): void {
  page(app, 'GET', filesPath, 'public', async (p) => {
    const read = await readFileRegister(deps, publisher, null);
    if (!read.ok) return p.problem('not-authorised');
    const { files, unpublished } = read.value;
    return p.view(
      { title: '個人情報ファイル簿', gloss: 'Register of personal files' },
      html`<div class="stack"><p>個人情報の保護に関する法律第75条第1項により公表します。記録項目は、それぞれのシステムで使われている登録表から、ご覧になった時に作られます（${deps.civilClock.today().toString()}現在）。</p>
${files.length === 0 && html`<p>公表しているファイルはまだありません。</p>`}
${files.map(filePart)}
${
  unpublished.length > 0 &&
  notice(
    'warning',
    `個人情報を持ち、ファイル簿を作成中のシステムがあります（${unpublished.length}）`,
    html`<ul>${unpublished.map((system) => html`<li>${system}</li>`)}</ul>`,
  )
}</div>`,
    );
  });
}

const several = (text: string | undefined) => html`<ul>${linesOf(text).map((line) => html`<li>${line}</li>`)}</ul>`;

const filePart = ({ label, values, items }: PublishedFile) =>
  html`<section id="${label}">${sectionTitle(values.name ?? '', label)}${facts([
    { label: '事務をつかさどる組織', value: values.office },
    { label: '利用目的', value: values.purpose },
    { label: '根拠', value: values.ground },
    { label: '記録される個人の範囲', value: values.subjects },
    { label: '収集方法', value: values.collection },
    { label: `記録項目（${items.length}）`, value: html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>` },
    { label: '経常的提供先', value: several(values.recipients) },
    { label: '開示請求等を受理する組織', value: values.requests },
  ])}</section>`;
