import { applicationContent } from '@musubi/contracts/portal/applications.ts';
import { readWardReturnApplication } from '@musubi/contracts/portal/ward-return-form.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { type Outcome, type ReadSummary, Tally } from '@musubi/kernel/records/faults.ts';
import { z } from 'zod';
import type { FiledDocument } from './report-from-record.ts';

/** What lies in the sealed store: the text that the card signed, byte for byte, beside what the ward itself adds to it. */
const file = z.strictObject({
  content: z.string(),
  certificateSerial: z.string(),
  acceptedAt: z.string(),
  receptionNumber: z.string(),
  /** From the register, where the platform named the person; the form asks for neither. */
  nameKana: z.string(),
  individualNumber: z.string().nullable(),
});
export type PortalReturnFile = z.infer<typeof file>;

export const writePortalReturn = (value: PortalReturnFile): Buffer =>
  Buffer.from(`${JSON.stringify(value)}\r\n`, 'utf8');

/** One record. It was read before it was stored, so what cannot be read now is a defect. */
export async function readPortalReturn(
  piece: Uint8Array,
  { each }: { each: (outcome: Outcome<FiledDocument>) => void },
): Promise<ReadSummary> {
  const tally = new Tally<FiledDocument>(each);
  await tally.add({ accepted: true, row: 1, value: documentOf(piece), warnings: [] });
  return tally.close(1, []);
}

function documentOf(piece: Uint8Array): FiledDocument {
  const stored = file.parse(JSON.parse(Buffer.from(piece).toString('utf8')));
  const content = applicationContent.parse(JSON.parse(stored.content));
  const filed = readWardReturnApplication(content);
  if (!filed.ok) throw new Error(`a stored return cannot be read: ${filed.error.word}`);
  const { applicant } = content;
  const number = stored.individualNumber === null ? undefined : IndividualNumber.parse(stored.individualNumber);
  // The signer's particulars stand where a form on paper has them.
  const items = {
    ABA00140: applicant.name,
    ...(stored.nameKana === '' ? {} : { ABA00130: stored.nameKana }),
    ABA00200: applicant.birthDate,
    ABA00120: applicant.address,
    ...filed.value.items,
  };
  return {
    kind: 'ward-return',
    incomeYear: filed.value.incomeYear,
    submissionKind: 'new',
    payerName: `電子申告 ${stored.receptionNumber}`,
    payerNumber: undefined,
    recipientNumber: undefined,
    referenceNo: stored.receptionNumber,
    replacesNo: undefined,
    filedOn: Temporal.Instant.from(stored.acceptedAt).toZonedDateTimeISO('Asia/Tokyo').toPlainDate(),
    name: applicant.name,
    kana: stored.nameKana,
    bornOn: Temporal.PlainDate.from(applicant.birthDate),
    address: applicant.address,
    individualNumber: number?.ok ? number.value : undefined,
    paidYen: Number(filed.value.items.ABB00410 ?? 0),
    columns: {
      medium: 'portal',
      receipt: content.receiptNumber,
      certificateSerial: stored.certificateSerial,
      ...(filed.value.telephone === undefined ? {} : { telephone: filed.value.telephone }),
      items,
    },
    relatives: [],
  };
}
