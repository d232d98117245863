import { z } from 'zod';
import { inquiryStatement } from '../exchange/messages.ts';
import { attachments } from './attachments.ts';

/*
 * 自己情報 (design §4.4, IMS-F11): what a body lodged about the person, as it would tell another body. The same way as the records:
 * portal → INS (`askOwnRecords`, `personRequest` of kind `information`) → IMS (`tellOwnRecords`); what is withheld from the
 * person (不開示) is not told. `from` and `until` of the request are the days as of which copies are told: every version that was in
 * force on one of them, the newest first.
 */

export const ownInformation = z.strictObject({
  informationCode: inquiryStatement.shape.informationCode,
  /** As in a lodged copy: `taxYear:2026` or `asOf`. */
  condition: z.string().max(40),
  validFrom: z.iso.date(),
  items: z.record(z.string().max(60), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  attachments,
});
export type OwnInformation = z.infer<typeof ownInformation>;

/** Plaintext of a body's answer to a request of kind `information`; sealed like `personAnswer` (records.ts). */
export const informationAnswer = z.strictObject({
  v: z.literal(1),
  requestId: z.uuid(),
  organisation: z.string(),
  information: z.array(ownInformation).max(200),
});
export type InformationAnswer = z.infer<typeof informationAnswer>;
