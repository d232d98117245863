import type {
  DocumentRequest,
  PartDocument,
  PrintableDocument,
  TypesetPart,
  Typesetter,
  UnprintableCharacters,
} from '@musubi/kernel/documents/typesetter.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';

/** What a notice says, whole: from it the same sheets are set, in a part of a run or alone. Sealed and tied to the register by its digest. */
export type NoticeContent = PartDocument & Pick<DocumentRequest, 'template' | 'title' | 'issuedAt'>;

/** The same bytes for the same content. */
export const writeContent = ({ issuedAt, ...content }: NoticeContent): Buffer =>
  Buffer.from(
    JSON.stringify(
      { v: 1, issuedAt: issuedAt.toString(), ...content },
      function (this: Record<string, unknown>, key, value) {
        // The holder's own value: a Buffer has become an object by now.
        const own = this[key];
        return own instanceof Uint8Array ? { bytes: Buffer.from(own).toString('base64') } : value;
      },
    ),
  );

export function readContent(bytes: Uint8Array): NoticeContent {
  const { v, issuedAt, ...content } = JSON.parse(Buffer.from(bytes).toString('utf8'), (_key, value) =>
    typeof value === 'object' && value !== null && typeof value.bytes === 'string'
      ? Buffer.from(value.bytes, 'base64')
      : value,
  );
  if (v !== 1) throw new Error('a content of another version');
  return { ...content, issuedAt: Temporal.Instant.from(issuedAt) };
}

const isPdf = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 5)).equals(Buffer.from('%PDF-'));

/** One notice by itself, as a file of its own; the same bytes each time. What was sealed as a PDF is that PDF. */
export async function setAlone(
  typesetter: Typesetter,
  sealed: Uint8Array,
): Promise<Result<Uint8Array, UnprintableCharacters>> {
  if (isPdf(sealed)) return ok(sealed);
  const set = await typesetter.render(readContent(sealed));
  return set.ok ? ok(set.value.pdf) : set;
}

/** Notices as one file. All have one template and one moment; the file bears the title of the first. */
export function setTogether(
  typesetter: Typesetter,
  notices: readonly { readonly content: NoticeContent; readonly document: PrintableDocument }[],
): Promise<TypesetPart> {
  const [first] = notices;
  if (first === undefined) throw new Error('a part holds at least one notice');
  const { template, title, issuedAt } = first.content;
  return typesetter.renderPart({ template, title, issuedAt, documents: notices.map(({ document }) => document) });
}
