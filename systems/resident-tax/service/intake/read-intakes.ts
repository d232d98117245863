import { coverType, type DeliveryCover, deliveryCover } from '@musubi/contracts/eltax/delivery.ts';
import { readJws } from '@musubi/kernel/crypto/jws.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import {
  type FaultLine,
  findIntake,
  type IntakeFile,
  type IntakeLine,
  intakeFaults,
  intakeLines,
  openIntakes,
  type Procedure,
  unacknowledged,
} from '../../store/intake-files.ts';

export type { FaultLine, IntakeFile, IntakeLine, Procedure };

/** 受領一覧. Names payers, no earners. */
export const readIntakes = act('resident-tax.read-intakes', {
  right: ['resident-tax', 'intake', 'read'],
  async run(tx, _deps: Deps, query: Parameters<typeof intakeLines>[1]) {
    const found = await intakeLines(tx, query);
    const awaited = await intakeLines(tx, {
      state: 'awaited',
      incomeYear: null,
      ascending: true,
      limit: 20,
      offset: 0,
    });
    tx.record({ event: 'intake.list-read', detail: { shown: found.rows.length, total: found.total } });
    return ok({ ...found, awaited: awaited.rows, awaitedTotal: awaited.total });
  },
});

/** リジェクト一覧 of one file: places and rules. Its rows lead to a person's record in the file, so reading is recorded. */
export const readFaults = act('resident-tax.read-intake-faults', {
  right: ['resident-tax', 'intake', 'read'],
  async run(tx, _deps: Deps, query: { readonly intakeId: string } & Parameters<typeof intakeFaults>[2]) {
    const intake = await findIntake(tx, query.intakeId);
    if (intake === undefined) return err('no-such-intake');
    const faults = await intakeFaults(tx, query.intakeId, query);
    tx.record({ event: 'intake.faults-read', detail: { intake: query.intakeId, shown: faults.rows.length } });
    return ok({ intake, ...faults });
  },
});

/** What is left to do for received files, by id; nothing personal. */
export const readOpenIntakes = look('resident-tax.open-intakes', {
  right: ['resident-tax', 'intake', 'read'],
  run: async (tx, _deps: Deps) => ({
    open: await openIntakes(tx),
    unacknowledged: (await unacknowledged(tx)).map((file) => {
      const cover = statedCover(file.cover);
      return { ...file, fileSha256: cover.fileSha256, returned: returnReason(file, cover) };
    }),
  }),
});

/** What the portal signed: it was verified at the reception. */
function statedCover(coverJws: string): DeliveryCover {
  const read = readJws(coverJws, { typ: coverType });
  if (!read.ok) throw new Error('a stored cover cannot be read');
  return deliveryCover.parse(read.value.payload);
}

/** 返戻理由 as the payer reads it; where counts differ it says which was stated and which was found (AC-02). */
function returnReason({ refusal, recordCount }: IntakeFile, { summary, records }: DeliveryCover): string {
  if (refusal === 'summary-total-differs') return `${refusal}-${summary?.total ?? 0}-${recordCount}`;
  return refusal === 'record-count-differs' ? `${refusal}-${records}-${recordCount}` : (refusal ?? '');
}
