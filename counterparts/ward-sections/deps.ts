import { wardTransferRow } from '@musubi/contracts/platform/ward-transfer-list.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { z } from 'zod';

/** `config.settings`. What is left out is as in the town. */
export const settings = z.strictObject({
  /** Default: the organisation's own. */
  commonPlatform: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
  /** The business that holds what is asked. */
  source: z.string().default('resident-tax'),
  /** 事務 of the ward's list under which this section asks. */
  task: z
    .string()
    .regex(/^TRN-[0-9]{3}$/)
    .default('TRN-034'),
});

export interface Deps extends ActDeps {
  readonly peers: PeerClient;
  readonly commonPlatform: string;
  readonly source: string;
  readonly task: string;
}

/** Columns that the list gives the section today; none where its row says nothing. */
export function columnsToday({ task, civilClock }: Pick<Deps, 'task' | 'civilClock'>): readonly string[] {
  const listed = wardTransferRow(task, civilClock.today().toString());
  return listed.ok ? (listed.row.columns ?? []) : [];
}
