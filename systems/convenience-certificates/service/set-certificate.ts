import { createHash } from 'node:crypto';
import {
  certificateContent,
  certificateTemplate,
  certificateTitles,
  printedCertificate,
} from '@musubi/contracts/certificates/content.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { StoredRecord } from '../store/records.ts';

export interface SetCertificate {
  readonly pdf: Uint8Array;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly sha256: Buffer;
}

/** 2 MB. @source format convenience-issuance §3.2 */
const maxBytes = 2_000_000;

/** One record, one document: what it is made from comes in here, and what was made goes out by this call's answer alone (INC-01). */
export async function setCertificate(
  deps: Pick<Deps, 'typesetter' | 'subjectCheckKey'>,
  record: StoredRecord,
  about: {
    readonly documentNo: string;
    readonly issuedOn: Temporal.PlainDate;
    readonly issuedAt: Temporal.Instant;
    /** 縮退運用: the addresses are left out, because a protection registered since would not have come. */
    readonly isDegraded: boolean;
  },
): Promise<Result<SetCertificate, 'no-content' | 'unprintable-character' | 'too-large'>> {
  if (record.restriction !== '0' || record.content === null) return err('no-content');
  const content = certificateContent.parse(record.content);
  const { documentNo, issuedOn, issuedAt, isDegraded } = about;
  const subjectCheck = subjectCheckCode(deps.subjectCheckKey, documentNo, record.orgPersonNumber);
  const person = isDegraded ? { ...content.person, address: null, addressOnLevyDate: null } : content.person;
  const recordsOf = isDegraded ? Temporal.Instant.from(record.recordedAt) : null;
  const set = await deps.typesetter.render({
    template: certificateTemplate,
    data: printedCertificate({ ...content, person }, { documentNo, issuedOn, recordsOf }),
    documentId: documentNo,
    subjectCheck,
    title: certificateTitles[content.kind],
    issuedAt,
  });
  if (!set.ok) return err('unprintable-character');
  const { pdf, pages } = set.value;
  if (pdf.length > maxBytes) return err('too-large');
  return ok({ pdf, pages, subjectCheck, sha256: createHash('sha256').update(pdf).digest() });
}
