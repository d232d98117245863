import {
  type NationalNotice,
  nationalLoads,
  nationalNotices,
  type ResidentNotice,
} from '@musubi/contracts/juki/notices.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import type { IdentificationRow } from '../store/identification.ts';
import { insertProvisions } from '../store/provisions.ts';

const ground = '住民基本台帳法第30条の7';

/** Exactly the eight items of the law (requirement 003 §4.3). */
const nationalOf = ({ changeId, reason, changedOn, items }: ResidentNotice): NationalNotice => ({
  changeId,
  fromMunicipality: items.municipalityCode,
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

/** Notice to the national server, with its record of provision. The person's lock is held, so the order holds. */
export async function forwardNotice(tx: Tx, deps: Deps, row: IdentificationRow, notice: ResidentNotice): Promise<void> {
  const message = nationalOf(notice);
  await deps.outbox.enqueue(tx, {
    receiver: deps.nationalJuki,
    family: nationalNotices,
    subject: row.person_id,
    message,
  });
  await recordProvisions(tx, deps, [{ row, message }]);
}

export async function forwardLoad(
  tx: Tx,
  deps: Deps,
  loadId: string,
  entered: readonly { readonly row: IdentificationRow; readonly notice: ResidentNotice }[],
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
  );
}

async function recordProvisions(
  tx: Tx,
  deps: Deps,
  given: readonly { readonly row: IdentificationRow; readonly message: NationalNotice }[],
): Promise<void> {
  const provisions = given.map(({ row, message }) => ({
    provisionId: deps.newId(),
    personId: row.person_id,
    recipient: deps.nationalJuki,
    ground,
    items: Object.keys(message.items),
  }));
  await insertProvisions(tx, provisions, deps.machineClock.now());
}
