import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface DenialFile {
  readonly noticeId: string;
  readonly municipality: string;
  readonly month: string;
  readonly persons: number;
  readonly records: number;
  readonly fileSha256: string;
  readonly outcome: 'received' | 'returned';
  readonly reason: string | null;
  readonly sealedRef: SealedId | null;
  readonly receivedOn: string;
}

/** Waits for its turn among the files of the municipality. */
export async function denialFilesOf(tx: Tx, municipality: string): Promise<DenialFile[]> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`denials ${municipality}`}, 0))`;
  return tx<DenialFile>`
    select notice_id as "noticeId", municipality, month, persons, records, file_sha256 as "fileSha256", outcome, reason,
           sealed_ref as "sealedRef", received_on::text as "receivedOn"
      from etax.denial_file where municipality = ${municipality} order by notice_id`;
}

export async function insertDenialFile(tx: Tx, f: DenialFile): Promise<void> {
  await tx`
    insert into etax.denial_file (notice_id, municipality, month, persons, records, file_sha256, outcome, reason, sealed_ref, received_on, event_id)
    values (${f.noticeId}, ${f.municipality}, ${f.month}, ${f.persons}, ${f.records}, ${f.fileSha256}, ${f.outcome}, ${f.reason},
      ${f.sealedRef}, ${f.receivedOn}, ${tx.eventId})`;
}
