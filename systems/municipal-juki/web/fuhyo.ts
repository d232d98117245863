import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { form } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { reconcileFuhyo } from '../service/fuhyo-reconcile.ts';
import { Interrupted } from '../service/reconcile.ts';

const right = ['municipal-juki', 'reconciliation', 'update'] as const;
const title = { title: '附票の整合性確認', gloss: 'Reconciliation of supplements' };

/** A run begun by hand; what it finds stands in the register's work list. */
export function addFuhyoPages(app: PageApp, host: Pick<Host, 'peers'>, deps: Deps): void {
  page(app, 'GET', '/fuhyo-reconciliation', right, (p) =>
    p.view(
      title,
      html`<p>区の附票と都の附票本人確認情報を照合します。相違は住民記録システムの「附票の相違」に出ます。</p>
${form({ action: p.path, session: p.session, fields: [], submit: '整合性確認を始める' })}`,
    ),
  );
  page(app, 'POST', '/fuhyo-reconciliation', right, async (p) => {
    try {
      const { compared, underWay, differences } = await reconcileFuhyo(host.peers, deps, p.session.actor);
      const text = `${compared}人を照合しました。相違 ${differences.length}件、通知の途中 ${underWay}件。`;
      return p.redirect('/fuhyo-reconciliation', { kind: 'done', text });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      return p.view(
        { ...title, hasErrors: true, status: 409 },
        notice('error', '整合性確認は中断しました。相違は報告されていません。', html`<p>理由: ${error.word}</p>`),
      );
    }
  });
}
