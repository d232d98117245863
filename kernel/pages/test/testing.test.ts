import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { expectAccessible, withPage } from '../testing.ts';

test('issue A pages: the packaged browser opens a *.localhost page and sets Japanese with a real font', async () => {
  const server = createServer((_, res) =>
    res
      .setHeader('content-type', 'text/html; charset=utf-8')
      .end(
        '<!doctype html><html lang="ja"><title>目黒区</title><main><h1 style="font-family:sans-serif">目黒区</h1></main></html>',
      ),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const { port } = server.address() as AddressInfo;
    await withPage(async (page) => {
      await page.goto(`http://rtx.meguro.localhost:${port}/`);
      assert.equal(await page.title(), '目黒区');
      await expectAccessible(page);
      const session = await page.context().newCDPSession(page);
      await session.send('DOM.enable');
      await session.send('CSS.enable');
      const { root } = await session.send('DOM.getDocument');
      const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'h1' });
      const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId });
      assert.deepEqual(
        fonts.filter((f) => f.glyphCount === 3).map((f) => f.familyName),
        ['BIZ UDPGothic'],
      );
    });
  } finally {
    server.close();
  }
});

test('issue A pages: a violation is reported with its rule and element', async () => {
  await withPage(async (page) => {
    await page.setContent(
      '<!doctype html><html lang="ja"><title>x</title><main><h1>x</h1><img src="data:,"></main></html>',
    );
    await assert.rejects(expectAccessible(page), /image-alt/);
  });
});
