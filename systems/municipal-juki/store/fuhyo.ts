import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Codes about which a notice to this receiver is not yet delivered; the subject of a supplement's notice is its code. */
export async function codesOnTheirWay(tx: Tx, receiver: string, family: string): Promise<Set<string>> {
  const rows = await tx<{ subject: string }>`
    select distinct subject from streams.outgoing where receiver = ${receiver} and family = ${family}
       and state in ('waiting', 'numbered', 'parking') and subject ~ '^[0-9]{11}$'`;
  return new Set(rows.map((row) => row.subject));
}
