import {
  type NationalNotice,
  nationalLoads,
  nationalNotices,
  type ResidentNotice,
} from '@musubi/contracts/juki/notices.ts';
import type { TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import type { IdentificationRow } from '../store/identification.ts';
import { insertProvisions } from '../store/provisions.ts';

const ground = '住民基本台帳法第30条の7';

/** Exactly the eight items of the law (requirement 003 §4.3). */
const nationalOf = ({
  changeId,
  reason,
  changedOn,
  replacesCode,
  duplicateOf,
  items,
}: ResidentNotice): NationalNotice => ({
  changeId,
  fromMunicipality: items.municipalityCode,
  ...(replacesCode === undefined ? {} : { replacesCode }),
  ...(duplicateOf === undefined ? {} : { duplicateOf }),
  items: {
    residentRecordCode: items.residentRecordCode,
    name: items.name,
    birthDate: items.birthDate,
    sex: items.sex,
    address: items.address,
    individualNumber: items.individualNumber,
    changeReason: reason,
    changedOn,
  },
});

/** Notices to the national server, with their records of provision. The persons' locks are held, so the order holds. */
export async function forwardNotices(
  tx: Tx,
  deps: Deps,
  applied: readonly { readonly row: IdentificationRow; readonly notice: ResidentNotice }[],
  tied?: TiedRows,
): Promise<void> {
  const given = applied.map(({ row, notice }) => ({ row, message: nationalOf(notice) }));
  await deps.outbox.enqueueMany(
    tx,
    deps.nationalJuki,
    nationalNotices,
    given.map(({ row, message }) => ({ subject: row.person_id, message })),
  );
  if (given.length > 0) await recordProvisions(tx, deps, given, tied);
}

export async function forwardLoad(
  tx: Tx,
  deps: Deps,
  loadId: string,
  entered: readonly { readonly row: IdentificationRow; readonly notice: ResidentNotice }[],
  tied?: TiedRows,
): Promise<void> {
  if (entered.length === 0) return;
  const notices = entered.map(({ notice }) => nationalOf(notice));
  await deps.outbox.enqueueBulk(tx, deps.nationalJuki, nationalLoads, [
    { subject: loadId, message: { loadId, notices } },
  ]);
  await recordProvisions(
    tx,
    deps,
    entered.map(({ row }, i) => ({ row, message: notices[i]! })),
    tied,
  );
}

async function recordProvisions(
  tx: Tx,
  deps: Deps,
  given: readonly { readonly row: IdentificationRow; readonly message: NationalNotice }[],
  tied?: TiedRows,
): Promise<void> {
  const provisions = given.map(({ row, message }) => ({
    provisionId: deps.newId(),
    personId: row.person_id,
    recipient: deps.nationalJuki,
    ground,
    items: Object.keys(message.items),
  }));
  await insertProvisions(tx, provisions, deps.machineClock.now(), tied);
}
