import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { FileSchedule } from './domain/files-due.ts';

const schedule = z.strictObject({
  channel: z.string().min(1).max(30),
  sender: z.string().min(1).max(20),
  name: z.string().min(1).max(40),
  from: z.iso.date(),
  days: z.union([z.enum(['every-day', 'open-days']), z.strictObject({ dayOfMonth: z.int().min(1).max(31) })]),
  arrivesAfter: z.int().min(0).max(20),
  lagDays: z.int().min(0).max(30),
});

/** What stands under `settings` of this instance. */
const schema = z.strictObject({
  /** Who sends which files of payments. Without a schedule a sender's files are refused. */
  schedules: z.array(schedule).default([]),
  /** 督促手数料 of the ordinance, yen. */
  reminderFeeYen: z.int().min(0).max(1_000).default(0),
  /** Seconds between two rounds that fix interest. */
  interestRestSeconds: z.int().min(1).max(86_400).default(60),
});

export interface Settings extends z.infer<typeof schema> {
  readonly schedules: readonly FileSchedule[] & z.infer<typeof schema>['schedules'];
  readonly bodyCode: string;
}

/** Reads the settings; throws with all that is missing. */
export function readSettings({ config, organisation }: Pick<Host, 'config' | 'organisation'>): Settings {
  const given = schema.parse(config.settings);
  const code = parseLocalGovernmentCode(organisation.code ?? '');
  if (!code.ok) throw new Error('collections:\n  code: the organisation has a local government code of 6 digits');
  return { ...given, bodyCode: code.value };
}
