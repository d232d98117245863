import { createHash } from 'node:crypto';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import { announceCopyFile, putCopyFilePart, rowsPerPart } from '../exchange/copy-files.ts';
import { addOrderPersons, orderInquiries, orderResults } from '../exchange/inquiry-orders.ts';

/*
 * ファイル連携: what a business whose office has no line hands in, and gets back, as one file. Files and messages have one format: each line
 * is one message of the exchange as it would go over the line (JSON, UTF-8 without BOM, LF), and the last line says how many there were
 * and the digest of all bytes before it. On a medium the file lies encrypted to its receiver (age), never otherwise.
 * @source design §4.6; 001 LNK-F4, LNK-F5, LNK-X5, reading A3
 */

const line = z.discriminatedUnion('message', [
  z.strictObject({ message: z.literal('exchange.order-inquiries'), body: orderInquiries.request }),
  z.strictObject({ message: z.literal('exchange.add-order-persons'), body: addOrderPersons.request }),
  z.strictObject({ message: z.literal('exchange.announce-copy-file'), body: announceCopyFile.request }),
  z.strictObject({ message: z.literal('exchange.put-copy-file-part'), body: putCopyFilePart.request }),
  z.strictObject({ message: z.literal('exchange.order-results'), body: orderResults.response }),
]);
export type LinkageLine = z.infer<typeof line>;
const last = z.strictObject({
  message: z.literal('end'),
  messages: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

type BodyOf<M extends LinkageLine['message']> = Extract<LinkageLine, { message: M }>['body'];
export type LinkageFile =
  | {
      readonly kind: 'inquiry-order';
      readonly order: BodyOf<'exchange.order-inquiries'>;
      readonly persons: readonly BodyOf<'exchange.add-order-persons'>[];
    }
  | {
      readonly kind: 'copy-file';
      readonly file: BodyOf<'exchange.announce-copy-file'>;
      readonly parts: readonly BodyOf<'exchange.put-copy-file-part'>[];
    }
  | { readonly kind: 'results'; readonly pages: readonly BodyOf<'exchange.order-results'>[] };

/** `not-a-linkage-file`: some line is none of the known messages; `cut-off-or-altered`: its last line does not agree; `counts-differ`: parts or persons are not those announced. */
export type LinkageFault = 'not-a-linkage-file' | 'cut-off-or-altered' | 'counts-differ';

export function writeLinkageFile(lines: readonly LinkageLine[]): Uint8Array {
  const body = lines.map((each) => `${JSON.stringify(each)}\n`).join('');
  const sha256 = createHash('sha256').update(body).digest('hex');
  return Buffer.from(`${body}${JSON.stringify({ message: 'end', messages: lines.length, sha256 })}\n`);
}

export function readLinkageFile(bytes: Uint8Array): Result<LinkageFile, LinkageFault> {
  const text = Buffer.from(bytes);
  const cut = text.lastIndexOf('\n', -2) + 1;
  const end = last.safeParse(jsonOf(text.toString('utf8', cut)));
  const body = text.subarray(0, cut);
  if (!end.success || createHash('sha256').update(body).digest('hex') !== end.data.sha256)
    return err('cut-off-or-altered');
  const read = body
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((each) => line.safeParse(jsonOf(each)));
  if (read.length !== end.data.messages) return err('cut-off-or-altered');
  const lines: LinkageLine[] = [];
  for (const each of read) {
    if (!each.success) return err('not-a-linkage-file');
    lines.push(each.data);
  }
  return whole(lines);
}

const bodiesOf = <M extends LinkageLine['message']>(lines: readonly LinkageLine[], message: M): BodyOf<M>[] =>
  lines.flatMap((each) => (each.message === message ? [each.body as BodyOf<M>] : []));

/** The first line begins a matter, all others belong to it and are all of it. */
function whole(lines: readonly LinkageLine[]): Result<LinkageFile, LinkageFault> {
  const [first, ...rest] = lines;
  if (first?.message === 'exchange.order-inquiries') {
    const persons = bodiesOf(rest, 'exchange.add-order-persons');
    const { orderId } = first.body;
    if (persons.length !== rest.length || persons.some((p) => p.orderId !== orderId)) return err('not-a-linkage-file');
    let next = 1;
    for (const { from, orgPersonNumbers } of persons) {
      if (from !== next) return err('counts-differ');
      next += orgPersonNumbers.length;
    }
    return next - 1 === first.body.persons
      ? ok({ kind: 'inquiry-order', order: first.body, persons })
      : err('counts-differ');
  }
  if (first?.message === 'exchange.announce-copy-file') {
    const parts = bodiesOf(rest, 'exchange.put-copy-file-part');
    const { fileId, rows } = first.body;
    if (parts.length !== rest.length || parts.some((p) => p.fileId !== fileId)) return err('not-a-linkage-file');
    const complete = parts.length === Math.ceil(rows / rowsPerPart) && parts.every((p, i) => p.part === i + 1);
    return complete ? ok({ kind: 'copy-file', file: first.body, parts }) : err('counts-differ');
  }
  const pages = bodiesOf(lines, 'exchange.order-results');
  return pages.length === lines.length && pages.length > 0 ? ok({ kind: 'results', pages }) : err('not-a-linkage-file');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
