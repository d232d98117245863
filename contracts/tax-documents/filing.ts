import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';
import { procedure } from '../eltax/delivery.ts';

/** What the portal brings, and the paper 住民税申告書. */
export const taxDocumentKind = z.enum([...procedure.options, 'ward-return']);
export type TaxDocumentKind = z.infer<typeof taxDocumentKind>;

const individualNumber = z
  .string()
  .regex(/^[0-9]{12}$/)
  .nullable();
const text = z.string().max(1_000);

/** A document as it was filed. The numbers stand in fields of their own and nowhere else, so that they can be blacked out. */
export const filedDocument = z.strictObject({
  documentId: z.uuid(),
  kind: taxDocumentKind,
  incomeYear: z.int().min(2016).max(2100),
  /** 受付番号 of the file and the record in it. */
  receptionNumber: z.string().min(1).max(30),
  rowNumber: z.int().min(1),
  /** Of a return that the tax agency passed on: its own number there, by which the agency's images name it. */
  returnNumber: z.string().max(30).optional(),
  submissionKind: z.enum(['new', 'added', 'correction', 'cancellation']),
  filedOn: z.iso.date().nullable(),
  payer: z.strictObject({ name: text, corporateNumber: z.string().nullable(), individualNumber }),
  name: text,
  kana: text,
  bornOn: z.iso.date().nullable(),
  address: text,
  individualNumber,
  columns: z.record(z.string(), z.unknown()),
  relatives: z.array(
    z.strictObject({
      kind: z.enum(['spouse', 'dependant', 'young']),
      name: text.nullable(),
      residence: text.nullable(),
      bornOn: z.iso.date().nullable(),
      individualNumber,
    }),
  ),
});
export type FiledDocument = z.infer<typeof filedDocument>;

/** resident-tax → tax-documents: each accepted document once, in the order of the intake. */
export const taxDocumentFilings = defineFamily<FiledDocument>({
  name: 'tax-documents.filing',
  class: 'single',
  schema: filedDocument,
});

/** resident-tax → tax-documents: the image of a document, its number boxes blacked out. */
export const readTaxImage = defineEndpoint({
  id: 'tax-documents.read-image',
  method: 'POST',
  path: '/images/read',
  right: ['tax-documents', 'image', 'read'],
  request: z.strictObject({
    documentId: z.uuid(),
    /** Who looks, as the asking system knows them: 職員番号. */
    lookedAtBy: z.string().min(1).max(60),
  }),
  response: z.strictObject({ pdf: z.base64(), pages: z.int().min(1) }),
  errors: {
    'no-such-document': { status: 404, title: 'この資料のイメージはありません' },
    'not-drawn-yet': { status: 409, title: 'この資料のイメージはまだ作成中です' },
    'cannot-be-drawn': { status: 409, title: 'この資料には印字できない文字があり、イメージを作成できません' },
  },
});
