import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { FileSchedule } from './domain/files-due.ts';
import type { PaperOffice } from './service/papers/paper-deps.ts';

const schedule = z.strictObject({
  channel: z.string().min(1).max(30),
  sender: z.string().min(1).max(20),
  name: z.string().min(1).max(40),
  from: z.iso.date(),
  days: z.union([z.enum(['every-day', 'open-days']), z.strictObject({ dayOfMonth: z.int().min(1).max(31) })]),
  arrivesAfter: z.int().min(0).max(20),
  lagDays: z.int().min(0).max(30),
});

const text = z.string().min(1).max(200);
const digits = (n: number) => z.string().regex(new RegExp(`^[0-9]{${n}}$`));

/** What stands under `settings` of this instance. */
const schema = z.strictObject({
  /** Who sends which files of payments. Without a schedule a sender's files are refused. */
  schedules: z.array(schedule).default([]),
  /** 督促手数料 of the ordinance, yen. */
  reminderFeeYen: z.int().min(0).max(1_000).default(0),
  /** Above it a refund is decided by the head of the section; yen. */
  refundLimitYen: z.int().min(0).max(100_000_000).default(1_000_000),
  /** What stands on papers; without it the organisation's name and its head, marked as to be filled in. */
  office: z
    .strictObject({
      issuer: z.strictObject({ title: text, name: text }),
      contact: z.strictObject({ office: text, telephone: text, address: text }),
    })
    .optional(),
  /** What stands on slips; without `storeCompany` no bar for convenience stores is printed. */
  slips: z
    .strictObject({
      storeCompany: digits(6).nullable().default(null),
      taxItem: digits(3).default('003'),
      taxOffice: digits(3).default('000'),
    })
    .prefault({}),
  /** Instance id of the platform that says who is under 支援措置; its persons must be bound to this system there. */
  protections: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
  /** 年金保険者 as it is written to; the tax system does not state it. Without it none is reminded. */
  pensionInsurer: z.strictObject({ name: text, postalCode: digits(7), address: text }).optional(),
  /** Seconds between two rounds that fix interest. */
  interestRestSeconds: z.int().min(1).max(86_400).default(60),
});

export interface Settings extends Omit<z.infer<typeof schema>, 'office' | 'slips'> {
  readonly office: PaperOffice;
  readonly schedules: readonly FileSchedule[] & z.infer<typeof schema>['schedules'];
  readonly bodyCode: string;
}

/** Reads the settings; throws with all that is missing. */
export function readSettings({ config, organisation }: Pick<Host, 'config' | 'organisation'>): Settings {
  const given = schema.parse(config.settings);
  const code = parseLocalGovernmentCode(organisation.code ?? '');
  if (!code.ok) throw new Error('collections:\n  code: the organisation has a local government code of 6 digits');
  const ward = organisation.name.ja;
  const { slips, office, ...rest } = given;
  return { ...rest, bodyCode: code.value, office: { ward, ...(office ?? officeToFillIn(ward)), slips } };
}

const officeToFillIn = (ward: string): Omit<PaperOffice, 'ward' | 'slips'> => ({
  issuer: { title: `${ward}長`, name: '（氏名未設定）' },
  contact: { office: `${ward}収納課`, telephone: '（電話番号未設定）', address: '（所在地未設定）' },
});
