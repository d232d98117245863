import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { FileSchedule } from './domain/files-due.ts';

/** What the acts of this system need. Built in `main.ts`, nowhere else. */
export interface Deps extends ActDeps {
  /** 全国地方公共団体コード, 6 digits: files for another body are refused. */
  readonly bodyCode: string;
  /** Who sends which files, and when. */
  readonly schedules: readonly FileSchedule[];
  /** 督促手数料, yen; 0 where the ordinance has none. */
  readonly reminderFeeYen: number;
  /** A refund above it is decided by the head of the section, who keys the amount again (INC-42); yen. */
  readonly refundLimitYen: number;
  /** Where the pension insurer is written to; without it none is reminded. */
  readonly pensionInsurer?:
    | { readonly name: string; readonly postalCode: string; readonly address: string }
    | undefined;
}
