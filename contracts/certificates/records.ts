import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';
import { addresseeNumber, orgPersonNumber } from '../platform/persons.ts';
import { certificateContent } from './content.ts';

/*
 * Between the tax system and the system of the convenience stores: the records of certificates that may be issued, the question
 * whether a record still counts, and what was issued elsewhere. A record counts by the version of its facts, so that a lost
 * message shows as a version that differs and never as an old certificate (INC-05).
 */

/** 発行制限区分: 0 may be issued; 1 支援措置, 2 未申告, 3 更正中, 4 死亡・転出, 5 その他. */
export const certificateRestriction = z.enum(['0', '1', '2', '3', '4', '5']);
export type CertificateRestriction = z.infer<typeof certificateRestriction>;

const fiscalYear = z.int().min(2000).max(2199);
/** SHA-256 (hex) over the levy, the state of the person and the restriction that the record was made from. */
export const recordVersion = z.string().regex(/^[0-9a-f]{64}$/);

export const certificateRecord = z
  .strictObject({
    recordId: z.uuid(),
    orgPersonNumber,
    addresseeNumber,
    fiscalYear,
    version: recordVersion,
    restriction: certificateRestriction,
    /** Null where nothing may be issued. */
    content: certificateContent.nullable(),
    /** 更新日時 */
    recordedAt: z.iso.datetime({ precision: null }),
  })
  .refine(
    (record) => (record.restriction === '0') === (record.content !== null),
    'a content if and only if it may be issued',
  );
export type CertificateRecord = z.infer<typeof certificateRecord>;

/** resident-tax → convenience-certificates: the whole record as it now counts. */
export const certificateRecords = defineFamily<CertificateRecord>({
  name: 'certificates.record',
  class: 'single',
  schema: certificateRecord,
});

/** convenience-certificates → resident-tax, for each request, before anything is printed: does this record still count? */
export const confirmRecord = defineEndpoint({
  id: 'resident-tax.confirm-certificate-record',
  method: 'POST',
  path: '/certificate-records/confirm',
  right: ['resident-tax', 'certificate-record', 'read'],
  request: z.strictObject({ orgPersonNumber, fiscalYear, version: recordVersion }),
  response: z.strictObject({ counts: z.boolean() }),
});

/** convenience-certificates → resident-tax: what was issued there (G40 証明書発行). Each issue once. */
export const certificateIssued = z.strictObject({
  issueId: z.uuid(),
  orgPersonNumber,
  fiscalYear,
  documentNo: z.string().max(30),
  version: recordVersion,
  channel: z.enum(['store', 'degraded-counter']),
  place: z.string().min(1).max(60),
  copies: z.int().min(1).max(10),
  feeYen: z.int().min(0).max(100_000),
  issuedAt: z.iso.datetime({ precision: null }),
});
export type CertificateIssued = z.infer<typeof certificateIssued>;
export const certificateIssues = defineFamily<CertificateIssued>({
  name: 'certificates.issued',
  class: 'single',
  schema: certificateIssued,
});
