import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import type { Deps } from '../deps.ts';
import { rotateKey } from '../service/rotate-key.ts';

const system = 'information-providing-network';
const head = { title: '団体の符号の鍵', gloss: 'Keys of linkage codes' };

/** 鍵の更新: a further version of one body's key. */
export function addKeyPages(app: PageApp, deps: Deps): void {
  const fields: Field[] = [
    {
      kind: 'select',
      name: 'organisation',
      label: '団体',
      options: [...deps.bodies.keys()].map((id) => ({ value: id, label: id })),
    },
  ];
  page(app, 'GET', '/keys', [system, 'body-key', 'update'], async (p) =>
    p.view(
      head,
      html`<div class="stack"><p>新しい版の鍵を作ります。既存の符号は有効のまま、各団体の中間サーバーが順に新しい鍵で封緘し直します。</p>${form(
        { action: '/keys', session: p.session, fields, submit: '鍵を更新する' },
      )}</div>`,
    ),
  );
  page(app, 'POST', '/keys', [system, 'body-key', 'update'], async (p) => {
    const read = readForm(fields, p.form);
    if (!read.ok)
      return p.view(
        { ...head, hasErrors: true, status: 422 },
        form({ action: '/keys', session: p.session, fields, ...read.error, submit: '鍵を更新する' }),
      );
    const organisation = read.value.texts.organisation ?? '';
    const rotated = await rotateKey(deps, p.session.actor, { organisation });
    if (rotated.ok)
      return p.redirect('/keys', {
        kind: 'done',
        text: `${organisation} の鍵は第${rotated.value.version}版になりました。`,
      });
    if (rotated.error === 'not-authorised') return p.problem('not-authorised');
    return p.redirect('/keys', { kind: 'error', text: faults[rotated.error] });
  });
}

const faults = {
  'unknown-organisation': '登録された団体ではありません。',
  unavailable: '符号生成の処理に届きませんでした。時間をおいてやり直してください。',
} as const;
