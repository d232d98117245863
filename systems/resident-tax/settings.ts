import type { Host } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { NoticeOffice } from './service/notices/notice-deps.ts';

const party = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const text = z.string().min(1).max(200);

/** What stands under `settings` of this instance. */
const schema = z.strictObject({
  /** Instance id of the portal of the local taxes; without it the only one in the directory. */
  eltax: party.optional(),
  /** Instance id of the common platform; without it the organisation's own. */
  commonPlatform: party.optional(),
  /** Instance id of the ward's server of the resident register network; without it the organisation's own. */
  municipalJuki: party.optional(),
  /** Instance id of the ward's collections; without it the organisation's own, where it has one. */
  collections: party.optional(),
  /** Instance id of the ward's system of the convenience stores; without it the organisation's own, where it has one. */
  convenienceCertificates: party.optional(),
  /** Instance id of the pension insurer; without it the only one in the directory, if there is one. */
  pension: party.optional(),
  /** Instance id of the printing contractor; without it the only one in the directory, if there is one. */
  printer: party.optional(),
  /** Instance id of the tax agency; without it the only one in the directory, if there is one. */
  nationalTax: party.optional(),
  /** Who signs the permits of inquiries to other bodies. */
  network: party.default('ins/information-providing-network'),
  /** Bodies whose welfare offices can be asked for a reduction, and the system that signs for each. */
  inquiryBodies: z.array(z.strictObject({ organisation: z.string().min(1), name: text, signer: party })).default([
    { organisation: 'setagaya', name: '世田谷区', signer: 'setagaya/intermediate-server' },
    { organisation: 'tokyo', name: '東京都', signer: 'tokyo/intermediate-server' },
  ]),
  /** Instance id of the images of tax documents; without it the organisation's own, where it has one. */
  taxDocuments: party.optional(),
  /** 手数料 of a certificate, yen a sheet. */
  certificateFeeYen: z.int().min(0).max(10_000).default(300),
  /** How long the intake rests between two rounds. */
  intakeRestSeconds: z.int().min(1).max(86_400).default(15),
  /** Whether Individual Numbers stand on notices to payers, by channel and from which day; a channel without a rule has none. */
  noticeNumbers: z
    .array(z.strictObject({ channel: z.enum(['electronic', 'paper']), from: z.iso.date(), print: z.boolean() }))
    .default([
      { channel: 'electronic', from: '2018-01-01', print: true },
      { channel: 'paper', from: '2018-01-01', print: false },
    ]),
  /** What stands on notices; without it the organisation's name and its head, marked as to be filled in. */
  office: z
    .strictObject({
      ward: text,
      issuer: z.strictObject({ title: text, name: text }),
      contact: z.strictObject({ office: text, telephone: text, address: text }),
      paymentMethod: text,
    })
    .optional(),
  /** What stands on payment slips; without `storeCompany` no bar for convenience stores is printed. */
  slips: z
    .strictObject({
      storeCompany: z
        .string()
        .regex(/^[0-9]{6}$/)
        .optional(),
      taxItem: z
        .string()
        .regex(/^[0-9]{3}$/)
        .default('003'),
      taxOffice: z
        .string()
        .regex(/^[0-9]{3}$/)
        .default('000'),
    })
    .default({ taxItem: '003', taxOffice: '000' }),
});

export interface Settings
  extends Omit<
    z.infer<typeof schema>,
    | 'eltax'
    | 'commonPlatform'
    | 'municipalJuki'
    | 'collections'
    | 'convenienceCertificates'
    | 'pension'
    | 'printer'
    | 'nationalTax'
    | 'taxDocuments'
    | 'office'
    | 'slips'
  > {
  readonly eltax: string;
  readonly commonPlatform: string;
  readonly municipalJuki: string;
  readonly collections: string | undefined;
  readonly convenienceCertificates: string | undefined;
  readonly pension: string | undefined;
  readonly printer: string | undefined;
  readonly nationalTax: string | undefined;
  readonly taxDocuments: string | undefined;
  readonly office: NoticeOffice;
}

/** Reads the settings; throws with all that is missing named together. */
export function readSettings({ config, organisation }: Pick<Host, 'config' | 'organisation'>): Settings {
  const given = schema.parse(config.settings);
  const only = (system: string): string | undefined => {
    const found = Object.keys(organisation.directory).filter((id) => id.endsWith(`/${system}`));
    return found.length === 1 ? found[0] : undefined;
  };
  const eltax = given.eltax ?? only('eltax');
  const faults = [
    ...(eltax === undefined ? ['settings.eltax: there is not exactly one in the directory'] : []),
    ...(organisation.code === undefined ? ['code: a ward has a code'] : []),
  ];
  if (eltax === undefined || faults.length > 0) throw new Error(`resident-tax:\n  ${faults.join('\n  ')}`);
  const ward = organisation.name.ja;
  const own = (system: string): string | undefined => {
    const id = `${organisation.organisation}/${system}`;
    return Object.hasOwn(organisation.directory, id) ? id : undefined;
  };
  return {
    ...given,
    eltax,
    commonPlatform: given.commonPlatform ?? `${organisation.organisation}/common-platform`,
    municipalJuki: given.municipalJuki ?? `${organisation.organisation}/municipal-juki`,
    collections: given.collections ?? own('collections'),
    convenienceCertificates: given.convenienceCertificates ?? own('convenience-certificates'),
    pension: given.pension ?? only('pension'),
    printer: given.printer ?? only('printing'),
    nationalTax: given.nationalTax ?? only('etax'),
    taxDocuments: given.taxDocuments ?? own('tax-documents'),
    office: {
      ...(given.office ?? officeToFillIn(ward)),
      slips: { ...given.slips, storeCompany: given.slips.storeCompany ?? null },
    },
  };
}

const officeToFillIn = (ward: string): Omit<NoticeOffice, 'slips'> => ({
  ward,
  issuer: { title: `${ward}長`, name: '（氏名未設定）' },
  contact: { office: `${ward}税務課`, telephone: '（電話番号未設定）', address: '（所在地未設定）' },
  paymentMethod: '納付書、口座振替又はスマートフォン決済により納めてください。',
});
