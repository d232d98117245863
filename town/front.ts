import { createServer, request as forward, type Server } from 'node:http';
import type { TownPlan } from './plan/build-plan.ts';

/** Answers a host name itself (the start page). */
export type Own = (
  host: string,
  path: string,
) => Promise<{ readonly type: string; readonly body: string; readonly status?: number } | undefined>;

/** The one port that people use: passes each host name on to the process that has its pages. Loopback only. */
export async function startFront(
  plan: TownPlan,
  own: Own,
): Promise<{ readonly server: Server; close(): Promise<void> }> {
  const ports = new Map<string, number>();
  for (const config of plan.configs.values()) {
    for (const instance of config.instances) if (instance.host) ports.set(instance.host, config.webPort);
  }
  const server = createServer((incoming, outgoing) => {
    const host = (incoming.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const port = ports.get(host);
    if (port === undefined) {
      void own(host, incoming.url ?? '/').then(
        (answer) => {
          const {
            status = 200,
            type,
            body,
          } = answer ?? { status: 404, type: 'text/plain; charset=utf-8', body: 'この名前のシステムはありません。' };
          outgoing.writeHead(status, {
            'content-type': type,
            'x-content-type-options': 'nosniff',
            'referrer-policy': 'no-referrer',
          });
          outgoing.end(body);
        },
        () => outgoing.writeHead(500).end(),
      );
      return;
    }
    const onward = forward(
      { host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => {
      if (!outgoing.headersSent)
        outgoing.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '2' });
      outgoing.end('このシステムは起動中です。しばらくして再読み込みしてください。\n');
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(plan.state.publicPort, '127.0.0.1', resolve);
  });
  return {
    server,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
