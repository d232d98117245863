import type { IncomingMessage } from 'node:http';
import { err, ok, type Result } from '../result/result.ts';

export type BodyFault = 'body-too-large' | 'request-timeout' | 'malformed-request';

/** Reads a body within its limits; stops keeping it as soon as one is passed. What still comes then is thrown away. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  timeoutMs: number,
): Promise<Result<Buffer, BodyFault>> {
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > maxBytes) return Promise.resolve(err('body-too-large'));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (result: Result<Buffer, BodyFault>): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.byteLength;
      if (length > maxBytes) end(err('body-too-large'));
      else chunks.push(chunk);
    };
    const onEnd = (): void => end(ok(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    const onCut = (): void => end(err('malformed-request'));
    const timer = setTimeout(() => end(err('request-timeout')), timeoutMs);
    request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}
