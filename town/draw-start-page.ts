/** Draws docs/images/start-page.png as a browser shows it before the walk begins: `npm run -s node -- town/draw-start-page.ts`. */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeTestBrowser, withPage } from '@musubi/kernel/pages/testing.ts';
import { loadDefinitions } from '../cli/definitions.ts';
import { organisations } from './plan/organisations.ts';
import { startPage } from './start-page.ts';
import { steps } from './walk/play.ts';

const file = fileURLToPath(new URL('../docs/images/start-page.png', import.meta.url));
const own = await startPage({
  publicPort: 8080,
  cacheFolder: path.join(tmpdir(), `musubi-start-page-${process.pid}`),
  definitions: await loadDefinitions(organisations.flatMap((o) => o.instances.map((i) => i.system))),
  walk: () => ({ titles: steps.map(({ id, title }) => ({ id, title })), results: [], running: undefined }),
});
const server = createServer((request, response) => {
  void own('localhost', request.url ?? '/').then((answer) => {
    response.writeHead(answer ? 200 : 404, { 'content-type': answer?.type ?? 'text/plain' }).end(answer?.body);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
try {
  await withPage(
    async (page) => {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await mkdir(path.dirname(file), { recursive: true });
      const map = await page.locator('figure').boundingBox();
      await page.screenshot({ path: file, clip: { x: 0, y: 0, width: 1280, height: map!.y + map!.height + 24 } });
    },
    { viewport: { width: 1280, height: 1800 } },
  );
} finally {
  await closeTestBrowser();
  server.closeAllConnections();
  server.close();
}
console.log(file);
