import { err, ok, type Result } from '../result/result.ts';

export type BodyFault = 'body-too-large' | 'request-timeout' | 'malformed-request';

/** Reads a body within its limits; stops reading as soon as one is passed. */
export async function readBody(
  request: Request,
  maxBytes: number,
  timeoutMs: number,
): Promise<Result<Buffer, BodyFault>> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > maxBytes) return err('body-too-large');
  const reader = request.body?.getReader();
  if (reader === undefined) return ok(Buffer.alloc(0));
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), timeoutMs);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late]);
      if (next === 'late') return err('request-timeout');
      if (next.done) return ok(Buffer.concat(chunks, length));
      length += next.value.byteLength;
      if (length > maxBytes) return err('body-too-large');
      chunks.push(next.value);
    }
  } catch {
    return err('malformed-request');
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}
