import type { TerminalKind } from '@musubi/kernel/access/session.ts';
import type { EnrolledTerminal, TerminalKey } from '@musubi/kernel/access/terminal.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Terminal extends EnrolledTerminal {
  readonly kind: TerminalKind;
  readonly label: string;
  readonly place: string;
}

export async function findTerminal(tx: Tx, terminalId: string): Promise<Terminal | undefined> {
  return (await terminals(tx)).find((t) => t.terminalId === terminalId);
}

export const terminals = (tx: Tx): Promise<Terminal[]> => tx<Terminal>`
  select t.terminal_id as "terminalId", t.kind, t.label, t.place, t.key,
         case when r.terminal_id is null then 'enrolled' else 'revoked' end as state
    from staff_directory.terminal t left join staff_directory.terminal_revoked r using (terminal_id)
   order by t.label`;

export async function insertTerminal(
  tx: Tx,
  terminal: {
    readonly terminalId: string;
    readonly kind: TerminalKind;
    readonly label: string;
    readonly place: string;
    readonly key: TerminalKey;
  },
  enrolment: { readonly approvalId: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into staff_directory.terminal (terminal_id, kind, label, place, key, approval_id, enrolled_at, event_id)
    values (${terminal.terminalId}, ${terminal.kind}, ${terminal.label}, ${terminal.place}, ${json(terminal.key)}, ${enrolment.approvalId},
      ${enrolment.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertTerminalRevocation(
  tx: Tx,
  revocation: {
    readonly terminalId: string;
    readonly because: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into staff_directory.terminal_revoked (terminal_id, because, revoked_by, revoked_at, event_id)
    values (${revocation.terminalId}, ${revocation.because}, ${revocation.by}, ${revocation.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
