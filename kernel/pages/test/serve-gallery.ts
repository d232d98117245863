import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { buildStylesheet } from '../build-css.ts';
import { createGallery } from '../gallery.ts';
import type { PageSession } from '../session.ts';

/** The clerk of the gallery's pages. */
export const clerk: PageSession = {
  actor: { kind: 'staff', organisation: 'meguro', staffId: 'S0001', sessionId: 'gallery' },
  displayName: '田中 花子',
  position: '税務課 課税係',
  csrfSecret: new Uint8Array(32).fill(7),
};

/** Starts the gallery on a free port of the loopback. */
export async function serveGallery(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const app = createGallery(await buildStylesheet(), clerk);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://rtx.meguro.localhost:${port}`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
