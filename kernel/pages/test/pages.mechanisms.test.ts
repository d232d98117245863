import assert from 'node:assert/strict';
import { mechanismTest } from '../../enforcement/testing.ts';
import { createPageApp, page } from '../app.ts';
import { html } from '../html.ts';
import { trainingTown } from '../layout.ts';
import type { PageSession } from '../session.ts';

const clerk: PageSession = {
  actor: { kind: 'staff', organisation: 'meguro', staffId: 'S1', sessionId: 's1' },
  displayName: '田中 花子',
  csrfSecret: new Uint8Array(32).fill(1),
};

mechanismTest('access.no-client-copy', 'design §6 画面は端末にもその途中にも写しを残さない (no-store)', async () => {
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async () => clerk },
    mayOpen: async () => true,
    stylesheet: { css: 'a{}', href: '/-/a.css' },
    random: { bytes: (n) => new Uint8Array(n), below: () => 0 },
    origin: 'https://rtx.example.lg.jp',
  });
  page(app, 'GET', '/persons/1', ['resident-tax', 'person', 'read'], (p) =>
    p.view({ title: '個人', gloss: 'Person' }, html`<p>目黒 太郎</p>`),
  );
  const shown = await app.fetch(new Request('https://rtx.example.lg.jp/persons/1'));
  assert.equal(shown.status, 200);
  assert.match(await shown.text(), /目黒 太郎/);
  assert.equal(shown.headers.get('cache-control'), 'no-store');
});
