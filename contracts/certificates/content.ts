import { formatEra } from '@musubi/kernel/calendar/eras.ts';
import type { RegisteredText } from '@musubi/kernel/documents/unprintable.ts';
import { z } from 'zod';

/*
 * 課税（非課税）証明書: what stands on it. The tax system makes the content from a decided levy; whoever issues, the counter, the
 * store or the degraded server, prints this content and adds only what belongs to the issue.
 */

const text = z.string().min(1).max(200);
const yenAmount = z.int().min(-99_999_999_999).max(99_999_999_999);
const line = z.strictObject({ label: text, yen: yenAmount });

export const certificateContent = z.strictObject({
  kind: z.enum(['levy', 'exempt']),
  /** 賦課年度, named by the year of its April. */
  fiscalYear: z.int().min(2000).max(2199),
  person: z.strictObject({
    name: text,
    birthDate: z.iso.date(),
    /** Null: not printed (支援措置). */
    addressOnLevyDate: text.nullable(),
    address: text.nullable(),
  }),
  incomes: z.array(line),
  deductions: z.array(line),
  bases: z.array(line),
  levy: z.array(line),
  annualYen: yenAmount,
  /** 扶養内訳 */
  dependants: text,
  remarks: z.array(text),
  issuer: z.strictObject({ ward: text, title: text, name: text }),
});
export type CertificateContent = z.infer<typeof certificateContent>;

/** The file in `forms/` that prints a `PrintedCertificate`. */
export const certificateTemplate = 'tax-certificate.typ';
/** Version of the form; another form is another version (INC-09, INC-30). */
export const certificateForm = 'tax-certificate/1';

/** What the issue adds. */
export interface CertificateIssue {
  readonly documentNo: string;
  readonly issuedOn: Temporal.PlainDate;
  /** 縮退運用: the moment whose records it was made from; stands on the paper. */
  readonly recordsOf: Temporal.Instant | null;
}

/** The data of the form. */
export interface PrintedCertificate
  extends Omit<CertificateContent, 'fiscalYear' | 'person' | 'issuer' | 'kind' | 'remarks'> {
  readonly title: string;
  readonly fiscalYear: string;
  readonly incomeYear: string;
  readonly person: {
    readonly name: RegisteredText;
    readonly birthDate: string;
    readonly addressOnLevyDate: RegisteredText;
    readonly address: RegisteredText;
  };
  readonly issuer: { readonly ward: string; readonly title: string; readonly name: RegisteredText };
  readonly remarks: readonly string[];
  readonly documentNo: string;
  readonly issuedOn: string;
  readonly attestation: string;
}

export const certificateTitles = { levy: '課税証明書', exempt: '非課税証明書' } as const;
const withheld = '（省略）';

/** Same content, same issue: same data, and so the same bytes. */
export function printedCertificate(content: CertificateContent, issue: CertificateIssue): PrintedCertificate {
  const { person, issuer, fiscalYear, kind, remarks, ...figures } = content;
  const registered = (of: string): RegisteredText => ({ registered: of });
  return {
    ...figures,
    title: certificateTitles[kind],
    fiscalYear: `令和${fiscalYear - 2018}年度`,
    incomeYear: `令和${fiscalYear - 2019}年分`,
    person: {
      name: registered(person.name),
      birthDate: formatEra(Temporal.PlainDate.from(person.birthDate)),
      addressOnLevyDate: registered(person.addressOnLevyDate ?? withheld),
      address: registered(person.address ?? withheld),
    },
    issuer: { ward: issuer.ward, title: issuer.title, name: registered(issuer.name) },
    remarks: [
      ...remarks,
      ...(issue.recordsOf === null
        ? []
        : [
            `縮退運用中に、${issue.recordsOf.toZonedDateTimeISO('Asia/Tokyo').toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')}現在の記録により発行したものです。`,
          ]),
    ],
    documentNo: issue.documentNo,
    issuedOn: formatEra(issue.issuedOn),
    attestation: '上記のとおり相違ないことを証明します。',
  };
}

/** Folder of the forms, for the typesetter. */
export const certificateForms = new URL('./forms/', import.meta.url);
