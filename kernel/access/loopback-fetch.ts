import { request } from 'node:http';

/**
 * Fetch for addresses under `.localhost` (RFC 6761: always this machine): resolvers of servers often do not know such
 * names, so the connection goes to the loopback address and the name stays in the Host header. All else is `fetch`.
 */
export function loopbackFetch(url: string, options: RequestInit): Promise<Response> {
  const target = new URL(url);
  if (target.protocol !== 'http:' || !target.hostname.endsWith('.localhost')) return fetch(url, options);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      target,
      {
        method: options.method ?? 'GET',
        headers: Object.fromEntries(new Headers(options.headers)),
        hostname: '127.0.0.1',
        setHost: false,
        ...(options.signal ? { signal: options.signal } : {}),
        timeout: 10_000,
      },
      async (incoming) => {
        try {
          const parts: Buffer[] = [];
          for await (const part of incoming) parts.push(part as Buffer);
          const headers = new Headers();
          for (const [name, value] of Object.entries(incoming.headers))
            if (value) headers.set(name, [value].flat().join(', '));
          const status = incoming.statusCode ?? 502;
          resolve(new Response(status === 204 || status === 304 ? null : Buffer.concat(parts), { status, headers }));
        } catch (error) {
          reject(error);
        }
      },
    );
    outgoing.setHeader('host', target.host);
    outgoing.on('timeout', () => outgoing.destroy(new Error('the directory did not answer in time')));
    outgoing.on('error', reject);
    outgoing.end(
      typeof options.body === 'string' || options.body instanceof URLSearchParams ? options.body.toString() : undefined,
    );
  });
}
